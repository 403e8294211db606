//! `segc dump`

use clap::{Args, ValueEnum};

use super::project_args::ProjectArgs;
use super::{CommandResult, Global, Outcome, clock, print, report};
use crate::plan;

/// Print what a stage of the compiler made of the segments.
#[derive(Debug, Args)]
pub(super) struct DumpArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// Which stage
    #[arg(long, value_enum)]
    stage: Stage,
    /// The instant of the run [default: the clock]
    #[arg(long, value_name = "INSTANT")]
    now: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Stage {
    /// Tokens, comments included
    Tokens,
    /// The syntax tree
    Ast,
    /// The typed tree
    Hir,
    /// The plan as it is lowered
    Plan,
    /// The plan as it is run
    Optimized,
    /// The bytecode listing
    Bytecode,
}

pub(super) fn run(args: &DumpArgs, global: &Global) -> CommandResult {
    if let Stage::Tokens | Stage::Ast = args.stage {
        let workspace = args.project.open(Vec::new())?;
        report(&workspace.diagnostics, &workspace.sources, global);
        for file in &workspace.files {
            let text = workspace.sources.file(file.id).map(|f| f.text.clone()).unwrap_or_default();
            print(&match args.stage {
                Stage::Tokens => crate::syntax::dump::tokens(&crate::syntax::lex(file.id, &text), &text),
                _ => crate::syntax::dump::file(&file.parse.file),
            })?;
        }
        return Ok(Outcome::Clean);
    }
    let Some((workspace, module)) = args.project.sound(Vec::new(), global)? else { return Ok(Outcome::Findings) };
    let now = clock::now(args.now.as_deref(), &module.settings.zone)?;
    print(&match args.stage {
        Stage::Tokens | Stage::Ast => String::new(),
        Stage::Hir => crate::hir::dump::module(&module),
        Stage::Plan => plan::explain(&plan::lower(&module, now)),
        Stage::Optimized => plan::explain(&crate::pipeline::plan(&module, now)),
        Stage::Bytecode => match crate::pipeline::program(&module, &module.schema, now) {
            Ok(program) => crate::bytecode::list(&program),
            Err(refused) => {
                report(&refused, &workspace.sources, global);
                return Ok(Outcome::Findings);
            }
        },
    })?;
    Ok(Outcome::Clean)
}
