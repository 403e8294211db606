//! The diagnostics of data files. Names only `diagnostics`. Invariant: one function per fault; values of the data are
//! never in a message.

use std::path::Path;

use super::report::Report;
use crate::diagnostics::words::counted;
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;

fn at(code: Code, message: String, span: Option<Span>, label: &str) -> Diagnostic {
    match span {
        Some(span) => Diagnostic::new(code, message, span, label),
        None => Diagnostic::without_place(code, message),
    }
}

/// `what` tells what is there instead.
pub(super) fn no_file(what: String, span: Option<Span>) -> Diagnostic {
    let diagnostic = at(Code::SEG0854, what, span, "named here");
    match span {
        Some(_) => diagnostic.with_help("paths are relative to the folder of the project file"),
        None => diagnostic,
    }
}

pub(super) fn unknown_format(path: &str, span: Option<Span>) -> Diagnostic {
    at(Code::SEG0854, format!("the name `{path}` does not tell a format"), span, "named here")
        .with_help("say it with `format = \"ndjson\"`, `\"csv\"`, `\"parquet\"` or `\"arrow\"`")
}

pub(super) fn unreadable(path: &str, reason: &str, span: Option<Span>) -> Diagnostic {
    at(Code::SEG0854, format!("the data file `{path}` cannot be read: {reason}"), span, "named here")
}

/// A file of which no record could be used; the report tells why.
pub(super) fn no_record(path: &str, records: u64, report: &Report, file: u32, span: Option<Span>) -> Diagnostic {
    let none = format!("of the data file `{path}` no record can be used, out of {records}");
    report.of_file(file).lines().fold(at(Code::SEG0854, none, span, "named here"), |d, line| d.with_help(line))
}

pub(super) fn findings(report: &Report) -> Diagnostic {
    let count: u64 = report.findings.iter().filter(|(kind, ..)| !kind.is_note()).map(|(.., f)| f.count).sum();
    let diagnostic = Diagnostic::without_place(
        Code::SEG0855,
        format!("the data has {}, and the run is strict", counted(count, "finding")),
    );
    report.to_text().lines().fold(diagnostic, |d, line| d.with_help(line))
}

pub(super) fn no_profiles(store: &Path) -> Diagnostic {
    let what = format!("the data has no profile, and nothing would be left in the store `{}`", store.display());
    Diagnostic::without_place(Code::SEG0859, what).with_help("the store is as it was")
}

pub(super) fn output_exists(path: &str) -> Diagnostic {
    Diagnostic::without_place(Code::SEG0856, format!("the file `{path}` exists already"))
        .with_help("another name keeps both; `--replace` replaces it")
}

pub(super) fn unwritable(path: &str, reason: &str) -> Diagnostic {
    Diagnostic::without_place(Code::SEG0857, format!("the file `{path}` cannot be written: {reason}"))
}

pub(super) fn nothing_to_init() -> Diagnostic {
    Diagnostic::without_place(Code::SEG0858, "a new project needs a file of profiles or of events")
}

/// No column could be guessed; `flag` names one.
pub(super) fn no_role<'a>(role: &str, flag: &str, columns: impl Iterator<Item = &'a str>) -> Diagnostic {
    Diagnostic::without_place(Code::SEG0858, format!("no column looks like the {role}"))
        .with_help(format!("`{flag} COLUMN` names it; the columns are {}", listed(columns)))
}

pub(super) fn no_column<'a>(column: &str, columns: impl Iterator<Item = &'a str>) -> Diagnostic {
    Diagnostic::without_place(Code::SEG0858, format!("the data has no column `{column}`"))
        .with_help(format!("the columns are {}", listed(columns)))
}

/// Why a file is no use at all: a column that every record needs is not there.
pub(super) fn lacks_column<'a>(column: &str, columns: impl Iterator<Item = &'a str> + Clone) -> String {
    let like = crate::diagnostics::suggest::closest(column, columns.clone());
    let like = like.map_or(String::new(), |like| format!("; did you mean `{like}`?"));
    format!("it has no column `{column}`, which is needed; it has {}{like}", listed(columns))
}

/// That there is no column, and of one whose name differs in case alone.
pub(super) fn not_among<'a>(place: &str, column: &str, mut columns: impl Iterator<Item = &'a str>) -> String {
    let folded = column.to_lowercase();
    match columns.find(|other| other.to_lowercase() == folded) {
        Some(like) => format!("not in the {place}, which has `{like}`"),
        None => format!("not in the {place}"),
    }
}

fn listed<'a>(columns: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 30;
    const LONGEST: usize = 60;
    let shown = |name: &str| match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &name[..end]),
        None => format!("`{name}`"),
    };
    columns.take(MOST).map(shown).collect::<Vec<_>>().join(", ")
}
