//! The example's own segments.

use super::check_files;
use segc::diagnostics::render::{Format, RenderOptions, render};
use segc::hir::dump;

#[test]
fn every_segment_of_the_quickstart_is_right() {
    let texts: Vec<(String, String)> = ["attributes", "behaviour", "journeys", "likely", "scores", "shared"]
        .iter()
        .map(|name| {
            let path = format!("examples/quickstart/segments/{name}.seg");
            (format!("{name}.seg"), std::fs::read_to_string(path).unwrap())
        })
        .collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let outcome = check_files(&files, &[]);
    let said = render(Format::Text, &outcome.diagnostics, &outcome.sources, RenderOptions::default());
    assert!(outcome.diagnostics.is_empty(), "{said}");
    insta::assert_snapshot!(dump::module(&outcome.checked.module));
}
