//! `segc fmt`: the one way to lay out a file. May import `syntax`. The tree says where lines may break
//! ([`items`], [`exprs`]), the tokens are written in their order ([`cursor`]), the algebra chooses the breaks ([`doc`]).
//!
//! The style: 100 columns, four blanks a level, one clause a line, `and` and `or` at the beginning of a line under the
//! first operand; a list of plain values is filled, every other bracket breaks one thing a line; at most one empty line
//! between things. An author's break before the first `and` or `or` of a chain, or the first step of a sequence,
//! stays. Names, strings and numbers keep their spelling.
//!
//! Invariant: what [`format()`] returns reads as the same tree with the same comments as what it was given, and formats
//! to itself. The first is checked on every run ([`soundness`]); where it fails, the file comes back unchanged with an
//! internal error.

use crate::diagnostics::{Code, Diagnostic};
use crate::source::{FileId, Span};
use crate::syntax;

mod cursor;
mod doc;
mod exprs;
mod items;
mod soundness;

/// Columns that a line should not exceed.
const WIDTH: usize = 100;

/// What formatting gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Formatted {
    /// The text: that which was given where there are errors.
    pub text: String,
    /// Syntax errors, or the report of a fault of the formatter.
    pub diagnostics: Vec<Diagnostic>,
}

impl Formatted {
    /// Whether the text could be formatted.
    pub fn is_ok(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Formats a file; one with syntax errors comes back unchanged. Line breaks are those of the first line.
pub fn format(file: FileId, text: &str) -> Formatted {
    format_parsed(file, text, &syntax::parse(file, text))
}

/// The same of a text that was parsed already.
pub fn format_parsed(file: FileId, text: &str, parse: &syntax::Parse) -> Formatted {
    if parse.diagnostics.iter().any(Diagnostic::is_error) {
        return Formatted { text: text.to_owned(), diagnostics: parse.diagnostics.clone() };
    }
    let mut formatted = lay_out(file, text, parse);
    if text.split_once('\n').is_some_and(|(line, _)| line.ends_with('\r')) {
        formatted = formatted.replace('\n', "\r\n");
    }
    // What is laid out already reads as itself.
    let difference = if formatted == text { None } else { soundness::difference(file, text, parse, &formatted) };
    match difference {
        None => Formatted { text: formatted, diagnostics: parse.diagnostics.clone() },
        Some(difference) => Formatted { text: text.to_owned(), diagnostics: vec![unsound(file, difference)] },
    }
}

fn lay_out(file: FileId, text: &str, parse: &syntax::Parse) -> String {
    let lexed = syntax::lex(file, text);
    let mut cursor = cursor::Cursor::new(text, &lexed.tokens, &parse.trivia);
    cursor.file(&parse.file);
    let mut out = cursor.out.print(WIDTH);
    out.truncate(out.trim_end().len());
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn unsound(file: FileId, difference: &str) -> Diagnostic {
    let message = format!("formatting this file would change {difference}");
    Diagnostic::new(Code::SEG0901, message, Span::new(file, 0, 0), "left as it is")
}
