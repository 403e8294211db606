//! Rows whose timestamps are stored as many databases keep them: as what the clocks of a zone show, or as counts.

use jiff::Timestamp;
use segc::schema::Schema;
use segc::sql::times::Times;
use segc::types::{MICROS_PER_DAY, ObjectId, Ty};
use segc::vector::time::{Zone, day_of_local};
use serde_json::{Value as Json, json};

use crate::oracle::Rows;

/// How the timestamps of a test's tables are stored, in turn: as civil times of zones whose clocks are never changed, by an
/// hour, and otherwise, and as counts.
pub fn of_seed(seed: u64) -> Times {
    let civil = |zone: &str| Times::Civil(Zone::new(zone).unwrap());
    match seed % 7 {
        0 => civil("UTC"),
        1 => Times::Counts(1_000),
        2 => civil("Europe/Berlin"),
        3 => civil("America/New_York"),
        4 => Times::Counts(1_000_000),
        // By half an hour.
        5 => civil("Australia/Lord_Howe"),
        // In other years in other ways.
        _ => civil("Africa/Cairo"),
    }
}

/// The rows with each timestamp as it is stored. Of a civil time that is read as the same instant as another, it is the one
/// that the clocks skip.
pub fn stored(schema: &Schema, rows: Rows, times: &Times) -> Rows {
    match times {
        Times::Native => rows,
        Times::Counts(unit) => mapped(schema, rows, &|text| json!(micros(text).div_euclid(*unit))),
        Times::Civil(zone) => mapped(schema, rows, &|text| {
            let instant = micros(text);
            let shown = instant + zone.offset(instant);
            let skipped =
                [3_600_000_000, 1_800_000_000].map(|by| shown - by).into_iter().find(|&at| read(at, zone) == instant);
            json!(utc(skipped.unwrap_or(shown)).strftime("%Y-%m-%dT%H:%M:%S%.6f").to_string())
        }),
    }
}

/// The rows with each timestamp as it is read when only that is known.
pub fn as_read(schema: &Schema, rows: Rows, times: &Times) -> Rows {
    match times {
        Times::Native => rows,
        Times::Counts(unit) => {
            mapped(schema, rows, &|text| json!(utc(micros(text).div_euclid(*unit) * unit).to_string()))
        }
        Times::Civil(zone) => {
            mapped(schema, rows, &|text| json!(utc(read(micros(text) + zone.offset(micros(text)), zone)).to_string()))
        }
    }
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

fn mapped(schema: &Schema, mut rows: Rows, map: &dyn Fn(&str) -> Json) -> Rows {
    rows.profiles.values_mut().for_each(|profile| object(schema, schema.profile, profile, map));
    rows.events.iter_mut().for_each(|(_, event)| object(schema, schema.event, event, map));
    for (name, class) in &schema.classes {
        let objects = rows.classes.get_mut(name).into_iter().flat_map(|objects| objects.values_mut());
        objects.for_each(|found| object(schema, class.object, found, map));
    }
    rows
}

fn object(schema: &Schema, id: ObjectId, value: &mut Json, map: &dyn Fn(&str) -> Json) {
    let Json::Object(fields) = value else { return };
    for (name, field) in schema.object(id).into_iter().flat_map(|object| &object.fields) {
        fields.get_mut(name).into_iter().for_each(|inner| inside(schema, &field.ty.ty, inner, map));
    }
}

fn inside(schema: &Schema, ty: &Ty, value: &mut Json, map: &dyn Fn(&str) -> Json) {
    match (ty, value) {
        (Ty::Timestamp, value) => {
            if let Some(text) = value.as_str() {
                *value = map(text);
            }
        }
        (Ty::Object(id), value) => object(schema, *id, value, map),
        (Ty::List(element), Json::Array(items)) => items.iter_mut().for_each(|item| inside(schema, element, item, map)),
        (Ty::Map(element), Json::Object(entries)) => {
            entries.values_mut().for_each(|entry| inside(schema, element, entry, map));
        }
        _ => {}
    }
}
