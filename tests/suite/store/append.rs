//! Batches added one after the other: what segments select is what they select of one ingest.

use segc::data::Records;
use segc::plan::Needs;
use segc::store::{Store, ingest::compact};
use serde_json::json;

use super::make::{Place, cut, module};
use crate::conformance::{generated_records, shared_schema};
use crate::data::show;

const SEGMENTS: &str = "segment a { where points > 1 }\n";

fn needs(module: &segc::hir::Module) -> Needs {
    let mut needs = segc::data::ingest::columns(&module.schema, module, &|_| true);
    needs.event_types = None;
    needs
}

#[test]
fn a_compacted_store_is_that_of_one_ingest() {
    for (seed, batches) in [(0, 2), (1, 5), (2, 9)] {
        let (records, setting) = generated_records(seed, 200);
        let module = crate::conformance::checked(SEGMENTS, &shared_schema(), &setting);
        let mut whole = Place::new(1 << 30);
        whole.ingest(&module, &records).unwrap();
        let mut place = Place::new(if seed == 1 { 40_000 } else { 1 << 30 });
        for batch in cut(&records, batches) {
            place.ingest(&module, &batch).unwrap();
            assert_eq!(Store::open(&place.store()).unwrap().check(), []);
        }
        let store = Store::open(&place.store()).unwrap();
        assert!(store.parts.len() > 1, "nothing was appended");
        assert_eq!(store.manifest.totals(), (200, records.events.len() as u64));
        compact(&place.store(), 1 << 30).unwrap();
        let one = Store::open(&whole.store()).unwrap().dataset(&needs(&module)).unwrap();
        let store = Store::open(&place.store()).unwrap();
        assert_eq!(store.parts.len(), 1);
        assert_eq!(store.check(), []);
        let compacted = store.dataset(&needs(&module)).unwrap();
        // Without ids the order of simultaneous events is that in which they came; with ids all is told.
        if records.event_ids {
            assert!(show::dataset(&compacted) == show::dataset(&one), "seed {seed}");
        }
        assert_eq!(compacted.profiles(), one.profiles());
        let events = |d: &segc::store::Dataset| d.blocks.iter().map(|b| b.events.table.rows).sum::<usize>();
        assert_eq!(events(&compacted), events(&one));
    }
}

#[test]
fn a_later_record_replaces_an_earlier_one_and_events_stay() {
    let module = module(SEGMENTS, &shared_schema(), false);
    let profile = |id: &str, points: i64| json!({ "_id": id, "points": points });
    let event = json!({ "profileId": "a", "timestamp": "2026-01-01T00:00:00Z", "eventType": "click", "quantity": 1 });
    let mut place = Place::new(1 << 30);
    let first = Records { profiles: vec![profile("a", 1), profile("b", 2)], events: vec![event], ..Records::default() };
    place.ingest(&module, &first).unwrap();
    let second = Records { profiles: vec![profile("a", 7)], ..Records::default() };
    place.ingest(&module, &second).unwrap();
    let store = Store::open(&place.store()).unwrap();
    assert_eq!(store.manifest.totals(), (2, 1));
    let data = store.dataset(&needs(&module)).unwrap();
    let path = show::path("points");
    let mut seen = Vec::new();
    for block in &data.blocks {
        for (row, id) in block.ids.iter().enumerate() {
            if block.alive.as_ref().is_none_or(|alive| alive.get(row)) {
                let events = block.events.by_profile_offsets[row + 1] - block.events.by_profile_offsets[row];
                seen.push(format!("{id} {} {events}", show::value(&block.profiles.columns[&path], row)));
            }
        }
    }
    seen.sort();
    assert_eq!(seen, ["a 7 1", "b 2 0"]);
    assert!(!data.is_ordered() || data.blocks.len() == 1);
}

#[test]
fn what_nobody_touches_is_not_written_again() {
    let module = module(SEGMENTS, &shared_schema(), false);
    let profiles = (0..9000).map(|n| json!({ "_id": format!("p{n:05}"), "points": n })).collect();
    let mut place = Place::new(1 << 30);
    let (first, _) = place.ingest(&module, &Records { profiles, ..Records::default() }).unwrap();
    let event =
        json!({ "profileId": "p00042", "timestamp": "2026-01-01T00:00:00Z", "eventType": "click", "quantity": 1 });
    let (second, _) = place.ingest(&module, &Records { events: vec![event], ..Records::default() }).unwrap();
    assert!(second.written * 20 < first.written, "{} then {}", first.written, second.written);
}
