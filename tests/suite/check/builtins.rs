//! The registry: every example compiles, every name is unique, every signature is the checker's.

use super::check_files;
use segc::builtins::{Form, registry};

#[test]
fn every_example_compiles_and_uses_its_operation() {
    let mut wrong = Vec::new();
    for builtin in registry::all() {
        assert!(!builtin.examples.is_empty() && !builtin.doc.is_empty(), "{}", builtin.name);
        for example in builtin.examples {
            let text = format!("segment example {{\n    where {example}\n}}\n");
            let found = check_files(&[("a.seg", &text)], &[]).diagnostics;
            if let Some(first) = found.first() {
                wrong.push(format!("{}: {example}: {} {:?}", builtin.name, first.message, first.help));
            }
            let word = builtin.name.split(' ').next().unwrap();
            if !example.contains(word) {
                wrong.push(format!("{}: {example} does not use it", builtin.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_are_unique_within_a_form() {
    for form in [Form::Function, Form::Operator, Form::Aggregate] {
        let mut names: Vec<&str> = registry::all().filter(|b| b.form == form).map(|b| b.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{form:?}");
    }
}

#[test]
fn functions_are_listed_with_their_signatures() {
    let usages: Vec<String> = registry::all().filter(|b| b.form == Form::Function).flat_map(|b| b.usages()).collect();
    insta::assert_snapshot!(usages.join("\n"));
}
