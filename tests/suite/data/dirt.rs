//! Data that is not as it should be: counted, left out or absent, never a crash, never wrong in silence.

use proptest::prelude::*;
use segc::data::report::Kind;
use segc::store::Space;
use segc::types::Ty;

use super::formats::{events_parquet, profiles_parquet};
use super::ndjson::{all, load_files, schema};
use super::show::{dataset, needs};

const SETTINGS: [&str; 3] = ["profiles.files=p.ndjson", "events.files=e.ndjson", "events.id=_id"];

fn deep(depth: usize) -> String {
    format!("{{\"_id\":\"deep{depth}\",\"x\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1))
}

#[test]
fn what_follows_a_record_that_is_far_too_long_is_read() {
    for length in [(1 << 20) + 1, 4_194_304, 9_000_000] {
        let filler = "x".repeat(length);
        let lines =
            format!("{{\"_id\":\"a\"}}\n{{\"_id\":\"b\",\"y\":\"{filler}\"}}\n{{\"_id\":\"c\"}}\n{{\"_id\":\"d\"}}");
        let rows = format!("_id,y\na,\nb,{filler}\nc,\nd,\n");
        for (name, text) in [("p.ndjson", lines), ("p.csv", rows)] {
            let profiles = format!("profiles.files={name}");
            let files: [(&str, &[u8]); 2] = [(name, text.as_bytes()), ("e.ndjson", b"")];
            let loaded = load_files(&files, &[&profiles, "events.files=e.ndjson"], &schema(), &all()).unwrap();
            let told = loaded.report.to_text();
            assert_eq!(
                loaded.dataset.blocks[0].ids.iter().collect::<Vec<_>>(),
                ["a", "c", "d"],
                "{name}, {length}: {told}"
            );
            assert!(told.contains(&format!("{name}:{}: ", if name == "p.csv" { 3 } else { 2 })), "{told}");
        }
    }
}

#[test]
fn dirty_ndjson_is_told_kind_by_kind() {
    let long = |n: usize| format!("{{\"_id\":\"long\",\"x\":\"{}\"}}", "y".repeat(n));
    let overhead = long(0).len();
    let profiles: Vec<Vec<u8>> = [
        r#"{"_id":"a","name":5,"tier":"gold","points":"7","optIn":"yes","tags":"x"}"#.to_owned(),
        r#"{"_id":"b","tier":"bronze","points":1.5,"spent":1.005,"rate":1e999}"#.to_owned(),
        r#"{"_id":"a","name":"second"}"#.to_owned(),
        r#"{"name":"nobody"}"#.to_owned(),
        r#"{"_id":"c","_id":"d"}"#.to_owned(),
        r#"{"_id":"e","consents":{"email":true,"email":false}}"#.to_owned(),
        r#"{"_id":"f","points":9223372036854775808,"spent":123456789.5,"name":"a\u0000b"}"#.to_owned(),
        r#"{"_id":"g","born":"2024-02-30","since":"2024-01-01T00:00:00","home":"Oslo"}"#.to_owned(),
        r#"{"_id":"h","since":1700000000,"home":["Oslo"],"tags":{"a":1},"propensity":{"churn":{"probability":81}}}"#
            .to_owned(),
        r#"{"_id":"i","tags":["ok",7,{"a":1},true]}"#.to_owned(),
        r#"{"_id":"j" "name":"x"}"#.to_owned(),
        r#"["_id"]"#.to_owned(),
        r#"{"_id":"k"} {"_id":"l"}"#.to_owned(),
        r#"{"_id":"m","name":"\ud800"}"#.to_owned(),
        r#"{"_id":"n","points":01}"#.to_owned(),
        deep(64),
        deep(65),
        long((1 << 20) - overhead),
        long((1 << 20) - overhead + 1),
    ]
    .into_iter()
    .map(String::into_bytes)
    .chain([b"{\"_id\":\"\xff\"}".to_vec(), b"{\"_id\":\"z\",\"name\":\"cut o".to_vec()])
    .collect();
    let events = r#"{"_id":"1","profileId":"a","eventType":"view","timestamp":"2026-01-01T00:00:00Z"}
{"_id":"2","profileId":"x","eventType":"view","timestamp":"2026-01-01T00:00:00Z"}
{"_id":"3","eventType":"view","timestamp":"2026-01-01T00:00:00Z"}
{"_id":"4","profileId":"a","eventType":"view","timestamp":"yesterday"}
{"_id":"5","profileId":"a","eventType":"view"}
{"_id":"6","profileId":"a","timestamp":"2026-01-01T00:00:00Z"}
{"profileId":"a","eventType":"veiw","timestamp":"2026-01-01T23:59:60Z"}
{"profileId":"a","eventType":"veiw","timestamp":"2027-01-01T23:59:00Z","items":{"sku":"s"}}
{"_id":"7","profileId":"a","eventType":"view","timestamp":"2027-01-01T23:59:00Z","items":["s",{"sku":1,"count":"2"}]}
"#;
    let files: [(&str, &[u8]); 2] = [("p.ndjson", &profiles.join(&b'\n')), ("e.ndjson", events.as_bytes())];
    let loaded = load_files(&files, &SETTINGS, &schema(), &all()).unwrap();
    insta::assert_snapshot!(loaded.report.to_text());
    let short = dataset(&loaded.dataset).replace(&"y".repeat(100), "");
    insta::assert_snapshot!("dirty_ndjson_data", short);
    insta::assert_json_snapshot!("dirty_ndjson_json", loaded.report.to_json()["findings"][0]);
}

#[test]
fn a_file_that_ends_within_a_character_is_cut_off() {
    let told = |profiles: &[u8]| {
        let files: [(&str, &[u8]); 1] = [("p.ndjson", profiles)];
        let needs = needs(&[(Space::Profiles, &[("name", Ty::String)])]);
        load_files(&files, &["profiles.files=p.ndjson"], &schema(), &needs).unwrap().report.to_text()
    };
    let whole = "{\"_id\":\"a\"}\n{\"_id\":\"b\",\"name\":\"é";
    let cut = told(&whole.as_bytes()[..whole.len() - 1]);
    assert!(cut.contains("p.ndjson:2: the file ends within this record"), "{cut}");
    let cut = told(whole.as_bytes());
    assert!(cut.contains("p.ndjson:2: the file ends within this record"), "{cut}");
    // What goes on behind it is no UTF-8 at all.
    let wrong = told(&[&whole.as_bytes()[..whole.len() - 1], b"\"}\n".as_slice()].concat());
    assert!(wrong.contains("p.ndjson:2: not UTF-8"), "{wrong}");
}

#[test]
fn dirty_csv_is_told_kind_by_kind() {
    let profiles = b"_id,name,born,points,rate,home.city,extra\n\
        a,\"two\nlines\",1999-01-01,1,0.5,Oslo,\n\
        b,too few\n\
        c,\"open\" x,,,,,\n\
        d,,01/02/1999,x,NaN,,\n\
        e,,,2.0,1e400,\xff,\n\
        f,,,,,,\n\
        ,no id,,,,,\n\
        g,\"never closed";
    let files: [(&str, &[u8]); 1] = [("p.csv", profiles)];
    let columns: &[(&str, Ty)] = &[
        ("name", Ty::String),
        ("born", Ty::Date),
        ("points", Ty::Int),
        ("rate", Ty::Float),
        ("home.city", Ty::String),
        ("tags", Ty::List(Box::new(Ty::String))),
    ];
    let needs = needs(&[(Space::Profiles, columns)]);
    let loaded = load_files(&files, &["profiles.files=p.csv"], &schema(), &needs).unwrap();
    insta::assert_snapshot!(loaded.report.to_text() + &dataset(&loaded.dataset));
    // A name in other letters is another name, and is told.
    let cased: [(&str, &[u8]); 1] = [("p.csv", b"_id,Points\na,1\n")];
    let told = load_files(&cased, &["profiles.files=p.csv"], &schema(), &needs).unwrap().report.to_text();
    assert!(told.contains("p.csv: not in the header, which has `Points`"), "{told}");
    for (header, reason) in [("_id,_id\na,b\n", "twice"), ("\"_id\na", "never closed")] {
        let files: [(&str, &[u8]); 1] = [("p.csv", header.as_bytes())];
        let refused = load_files(&files, &["profiles.files=p.csv"], &schema(), &needs).unwrap_err();
        assert!(refused[0].message.contains(reason), "{}", refused[0].message);
    }
}

#[test]
fn a_strict_run_fails_on_any_finding() {
    let clean: [(&str, &[u8]); 1] = [("p.ndjson", b"{\"_id\":\"a\"}\n")];
    let dirty: [(&str, &[u8]); 1] = [("p.ndjson", b"{\"_id\":\"a\"}\n{\"_id\":\"a\"}\n")];
    let strict = ["profiles.files=p.ndjson", "strict=true"];
    assert!(load_files(&clean, &strict, &schema(), &all()).is_ok());
    let diagnostics = load_files(&dirty, &strict, &schema(), &all()).unwrap_err();
    insta::assert_snapshot!(format!("{}\n{}", diagnostics[0].message, diagnostics[0].help.join("\n")));
}

#[test]
fn files_that_are_missing_or_of_no_format_end_the_run() {
    let files: [(&str, &[u8]); 1] = [("p.dat", b"")];
    for settings in [["profiles.files=q.ndjson"], ["profiles.files=*.csv"], ["profiles.files=p.dat"]] {
        let diagnostics = load_files(&files, &settings, &schema(), &all()).unwrap_err();
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].code.info().name, "unreadable-data");
    }
}

