//! Rows as a database keeps them that cannot tell an absent list or map from an empty one.

use segc::schema::Schema;
use segc::types::{ObjectId, Ty};
use serde_json::{Map, Value as Json, json};

use crate::oracle::Rows;

/// The rows with every absent list and map of a present object empty.
pub fn without_absent_lists(schema: &Schema, mut rows: Rows) -> Rows {
    rows.profiles.values_mut().for_each(|profile| object(schema, schema.profile, profile));
    rows.events.iter_mut().for_each(|(_, event)| object(schema, schema.event, event));
    for (name, class) in &schema.classes {
        let objects = rows.classes.get_mut(name).into_iter().flat_map(|objects| objects.values_mut());
        objects.for_each(|found| object(schema, class.object, found));
    }
    rows
}

fn object(schema: &Schema, id: ObjectId, value: &mut Json) {
    let Json::Object(fields) = value else { return };
    for (name, field) in schema.object(id).into_iter().flat_map(|object| &object.fields) {
        of_type(schema, &field.ty.ty, fields, name);
    }
}

fn of_type(schema: &Schema, ty: &Ty, fields: &mut Map<String, Json>, name: &str) {
    let absent = fields.get(name).is_none_or(Json::is_null);
    match ty {
        Ty::List(_) if absent => drop(fields.insert(name.to_owned(), json!([]))),
        Ty::Map(_) if absent => drop(fields.insert(name.to_owned(), json!({}))),
        Ty::List(_) | Ty::Map(_) | Ty::Object(_) => {
            fields.get_mut(name).into_iter().for_each(|v| inside(schema, ty, v))
        }
        _ => {}
    }
}

fn inside(schema: &Schema, ty: &Ty, value: &mut Json) {
    match (ty, value) {
        (Ty::Object(id), value) => object(schema, *id, value),
        (Ty::List(element), Json::Array(items)) => {
            items.iter_mut().for_each(|item| inside(schema, element, item));
        }
        (Ty::Map(element), Json::Object(entries)) => {
            let names: Vec<String> = entries.keys().cloned().collect();
            names.iter().for_each(|name| of_type(schema, element, entries, name));
        }
        _ => {}
    }
}
