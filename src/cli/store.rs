//! `segc store`: `info`, `check`, `compact`

use std::fmt::Write as _;
use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::disk::Disk;
use super::ingest::store_of;
use super::project_args::ProjectArgs;
use super::run::TableFormat;
use super::{CommandResult, Failure, Outcome, print, say};
use crate::diagnostics::words::counted;
use crate::pipeline::Workspace;
use crate::store::{Store, info, ingest};

/// Show, verify or compact a profile store.
#[derive(Debug, Args)]
pub(super) struct StoreArgs {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Debug, Subcommand)]
enum StoreCommand {
    /// Show what is in a store: sizes, types of events, columns, dictionaries, versions
    Info {
        /// The folder of the store [default: the `store` of the project here or above]
        store: Option<String>,
        /// How it is written
        #[arg(long, value_enum, default_value_t = TableFormat::Text)]
        format: TableFormat,
    },
    /// Read every byte of a store and verify its checksums and its structure
    #[command(after_help = "Exit code: 0, 1 if something is damaged, 2 for wrong usage or IO.")]
    Check {
        /// The folder of the store [default: the `store` of the project here or above]
        store: Option<String>,
    },
    /// Put all parts of a store together, without what later batches have replaced
    Compact {
        /// The folder of the store [default: the `store` of the project here or above]
        store: Option<String>,
        /// About how much memory to use, such as 512MiB or 4GiB
        #[arg(long, value_name = "BYTES", default_value = "1GiB", value_parser = super::ingest::bytes)]
        memory: usize,
    },
}

pub(super) fn run(args: &StoreArgs) -> CommandResult {
    match &args.command {
        StoreCommand::Info { store, format } => {
            let table = info::to_json(&open(&folder(store)?)?).map_err(fault)?;
            print(&match format {
                TableFormat::Json => format!("{table:#}\n"),
                TableFormat::Text => text(&table),
            })?;
            Ok(Outcome::Clean)
        }
        StoreCommand::Check { store } => check(&folder(store)?),
        StoreCommand::Compact { store, memory } => {
            let (before, after) = ingest::compact(Path::new(&folder(store)?), *memory).map_err(fault)?;
            print(&format!("{} before, {} now\n", size(before), size(after)))?;
            Ok(Outcome::Clean)
        }
    }
}

/// The folder that is named, or that of the project.
fn folder(named: &Option<String>) -> Result<String, Failure> {
    if let Some(folder) = named {
        return Ok(folder.clone());
    }
    let request = ProjectArgs::nearest_to("");
    let folder = request.and_then(|request| store_of(None, &Workspace::open(&Disk, &request)));
    let folder = folder.ok_or_else(|| Failure::new("name the folder of a store, or set `store` in seg.toml"))?;
    Ok(folder.to_string_lossy().into_owned())
}

fn open(path: &str) -> Result<Store, Failure> {
    Store::open(Path::new(path)).map_err(fault)
}

fn fault(fault: crate::store::Fault) -> Failure {
    Failure::new(fault.to_string())
}

fn check(path: &str) -> CommandResult {
    let (faults, leftovers) = match Store::open(Path::new(path)) {
        Ok(store) => (store.check(), store.leftovers().map_err(fault)?),
        Err(missing @ crate::store::Fault::Missing(_)) => return Err(fault(missing)),
        Err(fault) => (vec![fault], 0),
    };
    if leftovers > 0 {
        let files = counted(leftovers as u64, "file");
        say(&format!(
            "{files} of a batch that is being written or was broken off; the next ingest removes what is left"
        ));
    }
    faults.iter().for_each(|fault| say(&format!("error: {fault}")));
    if faults.is_empty() {
        print("every checksum holds, and everything fits together\n")?;
        return Ok(Outcome::Clean);
    }
    Ok(Outcome::Findings)
}

/// Bytes for people.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut size, mut unit) = (bytes as f64, 0);
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{size:.1} {}", UNITS[unit]) }
}

fn text(table: &Value) -> String {
    let number = |value: &Value, key: &str| value[key].as_u64().unwrap_or(0);
    let word = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let list = |key: &str| table[key].as_array().cloned().unwrap_or_default();
    let mut out = format!(
        "{}: {} with {}, {}, {}; format {}, written by segc {}\nschema {}\n",
        word(table, "store"),
        counted(number(table, "profiles"), "profile"),
        counted(number(table, "events"), "event"),
        size(number(table, "bytes")),
        counted(number(table, "batches"), "batch"),
        number(table, "format"),
        word(table, "tool"),
        word(table, "schema"),
    );
    let _ = writeln!(
        out,
        "\n{:<14} {:>10} {:>7} {:>10} {:>12} {:>11}",
        "part", "size", "blocks", "profiles", "events", "superseded"
    );
    for part in list("parts") {
        let _ = writeln!(
            out,
            "{:<14} {:>10} {:>7} {:>10} {:>12} {:>11}",
            word(&part, "file"),
            size(number(&part, "bytes")),
            number(&part, "blocks"),
            number(&part, "profiles"),
            number(&part, "events"),
            number(&part, "superseded"),
        );
        let (profiles, events) = (number(&part["waiting"], "profiles"), number(&part["waiting"], "events"));
        if profiles > 0 {
            let (profiles, events) = (counted(profiles, "profile"), counted(events, "event"));
            let _ = writeln!(out, "  {profiles} without a record, with {events}, waiting for one");
        }
    }
    for class in list("classes") {
        let _ = writeln!(
            out,
            "class {}: {}, {}",
            word(&class, "class"),
            counted(number(&class, "objects"), "object"),
            size(number(&class, "bytes"))
        );
    }
    let _ = writeln!(out, "\n{:<24} {:>12}  from, to", "event type", "events");
    for event in list("event_types") {
        let _ = writeln!(
            out,
            "{:<24} {:>12}  {}, {}",
            word(&event, "type"),
            number(&event, "events"),
            word(&event, "from"),
            word(&event, "to")
        );
    }
    let _ = writeln!(out, "\n{:<40} {:<16} {:>10} {:>9} {:>10}", "column", "kind", "size", "texts", "dictionary");
    for column in list("columns") {
        let texts = column["texts"].as_u64();
        let _ = writeln!(
            out,
            "{:<40} {:<16} {:>10} {:>9} {:>10}",
            word(&column, "column"),
            word(&column, "kind"),
            size(number(&column, "bytes")),
            texts.map(|n| n.to_string()).unwrap_or_default(),
            texts.map(|_| size(number(&column, "dictionary_bytes"))).unwrap_or_default(),
        );
    }
    out
}
