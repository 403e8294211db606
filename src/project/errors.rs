//! The diagnostics of the project file. Names only `diagnostics`. Invariant: one function per code.

use crate::diagnostics::suggest::closest;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::source::Span;

fn at(code: Code, message: String, span: Option<Span>, label: &str) -> Diagnostic {
    match span {
        Some(span) => Diagnostic::new(code, message, span, label),
        None => Diagnostic::without_place(code, message),
    }
}

fn suggest(diagnostic: Diagnostic, name: &str, known: &[&str], span: Option<Span>) -> Diagnostic {
    match (closest(name, known.iter().copied()), span) {
        (Some(near), Some(span)) => diagnostic.with_help(format!("did you mean `{near}`?")).with_fix(
            format!("write `{near}`"),
            span,
            near,
            Applicability::Unsafe,
        ),
        (Some(near), None) => diagnostic.with_help(format!("did you mean `{near}`?")),
        (None, _) => diagnostic,
    }
}

pub(super) fn syntax(problem: &str, span: Span) -> Diagnostic {
    let problem = problem.lines().next().unwrap_or("not TOML");
    Diagnostic::new(Code::SEG0850, "the project file is not valid TOML", span, problem)
}

pub(super) fn unknown_setting(key: &str, section: &str, known: &[&str], span: Option<Span>) -> Diagnostic {
    let place = if section.is_empty() { String::new() } else { format!(" in `{section}`") };
    let diagnostic = at(Code::SEG0851, format!("unknown setting `{key}`{place}"), span, "not a setting");
    let diagnostic = suggest(diagnostic, key, known, span);
    if diagnostic.help.is_empty() {
        return diagnostic.with_help(format!("the settings here are {}", listed(known)));
    }
    diagnostic
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

pub(super) fn invalid(setting: &str, expected: &str, found: &str, span: Option<Span>) -> Diagnostic {
    let message = format!("the setting `{setting}` must be {expected}");
    let label = format!("this is {found}");
    match span {
        Some(span) => Diagnostic::new(Code::SEG0852, message, span, label),
        None => Diagnostic::without_place(Code::SEG0852, message).with_help(format!("the command line gave {found}")),
    }
}

pub(super) fn not_one_of(setting: &str, found: &str, known: &[&str], span: Option<Span>) -> Diagnostic {
    let message = format!("`{found}` is no value of the setting `{setting}`");
    let diagnostic = at(Code::SEG0852, message, span, "not one of its values");
    diagnostic.with_help(format!("write one of {}", listed(known)))
}

pub(super) fn lacks_setting(section: &str, key: &str, span: Option<Span>) -> Diagnostic {
    at(Code::SEG0852, format!("`{section}` needs the setting `{key}`"), span, "it is not there")
}

pub(super) fn leads_out(setting: &str, pattern: &str, span: Option<Span>) -> Diagnostic {
    let message = format!("`{setting}` names files below the project's folder, and `{pattern}` leads out of it");
    at(Code::SEG0852, message, span, "outside of the project")
        .with_help("move the project file up to a folder that holds them all, or name the files on the command line")
}

pub(super) fn bad_override(key: &str) -> Diagnostic {
    Diagnostic::without_place(Code::SEG0851, format!("the command line sets `{key}`, which is no setting"))
        .with_help("a key is a path of settings, such as `profiles.id` or `events.0.files`")
}

pub(super) fn unknown_path<'a>(
    path: &str,
    what: &str,
    known: impl Iterator<Item = &'a str>,
    span: Option<Span>,
) -> Diagnostic {
    let message = format!("the schema has no field `{path}` in {what}");
    let known: Vec<&str> = known.collect();
    suggest(at(Code::SEG0853, message, span, "not in the schema"), path, &known, span)
}

pub(super) fn unknown_class(name: &str, known: &[&str], span: Option<Span>) -> Diagnostic {
    let message = format!("the schema has no class `{name}`");
    suggest(at(Code::SEG0853, message, span, "not a class of the schema"), name, known, span)
}

pub(super) fn more_tables_than_events(tables: usize, events: usize) -> Diagnostic {
    let message = format!("`sql.events` names {tables} tables, and there are {events} `[[events]]`");
    at(Code::SEG0852, message, None, "").with_help("each of `[[events]]` is one table, in the same order")
}

pub(super) fn joins_nothing(setting: &str, why: &str, span: Option<Span>) -> Diagnostic {
    at(Code::SEG0852, format!("`{setting}` joins no columns: {why}"), span, "not joined")
        .with_help("write `{ join = [\"first\", \"second\"], with = \"|\" }`")
}

/// Two ids of profiles that can never be the same: `[what, what]`, each with the text between its columns.
pub(super) fn joined_differently([a, b]: [(&str, &str); 2], span: Option<Span>) -> Diagnostic {
    let message = format!("`{}` joins columns with {:?} and `{}` with {:?}: no id is in both", a.0, a.1, b.0, b.1);
    at(Code::SEG0852, message, span, "joined in another way").with_help("give both the same `with`")
}

pub(super) fn joined_to_no_text(path: &str, ty: &str, span: Option<Span>) -> Diagnostic {
    let message = format!("`{path}` is of type `{ty}`, and only a text can be made of several columns");
    at(Code::SEG0852, message, span, "not a text")
}

pub(super) fn scale_of_no_number(path: &str, ty: &str, span: Option<Span>) -> Diagnostic {
    let message = format!("`{path}` is of type `{ty}`, and only a `float` can be given a scale");
    at(Code::SEG0852, message, span, "not a `float`")
}
