//! The reference evaluator: walks the typed tree profile by profile over plain JSON rows. Slow and small; shares nothing
//! with the product but the tree, the schema's names and the constants' types. What it says is what the language means.
//! It knows no plan and no columns, keeps numbers as exact fractions, and tries every choice of a sequence's events.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use md5::{Digest, Md5};
use segc::hir::{self, Module, SegmentId};
use serde_json::Value as Json;

mod aggregate;
mod calendar;
mod call;
mod collection;
mod expr;
mod number;
mod path;
mod sequence;
mod test;
pub mod text;
mod value;
mod window;

use expr::Scope;
pub use number::Ratio;
pub use value::V;

/// The rows of a data set as they were written.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Profiles by id, ascending by code point.
    pub profiles: BTreeMap<String, Json>,
    /// Events with the id of the profile they belong to.
    pub events: Vec<(String, Json)>,
    /// The records of each related class by primary key as text.
    pub classes: BTreeMap<String, BTreeMap<String, Json>>,
}

impl Rows {
    /// With the scores that vendors' objects hold where the language reads them.
    pub fn translated(&self, module: &Module) -> Rows {
        let mut rows = self.clone();
        for profile in rows.profiles.values_mut() {
            module.propensities.iter().for_each(|declared| path::translate(declared, profile));
        }
        rows
    }
}

/// A profile with its events in their order.
struct Person<'a> {
    id: &'a str,
    record: &'a Json,
    events: Vec<Event<'a>>,
}

/// An event with its place in the order.
#[derive(Debug)]
struct Event<'a> {
    kind: &'a str,
    /// Microseconds since 1970-01-01 UTC.
    time: i64,
    /// What "later" compares: equal for simultaneous events.
    order: (i64, &'a str),
    record: &'a Json,
}

/// A module over rows at an instant.
pub struct World<'a> {
    module: &'a Module,
    now: i64,
    zone: TimeZone,
    people: Vec<Person<'a>>,
    rows: &'a Rows,
    members: RefCell<BTreeMap<SegmentId, BTreeSet<&'a str>>>,
}

impl<'a> World<'a> {
    /// Puts each profile's events in order. Expects translated rows. Rows without a profile, a type or an instant are ignored.
    pub fn new(module: &'a Module, rows: &'a Rows, now: i64) -> World<'a> {
        let zone = TimeZone::get(&module.settings.zone).expect("the checker knows the zone");
        let people = rows.profiles.iter().map(|(id, record)| {
            let mine = rows.events.iter().filter(|(owner, _)| owner == id).map(|(_, record)| record);
            let mut events: Vec<Event> = mine.filter_map(|record| event(record, module)).collect();
            events.sort_by_key(|event| event.order);
            Person { id, record, events }
        });
        World { module, now, zone, people: people.collect(), rows, members: RefCell::default() }
    }

    /// The ids of a segment's members.
    pub fn members(&self, id: SegmentId) -> BTreeSet<&'a str> {
        if let Some(known) = self.members.borrow().get(&id) {
            return known.clone();
        }
        let segment = &self.module.segments[id.0 as usize];
        let mut kept: Vec<&Person> = self.people.iter().filter(|person| self.selects(person, segment)).collect();
        if let Some(rank) = &segment.rank {
            let key = |person: &&Person<'a>| Scope::of(self, person).value(&rank.by);
            // Stable: the people are ordered by id, which is how ties fall.
            kept.sort_by(|a, b| match (key(a), key(b)) {
                (Some(a), Some(b)) if rank.descending => b.order(&a),
                (Some(a), Some(b)) => a.order(&b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            });
            if let Some(limit) = rank.limit {
                kept.truncate(limit as usize);
            }
        }
        let ids: BTreeSet<&str> = kept.into_iter().map(|person| person.id).collect();
        self.members.borrow_mut().insert(id, ids.clone());
        ids
    }

    fn selects(&self, person: &Person<'a>, segment: &hir::Segment) -> bool {
        let sampled = segment.sample.as_ref().is_none_or(|sample| in_sample(sample, person.id));
        sampled && Scope::of(self, person).holds(&segment.condition)
    }
}

fn event<'a>(record: &'a Json, module: &Module) -> Option<Event<'a>> {
    let kind = record.get(segc::schema::EVENT_TYPE)?.as_str()?;
    let time = calendar::read_instant(record.get(segc::schema::TIMESTAMP)?.as_str()?)?;
    let id = record.get(segc::schema::ID).and_then(Json::as_str).unwrap_or_default();
    Some(Event { kind, time, order: (time, if module.settings.event_ids { id } else { "" }), record })
}

/// The first 8 hex digits of md5(salt:id), as text below the threshold of 9 digits.
pub fn in_sample(sample: &hir::Sample, id: &str) -> bool {
    let digest = Md5::digest(format!("{}:{id}", sample.salt));
    let number = digest[..4].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    number < sample.threshold
}