#[test]
fn a_cut_compressed_file_is_refused() {
    let lines: String =
        (0..2000).map(|i| format!("{{\"_id\":\"p{i:05}\",\"name\":\"n{}\"}}\n", i * 7919 % 2003)).collect();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gz, lines.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let zst = zstd::encode_all(lines.as_bytes(), 1).unwrap();
    for (name, bytes) in [("p.ndjson.gz", &gz), ("p.ndjson.zst", &zst)] {
        let files: [(&str, &[u8]); 1] = [(name, &bytes[..bytes.len() / 2])];
        let setting = format!("profiles.files={name}");
        let refused = load_files(&files, &[&setting], &schema(), &all()).unwrap_err();
        assert!(refused[0].message.contains("cannot be read"), "{name}: {}", refused[0].message);
    }
}

#[test]
fn a_compressed_bomb_is_refused() {
    let bomb = zstd::encode_all(&vec![b' '; 300 << 20][..], 3).unwrap();
    let files: [(&str, &[u8]); 1] = [("p.ndjson.zst", &bomb)];
    let refused = load_files(&files, &["profiles.files=p.ndjson.zst"], &schema(), &all()).unwrap_err();
    assert!(refused[0].message.contains("100 times"), "{}", refused[0].message);
}

/// Changes some bytes of a file, or cuts it, by a seed.
fn broken(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize
    };
    let mut bytes = bytes.to_vec();
    for _ in 0..=next() % 4 {
        let at = next() % bytes.len();
        bytes[at] = match next() % 3 {
            0 => bytes[at] ^ (1 << (next() % 8)),
            1 => 0xff,
            _ => next() as u8,
        };
    }
    if next().is_multiple_of(5) {
        bytes.truncate(next() % bytes.len());
    }
    bytes
}

