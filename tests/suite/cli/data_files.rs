//! Data that is broken: a report, a strict mode that fails, never a crash.

use std::io::Write as _;
use std::process::Stdio;

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
            // A text without a record is a file without events.
            let sound = *what == "empty" && extension == "ndjson";
            let ran = ran.ends(if sound { 0 } else { 1 });
            assert!(!ran.err.contains("panicked"), "{name}: {ran:?}");
            assert!(sound || ran.err.contains("error[SEG0854]"), "{name}: {ran:?}");
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
    run(&place, &["--events", "cut.ndjson.gz"]).ends(1).says("cut.ndjson.gz` cannot be read: it is cut off");
    place.write("bomb.ndjson.gz", gzip(&vec![b' '; 32 << 20]));
    run(&place, &["--events", "bomb.ndjson.gz"]).ends(1).says("100 times");
}

#[test]
fn folders_and_devices_in_place_of_files() {
    let place = Place::project();
    std::fs::create_dir(place.path("folder.csv")).unwrap();
    run(&place, &["--profiles", "folder.csv"]).ends(2).says("there is no data file in the folder `folder.csv`");
    run(&place, &["--profiles", "/dev/null"]).ends(2).says("`/dev/null` is a device");
    std::os::unix::fs::symlink("nowhere.csv", place.path("link.csv")).unwrap();
    run(&place, &["--profiles", "link.csv"]).ends(2).says("is a link to `nowhere.csv`, where nothing is");
    std::os::unix::fs::symlink("circle.csv", place.path("circle.csv")).unwrap();
    run(&place, &["--profiles", "circle.csv"]).ends(2).says("the data file `circle.csv` cannot be reached");
    place.write("seg.toml", super::PROJECT.replace("events.ndjson", "link.csv"));
    let ran = run(&place, &[]).ends(1).says("error[SEG0854]").says("is a link to `nowhere.csv`");
    assert!(ran.err.contains("seg.toml:12:9"), "the place is that of the files: {}", ran.err);
    place.write("seg.toml", super::PROJECT.replace("\"shop.json\"", "\"folder.csv\""));
    run(&place, &[]).ends(1).says("error[SEG0806]");
}

#[test]
fn a_page_that_claims_too_much_is_refused_before_it_is_decoded() {
    let place = Place::project();
    let mut file = Vec::new();
    let ids = std::sync::Arc::new(arrow_array::StringArray::from(vec!["a", "b"])) as arrow_array::ArrayRef;
    let batch = arrow_array::RecordBatch::try_from_iter([("id", ids)]).unwrap();
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
    run(&place, &["--profiles", "large.parquet"]).ends(1).says("a page is larger than 64 MiB");
}

/// The file is of pyarrow, `write_table(table, "page_checksums.parquet", write_page_checksum=True, compression="none",
/// use_dictionary=False, store_schema=False)`, with the columns `id` (`a` to `d`) and `points` (1 to 4).
#[test]
fn pages_that_have_a_checksum_are_held_to_it() {
    let place = Place::project();
    let file = include_bytes!("../fixtures/page_checksums.parquet");
    place.write("sums.parquet", file);
    run(&place, &["--profiles", "sums.parquet"]).ends(0).prints("over 4 profiles");
    // The third id behind its length, which would be another sound id otherwise.
    let at = file.windows(5).position(|bytes| bytes == b"\x01\0\0\0c").unwrap() + 4;
    let mut flipped = file.to_vec();
    flipped[at] = b'x';
    place.write("sums.parquet", flipped);
    run(&place, &["--profiles", "sums.parquet"]).ends(1).says("the checksum of a page does not hold");
}

