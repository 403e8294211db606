//! `segc run --on`: members out of a database, memberships into it, and sessions that are refused.

use segc::emit::canary::Columns;
use segc::engines::{self, Target};
use segc::sql::DuckDb;
use segc::vector::time::Zone;

use super::{NOW, expected, file, fill, fill_with, members, open, output, project, refused, rows, shop};
use crate::ci::{segc, shown};
use crate::conformance::engine::Engine;

#[test]
fn members_come_back_in_the_forms_of_local_runs() {
    let shop = shop();
    let csv = output(shop.path(), &["run", "--on", "shop.duckdb", "--now", NOW, "--output", "-"]);
    let best: Vec<&str> = csv.lines().filter(|line| line.starts_with("best,")).collect();
    assert_eq!(best, ["best,c,1,9", "best,b,2,7"]);
    assert!(csv.starts_with("segment,profile_id,rank,key\n"), "{csv}");
    assert_eq!(members(shop.path(), "shop.duckdb"), expected());

    output(shop.path(), &["run", "--on", "duckdb:shop.duckdb", "--now", NOW, "-o", "members.parquet"]);
    let mut session = open(&file(shop.path()), false);
    let written = shop.path().join("members.parquet");
    let read = format!("SELECT segment, profile_id FROM '{}'", written.display());
    assert_eq!(rows(&mut session, &read), expected());
}

#[test]
fn a_server_of_postgres_gives_the_same_members_and_keeps_memberships() {
    let mut engine = Engine::start("postgres");
    let url = engine.url();
    let project = project();
    fill(project.path(), &url, "postgres");
    assert_eq!(members(project.path(), &url), expected());
    for _ in 0..2 {
        output(project.path(), &["run", "--on", &url, "--now", NOW, "--into", "audience"]);
        assert_eq!(rows(&mut open(&url, false), "SELECT segment, profile_id FROM audience"), expected());
    }
    let slow = "CREATE VIEW profiles AS SELECT * FROM all_profiles WHERE pg_sleep(0.05)::text = ''";
    super::into_at_once(project.path(), &url, slow);
    // The engine would cut the name off, so that two tables were one.
    let long = "a".repeat(64);
    let told = refused(project.path(), &["run", "--on", &url, "--now", NOW, "--into", &long]);
    assert!(told.contains("--into takes no name of more than 63 bytes"), "{told}");
    let refused = open(&url, false).execute("DELETE FROM audience").unwrap_err().to_string();
    assert!(refused.contains("read-only"), "{refused}");
    engine.report("run --on a server, and into a table of it");
}

#[test]
fn runs_into_one_table_of_sqlite_wait_for_each_other() {
    let (shop, url) = super::left_out::shop();
    std::fs::remove_file(shop.path().join("more.seg")).unwrap();
    let numbers = "WITH RECURSIVE n(i) AS (SELECT length(_id) UNION ALL SELECT i + 1 FROM n WHERE i < 100000)";
    let slow = format!("CREATE VIEW profiles AS SELECT * FROM all_profiles WHERE ({numbers} SELECT max(i) FROM n) > 0");
    super::into_at_once(shop.path(), &url, &slow);
}

#[test]
fn nothing_is_written_unless_a_table_is_named() {
    let shop = shop();
    let before = std::fs::read(shop.path().join("shop.duckdb")).unwrap();
    output(shop.path(), &["run", "--on", "shop.duckdb", "--now", NOW]);
    assert!(before == std::fs::read(shop.path().join("shop.duckdb")).unwrap(), "the file has changed");
}

#[test]
fn memberships_are_replaced_segment_by_segment() {
    let shop = shop();
    let into = |now: &str, more: &[&str]| {
        let args = [&["run", "--on", "shop.duckdb", "--now", now, "--into", "audience"], more].concat();
        output(shop.path(), &args);
        rows(&mut open(&file(shop.path()), false), "SELECT segment, profile_id FROM audience")
    };
    assert_eq!(into(NOW, &[]), expected());
    assert_eq!(into(NOW, &[]), expected(), "a second run changes nothing");
    let later = into("2027-11-23T12:00:00Z", &["-s", "buyers"]);
    let without: Vec<String> = expected().into_iter().filter(|row| !row.starts_with("buyers ")).collect();
    assert_eq!(later, without, "only the segment that was run has changed");
}

/// A table of the user's may have its columns in another order, and more of them.
#[test]
fn memberships_are_written_by_the_names_of_columns() {
    let shop = shop();
    let table = "CREATE TABLE audience (profile_id VARCHAR, since INTEGER DEFAULT 7, segment VARCHAR)";
    open(&file(shop.path()), true).execute(table).unwrap();
    for _ in 0..2 {
        output(shop.path(), &["run", "--on", "shop.duckdb", "--now", NOW, "--into", "audience"]);
        let found = rows(&mut open(&file(shop.path()), false), "SELECT segment, profile_id FROM audience");
        assert_eq!(found, expected());
    }
    assert_eq!(rows(&mut open(&file(shop.path()), false), "SELECT DISTINCT since FROM audience"), ["7"]);
}

