//! The project file as a tree of values with their places, and the command line's overrides laid over it. The only place
//! that names the TOML library. Invariant: the order of keys is that of the file.

use indexmap::IndexMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::errors;
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Span};

/// A setting that the command line gives: `profiles.id` and its text. The text is read as a TOML value if it is one that
/// is not a bare word, else it is taken as a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The dotted key. A number is the place in a list of tables (`events.1.files`).
    pub key: String,
    /// The value as text.
    pub value: String,
}

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub value: NodeValue,
    pub span: Option<Span>,
}

#[derive(Debug, Clone)]
pub(super) enum NodeValue {
    String(String),
    Integer(String),
    Float(String),
    Bool(bool),
    /// A date or timestamp as text.
    Time(String),
    Array(Vec<Node>),
    Table(Table),
}

/// Keys with their places.
pub(super) type Table = IndexMap<String, (Option<Span>, Node)>;

impl NodeValue {
    pub fn kind(&self) -> &'static str {
        match self {
            NodeValue::String(_) => "a string",
            NodeValue::Integer(_) => "an integer",
            NodeValue::Float(_) => "a number",
            NodeValue::Bool(_) => "a boolean",
            NodeValue::Time(_) => "a date",
            NodeValue::Array(_) => "a list",
            NodeValue::Table(_) => "a table",
        }
    }
}

/// The tree of a text; syntax errors are reported and what could be read is kept.
pub(super) fn parse(text: &str, file: FileId, diagnostics: &mut Vec<Diagnostic>) -> Table {
    let (table, problems) = DeTable::parse_recoverable(text);
    for problem in problems.iter().take(5) {
        let range = problem.span().unwrap_or(0..0);
        let span = Span::new(file, range.start.min(text.len()), range.end.min(text.len()));
        diagnostics.push(errors::syntax(problem.message(), span));
    }
    own_table(table.get_ref(), Some(file))
}

fn own_table(table: &DeTable<'_>, file: Option<FileId>) -> Table {
    let place = |range: std::ops::Range<usize>| file.map(|file| Span::new(file, range.start, range.end));
    let mut keys: Vec<_> = table.iter().collect();
    keys.sort_by_key(|(key, _)| key.span().start);
    keys.into_iter().map(|(key, value)| (key.get_ref().to_string(), (place(key.span()), own(value, file)))).collect()
}

fn own(value: &Spanned<DeValue<'_>>, file: Option<FileId>) -> Node {
    let range = value.span();
    let owned = match value.get_ref() {
        DeValue::String(text) => NodeValue::String(text.to_string()),
        DeValue::Integer(number) => NodeValue::Integer(
            i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| number.as_str().to_owned(), |n| n.to_string()),
        ),
        DeValue::Float(number) => NodeValue::Float(number.as_str().to_owned()),
        DeValue::Boolean(b) => NodeValue::Bool(*b),
        DeValue::Datetime(time) => NodeValue::Time(time.to_string()),
        DeValue::Array(items) => NodeValue::Array(items.iter().map(|item| own(item, file)).collect()),
        DeValue::Table(table) => NodeValue::Table(own_table(table, file)),
    };
    Node { value: owned, span: file.map(|file| Span::new(file, range.start, range.end)) }
}

/// Lays overrides over a tree.
pub(super) fn lay_over(tree: &mut Table, overrides: &[Override], diagnostics: &mut Vec<Diagnostic>) {
    for Override { key, value } in overrides {
        let steps: Vec<&str> = key.split('.').collect();
        if !put(tree, &steps, override_value(value)) {
            diagnostics.push(errors::bad_override(key));
        }
    }
}

fn override_value(text: &str) -> Node {
    let value = DeValue::parse(text).map(|value| own(&value, None)).ok();
    value.unwrap_or(Node { value: NodeValue::String(text.to_owned()), span: None })
}

/// Puts a value at a key; false where the way leads through something that is no table. Schema paths and class names are
/// keys of their own: below `columns`, `params`, `lints` and `scales` the rest of the key is one step.
fn put(table: &mut Table, steps: &[&str], value: Node) -> bool {
    let [first, rest @ ..] = steps else { return false };
    if rest.is_empty() {
        table.insert((*first).to_owned(), (None, value));
        return true;
    }
    let empty = || (None, Node { value: NodeValue::Table(Table::new()), span: None });
    let inner = table.entry((*first).to_owned()).or_insert_with(empty);
    let joined = rest.join(".");
    let rest = match *first {
        "columns" | "params" | "lints" | "scales" => vec![joined.as_str()],
        _ => rest.to_vec(),
    };
    match &mut inner.1.value {
        // One table stands for a list of one.
        NodeValue::Table(inner) if *first == "events" && rest.len() > 1 && rest[0] == "0" => {
            put(inner, &rest[1..], value)
        }
        NodeValue::Table(inner) => put(inner, &rest, value),
        NodeValue::Array(items) => {
            let (at, rest) = match rest[0].parse::<usize>() {
                Ok(at) => (at, &rest[1..]),
                Err(_) if items.len() == 1 => (0, &rest[..]),
                Err(_) => return false,
            };
            match items.get_mut(at).map(|item| &mut item.value) {
                Some(NodeValue::Table(inner)) => put(inner, rest, value),
                _ => false,
            }
        }
        _ => false,
    }
}
