//! What completion offers: the words of the language by place, literals by type, functions, fields. Invariant: an offer's label is
//! what is written, quotes of names included.

use crate::builtins::registry::{self, Form};
use crate::schema::Field;
use crate::syntax::words::needs_quotes;
use crate::types::{BUCKETS, Ty};

use super::completion::{Completion, CompletionKind};

pub(super) const ITEMS: &[&str] = &["segment", "let", "param", "event", "import", "propensity", "test", "schema"];
pub(super) const SEGMENT: &[&str] = &["where", "rank by", "sample"];
pub(super) const PROPENSITY: &[&str] = &[
    "predict", "for", "using", "static", "deny", "cutoffs", "trees", "depth", "seed", "buckets", "require", "max age",
];
pub(super) const TEST: &[&str] = &["now", "profile", "expect"];
pub(super) const TYPES: &[&str] =
    &["bool", "int", "decimal", "float", "string", "date", "timestamp", "duration", "list<string>"];
pub(super) const UNITS: &[&str] = &["day", "week", "month", "quarter", "year"];
pub(super) const LENGTHS: &[&str] = &["days", "weeks", "months", "years", "hours", "minutes"];
pub(super) const OPERANDS: &[&str] =
    &["not", "if", "true", "false", "now", "today", "yesterday", "tomorrow", "profile", "member"];

pub(super) fn operators_of(ty: &Ty) -> &'static [&'static str] {
    match ty {
        Ty::String | Ty::Enum(_) => {
            &["==", "!=", "in", "not in", "starts with", "ends with", "contains", "like", "matches"]
        }
        Ty::Date | Ty::Timestamp => &["in last", "in next", "in this", "on", "before", "after", "between", "==", ">="],
        Ty::List(_) => &["contains", "has any", "has all", "within"],
        Ty::Bool => &["==", "!="],
        Ty::Map(_) | Ty::Object(_) => &[],
        Ty::Error
        | Ty::Int
        | Ty::Decimal(_)
        | Ty::Float
        | Ty::Duration
        | Ty::Probability
        | Ty::Score
        | Ty::Percentile
        | Ty::Bucket => &["==", "!=", ">", ">=", "<", "<=", "between", "in"],
    }
}

pub(super) fn literals(ty: &Ty) -> Vec<Completion> {
    let quoted =
        |(value, title): &(String, String)| completion(&format!("\"{value}\""), CompletionKind::Value, title, "");
    match ty {
        Ty::Enum(values) => values.values.iter().map(quoted).collect(),
        Ty::Bool => keywords(&["true", "false"]),
        Ty::Bucket => keywords(&BUCKETS),
        Ty::Date | Ty::Timestamp => keywords(&["today", "yesterday", "now"]),
        _ => Vec::new(),
    }
}

pub(super) fn fits(found: &Ty, wanted: &Ty) -> bool {
    found == wanted || (found.is_text() && wanted.is_text()) || (found.is_number() && wanted.is_number())
}

pub(super) fn windows() -> Vec<Completion> {
    let mut items = keywords(&["last", "next", "this", "previous"]);
    items.extend(
        ["last 7 days", "last 30 days", "last 12 months", "this month"]
            .map(|window| completion(window, CompletionKind::Snippet, "window", "")),
    );
    items
}

pub(super) fn durations() -> Vec<Completion> {
    ["7 days", "30 days", "90 days", "12 months", "24 hours"]
        .map(|length| completion(length, CompletionKind::Snippet, "duration", ""))
        .to_vec()
}

pub(super) fn functions() -> Vec<Completion> {
    let callable = registry::all().filter(|builtin| builtin.form != Form::Operator);
    callable
        .map(|builtin| {
            let usage = builtin.usages().join("\n");
            let examples: String = builtin.examples.iter().map(|example| format!("\n- `{example}`")).collect();
            let docs = format!("{}\n{examples}", builtin.doc);
            let mut item = completion(builtin.name, CompletionKind::Function, &usage, &docs);
            item.insert = format!("{}($1)", builtin.name);
            item
        })
        .collect()
}

pub(super) fn keywords(words: &[&str]) -> Vec<Completion> {
    words.iter().map(|word| completion(word, CompletionKind::Keyword, "", "")).collect()
}

pub(super) fn field(name: &str, field: &Field, after_dot: bool) -> Completion {
    let label = if needs_quotes(name, after_dot) { format!("`{name}`") } else { name.to_owned() };
    completion(&label, CompletionKind::Field, &field.ty.to_string(), &super::hover::field_docs(field))
}

pub(super) fn completion(label: &str, kind: CompletionKind, detail: &str, docs: &str) -> Completion {
    let (label, detail, docs) = (label.to_owned(), detail.to_owned(), docs.to_owned());
    Completion { label, kind, detail, docs, insert: String::new() }
}
