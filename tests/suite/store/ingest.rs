//! One ingest: the same data set as from files, the same bytes for any number of threads, runs when memory is short.

use segc::data::{Records, from_json_records};
use segc::plan::Needs;
use segc::store::{BLOCK_PROFILES, Store};
use serde_json::{Value, json};

use super::make::{Place, module};
use crate::conformance::{generated_records, shared_schema};
use crate::data::show;

/// What a program reads.
const SEGMENTS: &str = "segment a { where points > 1 }\n";

fn needs(module: &segc::hir::Module) -> Needs {
    let mut needs = segc::data::ingest::columns(&module.schema, module, &|_| true);
    needs.event_types = None;
    needs
}

#[test]
fn a_store_holds_what_the_files_hold() {
    for seed in 0..4 {
        let (records, setting) = generated_records(seed, 300);
        let module = crate::conformance::checked(SEGMENTS, &shared_schema(), &setting);
        let expected =
            from_json_records(&module.schema, &needs(&module), &records, &setting.settings.zone, setting.now).dataset;
        for memory in [1 << 30, 60_000] {
            let mut place = Place::new(memory);
            let (summary, report) = place.ingest(&module, &records).unwrap();
            assert_eq!(summary.runs > 1, memory < 1 << 20, "{} runs", summary.runs);
            assert_eq!(report.profiles, records.profiles.len() as u64);
            assert_eq!(report.events, records.events.len() as u64);
            let store = Store::open(&place.store()).unwrap();
            assert_eq!(store.check(), []);
            let actual = store.dataset(&needs(&module)).unwrap();
            assert_eq!(show::dataset(&actual), show::dataset(&expected), "seed {seed}, memory {memory}");
        }
    }
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let (records, setting) = generated_records(5, 400);
    let module = crate::conformance::checked(SEGMENTS, &shared_schema(), &setting);
    for memory in [1 << 30, 60_000] {
        let bytes = [1, 2, 5].map(|threads| {
            let mut place = Place::new(memory);
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| place.ingest(&module, &records)).unwrap();
            files(&place)
        });
        assert!(bytes[0].len() >= 2, "the parts were not found");
        assert!(bytes[0] == bytes[1] && bytes[1] == bytes[2], "memory {memory}");
    }
}

fn files(place: &Place) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(place.store().join("parts"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files.push(("manifest".into(), std::fs::read(place.store().join("manifest.json")).unwrap()));
    files
}

#[test]
fn many_blocks_come_out_in_order_from_records_in_any_order() {
    let people = 2 * BLOCK_PROFILES + 77;
    let shuffled = |n: usize| (n * 7919) % people;
    let profiles: Vec<Value> =
        (0..people).map(|n| json!({ "_id": format!("p{:05}", shuffled(n)), "points": n })).collect();
    let event = |n: usize| {
        let at = format!("2026-01-01T00:{:02}:{:02}Z", n / 60 % 60, n % 60);
        json!({ "profileId": format!("p{:05}", shuffled(n * 3 % people)), "timestamp": at, "eventType": "click", "quantity": n })
    };
    let records = Records { profiles, events: (0..people).map(event).collect(), ..Records::default() };
    let module = module(SEGMENTS, &shared_schema(), false);
    let expected = from_json_records(&module.schema, &needs(&module), &records, "UTC", 0).dataset;
    for memory in [1 << 30, 3_000_000] {
        let mut place = Place::new(memory);
        place.ingest(&module, &records).unwrap();
        let actual = Store::open(&place.store()).unwrap().dataset(&needs(&module)).unwrap();
        assert_eq!(actual.blocks.len(), 3);
        assert!(actual.is_ordered());
        assert!(show::dataset(&actual) == show::dataset(&expected), "memory {memory}");
    }
}

#[test]
fn a_store_of_another_schema_or_with_other_event_ids_is_refused() {
    let (records, setting) = generated_records(1, 20);
    let module = crate::conformance::checked(SEGMENTS, &shared_schema(), &setting);
    let mut place = Place::new(1 << 30);
    place.ingest(&module, &records).unwrap();
    let store = Store::open(&place.store()).unwrap();
    let fingerprint = module.schema.fingerprint();
    assert_eq!(store.fits(&fingerprint, records.event_ids, false, ""), Ok(()));
    let fault = |r: Result<(), segc::store::Fault>| r.unwrap_err().to_string();
    insta::assert_snapshot!(fault(store.fits(&[0; 32], records.event_ids, false, "")), @"the store does not fit the project: it was made with another schema; ingest the data again with `segc ingest --replace`");
    insta::assert_snapshot!(fault(store.fits(&fingerprint, !records.event_ids, false, "")), @"the store does not fit the project: the project's events have ids and the store's have none, or the other way round; ingest the data again with `segc ingest --replace`");
    insta::assert_snapshot!(fault(store.fits(&fingerprint, records.event_ids, false, "a|b")), @"the store does not fit the project: its ids are made of one column, and the project's of `a|b`; ingest the data again with `segc ingest --replace`");
    insta::assert_snapshot!(fault(store.fits(&fingerprint, records.event_ids, true, "")), @"the store does not fit the project: `profiles.from_events` has changed; ingest the data again with `segc ingest --replace`");
    let nowhere = place.folder.path().join("nowhere");
    assert!(matches!(Store::open(&nowhere), Err(segc::store::Fault::Missing(_))));
}

#[test]
fn a_second_writer_is_refused() {
    let (records, setting) = generated_records(1, 20);
    let module = crate::conformance::checked(SEGMENTS, &shared_schema(), &setting);
    let mut place = Place::new(1 << 30);
    place.ingest(&module, &records).unwrap();
    let lock = std::fs::File::options().write(true).open(place.store().join("lock")).unwrap();
    lock.lock().unwrap();
    let refused = place.ingest(&module, &records).unwrap_err();
    assert!(format!("{refused:?}").contains("Locked"), "{refused:?}");
    drop(lock);
    place.ingest(&module, &records).unwrap();
}

#[test]
fn profiles_that_are_there_twice_and_events_of_nobody_are_told() {
    let module = module(SEGMENTS, &shared_schema(), false);
    let profile = |id: &str, points: i64| json!({ "_id": id, "points": points });
    let event =
        |id: &str| json!({ "profileId": id, "timestamp": "2026-01-01T00:00:00Z", "eventType": "click", "quantity": 1 });
    let records = Records {
        profiles: vec![profile("a", 1), profile("b", 2), profile("a", 3)],
        events: vec![event("a"), event("x"), event("x")],
        ..Records::default()
    };
    let mut place = Place::new(1 << 30);
    let (_, report) = place.ingest(&module, &records).unwrap();
    insta::assert_snapshot!(report.to_text(), @r"
    profiles left out whose id an earlier one has: 1 (duplicate-profile)
        profiles.ndjson:3: `a`
    events kept until the record of their profile comes: 2 (waiting-event)
        events.ndjson:2: `x`
        events.ndjson:3: `x`
    values that the schema does not list, kept in `eventType`: 3 (unknown-value)
        events.ndjson:1: `click`
        events.ndjson:2: `click`
        events.ndjson:3: `click`
    ");
    assert_eq!((report.profiles, report.events), (2, 1));
    // The record of `x` comes later, and its events are there.
    let later = Records { profiles: vec![profile("x", 9)], ..Records::default() };
    let (_, report) = place.ingest(&module, &later).unwrap();
    assert_eq!((report.profiles, report.events), (3, 3));
}
