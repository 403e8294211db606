//! The machine-readable form: one JSON document. Editors, CI and scripts rely on it, so that fields are only ever
//! added; a change of meaning raises `schema_version`.
//!
//! ```json
//! {
//!   "schema_version": 1,
//!   "diagnostics": [{
//!     "code": "SEG0203", "name": "unknown-attribute", "severity": "error", "message": "…",
//!     "labels": [{ "path": "a.seg", "start": POSITION, "end": POSITION, "message": "…", "primary": true }],
//!     "help": ["…"],
//!     "fixes": [{
//!       "title": "…", "applicability": "safe",
//!       "edits": [{ "path": "a.seg", "start": POSITION, "end": POSITION, "text": "…" }]
//!     }]
//!   }],
//!   "errors": 1, "warnings": 0, "notes": 0, "omitted": 0
//! }
//! ```
//!
//! `severity` is `error`, `warning` or `note`; `applicability` is `safe` or `unsafe`. The first label with `primary`
//! is the place of the mistake; a diagnostic about no source text has no labels. `end` is exclusive. The counts are
//! of all diagnostics, `omitted` says how many of them are not listed. POSITION is
//! `{ "byte": 0, "line": 1, "column_bytes": 1, "column_utf16": 1 }`: `byte` counts from 0 in the UTF-8 text, `line`
//! and both columns from 1, one column in UTF-8 bytes and one in UTF-16 code units.
//!
//! `json-lines` writes each entry of `diagnostics` on a line of its own, and nothing else.
//!
//! Invariant: the document is ASCII-safe where [`super::escape::is_unsafe`] asks for it, and still carries the exact
//! strings, because it spells such characters as JSON escapes.

use serde::Serialize;

use super::position::{Position, position};
use super::{Counts, escape, severity_word};
use crate::diagnostics::{Applicability, Diagnostic};
use crate::source::{Sources, Span};

/// Raised when a field changes its meaning.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    diagnostics: Vec<Entry<'a>>,
    errors: usize,
    warnings: usize,
    notes: usize,
    omitted: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    message: &'a str,
    labels: Vec<LabelEntry<'a>>,
    help: &'a [String],
    fixes: Vec<FixEntry<'a>>,
}

#[derive(Serialize)]
struct LabelEntry<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
    primary: bool,
}

#[derive(Serialize)]
struct FixEntry<'a> {
    title: &'a str,
    applicability: &'static str,
    edits: Vec<EditEntry<'a>>,
}

#[derive(Serialize)]
struct EditEntry<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    start: Position,
    end: Position,
}

/// The document, ended by a line feed.
pub(super) fn render(diagnostics: &[&Diagnostic], sources: &Sources, counts: Counts, omitted: usize) -> String {
    let document = Document {
        schema_version: SCHEMA_VERSION,
        diagnostics: diagnostics.iter().map(|d| entry(d, sources)).collect(),
        errors: counts.errors,
        warnings: counts.warnings,
        notes: counts.notes,
        omitted,
    };
    // The types above have string keys and finite numbers only, so that serialising cannot fail.
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    let mut out = escape::json(&text).into_owned();
    out.push('\n');
    out
}

/// Each diagnostic as one line of JSON.
pub(super) fn lines(diagnostics: &[&Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let text = serde_json::to_string(&entry(diagnostic, sources)).unwrap_or_default();
        out.push_str(&escape::json(&text));
        out.push('\n');
    }
    out
}

fn entry<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Entry<'a> {
    let info = diagnostic.code.info();
    Entry {
        code: info.id,
        name: info.name,
        severity: severity_word(diagnostic.severity),
        message: &diagnostic.message,
        labels: diagnostic
            .labels
            .iter()
            .filter_map(|label| {
                Some(LabelEntry { place: place(label.span, sources)?, message: &label.message, primary: label.primary })
            })
            .collect(),
        help: &diagnostic.help,
        fixes: diagnostic
            .fixes
            .iter()
            .map(|fix| FixEntry {
                title: &fix.title,
                applicability: match fix.applicability {
                    Applicability::Safe => "safe",
                    Applicability::Unsafe => "unsafe",
                },
                edits: fix
                    .edits
                    .iter()
                    .filter_map(|edit| Some(EditEntry { place: place(edit.span, sources)?, text: &edit.text }))
                    .collect(),
            })
            .collect(),
    }
}

fn place(span: Span, sources: &Sources) -> Option<Place<'_>> {
    let file = sources.file(span.file)?;
    Some(Place { path: &file.path, start: position(file, span.start), end: position(file, span.end) })
}
