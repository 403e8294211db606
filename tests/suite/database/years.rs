//! Days and instants that are in no year from 1 to 9999: absent in files, and in a database as large as no other. A run that
//! reads such a column is refused.

use super::types::are_refused;
use super::{NOW, fill_with, members, output, project};
use crate::conformance::engine::Engine;

const FIELDS: &str =
    "\"born\": { \"title\": \"Born\", \"description\": \"Born.\", \"type\": \"string\", \"format\": \"date\" },
    \"until\": { \"title\": \"Until\", \"description\": \"Until.\", \"type\": \"string\", \"format\": \"date-time\" },
    \"points\": {";

const SEGMENTS: &str = "segment born_ones { where born is present }\n\
                        segment valid_ones { where until > 2026-01-01 }\n\
                        segment active { where any(view) }\n";

/// The first and the last day that there are, and instants next to them, are read; of what is beyond, the column is named.
fn are_asked(url: impl Fn(&std::path::Path) -> String, dialect: &str, zone: &str, beyond: &[(&str, &str)]) {
    let project = project();
    let schema = super::SCHEMA.replace("\"points\": {", FIELDS);
    for (name, text) in [("schema.json", schema.as_str()), ("segments.seg", SEGMENTS)] {
        std::fs::write(project.path().join(name), text).unwrap();
    }
    let url = url(project.path());
    let event_type = if dialect == "mariadb" { "`eventType`" } else { "\"eventType\"" };
    let rows = format!(
        "INSERT INTO profiles (_id, born, until) VALUES ('a', '0001-01-01', '9999-12-31 23:59:59.999999{zone}'),
             ('b', '9999-12-31', '0001-01-02 00:00:00{zone}'), ('c', NULL, NULL);
         INSERT INTO events (profile_id, {event_type}, timestamp) VALUES ('a', 'other', '2026-11-01 10:00:00{zone}')"
    );
    fill_with(project.path(), &url, dialect, &rows);
    assert_eq!(members(project.path(), &url), ["born_ones a", "born_ones b", "valid_ones a"]);
    let told = |column: &str| format!("values of {column}, in the years 1 to 9999: found one that is in none of them");
    let beyond: Vec<(&str, String)> = beyond.iter().map(|(change, column)| (*change, told(column))).collect();
    let beyond: Vec<(&str, &str)> = beyond.iter().map(|(change, told)| (*change, told.as_str())).collect();
    are_refused(project.path(), &url, &beyond);
    // Who does not read the column is not refused.
    let args = ["run", "--on", &url, "--now", NOW, "-s", "born_ones", "--output", "-"];
    assert_eq!(output(project.path(), &args).lines().count(), 3);
}

const ENDLESS: [(&str, &str); 5] = [
    ("UPDATE profiles SET born = 'infinity' WHERE _id = 'c'", "profiles.born"),
    ("UPDATE profiles SET born = '0044-03-15 (BC)' WHERE _id = 'c'", "profiles.born"),
    ("UPDATE profiles SET born = NULL, until = '-infinity' WHERE _id = 'c'", "profiles.until"),
    ("UPDATE profiles SET until = '12026-01-01 00:00:00+00' WHERE _id = 'c'", "profiles.until"),
    (
        "UPDATE profiles SET born = NULL, until = NULL WHERE _id = 'c'; UPDATE events SET timestamp = '-infinity'",
        "events.timestamp",
    ),
];

#[test]
fn duckdb_is_asked_for_days_and_instants_of_other_years() {
    are_asked(|folder| folder.join("shop.duckdb").to_string_lossy().into_owned(), "duckdb", "+00", &ENDLESS);
}

#[test]
fn postgres_is_asked_for_days_and_instants_of_other_years() {
    let mut engine = Engine::start("postgres");
    let url = engine.url();
    let mut endless = ENDLESS;
    endless[1].0 = "UPDATE profiles SET born = '0044-03-15 BC' WHERE _id = 'c'";
    are_asked(|_| url.clone(), "postgres", "+00", &endless);
    engine.report("days and instants of other years");
}

#[test]
fn mariadb_is_asked_for_days_of_zeros() {
    let mut engine = Engine::start("mariadb");
    let url = engine.url();
    let zeros = [
        ("SET STATEMENT sql_mode = '' FOR UPDATE profiles SET born = '0000-00-00' WHERE _id = 'c'", "profiles.born"),
        (
            "SET STATEMENT sql_mode = '' FOR UPDATE profiles SET born = NULL, until = '0000-00-00 00:00:00' WHERE _id = 'c'",
            "profiles.until",
        ),
    ];
    are_asked(|_| url.clone(), "mariadb", "", &zeros);
    engine.report("days of zeros");
}
