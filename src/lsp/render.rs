//! Diagnostics as the protocol wants them. Invariant: ranges are those of the text that was analysed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::position::{Encoding, Lines, uri_of};
use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::ide::Analysis;
use crate::source::Span;

/// The diagnostics of a project by path. What has no place is said at the beginning of the project file, or of the first file.
pub(super) fn diagnostics(analysis: &Analysis, encoding: Encoding) -> BTreeMap<String, Vec<Value>> {
    let mut by_file: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let sources = &analysis.workspace.sources;
    let first = analysis.workspace.files.first().map(|file| file.id).unwrap_or_default();
    let mut lines: BTreeMap<u32, Lines<'_>> = BTreeMap::new();
    for found in &analysis.compiled.diagnostics {
        let span = found.primary().unwrap_or(Span { file: first, start: 0, end: 0 });
        let Some(file) = sources.file(span.file) else { continue };
        for label in &found.labels {
            if let Some(file) = sources.file(label.span.file) {
                lines.entry(label.span.file.0).or_insert_with(|| Lines::new(&file.text, encoding));
            }
        }
        lines.entry(span.file.0).or_insert_with(|| Lines::new(&file.text, encoding));
        by_file.entry(file.path.clone()).or_default().push(diagnostic(analysis, found, span, &lines));
    }
    by_file
}

fn diagnostic(analysis: &Analysis, found: &Diagnostic, span: Span, lines: &BTreeMap<u32, Lines<'_>>) -> Value {
    let info = found.code.info();
    let related: Vec<Value> = found
        .labels
        .iter()
        .filter(|label| label.span != span && !label.message.is_empty())
        .filter_map(|label| {
            let path = &analysis.workspace.sources.file(label.span.file)?.path;
            let range = lines.get(&label.span.file.0)?.range(&label.span.range());
            Some(json!({ "location": { "uri": uri_of(path), "range": range }, "message": label.message }))
        })
        .collect();
    let text = std::iter::once(&found.message).chain(&found.help).map(String::as_str).collect::<Vec<_>>().join("\n");
    let mut value = json!({
        "range": lines.get(&span.file.0).map(|lines| lines.range(&span.range())),
        "severity": match found.severity {
            Severity::Error => 1,
            Severity::Warning => 2,
            Severity::Note => 3,
        },
        "code": info.id,
        "source": "segc",
        "message": text,
        "relatedInformation": related,
    });
    if found.code == Code::SEG0603 {
        // Unused: shown pale.
        value["tags"] = json!([1]);
    }
    value
}
