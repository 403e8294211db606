//! `segc propensity train`

use clap::Args;

use super::super::{CommandResult, Global, Outcome, print, say, write};
use super::{Bar, Which, failed, in_project, make_folder, outcome, say_findings};
use crate::pipeline::propensity::{self as engine, model_path};
use crate::propensity::model::Judgement;
use crate::propensity::text;

/// Train a model from its declaration and the project's data.
#[derive(Debug, Args)]
#[command(
    after_help = "The model is learnt from cut-offs in the past whose outcome is known by `--now`, and measured at \
                        the last of them. A column that seems to know the outcome fails the run; so does a model that \
                        does not reach what the declaration requires.\n\nExit code: 0, 1 if the model is not to be \
                        used, 2 for wrong usage or IO."
)]
pub(super) struct TrainArgs {
    #[command(flatten)]
    which: Which,
    /// Where the model goes [default: propensity/NAME.json in the project]
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,
    /// Write the model even if a column seems to know the outcome
    #[arg(long)]
    accept_leaks: bool,
}

pub(super) fn run(args: &TrainArgs, global: &Global) -> CommandResult {
    let bar = Bar::new();
    let trained = args.which.with(global, |workspace, module, now| {
        let declared = args.which.declared(module)?;
        let (model, loaded) = engine::train_model(workspace, module, &declared, now, &|stage| bar.show(stage))
            .map_err(|trouble| failed(trouble, workspace, global))?;
        say_findings(&loaded)?;
        let path = args.output.clone().unwrap_or_else(|| in_project(workspace, &model_path(&model.name)));
        Ok((model, path))
    })?;
    drop(bar);
    let Some((model, path)) = trained else { return Ok(Outcome::Findings) };
    print(&text::summary(&model))?;
    let leaks = model.verdict.judgement == Judgement::SuspiciouslyGood && !args.accept_leaks;
    if leaks {
        say("no model was written: a column seems to know the outcome; `deny` it, or accept it with --accept-leaks");
        return Ok(Outcome::Findings);
    }
    make_folder(&path)?;
    write::replace(&path, model.to_text().as_bytes())?;
    say(&format!("wrote {path}"));
    Ok(outcome(!model.failed.is_empty()))
}
