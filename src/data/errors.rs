//! The diagnostics of data files. Names only `diagnostics`. Invariant: one function per fault; values of the data are
//! never in a message.

use super::report::Report;
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;

fn at(code: Code, message: String, span: Option<Span>, label: &str) -> Diagnostic {
    match span {
        Some(span) => Diagnostic::new(code, message, span, label),
        None => Diagnostic::without_place(code, message),
    }
}

pub(super) fn no_file(pattern: &str, span: Option<Span>) -> Diagnostic {
    at(Code::SEG0854, format!("there is no data file `{pattern}`"), span, "named here")
        .with_help("paths are relative to the folder of the project file")
}

pub(super) fn unknown_format(path: &str, span: Option<Span>) -> Diagnostic {
    at(Code::SEG0854, format!("the name `{path}` does not tell a format"), span, "named here")
        .with_help("say it with `format = \"ndjson\"`, `\"csv\"`, `\"parquet\"` or `\"arrow\"`")
}

pub(super) fn unreadable(path: &str, reason: &str, span: Option<Span>) -> Diagnostic {
    at(Code::SEG0854, format!("the data file `{path}` cannot be read: {reason}"), span, "named here")
}

pub(super) fn findings(report: &Report) -> Diagnostic {
    let count: u64 = report.findings.iter().filter(|(kind, ..)| !kind.is_note()).map(|(.., f)| f.count).sum();
    let diagnostic =
        Diagnostic::without_place(Code::SEG0855, format!("the data has {count} findings, and the run is strict"));
    report.to_text().lines().fold(diagnostic, |d, line| d.with_help(line))
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

pub(super) fn no_role<'a>(role: &str, columns: impl Iterator<Item = &'a str>) -> Diagnostic {
    Diagnostic::without_place(Code::SEG0858, format!("no column looks like the {role}"))
        .with_help(format!("the columns are {}; name the right one", listed(columns)))
}

pub(super) fn no_column<'a>(column: &str, columns: impl Iterator<Item = &'a str>) -> Diagnostic {
    Diagnostic::without_place(Code::SEG0858, format!("the data has no column `{column}`"))
        .with_help(format!("the columns are {}", listed(columns)))
}

fn listed<'a>(columns: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 30;
    columns.take(MOST).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
