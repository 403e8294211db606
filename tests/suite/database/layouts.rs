//! Projects whose events are in several tables, of one type each, with times that are counts and columns of other names:
//! the members are those of one plain table, and each table is asked over its raw time column.

use insta::assert_snapshot;

use super::{NOW, PROJECT, SCHEMA, expected, file, fill, fill_with, members, open, output, project, rows};
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

/// A step whose columns are only compared with those of another step has them of its own table.
#[test]
fn steps_in_several_tables_are_compared() {
    let divided = divided();
    let url = file(divided.path());
    let columns = [
        "profile_id AS who, epoch_us(timestamp) AS at, channel AS medium",
        "profile_id AS customer, timestamp AS \"orderedAt\", {'channel': channel} AS details",
    ];
    fill_divided(&url, "duckdb", columns);
    let segments = "
        segment by_the_same { where sequence(view as looked then purchase where channel == looked.channel) }
        segment by_another { where sequence(view as looked then purchase where channel != looked.channel) }";
    std::fs::write(divided.path().join("segments.seg"), segments).unwrap();
    let found = ["by_another b", "by_the_same b"];
    assert_eq!(members(divided.path(), &url), found);
    let one = output(divided.path(), &["compile", "--now", NOW, "--shape", "one-pass"]);
    assert_eq!(rows(&mut open(&url, false), &one), found);
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
fn profiles_that_only_events_name_are_refused_where_it_is_said() {
    let text = PROJECT.replace("[profiles]\nfiles = \"none.parquet\"", "[profiles]\nfrom_events = true");
    let refused = segc(civil(&text).path(), &["compile", "--now", NOW]);
    assert_eq!(refused.status.code(), Some(1), "{}", shown(&refused));
    assert!(shown(&refused).contains("SEG0504") && shown(&refused).contains("seg.toml:"), "{}", shown(&refused));
}

const COUNTS: &str = r#"
schema = "schema.json"
sources = "*.seg"
time.zone = "UTC"

[profiles]
file = "profiles.ndjson"
unit = "ms"

[[events]]
file = "events.ndjson"
profile = "profile_id"
unit = "s"
"#;

/// Times of profiles, within lists and beside the events' own, as counts: of milliseconds and of seconds.
#[test]
fn times_that_are_counts_wherever_they_stand() {
    let instant = r#"{ "title": "T", "description": "T.", "type": "string", "format": "date-time" }"#;
    let list = format!(r#"{{ "title": "V", "description": "V.", "type": "array", "items": {instant} }}"#);
    let schema = SCHEMA
        .replace(r#""country":"#, &format!(r#""seen": {instant}, "visits": {list}, "country":"#))
        .replace(r#""channel":"#, &format!(r#""shippedAt": {instant}, "channel":"#));
    let segments = "
        segment seen_late { where seen > 2026-11-20T10:00:00.999Z }
        segment visited { where 2026-11-20T10:00:00.500Z in visits }
        segment shipped_soon { where any(purchase where shippedAt <= timestamp + 1 day) }";
    let profiles = r#"{"_id":"a","seen":1795168800999,"visits":[1795168800500,null]}
{"_id":"b","seen":1795168801000,"visits":[1795168800]}
{"_id":"c","visits":[]}"#;
    let events = r#"{"profile_id":"a","eventType":"purchase","timestamp":1795168800,"shippedAt":1795255201}
{"profile_id":"b","eventType":"purchase","timestamp":1795168800,"shippedAt":1795255200}
{"profile_id":"c","eventType":"purchase","timestamp":1795168800}"#;
    let folder = civil(COUNTS);
    for (name, text) in [
        ("schema.json", schema.as_str()),
        ("segments.seg", segments),
        ("profiles.ndjson", profiles),
        ("events.ndjson", events),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let selected = |args: &[&str]| {
        let csv = output(folder.path(), &[&["run", "--now", NOW, "--output", "-"], args].concat());
        let mut lines: Vec<String> = csv.lines().skip(1).map(str::to_owned).collect();
        lines.sort();
        lines.join(" ")
    };
    let expected = "seen_late,b shipped_soon,b visited,a";
    assert_eq!(selected(&[]), expected, "files");
    let rows = |list: fn(&str) -> String| {
        format!(
            "INSERT INTO profiles (_id, seen, visits) VALUES ('a', 1795168800999, {}), ('b', 1795168801000, {}),
                 ('c', NULL, {});
             INSERT INTO events (profile_id, \"eventType\", timestamp, \"shippedAt\") VALUES
                 ('a', 'purchase', 1795168800, 1795255201), ('b', 'purchase', 1795168800, 1795255200),
                 ('c', 'purchase', 1795168800, NULL)",
            list("[1795168800500,null]"),
            list("[1795168800]"),
            list("[]")
        )
    };
    for (file, dialect, list) in [
        ("shop.sqlite", "sqlite", (|list| format!("'{list}'")) as fn(&str) -> String),
        ("shop.duckdb", "duckdb", str::to_owned),
    ] {
        let url = folder.path().join(file).to_string_lossy().into_owned();
        fill_with(folder.path(), &url, dialect, &rows(list));
        assert_eq!(selected(&["--on", &url]), expected, "{dialect}");
    }
}
