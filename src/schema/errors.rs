//! What can be wrong with a schema, one function per code. Names `diagnostics`. Invariant: every function is given a
//! place, and the place's file and JSON pointer are in the label.

use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;

/// Where in a schema file: its bytes, and its JSON pointer for people.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Absent for what is in no file.
    pub span: Option<Span>,
    pub pointer: String,
}

impl Place {
    /// For what is in no file.
    pub fn nowhere() -> Self {
        Place { span: None, pointer: String::new() }
    }
}

fn at(code: Code, message: String, place: &Place) -> Diagnostic {
    let label = if place.pointer.is_empty() { String::new() } else { format!("at `#{}`", place.pointer) };
    match place.span {
        Some(span) => Diagnostic::new(code, message, span, label),
        None => Diagnostic::without_place(code, message),
    }
}

pub(super) fn bad_json(why: &str, place: &Place) -> Diagnostic {
    at(Code::SEG0801, format!("this is not JSON: {why}"), place)
}

pub(super) fn repeated_key(key: &str, place: &Place) -> Diagnostic {
    let message = format!("the key `{key}` stands twice in one object, and JSON does not say which counts");
    at(Code::SEG0801, message, place).with_help("remove one of the two, or give it another name")
}

pub(super) fn not_text(path: &str, place: &Place) -> Diagnostic {
    at(Code::SEG0801, format!("`{path}` is not UTF-8 text"), place)
}

pub(super) fn too_large(what: &str, place: &Place) -> Diagnostic {
    at(Code::SEG0802, format!("the schema is too large: {what}"), place)
}

pub(super) fn unresolved(reference: &str, similar: Option<&str>, place: &Place) -> Diagnostic {
    let diagnostic = at(Code::SEG0803, format!("`{reference}` refers to nothing"), place);
    match similar {
        Some(similar) => diagnostic.with_help(format!("did you mean `{similar}`?")),
        None => diagnostic.with_help(
            "a reference is `#/definitions/name` in the same file, or the `$id` or the relative path of another file",
        ),
    }
}

pub(super) fn cycle(reference: &str, place: &Place) -> Diagnostic {
    at(Code::SEG0804, format!("`{reference}` includes itself"), place)
        .with_help("an object may hold a field of its own kind, but may not be made of itself")
}

pub(super) fn unknown_type(what: &str, place: &Place) -> Diagnostic {
    at(Code::SEG0805, format!("the type of this field is unknown: {what}"), place)
        .with_help("the types are `boolean`, `integer`, `number`, `string`, `array` with `items`, and `object`")
}

pub(super) fn missing_class(what: &str, place: &Place) -> Diagnostic {
    at(Code::SEG0806, format!("the schema has no {what}"), place).with_help(
        "a schema is a file with `classes`, `profile` and `event` among them, or a folder of XDM files \
         with the classes XDM Individual Profile and XDM ExperienceEvent",
    )
}

pub(super) fn differ_by_case(first: &str, second: &str, place: &Place) -> Diagnostic {
    at(Code::SEG0807, format!("`{first}` and `{second}` differ only by case"), place)
        .with_help("most SQL engines take them for one column")
}

pub(super) fn bad_relationship(what: &str, similar: Option<&str>, place: &Place) -> Diagnostic {
    let diagnostic = at(Code::SEG0808, what.to_owned(), place);
    match similar {
        Some(similar) => diagnostic.with_help(format!("did you mean `{similar}`?")),
        None => diagnostic,
    }
}

pub(super) fn bad_field(what: &str, help: &str, place: &Place) -> Diagnostic {
    at(Code::SEG0809, what.to_owned(), place).with_help(help)
}

pub(super) fn duplicate_id(id: &str, first: &str, place: &Place) -> Diagnostic {
    at(Code::SEG0810, format!("`{id}` is the `$id` of `{first}` already"), place)
        .with_help("the first file by path is used")
}

pub(super) fn type_conflict(name: &str, first: &str, second: &str, place: &Place) -> Diagnostic {
    at(Code::SEG0811, format!("`{name}` is `{first}` in one place and `{second}` in another"), place)
        .with_help("fields that several parts of a schema declare must have one type")
}
