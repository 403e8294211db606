//! `test` blocks: their profiles become records of a data set, and the program that runs over real data runs over them.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value as Json};

use super::probes::{Probe, probing};
use crate::bytecode::Program;
use crate::data::{self, Records};
use crate::diagnostics::Diagnostic;
use crate::hir::{Expect, Module, Test, TestEvent, TestProfile, TestValue};
use crate::schema::{EVENT_TYPE, ID, Schema, TIMESTAMP};
use crate::source::Span;
use crate::types::{ObjectId, Ty, Value};
use crate::vector::time::{self, Zone};
use crate::vm;

/// What came of all tests.
#[derive(Debug, Clone, Default)]
pub struct Tested<'m> {
    /// In the order in which the expectations are written.
    pub outcomes: Vec<Outcome<'m>>,
    /// Every condition of the segments of which something is expected.
    pub seen: Vec<Seen>,
}

/// What came of one expectation.
#[derive(Debug, Clone)]
pub struct Outcome<'m> {
    /// The test block.
    pub test: &'m Test,
    /// The expectation.
    pub expect: &'m Expect,
    /// Whether it holds.
    pub passed: bool,
    /// The conditions of the segment, and whether they hold for the profile.
    pub conditions: Vec<(Span, bool)>,
}

/// How often a condition was seen, among the profiles of which something is expected of its segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The condition.
    pub probe: Probe,
    /// Profiles for which it holds.
    pub holds: usize,
    /// Profiles for which it does not.
    pub fails: usize,
}

/// Why tests could not be run.
#[derive(Debug, Clone)]
pub enum NotRun {
    /// A segment is beyond the limits of programs.
    Refused(Vec<Diagnostic>),
    /// The events of a test make too many combinations.
    Trouble(vm::Trouble),
}

impl fmt::Display for NotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotRun::Refused(diagnostics) => {
                let messages: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
                f.write_str(&messages.join("; "))
            }
            NotRun::Trouble(error) => error.fmt(f),
        }
    }
}

/// Runs every test block; one without a `now` of its own is at `now`.
pub fn run_tests(module: &Module, now: i64) -> Result<Tested<'_>, NotRun> {
    let mut by_now: BTreeMap<i64, Vec<&Test>> = BTreeMap::new();
    for test in &module.tests {
        by_now.entry(test.now.unwrap_or(now)).or_default().push(test);
    }
    let (probed, probes) = probing(module);
    let seen = probes.iter().map(|&probe| Seen { probe, holds: 0, fails: 0 }).collect();
    let mut tested = Tested { outcomes: Vec::new(), seen };
    for (now, tests) in by_now {
        let program = super::program(&probed, &module.schema, now).map_err(NotRun::Refused)?;
        for test in tests {
            run_test(module, &program, test, &mut tested)?;
        }
    }
    tested.outcomes.sort_by_key(|outcome| (outcome.expect.span.file, outcome.expect.span.start));
    Ok(tested)
}

fn run_test<'m>(module: &'m Module, program: &Program, test: &'m Test, tested: &mut Tested<'m>) -> Result<(), NotRun> {
    let now = program.now;
    let records = records(module, test, now);
    let loaded = data::from_json_records(&module.schema, &program.needs, &records, &module.settings.zone, now);
    let options = vm::Options { threads: 1, ..vm::Options::default() };
    let output = vm::run(program, &loaded.dataset, options).map_err(NotRun::Trouble)?;
    for expect in &test.expects {
        let name = profile_id(&test.profiles[expect.profile]);
        let is_member = |segment: usize| output.is_member(segment, &name, &loaded.dataset);
        let mut conditions = Vec::new();
        for seen in tested.seen.iter_mut().filter(|seen| seen.probe.of == expect.segment) {
            let holds = is_member(seen.probe.segment);
            *if holds { &mut seen.holds } else { &mut seen.fails } += 1;
            conditions.push((seen.probe.span, holds));
        }
        let passed = is_member(expect.segment.0 as usize) != expect.negated;
        tested.outcomes.push(Outcome { test, expect, passed, conditions });
    }
    Ok(())
}

/// The profiles, events and objects of a test.
pub fn records(module: &Module, test: &Test, now: i64) -> Records {
    let zone = Zone::new(&module.settings.zone).unwrap_or_else(Zone::utc);
    let writer = Writer { schema: &module.schema, zone: &zone, now };
    let mut records = Records { event_ids: module.settings.event_ids, ..Records::default() };
    for object in &test.objects {
        let Some(class) = module.schema.classes.get(&object.class) else { continue };
        let mut record = writer.object(Some(class.object), &object.fields);
        put(&mut record, &class.key, writer.constant(None, &object.key));
        records.classes.entry(object.class.clone()).or_default().push(Json::Object(record));
    }
    for profile in &test.profiles {
        records.profiles.push(writer.profile(profile));
        for (index, event) in profile.events.iter().enumerate() {
            records.events.push(writer.event(profile, event, index));
        }
    }
    records
}

