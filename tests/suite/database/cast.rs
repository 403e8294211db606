//! Tables whose columns are of other types than the schema's and are said to be cast: the same members as of tables that are
//! as the schema says.

use std::path::Path;

use super::{NOW, fill_with, members, open, refused};
use crate::conformance::engine::Engine;

const SCHEMA: &str = r#"{
    "title": "Shop", "description": "A shop.",
    "classes": {
        "profile": { "title": "Customer", "description": "A customer.", "required": ["_id"], "properties": {
            "_id": { "title": "Id", "description": "Id.", "type": "string" },
            "country": { "title": "Country", "description": "Country.", "type": "string" },
            "zip": { "title": "Zip", "description": "Zip.", "type": "string" },
            "points": { "title": "Points", "description": "Points.", "type": "integer" },
            "spent": { "title": "Spent", "description": "Spent.", "type": "number" },
            "weight": { "title": "Weight", "description": "Weight.", "type": "number" },
            "born": { "title": "Born", "description": "Born.", "type": "string", "format": "date" } } },
        "event": { "title": "Event", "description": "An event.", "required": ["timestamp", "eventType"], "properties": {
            "timestamp": { "title": "Time", "description": "Time.", "type": "string", "format": "date-time" },
            "eventType": { "title": "Type", "description": "Type.", "type": "string" },
            "channel": { "title": "Channel", "description": "Channel.", "type": "string" } } }
    },
    "eventTypes": { "view": { "title": "View", "description": "View." } }
}"#;

/// What is spent is an exact decimal.
const SCALES: &str = "[scales]\nspent = 2\n";

const SEGMENTS: &str = r#"
segment swedes { where country == "SE" }
segment later { where country > "NO" }
segment near { where zip starts with "1" and zip != "12" }
segment eager { where points >= 6 }
segment spenders { where spent * 1.5 > 7.49 and spent > 0 }
segment heavy { where weight * 2 >= 0.5 }
segment adults { where born < 2000-03-01 and born + 1 month >= 1999-01-01 }
segment lookers { where count(view in last 30 days) >= 2 }
segment by_mail { where first(channel of events) == "mail" }
segment back_soon { where sequence(view as one then view where timestamp <= one.timestamp + 1 day) }
"#;

/// Rows of which each segment has some and not all.
const ROWS: &str = r#"
INSERT INTO profiles (_id, country, zip, points, spent, weight, born) VALUES
    ('a', 'SE', '12', 1, 4, 0.125, '1999-01-01'), ('b', 'NO', '123', 7, 5, 0.25, '2000-02-29'),
    ('c', 'SE', '21', 9, 8, 2.5, '2000-03-01'), ('d', NULL, '1', NULL, NULL, NULL, NULL), ('e', 'DK', NULL, 5, 0, 0, '1998-01-31');
INSERT INTO events (profile_id, "eventType", timestamp, channel) VALUES
    ('a', 'view', '2026-11-20 10:00:00+00', 'web'), ('a', 'view', '2026-11-20 11:00:00+00', 'web'),
    ('b', 'view', '2026-11-01 10:00:00+00', 'web'), ('b', 'view', '2026-11-03 10:00:00+00', 'mail'),
    ('c', 'view', '2026-11-01 10:00:00+00', 'web'), ('d', 'view', '2026-10-01 10:00:00+00', 'mail'),
    ('d', 'view', '2026-11-01 10:00:00+00', 'web')"#;

fn project(more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("schema.json", SCHEMA), ("segments.seg", SEGMENTS)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    configure(folder.path(), more, [&[], &[]]);
    folder
}

/// Writes the project file: the columns of profiles and of events that are cast.
fn configure(folder: &Path, more: &str, [profiles, events]: [&[&str]; 2]) {
    let text = format!(
        "schema = \"schema.json\"\nsources = \"*.seg\"\n{more}[profiles]\nfiles = \"none.parquet\"\ncast = {profiles:?}\n\
         [[events]]\nfiles = \"none.parquet\"\nprofile = \"profile_id\"\ncast = {events:?}\n"
    );
    std::fs::write(folder.join("seg.toml"), text).unwrap();
}

/// Changes columns of tables one after the other, each by a statement: a run is refused until it is said that the column is
/// cast, and has the same members then.
fn are_read(folder: &Path, url: &str, more: &str, changes: &[(&str, &str, &str)]) {
    let expected = members(folder, url);
    for line in SEGMENTS.lines().filter_map(|line| line.strip_prefix("segment ")) {
        let name = line.split(' ').next().unwrap();
        let count = expected.iter().filter(|row| row.starts_with(&format!("{name} "))).count();
        assert!((1..5).contains(&count), "{name} has {count} members");
    }
    let mut cast: [Vec<&str>; 2] = [vec![], vec![]];
    for (table, column, change) in changes {
        for statement in change.split(';') {
            open(url, true).execute(statement).unwrap_or_else(|fault| panic!("{fault}\n{statement}"));
        }
        let told = refused(folder, &["run", "--on", url, "--now", NOW]);
        assert!(told.contains(&format!("`cast = [\"{column}\"]`")), "{change}\n{told}");
        cast[usize::from(*table == "events")].push(column);
        configure(folder, more, [&cast[0], &cast[1]]);
        assert_eq!(members(folder, url), expected, "{change}");
    }
}

