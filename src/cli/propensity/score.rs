//! `segc propensity score`

use std::io::BufWriter;
use std::path::Path;

use clap::Args;

use super::super::{CommandResult, Failure, Global, Outcome, print, say};
use super::{Bar, Which, failed, in_project, make_folder, open_any, say_findings};
use crate::data::output::replace_file;
use crate::data::scores::write_parquet;
use crate::pipeline::propensity::{Stage, load, scores_path, sighted};
use crate::propensity::text;

/// Score every profile with a trained model.
#[derive(Debug, Args)]
#[command(
    after_help = "Each eligible profile gets a probability, a score, a percentile, a bucket and the factors that \
                        moved its score most; that the contributions sum to the score is checked row by row. Profiles \
                        that are not eligible have the state `ineligible`."
)]
pub(super) struct ScoreArgs {
    #[command(flatten)]
    which: Which,
    /// The model [default: propensity/NAME.json in the project]
    #[arg(long, value_name = "FILE")]
    model: Option<String>,
    /// Where the scores go, as Parquet [default: propensity/NAME.scores.parquet in the project]
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,
}

pub(super) fn run(args: &ScoreArgs, global: &Global) -> CommandResult {
    let bar = Bar::new();
    let scored = args.which.with(global, |workspace, module, now| {
        let name = &args.which.name;
        let scorer = open_any(workspace, module, name, args.model.as_deref(), global)?;
        let trouble = |trouble| failed(trouble, workspace, global);
        bar.show(Stage::Reading);
        let loaded = load(workspace, module, &scorer.needs(now), now, &[]).map_err(trouble)?;
        bar.show(Stage::Scoring);
        let scores = scorer.score(&loaded.dataset, now).map_err(trouble)?;
        sighted(module, &loaded, &scores).map_err(trouble)?.iter().for_each(|note| say(note));
        say_findings(&loaded)?;
        let path = args.output.clone().unwrap_or_else(|| in_project(workspace, &scores_path(name)));
        make_folder(&path)?;
        replace_file(Path::new(&path), true, |file| write_parquet(&mut BufWriter::new(file), &scores))
            .map_err(|error| Failure::io(&path, &error))?;
        Ok((scores, path))
    })?;
    drop(bar);
    let Some((scores, path)) = scored else { return Ok(Outcome::Findings) };
    print(&text::scored(&scores, &path))?;
    Ok(Outcome::Clean)
}
