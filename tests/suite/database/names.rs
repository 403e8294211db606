//! Names of tables that hold what has a meaning in SQL, dots above all: `[sql]` and the command line name them in quotes.

use std::path::Path;

use segc::sql::quote::double_quoted;
use segc::sql::registry;

use super::{NOW, PROJECT, ROWS, expected, fill_with, members, open, output, project, rows};
use crate::ci::{segc, shown};
use crate::conformance::engine::Engine;

const NAMES: &[&str] =
    &["a.b", "crm.\"customers\".2026", "\"", ".", "it's; --", "a`b\\c", "{{ x }} ${env:HOME} %s", "Æ é ß"];

/// Gives the tables of a database one name after the other.
fn are_named(folder: &Path, url: &str, dialect: &str) {
    let quoted = |name: &str| registry::find(dialect).unwrap().dialect.quoted(name);
    let mut last = ["profiles", "events"].map(str::to_owned);
    for name in NAMES {
        let next = [(*name).to_owned(), format!("{name}.events")];
        for (from, to) in last.iter().zip(&next) {
            let rename = if dialect == "clickhouse" { "RENAME TABLE" } else { "ALTER TABLE" };
            let to_word = if dialect == "clickhouse" { "TO" } else { "RENAME TO" };
            let statement = format!("{rename} {} {to_word} {}", quoted(from), quoted(to));
            open(url, true).execute(&statement).unwrap_or_else(|fault| panic!("{fault}\n{statement}"));
        }
        let [profiles, events] = next.each_ref().map(|name| double_quoted(name));
        let named = format!("{PROJECT}\n[sql]\nprofiles = {profiles:?}\nevents = [{events:?}]\n");
        std::fs::write(folder.join("seg.toml"), named).unwrap();
        assert_eq!(members(folder, url), expected(), "{name}");
        let audience = format!("{name}.audience");
        output(folder, &["run", "--on", url, "--now", NOW, "--into", &double_quoted(&audience)]);
        let select = format!("SELECT segment, profile_id FROM {}", quoted(&audience));
        assert_eq!(rows(&mut open(url, false), &select), expected(), "{name}");
        last = next;
    }
}

#[test]
fn tables_of_duckdb_have_any_name() {
    let shop = super::shop();
    are_named(shop.path(), &super::file(shop.path()), "duckdb");
    // Below a schema that has such a name, too.
    let url = super::file(shop.path());
    let last = format!("{}.events", NAMES[NAMES.len() - 1]);
    let table = format!("\"s.1\".{}", double_quoted(&last));
    for statement in [
        "CREATE SCHEMA \"s.1\"".to_owned(),
        format!("CREATE TABLE {table} AS FROM {}", double_quoted(&last)),
        format!("DROP TABLE {}", double_quoted(&last)),
    ] {
        open(&url, true).execute(&statement).unwrap();
    }
    let file = shop.path().join("seg.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let events = format!("events = [{:?}]", double_quoted(&last));
    assert!(text.contains(&events), "{text}");
    std::fs::write(&file, text.replace(&events, &format!("events = [{table:?}]"))).unwrap();
    assert_eq!(members(shop.path(), &url), expected());
    let delta = ["compile", "--shape", "delta", "--against", "\"s.1\".\"a.b\"", "--now", NOW];
    assert!(output(shop.path(), &delta).contains("\"s.1\".\"a.b\""));
}

#[test]
fn tables_of_servers_have_any_name() {
    for dialect in ["postgres", "clickhouse", "mariadb"] {
        let mut engine = Engine::start(dialect);
        let (project, url) = (project(), engine.url());
        let filled =
            if dialect == "clickhouse" { format!("{url}?date_time_input_format=best_effort") } else { url.clone() };
        let rows = match dialect {
            "mariadb" => ROWS.replace("+00'", "'").replace("\"eventType\"", "`eventType`"),
            _ => ROWS.to_owned(),
        };
        fill_with(project.path(), &filled, dialect, &rows);
        are_named(project.path(), &url, dialect);
        engine.report("names of tables");
    }
}

#[test]
fn what_is_no_name_of_a_table_is_told() {
    let folder = project();
    for (setting, told) in [
        ("profiles = \"crm.\"", "the setting `sql.profiles` must be a table's name"),
        ("events = [\"events\", '\"a']", "the setting `sql.events` must be a table's name"),
        ("classes = { product = '\"a\"b' }", "the setting `sql.classes.product` must be a table's name"),
    ] {
        std::fs::write(folder.path().join("seg.toml"), format!("{PROJECT}\n[sql]\n{setting}\n")).unwrap();
        let output = segc(folder.path(), &["check"]);
        assert!(!output.status.success() && shown(&output).contains(told), "{}", shown(&output));
    }
    std::fs::write(folder.path().join("seg.toml"), PROJECT).unwrap();
    let told = super::refused(folder.path(), &["run", "--on", "x.duckdb", "--into", "a..b"]);
    assert!(told.contains("a table's name stands behind"), "{told}");
}
