//! Projects whose events are in several tables, of one type each, with times that are counts and columns of other names:
//! the members are those of one plain table, and each table is asked over its raw time column.

use std::path::Path;

use insta::assert_snapshot;

use super::{NOW, PROJECT, expected, file, fill, open, output, project, rows};
use crate::ci::{segc, shown};
use crate::conformance::engine::Engine;

const EVENTS: &str = r#"
[[events]]
files = "none.parquet"
profile = "who"
timestamp = "at"
unit = "us"
type = { value = "view" }
columns = { channel = "medium" }

[[events]]
files = "none.parquet"
profile = "customer"
timestamp = "orderedAt"
type = { value = "purchase" }
columns = { channel = ["details", "channel"] }

[sql]
events = ["views", "purchases"]
"#;

/// The project with its events in two tables.
fn divided() -> tempfile::TempDir {
    let folder = project();
    let (rest, _) = PROJECT.split_once("[[events]]").unwrap();
    std::fs::write(folder.path().join("seg.toml"), format!("{rest}{EVENTS}")).unwrap();
    folder
}

/// The rows of one plain table, then the two tables made of it.
fn fill_divided(url: &str, dialect: &str, [views, purchases]: [&str; 2]) {
    fill(project().path(), url, dialect);
    let mut session = open(url, true);
    for (name, columns, event_type) in [("views", views, "view"), ("purchases", purchases, "purchase")] {
        let made = format!("CREATE TABLE {name} AS SELECT {columns} FROM events WHERE \"eventType\" = '{event_type}'");
        session.execute(&made).unwrap_or_else(|fault| panic!("{fault}\n{made}"));
    }
    session.execute("DROP TABLE events").unwrap();
}

fn members(folder: &Path, url: &str) -> Vec<String> {
    let csv = output(folder, &["run", "--on", url, "--now", NOW, "--output", "-"]);
    let mut lines: Vec<String> = csv.lines().skip(1).map(|line| line.replace(',', " ")).collect();
    lines.sort();
    lines
}

#[test]
fn events_in_several_tables_of_duckdb() {
    let divided = divided();
    let url = file(divided.path());
    let columns = [
        "profile_id AS who, epoch_us(timestamp) AS at, channel AS medium",
        "profile_id AS customer, timestamp AS \"orderedAt\", {'channel': channel} AS details",
    ];
    fill_divided(&url, "duckdb", columns);
    assert_eq!(members(divided.path(), &url), expected());
    let one = output(divided.path(), &["compile", "--now", NOW, "--shape", "one-pass"]);
    assert_eq!(rows(&mut open(&url, false), &one), expected());
}

#[test]
fn events_in_several_tables_of_postgres_with_a_json_column() {
    let mut engine = Engine::start("postgres");
    let (divided, url) = (divided(), engine.url());
    let columns = [
        "profile_id AS who, CAST(EXTRACT(EPOCH FROM timestamp) * 1000000 AS BIGINT) AS at, channel AS medium",
        "profile_id AS customer, timestamp AS \"orderedAt\", jsonb_build_object('channel', channel) AS details",
    ];
    fill_divided(&url, "postgres", columns);
    assert_eq!(members(divided.path(), &url), expected());
    engine.report("events in several tables, a JSON column");
}

#[test]
fn only_tables_of_the_types_are_read_and_over_their_raw_times() {
    let divided = divided();
    let sql = output(divided.path(), &["compile", "--now", NOW, "-s", "lookers", "-s", "back_soon", "-s", "from_mail"]);
    let text: Vec<&str> = sql.lines().filter(|line| !line.starts_with("--")).collect();
    assert_snapshot!(text.join("\n"));
}

#[test]
fn their_tables_can_be_defined() {
    assert_snapshot!(output(divided().path(), &["compile", "--emit", "ddl"]));
}

#[test]
fn times_that_tell_no_zone_are_refused() {
    let divided = divided();
    let text = format!("{PROJECT}zone = \"Europe/Stockholm\"\n");
    std::fs::write(divided.path().join("seg.toml"), text).unwrap();
    let refused = segc(divided.path(), &["compile", "--now", NOW]);
    assert_eq!(refused.status.code(), Some(1), "{}", shown(&refused));
    assert!(shown(&refused).contains("SEG0504"), "{}", shown(&refused));
}
