//! SARIF 2.1.0, the exchange format of static analysis (code scanning of GitHub and Azure). May import `diagnostics` and
//! `source`. Invariant: columns are UTF-16 code units from 1, and `ruleIndex` points at the rule of `ruleId`.

use serde_json::{Value, json};

use super::escape;
use super::position::position;
use super::severity_word;
use crate::diagnostics::{Applicability, Code, Diagnostic, Fix, Label};
use crate::source::{Sources, Span};

/// The document, ended by a line feed.
pub(super) fn render(diagnostics: &[&Diagnostic], sources: &Sources) -> String {
    let mut codes: Vec<Code> = diagnostics.iter().map(|d| d.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes.iter().map(|code| rule(*code)).collect();
    let results: Vec<Value> = diagnostics.iter().map(|d| result(d, &codes, sources)).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "segc",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    });
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{}\n", escape::json(&text))
}

fn rule(code: Code) -> Value {
    let info = code.info();
    let first = info.explain.split("\n\n").nth(1).unwrap_or(info.name).replace('\n', " ");
    json!({
        "id": info.id,
        "name": info.name,
        "shortDescription": { "text": info.name.replace('-', " ") },
        "fullDescription": { "text": first },
        "help": { "text": info.explain, "markdown": info.explain },
        "defaultConfiguration": { "level": severity_word(info.severity) },
    })
}

fn result(diagnostic: &Diagnostic, codes: &[Code], sources: &Sources) -> Value {
    let text = std::iter::once(&diagnostic.message).chain(&diagnostic.help).map(String::as_str);
    let mut result = json!({
        "ruleId": diagnostic.code.info().id,
        "ruleIndex": codes.binary_search(&diagnostic.code).unwrap_or_default(),
        "level": severity_word(diagnostic.severity),
        "message": { "text": text.collect::<Vec<_>>().join("\n") },
    });
    if let Some(place) = diagnostic.primary().and_then(|span| physical(span, sources)) {
        result["locations"] = json!([{ "physicalLocation": place }]);
        result["partialFingerprints"] = json!({ "textPointedAt/v1": fingerprint(diagnostic, sources) });
    }
    let primary = diagnostic.primary();
    let related: Vec<Value> = diagnostic
        .labels
        .iter()
        .filter(|label| Some(label.span) != primary)
        .enumerate()
        .filter_map(|(id, label)| related(id, label, sources))
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    let fixes: Vec<Value> = diagnostic.fixes.iter().filter_map(|fixed| fix(fixed, sources)).collect();
    if !fixes.is_empty() {
        result["fixes"] = Value::Array(fixes);
    }
    result
}

/// What stays the same when lines move.
fn fingerprint(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let text = diagnostic.primary().map_or("", |span| sources.text(span));
    format!("{}:{}", diagnostic.code.info().id, text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn related(id: usize, label: &Label, sources: &Sources) -> Option<Value> {
    let text = if label.message.is_empty() { "see here" } else { &label.message };
    Some(json!({ "id": id, "physicalLocation": physical(label.span, sources)?, "message": { "text": text } }))
}

fn physical(span: Span, sources: &Sources) -> Option<Value> {
    let file = sources.file(span.file)?;
    Some(json!({ "artifactLocation": { "uri": uri(&file.path) }, "region": region(span, sources)? }))
}

fn region(span: Span, sources: &Sources) -> Option<Value> {
    let file = sources.file(span.file)?;
    let (start, end) = (position(file, span.start), position(file, span.end.max(span.start)));
    Some(json!({
        "startLine": start.line,
        "startColumn": start.column_utf16,
        "endLine": end.line,
        "endColumn": end.column_utf16,
    }))
}

/// The edits of a fix, those of one file together.
fn fix(fix: &Fix, sources: &Sources) -> Option<Value> {
    let mut files: Vec<_> = fix.edits.iter().map(|edit| edit.span.file).collect();
    files.sort_unstable();
    files.dedup();
    let mut changes = Vec::new();
    for id in files {
        let replacements: Vec<Value> = fix
            .edits
            .iter()
            .filter(|edit| edit.span.file == id)
            .filter_map(|edit| {
                let region = region(edit.span, sources)?;
                Some(json!({ "deletedRegion": region, "insertedContent": { "text": edit.text } }))
            })
            .collect();
        let uri = uri(&sources.file(id)?.path);
        changes.push(json!({ "artifactLocation": { "uri": uri }, "replacements": replacements }));
    }
    let sure = match fix.applicability {
        Applicability::Safe => "",
        Applicability::Unsafe => " (changes the meaning)",
    };
    Some(json!({ "description": { "text": format!("{}{sure}", fix.title) }, "artifactChanges": changes }))
}

/// A path as a URI reference: what is no unreserved character or `/` is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
