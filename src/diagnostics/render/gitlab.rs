//! GitLab's code quality report: a JSON list of issues. May import `diagnostics` and `source`. Invariant: a fingerprint is
//! made of path, code, the text pointed at and how often that came before in the file, never of a line number, so
//! that an issue keeps its identity when lines move; no two issues of a report share one.

use rustc_hash::FxHashMap;
use serde_json::json;

use super::NO_FILE;
use super::escape::json as escaped;
use super::position::position;
use crate::diagnostics::{Diagnostic, Severity};
use crate::source::Sources;

/// The report, ended by a line feed.
pub(super) fn render(diagnostics: &[&Diagnostic], sources: &Sources) -> String {
    let mut seen: FxHashMap<u64, u64> = FxHashMap::default();
    let issues: Vec<serde_json::Value> =
        diagnostics.iter().map(|diagnostic| issue(diagnostic, sources, &mut seen)).collect();
    let text = serde_json::to_string_pretty(&issues).unwrap_or_default();
    format!("{}\n", escaped(&text))
}

fn issue(diagnostic: &Diagnostic, sources: &Sources, seen: &mut FxHashMap<u64, u64>) -> serde_json::Value {
    let info = diagnostic.code.info();
    let span = diagnostic.primary().unwrap_or_default();
    let place = diagnostic.primary().and_then(|span| sources.file(span.file));
    let (path, lines) = match place {
        Some(file) => (&*file.path, (position(file, span.start).line, position(file, span.end).line)),
        // The format asks for a place always.
        None => (NO_FILE, (1, 1)),
    };
    let about = match place {
        Some(_) => sources.text(span),
        None => &diagnostic.message,
    };
    let base = hash(&[path, info.id, about], 0);
    let occurrence = seen.entry(base).or_default();
    *occurrence += 1;
    json!({
        "description": diagnostic.message,
        "check_name": info.name,
        "fingerprint": format!("{:016x}", hash(&[path, info.id, about], *occurrence)),
        "severity": match diagnostic.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Note => "info",
        },
        "location": { "path": path, "lines": { "begin": lines.0, "end": lines.1 } },
    })
}

/// FNV-1a of 64 bits: fixed by its definition, so that fingerprints stay when libraries change.
fn hash(parts: &[&str], occurrence: u64) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes
        .chain(occurrence.to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
