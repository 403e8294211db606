//! The listing of a schema: every leaf with its type and what it means, as text or JSON. Names serde_json and
//! `diagnostics` (for what is safe to print). Invariant: what a schema's author wrote cannot move the cursor, and a
//! listing does not depend on anything but the schema and the options.

use serde_json::{Map, Value, json};

use super::{Class, Field, Schema};
use crate::diagnostics::render::escape::{self, visible};
use crate::types::{ObjectId, Ty};

/// What to list, and how.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShowOptions<'a> {
    /// Text or JSON.
    pub format: ShowFormat,
    /// Only the paths that this matches, in any case: the whole path or its beginning (`homeAddress`,
    /// `homeAddress.c`), where `*` stands for anything (`*email*`). It may begin with a record's name
    /// (`event.commerce`), and then leaves the others out.
    pub pattern: Option<&'a str>,
}

/// How a listing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShowFormat {
    /// Columns for people.
    #[default]
    Text,
    /// One JSON object, for programs.
    Json,
}

/// The longest description in a text listing, in characters.
const DESCRIPTION_WIDTH: usize = 80;
/// The characters of an enum's values in a text listing, after which the others are left out.
const VALUES_WIDTH: usize = 24;

/// A record of the schema: its name, its object, and the class if it is a related one.
struct Record<'s> {
    name: &'s str,
    object: ObjectId,
    class: Option<&'s Class>,
}

/// Lists a schema.
pub fn show(schema: &Schema, options: &ShowOptions<'_>) -> String {
    let own = [("profile", schema.profile), ("event", schema.event)];
    let own = own.into_iter().map(|(name, object)| Record { name, object, class: None });
    let related = schema.classes.iter();
    let related = related.map(|(name, class)| Record { name, object: class.object, class: Some(class) });
    let records: Vec<Record<'_>> = own.chain(related).collect();
    match options.format {
        ShowFormat::Text => text(schema, &records, options.pattern),
        ShowFormat::Json => as_json(schema, &records, options.pattern),
    }
}

/// The leaves of a record that a pattern matches.
fn matching<'s>(schema: &'s Schema, record: &Record<'s>, pattern: Option<&str>) -> Vec<(String, &'s Field)> {
    let leaves = schema.leaves(record.object);
    let Some(pattern) = pattern.map(str::to_lowercase) else { return leaves.collect() };
    leaves
        .filter(|(path, _)| {
            let path = path.to_lowercase();
            matches(&pattern, &path) || matches(&pattern, &format!("{}.{path}", record.name.to_lowercase()))
        })
        .collect()
}