/// The id of a test's profile: the field `_id` if it has one, else its name.
fn profile_id(profile: &TestProfile) -> String {
    let id = profile.fields.iter().find(|(path, _)| path.len() == 1 && path[0] == ID);
    match id {
        Some((_, TestValue::Value(Value::String(id)))) => id.to_string(),
        Some((_, TestValue::Value(Value::Int(id)))) => id.to_string(),
        _ => profile.name.clone(),
    }
}

/// Writes test values as the JSON that a data file would hold.
struct Writer<'a> {
    schema: &'a Schema,
    zone: &'a Zone,
    now: i64,
}

impl Writer<'_> {
    fn profile(&self, profile: &TestProfile) -> Json {
        let mut record = self.object(Some(self.schema.profile), &profile.fields);
        record.insert(ID.to_owned(), profile_id(profile).into());
        Json::Object(record)
    }

    fn event(&self, profile: &TestProfile, event: &TestEvent, index: usize) -> Json {
        let mut record = self.object(Some(self.schema.event), &event.fields);
        record.insert("profileId".to_owned(), profile_id(profile).into());
        record.insert(EVENT_TYPE.to_owned(), event.event_type.clone().into());
        record.insert(TIMESTAMP.to_owned(), self.value(Some(&Ty::Timestamp), &event.at));
        // Events of one instant are in the order in which they were written, where events have ids.
        record.entry(ID).or_insert_with(|| format!("{index:06}").into());
        Json::Object(record)
    }

    fn object(&self, object: Option<ObjectId>, fields: &[(Vec<String>, TestValue)]) -> Map<String, Json> {
        let mut record = Map::new();
        for (path, value) in fields {
            let field = object.and_then(|object| self.schema.field_at(object, path.iter().map(String::as_str)));
            put(&mut record, path, self.value(field.map(|field| &field.ty.ty), value));
        }
        record
    }

    fn value(&self, ty: Option<&Ty>, value: &TestValue) -> Json {
        match value {
            TestValue::Value(value) => self.constant(ty, value),
            TestValue::FromNow { duration, negative } => {
                let instant = self.zone.add(self.now, *duration, *negative).unwrap_or(self.now);
                match ty {
                    Some(Ty::Date) => date(self.zone.date_of(instant)).into(),
                    _ => timestamp(instant).into(),
                }
            }
            TestValue::List(items) => {
                let element = if let Some(Ty::List(element)) = ty { Some(&**element) } else { None };
                items.iter().map(|item| self.value(element, item)).collect()
            }
            TestValue::Object(fields) => match ty {
                Some(Ty::Map(of)) => self.map(of, fields),
                _ => Json::Object(self.object(ty.and_then(Ty::inner_object), fields)),
            },
        }
    }

    /// The entries of a map: the first step of a path is a key, what follows lies in the value.
    fn map(&self, of: &Ty, fields: &[(Vec<String>, TestValue)]) -> Json {
        let mut record = Map::new();
        for (path, value) in fields {
            let ty = match (path.len(), of.inner_object()) {
                (2.., Some(object)) => {
                    self.schema.field_at(object, path[1..].iter().map(String::as_str)).map(|field| &field.ty.ty)
                }
                _ => Some(of),
            };
            put(&mut record, path, self.value(ty, value));
        }
        Json::Object(record)
    }

    fn constant(&self, ty: Option<&Ty>, value: &Value) -> Json {
        match value {
            Value::Bool(value) => (*value).into(),
            Value::Int(value) => (*value).into(),
            Value::Float(value) => serde_json::Number::from_f64(*value).map_or(Json::Null, Json::Number),
            Value::Decimal { .. } => crate::plan::value_text(value).into(),
            Value::String(text) => text.to_string().into(),
            Value::Date(days) => date(*days).into(),
            Value::Timestamp(instant) => timestamp(*instant).into(),
            Value::Bucket(_) => crate::plan::value_text(value).into(),
            Value::Duration(_) => Json::Null,
            Value::List(items) => {
                let element = if let Some(Ty::List(element)) = ty { Some(&**element) } else { None };
                items.iter().map(|item| self.constant(element, item)).collect()
            }
        }
    }
}

/// Puts a value at the end of a path, beside what is there.
fn put(record: &mut Map<String, Json>, path: &[String], value: Json) {
    let [first, rest @ ..] = path else { return };
    if rest.is_empty() {
        match (record.get_mut(first), value) {
            (Some(Json::Object(there)), Json::Object(new)) => there.extend(new),
            (_, value) => {
                record.insert(first.clone(), value);
            }
        }
        return;
    }
    let inner = record.entry(first.clone()).or_insert_with(|| Json::Object(Map::new()));
    if let Json::Object(inner) = inner {
        put(inner, rest, value);
    }
}

fn date(days: i32) -> String {
    let civil = time::civil(days);
    format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day)
}

fn timestamp(micros: i64) -> String {
    crate::plan::value_text(&Value::Timestamp(micros))
}
