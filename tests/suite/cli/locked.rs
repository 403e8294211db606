//! `segc compile --locked`: artefacts in the repository against what the sources give.

use super::{NOW, Place};

#[test]
fn what_was_written_is_as_the_sources_give_when_time_goes_on() {
    let place = Place::project();
    for arguments in [
        &["--out-dir", "sql"][..],
        &["--shape", "one-pass", "--out-dir", "one"],
        &["--shape", "dbt", "--out-dir", "models"],
        &["--dialect", "spark", "--shape", "view", "--out-dir", "views"],
        &["--emit", "bytecode", "--output", "all.segb"],
        &["--emit", "json", "--output", "rules.json"],
        &["--emit", "ddl", "--output", "tables.sql"],
        &["--canary", "--out-dir", "canary"],
    ] {
        let compile = [&["compile"], arguments].concat();
        place.run(&[&compile[..], &[NOW]].concat()).ends(0);
        let names = place.names();
        // Without an instant of its own: the clock's has nothing to do with it.
        let ran = place.run(&[&compile[..], &["--locked"]].concat()).ends(0);
        assert_eq!((ran.out.as_str(), place.names()), ("", names), "{arguments:?}");
        // At another instant the same sources give something else, where there are windows in it.
        if arguments.contains(&"sql") {
            place.run(&[&compile[..], &["--locked", "--now=2026-11-24T12:00:00Z"]].concat()).ends(1);
        }
    }
}

#[test]
fn what_differs_is_shown_and_nothing_is_written() {
    let place = Place::project();
    let locked = ["compile", "--out-dir", "sql", "--locked"];
    place.run(&["compile", "--out-dir", "sql", NOW]).ends(0);
    let before = place.read("sql/buyers.sql");
    place.write("sql/own.sql", "SELECT 1;\n");
    place.write("shop.seg", super::SEGMENTS.replace("7 days", "8 days").replace("lookers", "viewers"));
    let ran = place.run(&locked).ends(1);
    assert!(ran.out.contains("--- sql/buyers.sql\n+++ sql/buyers.sql\n"), "{}", ran.out);
    assert!(ran.out.contains("+++ sql/viewers.sql\n"), "a new segment: {}", ran.out);
    assert!(ran.out.contains("--- sql/lookers.sql\n"), "a segment that is gone: {}", ran.out);
    assert!(!ran.out.contains("own.sql"), "{}", ran.out);
    assert_eq!(ran.err, "error: 3 files are not what the sources give; run the same command without `--locked`\n");
    assert_eq!(place.read("sql/buyers.sql"), before);
    // One segment is asked for: the others are not looked at.
    let ran = place.run(&[&locked[..], &["--segment", "buyers"]].concat()).ends(1);
    assert!(!ran.out.contains("lookers"), "{}", ran.out);
    // Written as the message says, all is well: what no segment gives any more is removed, and only that.
    let ran = place.run(&["compile", "--out-dir", "sql", NOW]).ends(0);
    assert!(ran.err.contains("sql/lookers.sql removed: no segment gives it any more"), "{}", ran.err);
    assert_eq!(place.read("sql/own.sql"), "SELECT 1;\n");
    place.run(&locked).ends(0);
    // One segment alone says nothing of the others.
    place.run(&["compile", "--out-dir", "sql", "--segment", "buyers", NOW]).ends(0);
    place.run(&locked).ends(0);
}

#[test]
fn a_line_more_above_a_segment_changes_no_query() {
    let place = Place::project();
    place.run(&["compile", "--out-dir", "sql", NOW]).ends(0);
    place.write("shop.seg", format!("// A comment.\n{}", super::SEGMENTS));
    place.run(&["compile", "--out-dir", "sql", "--locked"]).ends(0);
}

#[test]
fn a_program_is_compared_by_its_listing() {
    let place = Place::project();
    place.run(&["compile", "--emit", "bytecode", "-o", "all.segb", NOW]).ends(0);
    place.write("shop.seg", super::SEGMENTS.replace("7 days", "8 days"));
    let ran = place.run(&["compile", "--emit", "bytecode", "-o", "all.segb", "--locked"]).ends(1);
    assert!(ran.out.contains("+++ all.segb\n") && ran.out.lines().any(|line| line.starts_with('+')), "{}", ran.out);
    let ran = place.run(&["compile", "--emit", "json", "-o", "missing.json", "--locked"]).ends(1);
    assert!(ran.out.contains("+++ missing.json\n"), "{}", ran.out);
    place.run(&["compile", "--locked"]).ends(2);
}