#[test]
fn pipes_and_standard_input_are_read_by_what_they_begin_with() {
    let place = Place::project();
    let of = |events: &[u8]| {
        let mut command = place.command(&["run", NOW, "--events", "-"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(events).unwrap();
        Ran::of(child.wait_with_output().unwrap())
    };
    let expected = run(&place, &[]).ends(0).out;
    let table = |text: &str| text.lines().filter(|line| line.contains('%')).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(table(&of(super::EVENTS.as_bytes()).ends(0).out), table(&expected));
    assert_eq!(table(&of(&[b"\xef\xbb\xbf", super::EVENTS.as_bytes()].concat()).ends(0).out), table(&expected));
    let csv = b"_id,profileId,eventType,timestamp\n1,a,buy,2026-11-22T10:00:00Z\n2,b,view,2026-11-20T09:00:00Z\n";
    assert_eq!(table(&of(csv).ends(0).out), table(&expected));
    of(b"PAR1\0\0\0\0").ends(1).says("a pipe cannot be read from its end");
    run(&place, &["--events", "-", "--profiles", "-"]).ends(2).says("only one of the data files can be `-`");
    // A pipe with a name: the reader waits for its writer, and says so.
    let pipe = place.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut command = place.command(&["run", NOW, "--events", "pipe"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::fs::write(&pipe, super::EVENTS).unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap()).ends(0).says("pipe is a pipe: reading what is written to it");
    assert_eq!(table(&ran.out), table(&expected));
}

#[test]
fn a_quote_that_is_never_closed_tells_what_is_lost() {
    let place = Place::project();
    place.write("profiles.csv", "id,city\na,Oslo\nb,\"Lund\nc,Rome\nd,Bonn\n");
    let ran = run(&place, &[]).ends(0).prints("over 1 profile:");
    ran.says("profiles.csv:3: a quote is never closed; 2 lines are lost with it");
}

#[test]
fn empty_ids_are_none() {
    let place = Place::project();
    place.write("profiles.ndjson", "{\"id\":\"\"}\n{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
    let ran = run(&place, &["--profiles", "profiles.ndjson"]).ends(0).prints("over 2 profiles");
    ran.says("records left out without an id: 1 (missing-id)").says("profiles.ndjson:1");
    let mut file = Vec::new();
    let ids = std::sync::Arc::new(arrow_array::StringArray::from(vec!["a", "", "b"])) as arrow_array::ArrayRef;
    let batch = arrow_array::RecordBatch::try_from_iter([("id", ids)]).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    place.write("profiles.parquet", file);
    let ran = run(&place, &["--profiles", "profiles.parquet"]).ends(0).prints("over 2 profiles");
    ran.says("records left out without an id: 1 (missing-id)").says("profiles.parquet:2");
}

#[test]
fn a_column_that_is_there_twice_is_none() {
    let place = Place::project();
    let texts = |text: &str| std::sync::Arc::new(arrow_array::StringArray::from(vec![text])) as arrow_array::ArrayRef;
    let columns = [("id", texts("a")), ("city", texts("Oslo")), ("id", texts("b"))];
    let batch = arrow_array::RecordBatch::try_from_iter(columns).unwrap();
    let mut parquet = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut parquet, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let mut arrow = Vec::new();
    let mut writer = arrow_ipc::writer::FileWriter::try_new(&mut arrow, &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    drop(writer);
    for (name, bytes) in [("profiles.parquet", parquet), ("profiles.arrow", arrow)] {
        place.write(name, bytes);
        run(&place, &["--profiles", name]).ends(1).says("the file has the column `id` twice");
    }
}

#[test]
fn a_score_without_its_time_is_counted() {
    let place = Place::project();
    place.write(
        "scores.seg",
        "propensity churn from \"scores.csv\" { max age 30 days }\n\
         segment likely { where propensity.churn.probability >= 0.5 }\n\
         propensity buys from \"buys.csv\" { kind buys }\n\
         segment keen { where propensity.buys.probability >= 0.5 }\n",
    );
    let dated = "id,probability,scored_at\na,0.9,2026-11-20T00:00:00Z\nb,0.8,2026-11-20T00:00:00Z\nc,,\n";
    place.write("scores.csv", dated);
    place.write("buys.csv", dated);
    run(&place, &["--strict"]).ends(0);
    place.write("scores.csv", "id,probability\na,0.9\nb,0.8\n");
    let ran = run(&place, &["-s", "likely"]).ends(0).says("scores without their time of scoring");
    ran.says(": 2 (missing-scored-at)").says("scores.csv:2").prints("likely            0");
    run(&place, &["--strict"]).ends(1).says("error[SEG0855]").says("2 (missing-scored-at)");
    // Where nothing reads the age it is missed all the same.
    place.write("scores.csv", dated);
    place.write("buys.csv", "id,probability,scored_at\na,0.9,\nb,,\n");
    run(&place, &["--strict"]).ends(1).says("1 (missing-scored-at)").says("buys.csv:2");
}

#[test]
fn a_source_that_is_empty_is_told() {
    for blank in ["", " \n\n"] {
        let place = Place::project();
        place.write("blank.ndjson", blank);
        run(&place, &["--events", "blank.ndjson"]).ends(0).says("(empty-file)").says("blank.ndjson: it is empty");
        run(&place, &["--events", "blank.ndjson", "--strict"]).ends(1).says("error[SEG0855]");
        // A part of several may be, as some writers leave one for each of their tasks.
        place.write("part.ndjson", super::EVENTS);
        run(&place, &["--events", "blank.ndjson", "--events", "part.ndjson", "--strict"]).ends(0);
    }
}