#[test]
fn broken_binary_files_never_crash() {
    let (profiles, events) = (profiles_parquet(), events_parquet());
    std::panic::set_hook(Box::new(|_| {}));
    let mut rejected = 0;
    for seed in 0..150 {
        let (p, e) = (broken(&profiles, seed), broken(&events, seed + 1_000_000));
        let files: [(&str, &[u8]); 2] = [("p.parquet", &p), ("e.parquet", &e)];
        let settings = ["profiles.files=p.parquet", "events.files=e.parquet", "events.id=_id"];
        rejected += u64::from(load_files(&files, &settings, &schema(), &all()).is_err());
    }
    let _ = std::panic::take_hook();
    assert!(rejected > 50, "{rejected}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn broken_lines_are_read_as_strictly_as_by_another_reader(seed in any::<u64>()) {
        let line = r#"{"_id":"a","name":"é\n\u00e5\ud83d\ude00","points":-12,"rate":1.5e-3,"tags":["x",null],"home":{"city":"Oslo"},"y":[true,{"a":[]}]}"#;
        let bytes = broken(line.as_bytes(), seed);
        prop_assume!(!bytes.contains(&b'\n'));
        // A file without any sound record is refused as a whole.
        let text = [b"{\"_id\":\"sound\"}\n", &bytes[..]].concat();
        let files: [(&str, &[u8]); 1] = [("p.ndjson", &text)];
        let loaded = load_files(&files, &["profiles.files=p.ndjson"], &schema(), &all()).unwrap();
        let findings = &loaded.report.findings;
        let left_out: u64 = [Kind::Malformed, Kind::Truncated, Kind::InvalidUtf8, Kind::DuplicateKey, Kind::TooDeep]
            .into_iter()
            .map(|kind| findings.count(kind))
            .sum();
        let parsed = serde_json::from_slice::<serde_json::Value>(&bytes);
        let accepted = left_out == 0 && !bytes.iter().all(u8::is_ascii_whitespace);
        let is_object = parsed.as_ref().is_ok_and(serde_json::Value::is_object);
        // The other reader takes the last of two equal keys and refuses numbers that no double holds.
        let differs = findings.count(Kind::DuplicateKey) > 0 || parsed.as_ref().is_err_and(|e| e.to_string().contains("out of range"));
        prop_assert!(accepted == is_object || differs, "{:?} {:?} {}", String::from_utf8_lossy(&bytes), parsed, loaded.report.to_text());
    }

    #[test]
    fn broken_csv_never_crashes(seed in any::<u64>()) {
        let text = "_id,name,points,tags\r\na,\"x \"\"y\"\"\",3,\"[\"\"a\"\"]\"\r\nb,,,\r\n";
        let bytes = broken(text.as_bytes(), seed);
        let files: [(&str, &[u8]); 1] = [("p.csv", &bytes)];
        match load_files(&files, &["profiles.files=p.csv"], &schema(), &all()) {
            Ok(loaded) => prop_assert!(loaded.report.profiles <= 8),
            Err(refused) => prop_assert_eq!(refused[0].code.info().name, "unreadable-data"),
        }
    }
}

