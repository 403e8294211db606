//! All that the parts of a description say of one value, brought together: `$ref` followed, `allOf` merged, the same
//! field of several parts joined. Names serde_json. Invariant: each part counts once, so a circle of references ends.

use indexmap::IndexMap;
use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use super::compact::{compact, context};
use super::errors;
use super::json::identity;
use super::reader::{Documents, Part, Report};
use crate::limits::JSON_DEPTH;

/// What is known of one value.
#[derive(Debug, Default)]
pub(super) struct Shape<'a> {
    /// Its fields, if it has some.
    pub fields: IndexMap<String, Entry<'a>>,
    /// Its elements, if it is a list.
    pub items: Vec<Part<'a>>,
    /// Its values, if it is a map.
    pub values: Vec<Part<'a>>,
    /// Every other keyword, from the outermost part that has it, with that part.
    pub words: IndexMap<&'static str, (&'a Value, Part<'a>)>,
    /// The types that parts give, where they differ from the first.
    pub conflict: Option<(&'a str, &'a str, Part<'a>)>,
    /// Whether a reference on the way could not be followed; it was complained of.
    pub broken: bool,
    /// The parts that have fields, elements or values, or require some: what makes two objects the same.
    pub structure: Vec<usize>,
}

/// A field before its own parts are brought together.
#[derive(Debug, Default, Clone)]
pub(super) struct Entry<'a> {
    pub parts: Vec<Part<'a>>,
    /// Fields that names such as `repo:createDate` put below it.
    pub below: IndexMap<String, Entry<'a>>,
    pub required: bool,
    /// Its own name, if that is a URI.
    pub context: Option<&'a str>,
}

/// The keywords of which the outermost counts.
const WORDS: &[&str] = &[
    "title",
    "description",
    "type",
    "format",
    "enum",
    "meta:enum",
    "meta:xdmType",
    "meta:segType",
    "meta:scale",
    "meta:digits",
    "meta:relationship",
    "meta:labels",
    "meta:key",
];

/// A walk that brings parts together.
struct Gather<'a, 'r, 's> {
    documents: &'a Documents,
    report: &'r mut Report<'s>,
    /// The name of the field that all this is about, if that is a URI.
    context: Option<&'a str>,
    /// The classes of our own format in which `#/definitions` is searched too.
    within: &'r [Part<'a>],
    seen: FxHashSet<usize>,
    way: Vec<usize>,
    required: Vec<(&'a str, bool)>,
}

/// Brings parts together.
pub(super) fn gather<'a>(
    documents: &'a Documents,
    report: &mut Report<'_>,
    parts: &[Part<'a>],
    context: Option<&'a str>,
    within: &[Part<'a>],
) -> Shape<'a> {
    let mut shape = Shape::default();
    let (seen, way, required) = Default::default();
    let mut walk = Gather { documents, report, context, within, seen, way, required };
    for part in parts {
        walk.part(*part, &mut shape);
    }
    for (name, own) in walk.required {
        let path = if own { vec![name.to_owned()] } else { compact(name, context) };
        if let Some(entry) = entry_at(&mut shape.fields, &path) {
            entry.required = true;
        }
    }
    shape
}

impl<'a> Gather<'a, '_, '_> {
    fn part(&mut self, part: Part<'a>, shape: &mut Shape<'a>) {
        let here = identity(part.node);
        if !self.seen.insert(here) {
            return;
        }
        self.way.push(here);
        words(part, shape);
        self.own_fields(part, shape);
        if let Some(Value::String(reference)) = part.node.get("$ref") {
            self.follow(reference, part, shape);
        }
        for alternative in included(part.node) {
            self.part(Part { node: alternative, ..part }, shape);
        }
        self.way.pop();
    }

