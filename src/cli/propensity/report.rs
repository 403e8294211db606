//! `segc propensity report`

use clap::{Args, ValueEnum};

use super::super::{CommandResult, Failure, Global, Outcome, print, say, write};
use super::{DataArgs, Which, begins_with, in_project, make_folder, outcome, output};
use crate::pipeline::propensity::{model_path, report_path};
use crate::propensity::model::{Judgement, Model};
use crate::propensity::{report, text};

/// Say how good a model is, in the terminal and as a page.
#[derive(Debug, Args)]
#[command(
    after_help = "The page is one file that loads nothing from anywhere.\n\nExit code: 0, 1 if the model is not \
                        usable or does not reach what the declaration requires, 2 for wrong usage or IO."
)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    which: Which,
    /// The model [default: propensity/NAME.json in the project]
    #[arg(long, value_name = "FILE")]
    model: Option<String>,
    /// Where the page goes [default: propensity/NAME.html in the project]
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,
    /// How the report in the terminal is written
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people
    Text,
    /// The model file without its trees
    Json,
}

pub(super) fn run(args: &ReportArgs, global: &Global) -> CommandResult {
    let read = args.which.with(&DataArgs::default(), global, |workspace, module, _| {
        let name = &args.which.declared(module)?.propensity.name;
        let path = args.model.clone().unwrap_or_else(|| in_project(workspace, &model_path(name)));
        let text = super::read_model(name, &path)?;
        let model = Model::from_text(&text).map_err(|reason| Failure::new(format!("{path}: {reason}")))?;
        let own = in_project(workspace, &report_path(name));
        let page = output(args.output.as_ref(), own, "page", |path| begins_with(path, "<!doctype html>"))?;
        Ok((model, page))
    })?;
    let Some((mut model, page)) = read else { return Ok(Outcome::Findings) };
    make_folder(&page)?;
    write::replace(&page, report::html(&model).as_bytes())?;
    let wrong = model.verdict.judgement != Judgement::Usable || !model.failed.is_empty();
    match args.format {
        ReportFormat::Text => print(&text::summary(&model))?,
        ReportFormat::Json => {
            model.ensemble.trees.clear();
            print(&model.to_text())?;
        }
    }
    say(&format!("wrote {page}"));
    Ok(outcome(wrong))
}
