//! `segc ingest`

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::ProgressBar;

use super::project_args::ProjectArgs;
use super::run::TableFormat;
use super::{CommandResult, Failure, Global, Outcome, print, report, say, say_raw};
use crate::data::ingest::{self, Options, Refused};
use crate::data::{self, Report};
use crate::diagnostics::words::counted;
use crate::pipeline::Workspace;
use crate::store::Store;
use crate::store::ingest::Summary;

/// What becomes of a store, and how an ingest ends.
const STORE: &str = "\
A store that is there is added to: records replace those of the same profile, events are added, and \
left out and counted where the store has them already. Events whose profile has no record yet are kept until it comes. A \
crash or a failure leaves the last complete version.

Exit code: 0, 1 if the project has errors, a data file cannot be read whole, --replace would leave no profile, or a \
strict ingest has findings in the data, 2 for wrong usage or IO.";

/// Read data files into a profile store, which runs open at once.
#[derive(Debug, Args)]
#[command(after_help = STORE, after_long_help = format!("{STORE}\n\n{}\n\n{}", super::run::DATA, super::run::SCORES))]
pub(super) struct IngestArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// The folder of the store [default: the project's `store`]
    #[arg(long, value_name = "PATH")]
    store: Option<String>,
    /// Put the data in the place of what the store holds
    #[arg(long)]
    replace: bool,
    /// About how much memory to use, such as 512MiB or 4GiB; the peak is up to about 100MiB more, and more still for the
    /// distinct texts of the data and the objects of classes, which are not bounded
    #[arg(long, value_name = "BYTES", default_value = "1GiB", value_parser = bytes)]
    memory: usize,
    /// Fail on any finding in the data, and leave the store as it is
    #[arg(long)]
    strict: bool,
    /// How many threads to use [default: one per core]
    #[arg(long, value_name = "N", value_parser = super::threads())]
    threads: Option<usize>,
    /// Profile files, instead of the project's; `-` is standard input
    #[arg(long, value_name = "FILE", help_heading = "Data")]
    profiles: Vec<String>,
    /// Event files, instead of those of the project's first table of events; `-` is standard input
    #[arg(long, value_name = "FILE", help_heading = "Data")]
    events: Vec<String>,
    /// Nothing but the files of --profiles and --events, so that the rest is not added again
    #[arg(long, help_heading = "Data")]
    only: bool,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    format: TableFormat,
}

/// A number of bytes: digits with `KiB`, `MiB` or `GiB` behind them.
pub(super) fn bytes(text: &str) -> Result<usize, String> {
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("B", 0), ("", 0)];
    let found = units.iter().find_map(|(unit, shift)| text.strip_suffix(unit).map(|number| (number, shift)));
    let number = found.and_then(|(number, shift)| number.trim().parse::<usize>().ok()?.checked_mul(1 << shift));
    number.filter(|&n| n >= 1 << 20).ok_or_else(|| "write it as `512MiB` or `4GiB`, at least `1MiB`".to_owned())
}

/// The folder of the store that a command or its project names.
pub(super) fn store_of(named: Option<&str>, workspace: &Workspace) -> Option<PathBuf> {
    match (named, &workspace.project.store) {
        (Some(path), _) => Some(PathBuf::from(path)),
        (None, Some(store)) => Some(Path::new(&workspace.root).join(&store.value)),
        (None, None) => None,
    }
}

pub(super) fn run(args: &IngestArgs, global: &Global) -> CommandResult {
    let overrides = super::run::data_overrides(&args.profiles, &args.events, args.strict)?;
    let Some((mut workspace, module)) = args.project.sound(overrides, global)? else { return Ok(Outcome::Findings) };
    let folder = store_of(args.store.as_deref(), &workspace);
    let folder = folder.ok_or_else(|| Failure::new("give --store, or set `store` in seg.toml"))?;
    workspace.project = data::with_scores(&workspace.project, &module.propensities);
    if args.only {
        leave_out(args, &mut workspace);
    }
    let fingerprint = workspace.schema.as_ref().unwrap_or(&module.schema).fingerprint();
    let needs = ingest::columns(&module.schema, &module, &|name| workspace.project.propensity.contains_key(name));
    super::run::say_waits(&workspace.project, Path::new(&workspace.root));
    let again = !args.replace && !args.only && !workspace.project.event_ids();
    if again
        && workspace.project.events.iter().any(|events| !events.set.files.is_empty())
        && Store::open(&folder).is_ok()
    {
        say(
            "note: the events have no ids, so those that the store has already are added once more; `--replace` puts the \
             data in the place of what is there, `--only --events FILE` adds a batch",
        );
    }
    let started = Instant::now();
    let bar = if io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    bar.enable_steady_tick(Duration::from_millis(100));
    let options = Options { memory: args.memory, replace: args.replace, fingerprint };
    let work = || {
        let root = Path::new(&workspace.root);
        let tell = |records: u64| bar.set_message(format!("{} read", counted(records, "record")));
        ingest::ingest(&workspace.project, root, &module.schema, &needs, &folder, options, &tell)
    };
    let done = match args.threads {
        None => work(),
        Some(threads) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.map_err(|error| Failure::new(error.to_string()))?.install(work)
        }
    };
    bar.finish_and_clear();
    match done {
        Err(Refused::Diagnostics(diagnostics)) => {
            report(&diagnostics, &workspace.sources, global);
            Ok(Outcome::Findings)
        }
        Err(Refused::Fault(fault)) => Err(Failure::new(fault.to_string())),
        Ok((summary, found)) => {
            tell(args, &folder, &summary, &found, started.elapsed())?;
            Ok(Outcome::Clean)
        }
    }
}

/// Takes out of the project what the command line does not name.
fn leave_out(args: &IngestArgs, workspace: &mut Workspace) {
    let project = &mut workspace.project;
    if args.profiles.is_empty() {
        project.profiles.set.files.clear();
    }
    for (at, events) in project.events.iter_mut().enumerate() {
        if at > 0 || args.events.is_empty() {
            events.set.files.clear();
        }
    }
    project.classes.values_mut().for_each(|class| class.set.files.clear());
    project.propensity.values_mut().for_each(|scores| scores.set.files.clear());
}

fn tell(args: &IngestArgs, folder: &Path, summary: &Summary, found: &Report, took: Duration) -> Result<(), Failure> {
    if args.format == TableFormat::Json {
        let table = serde_json::json!({
            "schema_version": 1,
            "store": folder.display().to_string(),
            "bytes_written": summary.written,
            "runs": summary.runs,
            "seconds": took.as_secs_f64(),
            "data": found.to_json(),
        });
        return print(&format!("{table:#}\n"));
    }
    say_raw(&found.to_text())?;
    let records: u64 = found.files.iter().map(|(_, records)| records).sum();
    let more = if summary.runs > 1 { format!(", in {} runs", summary.runs) } else { String::new() };
    print(&format!(
        "{} read in {:.2} s{more}; the store has {} with {}\n",
        counted(records, "record"),
        took.as_secs_f64(),
        counted(found.profiles, "profile"),
        counted(found.events, "event"),
    ))
}
