//! Tables whose columns are of other types than the schema's: a run that reads one is refused before it selects anybody.

use std::path::Path;

use super::{NOW, PROJECT, expected, file, fill, members, open, output, project, refused, shop};
use crate::conformance::engine::Engine;

/// Changes tables by statements, one after the other; each leads to a refusal with these words.
pub(super) fn are_refused(folder: &Path, url: &str, changes: &[(&str, &str)]) {
    for (change, words) in changes {
        for statement in change.split(';') {
            open(url, true).execute(statement).unwrap_or_else(|fault| panic!("{fault}\n{statement}"));
        }
        let told = refused(folder, &["run", "--on", url, "--now", NOW]);
        assert!(told.contains("columns that are not as the schema says"), "{told}");
        assert!(told.contains(words), "{change}\n{told}");
    }
}

#[test]
fn a_column_of_another_type_is_told_by_its_name() {
    let shop = shop();
    let url = file(shop.path());
    open(&url, true).execute("ALTER TABLE profiles ALTER points TYPE INTEGER").unwrap();
    assert_eq!(members(shop.path(), &url), expected(), "a shorter integer is one");
    are_refused(
        shop.path(),
        &url,
        &[
            (
                "ALTER TABLE events ALTER channel TYPE VARCHAR COLLATE NOACCENT",
                "values of events.channel, compared as they are: found a collation by which different texts are equal",
            ),
            ("ALTER TABLE profiles ALTER points TYPE DOUBLE", "type of profiles.points, BIGINT: found DOUBLE"),
            ("ALTER TABLE profiles ALTER country TYPE ENUM('SE', 'NO')", "country, VARCHAR: found ENUM('SE', 'NO')"),
            ("ALTER TABLE events ALTER timestamp TYPE TIMESTAMP", "events.timestamp, TIMESTAMPTZ: found TIMESTAMP;"),
        ],
    );
    // Nobody is refused for what no segment of theirs reads.
    open(&url, true).execute("ALTER TABLE events ALTER timestamp TYPE TIMESTAMPTZ").unwrap();
    let args = ["run", "--on", &url, "--now", NOW, "-s", "buyers", "--output", "-"];
    assert_eq!(output(shop.path(), &args).lines().count(), 3);
    let told = refused(shop.path(), &["run", "--on", &url, "--now", NOW, "--into", "audience"]);
    assert!(told.contains("profiles.points"), "{told}");
}

#[test]
fn keys_of_another_kind_than_the_profiles_ids_are_told() {
    let folder = project();
    let mapped = PROJECT
        .replace("[profiles]", "[profiles]\nid = \"customer\"")
        .replace("profile = \"profile_id\"", "profile = \"customer\"");
    std::fs::write(folder.path().join("seg.toml"), mapped).unwrap();
    let url = file(folder.path());
    let create = |profile: &str, event: &str| {
        let mut session = open(&url, true);
        for statement in [
            format!("CREATE OR REPLACE TABLE profiles (customer {profile}, country VARCHAR, points BIGINT)"),
            format!(
                "CREATE OR REPLACE TABLE events (customer {event}, \"eventType\" VARCHAR, timestamp TIMESTAMPTZ, channel VARCHAR)"
            ),
            "INSERT INTO profiles VALUES ('01', 'SE', 1)".to_owned(),
            "INSERT INTO events VALUES ('1', 'purchase', TIMESTAMPTZ '2026-11-20 00:00:00+00', NULL)".to_owned(),
        ] {
            session.execute(&statement).unwrap();
        }
    };
    create("VARCHAR", "BIGINT");
    are_refused(
        folder.path(),
        &url,
        &[("SELECT 1", "type of events.customer, as that of profiles.customer: found BIGINT beside VARCHAR")],
    );
    create("DOUBLE", "DOUBLE");
    are_refused(
        folder.path(),
        &url,
        &[("SELECT 1", "type of profiles.customer, integers, texts or UUIDs: found DOUBLE")],
    );
    for (profile, event, buys) in [("VARCHAR", "VARCHAR", false), ("BIGINT", "INTEGER", true)] {
        create(profile, event);
        let members = members(folder.path(), &url);
        assert_eq!(members.iter().any(|row| row.starts_with("buyers ")), buys, "{members:?}");
    }
}

#[test]
fn each_value_of_sqlite_has_a_type() {
    let folder = project();
    let url = format!("sqlite:{}", folder.path().join("shop.db").display());
    fill(folder.path(), &url, "sqlite");
    are_refused(
        folder.path(),
        &url,
        &[("UPDATE profiles SET points = 'many' WHERE _id = 'e'", "type of profiles.points, INTEGER: found text")],
    );
    let told = refused(folder.path(), &["run", "--on", &url, "--now", NOW, "-s", "best"]);
    assert!(!told.contains("`zone`"), "an integer is no time: {told}");
    for change in [
        "UPDATE profiles SET points = 1 WHERE _id = 'e'",
        "ALTER TABLE profiles RENAME TO customers",
        "CREATE TABLE profiles (_id TEXT, country TEXT COLLATE NOCASE, points INTEGER)",
    ] {
        open(&url, true).execute(change).unwrap();
    }
    let blurred = "values of profiles.country, compared as they are: found a collation by which different texts";
    are_refused(folder.path(), &url, &[("INSERT INTO profiles SELECT * FROM customers", blurred)]);
}

