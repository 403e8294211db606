//! `segc ingest` and `segc store` as a user runs them: what a store holds, and that nothing takes it away.

use std::collections::BTreeMap;
use std::io::Write as _;

use super::{EVENTS, NOW, Place, Ran};

/// A project with a store, and the data of [`super::PROFILES`] and [`EVENTS`] in it.
fn stored() -> Place {
    let place = Place::project();
    let project = super::PROJECT.replace("[time]", "store = \"store\"\n\n[time]");
    place.write("seg.toml", format!("{project}id = \"_id\"\n"));
    place.run(&["ingest"]).ends(0).prints("6 records read").prints("the store has 3 profiles with 3 events");
    place
}

/// Every file of the store but its lock.
fn content(place: &Place) -> BTreeMap<String, Vec<u8>> {
    let mut content = BTreeMap::new();
    for folder in ["store", "store/parts"] {
        for entry in std::fs::read_dir(place.path(folder)).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_file() {
                content.insert(format!("{folder}/{:?}", entry.file_name()), std::fs::read(entry.path()).unwrap());
            }
        }
    }
    assert!(content.len() > 1, "the store was not found");
    content
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A Parquet file with a column of texts.
fn parquet(column: &str, values: Vec<&str>) -> Vec<u8> {
    let mut file = Vec::new();
    let values = std::sync::Arc::new(arrow_array::StringArray::from(values)) as arrow_array::ArrayRef;
    let batch = arrow_array::RecordBatch::try_from_iter([(column, values)]).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}

/// Files of profiles that cannot be used, with what is said of them.
fn useless() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let csv = "id,city\nx,Oslo\ny,Lund\n";
    let cut = gzip(csv.as_bytes());
    let mut damaged = cut.clone();
    let crc = damaged.len() - 8;
    damaged[crc] ^= 1;
    let zst = zstd::encode_all(csv.as_bytes(), 1).unwrap();
    vec![
        ("other.parquet", parquet("customer", vec!["x"]), "it has no column `id`"),
        ("other.csv", b"customer,city\nx,Oslo\n".to_vec(), "it has no column `id`"),
        ("near.csv", b"Id,city\nx,Oslo\n".to_vec(), "did you mean `Id`?"),
        ("empty.csv", Vec::new(), "it is empty"),
        ("empty.parquet", Vec::new(), "too short"),
        ("noise.parquet", b"this is no Parquet file at all, not even nearly".to_vec(), "not a Parquet file"),
        ("noise.ndjson", b"this is no\nJSON at all\n".to_vec(), "no record can be used, out of 2"),
        ("array.json", b"[\n{\"id\":\"x\"},\n{\"id\":\"y\"}\n]\n".to_vec(), "it begins like one JSON array"),
        ("mac.csv", b"id,city\rx,Oslo\ry,Lund\r".to_vec(), "carriage returns alone"),
        ("semicolons.csv", b"id;city\nx;Oslo\n".to_vec(), "are its cells separated by `delimiter = \";\"`?"),
        ("wide.csv", vec![b'x'; 2 << 20], "its header is longer than 1 MiB"),
        ("nobody.csv", b"id,city\n,Oslo\n".to_vec(), "no record can be used, out of 1"),
        ("cut.csv.gz", cut[..cut.len() - 9].to_vec(), "cut off"),
        ("cut.csv.zst", zst[..zst.len() - 5].to_vec(), "cannot be read"),
        ("damaged.csv.gz", damaged, "cannot be read"),
    ]
}

