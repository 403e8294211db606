//! Lists whose elements are rows of tables of their own, as a project file tells of them.

use super::{NOW, fill_with, members, open, output, refused};
use crate::ci::{segc, shown};

const SCHEMA: &str = r#"{
    "title": "Shop", "description": "A shop.",
    "classes": {
        "profile": { "title": "Customer", "description": "A customer.", "required": ["_id"], "properties": {
            "_id": { "title": "Id", "description": "Id.", "type": "string" },
            "tags": { "title": "Tags", "description": "Tags.", "type": "array", "items": { "type": "string" } } } },
        "event": { "title": "Event", "description": "An event.", "required": ["_id", "timestamp", "eventType"], "properties": {
            "_id": { "title": "Id", "description": "Id.", "type": "string" },
            "timestamp": { "title": "Time", "description": "Time.", "type": "string", "format": "date-time" },
            "eventType": { "title": "Type", "description": "Type.", "type": "string" },
            "order": { "title": "Order", "description": "Order.", "type": "object", "properties": {
                "lines": { "title": "Lines", "description": "Lines.", "type": "array", "items": { "type": "object", "properties": {
                    "sku": { "title": "Article", "description": "Article.", "type": "string" },
                    "pieces": { "title": "Pieces", "description": "Pieces.", "type": "integer" },
                    "price": { "title": "Price", "description": "Price.", "type": "number", "meta:scale": 2 } } } } } } } }
    },
    "eventTypes": { "purchase": { "title": "Purchase", "description": "Purchase." } }
}"#;

const PROJECT: &str = r#"
schema = "schema.json"
sources = "*.seg"

[profiles]
files = "none.parquet"
lists = { tags = { table = "customer_tags", parent = "customer", order = "place", value = "tag" } }

[[events]]
files = "none.parquet"
profile = "customer"
id = "_id"

[events.lists."order.lines"]
table = "order_lines"
parent = "order_id"
order = "line"
columns = { sku = "article" }
"#;

const SEGMENTS: &str = r#"
segment loyal { where "loyal" in tags }
segment untagged { where size(tags) == 0 and tags is present }
segment tagged_twice { where size(tags) == 2 }
segment shoes { where any(purchase where any(order.lines where sku == "shoes" and pieces > 1)) }
segment many { where sum(order.lines.pieces of purchase) >= 4 }
segment cheap { where any(purchase where any(order.lines where price == 0.10)) }
segment empty { where any(purchase where none(order.lines)) }
"#;

const ROWS: &str = r#"
INSERT INTO profiles (_id) VALUES ('a'), ('b'), ('c');
INSERT INTO customer_tags (customer, place, tag) VALUES ('a', 2, 'loyal'), ('a', 1, 'new'), ('b', 1, 'loyal'), ('b', 2, 'new');
INSERT INTO events (_id, customer, "eventType", timestamp) VALUES
    ('1', 'a', 'purchase', '2026-11-20 10:00:00+00'), ('2', 'b', 'purchase', '2026-11-20 11:00:00+00'),
    ('3', 'c', 'purchase', '2026-11-20 11:00:00+00'), ('4', 'b', 'purchase', '2026-11-20 12:00:00+00');
INSERT INTO order_lines (order_id, line, article, pieces, price) VALUES
    ('1', 1, 'hat', 5, 10), ('1', 2, 'shoes', 1, NULL), ('2', 1, 'shoes', 2, 0.1), ('4', 1, 'hat', 1, 0.01)"#;

const MEMBERS: &[&str] = &[
    "cheap b",
    "empty c",
    "loyal a",
    "loyal b",
    "many a",
    "shoes b",
    "tagged_twice a",
    "tagged_twice b",
    "untagged c",
];

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("schema.json", SCHEMA), ("seg.toml", PROJECT), ("segments.seg", SEGMENTS)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn elements_are_rows_of_tables_of_their_own() {
    let project = project();
    let url = project.path().join("shop.duckdb").to_string_lossy().into_owned();
    fill_with(project.path(), &url, "duckdb", ROWS);
    assert_eq!(members(project.path(), &url), MEMBERS);
    let one_pass = output(project.path(), &["compile", "--shape", "one-pass", "--now", NOW]);
    assert_eq!(super::rows(&mut open(&url, false), &one_pass), MEMBERS);

    // What segments read of such tables is asked for, and nothing else.
    open(&url, true).execute("ALTER TABLE order_lines ALTER pieces TYPE DOUBLE").unwrap();
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW]);
    assert!(told.contains("type of order_lines.pieces, BIGINT: found DOUBLE"), "{told}");
    let args = ["run", "--on", &url, "--now", NOW, "-s", "loyal", "--output", "-"];
    assert_eq!(output(project.path(), &args).lines().count(), 3);
}

#[test]
fn elements_are_rows_of_tables_of_their_own_in_sqlite() {
    let project = project();
    let url = project.path().join("shop.sqlite").to_string_lossy().into_owned();
    let mut rows = ROWS.to_owned();
    for (time, micros) in
        [("10", 1_795_168_800_000_000i64), ("11", 1_795_172_400_000_000), ("12", 1_795_176_000_000_000)]
    {
        rows = rows.replace(&format!("'2026-11-20 {time}:00:00+00'"), &micros.to_string());
    }
    fill_with(project.path(), &url, "sqlite", &rows);
    // It does not gather what is behind a list of events.
    let segments: String =
        SEGMENTS.lines().filter(|line| !line.contains("many")).map(|line| format!("{line}\n")).collect();
    std::fs::write(project.path().join("segments.seg"), segments).unwrap();
    let expected: Vec<&str> = MEMBERS.iter().copied().filter(|member| *member != "many a").collect();
    assert_eq!(members(project.path(), &url), expected);
}

