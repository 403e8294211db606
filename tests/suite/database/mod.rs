//! Shapes of emitted SQL and runs in a database, as a user of the command line has them: a project, a DuckDB file or a
//! PostgreSQL server, and the program itself.

use std::path::Path;

use segc::engines::{Session, Target};

use crate::ci::{segc, shown};

mod adbc;
mod cast;
mod clickhouse;
mod digits;
mod json;
mod keys;
mod layouts;
mod left_out;
mod lists;
mod mariadb;
mod names;
mod order;
mod run_on;
mod scores;
mod shapes;
mod spark;
mod types;
mod years;

const SCHEMA: &str = r#"{
    "title": "Shop", "description": "A shop.",
    "classes": {
        "profile": { "title": "Customer", "description": "A customer.", "required": ["_id"], "properties": {
            "_id": { "title": "Id", "description": "Id.", "type": "string" },
            "country": { "title": "Country", "description": "Country.", "type": "string" },
            "points": { "title": "Points", "description": "Points.", "type": "integer" } } },
        "event": { "title": "Event", "description": "An event.", "required": ["timestamp", "eventType"], "properties": {
            "timestamp": { "title": "Time", "description": "Time.", "type": "string", "format": "date-time" },
            "eventType": { "title": "Type", "description": "Type.", "type": "string" },
            "channel": { "title": "Channel", "description": "Channel.", "type": "string" } } }
    },
    "eventTypes": {
        "view": { "title": "View", "description": "View." },
        "purchase": { "title": "Purchase", "description": "Purchase." }
    }
}"#;

const PROJECT: &str = r#"
schema = "schema.json"
sources = "*.seg"

[time]
zone = "Europe/Stockholm"

[profiles]
files = "none.parquet"

[[events]]
files = "none.parquet"
profile = "profile_id"
"#;

const SEGMENTS: &str = r#"
/// Came by twice, "{{ and }}" bought nothing.
segment lookers "Looks, {% never %} buys" {
    where country != "{{x}}"
      and count(view in last 30 days) >= 2
      and none(purchase in last 30 days)
}

segment buyers { where any(purchase in last 30 days) }

/// The best two.
segment best { where points >= 0 rank by points desc limit 2 }

segment best_buyers { where best and buyers }

segment from_mail { where first(channel of events) == "mail" }

segment back_soon { where sequence(view as first_view then view where timestamp <= first_view.timestamp + 1 day) }
"#;

const NOW: &str = "2026-11-23T12:00:00Z";

/// Whom each segment has, in the order of the segments' names; the best by rank.
const MEMBERS: &[(&str, &[&str])] = &[
    ("back_soon", &["a", "d"]),
    ("best", &["c", "b"]),
    ("best_buyers", &["b"]),
    ("buyers", &["b", "d"]),
    ("from_mail", &["a", "d"]),
    ("lookers", &["a"]),
];

const ROWS: &str = r#"
INSERT INTO profiles (_id, country, points) VALUES
    ('a', 'SE', 1), ('b', 'NO', 7), ('c', 'SE', 9), ('d', NULL, NULL), ('e', 'SE', NULL);
INSERT INTO events (profile_id, "eventType", timestamp, channel) VALUES
    ('a', 'view', '2026-11-20 10:00:00+00', 'web'), ('a', 'view', '2026-11-20 11:00:00+00', 'web'),
    ('a', 'purchase', '2026-01-20 11:00:00+00', 'mail'),
    ('b', 'view', '2026-11-01 10:00:00+00', 'web'), ('b', 'view', '2026-11-03 10:00:00+00', 'mail'),
    ('b', 'purchase', '2026-11-04 10:00:00+00', 'mail'),
    ('c', 'view', '2026-11-01 10:00:00+00', 'web'), ('c', 'view', '2026-11-01 10:00:00+00', 'mail'),
    ('d', 'view', '2026-11-01 10:00:00+00', 'mail'), ('d', 'view', '2026-11-01 10:00:00+00', 'web'),
    ('d', 'view', '2026-11-01 10:00:00.000001+00', NULL), ('d', 'purchase', '2026-11-04 10:00:00+00', NULL),
    ('nobody', 'purchase', '2026-11-04 10:00:00+00', 'mail');
