//! Text to tree: tokens, trivia, the parser and its syntax errors. Imports `limits`, `source`, `diagnostics`. Invariant:
//! [`parse`] and [`lex`] give a result for every text, in time proportional to its length, and every span they give lies
//! on character boundaries of it.
//!
//! The way: [`scan`] cuts the text into raw tokens and trivia; [`lexer`] makes grammar tokens of them ([`words`] knows which
//! word is a keyword where, [`balance`] keeps their brackets balanced); `grammar/seg.lalrpop` builds the tree with [`build`]; what it
//! cannot read goes through [`recover`] and [`expected`] to [`errors`].

use std::cell::Cell;

use crate::diagnostics::{Code, Diagnostic, fixes};
use crate::limits;
use crate::source::{FileId, Span};

pub mod ast;
mod balance;
mod brackets;
mod build;
mod confusion;
pub mod dump;
mod errors;
mod expected;
mod lexer;
mod numbers;
mod recover;
mod scan;
pub mod strings;
pub mod token;
pub mod trivia;
pub mod words;

pub use lexer::{Lexed, lex};
pub use trivia::Trivia;

/// The generated parser.
mod grammar {
    #![allow(warnings, clippy::all, clippy::pedantic, clippy::restriction)]
    include!(concat!(env!("OUT_DIR"), "/seg.rs"));
}

/// What a text is.
#[derive(Debug, Clone, PartialEq)]
pub struct Parse {
    /// The tree; what could not be read is in it as error nodes.
    pub file: ast::File,
    /// Comments and blank lines.
    pub trivia: Trivia,
    /// What is wrong with the text, in its order, at most one for each place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a text. Never fails: what cannot be read is reported and left out.
pub fn parse(file: FileId, text: &str) -> Parse {
    let lexed = lex(file, text);
    if lexed.refused {
        return Parse { file: ast::File { items: Vec::new() }, trivia: lexed.trivia, diagnostics: lexed.diagnostics };
    }
    let errors = Cell::new(0);
    let mut builder = build::Builder::new(file, text, &lexed.tokens, &errors);
    let tokens = lexed.tokens.iter().map(|l| (l.start as usize, l.token, l.end as usize));
    let tree = grammar::FileParser::new()
        .parse(&mut builder, tokens.take_while(|_| errors.get() < limits::DIAGNOSTICS))
        .unwrap_or_else(|error| {
            builder.recover(recover::Recovery { error, dropped_tokens: Vec::new() });
            ast::File { items: Vec::new() }
        });
    let mut diagnostics = lexed.diagnostics;
    diagnostics.extend(builder.finish());
    let mut diagnostics = in_order(diagnostics);
    fixes::keep_words_apart(text, &mut diagnostics);
    Parse { file: tree, trivia: lexed.trivia, diagnostics }
}

/// The grammar as EBNF, one rule a paragraph: the comments of the grammar file.
pub fn ebnf() -> String {
    let rules = include_str!("../../grammar/seg.lalrpop").split_once("grammar<").map_or("", |(_, rules)| rules);
    let rules = rules.split_once("// Macros").map_or(rules, |(rules, _)| rules);
    let mut out = String::new();
    for line in rules.lines().filter_map(|line| line.strip_prefix("// ")) {
        if !line.starts_with([' ', '|']) && !out.is_empty() {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Sorts diagnostics by place and keeps the first of each place, up to the limit.
fn in_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let deep: Vec<Span> =
        diagnostics.iter().filter(|d| d.code == Code::SEG0119).filter_map(Diagnostic::primary).collect();
    // What is around a place that is too deep is so too.
    let around = |span: Span| deep.iter().any(|d| *d != span && span.start <= d.start && d.end <= span.end);
    diagnostics.retain(|d| d.code != Code::SEG0119 || !d.primary().is_some_and(around));
    diagnostics.sort_by_key(|d| d.primary().map_or((0, 0), |span| (span.start, span.end)));
    diagnostics.dedup_by(|later, earlier| later.primary() == earlier.primary());
    diagnostics.truncate(limits::DIAGNOSTICS);
    diagnostics
}