    fn follow(&mut self, reference: &'a str, part: Part<'a>, shape: &mut Shape<'a>) {
        let Some(target) = self.documents.resolve(reference, part.document, self.within) else {
            let similar = self.documents.similar(reference, part.document, self.within);
            let place = self.report.place(self.documents, part, Some("$ref"));
            self.report.push(errors::unresolved(reference, similar.as_deref(), &place));
            shape.broken = true;
            return;
        };
        if self.way.contains(&identity(target.node)) {
            let place = self.report.place(self.documents, part, Some("$ref"));
            self.report.push(errors::cycle(reference, &place));
            shape.broken = true;
        } else if self.way.len() >= JSON_DEPTH {
            let place = self.report.place(self.documents, part, Some("$ref"));
            self.report.push(errors::too_large("references lead on too often", &place));
            shape.broken = true;
        } else {
            self.part(target, shape);
        }
    }

    /// The fields, elements and values that a part itself declares.
    fn own_fields(&mut self, part: Part<'a>, shape: &mut Shape<'a>) {
        let own = self.documents.list.get(part.document).is_some_and(|document| document.own);
        let mut structured = false;
        if let Some(Value::Object(properties)) = part.node.get("properties") {
            structured = !properties.is_empty();
            for (name, value) in properties {
                self.field(name, value, own, part, properties, shape);
            }
        }
        if let Some(Value::Object(items)) = part.node.get("items") {
            structured = true;
            shape.items.push(Part { node: items, ..part });
        }
        if let Some(Value::Object(values)) = part.node.get("additionalProperties").filter(|v| has_members(v)) {
            structured = true;
            shape.values.push(Part { node: values, ..part });
        }
        if let Some(Value::Array(names)) = part.node.get("required") {
            structured = true;
            self.required.extend(names.iter().filter_map(Value::as_str).map(|name| (name, own)));
        }
        if structured {
            shape.structure.push(identity(part.node));
        }
    }

    fn field(
        &mut self,
        name: &'a str,
        value: &'a Value,
        own: bool,
        part: Part<'a>,
        properties: &'a Map<String, Value>,
        shape: &mut Shape<'a>,
    ) {
        let Value::Object(node) = value else {
            let place = self.report.place(self.documents, Part { node: properties, ..part }, Some(name));
            self.report.push(errors::unknown_type("its description is not an object", &place));
            return;
        };
        let path = if own { vec![name.to_owned()] } else { compact(name, self.context) };
        let Some((last, parents)) = path.split_last() else { return };
        let mut fields = &mut shape.fields;
        for step in parents {
            fields = &mut fields.entry(step.clone()).or_default().below;
        }
        let entry = fields.entry(last.clone()).or_default();
        entry.parts.push(Part { node, ..part });
        entry.context = entry.context.or(if own { None } else { context(name) });
    }
}

fn has_members(value: &Value) -> bool {
    value.as_object().is_some_and(|map| !map.is_empty())
}

fn words<'a>(part: Part<'a>, shape: &mut Shape<'a>) {
    for word in WORDS {
        let Some(value) = part.node.get(*word) else { continue };
        let (first, _) = *shape.words.entry(word).or_insert((value, part));
        if let ("type", Some(first), Some(other)) = (*word, first.as_str(), value.as_str())
            && first != other
        {
            shape.conflict.get_or_insert((first, other, part));
        }
    }
}

/// The descriptions that a part includes: those of `allOf`, and the only one of `anyOf` or `oneOf` beside `null`.
/// Where there is a choice between several, nothing holds for certain and none of them counts.
fn included(node: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let all = node.get("allOf").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    let only = ["anyOf", "oneOf"].into_iter().filter_map(|word| {
        let null = |v: &&Value| v.get("type").and_then(Value::as_str) == Some("null");
        let mut others = node.get(word)?.as_array()?.iter().filter(|v| !null(v));
        let only = others.next()?.as_object();
        if others.next().is_some() { None } else { only }
    });
    all.chain(only)
}

/// The entry at a path, if the fields have it.
fn entry_at<'e, 'a>(fields: &'e mut IndexMap<String, Entry<'a>>, path: &[String]) -> Option<&'e mut Entry<'a>> {
    let (last, parents) = path.split_last()?;
    let mut fields = fields;
    for step in parents {
        fields = &mut fields.get_mut(step)?.below;
    }
    fields.get_mut(last)
}
