//! What the pipeline has to say, one constructor a code.

use std::io;

use crate::diagnostics::{Code, Diagnostic, Label, suggest};
use crate::project::Located;
use crate::source::Span;
use crate::sql::registry::{DIALECTS, Entry};

/// A file that cannot be read.
pub(super) fn unreadable(path: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::without_place(Code::SEG0861, format!("`{path}` cannot be read: {}", io_reason(error)))
}

/// The operating system's reason in words.
pub fn io_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".into(),
        io::ErrorKind::PermissionDenied => "permission is denied".into(),
        io::ErrorKind::IsADirectory => "it is a folder".into(),
        io::ErrorKind::FileTooLarge => format!("it has more than {} bytes", crate::limits::SCHEMA_FILE_BYTES),
        io::ErrorKind::NotADirectory => "a part of its path is no folder".into(),
        _ => {
            let text = error.to_string();
            let text = if error.raw_os_error().is_some() { text.to_lowercase() } else { text };
            text.split(" (os error").next().unwrap_or_default().to_owned()
        }
    }
}

/// A column that is to be cast, and is none of the table's.
pub(super) fn cast_of_no_column<'a>(
    column: &str,
    table: &str,
    known: impl Iterator<Item = &'a str>,
    span: Option<Span>,
) -> Diagnostic {
    let message = format!("`cast` names `{column}`, and the schema has no column `{column}` in `{table}`");
    let diagnostic = setting(message, "no column of the schema's", span);
    match suggest::closest(column, known) {
        Some(close) => diagnostic.with_help(format!("did you mean `{close}`?")),
        None => diagnostic.with_help("`cast` names columns as the table has them"),
    }
}

/// A column that is to be cast, and holds lists, maps or objects.
pub(super) fn cast_of_several(column: &str, span: Option<Span>) -> Diagnostic {
    let message = format!("`cast` names `{column}`, which holds more than one value");
    setting(message, "a list, a map or an object", span)
        .with_help("make a view in the database that casts what is within it")
}

/// A dialect that SQL is not emitted in.
pub(super) fn no_dialect(dialect: &Located<String>) -> Diagnostic {
    let known: Vec<&str> = DIALECTS.iter().map(Entry::name).collect();
    let close = suggest::closest(&dialect.value, DIALECTS.iter().flat_map(Entry::names));
    let help = match close {
        Some(close) => format!("did you mean `{close}`?"),
        None => format!("there are {}", known.join(", ")),
    };
    setting(format!("there is no dialect `{}`", dialect.value), "no dialect", dialect.span).with_help(help)
}

/// A list that is to be in a table of its own, and is no list of the schema's.
pub(super) fn no_list(path: &str, ty: Option<String>, span: Option<Span>) -> Diagnostic {
    let message = match ty {
        Some(ty) => format!("`lists` names `{path}`, which is of type `{ty}`"),
        None => format!("`lists` names `{path}`, and the schema has no such field here"),
    };
    setting(message, "no list", span).with_help("`lists` names paths of the schema that are lists")
}

/// A list that is to be in a table of its own, whose records cannot be told apart.
pub(super) fn list_of_no_key(path: &str, span: Option<Span>) -> Diagnostic {
    let message =
        format!("the elements of `{path}` cannot be told to be of one record: it has no id in a column of its own");
    setting(message, "a list of these records", span).with_help("`id = \"…\"` names the column of the events' own ids")
}

fn setting(message: String, label: &str, span: Option<Span>) -> Diagnostic {
    let mut diagnostic = Diagnostic::without_place(Code::SEG0852, message);
    diagnostic.labels.extend(span.map(|span| Label { span, message: label.into(), primary: true }));
    diagnostic
}

/// A project beyond a limit.
pub(super) fn too_large(what: &str, limit: usize) -> Diagnostic {
    Diagnostic::without_place(Code::SEG0862, format!("the project has more than {limit} {what}"))
        .with_help("split it into several projects")
}

/// No `.seg` file at all.
pub(super) fn no_sources(patterns: &[String]) -> Diagnostic {
    let patterns = patterns.iter().map(|p| format!("`{p}`")).collect::<Vec<_>>().join(", ");
    Diagnostic::without_place(Code::SEG0863, format!("no `.seg` file matches {patterns}"))
        .with_help("name the files, or set `sources` in the project file")
}

/// No schema was named.
pub(super) fn no_schema() -> Diagnostic {
    Diagnostic::without_place(Code::SEG0864, "no schema is named")
        .with_help(
            "set `schema = \"…\"` in the project file, write `schema \"…\"` in a `.seg` file, or give `--schema`",
        )
        .with_help("`segc init` writes a first schema from data")
}

/// Two files name different schemas.
pub(super) fn two_schemas(first: Span, second: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0865, "the project has one schema, and this names another", second, "another schema")
        .with_label(first, "named here first")
        .with_help("name it once, best in the project file")
}

/// A lint level for something that is not a lint.
pub(super) fn unknown_lint(name: &str, span: Option<Span>) -> Diagnostic {
    let mut diagnostic = Diagnostic::without_place(Code::SEG0866, format!("there is no lint `{name}`"));
    if let Some(span) = span {
        diagnostic.labels.push(Label { span, message: "not a lint".into(), primary: true });
    }
    let names = Code::ALL.iter().map(|code| code.info().name);
    match suggest::closest(name, names) {
        Some(close) => diagnostic.with_help(format!("did you mean `{close}`?")),
        None => diagnostic,
    }
}

/// A lint level for a code that is always an error.
pub(super) fn not_a_lint(name: &str, span: Option<Span>) -> Diagnostic {
    let mut diagnostic =
        Diagnostic::without_place(Code::SEG0866, format!("`{name}` is an error, and only warnings have a level"));
    diagnostic.labels.extend(span.map(|span| Label { span, message: "not a lint".into(), primary: true }));
    diagnostic
}

/// A value for a param that nothing declares.
pub(super) fn unknown_param<'a>(name: &str, known: impl Iterator<Item = &'a str>, span: Option<Span>) -> Diagnostic {
    let mut diagnostic = Diagnostic::without_place(Code::SEG0322, format!("no `param` is named `{name}`"));
    diagnostic.labels.extend(span.map(|span| Label { span, message: "the value of what?".into(), primary: true }));
    let known: Vec<&str> = known.collect();
    if let Some(close) = suggest::closest(name, known.iter().copied()) {
        return diagnostic.with_help(format!("did you mean `{close}`?"));
    }
    if known.is_empty() {
        return diagnostic.with_help("no file declares one");
    }
    let listed: Vec<String> = known.iter().take(10).map(|name| format!("`{name}`")).collect();
    diagnostic.with_help(format!("there are {}{}", listed.join(", "), if known.len() > 10 { ", …" } else { "" }))
}

/// A way in which data lies that emitted SQL cannot read.
pub(super) fn not_in_sql(what: &str, span: Option<Span>) -> Diagnostic {
    let message = format!("the project has {what}, which emitted SQL does not read");
    let mut diagnostic = Diagnostic::without_place(Code::SEG0504, message);
    diagnostic.labels.extend(span.map(|span| Label { span, message: "said here".into(), primary: true }));
    diagnostic.with_help(
        "make a view in the database that says it, and describe that view in a project file of its own for SQL",
    )
}
