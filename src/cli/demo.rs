//! `segc demo`

use std::fs;
use std::path::Path;

use clap::Args;

use super::run::{self, RunArgs};
use super::{CommandResult, Failure, Global, say};
use crate::data::generate;
use crate::diagnostics::words::counted;

/// Write the quickstart example, its data included, and run its segments.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// The folder of the example; what is there is kept
    #[arg(default_value = "examples/quickstart")]
    folder: String,
    /// How many profiles to make up
    #[arg(long, default_value_t = 10_000)]
    profiles: usize,
}

/// The example's files; its data is made, the same every time.
const FILES: &[(&str, &str)] = &[
    ("seg.toml", include_str!("../../examples/quickstart/seg.toml")),
    ("schema/retail.json", include_str!("../../examples/quickstart/schema/retail.json")),
    ("segments/attributes.seg", include_str!("../../examples/quickstart/segments/attributes.seg")),
    ("segments/behaviour.seg", include_str!("../../examples/quickstart/segments/behaviour.seg")),
    ("segments/likely.seg", include_str!("../../examples/quickstart/segments/likely.seg")),
    ("propensity/buys_again.json", include_str!("../../examples/quickstart/propensity/buys_again.json")),
    ("segments/journeys.seg", include_str!("../../examples/quickstart/segments/journeys.seg")),
    ("segments/scores.seg", include_str!("../../examples/quickstart/segments/scores.seg")),
    ("segments/shared.seg", include_str!("../../examples/quickstart/segments/shared.seg")),
];

/// The instant for which the data is made.
const NOW: &str = "2026-11-23T12:00:00+01:00";
/// The seed of the data.
const SEED: u64 = 7;

pub(super) fn run(args: &DemoArgs, global: &Global) -> CommandResult {
    let folder = Path::new(&args.folder);
    for (name, text) in FILES {
        let path = folder.join(name);
        if !path.exists() {
            write(&path, text)?;
        }
    }
    let data = folder.join("data");
    if !data.join("events.parquet").exists() {
        let profiles = counted(args.profiles as u64, "profile");
        say(&format!("making up {profiles} with their events in {}", data.display()));
        generate::retail(&data, args.profiles, SEED).map_err(|error| Failure::io(&data.to_string_lossy(), &error))?;
    }
    let members = folder.join("members.csv");
    run::run(&RunArgs::of_demo(&args.folder, NOW, &members.to_string_lossy()), global)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failure = |error: std::io::Error| Failure::io(&path.to_string_lossy(), &error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failure)?;
    }
    fs::write(path, text).map_err(failure)
}
