//! From files to a schema: our own format, or a folder of XDM. Names serde_json, `types`, `diagnostics`. Invariant: a
//! schema that is returned has the fields that everything relies on (see [`well_known`]), whatever the files say.
//!
//! # Our own format
//!
//! One JSON file (or several, whose classes are joined) with these members:
//!
//! - `classes`: `profile`, `event` and any number of related classes by name, each a JSON Schema with `properties`,
//!   `required`, `allOf`, `$ref` and `definitions`. A related class names its primary key in `meta:key` (`_id` if not).
//! - `definitions`: what `$ref: "#/definitions/name"` of any class may refer to. Another file of the folder is
//!   referred to by its `$id` or its relative path; an XDM folder may lie beside, for its data types.
//! - `eventTypes`: names to titles, or to `{ "title", "description" }`; or a list of names. Without it, the types
//!   are those of the `enum` or `meta:enum` of the event's field `eventType`.
//! - `eventTypesOpen`: `true` where data may hold other types too. Without `eventTypes`, a `meta:enum` is open.
//!
//! Beyond JSON Schema, a field may have: `meta:xdmType` (wins over `type`), `meta:enum` (values with titles; other values
//! may occur), `meta:scale` and `meta:digits` (a `number` with so many digits after the point, and in all),
//! `meta:segType` (`probability`, `score`, `percentile` of a number, `bucket` of a string), `meta:relationship` (the
//! class whose key the value is), `meta:labels` (data usage labels).

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::compose::Compose;
use super::errors;
use super::files::SchemaFile;
use super::reader::{Documents, Part, Report};
use super::shape::Shape;
use super::{Class, EVENT_TYPE, EventType, Field, ID, Object, Schema, TIMESTAMP, xdm};
use crate::diagnostics::{Diagnostic, suggest};
use crate::limits::SCHEMA_PATHS;
use crate::source::Sources;
use crate::types::{EnumType, ObjectId, Ty, Type};

/// What came of loading.
#[derive(Debug)]
pub struct Loaded {
    /// The schema, unless a class that every schema has is missing. Fields whose type could not be told are
    /// [`Ty::Error`].
    pub schema: Option<Schema>,
    /// What is wrong with the files.
    pub diagnostics: Vec<Diagnostic>,
}

/// Composes a schema from files. A file that a diagnostic is about is added to `sources`.
pub fn load(files: &[SchemaFile], sources: &mut Sources) -> Loaded {
    let mut report = Report::new(sources);
    let documents = Documents::read(files, &mut report);
    let own: Vec<Part<'_>> = documents
        .roots()
        .filter(|root| documents.list.get(root.document).is_some_and(|document| document.own))
        .collect();
    let schema =
        if own.is_empty() { xdm::compose(&documents, &mut report) } else { compose_own(&documents, &own, &mut report) };
    Loaded { schema, diagnostics: report.diagnostics }
}

/// Says that there is no such class, at the start of the first file.
pub(super) fn say_missing(documents: &Documents, report: &mut Report<'_>, what: &str) {
    // A file that could not be read is said already, and the class may be in it.
    if documents.list.is_empty() && !report.diagnostics.is_empty() {
        return;
    }
    let diagnostic = match documents.roots().next() {
        Some(root) => errors::missing_class(what, &report.place(documents, root, None)),
        None => errors::missing_class(what, &errors::Place::nowhere()),
    };
    report.push(diagnostic);
}

fn compose_own<'a>(documents: &'a Documents, own: &[Part<'a>], report: &mut Report<'_>) -> Option<Schema> {
    let mut classes: IndexMap<&'a str, Vec<Part<'a>>> = IndexMap::new();
    for root in own {
        for (name, class) in root.node.get("classes").and_then(Value::as_object)? {
            if let Value::Object(node) = class {
                classes.entry(name).or_default().push(Part { node, ..*root });
            }
        }
    }
    for required in ["profile", "event"] {
        if !classes.contains_key(required) {
            say_missing(documents, report, &format!("class `{required}`"));
        }
    }
    let (profile, event) = (classes.shift_remove("profile")?, classes.shift_remove("event")?);
    let mut compose = Compose::new(documents, report);
    compose.within.clone_from(&profile);
    let profile = (compose.class("profile", &profile).0, profile);
    compose.within.clone_from(&event);
    let event = (compose.class("event", &event).0, event);
    let mut related = IndexMap::new();
    for (name, parts) in classes {
        compose.within.clone_from(&parts);
        let (object, shape) = compose.class(name, &parts);
        let key = shape.words.get("meta:key").and_then(|(key, _)| key.as_str()).unwrap_or(ID);
        let key = key.split('.').map(str::to_owned).collect();
        related.insert(name.to_owned(), (class(object, key, &shape), parts));
    }
    let mut schema = finish(compose, profile, event, related)?;
    for root in own {
        event_types(&mut schema, *root);
    }
    Some(schema)
}

