//! A folder of XDM files: the two classes that every schema has, the field groups that extend them, and the descriptors
//! that say what points where. Names serde_json. Invariant: a folder is composed the same whatever its files are
//! called, but for the order of fields.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::compact::{compact, context};
use super::compose::{self, Compose};
use super::errors;
use super::load::{self, Composed};
use super::reader::{Documents, Part, Report};
use super::{Class, Field, ID, Object, Schema};
use crate::types::{ObjectId, Ty};

const PROFILE: &str = "https://ns.adobe.com/xdm/context/profile";
const EVENT: &str = "https://ns.adobe.com/xdm/context/experienceevent";

/// Composes the classes with everything that extends them.
pub(super) fn compose(documents: &Documents, report: &mut Report<'_>) -> Option<Schema> {
    if documents.with_id(PROFILE).is_none() && documents.with_id(EVENT).is_none() {
        load::say_missing(documents, report, "classes");
        return None;
    }
    for (id, title) in [(PROFILE, "XDM Individual Profile"), (EVENT, "XDM ExperienceEvent")] {
        if documents.with_id(id).is_none() {
            load::say_missing(documents, report, &format!("class {title} (`{id}`)"));
        }
    }
    let (profile_parts, event_parts) = (parts(documents, PROFILE)?, parts(documents, EVENT)?);
    let descriptors = descriptors(documents);
    let mut compose = Compose::new(documents, report);
    let profile = (compose.class("profile", &profile_parts).0, profile_parts);
    let event = (compose.class("event", &event_parts).0, event_parts);
    let mut related = IndexMap::new();
    for descriptor in &descriptors {
        if let Some(target) = descriptor.destination {
            relate(&mut compose, descriptor, target, &descriptors, &mut related);
        }
    }
    let mut sources = vec![(profile.0, profile.1.clone()), (event.0, event.1.clone())];
    sources.extend(related.values().map(|(class, parts): &Composed<'_, Class>| (class.object, parts.clone())));
    for descriptor in &descriptors {
        apply(&mut compose, descriptor, &sources);
    }
    load::finish(compose, profile, event, related)
}

/// The parts of a class: its own schema, the field groups meant to extend it, and the schemas made of it.
fn parts<'a>(documents: &'a Documents, id: &str) -> Option<Vec<Part<'a>>> {
    let mut parts = vec![documents.with_id(id)?];
    parts.extend(documents.roots().filter(|root| {
        let extends = match root.node.get("meta:intendedToExtend") {
            Some(Value::Array(ids)) => ids.iter().any(|extended| extended.as_str() == Some(id)),
            Some(Value::String(extended)) => extended == id,
            _ => false,
        };
        extends || root.node.get("meta:class").and_then(Value::as_str) == Some(id)
    }));
    Some(parts)
}

/// A statement about a schema's field, in a file of its own or in a schema's `meta:descriptors`.
struct Descriptor<'a> {
    kind: &'a str,
    source: &'a str,
    /// The fields that it is about, as compact paths.
    fields: Vec<Vec<String>>,
    destination: Option<&'a str>,
    destination_field: Option<Vec<String>>,
    part: Part<'a>,
}

fn descriptors(documents: &Documents) -> Vec<Descriptor<'_>> {
    let mut found = Vec::new();
    for (document, file) in documents.list.iter().enumerate() {
        let nodes = match &file.root {
            Value::Array(list) => list.as_slice(),
            Value::Object(root) => {
                root.get("meta:descriptors").and_then(Value::as_array).map_or(&[][..], Vec::as_slice)
            }
            _ => &[],
        };
        let nodes = nodes.iter().chain([&file.root]).filter_map(Value::as_object);
        found.extend(nodes.filter_map(|node| descriptor(Part { node, document })));
    }
    found
}

fn descriptor(part: Part<'_>) -> Option<Descriptor<'_>> {
    let kind = part.node.get("@type")?.as_str()?.strip_prefix("xdm:")?;
    let source = text(part.node, "xdm:sourceSchema")?;
    let fields = paths(part.node, "xdm:sourceProperty");
    let relates =
        kind == "descriptorRelationship" || kind.starts_with("descriptorOneTo") || kind == "descriptorManyToOne";
    let destination = if relates { text(part.node, "xdm:destinationSchema") } else { None };
    let destination_field = paths(part.node, "xdm:destinationProperty").into_iter().next();
    Some(Descriptor { kind, source, fields, destination, destination_field, part })
}

fn text<'a>(node: &'a Map<String, Value>, word: &str) -> Option<&'a str> {
    node.get(word)?.as_str()
}

fn paths(node: &Map<String, Value>, word: &str) -> Vec<Vec<String>> {
    match node.get(word) {
        Some(Value::String(path)) => vec![compact_path(path)],
        Some(Value::Array(paths)) => paths.iter().filter_map(Value::as_str).map(compact_path).collect(),
        _ => Vec::new(),
    }
}