#[test]
fn a_failing_run_leaves_the_table_as_it_was() {
    let shop = shop();
    output(shop.path(), &["run", "--on", "shop.duckdb", "--now", NOW, "--into", "audience", "-s", "best"]);
    open(&file(shop.path()), true).execute("ALTER TABLE events RENAME COLUMN channel TO medium").unwrap();
    let failed = segc(shop.path(), &["run", "--on", "shop.duckdb", "--now", NOW, "--into", "audience"]);
    assert_eq!(failed.status.code(), Some(2), "{}", shown(&failed));
    let told = shown(&failed);
    assert!(told.contains("type of events.channel, VARCHAR: ") && told.contains("\n  | LINE "), "{told}");
    let kept = rows(&mut open(&file(shop.path()), false), "SELECT segment, profile_id FROM audience");
    assert_eq!(kept, ["best b", "best c"]);
}

#[test]
fn a_session_of_another_mind_is_refused_by_the_name_of_the_setting() {
    let shop = shop();
    let zone = Zone::new("Europe/Stockholm").unwrap();
    let mut session = open(&file(shop.path()), false);
    engines::prepare(&mut session, &DuckDb, &zone, &Columns::default()).unwrap();
    session.execute("SET default_collation = 'nocase'").unwrap();
    let fault = engines::prepare(&mut session, &DuckDb, &zone, &Columns::default()).unwrap_err().to_string();
    assert!(fault.contains("case of compared text"), "{fault}");
    assert!(!fault.contains("integer division"), "{fault}");
    session.execute("SET default_collation = 'noaccent'").unwrap();
    let fault = engines::prepare(&mut session, &DuckDb, &zone, &Columns::default()).unwrap_err().to_string();
    assert!(fault.contains("accents of compared text") && !fault.contains("case of compared"), "{fault}");
}

#[test]
fn a_canary_sings_one_on_every_row() {
    let shop = shop();
    let canary = output(shop.path(), &["compile", "--canary"]);
    let answers = rows(&mut open(&file(shop.path()), false), &canary);
    assert!(answers.len() > 20, "{answers:?}");
    assert!(answers.contains(&"type of profiles.points, BIGINT 1 BIGINT".to_owned()), "{answers:?}");
    let agrees = |row: &String| row.ends_with(" 1 ") || (row.starts_with("type of ") && row.contains(" 1 "));
    assert!(answers.contains(&"values of profiles._id, one for each profile 1 ".to_owned()), "{answers:?}");
    assert!(answers.iter().all(agrees), "{answers:?}");
}

#[test]
fn passwords_stay_out_of_sight() {
    for url in [
        "adbc:postgresql://anna:s3cr%21t@127.0.0.1:1/shop",
        "adbc:postgresql?uri=postgresql%3A%2F%2Fanna%3As3cr%21t%40127.0.0.1%3A1%2Fshop",
        "adbc:nowhere?auth_token=s3cr%21t",
        "clickhouse://anna:s3cr%21t@127.0.0.1:1/shop",
        "clickhouse://anna:pa/s3cr!t@127.0.0.1:1/shop",
        "postgres://anna:12?s3cr=!t@127.0.0.1:1/shop",
        "postgres:anna:s3cr!t@127.0.0.1",
        "postgres://anna:s3cr%21t@127.0.0.1:1/shop",
        "postgresql://127.0.0.1:1/shop?user=anna&password=s3cr%21t",
        "oracle://anna:s3cr%21t@127.0.0.1:1/shop",
    ] {
        let shop = shop();
        let told = refused(shop.path(), &["run", "--on", url, "--now", NOW]);
        assert!(!told.contains("s3cr"), "{told}");
    }
    for (url, shown) in [
        ("postgres://anna:s3cr%21t@db/shop?sslmode=require", "postgres://anna@db/shop?sslmode=require"),
        ("postgres://anna:a@b%2Fc%@[::1]:5432,db:5433/shop", "postgres://anna@[::1]:5432,db:5433/shop"),
        ("clickhouses://db:8443/shop", "clickhouses://db:8443/shop"),
    ] {
        assert_eq!(Target::parse(url).unwrap().shown(), shown);
    }
}

#[test]
fn what_is_no_database_is_told() {
    let shop = shop();
    for (url, said) in [("shop.txt", "does not tell an engine"), ("none.duckdb", "none.duckdb")] {
        let told = refused(shop.path(), &["run", "--on", url, "--now", NOW]);
        assert!(told.contains(said), "{told}");
    }
    // What is neither yes nor no must not be taken for a connection without TLS.
    let wrong = [("clickhouse://db/shop?secure=maybe", "secure"), ("clickhouse://db/shop?protocol=tls", "protocol")];
    for (url, parameter) in wrong.into_iter().chain([("mariadb://db/shop?ssl=require", "ssl")]) {
        let told = refused(shop.path(), &["run", "--on", url, "--now", NOW]);
        assert!(told.contains(&format!("`{parameter}` is `")), "{told}");
    }
    let told = refused(shop.path(), &["run", "--on", "oracle://anna@db/shop", "--now", NOW]);
    for known in engines::ENGINES {
        assert!(told.to_lowercase().contains(known.name), "{told}");
    }
}

