//! Opening and closing brackets while tokens are made: closers that are missing are put in and reported on their opener,
//! closers that nothing needs are dropped. Part of the lexer. Imports `brackets` and `words`. Invariant: what is pushed to
//! the tokens is balanced at any time, but for the brackets that are open.

use super::brackets::Open;
use super::errors;
use super::lexer::Lexer;
use super::scan::{Raw, RawLexeme};
use super::token::{Lexeme, Token};
use super::words::Block;
use crate::source::Span;

impl<'s> Lexer<'s, '_> {
    pub(super) fn brace_block(&self) -> Block {
        match (self.brackets.block(), self.item) {
            (None, Some(Token::Segment)) => Block::Segment,
            (None, Some(Token::Propensity)) => Block::Propensity,
            (None, Some(Token::Test)) => Block::Test,
            (Some(Block::Test | Block::Events), _) => Block::Fields,
            (Some(_), _) if self.brackets.in_test() => Block::Object,
            _ => Block::Brace,
        }
    }

    pub(super) fn paren_block(&self) -> Block {
        if matches!(self.previous(), Some(Token::Name(_))) { Block::Call } else { Block::Group }
    }

    pub(super) fn bracket_block(&self) -> Block {
        match self.previous() {
            Some(Token::Events) => Block::Events,
            Some(token) if token.ends_operand() => Block::Key,
            _ => Block::List,
        }
    }

    pub(super) fn open(&mut self, raw: RawLexeme<'s>, block: Block, token: Token<'s>, closer: Token<'s>) {
        let opener = Lexeme { token, start: raw.start, end: raw.end, first: raw.first };
        self.item_opened |= token == Token::LBrace;
        self.brackets.count(token, self.previous());
        if self.brackets.open(Open { block, closer, opener }) {
            self.tokens.push(opener);
        } else {
            self.give_up(self.span(raw));
        }
    }

    pub(super) fn close(&mut self, raw: RawLexeme<'s>, closer: Token<'s>) {
        if self.brackets.has(closer) {
            while self.brackets.top().is_some_and(|open| open.closer != closer) {
                self.close_one(true);
            }
            self.brackets.close();
            self.push(closer, raw);
            return;
        }
        let wrong = self.brackets.top().copied().filter(|open| !open.block.has_clauses());
        let right_follows = |open: &Open<'s>| {
            let next = self.peek(0).map(|next| next.raw);
            matches!(
                (next, open.closer),
                (Some(Raw::RParen), Token::RParen)
                    | (Some(Raw::RBracket), Token::RBracket)
                    | (Some(Raw::RBrace), Token::RBrace)
            )
        };
        match wrong.filter(|open| !right_follows(open)) {
            Some(open) => {
                let opener = Span { file: self.file, start: open.opener.start, end: open.opener.end };
                self.report(errors::wrong_closer(self.span(raw), closer.text(), opener, open.closer.text()));
                self.brackets.close();
                self.push(open.closer, raw);
            }
            None => self.report(errors::stray_closer(self.span(raw), closer.text())),
        }
    }

    /// Closes the innermost bracket, which the text leaves open.
    pub(super) fn close_one(&mut self, report: bool) {
        let Some(open) = self.brackets.close() else { return };
        self.insert(open.closer);
        if report && !open.opener.is_inserted() && !self.string_swallows(open.opener) {
            let span = Span { file: self.file, start: open.opener.start, end: open.opener.end };
            self.report(errors::unclosed_bracket(span, open.opener.token.text(), open.closer.text()));
        }
    }

    /// Whether a string without an end on the opener's line probably holds its closer.
    pub(super) fn string_swallows(&self, opener: Lexeme<'_>) -> bool {
        let after = self.unterminated.partition_point(|&start| start < opener.end);
        self.unterminated.get(after).is_some_and(|&start| {
            self.text.get(opener.end as usize..start as usize).is_some_and(|between| !between.contains('\n'))
        })
    }

    pub(super) fn close_all(&mut self, report: bool) {
        while self.brackets.top().is_some() {
            self.close_one(report);
        }
    }

    /// Puts in the brace that is missing between the head of a declaration and its first clause.
    pub(super) fn open_clauses(&mut self) {
        let has_block = matches!(self.item, Some(Token::Segment | Token::Propensity | Token::Test));
        if !has_block || self.brackets.top().is_some() || self.item_opened || !self.after_operand() {
            return;
        }
        let end = self.end();
        let gap = Span { file: self.file, start: end, end };
        let head = self.tokens.last().map_or(gap, |l| Span { file: self.file, start: l.start, end: l.end });
        self.report(errors::missing_brace(head, gap));
        self.item_opened = true;
        let opener = Lexeme { token: Token::LBrace, start: end, end, first: false };
        let block = self.brace_block();
        if self.brackets.open(Open { block, closer: Token::RBrace, opener }) {
            self.tokens.push(opener);
        }
    }
}
