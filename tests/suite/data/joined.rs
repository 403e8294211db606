//! Ids and texts that are made of several columns.

use arrow_schema::DataType;
use segc::data::Loaded;
use segc::diagnostics::Diagnostic;
use segc::plan::Needs;
use segc::store::Space;
use segc::types::Ty;

use super::formats::parquet;
use super::ndjson::{load_files, schema};
use super::show::{dataset, needs};

const SETTINGS: [&str; 6] = [
    r#"profiles.id={ join = ["course", "who.number"], with = "|" }"#,
    r#"profiles.columns={ name = { join = ["who.number", "city", "course"], with = ", " }, "home.city" = "city" }"#,
    r#"events.profile={ join = ["course", "student"], with = "|" }"#,
    r#"events.id={ join = ["type", "student", "at"], with = "/" }"#,
    r#"events.type=type"#,
    r#"events.timestamp=at"#,
];

/// The second and the third would have one id if a part could contain the line; the fourth has no number.
const PROFILES: &str = r#"{"course":"AA","who":{"number":7},"city":"Oslo"}
{"course":"AA|1","who":{"number":2},"city":"Bø, by the sea"}
{"course":"AA","who":{"number":12}}
{"course":"BB","who":{}}
{"course":"AA","who":{"number":7},"city":"Rome"}
"#;

const EVENTS: &str = r#"{"course":"AA","student":"7","type":"view","at":"2026-10-01T00:00:00Z"}
{"course":"AA","student":"12","type":"buy","at":"2026-10-02T00:00:00Z"}
{"course":"AA","student":"12","type":"buy","at":"2026-10-02T00:00:00Z"}
{"course":"AA|1","student":"2","type":"buy","at":"2026-10-03T00:00:00Z"}
{"course":"BB","student":"","type":"buy","at":"2026-10-03T00:00:00Z"}
"#;

fn wanted() -> Needs {
    needs(&[
        (Space::Profiles, &[("name", Ty::String), ("home.city", Ty::String)]),
        (Space::Events, &[("timestamp", Ty::Timestamp)]),
    ])
}

fn load(extension: &str, profiles: &[u8], events: &[u8], more: &[&str]) -> Result<Loaded, Vec<Diagnostic>> {
    let (p, e) = (format!("p.{extension}"), format!("e.{extension}"));
    let files = [format!("profiles.files={p}"), format!("events.files={e}")];
    let settings: Vec<&str> =
        SETTINGS.into_iter().chain(files.iter().map(String::as_str)).chain(more.iter().copied()).collect();
    load_files(&[(&p, profiles), (&e, events)], &settings, &schema(), &wanted())
}

#[test]
fn ids_of_several_columns_are_one_in_every_format() {
    let text = || DataType::Utf8;
    let number = DataType::Struct(vec![arrow_schema::Field::new("number", DataType::Int32, true)].into());
    let profiles = [("course", text()), ("who", number), ("city", text())];
    let events = [("course", text()), ("student", text()), ("type", text()), ("at", text())];
    let lines = load("ndjson", PROFILES.as_bytes(), EVENTS.as_bytes(), &[]).unwrap();
    insta::assert_snapshot!(dataset(&lines.dataset) + &lines.report.to_text());
    let columns = load("parquet", &parquet(PROFILES, &profiles), &parquet(EVENTS, &events), &[]).unwrap();
    let cells = "course,who.number,city\nAA,7,Oslo\nAA|1,2,\"Bø, by the sea\"\nAA,12,\nBB,,\nAA,7,Rome\n";
    let rows = "at,type,student,course\n2026-10-01T00:00:00Z,view,7,AA\n2026-10-02T00:00:00Z,buy,12,AA\n\
                2026-10-02T00:00:00Z,buy,12,AA\n2026-10-03T00:00:00Z,buy,2,AA|1\n2026-10-03T00:00:00Z,buy,,BB\n";
    let csv = load("csv", cells.as_bytes(), rows.as_bytes(), &[]).unwrap();
    for other in [&columns, &csv] {
        assert_eq!(dataset(&other.dataset), dataset(&lines.dataset));
        let counts = |loaded: &Loaded| {
            let findings = loaded.report.findings.iter();
            findings.map(|(kind, path, found)| (kind, path.to_owned(), found.count)).collect::<Vec<_>>()
        };
        assert_eq!(counts(other), counts(&lines));
    }
}

#[test]
fn a_column_of_a_joined_text_must_be_there() {
    let refused = load("csv", b"course,city\nAA,Oslo\n", b"course,student,type,at\n", &[]).unwrap_err();
    insta::assert_snapshot!(refused[0].message, @"the data file `p.csv` cannot be read: it has no column `who.number`, which is needed; it has `course`, `city`");
}
