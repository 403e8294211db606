//! Columns with room for numbers that the schema's types do not have: the data is asked, and a run is refused where there is
//! one.

use std::path::Path;

use segc::sql::SqlType;
use segc::sql::registry;

use super::types::are_refused;
use super::{NOW, PROJECT, fill_with, members, open, output};
use crate::conformance::engine::Engine;

const SCHEMA: &str = r#"{
    "title": "Shop", "description": "A shop.",
    "classes": {
        "profile": { "title": "Customer", "description": "A customer.", "required": ["_id"], "properties": {
            "_id": { "title": "Id", "description": "Id.", "type": "string" },
            "points": { "title": "Points", "description": "Points.", "type": "integer" },
            "spent": { "title": "Spent", "description": "Spent.", "type": "number", "meta:scale": 2, "meta:digits": 6 },
            "lines": { "title": "Lines", "description": "Lines.", "type": "array", "items": { "type": "object", "properties": {
                "prices": { "title": "Prices", "description": "Prices.", "type": "array", "items": {
                    "type": "number", "meta:scale": 2, "meta:digits": 6 } } } } },
            "rates": { "title": "Rates", "description": "Rates.", "type": "object", "additionalProperties": {
                "type": "number", "meta:scale": 2, "meta:digits": 6 } } } },
        "event": { "title": "Event", "description": "An event.", "required": ["timestamp", "eventType"], "properties": {
            "timestamp": { "title": "Time", "description": "Time.", "type": "string", "format": "date-time" },
            "eventType": { "title": "Type", "description": "Type.", "type": "string" } } }
    },
    "eventTypes": { "view": { "title": "View", "description": "View." } }
}"#;

pub(super) const SEGMENTS: &str = "segment spenders { where spent > 9 }\nsegment eager { where points > 6 }\n";

pub(super) const NESTED: &str = "segment dear { where any(lines where any(prices as price where price > 9)) }\n\
                      segment quick { where rates[\"day\"] > 9 }\n\
                      segment rated { where any(rates as rate where rate.value > 9) }\n";