#[test]
fn texts_of_sqlite_are_dates_and_times() {
    let folder = project();
    let schema = super::SCHEMA.replace(
        "\"points\": {",
        "\"born\": { \"title\": \"Born\", \"description\": \"Born.\", \"type\": \"string\", \"format\": \"date\" }, \"points\": {",
    );
    let mapped = PROJECT.replace("profile = \"profile_id\"", "profile = \"profile_id\"\nzone = \"Europe/Oslo\"");
    for (name, text) in [("schema.json", schema.as_str()), ("seg.toml", &mapped)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let segments = "segment adults { where born < 2008-11-23 }\nsegment lookers { where any(view in last 30 days) }";
    std::fs::write(folder.path().join("segments.seg"), segments).unwrap();
    let url = format!("sqlite:{}", folder.path().join("shop.db").display());
    let rows = "INSERT INTO profiles (_id, born) VALUES ('a', '2000-02-29'), ('b', NULL); \
                INSERT INTO events (profile_id, \"eventType\", timestamp) VALUES \
                ('a', 'view', '2026-11-20 10:00:00'), ('b', 'view', '2026-11-20T10:00:00.250'), \
                ('b', 'view', '2026-11-20 10:00:00.000001'), ('b', 'view', '2026-11-20 10:00:59.999999')";
    super::fill_with(folder.path(), &url, "sqlite", rows);
    assert_eq!(members(folder.path(), &url), ["adults a", "lookers a", "lookers b"]);
    let day = "profiles.born, TEXT: found text that is no date like 2026-11-23";
    let time = "events.timestamp, TEXT: found text that is no time like 2026-11-23 11:00:00.25";
    let born = |text: &str| format!("UPDATE profiles SET born = '{text}' WHERE _id = 'b'");
    let at = |text: &str| {
        format!("UPDATE profiles SET born = NULL; UPDATE events SET timestamp = '{text}' WHERE profile_id = 'a'")
    };
    let days = ["2026-11-1", "2026-02-30", "20261101", "2026-11-01 00:00:00", ""].map(born);
    let times = ["2026-11-20", "2026-11-20 10:00", "2026-11-20 10:00:00Z", "2026-11-20 10:00:00+01:00", "now"].map(at);
    let days = days.iter().map(|change| (change.as_str(), day));
    let times = times.iter().map(|change| (change.as_str(), time));
    are_refused(folder.path(), &url, &days.chain(times).collect::<Vec<_>>());
}

#[test]
fn numbers_of_sqlite_are_decimals() {
    let folder = project();
    let spent = "\"spent\": { \"title\": \"Spent\", \"description\": \"Spent.\", \"type\": \"number\", \
                 \"meta:scale\": 2, \"meta:digits\": 6 }, \"points\": {";
    std::fs::write(folder.path().join("schema.json"), super::SCHEMA.replace("\"points\": {", spent)).unwrap();
    let segments = "segment same { where spent * 3 == 0.87 or spent + 0.1 == 0.3 }\n\
                    segment half { where round(spent, 1) == 2.5 }\n\
                    segment much { where spent > 1234.55 and spent / 2 <= 617.28 }";
    std::fs::write(folder.path().join("segments.seg"), segments).unwrap();
    let url = format!("sqlite:{}", folder.path().join("shop.db").display());
    let rows = "INSERT INTO profiles (_id, spent) VALUES ('a', 0.29), ('b', '0.2'), ('c', 2.45), ('d', 2.54), \
                ('e', 1234.56), ('f', 1234.57), ('g', -2.45), ('h', 3), ('i', NULL)";
    super::fill_with(folder.path(), &url, "sqlite", rows);
    assert_eq!(members(folder.path(), &url), ["half c", "half d", "much e", "same a", "same b"]);
    let ranked = "segment top { where spent is present rank by spent desc limit 2 }\nsegment half { where spent > 1 }";
    std::fs::write(folder.path().join("segments.seg"), ranked).unwrap();
    let keys = output(folder.path(), &["run", "--on", &url, "--now", NOW, "-s", "top", "--output", "-"]);
    assert_eq!(keys, "segment,profile_id,rank,key\ntop,f,1,1234.57\ntop,e,2,1234.56\n");
    let more = "type of profiles.spent, NUMERIC: found numbers of more digits than the schema has";
    let set = |value: &str| format!("UPDATE profiles SET spent = {value} WHERE _id = 'i'");
    let values = ["0.001", "10000", "9999.999", "1e300", "9e999", "-0.29000000000000004"].map(set);
    let texts = [set("'many'")];
    let told = values.iter().map(|change| (change.as_str(), more));
    let text = texts.iter().map(|change| (change.as_str(), "profiles.spent, NUMERIC: found text"));
    are_refused(folder.path(), &url, &told.chain(text).collect::<Vec<_>>());
}

#[test]
fn a_server_of_postgres_tells_types() {
    let mut engine = Engine::start("postgres");
    let url = engine.url();
    let project = project();
    fill(project.path(), &url, "postgres");
    let mut session = open(&url, true);
    for change in [
        "ALTER TABLE profiles ALTER points TYPE smallint",
        "ALTER TABLE profiles RENAME TO customers",
        "CREATE VIEW profiles AS SELECT _id, CAST(country AS varchar(2)) AS country, points FROM customers",
    ] {
        session.execute(change).unwrap();
    }
    assert_eq!(members(project.path(), &url), expected(), "a view has types, too");
    are_refused(
        project.path(),
        &url,
        &[
            (
                "CREATE OR REPLACE VIEW profiles AS SELECT _id, CAST(country AS varchar(2)) AS country, points FROM customers; \
                 ALTER TABLE events ALTER channel TYPE char(5)",
                "type of events.channel, TEXT: found character(5)",
            ),
            (
                "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false); \
                 ALTER TABLE events ALTER channel TYPE text COLLATE loose",
                "events.channel, TEXT: found text of a collation that is not deterministic",
            ),
        ],
    );
    engine.report("types of columns");
}

#[test]
fn two_fields_in_one_column_are_each_asked_for() {
    let folder = project();
    let mapped = PROJECT.replace("[profiles]", "[profiles]\ncolumns = { country = \"points\" }");
    std::fs::write(folder.path().join("seg.toml"), mapped).unwrap();
    let url = file(folder.path());
    let mut session = open(&url, true);
    session.execute("CREATE TABLE profiles (_id VARCHAR, points BIGINT)").unwrap();
    let events =
        "CREATE TABLE events (profile_id VARCHAR, \"eventType\" VARCHAR, timestamp TIMESTAMPTZ, channel VARCHAR)";
    session.execute(events).unwrap();
    drop(session);
    are_refused(folder.path(), &url, &[("SELECT 1", "type of profiles.points, VARCHAR: found BIGINT")]);
}

#[test]
fn ids_that_are_absent_or_there_twice_are_told() {
    for row in ["(NULL, 'SE', 1)", "('', 'SE', 1)", "('a', 'SE', 1)"] {
        let shop = shop();
        let url = file(shop.path());
        open(&url, true).execute("ALTER TABLE profiles ALTER _id DROP NOT NULL").unwrap();
        let told = "values of profiles._id, one for each profile: found some that are absent, empty, or there twice";
        are_refused(shop.path(), &url, &[(&format!("INSERT INTO profiles VALUES {row}"), told)]);
    }
}

#[test]
fn what_cannot_be_asked_does_not_hide_what_is_found() {
    let shop = shop();
    let url = file(shop.path());
    // A text of the canary's is no UUID, which the engine says before it tells the type.
    are_refused(
        shop.path(),
        &url,
        &[(
            "CREATE OR REPLACE TABLE profiles AS SELECT _id, CAST(NULL AS UUID) AS country, points FROM profiles",
            "type of profiles.country, VARCHAR: found UUID",
        )],
    );
}

/// Of events without ids at one instant nothing tells which is the first: a segment that asks for it does not run.
#[test]
fn events_are_ordered_by_ids_that_are_there() {
    let folder = shop();
    let project = PROJECT.replace("profile = \"profile_id\"", "profile = \"profile_id\"\nid = \"number\"");
    std::fs::write(folder.path().join("seg.toml"), project).unwrap();
    let url = file(folder.path());
    let mut session = open(&url, true);
    session.execute("ALTER TABLE events ADD COLUMN number VARCHAR").unwrap();
    session.execute("UPDATE events SET number = lpad(CAST(rowid AS VARCHAR), 4, '0') WHERE rowid > 0").unwrap();
    drop(session);
    // One event has no id, of its profile and instant alone.
    assert_eq!(members(folder.path(), &url), expected());
    let mut session = open(&url, true);
    session
        .execute("UPDATE events SET number = CASE WHEN channel = 'mail' THEN '' END WHERE profile_id = 'd'")
        .unwrap();
    drop(session);
    let told = refused(folder.path(), &["run", "--on", &url, "--now", NOW]);
    let words = "values of events.number, by which simultaneous events are ordered: found two events of one profile and instant that have none";
    assert!(told.contains(words), "{told}");
    // Nothing of that is asked where no order is.
    output(folder.path(), &["run", "--on", &url, "--now", NOW, "-s", "buyers"]);
}
