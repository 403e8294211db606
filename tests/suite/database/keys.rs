//! Keys of ranked segments out of a database: the same members, ranks and keys, to the letter, as of a run over files.

use std::path::Path;

use serde_json::json;

use super::{NOW, fill_with, output};
use crate::conformance::engine::Engine;

const FIELDS: &[(&str, &str)] = &[
    ("points", r#"{ "type": "integer" }"#),
    ("price", r#"{ "type": "number", "meta:scale": 2 }"#),
    ("rate", r#"{ "type": "number" }"#),
    ("born", r#"{ "type": "string", "format": "date" }"#),
    ("seen", r#"{ "type": "string", "format": "date-time" }"#),
    ("name", r#"{ "type": "string" }"#),
];

/// What the rows hold in each field, absent first.
const VALUES: &[[&str; 5]] = &[
    ["NULL", "-7", "9007199254740993", "0", "12"],
    ["NULL", "0.50", "-12.00", "1234567.89", "3.10"],
    ["NULL", "0.1", "3.0", "-2.5", "123456.75"],
    ["NULL", "'1969-07-20'", "'2024-02-29'", "'2026-01-01'", "'1999-12-31'"],
    [
        "NULL",
        "'1969-12-31 23:59:59+00'",
        "'2026-11-20 10:00:00.25+00'",
        "'2026-03-29 01:00:00+00'",
        "'2000-01-01 00:00:00.000001+00'",
    ],
    ["NULL", "''", "'Z, \"é\"'", "'a'", "'\u{1f469}'"],
];

fn shop(folder: &Path) {
    let described = |(name, ty): &(&str, &str)| {
        let mut field: serde_json::Value = serde_json::from_str(ty).unwrap();
        (field["title"], field["description"]) = (json!(name), json!(name));
        (name.to_string(), field)
    };
    let mut fields: serde_json::Map<String, serde_json::Value> = FIELDS.iter().map(described).collect();
    fields.insert("_id".to_owned(), json!({ "title": "Id", "description": "Id.", "type": "string" }));
    let mut schema: serde_json::Value = serde_json::from_str(super::SCHEMA).unwrap();
    schema["classes"]["profile"]["properties"] = fields.into();
    std::fs::write(folder.join("schema.json"), schema.to_string()).unwrap();
    let project =
        super::PROJECT.replacen("none.parquet", "profiles.ndjson", 1).replace("none.parquet", "events.ndjson");
    std::fs::write(folder.join("seg.toml"), project).unwrap();
    let segment = |(name, _): &(&str, &str)| {
        format!(
            "segment by_{name} {{ where _id != \"\" rank by {name} desc }}\nsegment last_{name} {{ where _id != \"\" rank by {name} limit 2 }}\n"
        )
    };
    std::fs::write(folder.join("segments.seg"), FIELDS.iter().map(segment).collect::<String>()).unwrap();
    let row = |at: usize| {
        let cells = FIELDS.iter().zip(VALUES).filter(|(_, values)| values[at] != "NULL").map(|((name, _), values)| {
            let value = values[at].replace("+00'", "Z'").replace('"', "\\\"").replace('\'', "\"");
            format!(", \"{name}\": {}", if *name == "seen" { value.replacen(' ', "T", 1) } else { value })
        });
        format!("{{\"_id\": \"p{at}\"{}}}\n", cells.collect::<String>())
    };
    std::fs::write(folder.join("profiles.ndjson"), (0..5).map(row).collect::<String>()).unwrap();
    let event = r#"{"profile_id": "p0", "eventType": "view", "timestamp": "2026-01-01T00:00:00Z"}"#;
    std::fs::write(folder.join("events.ndjson"), event).unwrap();
}

/// The rows as statements.
fn statements() -> String {
    let names: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
    let row = |at: usize| {
        let cells: Vec<&str> = VALUES.iter().map(|values| values[at]).collect();
        format!("('p{at}', {})", cells.join(", "))
    };
    let rows: Vec<String> = (0..5).map(row).collect();
    format!("INSERT INTO profiles (_id, {}) VALUES {}", names.join(", "), rows.join(", "))
}

fn compare(url: &str, dialect: &str, rows: &str) {
    let folder = tempfile::tempdir().unwrap();
    shop(folder.path());
    fill_with(folder.path(), url, dialect, rows);
    let run = |more: &[&str]| output(folder.path(), &[&["run", "--now", NOW, "-o", "-"], more].concat());
    let local = run(&[]);
    assert!(local.contains("by_price,p2,4,-12.00") && local.contains("by_rate,p0,5,\n"), "{local}");
    assert_eq!(run(&["--on", url]), local);
}

#[test]
fn keys_of_duckdb() {
    let folder = tempfile::tempdir().unwrap();
    compare(&super::file(folder.path()), "duckdb", &statements());
}

#[test]
fn keys_of_postgres() {
    let mut engine = Engine::start("postgres");
    let url = engine.url();
    compare(&url, "postgres", &statements());
    super::open(&url, true).execute("DROP TABLE profiles; DROP TABLE events").unwrap();
    compare(&format!("adbc:{url}"), "postgres", &statements());
    engine.report("keys of ranked segments");
}

#[test]
fn keys_of_clickhouse() {
    let mut engine = Engine::start("clickhouse");
    let url = format!("{}?date_time_input_format=best_effort", engine.url());
    compare(&url, "clickhouse", &statements());
    engine.report("keys of ranked segments");
}

#[test]
fn keys_of_mariadb() {
    let mut engine = Engine::start("mariadb");
    compare(&engine.url(), "mariadb", &statements().replace("+00'", "'"));
    engine.report("keys of ranked segments");
}