#[test]
fn order_of_events_and_number_of_threads_do_not_matter() {
    let lines: Vec<String> = (0..5000u64)
        .map(|i| {
            let at = 1_700_000_000 + i * 7919 % 4999;
            format!(
                "{{\"_id\":\"e{i}\",\"profileId\":\"p{}\",\"eventType\":\"{}\",\"timestamp\":\"{}\",\"order\":{{\"total\":{}.25}},\"items\":[{{\"sku\":\"s{}\"}}]}}",
                i * 31 % 3000,
                if i % 3 == 0 { "buy" } else { "view" },
                jiff::Timestamp::from_second(at as i64).unwrap(),
                i % 100,
                i % 50
            )
        })
        .collect();
    let profiles: String =
        (0..2900).rev().map(|i| format!("{{\"_id\":\"p{i}\",\"name\":\"n{}\"}}\n", i % 40)).collect();
    let mut shuffled = lines.clone();
    shuffled.sort_by_key(|line| blake3::hash(line.as_bytes()).to_string());
    let read = |lines: &[String], threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let events = lines.join("\n");
        let files: [(&str, &[u8]); 2] = [("p.ndjson", profiles.as_bytes()), ("e.ndjson", events.as_bytes())];
        let loaded = pool.install(|| load_files(&files, &SETTINGS, &schema(), &all())).unwrap();
        (dataset(&loaded.dataset), loaded.report)
    };
    let (one, report) = read(&lines, 1);
    let (four, same_report) = read(&lines, 4);
    assert!(one == four && report == same_report);
    assert_eq!(report.findings.count(Kind::UnknownProfile) + report.events, 5000);
    let (other, _) = read(&shuffled, 3);
    assert!(one == other, "the order of events matters");
    assert!(one.starts_with("block 0: 2048 profiles"));
}
