//! The Reviewdog Diagnostic Format, for review comments on any host. May import `diagnostics` and `source`. Invariant:
//! columns are UTF-8 bytes from 1, as the format defines them.

use serde_json::{Value, json};

use super::NO_FILE;
use super::escape;
use super::position::position;
use crate::diagnostics::{Diagnostic, Severity};
use crate::source::{Sources, Span};

/// The document, ended by a line feed.
pub(super) fn render(diagnostics: &[&Diagnostic], sources: &Sources) -> String {
    let found: Vec<Value> = diagnostics.iter().map(|diagnostic| entry(diagnostic, sources)).collect();
    let document = json!({ "source": { "name": "segc" }, "diagnostics": found });
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{}\n", escape::json(&text))
}

fn entry(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let span = diagnostic.primary();
    let place = span.and_then(|span| Some((sources.file(span.file)?, range(span, sources)?)));
    let location = match place {
        Some((file, range)) => json!({ "path": file.path, "range": range }),
        None => json!({ "path": NO_FILE }),
    };
    let text = std::iter::once(&diagnostic.message).chain(&diagnostic.help).map(String::as_str);
    // The format has one file a diagnostic, so that only edits of that file can be suggested.
    let edits = diagnostic.fixes.iter().flat_map(|fix| &fix.edits);
    let suggestions: Vec<Value> = edits
        .filter(|edit| span.is_some_and(|span| span.file == edit.span.file))
        .filter_map(|edit| Some(json!({ "range": range(edit.span, sources)?, "text": edit.text })))
        .collect();
    json!({
        "message": text.collect::<Vec<_>>().join("\n"),
        "location": location,
        "severity": match diagnostic.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Note => "INFO",
        },
        "code": { "value": diagnostic.code.info().id },
        "suggestions": suggestions,
    })
}

fn range(span: Span, sources: &Sources) -> Option<Value> {
    let file = sources.file(span.file)?;
    let point = |byte| {
        let at = position(file, byte);
        json!({ "line": at.line, "column": at.column_bytes })
    };
    Some(json!({ "start": point(span.start), "end": point(span.end) }))
}
