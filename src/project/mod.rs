//! The project file, `seg.toml`: which schema, sources and data belong together, and how the data's columns are named.
//! Names `schema`, `vector` (time zones) and what lies below; reads no file (texts are handed in). Invariant: a
//! [`Project`] is usable even when diagnostics came with it: what could not be read has its default.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::source::Span;
use crate::types::{Digits, MICROS_PER_DAY, MICROS_PER_SECOND, Value};

mod check;
mod errors;
mod mapping;
mod read;
mod section;
mod tree;

pub use check::{apply_scales, check};
pub use mapping::{Column, Joined, Layout, Mapping, TableLayout};
pub use read::{default_project, read};
pub use tree::Override;

/// The name of the project file.
pub const FILE_NAME: &str = "seg.toml";

/// A page with every setting of it, in Markdown.
pub const SETTINGS: &str = include_str!("settings.md");

/// What a project file says, with the overrides of the command line.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// A schema file or folder, relative to the project's folder.
    pub schema: Option<Located<String>>,
    /// Patterns of `.seg` files (`*` within a name, `**` for folders).
    pub sources: Vec<String>,
    /// The folder of the profile store, relative to the project's folder.
    pub store: Option<Located<String>>,
    /// Whether any finding in the data fails a run.
    pub strict: bool,
    /// An IANA time zone, known to exist.
    pub zone: String,
    /// Whether the project file (or an override) names the zone.
    pub zone_stated: bool,
    /// ISO weekday on which weeks start: 1 Monday to 7 Sunday.
    pub week_start: u8,
    /// Rules for the use of data.
    pub governance: Governance,
    /// Values of `param` definitions, by name, as written.
    pub params: IndexMap<String, Located<ParamValue>>,
    /// Levels of lints, by their code or name.
    pub lints: IndexMap<String, Located<LintLevel>>,
    /// Number fields that are decimals.
    pub scales: Vec<Scale>,
    /// The profiles.
    pub profiles: ProfileFiles,
    /// The events: each with files, columns and conventions of their own.
    pub events: Vec<EventFiles>,
    /// Related classes by name.
    pub classes: IndexMap<String, ClassFiles>,
    /// Scores made elsewhere, by the name of the propensity.
    pub propensity: IndexMap<String, ScoreFiles>,
    /// Names for SQL.
    pub sql: SqlNames,
}

/// Rules for the use of data, which lints hold segments to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Governance {
    /// Days that events are kept.
    pub retention_days: Option<u32>,
    /// What the project's segments are for.
    pub purpose: Option<String>,
    /// Usage labels that a purpose forbids, by purpose.
    pub forbid: IndexMap<String, Vec<String>>,
}

/// A value and where the project file says it; `None` for an override.
#[derive(Debug, Clone, PartialEq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Option<Span>,
}

/// The value of a param as it is written.
#[derive(Debug, Clone, PartialEq)]
pub enum ParamValue {
    /// A literal of the language (`30 days`, `0.7`, `2026-11-23`), or the text itself for a param of type `string`.
    Text(String),
    /// A TOML number or boolean.
    Value(Value),
    /// A TOML list.
    List(Vec<ParamValue>),
}

/// How loud a lint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LintLevel {
    /// Silent.
    Allow,
    /// A warning.
    Warn,
    /// An error.
    Deny,
}

/// A number field that is a decimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// A path of the profile or the event, or of a class after the class's name.
    pub path: String,
    /// All digits and those after the point.
    pub digits: Digits,
    /// Where the project file says it.
    pub span: Option<Span>,
}

/// The digits of a decimal that only its scale is said of: what every engine holds in 64 bits.
pub const DEFAULT_PRECISION: u8 = 18;

/// A format of data files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// Comma (or otherwise) separated values with a header.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow IPC, file or stream.
    Arrow,
}

impl Format {
    /// Every format with its name.
    pub const ALL: [(Format, &'static str); 4] =
        [(Format::Ndjson, "ndjson"), (Format::Csv, "csv"), (Format::Parquet, "parquet"), (Format::Arrow, "arrow")];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
            Format::Parquet => "parquet",
            Format::Arrow => "arrow",
        }
    }

    /// The format that a file's name tells, `.gz` and `.zst` put aside.
    pub fn of_name(name: &str) -> Option<Format> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "ndjson" | "jsonl" | "json" => Some(Format::Ndjson),
            "csv" | "tsv" | "txt" => Some(Format::Csv),
            "parquet" | "pq" => Some(Format::Parquet),
            "arrow" | "feather" | "ipc" | "arrows" => Some(Format::Arrow),
            _ => None,
        }
    }
}

/// What an integer timestamp counts since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EpochUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Days of 24 hours.
    Days,
}

impl EpochUnit {
    /// The microseconds of one.
    pub fn micros(self) -> i64 {
        match self {
            EpochUnit::Seconds => MICROS_PER_SECOND,
            EpochUnit::Milliseconds => 1000,
            EpochUnit::Microseconds => 1,
            EpochUnit::Days => MICROS_PER_DAY,
        }
    }
}

