//! Rows that have no order in a database: a segment that asks for one does not run.

use super::types::are_refused;
use super::{NOW, fill_with, members, open, output, refused};

const SCHEMA: &str = r#"{
    "title": "Shop", "description": "A shop.",
    "classes": {
        "profile": { "title": "Customer", "description": "A customer.", "required": ["_id"], "properties": {
            "_id": { "title": "Id", "description": "Id.", "type": "string" },
            "tags": { "title": "Tags", "description": "Tags.", "type": "array", "items": { "type": "string" } },
            "marks": { "title": "Marks", "description": "Marks.", "type": "array", "items": { "type": "string" } } } },
        "event": { "title": "Event", "description": "An event.", "required": ["timestamp", "eventType"], "properties": {
            "_id": { "title": "Id", "description": "Id.", "type": "string" },
            "timestamp": { "title": "Time", "description": "Time.", "type": "string", "format": "date-time" },
            "eventType": { "title": "Type", "description": "Type.", "type": "string" },
            "channel": { "title": "Channel", "description": "Channel.", "type": "string" },
            "paid": { "title": "Paid", "description": "Paid.", "type": "integer" } } }
    },
    "eventTypes": {
        "view": { "title": "View", "description": "View." },
        "purchase": { "title": "Purchase", "description": "Purchase." }
    }
}"#;

const PROJECT: &str = r#"
schema = "schema.json"
sources = "*.seg"
[profiles]
files = "none.parquet"
[profiles.lists]
tags = { table = "tags", parent = "customer", order = "place" }
marks = { table = "marks", parent = "customer", order = "place" }
[[events]]
files = "none.parquet"
profile = "profile_id"
"#;

const SEGMENTS: &str = r#"
segment by_mail { where any(top 1 of purchase by paid where channel == "mail") }
segment by_half { where any(top 1 of purchase by paid * 2 where channel == "mail") }
segment dear { where sum(paid of top 2 of purchase by paid) > 9 and count(top 2 of purchase by paid) == 2 }
segment new { where first(tag of tags as tag) == "new" }
segment marked { where "red" in marks }
segment bought { where any(purchase) }
"#;

const ROWS: &str = r#"
INSERT INTO profiles (_id) VALUES ('a'), ('b');
INSERT INTO events (profile_id, "eventType", timestamp, channel, paid) VALUES
    ('a', 'purchase', '2026-11-20 10:00:00+00', 'mail', 7), ('a', 'purchase', '2026-11-20 10:00:00+00', 'web', 6),
    ('a', 'view', '2026-11-20 10:00:00+00', 'web', NULL), ('a', 'view', '2026-11-20 10:00:00+00', 'web', NULL),
    ('b', 'purchase', '2026-11-20 10:00:00+00', 'web', 7), ('b', 'purchase', '2026-11-20 11:00:00+00', 'mail', 7);
INSERT INTO tags (customer, place, value) VALUES ('a', 1, 'new'), ('a', 2, 'old'), ('b', 1, 'old');
INSERT INTO marks (customer, place, value) VALUES ('a', 1, 'red'), ('a', 1, 'blue')"#;

fn shop() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("schema.json", SCHEMA), ("seg.toml", PROJECT), ("segments.seg", SEGMENTS)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let url = super::file(folder.path());
    fill_with(folder.path(), &url, "duckdb", ROWS);
    (folder, url)
}

fn run(folder: &std::path::Path, url: &str, segment: &str) -> Vec<String> {
    let csv = output(folder, &["run", "--on", url, "--now", NOW, "-s", segment, "--output", "-"]);
    csv.lines().skip(1).filter_map(|line| line.split(',').nth(1)).map(str::to_owned).collect()
}

/// Of two events that are equally good nothing tells which is the best, unless one of them is later or has an id.
#[test]
fn the_best_of_simultaneous_events_are_told_by_what_ranks_them() {
    let (folder, url) = shop();
    assert_eq!(run(folder.path(), &url, "by_mail"), ["a"], "of those of one instant one is better");
    let coarse =
        "order of events of type purchase in events.timestamp, of which the best are taken: found two of one profile";
    let told = refused(folder.path(), &["run", "--on", &url, "--now", NOW, "-s", "by_half"]);
    assert!(told.contains(coarse), "{told}");

    open(&url, true).execute("UPDATE events SET paid = 7").unwrap();
    let told = refused(folder.path(), &["run", "--on", &url, "--now", NOW, "-s", "by_mail"]);
    let words = "order of events of type purchase in events.timestamp, of which the best by events.paid are taken: found two \
                 of one profile and instant that are equally good; `id` beside `files`";
    assert!(told.contains(words), "{told}");
    // Nothing but what they are the best by is asked of these, and nothing of that order here.
    assert_eq!(run(folder.path(), &url, "dear"), ["a", "b"]);
    assert_eq!(run(folder.path(), &url, "bought"), ["a", "b"]);

    // Ids tell the order, where they are.
    let project = PROJECT.replace("profile = \"profile_id\"", "profile = \"profile_id\"\nid = \"_id\"");
    std::fs::write(folder.path().join("seg.toml"), project).unwrap();
    let mut session = open(&url, true);
    session.execute("UPDATE events SET _id = lpad(CAST(rowid AS VARCHAR), 4, '0')").unwrap();
    drop(session);
    assert_eq!(run(folder.path(), &url, "by_mail"), ["a"]);
    open(&url, true).execute("UPDATE events SET _id = NULL").unwrap();
    let told = refused(folder.path(), &["run", "--on", &url, "--now", NOW, "-s", "by_mail"]);
    assert!(
        told.contains("values of events._id, by which simultaneous events are ordered: found two events"),
        "{told}"
    );
}

#[test]
fn each_element_of_a_list_in_a_table_of_its_own_has_a_place() {
    let (folder, url) = shop();
    std::fs::write(
        folder.path().join("segments.seg"),
        "segment new { where first(tag of tags as tag) == \"new\" }\n\
        segment marked { where \"red\" in marks and any(tags) }",
    )
    .unwrap();
    assert_eq!(members(folder.path(), &url), ["marked a", "new a"], "marks are in no order");
    let words = "values of tags.place, by which the elements of tags are ordered: found two elements of one list that have the same";
    are_refused(folder.path(), &url, &[("UPDATE tags SET place = 1", words)]);
    open(&url, true).execute("ALTER TABLE tags ALTER customer DROP NOT NULL").unwrap();
    open(&url, true).execute("UPDATE tags SET customer = NULL, place = 1").unwrap();
    assert_eq!(members(folder.path(), &url), [""; 0], "elements of no record are in no list");
}
