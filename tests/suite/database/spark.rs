//! `segc run --on sc://…`: Spark through Spark Connect.

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