#[test]
fn what_has_a_table_of_its_own_is_a_list_of_records_with_ids() {
    let project = project();
    for (from, to, told) in [
        ("\"order.lines\"", "\"order\"", "`lists` names `order`, which is of type"),
        ("\"order.lines\"", "\"order.rows\"", "the schema has no such field here"),
        ("order = \"line\"", "", "needs the setting `order`"),
        (
            "columns = { sku",
            "cast = [\"articel\"]\ncolumns = { sku",
            "the schema has no column `articel` in `order_lines`",
        ),
        ("\nid = \"_id\"", "", "the elements of `order.lines` cannot be told to be of one record"),
    ] {
        assert!(PROJECT.contains(from));
        std::fs::write(project.path().join("seg.toml"), PROJECT.replace(from, to)).unwrap();
        let output = segc(project.path(), &["check"]);
        assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
        assert!(shown(&output).contains(told), "{}", shown(&output));
    }
}

/// Fills tables whose columns are of other types than the schema's: a run is refused until it is said that they are cast.
fn are_cast(url: impl Fn(&std::path::Path) -> String, dialect: &str, changes: &[&str]) {
    let project = project();
    let url = url(project.path());
    // Integers, as texts first.
    let mut rows = ROWS.to_owned();
    for (from, to) in [("a", "1"), ("b", "2"), ("c", "3")] {
        rows = rows.replace(&format!("'{from}'"), &format!("'{to}'"));
    }
    std::fs::write(
        project.path().join("segments.seg"),
        SEGMENTS.lines().filter(|line| !line.contains("many")).map(|line| format!("{line}\n")).collect::<String>(),
    )
    .unwrap();
    fill_with(project.path(), &url, dialect, &rows);
    let expected = members(project.path(), &url);
    assert_eq!(expected.len(), MEMBERS.len() - 1, "{expected:?}");
    for change in changes {
        open(&url, true).execute(change).unwrap_or_else(|fault| panic!("{fault}\n{change}"));
    }
    let mut text = PROJECT.to_owned();
    for (from, to) in [
        ("files = \"none.parquet\"\nlists", "files = \"none.parquet\"\ncast = [\"_id\"]\nlists"),
        ("id = \"_id\"\n", "id = \"_id\"\ncast = [\"_id\", \"customer\"]\n"),
        ("value = \"tag\" }", "value = \"tag\", cast = [\"customer\"] }"),
        ("columns = { sku", "cast = [\"article\", \"order_id\"]\ncolumns = { sku"),
    ] {
        let told = refused(project.path(), &["run", "--on", &url, "--now", NOW]);
        assert!(told.contains("`cast = ["), "{told}");
        if from.starts_with("columns") {
            let words = "`cast = [\"article\", \"order_id\"]` beside the `table` of a list in `seg.toml`";
            assert!(told.contains(words), "{told}");
        }
        assert!(text.contains(from), "{text}");
        text = text.replace(from, to);
        std::fs::write(project.path().join("seg.toml"), &text).unwrap();
    }
    assert_eq!(members(project.path(), &url), expected);
}

#[test]
fn columns_of_tables_of_elements_are_cast() {
    are_cast(
        |folder| folder.join("shop.duckdb").to_string_lossy().into_owned(),
        "duckdb",
        &[
            "CREATE OR REPLACE TABLE profiles AS SELECT CAST(_id AS BIGINT) AS _id FROM profiles",
            "CREATE OR REPLACE TABLE customer_tags AS SELECT * REPLACE (CAST(customer AS INTEGER) AS customer) FROM customer_tags",
            "CREATE OR REPLACE TABLE events AS SELECT * REPLACE (CAST(_id AS BIGINT) AS _id, CAST(customer AS BIGINT) AS customer) \
             FROM events",
            "CREATE OR REPLACE TABLE order_lines AS SELECT * REPLACE (CAST(order_id AS BIGINT) AS order_id, \
             CAST(article AS ENUM('hat', 'shoes')) AS article) FROM order_lines",
        ],
    );
}

#[test]
fn columns_of_tables_of_elements_are_cast_in_postgres() {
    let mut engine = crate::conformance::engine::Engine::start("postgres");
    let url = engine.url();
    let changed = |table: &str, column: &str, ty: &str| {
        format!("ALTER TABLE {table} ALTER {column} TYPE {ty} USING {column}::{ty}")
    };
    let changes = [
        changed("profiles", "_id", "bigint"),
        changed("customer_tags", "customer", "integer"),
        changed("events", "_id", "bigint"),
        changed("events", "customer", "bigint"),
        "CREATE TYPE thing AS ENUM ('hat', 'shoes')".to_owned(),
        changed("order_lines", "order_id", "bigint"),
        changed("order_lines", "article", "thing"),
    ];
    let changes: Vec<&str> = changes.iter().map(String::as_str).collect();
    are_cast(|_| url.clone(), "postgres", &changes);
    engine.report("casts of elements");
}