/// A related class, with its words from its shape.
pub(super) fn class(object: ObjectId, key: Vec<String>, shape: &Shape<'_>) -> Class {
    let text = |word: &str| {
        let text = shape.words.get(word).and_then(|(value, _)| value.as_str()).unwrap_or_default();
        text.trim().to_owned()
    };
    Class { object, key, title: text("title"), description: text("description") }
}

/// A composed class with the parts that it was composed from.
pub(super) type Composed<'a, T> = (T, Vec<Part<'a>>);

/// Puts the composed classes together, checks what they say of each other, and sees to the well-known fields; `None` for a
/// schema that nobody could go through.
pub(super) fn finish<'a>(
    compose: Compose<'a, '_, '_>,
    profile: Composed<'a, ObjectId>,
    event: Composed<'a, ObjectId>,
    related: IndexMap<String, Composed<'a, Class>>,
) -> Option<Schema> {
    let Compose { documents, report, objects, relationships, .. } = compose;
    let (profile, profile_parts) = profile;
    let (event, event_parts) = event;
    let parts: Vec<Vec<Part<'a>>> = related.values().map(|(_, parts)| parts.clone()).collect();
    let classes: IndexMap<String, Class> = related.into_iter().map(|(name, (class, _))| (name, class)).collect();
    let (event_types, event_types_open) = (IndexMap::new(), true);
    let mut schema = Schema { objects, profile, event, classes, event_types, event_types_open };
    let related = schema.classes.values().map(|class| class.object).zip(&parts);
    let classes = [(profile, &profile_parts), (event, &event_parts)].into_iter().chain(related);
    for (object, parts) in classes {
        // Few objects have very many paths where each is reached in two ways.
        if schema.leaves(object).nth(SCHEMA_PATHS).is_some() {
            let place = parts.first().map_or_else(errors::Place::nowhere, |part| report.place(documents, *part, None));
            report.push(errors::too_large("it has too many fields, counted by their paths", &place));
            return None;
        }
    }
    for (name, ty, part) in relationships {
        check_relationship(&schema, documents, report, &name, &ty, part);
    }
    forget_unknown(&mut schema);
    for (index, parts) in parts.iter().enumerate() {
        check_key(&schema, documents, report, index, parts);
    }
    well_known(&mut schema, documents, report, &profile_parts, &event_parts);
    take_event_types(&mut schema);
    Some(schema)
}

fn check_relationship(
    schema: &Schema,
    documents: &Documents,
    report: &mut Report<'_>,
    class: &str,
    ty: &Ty,
    part: Part<'_>,
) {
    if !schema.classes.contains_key(class) {
        let place = report.place(documents, part, Some("meta:relationship"));
        let similar = suggest::closest(class, schema.classes.keys().map(String::as_str));
        report.push(errors::bad_relationship(&format!("there is no class `{class}`"), similar, &place));
    } else if !is_key(ty) {
        let place = report.place(documents, part, Some("meta:relationship"));
        let what = format!("a field of type {ty} cannot point at the class `{class}`");
        report.push(errors::bad_relationship(&what, None, &place));
    }
}

/// Whether values of this type can be the key of a record, or a list of keys.
pub(super) fn is_key(ty: &Ty) -> bool {
    match ty {
        Ty::List(element) => is_key(element),
        Ty::Error | Ty::String | Ty::Enum(_) | Ty::Int => true,
        _ => false,
    }
}

/// Takes back relationships that were complained of, so that nobody stumbles over them again.
fn forget_unknown(schema: &mut Schema) {
    let Schema { objects, classes, .. } = schema;
    for field in objects.iter_mut().flat_map(|object| object.fields.values_mut()) {
        if field.relationship.as_ref().is_some_and(|class| !classes.contains_key(class) || !is_key(&field.ty.ty)) {
            field.relationship = None;
        }
    }
}