/// Whether a pattern matches the beginning of a path; `*` stands for any characters.
fn matches(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

fn text(schema: &Schema, records: &[Record<'_>], pattern: Option<&str>) -> String {
    let mut out = String::new();
    for record in records {
        let leaves = matching(schema, record, pattern);
        if leaves.is_empty() && pattern.is_some() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        let key = record.class.map(|class| format!(", key {}", visible(&class.key.join(".")))).unwrap_or_default();
        let fields = if leaves.len() == 1 { "field" } else { "fields" };
        out.push_str(&format!("{} ({} {fields}{key})\n", visible(record.name), leaves.len()));
        let rows =
            leaves.iter().map(|(path, field)| [visible(path).into_owned(), type_text(field), description(field)]);
        table(&mut out, &rows.collect::<Vec<_>>());
    }
    let types: Vec<[String; 3]> = schema
        .event_types
        .iter()
        .filter(|(name, _)| pattern.is_none_or(|pattern| matches(&pattern.to_lowercase(), &name.to_lowercase())))
        .map(|(name, known)| [visible(name).into_owned(), one_line(&known.title), one_line(&known.description)])
        .collect();
    if !types.is_empty() {
        let open = if schema.event_types_open { ", others may occur" } else { "" };
        let blank = if out.is_empty() { "" } else { "\n" };
        let noun = if types.len() == 1 { "event type" } else { "event types" };
        out.push_str(&format!("{blank}{} {noun}{open}\n", types.len()));
        table(&mut out, &types);
    }
    out
}

/// Rows of three columns, the first two as wide as their widest cell.
fn table(out: &mut String, rows: &[[String; 3]]) {
    let width = |column: usize, most: usize| {
        rows.iter().map(|row| row[column].chars().count()).filter(|width| *width <= most).max().unwrap_or(0)
    };
    let (first, second) = (width(0, 60), width(1, 40));
    for [a, b, c] in rows {
        let line = format!("  {a:first$}  {b:second$}  {c}");
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// A type with the values of an enum, and the class that it points at.
fn type_text(field: &Field) -> String {
    let mut text = match innermost(&field.ty.ty) {
        Ty::Enum(known) => {
            let mut listed: Vec<&str> = Vec::new();
            let mut width = 0;
            for (value, _) in &known.values {
                width += value.chars().count() + 2;
                if width > VALUES_WIDTH && !listed.is_empty() {
                    listed.push("…");
                    break;
                }
                listed.push(value);
            }
            let open = if known.open { ", *" } else { "" };
            let listed = format!("enum{{{}{open}}}", visible(&listed.join(", ")));
            field.ty.to_string().replacen("enum", &listed, 1)
        }
        _ => field.ty.to_string(),
    };
    if let Some(class) = &field.relationship {
        text.push_str(&format!(" -> {}", visible(class)));
    }
    text
}

fn innermost(ty: &Ty) -> &Ty {
    match ty {
        Ty::List(inner) | Ty::Map(inner) => innermost(inner),
        _ => ty,
    }
}

/// The first sentence or so of what a field means, with its labels.
fn description(field: &Field) -> String {
    let words = if field.description.is_empty() { &field.title } else { &field.description };
    let mut text = one_line(words);
    if text.chars().count() > DESCRIPTION_WIDTH {
        text = text.chars().take(DESCRIPTION_WIDTH - 1).collect::<String>().trim_end().to_owned() + "…";
    }
    if !field.labels.is_empty() {
        let gap = if text.is_empty() { "" } else { " " };
        text.push_str(&format!("{gap}[{}]", visible(&field.labels.join(", "))));
    }
    text
}

fn one_line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}

fn as_json(schema: &Schema, records: &[Record<'_>], pattern: Option<&str>) -> String {
    let mut out = Map::new();
    let mut classes = Map::new();
    for record in records {
        let leaves = matching(schema, record, pattern);
        let fields: Vec<Value> = leaves.iter().map(|(path, field)| field_json(path, field)).collect();
        let mut value = json!({ "leaves": fields.len(), "fields": fields });
        match record.class {
            None => drop(out.insert(record.name.to_owned(), value)),
            Some(class) => {
                value["title"] = json!(class.title);
                value["description"] = json!(class.description);
                value["key"] = json!(class.key.join("."));
                classes.insert(record.name.to_owned(), value);
            }
        }
    }
    out.insert("classes".to_owned(), Value::Object(classes));
    let types = schema
        .event_types
        .iter()
        .map(|(name, known)| (name.clone(), json!({ "title": known.title, "description": known.description })));
    out.insert("eventTypes".to_owned(), Value::Object(types.collect()));
    out.insert("eventTypesOpen".to_owned(), json!(schema.event_types_open));
    let mut text = serde_json::to_string_pretty(&Value::Object(out)).unwrap_or_default();
    text.push('\n');
    escape::json(&text).into_owned()
}

fn field_json(path: &str, field: &Field) -> Value {
    let mut value = json!({
        "path": path,
        "type": field.ty.ty.to_string(),
        "optional": field.ty.optional,
        "title": field.title,
        "description": field.description,
    });
    match innermost(&field.ty.ty) {
        Ty::Enum(known) => {
            let titles = known.values.iter().map(|(name, title)| (name.clone(), json!(title)));
            value["values"] = Value::Object(titles.collect());
            value["open"] = json!(known.open);
        }
        Ty::Decimal(digits) => {
            value["digits"] = json!(digits.precision);
            value["scale"] = json!(digits.scale);
        }
        _ => {}
    }
    if !field.labels.is_empty() {
        value["labels"] = json!(field.labels);
    }
    if let Some(class) = &field.relationship {
        value["relationship"] = json!(class);
    }
    value
}
