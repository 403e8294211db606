//! From descriptions to the model: every object becomes an entry of the table, every field gets its type.
//! Names `types`, serde_json. Invariant: parts that are the same in structure become one object, entered in the table
//! before its fields are, so that a schema that holds itself is composed in finite time.

use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::errors;
use super::reader::{Documents, Part, Report};
use super::shape::{Entry, Shape, gather};
use super::{Field, Object};
use crate::limits::{JSON_DEPTH, SCHEMA_FIELDS, SCHEMA_OBJECTS};
use crate::types::{Digits, EnumType, MAX_DIGITS, ObjectId, Ty, Type};

/// The digits of a decimal whose schema gives only a scale: what a double holds for certain.
const DIGITS: u8 = 15;

/// A schema while it is composed.
pub(super) struct Compose<'a, 'r, 's> {
    pub documents: &'a Documents,
    pub report: &'r mut Report<'s>,
    pub objects: Vec<Object>,
    /// The class of our own format that is being composed; its `definitions` are searched too.
    pub within: Vec<Part<'a>>,
    /// How many fields there are so far.
    fields: usize,
    known: FxHashMap<(Vec<usize>, Option<&'a str>), ObjectId>,
    /// The keys at which fields point at a class, to be checked when all classes are known.
    pub relationships: Vec<(String, Ty, Part<'a>)>,
}

/// A field on its way: where it is and how its object calls it.
#[derive(Clone, Copy)]
struct Here<'a, 'n> {
    name: &'n str,
    context: Option<&'a str>,
    depth: usize,
}

impl<'a, 'r, 's> Compose<'a, 'r, 's> {
    pub fn new(documents: &'a Documents, report: &'r mut Report<'s>) -> Self {
        let known = FxHashMap::default();
        let (objects, within, relationships) = Default::default();
        Compose { documents, report, objects, within, fields: 0, known, relationships }
    }

    /// Composes a class from its parts; every class gets an object of its own.
    pub fn class(&mut self, name: &str, parts: &[Part<'a>]) -> (ObjectId, Shape<'a>) {
        let mut shape = gather(self.documents, self.report, parts, None, &self.within);
        let id = self.new_object(name);
        let fields = std::mem::take(&mut shape.fields);
        self.fill(id, fields, 0, parts);
        (id, shape)
    }

    fn new_object(&mut self, name: &str) -> ObjectId {
        self.objects.push(Object { name: name.to_owned(), fields: IndexMap::new() });
        ObjectId(self.objects.len() as u32 - 1)
    }

    /// Composes the fields of an object that is in the table already.
    fn fill(&mut self, id: ObjectId, entries: IndexMap<String, Entry<'a>>, depth: usize, parts: &[Part<'a>]) {
        let mut folded: FxHashMap<String, String> = FxHashMap::default();
        let mut fields = IndexMap::with_capacity(entries.len());
        self.fields += entries.len();
        for (name, entry) in entries {
            if let Some(other) = folded.insert(name.to_lowercase(), name.clone())
                && let Some(part) = entry.parts.first().or(parts.first())
            {
                let place = self.report.place(self.documents, *part, None);
                self.report.push(errors::differ_by_case(&other, &name, &place));
            }
            let field = self.field(&name, entry, depth + 1);
            fields.insert(name, field);
        }
        if let Some(object) = self.objects.get_mut(id.0 as usize) {
            object.fields = fields;
        }
    }

    fn field(&mut self, name: &str, entry: Entry<'a>, depth: usize) -> Field {
        let shape = gather(self.documents, self.report, &entry.parts, entry.context, &self.within);
        let text = |word: &str| {
            let text = shape.words.get(word).and_then(|(value, _)| value.as_str()).unwrap_or_default();
            text.trim().to_owned()
        };
        let (title, description) = (text("title"), text("description"));
        let labels = labels(shape.words.get("meta:labels").map(|(value, _)| *value));
        let relationship = shape.words.get("meta:relationship").and_then(|(v, part)| Some((v.as_str()?, *part)));
        if let Some((first, second, part)) = shape.conflict {
            let place = self.report.place(self.documents, part, Some("type"));
            self.report.push(errors::type_conflict(name, first, second, &place));
        }
        let optional = !entry.required;
        let here = Here { name, context: entry.context, depth };
        let ty = self.ty(shape, &entry.parts, entry.below, here);
        if let Some((class, part)) = relationship {
            self.relationships.push((class.to_owned(), ty.clone(), part));
        }
        let relationship = relationship.map(|(class, _)| class.to_owned());
        Field { ty: Type { ty, optional }, title, description, labels, relationship }
    }

    fn ty(
        &mut self,
        shape: Shape<'a>,
        parts: &[Part<'a>],
        below: IndexMap<String, Entry<'a>>,
        here: Here<'a, '_>,
    ) -> Ty {
        if here.depth > JSON_DEPTH || self.is_full() {
            return self.too_large(parts);
        }
        if !below.is_empty() {
            return self.object(shape, below, parts, here);
        }
        if shape.broken && shape.structure.is_empty() {
            return Ty::Error;
        }
        match kind(&shape) {
            Ok(Kind::Object) => self.object(shape, below, parts, here),
            Ok(Kind::List) if !shape.items.is_empty() => Ty::List(Box::new(self.inner(&shape.items, here))),
            Ok(Kind::Map) if !shape.values.is_empty() => Ty::Map(Box::new(self.inner(&shape.values, here))),
            Ok(Kind::List) => self.unknown("a list without `items`", parts),
            Ok(Kind::Map) => self.unknown("a map without `additionalProperties`", parts),
            Ok(Kind::Number(number)) => self.number(number, &shape, parts),
            Ok(Kind::Text) => self.text(&shape, parts),
            Ok(Kind::Plain(ty)) => ty,
            Err(what) => self.unknown(&what, parts),
        }
    }

    /// The type of a list's elements or a map's values.
    fn inner(&mut self, parts: &[Part<'a>], here: Here<'a, '_>) -> Ty {
        let shape = gather(self.documents, self.report, parts, here.context, &self.within);
        self.ty(shape, parts, IndexMap::new(), Here { depth: here.depth + 1, ..here })
    }

    fn object(
        &mut self,
        shape: Shape<'a>,
        below: IndexMap<String, Entry<'a>>,
        parts: &[Part<'a>],
        here: Here<'a, '_>,
    ) -> Ty {
        let mut fields = shape.fields;
        let whole = below.is_empty();
        for (name, entry) in below {
            join(&mut fields, name, entry);
        }
        let key = (shape.structure, here.context);
        if whole && let Some(id) = self.known.get(&key) {
            return Ty::Object(*id);
        }
        let id = self.new_object(here.name);
        if whole && !key.0.is_empty() {
            self.known.insert(key, id);
        }
        self.fill(id, fields, here.depth, parts);
        Ty::Object(id)
    }

    fn number(&mut self, number: Ty, shape: &Shape<'a>, parts: &[Part<'a>]) -> Ty {
        if let Some(Value::String(scale)) = shape.words.get("meta:segType").map(|(value, _)| value) {
            return match scale.as_str() {
                "probability" => Ty::Probability,
                "score" => Ty::Score,
                "percentile" => Ty::Percentile,
                other => self.unknown(&format!("`meta:segType` of a number cannot be `{other}`"), parts),
            };
        }
        let Some((scale, part)) = shape.words.get("meta:scale") else { return number };
        let digits = shape.words.get("meta:digits").map_or(Some(u64::from(DIGITS)), |(value, _)| value.as_u64());
        match (scale.as_u64(), digits) {
            (Some(scale), Some(digits)) if scale <= digits && (1..=u64::from(MAX_DIGITS)).contains(&digits) => {
                Ty::Decimal(Digits { precision: digits as u8, scale: scale as u8 })
            }
            _ => {
                let place = self.report.place(self.documents, *part, Some("meta:scale"));
                let help = "`meta:digits` is 1 to 38 (15 if not given), and `meta:scale` no more than that";
                self.report.push(errors::bad_field("the digits of this number are out of range", help, &place));
                number
            }
        }
    }

    fn text(&mut self, shape: &Shape<'a>, parts: &[Part<'a>]) -> Ty {
        match shape.words.get("meta:segType").and_then(|(value, _)| value.as_str()) {
            Some("bucket") => return Ty::Bucket,
            Some(other) => return self.unknown(&format!("`meta:segType` of a string cannot be `{other}`"), parts),
            None => {}
        }
        let titles = enum_values(shape.words.get("meta:enum").map(|(value, _)| *value));
        let closed = enum_values(shape.words.get("enum").map(|(value, _)| *value));
        let (values, open) = if closed.is_empty() { (titles, true) } else { (with_titles(closed, &titles), false) };
        if !values.is_empty() {
            return Ty::Enum(Arc::new(EnumType { values, open }));
        }
        match shape.words.get("format").and_then(|(value, _)| value.as_str()) {
            Some("date") => Ty::Date,
            Some("date-time") => Ty::Timestamp,
            _ => Ty::String,
        }
    }

    fn unknown(&mut self, what: &str, parts: &[Part<'a>]) -> Ty {
        if let Some(part) = parts.first() {
            let place = self.report.place(self.documents, *part, None);
            self.report.push(errors::unknown_type(what, &place));
        }
        Ty::Error
    }

    fn is_full(&self) -> bool {
        self.objects.len() >= SCHEMA_OBJECTS || self.fields >= SCHEMA_FIELDS
    }

    fn too_large(&mut self, parts: &[Part<'a>]) -> Ty {
        if let Some(part) = parts.first() {
            let place = self.report.place(self.documents, *part, None);
            let what = if self.is_full() { "it has too many fields" } else { "it nests too deeply" };
            self.report.push(errors::too_large(what, &place));
        }
        Ty::Error
    }
}

/// Puts an entry among fields, joined with one of the same name.
fn join<'a>(fields: &mut IndexMap<String, Entry<'a>>, name: String, entry: Entry<'a>) {
    let known = fields.entry(name).or_default();
    known.parts.extend(entry.parts);
    known.required |= entry.required;
    known.context = known.context.or(entry.context);
    for (name, below) in entry.below {
        join(&mut known.below, name, below);
    }
}

/// What sort of type a shape has, before its details.
enum Kind {
    Object,
    List,
    Map,
    Number(Ty),
    Text,
    Plain(Ty),
}

/// The sort of a shape's type: what XDM calls it, else what JSON Schema calls it, else what it looks like.
fn kind(shape: &Shape<'_>) -> Result<Kind, String> {
    let word = |word: &str| shape.words.get(word).map(|(value, _)| *value);
    match word("meta:xdmType").and_then(Value::as_str) {
        Some("map") => return Ok(Kind::Map),
        Some("date") => return Ok(Kind::Plain(Ty::Date)),
        Some("date-time") => return Ok(Kind::Plain(Ty::Timestamp)),
        Some("boolean") => return Ok(Kind::Plain(Ty::Bool)),
        Some("long" | "int" | "integer" | "short" | "byte") => return Ok(Kind::Number(Ty::Int)),
        Some("number" | "double" | "float") => return Ok(Kind::Number(Ty::Float)),
        Some("string" | "object" | "array") | None => {}
        Some(other) => return Err(format!("`meta:xdmType` cannot be `{other}`")),
    }
    let Some(given) = word("type").or_else(|| word("meta:xdmType")) else { return looks_like(shape) };
    let name = match given {
        Value::String(name) => name.as_str(),
        Value::Array(names) => {
            let mut names = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            match (names.next(), names.next(), names.next()) {
                (Some(name), None, None) => name,
                (Some("integer"), Some("number"), None) | (Some("number"), Some("integer"), None) => "number",
                _ => return Err("`type` allows more than one".to_owned()),
            }
        }
        _ => return Err("`type` is neither a name nor a list of names".to_owned()),
    };
    match name {
        "boolean" => Ok(Kind::Plain(Ty::Bool)),
        "integer" => Ok(Kind::Number(Ty::Int)),
        "number" => Ok(Kind::Number(Ty::Float)),
        "string" => Ok(Kind::Text),
        "array" => Ok(Kind::List),
        "object" if shape.fields.is_empty() && !shape.values.is_empty() => Ok(Kind::Map),
        "object" => Ok(Kind::Object),
        other => Err(format!("`type` cannot be `{other}`")),
    }
}

/// The sort of a type that the schema does not name.
fn looks_like(shape: &Shape<'_>) -> Result<Kind, String> {
    let has = |word: &str| shape.words.contains_key(word);
    if !shape.fields.is_empty() {
        Ok(Kind::Object)
    } else if !shape.items.is_empty() {
        Ok(Kind::List)
    } else if !shape.values.is_empty() {
        Ok(Kind::Map)
    } else if has("enum") || has("meta:enum") || has("format") {
        Ok(Kind::Text)
    } else {
        Err("it has no `type`".to_owned())
    }
}

/// The values of an `enum` or `meta:enum`, with titles where it is an object.
fn enum_values(word: Option<&Value>) -> Vec<(String, String)> {
    let mut values: IndexMap<String, String> = IndexMap::new();
    match word {
        Some(Value::Array(list)) => {
            values.extend(list.iter().filter_map(Value::as_str).map(|v| (v.to_owned(), String::new())));
        }
        Some(Value::Object(map)) => {
            values.extend(map.iter().map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().trim().to_owned())));
        }
        _ => {}
    }
    values.into_iter().collect()
}

fn with_titles(mut values: Vec<(String, String)>, titles: &[(String, String)]) -> Vec<(String, String)> {
    for (value, title) in &mut values {
        if let Some((_, known)) = titles.iter().find(|(name, _)| name == value) {
            title.clone_from(known);
        }
    }
    values
}

/// The labels of a field, sorted, without the namespace that XDM's label descriptors write (`core/C1`).
pub(super) fn labels(word: Option<&Value>) -> Vec<String> {
    let texts = word.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut labels: Vec<String> = texts.map(|l| l.strip_prefix("core/").unwrap_or(l).to_owned()).collect();
    labels.sort();
    labels.dedup();
    labels
}
