//! `segc check`

use clap::{Args, ValueEnum};

use super::project_args::ProjectArgs;
use super::{CommandResult, Global, Outcome, print, report, say};
use crate::diagnostics::Severity;
use crate::diagnostics::render::{self, RenderOptions};

/// Check segments and report what is wrong.
#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0 without errors, 1 with errors, 2 for wrong usage.")]
pub(super) struct CheckArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// How diagnostics are written; `short` and `json` go to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Count warnings as errors for the exit code
    #[arg(long)]
    deny_warnings: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With source lines, for people
    Text,
    /// One line each
    Short,
    /// Machine-readable
    Json,
}

pub(super) fn run(args: &CheckArgs, global: &Global) -> CommandResult {
    let workspace = args.project.open(Vec::new())?;
    let compiled = workspace.compile();
    let format = match args.format {
        Format::Text => None,
        Format::Short => Some(render::Format::Short),
        Format::Json => Some(render::Format::Json),
    };
    if let Some(format) = format {
        let options = RenderOptions { color: false, max: crate::limits::DIAGNOSTICS };
        print(&render::render(format, &compiled.diagnostics, &workspace.sources, options))?;
    } else {
        report(&compiled.diagnostics, &workspace.sources, global);
        if let (true, Some(module)) = (compiled.diagnostics.is_empty(), &compiled.module) {
            let (segments, files) = (module.segments.len(), workspace.files.len());
            say(&format!("{segments} segments in {files} files: nothing to report"));
        }
    }
    let least = if args.deny_warnings { Severity::Warning } else { Severity::Error };
    let failed = compiled.diagnostics.iter().any(|diagnostic| diagnostic.severity >= least);
    Ok(if failed { Outcome::Findings } else { Outcome::Clean })
}
