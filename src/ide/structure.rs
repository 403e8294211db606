//! The shape of one file: symbols, parts that fold, ever wider selections, the colour of every token. Invariant: ranges lie on
//! character boundaries and nest.

use std::ops::Range;

use crate::builtins::registry;
use crate::source::Span;
use crate::syntax;
use crate::syntax::ast::{ExprKind, ItemKind, SegmentClause};
use crate::syntax::token::{Token, TokenClass};

use super::definitions::{Definition, of_file};
use super::{Analysis, Document};

/// The definitions of a file, in the order of its text.
pub fn symbols(document: &Document) -> Vec<Definition> {
    of_file(&document.text, &document.parse)
}

/// A part that may be folded away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// From the end of its first line.
    pub range: Range<usize>,
    /// Whether it is a block of comments.
    pub comment: bool,
}

/// Items, brackets over several lines, blocks of comments.
pub fn folds(document: &Document) -> Vec<Fold> {
    let text = &*document.text;
    let mut found = Vec::new();
    let spans_lines = |range: &Range<usize>| text.get(range.clone()).is_some_and(|part| part.contains('\n'));
    let lexed = syntax::lex(document.id, text);
    let mut open = Vec::new();
    for lexeme in lexed.tokens.iter().filter(|lexeme| !lexeme.is_inserted()) {
        match lexeme.token {
            Token::LBrace | Token::LParen | Token::LBracket => open.push(lexeme.start as usize),
            token if token.is_closer() => {
                let range = open.pop().map(|start| start..lexeme.end as usize);
                found.extend(range.filter(spans_lines).map(|range| Fold { range, comment: false }));
            }
            _ => {}
        }
    }
    let mut block: Option<Range<usize>> = None;
    for comment in document.parse.trivia.comments.iter().filter(|comment| comment.own_line) {
        let range = comment.span.range();
        block = match block.take() {
            Some(known)
                if text
                    .get(known.end..range.start)
                    .is_some_and(|gap| gap.trim().is_empty() && gap.matches('\n').count() == 1) =>
            {
                Some(known.start..range.end)
            }
            Some(known) => {
                found.extend(Some(known).filter(spans_lines).map(|range| Fold { range, comment: true }));
                Some(range)
            }
            None => Some(range),
        };
    }
    found.extend(block.filter(spans_lines).map(|range| Fold { range, comment: true }));
    found.sort_by_key(|fold| (fold.range.start, std::cmp::Reverse(fold.range.end)));
    found
}

/// The spans around an offset, smallest first.
pub fn selections(document: &Document, offset: usize) -> Vec<Range<usize>> {
    let text = &*document.text;
    let mut ranges: Vec<Range<usize>> = std::iter::once(0..text.len()).collect();
    let holds = |range: &Range<usize>| range.start <= offset && offset <= range.end;
    let lexed = syntax::lex(document.id, text);
    let mut open = Vec::new();
    for lexeme in lexed.tokens.iter().filter(|lexeme| !lexeme.is_inserted()) {
        ranges.extend(Some(lexeme.start as usize..lexeme.end as usize).filter(holds));
        match lexeme.token {
            Token::LBrace | Token::LParen | Token::LBracket => open.push(lexeme),
            token if token.is_closer() => {
                if let Some(start) = open.pop() {
                    ranges.extend(Some(start.end as usize..lexeme.start as usize).filter(holds));
                    ranges.extend(Some(start.start as usize..lexeme.end as usize).filter(holds));
                }
            }
            _ => {}
        }
    }
    for item in &document.parse.file.items {
        let mut add = |span: Span| ranges.extend(Some(span.range()).filter(holds));
        add(item.span);
        if let ItemKind::Segment { clauses, .. } = &item.kind {
            for clause in clauses {
                add(clause.span);
                if let SegmentClause::Where(condition) = &clause.node {
                    add(condition.span);
                    if let ExprKind::And(parts) | ExprKind::Or(parts) = &condition.kind {
                        parts.iter().for_each(|part| add(part.span));
                    }
                }
            }
        }
    }
    // Each must hold the one before it.
    ranges.sort_by_key(|range| (range.len(), range.start));
    ranges.dedup();
    let mut nested: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        if nested.last().is_none_or(|inner| range.start <= inner.start && inner.end <= range.end) {
            nested.push(range);
        }
    }
    nested
}

/// What a token is to one who colours it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// A word of the language.
    Keyword,
    /// A function.
    Function,
    /// A text.
    Text,
    /// A number, date or duration.
    Number,
    /// A sign.
    Operator,
    /// A comment.
    Comment,
    /// A field, an event type.
    Property,
    /// A definition of the project.
    Variable,
    /// A custom event or a segment, where they are declared or used.
    Class,
}

/// The colours of a text, in its order; no range spans lines.
pub fn colours(analysis: &Analysis, document: &Document) -> Vec<(Range<usize>, Colour)> {
    let text = &*document.text;
    let lexed = syntax::lex(document.id, text);
    let mut found: Vec<(Range<usize>, Colour)> = Vec::new();
    let mut after_dot = false;
    for lexeme in lexed.tokens.iter().filter(|lexeme| !lexeme.is_inserted()) {
        let range = lexeme.start as usize..lexeme.end as usize;
        let colour = match lexeme.token.class() {
            TokenClass::Keyword => Some(Colour::Keyword),
            TokenClass::Function => Some(Colour::Function),
            TokenClass::Operator => Some(Colour::Operator),
            TokenClass::String => Some(Colour::Text),
            TokenClass::Number => Some(Colour::Number),
            TokenClass::Name => Some(colour_of_name(analysis, lexeme.token, after_dot)),
            TokenClass::Punctuation | TokenClass::Invalid => None,
        };
        after_dot = lexeme.token == Token::Dot;
        if let Some(colour) = colour {
            found.extend(lines(text, range).map(|range| (range, colour)));
        }
    }
    found.extend(document.parse.trivia.comments.iter().map(|comment| (comment.span.range(), Colour::Comment)));
    found.sort_by_key(|(range, _)| range.start);
    found
}

fn colour_of_name(analysis: &Analysis, token: Token<'_>, after_dot: bool) -> Colour {
    use super::definitions::Kind;
    let Token::Name(name) = token else { return Colour::Property };
    if after_dot {
        return Colour::Property;
    }
    match analysis.definitions.get(name).map(|definition| definition.kind) {
        Some(Kind::Let | Kind::Param | Kind::Propensity) => Colour::Variable,
        Some(Kind::Event | Kind::Segment) => Colour::Class,
        None if registry::find(name).is_some() => Colour::Function,
        None => Colour::Property,
    }
}

/// A range cut at line ends.
fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let part = text.get(range.clone()).unwrap_or_default();
    let mut start = range.start;
    part.split_inclusive(['\r', '\n']).filter_map(move |line| {
        let range = start..start + line.trim_end_matches(['\r', '\n']).len();
        start += line.len();
        (!range.is_empty()).then_some(range)
    })
}