DELETE FROM events WHERE profile_id = 'c' AND channel = 'mail'"#;

/// A folder with the project.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("schema.json", SCHEMA), ("seg.toml", PROJECT), ("segments.seg", SEGMENTS)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Makes the project's tables in a database, and fills them.
fn fill(folder: &Path, url: &str, dialect: &str) {
    fill_with(folder, url, dialect, ROWS);
}

/// The same with statements that fill them as the database has it.
fn fill_with(folder: &Path, url: &str, dialect: &str, rows: &str) {
    let ddl = output(folder, &["compile", "--emit", "ddl", "--dialect", dialect]);
    let mut session = open(url, true);
    for statement in format!("{ddl}\n{rows}").split(';').filter(|text| !text.trim().is_empty()) {
        session.execute(statement).unwrap_or_else(|fault| panic!("{fault}\n{statement}"));
    }
}

/// A folder with the project and, as `shop.duckdb`, its rows.
fn shop() -> tempfile::TempDir {
    let folder = project();
    fill(folder.path(), &file(folder.path()), "duckdb");
    folder
}

/// The DuckDB file of a shop.
fn file(folder: &Path) -> String {
    folder.join("shop.duckdb").to_string_lossy().into_owned()
}

fn open(url: &str, writes: bool) -> Session {
    let target = Target::parse(url).unwrap();
    Session::open(&target, writes).unwrap_or_else(|fault| panic!("{url} did not run: {fault}; use tests/run"))
}

/// The rows of a query, columns joined by blanks, sorted.
fn rows(session: &mut Session, sql: &str) -> Vec<String> {
    let mut rows = Vec::new();
    let ran = session.query(sql, &mut |row: &[Option<String>]| {
        rows.push(row.iter().map(|cell| cell.as_deref().unwrap_or_default()).collect::<Vec<_>>().join(" "))
    });
    ran.unwrap_or_else(|fault| panic!("{fault}\n{sql}"));
    rows.sort();
    rows
}

/// `segment id` of every member that is expected.
fn expected() -> Vec<String> {
    let all = MEMBERS.iter().flat_map(|(segment, ids)| ids.iter().map(move |id| format!("{segment} {id}")));
    let mut all: Vec<String> = all.collect();
    all.sort();
    all
}

/// What `segc` writes to standard output; it must succeed.
fn output(folder: &Path, args: &[&str]) -> String {
    let output = segc(folder, args);
    assert!(output.status.success(), "{args:?}\n{}", shown(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Who is in which segment, as `segc run --on` writes it: sorted rows of segment and id.
fn members(folder: &Path, url: &str) -> Vec<String> {
    let csv = output(folder, &["run", "--on", url, "--now", NOW, "--output", "-"]);
    let member = |line: &str| line.split(',').take(2).collect::<Vec<_>>().join(" ");
    let mut lines: Vec<String> = csv.lines().skip(1).map(member).collect();
    lines.sort();
    lines
}

/// Runs into one table three times at once, which is not there at first, over a slow view of the profiles: none deletes
/// what another has not inserted yet.
fn into_at_once(folder: &Path, url: &str, slow: &str) {
    let mut session = open(url, true);
    for statement in ["ALTER TABLE profiles RENAME TO all_profiles", slow] {
        session.execute(statement).unwrap_or_else(|fault| panic!("{fault}\n{statement}"));
    }
    for _ in 0..2 {
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| output(folder, &["run", "--on", url, "--now", NOW, "--into", "at_once"]));
            }
        });
        assert_eq!(rows(&mut session, "SELECT segment, profile_id FROM at_once"), expected());
    }
    for statement in ["DROP VIEW profiles", "ALTER TABLE all_profiles RENAME TO profiles"] {
        session.execute(statement).unwrap();
    }
}

/// What `segc` says where it must end with 2.
fn refused(folder: &Path, args: &[&str]) -> String {
    let output = segc(folder, args);
    assert_eq!(output.status.code(), Some(2), "{args:?}\n{}", shown(&output));
    shown(&output)
}
