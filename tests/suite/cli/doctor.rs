//! `segc doctor`: what it finds right, missing and wrong.

use serde_json::Value;

use super::{Place, Ran};

/// The state of a line, and what it tells.
fn line<'r>(looks: &'r Value, what: &str) -> (&'r str, &'r str) {
    let looks = looks["looks"].as_array().unwrap();
    let look = looks.iter().find(|look| look["what"] == what).unwrap_or_else(|| panic!("no {what} in {looks:?}"));
    (look["state"].as_str().unwrap(), look["told"].as_str().unwrap())
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn a_project_with_its_data() {
    let place = Place::project();
    let looks = json(&place.run(&["doctor", "--format", "json"]).ends(0));
    assert!(line(&looks, "segc").1.starts_with(env!("CARGO_PKG_VERSION")));
    assert_eq!(line(&looks, "project"), ("ok", "., zone Europe/Stockholm"));
    assert_eq!(line(&looks, "sources"), ("ok", "2 segments in 1 file: 0 errors, 0 warnings"));
    assert_eq!(line(&looks, "schema"), ("ok", "8 fields, 2 event types"));
    assert_eq!(line(&looks, "profiles"), ("ok", "1 file, 63 B"));
    assert_eq!(line(&looks, "events").0, "ok");
    assert_eq!(line(&looks, "git").0, "ok");
    let text = place.run(&["doctor"]).ends(0).out;
    assert!(text.starts_with("ok     segc      "), "{text}");
}

#[test]
fn what_is_missing_is_no_fault_and_what_is_wrong_is_one() {
    let place = Place::empty();
    let ran = place.run(&["doctor", "--format", "json"]).ends(0);
    assert_eq!(line(&json(&ran), "project").0, "none");
    let place = Place::project();
    std::fs::remove_file(place.path("events.ndjson")).unwrap();
    place.write("shop.seg", "segment s { where poins > 3 }\n");
    place.write("seg.toml", format!("store = \"store\"\n{}", super::PROJECT));
    place.write("store/manifest.json", "{");
    let looks = json(&place.run(&["doctor", "--format", "json", "--on", "nowhere.duckdb"]).ends(1));
    assert_eq!(line(&looks, "events").0, "wrong");
    assert_eq!(line(&looks, "store").0, "wrong");
    assert_eq!(line(&looks, "database").0, "wrong");
    assert_eq!(line(&looks, "sources"), ("wrong", "1 segment in 1 file: 1 error, 0 warnings"));
}

#[test]
fn an_interpreter_that_is_none_is_told() {
    let place = Place::project();
    let mut command = place.command(&["doctor", "--format", "json"]);
    let output = command.env("SEGC_PYTHON", "no-such-python").output().unwrap();
    let looks: Value = serde_json::from_slice(&output.stdout).unwrap();
    let (state, told) = line(&looks, "python");
    assert!(state == "none" && told.contains("no-such-python"), "{told}");
}