/// A path such as `/xdm:productListItems[*]/xdm:SKU` in compact names.
fn compact_path(path: &str) -> Vec<String> {
    let mut compacted = Vec::new();
    let mut around: Option<String> = None;
    for step in path.split('/').filter(|step| !step.is_empty()) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let name = step.split('[').next().unwrap_or_default();
        compacted.extend(compact(name, around.as_deref()));
        around = context(name).map(str::to_owned);
    }
    compacted
}

/// Composes the class that a descriptor leads to, if it is not there yet.
fn relate<'a>(
    compose: &mut Compose<'a, '_, '_>,
    descriptor: &Descriptor<'a>,
    target: &'a str,
    all: &[Descriptor<'a>],
    related: &mut IndexMap<String, Composed<'a, Class>>,
) {
    let name = class_name(target);
    if descriptor.fields.is_empty() || related.contains_key(name) || target == PROFILE || target == EVENT {
        return;
    }
    let Some(parts) = parts(compose.documents, target) else {
        let place = compose.report.place(compose.documents, descriptor.part, Some("xdm:destinationSchema"));
        compose.report.push(errors::bad_relationship(&format!("no file has the `$id` `{target}`"), None, &place));
        return;
    };
    let primary =
        || all.iter().find(|d| d.kind == "descriptorPrimaryKey" && d.source == target)?.fields.first().cloned();
    let key = descriptor.destination_field.clone().or_else(primary).unwrap_or_else(|| vec![ID.to_owned()]);
    let (object, shape) = compose.class(name, &parts);
    related.insert(name.to_owned(), (load::class(object, key, &shape), parts));
}

/// The name of a class in segments and messages: the last part of its `$id`.
fn class_name(id: &str) -> &str {
    id.trim_end_matches(['#', '/']).rsplit('/').next().unwrap_or(id)
}

/// Writes what a descriptor says into the fields that it is about.
fn apply<'a>(compose: &mut Compose<'a, '_, '_>, descriptor: &Descriptor<'a>, classes: &[(ObjectId, Vec<Part<'a>>)]) {
    let relates = descriptor.destination.is_some_and(|target| target != PROFILE && target != EVENT);
    if !relates && descriptor.kind != "descriptorLabel" {
        return;
    }
    let source = descriptor.source.trim_end_matches("__union");
    let describes = |part: &Part<'a>| part.node.get("$id").and_then(Value::as_str) == Some(source);
    let owners = classes.iter().filter(|(_, parts)| parts.iter().any(describes));
    for (owner, _) in owners {
        for path in &descriptor.fields {
            let Some(field) = field_mut(&mut compose.objects, *owner, path) else {
                let place = compose.report.place(compose.documents, descriptor.part, Some("xdm:sourceProperty"));
                let what = format!("the schema `{source}` has no field `{}`", path.join("."));
                compose.report.push(errors::bad_relationship(&what, None, &place));
                continue;
            };
            match descriptor.destination {
                Some(target) => {
                    let name = class_name(target);
                    field.relationship = Some(name.to_owned());
                    let ty = field.ty.ty.clone();
                    if compose.documents.with_id(target).is_some() {
                        compose.relationships.push((name.to_owned(), ty, descriptor.part));
                    }
                }
                None => {
                    field.labels.extend(compose::labels(descriptor.part.node.get("xdm:labels")));
                    field.labels.sort();
                    field.labels.dedup();
                }
            }
        }
    }
}

/// The field at a path, on objects of its own: what holds for this path does not hold for others that share them.
fn field_mut<'o>(objects: &'o mut Vec<Object>, owner: ObjectId, path: &[String]) -> Option<&'o mut Field> {
    let mut steps: Vec<&str> = Vec::new();
    let mut here = Some(owner);
    for step in path {
        let known = objects.get(here?.0 as usize)?.fields.get(step);
        match known {
            Some(field) => {
                here = field.ty.ty.inner_object();
                steps.push(step);
            }
            // how other tools write the way into a list or a map
            None if matches!(step.as_str(), "*" | "items" | "properties" | "additionalProperties") => {}
            None => return None,
        }
    }
    let (last, parents) = steps.split_last()?;
    let mut here = owner;
    for step in parents {
        let next = ObjectId(objects.len() as u32);
        let field = objects.get_mut(here.0 as usize)?.fields.get_mut(*step)?;
        let shared = field.ty.ty.inner_object()?;
        point_at(&mut field.ty.ty, next);
        let copy = objects.get(shared.0 as usize)?.clone();
        objects.push(copy);
        here = next;
    }
    objects.get_mut(here.0 as usize)?.fields.get_mut(*last)
}

/// Replaces the object at the bottom of lists and maps.
fn point_at(ty: &mut Ty, object: ObjectId) {
    match ty {
        Ty::List(inner) | Ty::Map(inner) => point_at(inner, object),
        _ => *ty = Ty::Object(object),
    }
}