pub(super) fn project(segments: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("schema.json", SCHEMA), ("seg.toml", PROJECT), ("segments.seg", segments)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Fills the tables of a database, makes its columns wider, and puts one number after the other where there is room.
pub(super) fn are_told(folder: &Path, url: &str, dialect: &str, wider: &[&str], beyond: &[(&str, &str)]) {
    fill_with(
        folder,
        url,
        dialect,
        "INSERT INTO profiles (_id, spent, points) VALUES ('a', 9999.99, 7), ('b', 1, NULL)",
    );
    let expected = members(folder, url);
    assert!(expected.contains(&"spenders a".to_owned()) && expected.contains(&"eager a".to_owned()), "{expected:?}");
    for change in wider {
        open(url, true).execute(change).unwrap_or_else(|fault| panic!("{fault}\n{change}"));
    }
    let members = members(folder, url);
    assert!(expected.iter().all(|member| members.contains(member)), "there is room for more, and no more is there");
    are_refused(folder, url, beyond);
}

pub(super) const SPENT: &str =
    "digits of profiles.spent, 4 before the point: found a number of more; `meta:digits` of the schema";
const POINTS: &str = "values of profiles.points, integers of 64 bits: found one that is beyond them; a view";

fn spent(number: &str) -> String {
    format!("UPDATE profiles SET points = 1, spent = {number} WHERE _id = 'b'")
}

const MANY_POINTS: &str = "UPDATE profiles SET spent = 1, points = 9223372036854775808 WHERE _id = 'b'";

#[test]
fn duckdb_is_asked_for_numbers_beyond_those_of_the_schema() {
    let project = project(&[SEGMENTS, NESTED].concat());
    let url = project.path().join("shop.duckdb").to_string_lossy().into_owned();
    let nested = |lines: &str, rates: &str| {
        format!("UPDATE profiles SET points = 1, spent = 1, lines = {lines}, rates = {rates} WHERE _id = 'b'")
    };
    let prices = |last: &str| {
        format!("[NULL, {{prices: NULL}}, {{prices: []}}, {{prices: [1.5, NULL]}}, {{prices: [2, {last}]}}]")
    };
    let [more, less, in_list, in_key, in_map] = [
        spent("10000"),
        spent("-10000.01"),
        nested(&prices("10000"), "NULL"),
        nested("NULL", "MAP {'day': 10000, 'night': NULL}"),
        nested("NULL", "MAP {'day': NULL, 'night': -10000}"),
    ];
    let within = |place: &str| format!("digits of profiles.{place}, 4 before the point: found a number of more");
    let [lines, key, map] = ["lines[].prices[]", "rates['day']", "rates[…]"].map(within);
    are_told(
        project.path(),
        &url,
        "duckdb",
        &[
            "ALTER TABLE profiles ALTER spent TYPE DECIMAL(18, 2)",
            "ALTER TABLE profiles ALTER points TYPE UBIGINT",
            "ALTER TABLE profiles ALTER lines TYPE STRUCT(prices DECIMAL(38, 1)[])[]",
            "ALTER TABLE profiles ALTER rates TYPE MAP(VARCHAR, DECIMAL(7, 2))",
            &nested(&prices("9999.9"), "MAP {'day': 9999.99}"),
        ],
        &[(&more, SPENT), (&less, SPENT), (MANY_POINTS, POINTS), (&in_list, &lines), (&in_key, &key), (&in_map, &map)],
    );
    // Who does not read the column is not refused.
    let args = ["run", "--on", &url, "--now", NOW, "-s", "eager", "--output", "-"];
    assert_eq!(output(project.path(), &args), "segment,profile_id\neager,a\n");
}

#[test]
fn postgres_is_asked_for_numbers_beyond_those_of_the_schema() {
    let mut engine = Engine::start("postgres");
    let (project, url) = (project(SEGMENTS), engine.url());
    let told = "digits of profiles.spent, 4 before the point and 2 behind it: found a number of more";
    let changes = ["10000", "-10000", "0.001", "'NaN'", "'-Infinity'", "1e300"].map(spent);
    let changes: Vec<(&str, &str)> = changes.iter().map(|change| (change.as_str(), told)).collect();
    are_told(project.path(), &url, "postgres", &["ALTER TABLE profiles ALTER spent TYPE numeric"], &changes);
    engine.report("numbers beyond those of the schema");
}

#[test]
fn clickhouse_is_asked_for_numbers_beyond_those_of_the_schema() {
    let mut engine = Engine::start("clickhouse");
    let (project, url) = (project(&[SEGMENTS, NESTED].concat()), engine.url());
    let insert = |spent: &str, points: &str, price: &str, rate: &str| {
        format!(
            "TRUNCATE TABLE profiles; INSERT INTO profiles (_id, spent, points, lines, rates) VALUES ('a', 9999.99, 7, [], map()), \
             ('b', {spent}, {points}, [tuple([]), tuple([1, NULL, {price}])], map('day', {rate}, 'night', NULL))"
        )
    };
    let [more, points, price, rate] = [
        insert("10000", "1", "2", "3"),
        insert("1", "9223372036854775808", "2", "3"),
        insert("1", "1", "-10000", "3"),
        insert("1", "1", "2", "10000"),
    ];
    are_told(
        project.path(),
        &url,
        "clickhouse",
        &[
            "ALTER TABLE profiles MODIFY COLUMN spent Nullable(Decimal(18, 2))",
            "ALTER TABLE profiles MODIFY COLUMN points Nullable(UInt64)",
            "ALTER TABLE profiles MODIFY COLUMN lines Array(Tuple(prices Array(Nullable(Decimal(38, 2)))))",
            "ALTER TABLE profiles MODIFY COLUMN rates Map(String, Nullable(Decimal(9, 2)))",
        ],
        &[
            (&more, SPENT),
            (&points, POINTS),
            (&price, "digits of profiles.lines[].prices[], 4 before the point: found a number of more"),
            (&rate, "digits of profiles.rates['day'], 4 before the point: found a number of more"),
        ],
    );
    engine.report("numbers beyond those of the schema");
}

#[test]
fn mariadb_is_asked_for_numbers_beyond_those_of_the_schema() {
    let mut engine = Engine::start("mariadb");
    let (project, url) = (project(SEGMENTS), engine.url());
    let wider = "ALTER TABLE profiles MODIFY spent DECIMAL(65, 2), MODIFY points BIGINT UNSIGNED";
    let changes = [spent("10000"), spent("-1e40")];
    are_told(
        project.path(),
        &url,
        "mariadb",
        &[wider],
        &[(&changes[0], SPENT), (&changes[1], SPENT), (MANY_POINTS, POINTS)],
    );
    engine.report("numbers beyond those of the schema");
}

#[test]
fn a_type_tells_that_it_has_no_room_for_more() {
    let amount = SqlType::Decimal { precision: 6, scale: 2 };
    let has_no_more = |dialect: &str, told: &str, ty: &SqlType| {
        registry::find(dialect).unwrap().dialect.stored_types().unwrap().has_no_more(told, ty)
    };
    for (dialect, narrow, wide) in [
        ("duckdb", "DECIMAL(6,2)", "DECIMAL(7,2)"),
        ("duckdb", "DECIMAL(4,0)", "DECIMAL(5,0)"),
        ("postgres", "numeric(5,1)", "numeric(6,1)"),
        ("postgres", "numeric(6,2)", "numeric"),
        ("clickhouse", "Nullable(Decimal(6, 2))", "Nullable(Decimal(6, 1))"),
        ("clickhouse", "Decimal(5, 1)", "Decimal(76, 2)"),
        ("spark", "decimal(6,2)", "decimal(6,0)"),
        ("mariadb", "decimal(6,2)", "decimal(10,2)"),
        ("datafusion", "Decimal128(6, 2)", "Decimal128(8, 2)"),
    ] {
        assert!(has_no_more(dialect, narrow, &amount), "{dialect} {narrow}");
        assert!(!has_no_more(dialect, wide, &amount), "{dialect} {wide}");
    }
    for (dialect, narrow, wide) in [
        ("duckdb", "BIGINT", "UBIGINT"),
        ("duckdb", "UINTEGER", "HUGEINT"),
        ("clickhouse", "Nullable(UInt32)", "Nullable(UInt64)"),
        ("mariadb", "bigint(20)", "bigint(20) unsigned"),
        ("mariadb", "int(10) unsigned", "bigint unsigned"),
        ("postgres", "bigint", "numeric(20,0)"),
    ] {
        assert!(has_no_more(dialect, narrow, &SqlType::Int), "{dialect} {narrow}");
        assert!(!has_no_more(dialect, wide, &SqlType::Int), "{dialect} {wide}");
    }
}
