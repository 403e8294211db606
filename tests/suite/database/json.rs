//! JSON of which not all is what the schema says: what files have for absent is no member in a database either, or a run is
//! refused that reads it.

use std::path::Path;

use super::types::are_refused;
use super::{NOW, SCHEMA, fill_with, members, open, output, project};
use crate::conformance::engine::Engine;

const SEGMENTS: &str = r#"
segment tagged { where "a" in tags }
segment marked { where sum(value of marks) > 2 }
segment paying { where sum(value of paid) > 9.99 }
segment housed { where home.town is present }
segment old { where home.built < 2000-01-01 }
segment bare { where marks is absent and tags is absent }
segment gold { where levels["gold"] > 1 }
segment graded { where grades is present }
segment buying { where any(orders where total > 9.99 and "a" in skus) }
"#;

/// A folder with a project of lists, maps and objects, and its tables in a database.
fn filled(url: impl FnOnce(&Path) -> String, dialect: &str) -> (tempfile::TempDir, String) {
    let folder = project();
    let of = |name: &str, ty: &str| format!("\"{name}\": {{ \"title\": \"T\", \"description\": \"T.\", {ty} }}");
    let list = |inner: &str| format!("\"type\": \"array\", \"items\": {{ {inner} }}");
    let object = |fields: &[String]| format!("\"type\": \"object\", \"properties\": {{ {} }}", fields.join(", "));
    let (text, int) = ("\"type\": \"string\"", "\"type\": \"integer\"");
    let amount = "\"type\": \"number\", \"meta:scale\": 2, \"meta:digits\": 6";
    let home = [of("town", text), of("built", &format!("{text}, \"format\": \"date\"")), of("rooms", int)];
    let fields = [
        of("tags", &list(text)),
        of("marks", &list(int)),
        of("paid", &list(amount)),
        of("levels", &format!("\"type\": \"object\", \"additionalProperties\": {{ {int} }}")),
        of("grades", &format!("\"type\": \"object\", \"additionalProperties\": {{ {int} }}")),
        of("home", &object(&home)),
        of("orders", &list(&object(&[of("total", amount), of("skus", &list(text)), of("rank", int)]))),
    ];
    let schema = SCHEMA.replace("\"points\": {", &format!("{}, \"points\": {{", fields.join(", ")));
    std::fs::write(folder.path().join("schema.json"), schema).unwrap();
    std::fs::write(folder.path().join("segments.seg"), SEGMENTS).unwrap();
    let url = url(folder.path());
    // Nulls within, and what is in other forms where no segment reads it.
    let rows = r#"INSERT INTO profiles (_id, tags, marks, paid, levels, grades, home, orders) VALUES
        ('a', '["a", null]', ' [1, 2, null]', '[5, 5.5, -0.01, null]', '{"gold": 2, "blue": "many"}', '{"x": 2, "y": null}',
         '{"town": "Oslo", "built": "1999-12-31", "rooms": "many"}',
         '[null, {"total": 10, "skus": ["a", null], "rank": {}}, {"total": null, "skus": null}, {}]'),
        ('b', '[]', '[]', '[]', '{}', '{}', '{}', '[]'), ('c', NULL, NULL, NULL, NULL, NULL, '{"town": null}', NULL),
        ('d', NULL, NULL, NULL, 'null', NULL, 'null', NULL), ('e', NULL, '[]', NULL, '[]', NULL, '[]', NULL)"#;
    fill_with(folder.path(), &url, dialect, rows);
    let expected = [
        "bare c", "bare d", "buying a", "gold a", "graded a", "graded b", "housed a", "marked a", "old a", "paying a",
        "tagged a",
    ];
    assert_eq!(members(folder.path(), &url), expected);
    (folder, url)
}

const INTEGER: &str = " that is no integer of 64 bits";
const AMOUNT: &str = " that is no number of 4 digits and 2 behind the point";
const TEXT: &str = " that is no text";
const DATE: &str = " that is no date like 2026-11-23";

