//! Lists whose elements are rows of tables of their own: a layout that has them all so, and the rows taken apart for it.

use std::collections::BTreeMap;

use segc::emit::ddl;
use segc::schema::Schema;
use segc::sql::Layout;
use segc::sql::SqlType;
use segc::sql::layout::{ListTable, Records};
use segc::types::{ObjectId, Ty};
use serde_json::{Value as Json, json};

use crate::oracle::Rows;

/// Puts every list that is not within a list into a table of its own.
pub fn add(layout: &mut Layout, schema: &Schema) {
    let profile_id = layout.profile_id[0].clone();
    of_object(&mut layout.profiles, schema, schema.profile, &profile_id, &mut vec![]);
    of_object(&mut layout.events, schema, schema.event, "_id", &mut vec![]);
    for (name, class) in &schema.classes {
        let table = layout.classes.get_mut(name).unwrap();
        let key = table.key[0].clone();
        of_object(&mut table.records, schema, class.object, &key, &mut vec![]);
    }
}

fn of_object(records: &mut Records, schema: &Schema, object: ObjectId, key: &str, above: &mut Vec<String>) {
    for (name, field) in &schema.object(object).unwrap().fields {
        above.push(name.clone());
        match &field.ty.ty {
            Ty::Object(inner) if above.len() < 4 => of_object(records, schema, *inner, key, above),
            Ty::List(element) => {
                let path = above.join(".");
                records.columns.insert(path.clone(), vec![path.clone()]);
                let list = ListTable {
                    path: above.clone(),
                    records: Records {
                        table: vec![format!("{}_{}", records.table[0], above.join("_"))],
                        times: records.times.clone(),
                        ..Records::default()
                    },
                    parent: "of_record".to_owned(),
                    key: key.to_owned(),
                    order: "place".to_owned(),
                    value: "value".to_owned(),
                    element: ddl::type_of(schema, element).unwrap(),
                };
                records.lists.insert(path, list);
            }
            _ => {}
        }
        above.pop();
    }
}

/// The rows as such tables can hold them: each event has an id of its own, by which its lists are found, and each absent object in which
/// a list may be is an object without fields, since its lists are empty.
pub fn held(schema: &Schema, mut rows: Rows) -> Rows {
    let mut layout = Layout::of(schema);
    add(&mut layout, schema);
    let of_class = |name: &String| layout.classes[name].records.clone();
    let complete = |records: &Records, row: &mut Json| {
        for list in records.lists.values() {
            let (_, above) = list.path.split_last().unwrap();
            let mut object = &mut *row;
            for step in above {
                object = &mut object[step.as_str()];
                if object.is_null() {
                    *object = json!({});
                }
            }
        }
    };
    rows.profiles.values_mut().for_each(|row| complete(&layout.profiles, row));
    for (number, (_, row)) in rows.events.iter_mut().enumerate() {
        complete(&layout.events, row);
        row["_id"] = format!("{} {number}", row["_id"].as_str().unwrap_or_default()).into();
    }
    for (name, objects) in &mut rows.classes {
        let records = of_class(name);
        objects.values_mut().for_each(|row| complete(&records, row));
    }
    rows
}

/// Moves the elements of such lists from the rows of tables into those of the lists.
pub fn take_apart(layout: &Layout, contents: &mut BTreeMap<String, Vec<Json>>) {
    for records in layout.all_records() {
        for list in records.lists.values() {
            let mut elements = Vec::new();
            for row in contents.get_mut(&records.table[0]).into_iter().flatten() {
                let key = row[&list.key].clone();
                let (last, above) = list.path.split_last().unwrap();
                let object = above.iter().try_fold(&mut *row, |object, step| object.get_mut(step));
                let taken = object.and_then(Json::as_object_mut).and_then(|object| object.shift_remove(last));
                for (place, element) in taken.iter().filter_map(Json::as_array).flatten().enumerate() {
                    let mut of_element = match (&list.element, element) {
                        (SqlType::Struct(_), Json::Object(fields)) => Json::Object(fields.clone()),
                        // No row is no element.
                        (SqlType::Struct(_), _) => continue,
                        (_, single) => json!({ "value": single }),
                    };
                    of_element["of_record"] = key.clone();
                    of_element["place"] = place.into();
                    elements.push(of_element);
                }
            }
            contents.insert(list.records.table[0].clone(), elements);
        }
    }
}