#[test]
fn duckdb_casts() {
    let project = project(SCALES);
    let url = project.path().join("shop.duckdb").to_string_lossy().into_owned();
    fill_with(project.path(), &url, "duckdb", ROWS);
    let changes = [
        // In the other order than the texts.
        ("profiles", "country", "ALTER TABLE profiles ALTER country TYPE ENUM('SE', 'NO', 'DK')"),
        ("profiles", "zip", "ALTER TABLE profiles ALTER zip TYPE INTEGER"),
        ("profiles", "points", "ALTER TABLE profiles ALTER points TYPE HUGEINT"),
        ("profiles", "spent", "ALTER TABLE profiles ALTER spent TYPE BIGINT"),
        ("profiles", "weight", "ALTER TABLE profiles ALTER weight TYPE FLOAT"),
        ("events", "eventType", "ALTER TABLE events ALTER \"eventType\" TYPE ENUM('view')"),
        ("events", "channel", "ALTER TABLE events ALTER channel TYPE ENUM('web', 'mail')"),
        ("events", "profile_id", "ALTER TABLE events ALTER profile_id TYPE ENUM('e', 'd', 'c', 'b', 'a')"),
    ];
    are_read(project.path(), &url, SCALES, &changes);
    // What loses a part of what it holds is not cast.
    open(&url, true).execute("ALTER TABLE profiles ALTER spent TYPE DOUBLE").unwrap();
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW]);
    assert!(told.contains("found DOUBLE; a view that casts") && !told.contains("`cast"), "{told}");
}

#[test]
fn postgres_casts() {
    let mut engine = Engine::start("postgres");
    let (project, url) = (project(SCALES), engine.url());
    fill_with(project.path(), &url, "postgres", ROWS);
    let kinds =
        "CREATE TYPE land AS ENUM ('SE', 'NO', 'DK'); ALTER TABLE profiles ALTER country TYPE land USING country::land";
    let changes = [
        ("profiles", "country", kinds),
        ("profiles", "zip", "ALTER TABLE profiles ALTER zip TYPE integer USING zip::integer"),
        ("profiles", "points", "ALTER TABLE profiles ALTER points TYPE numeric(10, 0)"),
        ("profiles", "spent", "ALTER TABLE profiles ALTER spent TYPE bigint"),
        ("profiles", "weight", "ALTER TABLE profiles ALTER weight TYPE real"),
        ("events", "channel", "ALTER TABLE events ALTER channel TYPE char(6)"),
    ];
    are_read(project.path(), &url, SCALES, &changes);
    engine.report("casts of columns");
}

#[test]
fn sqlite_casts() {
    let project = project(SCALES);
    let url = format!("sqlite:{}", project.path().join("shop.db").display());
    let rows = ROWS.replace("+00'", "'").replace("'2026", "1000000 * unixepoch('2026");
    let rows = rows.replace("00:00', ", "00:00'), ").replace("11:00', ", "11:00'), ");
    fill_with(project.path(), &url, "sqlite", &rows);
    let change = "CREATE TABLE other AS SELECT _id, country, CAST(zip AS INTEGER) AS zip, points, spent, weight, born FROM profiles; \
                  DROP TABLE profiles; ALTER TABLE other RENAME TO profiles";
    are_read(project.path(), &url, SCALES, &[("profiles", "zip", change)]);
}

#[test]
fn clickhouse_casts() {
    let mut engine = Engine::start("clickhouse");
    let (project, url) = (project(SCALES), engine.url());
    fill_with(project.path(), &format!("{url}?date_time_input_format=best_effort"), "clickhouse", ROWS);
    let of_events = "EXCHANGE TABLES events AND other; DROP TABLE other";
    let times = |ty: &str| {
        format!(
            "CREATE TABLE other ENGINE = MergeTree ORDER BY profile_id AS SELECT * REPLACE (CAST(timestamp AS {ty}) AS \
             timestamp) FROM events; {of_events}"
        )
    };
    let [seconds, millis] = ["DateTime", "DateTime64(3, 'Asia/Tokyo')"].map(times);
    let changes = [
        (
            "profiles",
            "country",
            "ALTER TABLE profiles MODIFY COLUMN country Nullable(Enum8('SE' = 1, 'NO' = 2, 'DK' = 3))",
        ),
        ("profiles", "zip", "ALTER TABLE profiles MODIFY COLUMN zip Nullable(UInt32)"),
        ("profiles", "spent", "ALTER TABLE profiles MODIFY COLUMN spent Nullable(Int32)"),
        ("profiles", "weight", "ALTER TABLE profiles MODIFY COLUMN weight Nullable(Float32)"),
        ("profiles", "born", "ALTER TABLE profiles MODIFY COLUMN born Nullable(Date)"),
        (
            "events",
            "channel",
            "ALTER TABLE events MODIFY COLUMN channel LowCardinality(Nullable(String)), MODIFY COLUMN channel Nullable(Enum16('web' = 1, 'mail' = 2))",
        ),
        ("events", "timestamp", seconds.as_str()),
    ];
    are_read(project.path(), &url, SCALES, &changes);
    let expected = members(project.path(), &url);
    for statement in millis.split(';') {
        open(&url, true).execute(statement).unwrap();
    }
    assert_eq!(members(project.path(), &url), expected, "times of another zone are the same instants");
    engine.report("casts of columns");
}