fn check_key(schema: &Schema, documents: &Documents, report: &mut Report<'_>, index: usize, parts: &[Part<'_>]) {
    let (Some((name, class)), Some(part)) = (schema.classes.get_index(index), parts.first()) else { return };
    let field = schema.field_at(class.object, class.key.iter().map(String::as_str));
    let key = class.key.join(".");
    let what = match field.map(|field| &field.ty.ty) {
        Some(Ty::Error | Ty::String | Ty::Enum(_) | Ty::Int) => return,
        Some(ty) => format!("the key `{key}` of the class `{name}` is of type {ty}, and not a string or an integer"),
        None => format!("the class `{name}` has no field `{key}` to be its key"),
    };
    let place = report.place(documents, *part, part.node.contains_key("meta:key").then_some("meta:key"));
    let leaves: Vec<String> = schema.leaves(class.object).map(|(path, _)| path).collect();
    let similar = suggest::closest(&key, leaves.iter().map(String::as_str));
    report.push(errors::bad_relationship(&what, similar, &place));
}

/// Sees to the fields that everything relies on: a profile's `_id` is a string that is always there; an event's
/// `_id` is a string, `timestamp` an instant that is always there, and `eventType` a text. One that the files do not
/// declare is added.
fn well_known(
    schema: &mut Schema,
    documents: &Documents,
    report: &mut Report<'_>,
    profile: &[Part<'_>],
    event: &[Part<'_>],
) {
    let wanted = [
        (schema.profile, profile, ID, Type::required(Ty::String), "Identifier", "What identifies a profile."),
        (schema.event, event, EVENT_TYPE, Type::optional(Ty::String), "Event type", "What happened."),
        (schema.event, event, TIMESTAMP, Type::required(Ty::Timestamp), "Timestamp", "When it happened."),
        (schema.event, event, ID, Type::optional(Ty::String), "Identifier", "What identifies an event."),
    ];
    for (id, parts, name, ty, title, description) in wanted {
        let Some(object) = schema.objects.get_mut(id.0 as usize) else { continue };
        let Some(field) = object.fields.get_mut(name) else {
            let field = Field { title: title.into(), description: description.into(), ..Field::new(ty) };
            object.fields.shift_insert(0, name.to_owned(), field);
            continue;
        };
        let fits = match name {
            EVENT_TYPE => field.ty.ty.is_text(),
            _ => field.ty.ty == ty.ty,
        };
        if !fits {
            if field.ty.ty != Ty::Error
                && let Some(part) = parts.first()
            {
                let place = report.place(documents, *part, None);
                let what = format!("`{name}` is of type {}, and must be of type {}", field.ty.ty, ty.ty);
                let help = match name {
                    TIMESTAMP => "a timestamp is a `string` of `format` `date-time`",
                    _ => "ids are compared as text, whatever the data holds",
                };
                report.push(errors::bad_field(&what, help, &place));
            }
            field.ty.ty = ty.ty;
        }
        if name != EVENT_TYPE {
            field.ty.optional = ty.optional;
        }
    }
}

/// The event types that the event's field `eventType` lists.
fn take_event_types(schema: &mut Schema) {
    let Some(Field { ty: Type { ty: Ty::Enum(known), .. }, .. }) = schema.field(schema.event, EVENT_TYPE) else {
        return;
    };
    let known = known.clone();
    let titled = |(name, title): &(String, String)| {
        (name.clone(), EventType { title: title.clone(), description: String::new() })
    };
    schema.event_types = known.values.iter().map(titled).collect();
    schema.event_types_open = known.open;
}

/// The event types that a file of our own format lists; they become the values of the field `eventType`, too.
fn event_types(schema: &mut Schema, root: Part<'_>) {
    let open = root.node.get("eventTypesOpen").and_then(Value::as_bool);
    let listed: Vec<(String, EventType)> = match root.node.get("eventTypes") {
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).map(|name| (name.to_owned(), EventType::default())).collect()
        }
        Some(Value::Object(types)) => types.iter().map(|(name, word)| (name.clone(), event_type(word))).collect(),
        _ => Vec::new(),
    };
    if !listed.is_empty() {
        schema.event_types_open = open.unwrap_or(false);
        schema.event_types = listed.into_iter().collect();
    } else if let Some(open) = open {
        schema.event_types_open = open;
    }
    if schema.event_types.is_empty() {
        return;
    }
    let values = schema.event_types.iter().map(|(name, known)| (name.clone(), known.title.clone())).collect();
    let ty = Ty::Enum(Arc::new(EnumType { values, open: schema.event_types_open }));
    let event = schema.event.0 as usize;
    if let Some(field) = schema.objects.get_mut(event).and_then(|o: &mut Object| o.fields.get_mut(EVENT_TYPE)) {
        field.ty.ty = ty;
    }
}

fn event_type(word: &Value) -> EventType {
    let text = |name: &str| word.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    match word {
        Value::String(title) => EventType { title: title.trim().to_owned(), description: String::new() },
        _ => EventType { title: text("title"), description: text("description") },
    }
}
