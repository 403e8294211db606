//! `segc propensity evaluate`

use clap::{Args, ValueEnum};

use super::super::{CommandResult, Failure, Global, Outcome, clock, print};
use super::{Bar, DataArgs, failed, in_project, outcome};
use crate::pipeline::propensity::{self as engine, Evaluated, Stage, model_path};
use crate::propensity::text;

use super::super::project_args::ProjectArgs;

/// Measure scores against what then happened.
#[derive(Debug, Args)]
#[command(
    after_help = "Scores that were made elsewhere are measured as they stand in the data, at the instant `--at`, \
                        against what `--predict` says of the time after it; scores made \
                        later than that are left out. A model that is trained here is measured \
                        at the newest instant whose outcome is known by `--now`.\n\nExit code: 0, 1 if the scores have \
                        drifted from what the model was measured at, 2 for wrong usage or IO."
)]
pub(super) struct EvaluateArgs {
    /// The propensity
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    data: DataArgs,
    /// What should have come true, such as `any(commerce.purchases in next 30 days)`
    #[arg(long, value_name = "CONDITION")]
    predict: Option<String>,
    /// When the scores are looked at; what came true is sought after it
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
    /// The instant until which events are known [default: the clock]
    #[arg(long, value_name = "INSTANT")]
    now: Option<String>,
    /// The model of a propensity that is trained here [default: propensity/NAME.json in the project]
    #[arg(long, value_name = "FILE")]
    model: Option<String>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = EvaluateFormat::Text)]
    format: EvaluateFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EvaluateFormat {
    /// For people
    Text,
    /// Machine-readable
    Json,
}

pub(super) fn run(args: &EvaluateArgs, global: &Global) -> CommandResult {
    let Some((workspace, module)) = args.data.sound(&args.project, global)? else { return Ok(Outcome::Findings) };
    let zone = &module.settings.zone;
    let now = clock::now(args.now.as_deref(), zone)?;
    let at = args.at.as_deref().map(|at| clock::now(Some(at), zone)).transpose()?;
    let bar = Bar::new();
    bar.show(Stage::Reading);
    let trouble = |trouble| failed(trouble, &workspace, global);
    let evaluated = match engine::declared(&module, &args.name) {
        Some(declared) => {
            let path = args.model.clone().unwrap_or_else(|| in_project(&workspace, &model_path(&args.name)));
            let scorer = super::open_model(&workspace, &module, &declared, &path, global)?;
            engine::evaluate_model(&workspace, &module, &declared, &scorer, now, at).map_err(trouble)?
        }
        None => {
            let (Some(predict), Some(at)) = (&args.predict, at) else {
                return Err(Failure::new(
                    "scores that are made elsewhere are measured with `--predict CONDITION` and `--at INSTANT`",
                ));
            };
            if let Some((_, model)) = engine::foreign(&module, &args.name) {
                let path = args.model.clone().unwrap_or_else(|| in_project(&workspace, &model.file));
                let text = std::fs::read_to_string(&path).map_err(|error| Failure::io(&path, &error))?;
                let measured = engine::evaluate_foreign(&workspace, &module, &args.name, (&text, predict), at, now);
                return told(args, &measured.map_err(trouble)?);
            }
            engine::evaluate_imported(&workspace, &module, &args.name, predict, at, now).map_err(trouble)?
        }
    };
    drop(bar);
    told(args, &evaluated)
}

fn told(args: &EvaluateArgs, evaluated: &Evaluated) -> CommandResult {
    let Evaluated { what, at, quality, later, drift } = evaluated;
    match args.format {
        EvaluateFormat::Text => print(&text::evaluated(&args.name, what, *at, quality, *later, drift))?,
        EvaluateFormat::Json => {
            let json = serde_json::json!({
                "propensity": args.name,
                "measured": what,
                "at": crate::plan::value_text(&crate::types::Value::Timestamp(*at)),
                "scored_later": later,
                "quality": quality,
                "drift": drift,
            });
            print(&format!("{json:#}\n"))?;
        }
    }
    Ok(outcome(!drift.is_empty()))
}