/// Ids of two columns that were joined with another text would be other profiles.
#[test]
fn a_batch_whose_ids_are_joined_in_another_way_is_refused() {
    let place = Place::project();
    place.write("profiles.csv", "course,number,city\nAA,7,Oslo\n");
    place.write("events.csv", "course,number,type,at\nAA,7,buy,2026-11-20T00:00:00Z\n");
    let joined = |with: &str| {
        let id = format!("{{ join = [\"course\", \"number\"], with = {with:?} }}");
        let project = format!(
            "schema = \"shop.json\"\nstore = \"store\"\n[profiles]\nfiles = \"profiles.csv\"\nid = {id}\n\
             [[events]]\nfiles = \"events.csv\"\nprofile = {id}\ntimestamp = \"at\"\ntype = \"type\"\n"
        );
        place.write("seg.toml", project);
    };
    joined("|");
    place.run(&["ingest"]).ends(0).prints("the store has 1 profile with 1 event");
    joined("/");
    let other = "its ids are made of `course|number`, and the project's of `course/number`; ingest the data again";
    place.run(&["ingest", "--only", "--events", "events.csv"]).ends(2).says(other);
    place.run(&["run", NOW]).ends(2).says(other);
    place.run(&["ingest", "--replace"]).ends(0).prints("the store has 1 profile with 1 event");
    place.run(&["ingest", "--only", "--events", "events.csv"]).ends(0);
}

#[test]
fn a_file_that_cannot_be_used_changes_nothing() {
    let place = stored();
    let before = content(&place);
    for (name, bytes, reason) in useless() {
        place.write(name, bytes);
        for more in [&["--replace"][..], &["--replace", "--strict"], &["--only"], &[]] {
            let ran = place.run(&[&["ingest", "--profiles", name], more].concat()).ends(1).says("error[SEG0854]");
            ran.says(reason);
            assert!(content(&place) == before, "{name} {more:?}: the store is another");
        }
        place.run(&["run", NOW, "--profiles", name, "--output", "out.csv"]).ends(1).says(reason);
        assert!(!place.path("out.csv").exists(), "{name}");
    }
    place.run(&["store", "check", "store"]).ends(0);
}

#[test]
fn a_store_is_not_replaced_by_nothing() {
    let place = stored();
    let before = content(&place);
    place.write("header.csv", "id,city\n");
    place.run(&["ingest", "--replace", "--profiles", "header.csv"]).ends(1).says("error[SEG0859]");
    place.run(&["ingest", "--replace", "--only", "--events", "events.ndjson"]).ends(1).says("error[SEG0859]");
    assert!(content(&place) == before);
    place.run(&["ingest", "--only", "--profiles", "header.csv"]).ends(0).prints("3 profiles with 3 events");
    place.write("one.csv", "id,city\nz,Oslo\n");
    let ran = place.run(&["ingest", "--replace", "--profiles", "one.csv"]).ends(0);
    ran.prints("the store has 1 profile with 0 events").says("events kept until the record of their profile comes: 3");
}

/// Row groups that are larger than there is memory for are read in pieces, and all is told as of the whole.
#[test]
fn a_large_row_group_is_read_in_pieces() {
    let place = stored();
    let ids = (0..20_000).map(|n| if n == 15_000 { String::new() } else { format!("p{n:05}") });
    let ids = std::sync::Arc::new(arrow_array::StringArray::from_iter_values(ids)) as arrow_array::ArrayRef;
    let points = std::sync::Arc::new(arrow_array::Int64Array::from_iter_values(0..20_000)) as arrow_array::ArrayRef;
    let batch = arrow_array::RecordBatch::try_from_iter([("id", ids), ("points", points)]).unwrap();
    let mut file = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    place.write("many.parquet", file);
    place.write("many.seg", "segment many { where points >= 10000 }\n");
    for memory in ["1MiB", "1GiB"] {
        let ran = place.run(&["ingest", "--replace", "--profiles", "many.parquet", "--memory", memory]).ends(0);
        let ran = ran.says("many.parquet:15001").says("records left out without an id: 1 (missing-id)");
        ran.says("absent in `city`: 1 (missing-column)").prints("the store has 19999 profiles with 0 events");
        place.run(&["run", NOW, "-s", "many"]).ends(0).prints("many           9999  ");
    }
}

fn counts(ran: &Ran) -> Vec<String> {
    ran.out.lines().filter(|line| line.contains('%')).map(|l| l.split_whitespace().take(2).collect()).collect()
}

