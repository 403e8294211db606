//! Schemas made in code: from lists of dotted paths. Names nothing but the model. Invariant: what it builds always has
//! `_id` in the profile and `_id`, `timestamp`, `eventType` in the event, as every schema does.

use std::sync::Arc;

use indexmap::IndexMap;

use super::{Class, EVENT_TYPE, EventType, Field, ID, Object, Schema, TIMESTAMP};
use crate::types::{EnumType, ObjectId, Ty, Type};

/// A related class: its name, the path of its key, its fields.
pub type ClassFields<'a> = (&'a str, &'a str, &'a [(&'a str, Type)]);

/// A schema of these fields; `("commerce.order.priceTotal", type)` makes the objects on its way. A step that ends in
/// `[]` is a list of objects and one that ends in `{}` a map of objects (`productListItems[].SKU`). A field of type
/// `string` or `int` that is written `name -> class` points at that class. A class is its name, its key field and its
/// fields. Where a path is given twice the last one holds.
pub fn build(
    profile: &[(&str, Type)],
    event: &[(&str, Type)],
    event_types: &[&str],
    classes: &[ClassFields<'_>],
) -> Schema {
    let titled = |name: &&str| (String::from(*name), EventType::default());
    let mut schema = Schema {
        objects: vec![named("profile"), named("event")],
        profile: ObjectId(0),
        event: ObjectId(1),
        classes: IndexMap::new(),
        event_types: event_types.iter().map(titled).collect(),
        event_types_open: false,
    };
    let types = event_types.iter().map(|name| (String::from(*name), String::new())).collect();
    let event_type = Ty::Enum(Arc::new(EnumType { values: types, open: false }));
    put(&mut schema, ObjectId(0), ID, Type::required(Ty::String));
    put(&mut schema, ObjectId(1), ID, Type::optional(Ty::String));
    put(&mut schema, ObjectId(1), TIMESTAMP, Type::required(Ty::Timestamp));
    put(&mut schema, ObjectId(1), EVENT_TYPE, Type::required(event_type));
    for (path, ty) in profile {
        put(&mut schema, ObjectId(0), path, ty.clone());
    }
    for (path, ty) in event {
        put(&mut schema, ObjectId(1), path, ty.clone());
    }
    for (name, key, fields) in classes {
        let object = add(&mut schema, name);
        for (path, ty) in *fields {
            put(&mut schema, object, path, ty.clone());
        }
        let key = key.split('.').map(str::to_owned).collect();
        let class = Class { object, key, title: String::new(), description: String::new() };
        schema.classes.insert((*name).to_owned(), class);
    }
    schema
}

fn named(name: &str) -> Object {
    Object { name: name.to_owned(), fields: IndexMap::new() }
}

fn add(schema: &mut Schema, name: &str) -> ObjectId {
    schema.objects.push(named(name));
    ObjectId(schema.objects.len() as u32 - 1)
}

/// Puts a field at a path below an object, making the objects on the way.
fn put(schema: &mut Schema, object: ObjectId, path: &str, ty: Type) {
    let (path, class) = match path.split_once("->") {
        Some((path, class)) => (path.trim(), Some(class.trim().to_owned())),
        None => (path, None),
    };
    let mut here = object;
    let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
    for step in parents.split('.').filter(|step| !step.is_empty()) {
        let name = step.trim_end_matches("[]").trim_end_matches("{}");
        let known = schema.field(here, name).and_then(|field| field.ty.ty.inner_object());
        here = match known {
            Some(inner) => inner,
            None => {
                let inner = add(schema, name);
                let mut ty = Ty::Object(inner);
                if step.ends_with("[]") {
                    ty = Ty::List(Box::new(ty));
                } else if step.ends_with("{}") {
                    ty = Ty::Map(Box::new(ty));
                }
                set(schema, here, name, Field::new(Type::optional(ty)));
                inner
            }
        };
    }
    set(schema, here, last, Field { relationship: class, ..Field::new(ty) });
}

fn set(schema: &mut Schema, object: ObjectId, name: &str, field: Field) {
    if let Some(object) = schema.objects.get_mut(object.0 as usize) {
        object.fields.insert(name.to_owned(), field);
    }
}
