//! All help texts in one place, to be read as a user reads them.

use super::Place;

#[test]
fn help_of_every_command() {
    let place = Place::empty();
    let mut all = String::new();
    let mut open: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(command) = open.pop() {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        arguments.push("--help");
        let ran = place.run(&arguments).ends(0);
        assert_eq!(ran.err, "");
        all.push_str(&format!("== segc {}\n{}\n", command.join(" "), ran.out));
        let below = commands(&ran.out).into_iter().rev().map(|name| [command.clone(), vec![name]].concat());
        open.extend(below);
    }
    assert!(all.contains("== segc schema infer\n"), "the commands of commands are among them");
    insta::assert_snapshot!(all);
}

/// The commands that a help text lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help.split("Commands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
    let names = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_version_is_told() {
    let version = Place::empty().run(&["--version"]).ends(0).out;
    assert_eq!(version, format!("segc {}\n", env!("CARGO_PKG_VERSION")));
}