#[test]
fn what_is_delivered_twice_is_one_event() {
    let place = stored();
    let counting = "segment twice { where count(buy) >= 2 }\nsegment looked { where count(view) >= 2 }\n";
    place.write("count.seg", counting);
    // One is another event: it has an id of its own; and so has the same id at another time.
    let others = r#"{"_id":"1","profileId":"b","eventType":"buy","timestamp":"2026-11-22T10:00:00Z"}
{"_id":"7","profileId":"b","eventType":"buy","timestamp":"2026-11-22T10:00:00Z"}
{"_id":"2","profileId":"a","eventType":"view","timestamp":"2026-11-22T09:00:01Z"}
"#;
    place.write("others.ndjson", others);
    place.write("again.ndjson", format!("{EVENTS}{others}{EVENTS}"));
    let files = place.run(&["run", NOW, "--events", "again.ndjson"]).ends(0);
    let files = files.says("repeat the profile, type, timestamp and id of an earlier one: 3 (repeated-event)");
    let files = files.says("again.ndjson:7: `1`").says("again.ndjson:9: `3`");
    assert_eq!(counts(&files), ["twice1", "looked1", "buyers2", "lookers0"]);
    place.run(&["run", NOW, "--events", "again.ndjson", "--strict"]).ends(1).says("error[SEG0855]");
    // Across files, across batches, and across the runs of one batch.
    let two = ["run", NOW, "--events", "events.ndjson", "--events", "again.ndjson"];
    assert_eq!(counts(&place.run(&two).ends(0).says(": 6 (repeated-event)")), counts(&files));
    let ran = place.run(&["ingest", "--only", "--events", "events.ndjson"]).ends(0);
    ran.says(": 3 (repeated-event)").prints("3 profiles with 3 events");
    let before = content(&place);
    place.run(&["ingest", "--only", "--strict", "--events", "events.ndjson"]).ends(1).says("error[SEG0855]");
    assert!(content(&place) == before);
    let ran = place.run(&["ingest", "--only", "--events", "again.ndjson"]).ends(0);
    ran.says(": 6 (repeated-event)").prints("3 profiles with 6 events");
    let stored = place.run(&["run", NOW]).ends(0);
    assert_eq!(counts(&stored), counts(&files));
    place.run(&["store", "compact", "store"]).ends(0);
    assert_eq!(counts(&place.run(&["run", NOW]).ends(0)), counts(&files));
}

#[test]
fn what_a_killed_writer_left_is_removed() {
    let place = stored();
    let before = content(&place);
    place.write("store/parts/runs/0", "half a run");
    place.write("store/parts/00000099.part", "half a part");
    place.write("store/parts/notes.txt", "somebody's own");
    place.run(&["store", "check", "store"]).ends(0).says("2 files of a batch that is being written or was broken off");
    place.write("bad.ndjson", "no\n");
    place.run(&["ingest", "--only", "--events", "bad.ndjson"]).ends(1);
    assert!(place.path("store/parts/notes.txt").exists());
    std::fs::remove_file(place.path("store/parts/notes.txt")).unwrap();
    assert!(!place.path("store/parts/runs").exists());
    assert!(content(&place) == before);
}

#[test]
fn events_without_a_profile_wait_in_a_store() {
    let place = stored();
    place.write("new.ndjson", EVENTS.replace("\"a\"", "\"n\"").replace("\"_id\":\"", "\"_id\":\"n"));
    let ran = place.run(&["ingest", "--only", "--events", "new.ndjson"]).ends(0);
    ran.says("events kept until the record of their profile comes: 2 (waiting-event)")
        .prints("3 profiles with 4 events");
    place.write("n.csv", "id,city\nn,Oslo\n");
    place.run(&["ingest", "--only", "--profiles", "n.csv"]).ends(0).prints("4 profiles with 6 events");
}

#[test]
fn a_folder_of_something_else_does_not_become_a_store() {
    let place = Place::project();
    place.write("mine/notes.txt", "mine");
    for more in [&[][..], &["--replace"]] {
        place
            .run(&[&["ingest", "--store", "mine"][..], more].concat())
            .ends(2)
            .says("`mine` is no store, and has other files in it (`notes.txt`)");
    }
    assert_eq!(std::fs::read_dir(place.path("mine")).unwrap().count(), 1);
    std::fs::create_dir(place.path("empty")).unwrap();
    place.run(&["ingest", "--store", "empty"]).ends(0);
}
