//! `segc run --on adbc:…`: databases through their ADBC drivers, which tell what dialect they speak.

use super::{NOW, expected, fill, members, open, output, project, refused, rows};
use crate::conformance::engine::Engine;

const MEMBERSHIPS: &str = "SELECT segment, profile_id FROM audience";

#[test]
fn a_server_of_postgres_through_its_driver() {
    let mut engine = Engine::start("postgres");
    let (project, url) = (project(), engine.url());
    fill(project.path(), &url, "postgres");
    let url = format!("adbc:{url}");
    assert_eq!(members(project.path(), &url), expected());
    for _ in 0..2 {
        output(project.path(), &["run", "--on", &url, "--now", NOW, "--into", "audience"]);
        assert_eq!(rows(&mut open(&url, false), MEMBERSHIPS), expected());
    }
    let told = open(&url, false).execute("DELETE FROM audience").unwrap_err().to_string();
    assert!(told.contains("read-only"), "{told}");
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW, "--dialect", "duckdb"]);
    assert!(told.contains("the database is PostgreSQL, not DuckDB"), "{told}");

    // A fault leaves the table as it was.
    open(&url, true).execute("ALTER TABLE events RENAME COLUMN channel TO medium").unwrap();
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW, "--into", "audience"]);
    assert!(told.contains("channel"), "{told}");
    assert_eq!(rows(&mut open(&url, false), MEMBERSHIPS), expected());
    engine.report("run --on its ADBC driver, and into a table of it");
}

#[test]
fn a_file_of_sqlite_through_its_driver() {
    let folder = project();
    let file = folder.path().join("shop.db");
    fill(folder.path(), &format!("sqlite:{}", file.display()), "sqlite");
    let url = format!("adbc:sqlite?uri=file:{}", file.display());
    // Instants are integers there.
    let instants = "UPDATE events SET timestamp = strftime('%s', substr(timestamp, 1, 19)) * 1000000 \
                    + (timestamp LIKE '%.000001+00')";
    open(&url, true).execute(instants).unwrap();
    assert_eq!(members(folder.path(), &url), expected());
    output(folder.path(), &["run", "--on", &url, "--now", NOW, "--into", "memberships"]);
    let read = "SELECT segment, profile_id FROM memberships";
    for form in ["sqlite:file:", "sqlite:", "sqlite?uri="] {
        assert_eq!(rows(&mut open(&format!("adbc:{form}{}", file.display()), false), read), expected());
        let missing = folder.path().join("missing.db");
        let told = refused(folder.path(), &["run", "--on", &format!("adbc:{form}{}", missing.display()), "--now", NOW]);
        assert!(told.contains("failed to open") && !missing.exists(), "{told}");
    }
}

#[test]
fn a_driver_that_is_not_there_is_told() {
    let project = project();
    for url in ["adbc:nowhere", "adbc:nowhere://db/shop", "adbc:profile://nowhere"] {
        let told = refused(project.path(), &["run", "--on", url, "--now", NOW]);
        assert!(told.contains("nowhere") && told.contains("NOT_FOUND"), "{told}");
    }
}