#[test]
fn a_file_of_sqlite_is_read_and_written() {
    let folder = project();
    let url = format!("sqlite:{}", folder.path().join("shop.db").display());
    fill(folder.path(), &url, "sqlite");
    // Instants are integers there.
    let instants = "UPDATE events SET timestamp = strftime('%s', substr(timestamp, 1, 19)) * 1000000 \
                    + (timestamp LIKE '%.000001+00')";
    open(&url, true).execute(instants).unwrap();
    assert_eq!(members(folder.path(), &url), expected());
    output(folder.path(), &["run", "--on", &url, "--now", NOW, "--into", "memberships"]);
    assert_eq!(rows(&mut open(&url, false), "SELECT segment, profile_id FROM memberships"), expected());
}

/// An event whose id is absent comes before those at its instant that have one.
#[test]
fn events_without_their_ids_come_first() {
    let folder = project();
    let with_ids = super::PROJECT
        .replacen("none.parquet", "profiles.ndjson", 1)
        .replace("none.parquet", "events.ndjson")
        .replace("profile = \"profile_id\"", "profile = \"profile_id\"\nid = \"_id\"");
    std::fs::write(folder.path().join("seg.toml"), with_ids).unwrap();
    let segments = "segment from_mail { where first(channel of events) == \"mail\" }\n\
                    segment chained { where sequence(view where channel == \"mail\" then view where channel == \"web\") }\n";
    std::fs::write(folder.path().join("segments.seg"), segments).unwrap();
    let events = [("a", None, "mail"), ("a", Some("1"), "web"), ("b", None, "web"), ("b", Some("1"), "mail")];
    let (mut lines, mut statements) = (String::new(), String::new());
    for (profile, id, channel) in events {
        let id_field = id.map_or(String::new(), |id| format!("\"_id\": \"{id}\", "));
        lines += &format!(
            "{{{id_field}\"profile_id\": \"{profile}\", \"eventType\": \"view\", \"channel\": \"{channel}\", \"timestamp\": \"2026-11-01T10:00:00Z\"}}\n"
        );
        let id = id.map_or("NULL".to_owned(), |id| format!("'{id}'"));
        statements += &format!(
            "INSERT INTO events (profile_id, _id, \"eventType\", channel, timestamp) VALUES ('{profile}', {id}, 'view', '{channel}', '2026-11-01 10:00:00+00');"
        );
    }
    std::fs::write(folder.path().join("profiles.ndjson"), "{\"_id\": \"a\"}\n{\"_id\": \"b\"}\n").unwrap();
    std::fs::write(folder.path().join("events.ndjson"), lines).unwrap();
    statements += "INSERT INTO profiles (_id) VALUES ('a'), ('b')";
    let local = output(folder.path(), &["run", "--now", NOW, "--output", "-"]);
    assert_eq!(local, "segment,profile_id\nfrom_mail,a\nchained,a\n");
    let mut engine = Engine::start("postgres");
    for (url, dialect) in [(file(folder.path()), "duckdb"), (engine.url(), "postgres")] {
        fill_with(folder.path(), &url, dialect, &statements);
        let there = output(folder.path(), &["run", "--on", &url, "--now", NOW, "--output", "-"]);
        assert_eq!(there, local, "{dialect}");
    }
    engine.report("events without ids");
}

#[cfg(unix)]
#[test]
fn a_package_that_is_missing_is_told_with_what_gets_it() {
    use std::os::unix::fs::PermissionsExt;
    let shop = shop();
    let bare = shop.path().join("bare-python");
    std::fs::write(&bare, "#!/bin/sh\nexec python3 -I -S \"$@\"\n").unwrap();
    std::fs::set_permissions(&bare, std::fs::Permissions::from_mode(0o755)).unwrap();
    let args = ["run", "--on", "shop.duckdb", "--now", NOW];
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_segc"));
    let failed = command.args(args).current_dir(shop.path()).env("SEGC_PYTHON", &bare).output().unwrap();
    assert!(shown(&failed).contains("bare-python -m pip install duckdb"), "{}", shown(&failed));
}

#[test]
fn what_a_library_prints_is_no_answer() {
    let shop = shop();
    let folder = shop.path().join("modules");
    std::fs::create_dir(&folder).unwrap();
    // Stands before the package, prints when it is imported, and gives way to it.
    let loud = "import os, sys\nsys.path = [p for p in sys.path if p != os.path.dirname(__file__)]\n\
                del sys.modules['duckdb']\nimport duckdb\nos.write(1, b'\\r 65% of it is done')\nprint('done')\n";
    std::fs::write(folder.join("duckdb.py"), loud).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_segc"));
    let args = ["run", "--on", "shop.duckdb", "--now", NOW, "--output", "-"];
    let ran = command.args(args).current_dir(shop.path()).env("PYTHONPATH", &folder).output().unwrap();
    assert!(ran.status.success(), "{}", shown(&ran));
    assert!(String::from_utf8_lossy(&ran.stdout).contains("best,c,1,9"), "{}", shown(&ran));
}