#[test]
fn mariadb_casts() {
    let mut engine = Engine::start("mariadb");
    let (project, url) = (project(SCALES), engine.url());
    fill_with(project.path(), &url, "mariadb", &ROWS.replace("+00'", "'").replace("\"eventType\"", "`eventType`"));
    let changes = [
        ("profiles", "country", "ALTER TABLE profiles MODIFY country ENUM('SE', 'NO', 'DK')"),
        ("profiles", "zip", "ALTER TABLE profiles MODIFY zip INT UNSIGNED"),
        ("profiles", "weight", "ALTER TABLE profiles MODIFY weight FLOAT"),
        ("events", "channel", "ALTER TABLE events MODIFY channel ENUM('web', 'mail')"),
        ("events", "eventType", "ALTER TABLE events MODIFY `eventType` ENUM('view') NOT NULL"),
    ];
    are_read(project.path(), &url, SCALES, &changes);
    engine.report("casts of columns");
}

#[test]
fn spark_casts() {
    let mut engine = Engine::start("spark");
    let (project, url) = (project(SCALES), engine.url());
    let rows = ROWS.replace("'2026", "TIMESTAMP'2026").replace("\"eventType\"", "`eventType`");
    let rows = rows.replace("'1999", "DATE'1999").replace("'2000", "DATE'2000").replace("'1998", "DATE'1998");
    fill_with(project.path(), &url, "spark", &rows);
    open(&url, true).execute("ALTER TABLE profiles RENAME TO customers").unwrap();
    let view = |zip: &str, points: &str, spent: &str, weight: &str| {
        format!(
            "CREATE OR REPLACE VIEW profiles AS SELECT _id, country, CAST(zip AS {zip}) AS zip, CAST(points AS {points}) AS \
             points, CAST(spent AS {spent}) AS spent, CAST(weight AS {weight}) AS weight, born FROM customers"
        )
    };
    open(&url, true).execute(&view("STRING", "BIGINT", "DECIMAL(18, 2)", "DOUBLE")).unwrap();
    let views = [
        view("INT", "BIGINT", "DECIMAL(18, 2)", "DOUBLE"),
        view("INT", "DECIMAL(10, 0)", "DECIMAL(18, 2)", "DOUBLE"),
        view("INT", "DECIMAL(10, 0)", "BIGINT", "DOUBLE"),
        view("INT", "DECIMAL(10, 0)", "BIGINT", "FLOAT"),
    ];
    let columns = ["zip", "points", "spent", "weight"];
    let changes: Vec<(&str, &str, &str)> =
        columns.iter().zip(&views).map(|(column, view)| ("profiles", *column, view.as_str())).collect();
    are_read(project.path(), &url, SCALES, &changes);
    engine.report("casts of columns");
}

#[test]
fn what_is_cast_is_a_column_of_one_value() {
    let project = project("");
    let refusal = |column: &str| {
        configure(project.path(), "", [&[column], &[]]);
        let output = crate::ci::segc(project.path(), &["check"]);
        assert_eq!(output.status.code(), Some(1));
        crate::ci::shown(&output)
    };
    let told = refusal("contry");
    assert!(
        told.contains("the schema has no column `contry` in `profiles`") && told.contains("did you mean `country`?"),
        "{told}"
    );
    let lists = SCHEMA.replace("\"title\": \"Zip\", \"description\": \"Zip.\", \"type\": \"string\"", {
        "\"title\": \"Zip\", \"description\": \"Zip.\", \"type\": \"array\", \"items\": { \"type\": \"string\" }"
    });
    std::fs::write(project.path().join("schema.json"), lists).unwrap();
    std::fs::write(project.path().join("segments.seg"), "segment all { where points > 0 }").unwrap();
    let told = refusal("zip");
    assert!(told.contains("`zip`, which holds more than one value"), "{told}");
}
