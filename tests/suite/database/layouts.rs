//! Projects whose events are in several tables, of one type each, with times that are counts and columns of other names:
//! the members are those of one plain table, and each table is asked over its raw time column.

use insta::assert_snapshot;

use super::{NOW, PROJECT, expected, file, fill, members, open, output, project, rows};
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

/// The shop with times that show the clocks of Stockholm, in one table or, of views, in another.
fn civil(text: &str) -> tempfile::TempDir {
    let folder = project();
    std::fs::write(folder.path().join("seg.toml"), text).unwrap();
    folder
}

fn in_one_table() -> tempfile::TempDir {
    civil(&format!("{PROJECT}zone = \"Europe/Stockholm\"\n"))
}

fn fill_civil(url: &str, dialect: &str) {
    fill(project().path(), url, dialect);
    let mut session = open(url, true);
    for change in [
        "CREATE TABLE moved AS SELECT profile_id, \"eventType\", channel, \
         timezone('Europe/Stockholm', timestamp) AS timestamp FROM events",
        "DROP TABLE events",
        "ALTER TABLE moved RENAME TO events",
    ] {
        session.execute(change).unwrap_or_else(|fault| panic!("{fault}\n{change}"));
    }
}

#[test]
fn times_without_a_zone_in_duckdb() {
    let one = in_one_table();
    let url = file(one.path());
    fill_civil(&url, "duckdb");
    assert_eq!(members(one.path(), &url), expected());
    let shape = output(one.path(), &["compile", "--now", NOW, "--shape", "one-pass"]);
    assert_eq!(rows(&mut open(&url, false), &shape), expected());
}

#[test]
fn times_without_a_zone_in_postgres() {
    let mut engine = Engine::start("postgres");
    let (one, url) = (in_one_table(), engine.url());
    fill_civil(&url, "postgres");
    assert_eq!(members(one.path(), &url), expected());
    engine.report("times without a zone");
}

#[test]
fn times_without_a_zone_are_compared_as_they_are() {
    let sql = |text: &str, segment: &str, now: &str| {
        let sql = output(civil(text).path(), &["compile", "--now", now, "-s", segment]);
        sql.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n")
    };
    let one = format!("{PROJECT}zone = \"Europe/Stockholm\"\n");
    let divided = format!(
        "{}{}",
        PROJECT.split_once("[[events]]").unwrap().0,
        EVENTS.replace("timestamp = \"orderedAt\"", "timestamp = \"orderedAt\"\nzone = \"Europe/Stockholm\"")
    );
    // Of the hour that is skipped in spring, the second half of a time ago is read as the half hour after it.
    let in_spring = sql(&one, "buyers", "2026-04-28T01:30:00Z");
    assert_snapshot!(
        [sql(&one, "buyers", NOW), in_spring, sql(&divided, "buyers", NOW), sql(&one, "back_soon", NOW)].join("\n")
    );
}

#[test]
fn their_tables_have_times_without_a_zone() {
    let ddl = output(in_one_table().path(), &["compile", "--emit", "ddl"]);
    assert!(ddl.contains("\"timestamp\" TIMESTAMP NOT NULL"), "{ddl}");
}

#[test]
fn ids_of_several_columns_are_refused_where_it_is_said() {
    let text = PROJECT.replace("[profiles]", "[profiles]\nid = { join = [\"a\", \"b\"], with = \"|\" }");
    let refused = segc(civil(&text).path(), &["compile", "--now", NOW]);
    assert_eq!(refused.status.code(), Some(1), "{}", shown(&refused));
    let told = shown(&refused);
    assert!(
        told.contains("SEG0504") && told.contains("made of several columns") && told.contains("seg.toml:"),
        "{told}"
    );
}

#[test]
fn times_of_profiles_that_are_counts_are_refused_where_it_is_said() {
    let text = PROJECT.replace("[profiles]", "[profiles]\nunit = \"ms\"");
    let refused = segc(civil(&text).path(), &["compile", "--dialect", "sqlite", "--now", NOW]);
    assert_eq!(refused.status.code(), Some(1), "{}", shown(&refused));
    let told = shown(&refused);
    assert!(told.contains("SEG0504") && told.contains("counts") && told.contains("seg.toml:"), "{told}");
}

#[test]
fn profiles_that_only_events_name_are_refused_where_it_is_said() {
    let text = PROJECT.replace("[profiles]\nfiles = \"none.parquet\"", "[profiles]\nfrom_events = true");
    let refused = segc(civil(&text).path(), &["compile", "--now", NOW]);
    assert_eq!(refused.status.code(), Some(1), "{}", shown(&refused));
    assert!(shown(&refused).contains("SEG0504") && shown(&refused).contains("seg.toml:"), "{}", shown(&refused));
}