/// Files of one make.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FileSet {
    /// Paths or patterns, relative to the project's folder; absolute ones may lie elsewhere.
    pub files: Vec<String>,
    /// Their format; told by each name if absent.
    pub format: Option<Format>,
    /// Of CSV; a tab for `.tsv` files, else a comma, if absent.
    pub delimiter: Option<u8>,
    /// From schema paths to columns.
    pub mapping: Mapping,
    /// Where the project file writes each path of the mapping.
    pub places: BTreeMap<String, Span>,
    /// The zone of timestamps that tell none; without it they are not read.
    pub zone: Option<String>,
    /// What integer timestamps count; without it they are not read.
    pub unit: Option<EpochUnit>,
    /// In a database, the columns that are not of the schema's types, which SQL casts where it reads them.
    pub cast: Vec<Located<String>>,
    /// In a database, the lists whose elements are rows of a table of their own.
    pub lists: Vec<ListTable>,
    /// Where the files are named; `None` if the command line names them.
    pub named: Option<Span>,
    /// Where the project file says it.
    pub span: Option<Span>,
}

/// A list whose elements are rows of a table of their own in a database. Without a row the list is empty, never absent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListTable {
    /// The list's path in the schema.
    pub path: String,
    /// The table.
    pub table: TableName,
    /// The column with the id (the key of a class) of the record that has the list.
    pub parent: String,
    /// The column by which the elements of a record are in order; no two are equal.
    pub order: String,
    /// The column of an element that is one value.
    pub value: String,
    /// Where fields of elements are that are not in columns of their own name.
    pub columns: Mapping,
    /// The columns that are not of the schema's types, which SQL casts where it reads them.
    pub cast: Vec<Located<String>>,
    /// Where the project file says it.
    pub span: Option<Span>,
}

/// The profile data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProfileFiles {
    /// The files.
    pub set: FileSet,
    /// Where the id is.
    pub id: Column,
    /// Whether the profiles are those that the events name.
    pub from_events: bool,
}

/// Event data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EventFiles {
    /// The files.
    pub set: FileSet,
    /// Where the profile's id is.
    pub profile: Column,
    /// The column of the timestamp.
    pub timestamp: Vec<String>,
    /// Where the type is.
    pub event_type: EventTypeFrom,
    /// Where the event's own id is, if it has one.
    pub id: Option<Column>,
}

/// Where the type of an event is told.
#[derive(Debug, Clone, PartialEq)]
pub enum EventTypeFrom {
    /// In a column.
    Column(Vec<String>),
    /// All events of the files have this one.
    Constant(String),
}

impl Default for EventTypeFrom {
    fn default() -> Self {
        EventTypeFrom::Column(vec![crate::schema::EVENT_TYPE.to_owned()])
    }
}

/// The objects of a related class.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClassFiles {
    /// The files.
    pub set: FileSet,
    /// Where the key is; where the class's key path is if `None`.
    pub key: Option<Column>,
}

/// Scores made elsewhere.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ScoreFiles {
    /// The files; the mapping's paths are those of the propensity (`probability`, `factors.feature`).
    pub set: FileSet,
    /// Where the profile's id is.
    pub id: Column,
}

/// The name of a table in a database, in parts: behind those of its schema and its catalog as far as they are needed.
pub type TableName = Vec<String>;

/// Names for SQL.
#[derive(Debug, Clone, PartialEq)]
pub struct SqlNames {
    /// The dialect that is emitted if none is asked for.
    pub dialect: Option<Located<String>>,
    /// The table of the profiles.
    pub profiles: TableName,
    /// The tables of the events, one per `[[events]]`.
    pub events: Vec<TableName>,
    /// The tables of the classes; a class's own name where none is said.
    pub classes: IndexMap<String, TableName>,
    /// The tables of imported scores; the propensity's own name where none is said.
    pub propensity: IndexMap<String, TableName>,
}

impl Project {
    /// The name of the SQL dialect that is emitted if none is asked for.
    pub fn dialect(&self) -> &str {
        self.sql.dialect.as_ref().map_or("duckdb", |dialect| &dialect.value)
    }

    /// Whether every event file tells an id per event.
    pub fn event_ids(&self) -> bool {
        !self.events.is_empty() && self.events.iter().all(|e| e.id.is_some())
    }

    /// Where ids of profiles are made of several columns: the setting, how, and the files.
    pub fn joined_ids(&self) -> impl Iterator<Item = (String, &Joined, &FileSet)> {
        let profiles = std::iter::once(("profiles.id".to_owned(), &self.profiles.id, &self.profiles.set));
        let events = self.events.iter().map(|events| ("events.profile".to_owned(), &events.profile, &events.set));
        let scores = self.propensity.iter();
        let scores = scores.map(|(name, scores)| (format!("propensity.{name}.id"), &scores.id, &scores.set));
        profiles.chain(events).chain(scores).filter_map(|(setting, column, set)| match column {
            Column::Joined(joined) => Some((setting, joined, set)),
            Column::At(_) => None,
        })
    }

    /// How ids of profiles are made, to be compared: `course|number` for two columns, nothing for one, whose name may change.
    pub fn ids(&self) -> String {
        let joined = self.joined_ids().next();
        joined.map_or_else(String::new, |(_, Joined { columns, with }, _)| {
            columns.iter().map(|steps| steps.join(".")).collect::<Vec<_>>().join(with)
        })
    }

    /// All its data files.
    pub fn file_sets(&self) -> impl Iterator<Item = &FileSet> {
        let events = self.events.iter().map(|events| &events.set);
        let classes = self.classes.values().map(|class| &class.set);
        let scores = self.propensity.values().map(|scores| &scores.set);
        std::iter::once(&self.profiles.set).chain(events).chain(classes).chain(scores)
    }

    /// How the data's tables and columns are named, for emitted SQL.
    pub fn layout(&self) -> Layout {
        mapping::layout(self)
    }
}
