//! `segc run --on mariadb://…`, on a server.

use std::net::TcpListener;

use segc::emit::canary::Columns;
use segc::engines;
use segc::vector::time::Zone;

use super::types::are_refused;
use super::{NOW, ROWS, expected, fill_with, members, open, output, project, refused, rows};
use crate::conformance::engine::Engine;

/// The shop in a server's database.
fn filled(engine: &mut Engine) -> (tempfile::TempDir, String) {
    let (project, url) = (project(), engine.url());
    // Instants are those of UTC there, and what stands in double quotes is a text.
    fill_with(project.path(), &url, "mariadb", &ROWS.replace("+00'", "'").replace("\"eventType\"", "`eventType`"));
    (project, url)
}

const MEMBERSHIPS: &str = "SELECT segment, profile_id FROM audience";

#[test]
fn a_server_gives_the_same_members_and_keeps_memberships() {
    let mut engine = Engine::start("mariadb");
    let (project, url) = filled(&mut engine);
    assert_eq!(members(project.path(), &url), expected());
    let into = |now: &str, more: &[&str]| {
        output(project.path(), &[&["run", "--on", &url, "--now", now, "--into", "segments.audience"], more].concat());
        rows(&mut open(&url, false), MEMBERSHIPS)
    };
    assert_eq!(into(NOW, &[]), expected());
    assert_eq!(into(NOW, &[]), expected());
    let slow = "CREATE VIEW profiles AS SELECT * FROM all_profiles WHERE SLEEP(0.05) = 0";
    super::into_at_once(project.path(), &url, slow);
    let others: Vec<String> = expected().into_iter().filter(|row| !row.starts_with("buyers ")).collect();
    assert_eq!(into("2027-11-23T12:00:00Z", &["-s", "buyers"]), others);

    // A fault leaves the table as it was.
    open(&url, true).execute("ALTER TABLE events RENAME COLUMN channel TO medium").unwrap();
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW, "--into", "audience"]);
    assert!(told.contains("channel"), "{told}");
    assert_eq!(rows(&mut open(&url, false), MEMBERSHIPS), others);

    // So does one in a table that could not be left as it was: nothing is written.
    open(&url, true).execute("ALTER TABLE audience ENGINE = MyISAM").unwrap();
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW, "--into", "audience"]);
    assert!(told.contains("the table is of MyISAM: its engine has no transactions"), "{told}");
    assert_eq!(rows(&mut open(&url, false), MEMBERSHIPS), others);
    open(&url, true).execute("ALTER TABLE audience ENGINE = InnoDB").unwrap();

    let change = "ALTER TABLE profiles MODIFY points DOUBLE";
    are_refused(project.path(), &url, &[(change, "type of profiles.points, BIGINT: found double")]);
    open(&url, true).execute("ALTER TABLE profiles MODIFY points INT UNSIGNED").unwrap();

    let in_latin1 = "ALTER TABLE profiles MODIFY country VARCHAR(20) CHARACTER SET latin1";
    are_refused(project.path(), &url, &[(in_latin1, "found text in latin1; `cast = [\"country\"]` beside `files`")]);
    open(&url, true).execute("ALTER TABLE profiles MODIFY country VARCHAR(20) CHARACTER SET utf8mb4").unwrap();

    // An id that does not fit is a fault, not another id.
    open(&url, true).execute("ALTER TABLE events RENAME COLUMN medium TO channel").unwrap();
    open(&url, true).execute("ALTER TABLE audience MODIFY profile_id VARCHAR(3) NOT NULL").unwrap();
    open(&url, true).execute("ALTER TABLE profiles MODIFY _id VARCHAR(400) NOT NULL").unwrap();
    open(&url, true).execute("UPDATE profiles SET _id = REPEAT('c', 300) WHERE _id = 'c'").unwrap();
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW, "--into", "audience"]);
    assert!(told.contains("segment best") && told.contains("too long"), "{told}");
    assert_eq!(rows(&mut open(&url, false), MEMBERSHIPS), others);

    for statement in ["DELETE FROM audience", "DROP TABLE audience", "CREATE TABLE other (a INT)"] {
        let told = open(&url, false).execute(statement).unwrap_err().to_string();
        assert!(told.contains("READ ONLY"), "{told}");
    }
    engine.report("run --on a server, and into a table of it");
}

#[test]
fn a_table_may_have_any_name_and_an_id_any_text() {
    let mut engine = Engine::start("mariadb");
    let (project, url) = filled(&mut engine);
    let odd = ["'", "\"", "\\", "\n", "\t", "\0", "%s", "`", "é👩", "\u{202e}", "-- "];
    let mut session = open(&url, true);
    for text in odd {
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        session.execute(&format!("INSERT INTO profiles (_id, points) VALUES (X'{hex}', 0)")).unwrap();
    }
    std::fs::write(project.path().join("segments.seg"), "segment none { where points == 0 }\n").unwrap();
    output(project.path(), &["run", "--on", &url, "--now", NOW, "--into", "a`b'; DROP TABLE profiles -- \\%s"]);
    let mut expected: Vec<String> = odd.iter().map(|text| format!("none {text}")).collect();
    expected.sort();
    assert_eq!(rows(&mut session, "SELECT segment, profile_id FROM `a``b'; DROP TABLE profiles -- \\%s`"), expected);
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW, "--into", "a..b"]);
    assert!(told.contains("--into"), "{told}");
}

#[test]
fn a_session_that_ends_or_disagrees_is_told() {
    let mut engine = Engine::start("mariadb");
    let url = engine.url();
    let (mut session, mut other) = (open(&url, false), open(&url, true));
    let id = rows(&mut session, "SELECT CONNECTION_ID()").remove(0);
    let mut count = 0;
    let cut = session.query("SELECT REPEAT('x', 100) FROM seq_1_to_3000000", &mut |_| {
        if count == 0 {
            other.execute(&format!("KILL {id}")).unwrap();
        }
        count += 1;
    });
    assert!(cut.is_err() && (1..3_000_000).contains(&count), "{count} rows");

    let zone = Zone::new("Europe/Stockholm").unwrap();
    let dialect = engine.dialect();
    engines::prepare(&mut other, dialect, &zone, &Columns::default()).unwrap();
    other.execute("SET sql_mode = 'ORACLE'").unwrap();
    let told = engines::prepare(&mut other, dialect, &zone, &Columns::default()).unwrap_err().to_string();
    assert!(told.contains("sql_mode"), "{told}");
    other.execute("SET GLOBAL sql_select_limit = 2").unwrap();
    assert_eq!(rows(&mut open(&url, false), "SELECT seq FROM seq_1_to_5").len(), 5);
}

#[test]
fn who_may_not_and_what_does_not_answer_is_told() {
    let mut engine = Engine::start("mariadb");
    let (project, url) = (project(), engine.url());
    let wrong = url.replacen("p%40ss", "s3cr%40t", 1);
    let told = refused(project.path(), &["run", "--on", &wrong, "--now", NOW]);
    assert!(told.contains("Access denied") && !told.contains("s3cr"), "{told}");

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("mysql://anna:s3cr@127.0.0.1:{port}/shop?connect_timeout=0.3");
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW]);
    assert!(told.contains(&format!("127.0.0.1:{port} does not answer within 0.3 s")), "{told}");
    drop(silent);
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW]);
    assert!(told.contains("refused"), "{told}");
    let told = refused(project.path(), &["run", "--on", "mariadb://anna@localhost/shop?sslmode=on", "--now", NOW]);
    assert!(told.contains("`sslmode` is no parameter"), "{told}");
}
