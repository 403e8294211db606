//! `// segc: allow(unused-definition) kept for the spring campaign`: a comment that silences a lint where it stands. Over
//! an item it holds for the item, over a line for that line, behind code for its own line. Invariant: an error of the
//! language is never silenced, and an allowance that silences nothing is itself reported.

use crate::diagnostics::{Applicability, Code, Diagnostic, Severity, suggest};
use crate::source::{FileId, Span};
use crate::syntax::Parse;
use crate::syntax::ast::{Item, ItemKind};
use crate::syntax::trivia::Comment;

use super::{Level, Levels};

/// A lint that may occur in a part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    code: Code,
    /// The lint's name in the comment.
    name: Span,
    /// The comment with its line, if it has one of its own, or with the blanks before it.
    comment: Span,
    /// Whether the comment names this lint alone.
    alone: bool,
    /// Where diagnostics may begin that it silences.
    holds: Span,
}

/// The allowances of a file; what is wrong with them is reported.
pub fn allowances(file: FileId, text: &str, parse: &Parse, found: &mut Vec<Diagnostic>) -> Vec<Allowance> {
    let mut allowed = Vec::new();
    for comment in parse.trivia.comments.iter().filter(|comment| !comment.doc) {
        let Some(written) = text.get(comment.span.range()) else { continue };
        let body = written.trim_start_matches('/').trim_start();
        let Some(rest) = body.strip_prefix("segc:") else { continue };
        let offset = written.len() - rest.len();
        match names(rest) {
            Some((names, reason)) => {
                if reason.is_empty() {
                    found.push(without_reason(comment.span));
                }
                let holds = holds(file, text, parse, comment);
                let whole = with_blanks(file, text, comment);
                let alone = names.len() == 1;
                for (at, name) in names {
                    let start = comment.span.start as usize + offset + at;
                    let span = Span::new(file, start, start + name.len());
                    match Code::find(name).filter(|code| code.info().severity != Severity::Error) {
                        Some(code) => {
                            allowed.push(Allowance { code, name: span, comment: whole, alone, holds });
                        }
                        None => found.push(unknown(name, span)),
                    }
                }
            }
            None => found.push(malformed(comment.span)),
        }
    }
    allowed
}

/// Takes out what is allowed. With the levels of a run of the lints, reports the allowances that silenced nothing.
pub fn apply_allowances(diagnostics: &mut Vec<Diagnostic>, allowed: &[Allowance], linted: Option<&Levels>) {
    let mut used = vec![false; allowed.len()];
    diagnostics.retain(|diagnostic| {
        let Some(place) = diagnostic.primary() else { return true };
        let silences = |allowance: &Allowance| {
            let holds = allowance.holds;
            allowance.code == diagnostic.code
                && diagnostic.code.info().severity != Severity::Error
                && (holds.file, holds.start) <= (place.file, place.start)
                && holds.file == place.file
                && place.start < holds.end.max(holds.start + 1)
        };
        let mut kept = true;
        for (allowance, used) in allowed.iter().zip(&mut used) {
            if silences(allowance) {
                *used = true;
                kept = false;
            }
        }
        kept
    });
    let Some(levels) = linted else { return };
    // A lint that nobody has looked for could not occur.
    let unused = allowed.iter().zip(used).filter(|(a, used)| !used && super::level(a.code, levels) != Level::Allow);
    diagnostics.extend(unused.map(|(allowance, _)| unused_allowance(allowance)));
}

/// The names between the parentheses with their offsets, and the reason behind them.
fn names(rest: &str) -> Option<(Vec<(usize, &str)>, &str)> {
    let inner = rest.trim_start().strip_prefix("allow")?.trim_start().strip_prefix('(')?;
    let (list, reason) = inner.split_once(')')?;
    let base = rest.len() - inner.len();
    let mut names = Vec::new();
    let mut at = base;
    for part in list.split(',') {
        let name = part.trim();
        if name.is_empty() {
            return None;
        }
        names.push((at + (part.len() - part.trim_start().len()), name));
        at += part.len() + 1;
    }
    Some((names, reason.trim_matches([' ', '\t', ':', '-'])))
}

/// The item that begins next after the comment, or the line of the next code, or the comment's own line with all of the
/// item or clause that ends before the comment: what stood on one line may be laid out over many.
fn holds(file: FileId, text: &str, parse: &Parse, comment: &Comment) -> Span {
    let start = comment.span.start as usize;
    if !comment.own_line {
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[..start].trim_end().len();
        let ended = parse.file.items.iter().flat_map(parts).find(|span| span.end as usize == end);
        return Span::new(file, ended.map_or(line, |span| line.min(span.start as usize)), start);
    }
    let mut at = comment.span.end as usize;
    for line in text[at..].split_inclusive('\n') {
        let code = line.trim_start();
        if !code.is_empty() && !code.starts_with("//") {
            at += line.len() - code.len();
            break;
        }
        at += line.len();
    }
    let items = parse.file.items.iter();
    match items.map(|item| item.span).find(|span| span.start as usize == at) {
        Some(item) => item,
        None => Span::new(file, at, text[at..].find('\n').map_or(text.len(), |length| at + length)),
    }
}

/// An item, and the clauses of a segment.
fn parts(item: &Item) -> impl Iterator<Item = Span> {
    let clauses = match &item.kind {
        ItemKind::Segment { clauses, .. } => clauses.as_slice(),
        _ => &[],
    };
    std::iter::once(item.span).chain(clauses.iter().map(|clause| clause.span))
}

/// What is taken away with a comment.
fn with_blanks(file: FileId, text: &str, comment: &Comment) -> Span {
    let (start, end) = (comment.span.start as usize, comment.span.end as usize);
    if !comment.own_line {
        return Span::new(file, text[..start].trim_end_matches([' ', '\t']).len(), end);
    }
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    Span::new(file, line, text[end..].find('\n').map_or(text.len(), |at| end + at + 1))
}

fn unused_allowance(allowance: &Allowance) -> Diagnostic {
    let name = allowance.code.info().name;
    let message = format!("`{name}` is allowed here and does not occur");
    let diagnostic = Diagnostic::new(Code::SEG0605, message, allowance.name, "not needed");
    if allowance.alone {
        return diagnostic.with_fix("remove the comment", allowance.comment, "", Applicability::Safe);
    }
    diagnostic.with_help("take the name out of the list")
}

fn malformed(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0606, "this comment is addressed to `segc` and says nothing", span, "not understood")
        .with_help("write `// segc: allow(LINT) REASON`")
}

fn without_reason(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0606, "an allowance needs a reason", span, "why is it right here?")
        .with_help("write it behind the parenthesis; it is for those who read the file later")
}

fn unknown(name: &str, span: Span) -> Diagnostic {
    match Code::find(name) {
        Some(code) => {
            let name = code.info().name;
            Diagnostic::new(Code::SEG0606, format!("`{name}` is an error, and only warnings can be allowed"), span, "")
        }
        None => {
            let diagnostic = Diagnostic::new(Code::SEG0606, format!("there is no lint `{name}`"), span, "not a lint");
            let warnings = Code::ALL.iter().filter(|code| code.info().severity != Severity::Error);
            match suggest::closest(name, warnings.map(|code| code.info().name)) {
                Some(close) => diagnostic.with_fix(format!("write `{close}`"), span, close, Applicability::Safe),
                None => diagnostic,
            }
        }
    }
}
