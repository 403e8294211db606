//! Wrong usage and what cannot be read: exit code 2, one message that says what to do.

use super::{NOW, Place};

#[test]
fn wrong_arguments() {
    let place = Place::project();
    place.run(&[]).ends(2).says("Usage: segc");
    place.run(&["chek"]).ends(2).says("unrecognized subcommand 'chek'").says("check");
    place.run(&["check", "--frmat", "json"]).ends(2).says("unexpected argument '--frmat'").says("--format");
    place.run(&["check", "--format", "xml"]).ends(2).says("possible values: text, short, json");
    place.run(&["dump"]).ends(2).says("--stage");
    place.run(&["run", "--threads", "many"]).ends(2).says("--threads");
    for command in [&["run", "--threads"][..], &["ingest", "--threads"]] {
        place.run(&[command, &["1025"]].concat()).ends(2).says("1025 is not in 1..=1024");
        place.run(&[command, &["0"]].concat()).ends(2).says("0 is not in 1..=1024");
    }
    place.run(&["check", "--param", "recency"]).ends(2).says("`recency` is not of the form NAME=VALUE");
    place.run(&["compile", "--dialect", "oracle"]).ends(2).says("there is no dialect `oracle`; there are: duckdb");
}

#[test]
fn no_project_is_said_with_the_way_out() {
    let place = Place::empty();
    for command in ["check", "run", "test", "compile"] {
        place.run(&[command]).ends(2).says("there is no `seg.toml` here or above").says("segc init");
    }
    place.run(&["schema", "show"]).ends(2).says("there is no `seg.toml` here or above");
}

#[test]
fn the_project_is_found_from_below() {
    let place = Place::project();
    place.write("deep/er/notes.txt", "");
    let mut command = place.command(&["check"]);
    let output = command.current_dir(place.path("deep/er")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn what_is_not_there() {
    let place = Place::project();
    place.run(&["check", "nothing.seg"]).ends(2).says("nothing.seg: there is no such file");
    place.run(&["run", "nothing.segb"]).ends(2).says("nothing.segb: ");
    place.run(&["run", NOW, "--segment", "buyer"]).ends(2).says("there is no segment `buyer`; did you mean `buyers`?");
    place.run(&["compile", "--segment", "zzz"]).ends(2).says("there is no segment `zzz`");
    place
        .run(&["run", NOW, "--profiles", "nothing.csv"])
        .ends(2)
        .says("--profiles: there is no data file `nothing.csv`");
    place.run(&["schema", "show", "nothing.json"]).ends(2).says("nothing.json: ");
    place.run(&["schema", "infer", "--profiles", "nothing.csv"]).ends(1).says("nothing.csv");
    place.run(&["fmt", "nothing.seg"]).ends(2).says("nothing.seg: ");
}

#[test]
fn instants_that_are_none() {
    let place = Place::project();
    place.run(&["run", "--now", "yesterday"]).ends(2).says("`--now yesterday` is not an instant");
    place.run(&["run", "--now", "2026-02-30"]).ends(2).says("is not an instant");
    place.run(&["run", "--now", "2026-11-23"]).ends(0);
}

#[test]
fn an_instant_that_the_clocks_skip_or_show_twice_is_refused() {
    let place = Place::project();
    let now = |at: &str| place.run(&["run", &format!("--now={at}")]);
    let ran = now("2026-03-29T02:30:00").ends(2).says("is skipped when the clocks of Europe/Stockholm are set");
    ran.says("write 2026-03-29T02:30:00+01:00 or 2026-03-29T02:30:00+02:00");
    let ran = now("2026-10-25T02:30").ends(2).says("is there twice when the clocks of Europe/Stockholm are set");
    ran.says("write 2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00");
    for sound in ["2026-03-29T01:59:59", "2026-03-29T03:00:00", "2026-10-25T01:59:59", "2026-10-25T03:00:00"] {
        now(sound).ends(0);
    }
    for sound in ["2026-03-29T02:30:00+01:00", "2026-10-25T02:30+02:00", "2026-03-29", "2026-10-25"] {
        now(sound).ends(0);
    }
    // Here a day begins at one o'clock.
    place.run(&["run", "--zone", "America/Santiago", "--now", "2026-09-06"]).ends(0);
    place.run(&["run", "--zone", "America/Santiago", "--now", "2026-09-06T00:00"]).ends(2).says("is skipped");
}

#[test]
fn settings_that_are_wrong_are_told() {
    let place = Place::project();
    place.run(&["check", "--zone", "Europe/Stokholm"]).ends(1).says("Europe/Stokholm").says("Europe/Stockholm");
    place.run(&["check", "--week-start", "moonday"]).ends(1).says("moonday");
    place
        .run(&["check", "--set", "sql.dialect=postgress"])
        .ends(1)
        .says("there is no dialect `postgress`")
        .says("`postgres`");
    place.run(&["check", "--set", "profiles.fils=x"]).ends(1).says("fils");
    place.run(&["check", "--param", "recency=3 days"]).ends(1).says("no `param` is named `recency`");
    place.write("seg.toml", "schema = \"shop.json\"\n[[[");
    place.run(&["check"]).ends(1).says("seg.toml:2");
}

#[test]
fn sources_that_are_no_text() {
    let place = Place::project();
    place.write("bad.seg", b"segment a { where city == \"\xff\" }");
    place.run(&["check"]).ends(1).says("bad.seg").says("UTF-8");
    place.run(&["fmt", "bad.seg"]).ends(2).says("it is not UTF-8 text");
    std::fs::remove_file(place.path("bad.seg")).unwrap();
    place.write("nul.seg", "segment a { where city == \"\0\" }");
    place.run(&["check"]).ends(1).says("error[SEG01");
    std::fs::remove_file(place.path("nul.seg")).unwrap();
    std::fs::create_dir(place.path("folder.seg")).unwrap();
    place.run(&["check"]).ends(0);
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_or_round_in_circles() {
    use std::os::unix::fs::symlink;
    let place = Place::project();
    std::fs::create_dir(place.path("more")).unwrap();
    symlink(place.path("more"), place.path("more/again")).unwrap();
    symlink("itself.seg", place.path("itself.seg")).unwrap();
    place.run(&["check"]).ends(1).says("itself.seg");
    std::fs::remove_file(place.path("itself.seg")).unwrap();
    place.run(&["check"]).ends(0);
    place.write("seg.toml", super::PROJECT.replace("\"events.ndjson\"", "\"**/*.ndjson\""));
    place.run(&["run", NOW]).ends(0).prints("over 3 profiles");
}