/// What a column may not hold, and what is told of it.
const OTHERS: &[(&str, &str, &str, &str)] = &[
    ("marks", "null", "null in place of NULL", ""),
    ("marks", "5", "a value that is no list", ""),
    ("marks", r#"["1"]"#, "a value at []", INTEGER),
    ("marks", "[true]", "a value at []", INTEGER),
    ("marks", "[1, 1.5]", "a value at []", INTEGER),
    ("marks", "[9223372036854775808]", "a value at []", INTEGER),
    ("marks", "[[1]]", "a value at []", INTEGER),
    ("paid", "[12345.67]", "a value at []", AMOUNT),
    ("paid", "[-10000]", "a value at []", AMOUNT),
    ("paid", "[1.001]", "a value at []", AMOUNT),
    ("paid", r#"["1"]"#, "a value at []", AMOUNT),
    ("tags", "[1]", "a value at []", TEXT),
    ("levels", r#"{"gold": "1"}"#, "a value at gold", INTEGER),
    ("grades", "null", "null in place of NULL", ""),
    ("grades", r#"{"x": 1, "y": "2"}"#, "a value at […]", INTEGER),
    ("home", r#"{"town": true}"#, "a value at town", TEXT),
    ("home", r#"{"built": "1999-12-31T00:00:00Z"}"#, "a value at built", DATE),
    ("orders", "[[]]", "a value at [] that is no object", ""),
    ("orders", r#"[{}, {"total": 1.001}]"#, "a value at [].total", AMOUNT),
    ("orders", r#"[{"skus": "a"}]"#, "a value at [].skus that is no list", ""),
    ("orders", r#"[{"skus": ["b", 1]}]"#, "a value at [].skus[]", TEXT),
];

/// Each of them leads to a refusal.
fn others_are_refused(folder: &Path, url: &str, others: &[(&str, &str, &str, &str)]) {
    let clear = "UPDATE profiles SET tags = NULL, marks = NULL, paid = NULL, levels = NULL, grades = NULL, home = NULL, orders = NULL";
    let changed = others.iter().map(|(column, text, place, words)| {
        let change = format!("{clear}; UPDATE profiles SET {column} = '{text}' WHERE _id = 'b'");
        (change, format!("values in the JSON of profiles.{column}: found {place}{words}"))
    });
    let changed: Vec<(String, String)> = changed.collect();
    let told: Vec<(&str, &str)> = changed.iter().map(|(change, words)| (change.as_str(), words.as_str())).collect();
    are_refused(folder, url, &told);
    // Nobody is refused for what no segment of theirs reads.
    output(folder, &["run", "--on", url, "--now", NOW, "-s", "gold", "--output", "-"]);
}

/// Of a column that could hold any text.
const NO_JSON: &[(&str, &str, &str, &str)] =
    &[("marks", "", "text that is no JSON", ""), ("marks", "[1", "text that is no JSON", "")];

/// Whole numbers that are read as texts, and texts that are read as numbers, as files have them, where they are members.
fn other_members_are_read(folder: &Path, url: &str) {
    let change = r#"UPDATE profiles SET tags = NULL, marks = NULL, grades = NULL, home = '{"town": 5}',
        orders = '[{"total": "10.00", "skus": ["a"]}]' WHERE _id = 'b'"#;
    open(url, true).execute(change).unwrap();
    assert_eq!(members(folder, url), ["bare a", "bare b", "bare c", "bare d", "bare e", "buying b", "housed b"]);
}

#[test]
fn of_sqlite_is_what_is_read_of_it() {
    let (folder, url) = filled(|folder| format!("sqlite:{}", folder.join("shop.db").display()), "sqlite");
    others_are_refused(folder.path(), &url, OTHERS);
    others_are_refused(folder.path(), &url, NO_JSON);
    others_are_refused(folder.path(), &url, &[("home", r#"{"town": 5}"#, "a value at town", TEXT)]);
}

#[test]
fn of_postgres_is_what_is_read_of_it() {
    let mut engine = Engine::start("postgres");
    let (folder, url) = filled(|_| engine.url(), "postgres");
    others_are_refused(folder.path(), &url, OTHERS);
    other_members_are_read(folder.path(), &url);
    engine.report("values within JSON");
}

#[test]
fn of_mariadb_is_what_is_read_of_it() {
    let mut engine = Engine::start("mariadb");
    let (folder, url) = filled(|_| engine.url(), "mariadb");
    others_are_refused(folder.path(), &url, OTHERS);
    other_members_are_read(folder.path(), &url);
    open(&url, true).execute("ALTER TABLE profiles MODIFY marks LONGTEXT").unwrap();
    others_are_refused(folder.path(), &url, NO_JSON);
    engine.report("values within JSON");
}
