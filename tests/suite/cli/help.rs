//! All help texts in one place, to be read as a user reads them.

use super::Place;

const COMMANDS: [&[&str]; 13] = [
    &[],
    &["init"],
    &["check"],
    &["run"],
    &["test"],
    &["compile"],
    &["explain"],
    &["fmt"],
    &["schema"],
    &["schema", "show"],
    &["schema", "infer"],
    &["demo"],
    &["dump"],
];

#[test]
fn help_of_every_command() {
    let place = Place::empty();
    let mut all = String::new();
    for command in COMMANDS {
        let ran = place.run(&[command, &["--help"]].concat()).ends(0);
        assert_eq!(ran.err, "");
        all.push_str(&format!("== segc {}\n{}\n", command.join(" "), ran.out));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn every_command_is_above() {
    let listed = Place::empty().run(&["--help"]).ends(0).out;
    let commands = listed.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let mut missing: Vec<&str> = commands.lines().filter_map(|line| line.split_whitespace().next()).collect();
    missing.retain(|name| *name != "help" && !COMMANDS.iter().any(|command| command.first() == Some(name)));
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_version_is_told() {
    let version = Place::empty().run(&["--version"]).ends(0).out;
    assert_eq!(version, format!("segc {}\n", env!("CARGO_PKG_VERSION")));
}
