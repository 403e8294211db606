//! One line a diagnostic: `path:line:column: error[SEG0203]: message`. The line and the column count from 1; the
//! column counts characters, as editors that open such a place do. Invariant: a diagnostic is exactly one line.

use super::escape::visible;
use super::severity_word;
use crate::diagnostics::Diagnostic;
use crate::source::{SourceFile, Sources};

/// The lines, each ended.
pub(super) fn render(diagnostics: &[&Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&line(diagnostic, sources));
        out.push('\n');
    }
    out
}

/// The line of one diagnostic.
pub(super) fn line(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let place = diagnostic.primary().and_then(|span| Some((sources.file(span.file)?, span)));
    let head = format!(
        "{}[{}]: {}",
        severity_word(diagnostic.severity),
        diagnostic.code.info().id,
        visible(&diagnostic.message)
    );
    match place {
        Some((file, span)) => {
            let (line, column) = character_position(file, span.start);
            format!("{}:{line}:{column}: {head}", visible(&file.path))
        }
        None => head,
    }
}

/// Line and column from 1, the column in characters.
pub(super) fn character_position(file: &SourceFile, offset: u32) -> (u32, u32) {
    let at = file.line_column(offset);
    let line = file.line_text(at.line);
    let before = line.get(..at.column as usize).unwrap_or(line);
    (at.line + 1, before.chars().count() as u32 + 1)
}
