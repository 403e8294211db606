//! What stands above segments and tests: how many members, and commands to show SQL and to run tests.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::features::View;
use crate::hir::Module;
use crate::ide::Document;
use crate::syntax::ast::ItemKind;

impl View<'_> {
    pub(super) fn lenses(&self) -> Value {
        let tested: BTreeSet<&str> = self.analysis.module().map(tested).unwrap_or_default();
        let mut lenses = Vec::new();
        for item in &self.document.parse.file.items {
            let at = item.span.start as usize;
            let range = self.lines.range(&(at..at));
            let mut add = |title: &str, command: &str, argument: &str| {
                let command = json!({ "title": title, "command": command, "arguments": [argument] });
                lenses.push(json!({ "range": range, "command": command }));
            };
            match &item.kind {
                ItemKind::Segment { name, .. } => {
                    if let Some(title) = self.members(&name.node) {
                        // A title without a command is only shown.
                        add(&title, "", &name.node);
                    }
                    add("show SQL", "segc.showSql", &name.node);
                    if tested.contains(name.node.as_str()) {
                        add("run test", "segc.runTests", &name.node);
                    }
                }
                ItemKind::Test { segment: Some(name), .. } => add("run test", "segc.runTests", &name.node),
                ItemKind::Test { segment: None, .. } => {
                    let range = self.lines.range(&(at..at));
                    let command = json!({ "title": "run tests", "command": "segc.runTests", "arguments": [] });
                    lenses.push(json!({ "range": range, "command": command }));
                }
                _ => {}
            }
        }
        Value::Array(lenses)
    }

    /// How many members a segment has, as it was last counted.
    fn members(&self, segment: &str) -> Option<String> {
        let counts = self.counts;
        let members = counts.members.get(segment)?;
        let sample = if counts.is_sample { " (sample)" } else { "" };
        Some(format!("members: {} of {}{sample}", grouped(*members), grouped(counts.profiles)))
    }
}

/// The names of the segments of a text.
pub(super) fn segments(document: &Document) -> impl Iterator<Item = &str> {
    document.parse.file.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Segment { name, .. } => Some(name.node.as_str()),
        _ => None,
    })
}

/// The segments of which some test expects something.
fn tested(module: &Module) -> BTreeSet<&str> {
    let expects = module.tests.iter().flat_map(|test| &test.expects);
    expects.filter_map(|expect| module.segments.get(expect.segment.0 as usize)).map(|of| of.name.as_str()).collect()
}

/// A number with commas between its thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
