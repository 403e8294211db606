//! Colours: on a terminal, or when they are asked for.

use super::Place;

const ESCAPE: char = '\u{1b}';

fn wrong() -> Place {
    let place = Place::project();
    place.write("wrong.seg", "segment wrong {\n    where citi == \"Oslo\"\n}\n");
    place
}

#[test]
fn pipes_get_no_colours() {
    let ran = wrong().run(&["check"]).ends(1);
    assert!(!ran.err.contains(ESCAPE), "{:?}", ran.err);
}

#[test]
fn colours_are_given_when_asked_for() {
    let ran = wrong().run(&["check", "--color", "always"]).ends(1);
    assert!(ran.err.contains(ESCAPE), "{:?}", ran.err);
    assert!(Place::empty().run(&["explain", "SEG0601", "--color", "always"]).ends(0).out.contains(ESCAPE));
    let never = wrong().run(&["check", "--color", "never"]).ends(1);
    assert!(!never.err.contains(ESCAPE));
    // Machines read these.
    let json = wrong().run(&["check", "--color", "always", "--format", "json"]).ends(1);
    assert!(!json.out.contains(ESCAPE));
}

/// On a terminal there are colours unless NO_COLOR is set; `script` of util-linux makes a terminal.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colours_unless_it_says_no() {
    use std::process::Command;
    let place = wrong();
    let on_terminal = |no_color: &str| {
        let mut command = Command::new("script");
        command.args(["-qec", &format!("{} check", env!("CARGO_BIN_EXE_segc")), "/dev/null"]);
        command.current_dir(place.path("")).env("NO_COLOR", no_color).env("TERM", "xterm");
        command.output().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Ok(colored) = on_terminal("") else {
        println!("there is no `script` here: colours on a terminal were not looked at");
        return;
    };
    assert!(colored.contains("citi") && colored.contains(ESCAPE), "{colored:?}");
    let plain = on_terminal("1").unwrap();
    assert!(plain.contains("citi") && !plain.contains(ESCAPE), "{plain:?}");
}

#[test]
fn names_and_paths_cannot_write_to_the_terminal() {
    let place = Place::project();
    place.write("evil\u{1b}[2J.seg", "segment a { where citi == \"\u{1b}[31m\" }");
    let ran = place.run(&["check"]).ends(1);
    assert!(!ran.err.contains(ESCAPE), "{:?}", ran.err);
    place.write("profiles.csv", "id,city,tier,points\n\u{1b}[2Jx,Oslo,gold,1\n");
    std::fs::remove_file(place.path("evil\u{1b}[2J.seg")).unwrap();
    place.write("all.seg", "segment everyone { where city == \"Oslo\" }");
    let ran = place.run(&["run", super::NOW]).ends(0);
    assert!(!ran.out.contains(ESCAPE) && !ran.err.contains(ESCAPE), "{ran:?}");
}
