//! `segc propensity score`

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use clap::Args;

use super::super::{CommandResult, Failure, Global, Outcome, print, say};
use super::{Bar, DataArgs, Which, failed, in_project, make_folder, open_any, output, say_findings};
use crate::data::atomic::replace_file;
use crate::data::scores::{ScoreFile, Scores, is_score_file};
use crate::pipeline::propensity::{Stage, Trouble, load, notes_on, scores_path};
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
    #[command(flatten)]
    data: DataArgs,
    /// The model [default: propensity/NAME.json in the project]
    #[arg(long, value_name = "FILE")]
    model: Option<String>,
    /// Where the scores go, as Parquet [default: propensity/NAME.scores.parquet in the project]
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,
}

pub(super) fn run(args: &ScoreArgs, global: &Global) -> CommandResult {
    let bar = Bar::new();
    let scored = args.which.with(&args.data, global, |workspace, module, now| {
        let name = &args.which.name;
        let scorer = open_any(workspace, module, name, args.model.as_deref(), global)?;
        let trouble = |trouble| failed(trouble, workspace, global);
        bar.show(Stage::Reading);
        let loaded = load(workspace, module, &scorer.needs(now), now, &[]).map_err(trouble)?;
        bar.show(Stage::Scoring);
        let own = in_project(workspace, &scores_path(name));
        let path = output(args.output.as_ref(), own, "file of scores", is_score_file)?;
        make_folder(&path)?;
        let told = write(&path, |file| {
            let mut buckets = [0u64; 3];
            let of = scorer.score_each(&loaded.dataset, now, &mut |of, scores| {
                scores.iter().for_each(|score| buckets[usize::from(score.bucket).min(2)] += 1);
                file.append(of, &scores).map_err(|error| error.to_string())
            })?;
            let notes = notes_on(module, &loaded, &of)?;
            Ok((of, buckets, notes))
        });
        let (of, buckets, notes) = told.map_err(|fault| match fault {
            Fault::Trouble(found) => trouble(found),
            Fault::Io(error) => Failure::io(&path, &error),
        })?;
        notes.iter().for_each(|note| say(note));
        say_findings(&loaded)?;
        Ok(text::scored(&of, buckets, &path))
    })?;
    drop(bar);
    let Some(scored) = scored else { return Ok(Outcome::Findings) };
    print(&scored)?;
    Ok(Outcome::Clean)
}

/// Why there is no file of scores.
enum Fault {
    Trouble(Trouble),
    Io(io::Error),
}

/// What a scorer puts into a file and tells.
type Told = (Scores, [u64; 3], Vec<String>);

/// Writes scores into a file that takes its place only when all of them are there.
fn write(
    path: &str,
    score: impl FnOnce(&mut ScoreFile<BufWriter<&mut File>>) -> Result<Told, Trouble>,
) -> Result<Told, Fault> {
    let mut told = None;
    let written = replace_file(Path::new(path), true, |file| {
        let mut out = ScoreFile::new(BufWriter::new(file));
        match told.insert(score(&mut out)) {
            Ok((of, ..)) => out.close(of),
            Err(_) => Err(io::ErrorKind::Other.into()),
        }
    });
    match (told, written) {
        (Some(Err(trouble)), _) => Err(Fault::Trouble(trouble)),
        (Some(Ok(told)), Ok(())) => Ok(told),
        (Some(Ok(_)), Err(error)) | (None, Err(error)) => Err(Fault::Io(error)),
        (None, Ok(())) => Err(Fault::Io(io::ErrorKind::Other.into())),
    }
}
