//! `segc dialects`

use clap::{Args, ValueEnum};
use serde_json::json;

use super::{CommandResult, Outcome, print};
use crate::engines::ENGINES;
use crate::sql::registry::{DIALECTS, Entry, REFUSED_BY_ALL};

/// List the SQL dialects, how far each has been tested, and what it cannot express.
#[derive(Debug, Args)]
pub(super) struct DialectsArgs {
    /// The form of the list
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table
    Text,
    /// A JSON array, one object per dialect
    Json,
}

pub(super) fn run(args: &DialectsArgs) -> CommandResult {
    let text = match args.format {
        Format::Text => table(),
        Format::Json => json(),
    };
    print(&text)?;
    Ok(Outcome::Clean)
}

fn table() -> String {
    let rows: Vec<[String; 3]> = std::iter::once(["DIALECT".to_owned(), "SUPPORT".to_owned(), "TESTED ON".to_owned()])
        .chain(DIALECTS.iter().map(|entry| {
            let names: Vec<&str> = entry.names().collect();
            [names.join(", "), entry.support.name().to_owned(), entry.tested_on.to_owned()]
        }))
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    let mut text: String =
        rows.iter().map(|[name, support, tested]| format!("{name:first$}  {support:second$}  {tested}\n")).collect();
    text.push_str("\nproved: the members that its queries select are compared with the reference on the engine\n");
    text.push_str("parsed: its queries are accepted by an independent parser\n");
    let reached: Vec<&str> = ENGINES.iter().map(|engine| engine.name).collect();
    text.push_str(&format!("\n`segc run --on` reaches: {}\n", reached.join(", ")));
    text.push_str("\nall refuse, where they cannot express them exactly:\n");
    text.extend(REFUSED_BY_ALL.iter().map(|what| format!("  {}\n", what.trim_end_matches(','))));
    for entry in DIALECTS.iter().filter(|entry| !entry.refuses.is_empty()) {
        text.push_str(&format!("\n{} refuses, where it cannot express them exactly:\n", entry.title));
        text.extend(entry.refuses.iter().map(|what| format!("  {}\n", what.trim_end_matches(','))));
    }
    text
}

fn json() -> String {
    let entry = |entry: &Entry| {
        json!({
            "name": entry.name(),
            "title": entry.title,
            "aliases": entry.aliases,
            "support": entry.support.name(),
            "tested_on": entry.tested_on,
            "run_on": ENGINES.iter().any(|engine| engine.name == entry.name()),
            "refuses": entry.refuses,
        })
    };
    let all: Vec<serde_json::Value> = DIALECTS.iter().map(entry).collect();
    format!("{:#}\n", serde_json::Value::Array(all))
}
