//! `segc check`: one look at a project, as a report in one of the formats, with the fixes carried out if asked for.

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::project_args::ProjectArgs;
use super::{CommandResult, Failure, Global, Outcome, print, report, say};
use crate::diagnostics::render::{self, Format, RenderOptions};
use crate::diagnostics::words::counted;
use crate::diagnostics::{Diagnostic, Severity};
use crate::limits;
use crate::pipeline::{Compiled, Overlay, Workspace};
use asked::Asked;

mod asked;
mod changed;
mod fix;
mod repository;
mod statistics;
mod watch;

/// Check segments and report what is wrong.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 without errors, 1 with errors (or with something to fix, for --diff), 2 for wrong \
                        usage."
)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// How diagnostics are written; all but `text` go to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Count warnings as errors for the exit code
    #[arg(long)]
    deny_warnings: bool,
    /// Carry out the fixes that keep the meaning, and report what is left
    #[arg(long, help_heading = "Fixes")]
    fix: bool,
    /// With --fix or --diff: fixes that may change the meaning too
    #[arg(long = "unsafe", help_heading = "Fixes")]
    include_unsafe: bool,
    /// Change nothing; print what --fix would change
    #[arg(long, conflicts_with = "fix", help_heading = "Fixes")]
    diff: bool,
    /// How often each diagnostic occurs, instead of the diagnostics; a table, or JSON with --format json
    #[arg(long)]
    statistics: bool,
    /// Report only what lies in files that git says have changed since a revision, and in those that import them
    #[arg(long, value_name = "REV", conflicts_with = "watch")]
    changed_since: Option<String>,
    /// Stay, and check again whenever a file changes
    #[arg(long, short, conflicts_with_all = ["fix", "diff"])]
    watch: bool,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Format] {
        &Format::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.meaning()))
    }
}

pub(super) fn run(args: &CheckArgs, global: &Global) -> CommandResult {
    if args.include_unsafe && !args.fix && !args.diff {
        return Err(Failure::new("`--unsafe` says which fixes are made; add `--fix` or `--diff`"));
    }
    if args.statistics && !matches!(args.format, Format::Text | Format::Json) {
        return Err(Failure::new("`--statistics` is a table, or JSON with `--format json`"));
    }
    if args.watch {
        return watch::run(args, global);
    }
    if args.fix || args.diff {
        return fix::run(args, global);
    }
    once(args, global)
}

/// One look, reported.
fn once(args: &CheckArgs, global: &Global) -> CommandResult {
    let asked = Asked::default();
    let (workspace, compiled) = look(args, &Overlay::new(&asked), &asked)?;
    tell(args, global, &workspace, &compiled)?;
    Ok(outcome(args, &compiled.diagnostics))
}

/// Opens and checks the project, and keeps what was asked for; `asked` is the disk below the files.
fn look(args: &CheckArgs, files: &Overlay<'_>, asked: &Asked) -> Result<(Workspace, Compiled), Failure> {
    let workspace = args.project.open_in(files, Vec::new())?;
    let mut compiled = workspace.compile();
    if let Some(revision) = &args.changed_since {
        let files = changed::files(&workspace, revision, &asked.paths())?;
        // A change may make something wrong in a file that did not change: then it points at the change, too.
        let concerns = |d: &Diagnostic| d.labels.is_empty() || d.labels.iter().any(|l| files.contains(&l.span.file));
        compiled.diagnostics.retain(concerns);
    }
    Ok((workspace, compiled))
}

fn tell(args: &CheckArgs, global: &Global, workspace: &Workspace, compiled: &Compiled) -> Result<(), Failure> {
    let diagnostics = &compiled.diagnostics;
    if args.statistics {
        return print(&statistics::table(diagnostics, args.format == Format::Json));
    }
    if args.format != Format::Text {
        let max = if args.format == Format::Short { limits::DIAGNOSTICS } else { usize::MAX };
        let options = RenderOptions { color: false, max };
        let from_root = repository::from_root(args.format, &workspace.sources);
        let sources = from_root.as_ref().unwrap_or(&workspace.sources);
        return print(&render::render(args.format, diagnostics, sources, options));
    }
    report(diagnostics, &workspace.sources, global);
    if let (true, Some(module)) = (diagnostics.is_empty(), &compiled.module) {
        let segments = counted(module.segments.len() as u64, "segment");
        let files = counted(workspace.files.len() as u64, "file");
        say(&match &args.changed_since {
            None => format!("{segments} in {files}: nothing to report"),
            Some(revision) => {
                format!("{segments} in {files}: nothing to report in what has changed since `{revision}`")
            }
        });
    }
    Ok(())
}

fn outcome(args: &CheckArgs, diagnostics: &[Diagnostic]) -> Outcome {
    let least = if args.deny_warnings { Severity::Warning } else { Severity::Error };
    let failed = diagnostics.iter().any(|diagnostic| diagnostic.severity >= least);
    if failed { Outcome::Findings } else { Outcome::Clean }
}
