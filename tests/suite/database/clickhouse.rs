//! `segc run --on clickhouse://…`: an HTTP front to ClickHouse in process, which `tests/engines/clickhouse_http.py`
//! describes; the rest of the interface's faults are played by its users.

use std::net::TcpListener;

use super::types::are_refused;
use super::{NOW, expected, fill, members, open, output, project, refused, rows};
use crate::conformance::engine::Engine;

/// Rows as the tests write them have instants with an offset.
const READING: &str = "?date_time_input_format=best_effort";

fn filled(engine: &mut Engine) -> (tempfile::TempDir, String) {
    let (project, url) = (project(), engine.url());
    fill(project.path(), &format!("{url}{READING}"), "clickhouse");
    (project, url)
}

/// The URL for another user.
fn of_user(url: &str, user: &str) -> String {
    url.replacen("anna:", &format!("{user}:"), 1)
}

#[test]
fn a_server_gives_the_same_members_and_keeps_memberships() {
    let mut engine = Engine::start("clickhouse");
    let (project, url) = filled(&mut engine);
    assert_eq!(members(project.path(), &url), expected());
    let count = "SELECT toString(count()) FROM system.tables WHERE database = 'shop'";
    for _ in 0..2 {
        output(project.path(), &["run", "--on", &url, "--now", NOW, "--into", "shop.audience"]);
        assert_eq!(rows(&mut open(&url, false), "SELECT segment, profile_id FROM audience"), expected());
        assert_eq!(rows(&mut open(&url, false), count), ["3"], "nothing is left beside the table");
    }
    let later = ["run", "--on", &url, "--now", "2027-11-23T12:00:00Z", "--into", "audience", "-s", "buyers"];
    output(project.path(), &later);
    let others: Vec<String> = expected().into_iter().filter(|row| !row.starts_with("buyers ")).collect();
    assert_eq!(rows(&mut open(&url, false), "SELECT segment, profile_id FROM audience"), others);

    // A fault leaves the table as it was.
    open(&url, true).execute("ALTER TABLE events RENAME COLUMN channel TO medium").unwrap();
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW, "--into", "audience"]);
    assert!(told.contains("channel"), "{told}");
    assert_eq!(rows(&mut open(&url, false), "SELECT segment, profile_id FROM audience"), others);
    assert_eq!(rows(&mut open(&url, false), count), ["3"]);

    let told = open(&url, false).execute("DROP TABLE audience").unwrap_err().to_string();
    assert!(told.contains("readonly"), "{told}");
    for change in ["RENAME COLUMN medium TO channel", "MODIFY COLUMN channel LowCardinality(Nullable(String))"] {
        open(&url, true).execute(&format!("ALTER TABLE events {change}")).unwrap();
    }
    assert_eq!(members(project.path(), &url), expected());
    let change = "ALTER TABLE profiles MODIFY COLUMN points Nullable(Float64)";
    let told = "type of profiles.points, Nullable(Int64): found Nullable(Float64)";
    are_refused(project.path(), &url, &[(change, told)]);
    engine.report("run --on an HTTP front, and into a table of it");
}

#[test]
fn a_result_that_was_cut_off_is_no_result() {
    let mut engine = Engine::start("clickhouse");
    let url = engine.url();
    let fails_late =
        "SELECT toString(number), throwIf(number = 300000) FROM numbers(400000) SETTINGS max_block_size = 5000";
    for user in ["anna", "late", "tagged"] {
        let mut rows = 0;
        let told = open(&of_user(&url, user), false).query(fails_late, &mut |_| rows += 1).unwrap_err().to_string();
        assert!(told.contains("Code: 395"), "{user}: {told}");
        assert_eq!(rows == 0, user == "anna", "{user}: who waits for the end of the query gets the fault alone");
    }
    let told = open(&of_user(&url, "cut"), false).query("SELECT number FROM numbers(100000)", &mut |_| ()).unwrap_err();
    assert!(told.to_string().contains("in the middle of its answer"), "{told}");
    // A session under which a query stops short says so.
    let short = format!("{url}?max_result_rows=2&result_overflow_mode=break&limit=1");
    let told = open(&short, false).query("SELECT number FROM numbers(9)", &mut |_| ()).unwrap_err().to_string();
    assert!(told.contains("TOO_MANY_ROWS"), "{told}");
}

#[test]
fn every_text_comes_back_as_it_is() {
    let mut engine = Engine::start("clickhouse");
    let url = engine.url();
    let mut session = open(&url, true);
    session.execute("CREATE TABLE odd (id String) ENGINE = MergeTree ORDER BY id").unwrap();
    let odd = ["'", "\"", "\\", "\n", "\r\n", "\t", "\0", "end of rows", "[", "]", "é👩", "\u{202e}", ""];
    for text in odd {
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        session.execute(&format!("INSERT INTO odd SELECT unhex('{hex}')")).unwrap();
    }
    let mut expected = odd.to_vec();
    expected.sort_unstable();
    assert_eq!(rows(&mut session, "SELECT id FROM odd"), expected);
    session.execute("INSERT INTO odd SELECT unhex('ff')").unwrap();
    let told = session.query("SELECT id FROM odd", &mut |_| ()).unwrap_err().to_string();
    assert!(told.contains("utf-8"), "{told}");
}

#[test]
fn who_may_not_and_what_does_not_answer_is_told() {
    let mut engine = Engine::start("clickhouse");
    let (project, url) = (project(), engine.url());
    let host = url.split_once('@').unwrap().1.to_owned();
    let wrong = format!("clickhouse://anna:s3cr%21t@{host}");
    let told = refused(project.path(), &["run", "--on", &wrong, "--now", NOW]);
    assert!(told.contains("Code: 516") && !told.contains("s3cr"), "{told}");

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("clickhouse://anna@127.0.0.1:{port}/shop?connect_timeout=0.3");
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW]);
    assert!(told.contains(&format!("127.0.0.1:{port} does not answer within 0.3 s")), "{told}");
    drop(silent);
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW]);
    assert!(told.contains("refused"), "{told}");
    let tls = format!("clickhouses://anna:s3cr%21t@{host}");
    let told = refused(project.path(), &["run", "--on", &tls, "--now", NOW]);
    assert!(told.contains("SSL") && !told.contains("s3cr"), "{told}");
}
