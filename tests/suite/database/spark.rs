//! `segc run --on sc://…`: Spark through Spark Connect.

use super::digits::{self, NESTED, SEGMENTS, SPENT};
use super::types::are_refused;
use super::{NOW, ROWS, expected, fill_with, members, open, project, refused};
use crate::conformance::engine::Engine;

#[test]
fn a_server_gives_the_same_members() {
    let mut engine = Engine::start("spark");
    let (project, url) = (project(), engine.url());
    // Instants are no texts there, nothing is deleted from a plain table, and double quotes hold texts.
    let gone = "('c', 'view', '2026-11-01 10:00:00+00', 'mail'),";
    let (rows, _) = ROWS.split_once("DELETE").unwrap();
    assert!(rows.contains(gone), "{rows}");
    let rows = rows.replace(gone, "").replace("'2026", "TIMESTAMP'2026").replace("\"eventType\"", "`eventType`");
    fill_with(project.path(), &url, "spark", &rows);
    assert_eq!(members(project.path(), &url), expected());

    let told = open(&url, false).query("SELECT nothing", &mut |_| ()).unwrap_err().to_string();
    assert!(told.contains("UNRESOLVED_COLUMN") && !told.contains("JVM"), "{told}");
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW, "--into", "audience"]);
    assert!(told.contains("cannot be written into tables of spark yet"), "{told}");
    let nobody = "sc://127.0.0.1:1/;token=s3cr";
    let told = refused(project.path(), &["run", "--on", nobody, "--now", NOW]);
    assert!(told.contains("127.0.0.1:1") && told.contains("refused") && !told.contains("s3cr"), "{told}");
    let view = "CREATE OR REPLACE VIEW profiles AS SELECT _id, country, CAST(points AS FLOAT) AS points FROM customers";
    open(&url, true).execute("ALTER TABLE profiles RENAME TO customers").unwrap();
    are_refused(project.path(), &url, &[(view, "type of profiles.points, BIGINT: found float")]);
    engine.report("run --on Spark Connect");
}

#[test]
fn spark_is_asked_for_numbers_beyond_those_of_the_schema() {
    let mut engine = Engine::start("spark");
    let (project, url) = (digits::project(&[SEGMENTS, NESTED].concat()), engine.url());
    let view = |spent: &str, price: &str, rate: &str| {
        format!(
            "CREATE OR REPLACE VIEW profiles AS SELECT _id, points, CAST({spent} AS decimal(38, 2)) AS spent, \
             CASE WHEN points IS NULL THEN array(named_struct('prices', array(CAST({price} AS decimal(18, 2)), NULL))) END AS \
             lines, CASE WHEN points IS NULL THEN map('day', CAST({rate} AS decimal(18, 2)), 'night', NULL) END AS rates \
             FROM customers"
        )
    };
    let changes = [view("spent * 10000", "1", "1"), view("spent", "10000", "1"), view("spent", "1", "-10000")];
    digits::are_told(
        project.path(),
        &url,
        "spark",
        &["ALTER TABLE profiles RENAME TO customers", &view("spent", "1", "1")],
        &[
            (&changes[0], SPENT),
            (&changes[1], "digits of profiles.lines[].prices[], 4 before the point: found a number of more"),
            (&changes[2], "digits of profiles.rates['day'], 4 before the point: found a number of more"),
        ],
    );
    engine.report("numbers beyond those of the schema");
}
