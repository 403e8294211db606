//! The brackets that are open while tokens are classified. Imports tokens and words. Invariant: at most
//! [`limits::NESTING`] are open, and within each at most that many prefixes wait for their operand, so that the parser's
//! stack is bounded for any input.

use super::token::{Lexeme, Token};
use super::words::Block;
use crate::limits;

/// An open bracket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open<'s> {
    /// What stands in it.
    pub block: Block,
    /// The token that closes it.
    pub closer: Token<'s>,
    /// The opening bracket.
    pub opener: Lexeme<'s>,
}

/// What waits for an operand inside one bracket.
#[derive(Debug, Clone, Copy, Default)]
struct Waiting {
    /// `not` and `-` in a row.
    prefixes: usize,
    /// `if` since the last separator: the rest of the element is inside each.
    conditions: usize,
    /// `groups of`, `top N of` since the last separator.
    sources: usize,
    /// `list<list<` in a row.
    angles: usize,
}

/// The open brackets, outermost first.
#[derive(Debug, Default)]
pub(super) struct Brackets<'s> {
    stack: Vec<(Open<'s>, Waiting)>,
    outside: Waiting,
}

impl<'s> Brackets<'s> {
    /// The innermost bracket.
    pub fn top(&self) -> Option<&Open<'s>> {
        self.stack.last().map(|(open, _)| open)
    }

    /// What stands in the innermost bracket.
    pub fn block(&self) -> Option<Block> {
        self.top().map(|open| open.block)
    }

    /// Whether a `test` is around everything.
    pub fn in_test(&self) -> bool {
        self.stack.first().is_some_and(|(open, _)| open.block == Block::Test)
    }

    /// Whether a bracket that `closer` closes is open.
    pub fn has(&self, closer: Token<'s>) -> bool {
        self.stack.iter().any(|(open, _)| open.closer == closer)
    }

    /// Opens one; false where too many are open.
    pub fn open(&mut self, open: Open<'s>) -> bool {
        if self.stack.len() >= limits::NESTING {
            return false;
        }
        self.stack.push((open, Waiting::default()));
        true
    }

    /// Closes the innermost.
    pub fn close(&mut self) -> Option<Open<'s>> {
        self.stack.pop().map(|(open, _)| open)
    }

    /// Counts a token that is about to be added after `previous`; false where too much waits for an operand.
    pub fn count(&mut self, token: Token<'s>, previous: Option<Token<'s>>) -> bool {
        let waiting = self.stack.last_mut().map_or(&mut self.outside, |(_, waiting)| waiting);
        match token {
            Token::Not => waiting.prefixes += 1,
            Token::Minus if !previous.is_some_and(Token::ends_operand) => waiting.prefixes += 1,
            Token::If => waiting.conditions += 1,
            Token::GroupsOf | Token::Top | Token::Bottom => waiting.sources += 1,
            Token::Lt => waiting.angles += 1,
            _ => {}
        }
        if token.ends_operand() {
            waiting.prefixes = 0;
        }
        if !matches!(token, Token::Lt | Token::Name(_)) {
            waiting.angles = 0;
        }
        if token.begins_item() || matches!(token, Token::Comma) {
            *waiting = Waiting { prefixes: waiting.prefixes, angles: waiting.angles, ..Waiting::default() };
        }
        waiting.prefixes.max(waiting.conditions).max(waiting.sources).max(waiting.angles) <= limits::NESTING
    }
}
