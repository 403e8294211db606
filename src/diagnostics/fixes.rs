//! Carrying out fixes: which of them go together, and the text that they make. May import `diagnostics` and `source`.
//! Invariant: the edits of a fix are made all or not at all.

use std::collections::BTreeMap;

use super::{Applicability, Diagnostic, Edit, Fix};
use crate::source::{FileId, Span};

/// Why edits cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditError {
    /// Two edits change the same bytes.
    Overlap(Span, Span),
    /// A span is not of this text, or cuts a character.
    OutOfBounds(Span),
}

impl std::fmt::Display for EditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EditError::Overlap(a, b) => {
                write!(f, "the edits of bytes {}..{} and {}..{} overlap", a.start, a.end, b.start, b.end)
            }
            EditError::OutOfBounds(s) => write!(f, "the edit of bytes {}..{} is not of this text", s.start, s.end),
        }
    }
}

impl std::error::Error for EditError {}

/// The text with every edit made. All edits are of this text; insertions at one place keep their order.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut order: Vec<&Edit> = edits.iter().collect();
    order.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    let mut previous: Option<Span> = None;
    for edit in order {
        let range = edit.span.range();
        if text.get(range.clone()).is_none() {
            return Err(EditError::OutOfBounds(edit.span));
        }
        if let Some(previous) = previous.filter(|_| range.start < done) {
            return Err(EditError::Overlap(previous, edit.span));
        }
        out.push_str(&text[done..range.start]);
        out.push_str(&edit.text);
        done = range.end;
        previous = Some(edit.span);
    }
    out.push_str(&text[done..]);
    Ok(out)
}

/// Puts blanks around words that fixes write in the place of signs: `!x` becomes `not x`, not `notx`.
pub fn keep_words_apart(text: &str, diagnostics: &mut [Diagnostic]) {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | '`');
    // Signs that another fix may make words of.
    let may_join = |c: char| joins(c) || matches!(c, '!' | '&' | '|');
    let sign = |c: Option<char>| c.is_some_and(|c| !c.is_alphanumeric() && !c.is_whitespace() && c != '_');
    for edit in diagnostics.iter_mut().flat_map(|diagnostic| &mut diagnostic.fixes).flat_map(|fix| &mut fix.edits) {
        let range = edit.span.range();
        let (Some(before), Some(written), Some(after)) =
            (text.get(..range.start), text.get(range.clone()), text.get(range.end..))
        else {
            continue;
        };
        let ends_word = before.ends_with(|c| joins(c) || matches!(c, ')' | ']'));
        if sign(written.chars().next()) && edit.text.starts_with(char::is_alphabetic) && ends_word {
            edit.text.insert(0, ' ');
        }
        if sign(written.chars().next_back()) && edit.text.ends_with(char::is_alphabetic) && after.starts_with(may_join)
        {
            edit.text.push(' ');
        }
    }
}

/// The fixes that can be made in one go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// What to change, per file.
    pub edits: BTreeMap<FileId, Vec<Edit>>,
    /// How many diagnostics that mends.
    pub fixed: usize,
    /// How many fixes stand in each other's way and wait for the next round.
    pub postponed: usize,
}

/// Chooses one fix for every diagnostic that has one, first come first served where two touch the same text. Unsafe
/// fixes are taken only when asked for, and then only where a diagnostic has no safe one.
pub fn plan(diagnostics: &[Diagnostic], include_unsafe: bool) -> Plan {
    let mut plan = Plan::default();
    for diagnostic in diagnostics {
        let find = |wanted| diagnostic.fixes.iter().find(|fix| fix.applicability == wanted);
        let fallback = || include_unsafe.then(|| find(Applicability::Unsafe)).flatten();
        let Some(fix) = find(Applicability::Safe).or_else(fallback) else {
            continue;
        };
        if plan.take(fix) {
            plan.fixed += 1;
        } else {
            plan.postponed += 1;
        }
    }
    plan
}

impl Plan {
    fn take(&mut self, fix: &Fix) -> bool {
        let known = |edit: &Edit| self.edits.get(&edit.span.file).is_some_and(|edits| edits.contains(edit));
        let fresh: Vec<&Edit> = fix.edits.iter().filter(|edit| !known(edit)).collect();
        let clash = |edit: &&Edit| {
            self.edits.get(&edit.span.file).is_some_and(|edits| edits.iter().any(|e| touches(e.span, edit.span)))
        };
        if fresh.iter().any(clash) {
            return false;
        }
        for edit in fresh {
            self.edits.entry(edit.span.file).or_default().push(edit.clone());
        }
        true
    }
}

/// Whether two edits of different fixes change the same bytes, or insert at the same place, where their order would
/// be an accident.
fn touches(a: Span, b: Span) -> bool {
    (a.start < b.end && b.start < a.end) || (a.start == b.start && (a.start == a.end || b.start == b.end))
}
