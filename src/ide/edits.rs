//! Changes to a text: the layout of it, of a part, of what was just typed, and the fixes that diagnostics carry.

use std::ops::Range;

use crate::diagnostics::{Applicability, Diagnostic, Fix, fixes};
use crate::fmt;
use crate::source::FileId;

use super::Document;

/// A replacement of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// What is replaced.
    pub range: Range<usize>,
    /// By what.
    pub text: String,
}

/// The edits that lay a text out: as few lines as differ. None for a text with syntax errors.
pub fn format(document: &Document) -> Vec<TextEdit> {
    let formatted = fmt::format_parsed(document.id, &document.text, &document.parse);
    if !formatted.is_ok() || formatted.text == *document.text {
        return Vec::new();
    }
    changed_lines(&document.text, &formatted.text)
}

/// Those of the layout that touch a part of the text.
pub fn format_range(document: &Document, range: Range<usize>) -> Vec<TextEdit> {
    let touches = |edit: &TextEdit| edit.range.start <= range.end && range.start <= edit.range.end;
    format(document).into_iter().filter(touches).collect()
}

/// The layout of the item that a closing brace was just typed to.
pub fn format_on_type(document: &Document, offset: usize) -> Vec<TextEdit> {
    let item = document.parse.file.items.iter().map(|item| item.span.range());
    match item.into_iter().find(|range| range.start <= offset && offset <= range.end) {
        Some(range) => format_range(document, range),
        None => Vec::new(),
    }
}

/// Line by line, the runs that differ.
fn changed_lines(before: &str, after: &str) -> Vec<TextEdit> {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let (mut edits, mut at, mut i, mut j) = (Vec::new(), 0, 0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            at += old[i].len();
            (i, j) = (i + 1, j + 1);
            continue;
        }
        // The nearest lines that are the same again.
        let (skip_old, skip_new) = resume(&old[i..], &new[j..]);
        let length: usize = old[i..i + skip_old].iter().map(|line| line.len()).sum();
        edits.push(TextEdit { range: at..at + length, text: new[j..j + skip_new].concat() });
        at += length;
        (i, j) = (i + skip_old, j + skip_new);
    }
    edits
}

fn resume(old: &[&str], new: &[&str]) -> (usize, usize) {
    for total in 1..(old.len() + new.len()).min(200) {
        for skip_old in 0..=total.min(old.len()) {
            let skip_new = total - skip_old;
            let (Some(a), Some(b)) = (old.get(skip_old), new.get(skip_new)) else { continue };
            if a == b && !a.trim().is_empty() {
                return (skip_old, skip_new);
            }
        }
    }
    (old.len(), new.len())
}

/// The diagnostics of a file that touch a range and have fixes, with them.
pub fn fixes_at<'d>(
    diagnostics: &'d [Diagnostic],
    file: FileId,
    range: &Range<usize>,
) -> Vec<(&'d Diagnostic, &'d Fix)> {
    let touches = |diagnostic: &&Diagnostic| {
        diagnostic.primary().is_some_and(|span| {
            span.file == file && span.start as usize <= range.end && range.start <= span.end as usize
        })
    };
    diagnostics.iter().filter(touches).flat_map(|d| d.fixes.iter().map(move |fix| (d, fix))).collect()
}

/// All safe fixes of a file in one go.
pub fn fix_all(diagnostics: &[Diagnostic], file: FileId) -> Vec<TextEdit> {
    let own: Vec<Diagnostic> = diagnostics
        .iter()
        .filter(|d| {
            let mut edits =
                d.fixes.iter().filter(|fix| fix.applicability == Applicability::Safe).flat_map(|f| &f.edits);
            edits.all(|edit| edit.span.file == file) && d.primary().is_some_and(|span| span.file == file)
        })
        .cloned()
        .collect();
    let plan = fixes::plan(&own, false);
    let edits = plan.edits.get(&file).into_iter().flatten();
    edits.map(|edit| TextEdit { range: edit.span.range(), text: edit.text.clone() }).collect()
}
