//! Rows whose timestamps show the clocks of a zone and tell no offset, as many databases keep them.

use jiff::Timestamp;
use segc::schema::Schema;
use segc::types::{MICROS_PER_DAY, ObjectId, Ty};
use segc::vector::time::{Zone, day_of_local};
use serde_json::Value as Json;

use crate::oracle::Rows;

/// Zones whose clocks are never changed, by an hour, by half an hour, and in other years in other ways.
pub const ZONES: [&str; 5] = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"];

/// The rows with each timestamp as a civil time of a zone: where that is read as the same instant, one that the clocks
/// skip.
pub fn without_offsets(schema: &Schema, rows: Rows, zone: &Zone) -> Rows {
    let civil = |text: &str| {
        let instant = micros(text);
        let shown = instant + zone.offset(instant);
        let skipped =
            [3_600_000_000, 1_800_000_000].map(|by| shown - by).into_iter().find(|&at| read(at, zone) == instant);
        format!("{}", utc(skipped.unwrap_or(shown)).strftime("%Y-%m-%dT%H:%M:%S%.6f"))
    };
    mapped(schema, rows, &civil)
}

/// The rows with each timestamp as it is read when only its civil time is known.
pub fn as_read(schema: &Schema, rows: Rows, zone: &Zone) -> Rows {
    let instant = |text: &str| utc(read(micros(text) + zone.offset(micros(text)), zone)).to_string();
    mapped(schema, rows, &instant)
}

fn micros(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap_or_else(|error| panic!("{text}: {error}")).as_microsecond()
}

fn utc(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap()
}

fn read(local: i64, zone: &Zone) -> i64 {
    zone.instant(day_of_local(local), local.rem_euclid(MICROS_PER_DAY))
}

fn mapped(schema: &Schema, mut rows: Rows, map: &dyn Fn(&str) -> String) -> Rows {
    rows.profiles.values_mut().for_each(|profile| object(schema, schema.profile, profile, map));
    rows.events.iter_mut().for_each(|(_, event)| object(schema, schema.event, event, map));
    for (name, class) in &schema.classes {
        let objects = rows.classes.get_mut(name).into_iter().flat_map(|objects| objects.values_mut());
        objects.for_each(|found| object(schema, class.object, found, map));
    }
    rows
}

fn object(schema: &Schema, id: ObjectId, value: &mut Json, map: &dyn Fn(&str) -> String) {
    let Json::Object(fields) = value else { return };
    for (name, field) in schema.object(id).into_iter().flat_map(|object| &object.fields) {
        fields.get_mut(name).into_iter().for_each(|inner| inside(schema, &field.ty.ty, inner, map));
    }
}

fn inside(schema: &Schema, ty: &Ty, value: &mut Json, map: &dyn Fn(&str) -> String) {
    match (ty, value) {
        (Ty::Timestamp, Json::String(text)) => *text = map(text),
        (Ty::Object(id), value) => object(schema, *id, value, map),
        (Ty::List(element), Json::Array(items)) => items.iter_mut().for_each(|item| inside(schema, element, item, map)),
        (Ty::Map(element), Json::Object(entries)) => {
            entries.values_mut().for_each(|entry| inside(schema, element, entry, map));
        }
        _ => {}
    }
}
