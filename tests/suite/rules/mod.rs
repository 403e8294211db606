//! The rule tree of checked projects: its form, its schema, its hashes.

use segc::builtins::registry;
use segc::diagnostics::render::{Format, RenderOptions, render};
use segc::emit::rules::{SCHEMA, rules, text};
use segc::hir::Module;
use serde_json::Value;

use crate::check::check_files;

mod form;
mod hashes;
pub mod validator;

/// A program with every construct.
const CONSTRUCTS: &str = include_str!("constructs.seg");

/// The module of a program without errors.
pub fn module(text: &str) -> Module {
    module_of(text, &[])
}

/// The module of a program without errors, with values of parameters given from outside.
pub fn module_of(text: &str, overrides: &[(&str, &str)]) -> Module {
    let outcome = check_files(&[("a.seg", text)], overrides);
    let said = render(Format::Text, &outcome.diagnostics, &outcome.sources, RenderOptions::default());
    assert!(!outcome.diagnostics.iter().any(|d| d.is_error()), "{said}");
    outcome.checked.module
}

/// Every construct: the program above, and each example of each builtin as a segment.
fn everything() -> Vec<Module> {
    let examples: Vec<&str> = registry::all().flat_map(|builtin| builtin.examples.iter().copied()).collect();
    let segments: String = examples
        .iter()
        .enumerate()
        .map(|(index, example)| format!("segment s{index} {{\n    where {example}\n}}\n"))
        .collect();
    vec![module(CONSTRUCTS), module(&segments)]
}

fn schema() -> validator::Validator {
    validator::Validator::new(serde_json::from_str(SCHEMA).unwrap())
}

/// The rule tree of a program, without what changes with the compiler or with parts of the schema that it does not use.
fn tree(program: &str) -> Value {
    let mut tree = rules(&module(program));
    tree["compiler"] = "segc 0".into();
    tree["schema"] = "0".into();
    tree
}

#[test]
fn equal_programs_give_equal_text() {
    assert_eq!(text(&rules(&module(CONSTRUCTS))), text(&rules(&module(CONSTRUCTS))));
}

#[test]
fn the_text_is_the_tree() {
    for module in everything() {
        let tree = rules(&module);
        let printed = text(&tree);
        assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), tree);
        // A line is longer only where one name or value is.
        let long: Vec<&str> =
            printed.lines().filter(|line| line.len() > 121 && line.matches(": ").count() > 1).collect();
        assert!(long.is_empty(), "{}", long.join("\n"));
    }
}
