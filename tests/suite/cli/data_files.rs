//! Data that is broken: a report, a strict mode that fails, never a crash.

use std::io::Write as _;

use super::{NOW, Place, Ran};

fn run(place: &Place, more: &[&str]) -> Ran {
    place.run(&[&["run", NOW], more].concat())
}

#[test]
fn dirt_is_reported_and_strict_runs_fail() {
    let place = Place::project();
    place.write(
        "profiles.csv",
        "id,city,tier,points\na,Oslo,platinum,ten\nb,Lund,silver,20\n,Rom,gold,1\nb,Bonn,gold,2\n",
    );
    let ran = run(&place, &[]).ends(0).prints("over 2 profiles");
    for part in ["profiles.csv:4", "profiles.csv:5"] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    run(&place, &["--strict"]).ends(1).says("error[SEG0855]");
    let json = run(&place, &["--format", "json"]).ends(0);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert!(json["data"].is_object(), "{json}");
}

#[test]
fn hostile_lines_are_counted_not_fatal() {
    let place = Place::project();
    let long =
        format!("{{\"_id\":\"9\",\"profileId\":\"a\",\"eventType\":\"buy\",\"note\":\"{}\"}}\n", "x".repeat(3 << 20));
    let mut events = super::EVENTS.as_bytes().to_vec();
    events.extend(long.as_bytes());
    events.extend(
        b"{\"_id\":\"10\",\"profileId\":\"b\",\"eventType\":\"\xff\xfe\",\"timestamp\":\"2026-11-22T10:00:00Z\"}\n",
    );
    events.extend(b"\0\0\0\n[1,2,3]\nnull\n\"text\"\n{\n");
    events.extend("[".repeat(5000).as_bytes());
    events.extend(
        b"\n{\"_id\":\"11\",\"profileId\":\"b\",\"eventType\":\"buy\",\"timestamp\":\"2026-11-22T10:00:00Z\"}\n",
    );
    events.extend(b"{\"_id\":\"12\",\"profileId\":\"b\",\"eventType\":\"b");
    place.write("events.ndjson", events);
    let ran = run(&place, &["--output", "-"]).ends(0).says("events.ndjson:");
    assert_eq!(ran.out, "segment,profile_id\nbuyers,a\nbuyers,b\n", "what is behind the dirt is read");
}

#[test]
fn files_that_are_not_what_their_name_says() {
    let place = Place::project();
    let contents: [(&str, Vec<u8>); 4] = [
        ("text", b"this is no such file, but long enough to have a footer".to_vec()),
        ("empty", Vec::new()),
        ("zeros", vec![0; 4096]),
        ("magic", [b"PAR1".as_slice(), &[0xff; 64], &[0xff, 0xff, 0xff, 0x7f], b"PAR1"].concat()),
    ];
    for extension in ["parquet", "arrow", "ndjson.gz", "csv.zst", "ndjson", "csv"] {
        for (what, content) in &contents {
            let name = format!("{what}.{extension}");
            place.write(&name, content);
            let ran = run(&place, &["--events", &name]);
            assert!(matches!(ran.code, Some(0 | 1)), "{name}: {ran:?}");
            assert!(!ran.err.contains("panicked"), "{name}: {ran:?}");
            let silent = ran.err.is_empty() && *what != "empty";
            assert!(!silent, "{name} was accepted in silence: {ran:?}");
        }
    }
}

#[test]
fn compressed_files_that_are_cut_or_grow_without_end() {
    let place = Place::project();
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let whole = gzip(super::EVENTS.as_bytes());
    place.write("whole.ndjson.gz", &whole);
    run(&place, &["--events", "whole.ndjson.gz", "--strict"]).ends(0);
    place.write("cut.ndjson.gz", &whole[..whole.len() - 12]);
    run(&place, &["--events", "cut.ndjson.gz"]).ends(0).says("cut.ndjson.gz");
    run(&place, &["--events", "cut.ndjson.gz", "--strict"]).ends(1);
    place.write("bomb.ndjson.gz", gzip(&vec![b' '; 32 << 20]));
    run(&place, &["--events", "bomb.ndjson.gz"]).ends(0).says("100 times");
}

#[test]
fn folders_and_devices_in_place_of_files() {
    let place = Place::project();
    std::fs::create_dir(place.path("folder.csv")).unwrap();
    run(&place, &["--profiles", "folder.csv"]).ends(1).says("error[SEG0854]");
    place.write("seg.toml", super::PROJECT.replace("\"shop.json\"", "\"folder.csv\""));
    run(&place, &[]).ends(1).says("error[SEG0806]");
}

#[test]
fn a_page_that_claims_too_much_is_refused_before_it_is_decoded() {
    let place = Place::project();
    let mut file = Vec::new();
    let ids = std::sync::Arc::new(arrow::array::StringArray::from(vec!["a", "b"])) as arrow::array::ArrayRef;
    let batch = arrow::array::RecordBatch::try_from_iter([("id", ids)]).unwrap();
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_compression(parquet::basic::Compression::SNAPPY)
        .build();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    place.write("good.parquet", &file);
    run(&place, &["--profiles", "good.parquet"]).ends(0).prints("over 2 profiles");
    // Behind the magic is the header of the one page: field 1 (a data page), then field 2, its size decompressed.
    assert_eq!(file[4..7], [0x15, 0x00, 0x15]);
    let end = 7 + file[7..].iter().position(|byte| byte & 0x80 == 0).unwrap();
    // The largest 32-bit size.
    file.splice(7..=end, [0xfe, 0xff, 0xff, 0xff, 0x0f]);
    place.write("large.parquet", &file);
    run(&place, &["--profiles", "large.parquet"]).says("a page is larger than 64 MiB");
}
