//! Lints: each fires on what it is for, and stays silent on what only looks like it.

use segc::diagnostics::render::{Format, RenderOptions, render};
use segc::diagnostics::{Code, Diagnostic, Severity};
use segc::lint::{Facts, Level, Levels, apply_levels, lint};

use crate::check::check_files;

mod constant_condition;
mod governance;
mod hidden_window;
mod not_over_optional;
mod teaching;
mod unused_definition;

/// What the lints say of a program without errors, as text.
fn said_of_program(program: &str) -> (Vec<Diagnostic>, String) {
    said_of_files(&[("a.seg", program)])
}

fn said_of_files(files: &[(&str, &str)]) -> (Vec<Diagnostic>, String) {
    let outcome = check_files(files, &[]);
    let text = |found: &[Diagnostic]| render(Format::Text, found, &outcome.sources, RenderOptions::default());
    assert!(!outcome.diagnostics.iter().any(Diagnostic::is_error), "{}", text(&outcome.diagnostics));
    let found = lint(&outcome.checked.module, &outcome.sources, &Facts::default(), &Levels::default());
    let text = text(&found);
    (found, text)
}

/// The program of one segment with this condition.
fn segment(condition: &str) -> String {
    format!("segment example {{\n    where {condition}\n}}\n")
}

/// Every condition is found by the lint once, and by no other.
fn fires(code: Code, conditions: &[&str]) {
    for condition in conditions {
        let (found, text) = said_of_program(&segment(condition));
        let codes: Vec<&str> = found.iter().map(|d| d.code.info().id).collect();
        assert_eq!(codes, [code.info().id], "{condition}\n{text}");
    }
}

/// No lint says anything of the conditions.
fn silent(conditions: &[&str]) {
    for condition in conditions {
        let (found, text) = said_of_program(&segment(condition));
        assert!(found.is_empty(), "{condition}\n{text}");
    }
}

/// What the lints say of a program.
fn said(program: &str) -> String {
    said_of_program(program).1
}

#[test]
fn the_quickstart_is_clean() {
    let names = ["attributes", "behaviour", "journeys", "likely", "scores", "shared"];
    let texts: Vec<(String, String)> = names
        .iter()
        .map(|name| {
            let path = format!("examples/quickstart/segments/{name}.seg");
            (format!("{name}.seg"), std::fs::read_to_string(path).unwrap())
        })
        .collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (found, text) = said_of_files(&files);
    assert!(found.is_empty(), "{text}");
}

#[test]
fn levels_allow_warn_and_deny() {
    let program = segment("loyalty.points > 5 and loyalty.points < 5");
    let outcome = check_files(&[("a.seg", &program)], &[]);
    let with = |level: Option<Level>| {
        let levels: Levels = level.map(|level| (Code::SEG0602, level)).into_iter().collect();
        let mut found = lint(&outcome.checked.module, &outcome.sources, &Facts::default(), &levels);
        apply_levels(&mut found, &levels);
        found.into_iter().map(|d| d.severity).collect::<Vec<_>>()
    };
    assert_eq!(with(None), [Severity::Warning]);
    assert_eq!(with(Some(Level::Allow)), []);
    assert_eq!(with(Some(Level::Warn)), [Severity::Warning]);
    assert_eq!(with(Some(Level::Deny)), [Severity::Error]);
}

#[test]
fn an_error_keeps_its_severity_whatever_the_level() {
    let mut found = check_files(&[("a.seg", &segment("loyalty.poins > 5"))], &[]).diagnostics;
    let codes: Vec<Code> = found.iter().map(|d| d.code).collect();
    let levels: Levels = codes.iter().map(|code| (*code, Level::Allow)).collect();
    apply_levels(&mut found, &levels);
    assert_eq!(found.iter().map(|d| (d.code, d.severity)).collect::<Vec<_>>(), [(codes[0], Severity::Error)]);
}
