//! JUnit XML: a suite a file, a test case a diagnostic; errors and warnings are failures, notes are passed cases. A file
//! without findings is one passed case, so that a report of a clean project is not empty. May import `diagnostics` and
//! `source`. Invariant: the document is well-formed whatever an author wrote: markup is escaped, and what XML cannot
//! hold is spelt out.

use std::collections::BTreeMap;

use super::escape::visible;
use super::short;
use super::{NO_FILE, severity_word};
use crate::diagnostics::{Diagnostic, Severity};
use crate::source::Sources;

/// The document, ended by a line feed.
pub(super) fn render(diagnostics: &[&Diagnostic], sources: &Sources) -> String {
    let mut suites: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    for (_, file) in sources.iter().filter(|(_, file)| file.path.ends_with(".seg")) {
        suites.entry(&file.path).or_default();
    }
    for diagnostic in diagnostics {
        let file = diagnostic.primary().and_then(|span| sources.file(span.file));
        suites.entry(file.map_or(NO_FILE, |file| &file.path)).or_default().push(diagnostic);
    }
    let failures = diagnostics.iter().filter(|d| fails(d)).count();
    let tests: usize = suites.values().map(|found| found.len().max(1)).sum();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!("<testsuites name=\"segc check\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n"));
    for (path, found) in &suites {
        suite(path, found, sources, &mut out);
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(path: &str, found: &[&Diagnostic], sources: &Sources, out: &mut String) {
    let (tests, failures) = (found.len().max(1), found.iter().filter(|d| fails(d)).count());
    let path = attribute(path);
    out.push_str(&format!(
        "  <testsuite name=\"{path}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">\n"
    ));
    if found.is_empty() {
        out.push_str(&format!("    <testcase name=\"segc check\" classname=\"{path}\"/>\n"));
    }
    for diagnostic in found {
        let info = diagnostic.code.info();
        let name = attribute(&format!("{} {}: {}", info.id, info.name, diagnostic.message));
        if fails(diagnostic) {
            out.push_str(&format!("    <testcase name=\"{name}\" classname=\"{path}\">\n"));
            out.push_str(&format!(
                "      <failure message=\"{}\" type=\"{}\">{}</failure>\n    </testcase>\n",
                attribute(&diagnostic.message),
                severity_word(diagnostic.severity),
                body(diagnostic, sources)
            ));
        } else {
            out.push_str(&format!("    <testcase name=\"{name}\" classname=\"{path}\"/>\n"));
        }
    }
    out.push_str("  </testsuite>\n");
}

fn fails(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity >= Severity::Warning
}

fn body(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut lines = vec![short::line(diagnostic, sources)];
    lines.extend(diagnostic.help.iter().map(|help| format!("help: {}", visible(help))));
    escaped(&lines.join("\n"))
}

fn attribute(text: &str) -> String {
    escaped(&visible(text))
}

/// Control characters are gone by now; U+FFFE and U+FFFF are no characters of XML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => super::escape::escape_into(&mut out, c),
            _ => out.push(c),
        }
    }
    out
}
