//! `segc propensity train`

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use clap::Args;

use super::super::{CommandResult, Failure, Global, Outcome, print, say, write};
use super::{Bar, DataArgs, Which, begins_with, failed, in_project, make_folder, outcome, output, say_findings};
use crate::data::atomic::replace_file;
use crate::data::matrix::{Matrix, Rows, is_matrix};
use crate::pipeline::propensity::{self as engine, EachCutoff, model_path};
use crate::propensity::model::{BEGINNING, Judgement};
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
    #[command(flatten)]
    data: DataArgs,
    /// Where the model goes [default: propensity/NAME.json in the project]
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,
    /// Write what the model is learnt from and measured on too, as Parquet: profile, cut-off, outcome and every feature
    #[arg(long, value_name = "FILE")]
    matrix: Option<String>,
    /// Write the model even if a column seems to know the outcome
    #[arg(long)]
    accept_leaks: bool,
}

pub(super) fn run(args: &TrainArgs, global: &Global) -> CommandResult {
    if args.matrix.is_some() && args.matrix == args.output {
        return Err(Failure::new("`--output` and `--matrix` are one file"));
    }
    let bar = Bar::new();
    let trained = args.which.with(&args.data, global, |workspace, module, now| {
        let declared = args.which.declared(module)?;
        let own = in_project(workspace, &model_path(&declared.propensity.name));
        let path = output(args.output.as_ref(), own, "model file", |path| begins_with(path, BEGINNING))?;
        if let Some(path) = &args.matrix {
            output(Some(path), String::new(), "matrix", is_matrix)?;
        }
        let progress = |stage| bar.show(stage);
        let train = |each: Option<EachCutoff<'_>>| {
            engine::train_model_watched(workspace, module, &declared, now, (&progress, each))
        };
        let trained = match &args.matrix {
            None => train(None),
            Some(path) => with_matrix(path, train)?,
        };
        let (model, loaded) = trained.map_err(|trouble| failed(trouble, workspace, global))?;
        say_findings(&loaded)?;
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

/// What a training gives, and whose rows are written to a file meanwhile.
fn with_matrix<T>(path: &str, train: impl FnOnce(Option<EachCutoff<'_>>) -> T) -> Result<T, Failure> {
    make_folder(path)?;
    let mut trained = None;
    let write = |file: &mut File| {
        let mut matrix = Matrix::new(BufWriter::new(file));
        let mut each = |rows: &Rows<'_>| matrix.append(rows).map_err(|error| error.to_string());
        trained = Some(train(Some(&mut each)));
        matrix.close()
    };
    replace_file(Path::new(path), true, write).map_err(|error| Failure::io(path, &error))?;
    trained.ok_or_else(|| Failure::new(format!("{path} was not written")))
}
