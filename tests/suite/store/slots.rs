//! Events that slots of 16 bits do not tell apart, and the first and last ones of profiles: windows, days and ends over a store
//! are those of the files.

use std::collections::BTreeSet;

use segc::data::{Records, from_json_records};
use segc::hir::Settings;
use segc::store::{Dataset, Store};
use segc::{emit, plan, vm};
use serde_json::{Value, json};

use super::make::Place;
use crate::conformance::{Random, plain_setting, shared_schema};

const DAY: i64 = 86_400_000_000;
/// 2026-03-29T12:00:00Z: summer time has begun in Europe on this day.
const NOW: i64 = 1_774_785_600_000_000;

/// Segments that cut events of all types and of one, backwards and forwards, and count days, of each number of members.
fn segments() -> String {
    let mut text = String::new();
    for (at, days) in [1, 2, 3, 7, 30, 365].into_iter().enumerate() {
        for count in 1..4 {
            text += &format!("segment all_{at}_{count} {{ where count(events in last {days} days) >= {count} }}\n");
            text += &format!("segment click_{at}_{count} {{ where count(view in last {days} days) == {count} }}\n");
            text += &format!(
                "segment days_{at}_{count} {{ where count(distinct date(timestamp) of events in last {days} days) == {count} }}\n"
            );
            text += &format!(
                "segment dates_{at}_{count} {{ where count(distinct date(timestamp) of view in last {days} days) == {count} }}\n"
            );
        }
        text += &format!(
            "segment none_{at} {{ where none(events in last {days} days) and any(view before {days} days ago) }}\n"
        );
    }
    for place in ["web", "app", "shop"] {
        text += &format!("segment first_{place} {{ where first(channel of events) == \"{place}\" }}\n");
        text += &format!("segment last_{place} {{ where last(channel of events) == \"{place}\" }}\n");
    }
    text += "segment early { where first(timestamp of events) <= 30 days ago and last(timestamp of events) > 2 days ago }\n";
    text
}

/// Times within a microsecond of where something is cut or a day begins, or in a slot with it, and one far away. With `apart`
/// no two events of a profile are simultaneous, with `whole` all have all fields. Where nothing is far away some are later
/// than now.
fn records(random: &mut Random, far: i64, (apart, whole): (bool, bool), event_ids: bool) -> Records {
    let near = [0, 0, 1, -1, 400_000_000, -400_000_000, 12 * 3_600_000_000, 11 * 3_600_000_000 - 1];
    let mut events = Vec::new();
    let mut event = |random: &mut Random, id: usize, time: i64| {
        let text = jiff::Timestamp::from_microsecond(time).unwrap().to_string();
        let kind = *random.pick(&["view", "buy", "ping"]);
        let mut event = json!({ "profileId": format!("p{id:03}"), "timestamp": text, "eventType": kind });
        if whole || random.percent(80) {
            event["channel"] = (*random.pick(&["web", "app", "shop"])).into();
        }
        if event_ids {
            event["_id"] = format!("e{}", events.len() * 7919 % 10_007).into();
        }
        events.push(event);
    };
    event(random, 0, far);
    if far == NOW - DAY {
        (1..4).for_each(|id| event(random, id, NOW + DAY));
    }
    for id in 0..300 {
        for number in 0..random.below(20) as i64 {
            let days = *random.pick(&[0, 1, 2, 3, 4, 7, 8, 29, 30, 31, 365]);
            let time = (NOW - days * DAY + random.pick(&near)).min(NOW);
            event(random, id, if apart { time - number } else { time });
        }
    }
    let profiles: Vec<Value> = (0..300).map(|n| json!({ "_id": format!("p{n:03}") })).collect();
    Records { profiles, events, event_ids, ..Records::default() }
}

fn members(program: &segc::bytecode::Program, data: &Dataset) -> Vec<BTreeSet<String>> {
    let output = vm::run(program, data, vm::Options { threads: 1, ..vm::Options::default() }).unwrap();
    output.segments.iter().map(|m| m.ids(data).into_iter().map(str::to_owned).collect()).collect()
}

/// What a store selects of generated records, beside the files.
fn compare(random: &mut Random, zone: &str, event_ids: bool, span: i64, form: (bool, bool)) {
    let mut setting = plain_setting();
    setting.settings = Settings { zone: zone.to_owned(), event_ids, ..setting.settings };
    setting.now = NOW;
    let module = crate::conformance::checked(&segments(), &shared_schema(), &setting);
    let plan = plan::optimize(&plan::lower(&module, NOW));
    let program = emit::bytecode::emit(&plan, &emit::bytecode::Provenance::default());
    let records = records(random, NOW - span, form, event_ids);
    let files = from_json_records(&module.schema, &program.needs, &records, zone, NOW).dataset;
    let expected = members(&program, &files);
    assert!(expected.iter().filter(|members| !members.is_empty()).count() > 50, "most segments have no members");
    let mut place = Place::new(1 << 30);
    place.ingest(&module, &records).unwrap();
    let store = Store::open(&place.store()).unwrap();
    assert_eq!(store.check(), []);
    let found = members(&program, &store.unchecked(&program.needs).unwrap());
    for (segment, (found, expected)) in program.segments.iter().zip(found.iter().zip(&expected)) {
        assert_eq!(found, expected, "{} in {zone}, {} days", segment.name, span / DAY);
    }
}

#[test]
fn windows_and_days_of_a_store_are_those_of_the_files() {
    let mut random = Random::new(crate::conformance::commit_seed());
    // Slots of a few seconds, of quarters of an hour, of hours that days of a zone do not begin with, and of months.
    let spans = [DAY, 365 * DAY, 4_000 * DAY, 40_000 * DAY, 700_000 * DAY];
    let forms = [(false, false), (true, true), (true, false), (false, true)];
    for (zone, event_ids) in [("Europe/Berlin", true), ("Asia/Kathmandu", false), ("Africa/Monrovia", true)] {
        for (&span, form) in spans.iter().zip(forms.into_iter().cycle()) {
            compare(&mut random, zone, event_ids, span, form);
        }
    }
    for (span, form) in spans.into_iter().flat_map(|span| forms.map(|form| (span, form))) {
        compare(&mut random, "UTC", false, span, form);
    }
}
