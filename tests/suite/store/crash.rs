//! A writer that dies at any point: the last complete version is readable, and the next writer goes on from it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

const SCHEMA: &str = r#"{ "classes": {
    "profile": { "required": ["_id"], "properties": { "_id": { "type": "string" }, "points": { "type": "integer" } } },
    "event": { "required": ["timestamp", "eventType"], "properties": {
        "timestamp": { "type": "string", "format": "date-time" },
        "eventType": { "type": "string", "enum": ["click", "buy"] } } } } }"#;
const SEGMENTS: &str = "segment rich { where points >= 100 }\nsegment buyer { where any(buy) }\n";
const PROJECT: &str = "schema = \"schema.json\"\nstore = \"store\"\n\n[profiles]\nfile = \"profiles.ndjson\"\n\n\
                       [[events]]\nfile = \"events.ndjson\"\nprofile = \"who\"\n";

fn lines(values: impl Iterator<Item = Value>) -> String {
    values.map(|value| format!("{value}\n")).collect()
}

/// A project with a store of a first batch; the files of the second are in place.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("schema.json", SCHEMA);
    write("seg.toml", PROJECT);
    write("all.seg", SEGMENTS);
    let event = |n: usize, kind: &str| json!({ "who": format!("p{n}"), "timestamp": "2026-01-01T00:00:00Z", "eventType": kind });
    write("profiles.ndjson", &lines((0..300).map(|n| json!({ "_id": format!("p{n}"), "points": n }))));
    write("events.ndjson", &lines((0..300).map(|n| event(n, "click"))));
    assert!(segc(folder.path(), &["ingest"], None).status.success());
    write("profiles.ndjson", &lines((0..50).map(|n| json!({ "_id": format!("p{n}"), "points": 1000 }))));
    write("events.ndjson", &lines((100..150).map(|n| event(n, "buy"))));
    folder
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_segc"));
    command.args(args).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn segc(folder: &Path, args: &[&str], crash: Option<u64>) -> Output {
    let mut command = command(folder, args);
    if let Some(at) = crash {
        command.env("SEGC_CRASH_AT", at.to_string());
    }
    command.output().unwrap()
}

/// The members, which must be readable, of a store that must be sound.
fn members(folder: &Path) -> String {
    let check = segc(folder, &["store", "check", "store"], None);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    let run = segc(folder, &["run", "--now", "2026-02-01T00:00:00Z", "--output", "-"], None);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)
        } else {
            assert!(fs::copy(entry.path(), target).is_ok())
        }
    }
}

/// The store of the first batch again.
fn reset(folder: &Path) {
    fs::remove_dir_all(folder.join("store")).unwrap();
    copy(&folder.join("first"), &folder.join("store"));
}

#[test]
fn a_writer_that_dies_at_any_step_leaves_the_version_before_or_the_one_after() {
    for command in [&["ingest", "--memory", "1MiB"][..], &["store", "compact", "store"]] {
        let folder = project();
        let folder = folder.path();
        if command[0] == "store" {
            // Something to compact.
            assert!(segc(folder, &["ingest"], None).status.success());
        }
        copy(&folder.join("store"), &folder.join("first"));
        let before = members(folder);
        assert!(segc(folder, command, None).status.success());
        let after = members(folder);
        assert_eq!(before == after, command[0] == "store");
        let mut steps = 0;
        for at in 1.. {
            assert!(at < 100, "it never comes to its end");
            reset(folder);
            if segc(folder, command, Some(at)).status.success() {
                assert_eq!(members(folder), after);
                break;
            }
            steps += 1;
            let found = members(folder);
            assert!(found == before || found == after, "step {at}: neither the old nor the new version");
            // The next writer clears away what is left, and comes to the same.
            assert!(segc(folder, command, None).status.success(), "step {at}");
            assert_eq!(members(folder), after, "step {at}");
            let left = fs::read_dir(folder.join("store/parts")).unwrap().count();
            assert!(left <= 6, "step {at}: {left} files are left");
        }
        assert!(steps >= 8, "only {steps} steps");
    }
}

#[test]
fn a_writer_that_is_killed_at_any_moment_leaves_a_readable_version() {
    let folder = project();
    let folder = folder.path();
    copy(&folder.join("store"), &folder.join("first"));
    let before = members(folder);
    assert!(segc(folder, &["ingest"], None).status.success());
    let after = members(folder);
    for millis in [1, 5, 10, 15, 20, 25, 30, 40, 60] {
        reset(folder);
        let mut writer = command(folder, &["ingest"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(millis));
        let _ = writer.kill();
        writer.wait().unwrap();
        let found = members(folder);
        assert!(found == before || found == after, "killed after {millis} ms: neither the old nor the new version");
    }
}
