//! What the parser could not read, as a diagnostic at the place where the author would look: behind the last token of the
//! line where something is missing, else at the token that does not belong. Imports tokens, `expected` and errors.
//! Invariant: what the lexer has reported (an inserted bracket, an unreadable token) is not reported again, nor is what
//! directly follows text that recovery dropped.

use lalrpop_util::{ErrorRecovery, ParseError};

use super::errors;
use super::expected::{self, Expected};
use super::token::{Lexeme, Token};
use super::words;
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Span};

/// What LALRPOP hands over where it goes on after an error.
pub type Recovery<'s> = ErrorRecovery<usize, Token<'s>, ()>;

/// The tokens of a file, for messages about them.
pub(super) struct Report<'s> {
    file: FileId,
    text: &'s str,
    tokens: &'s [Lexeme<'s>],
    /// The end of the text that the last recovery dropped.
    dropped: Option<usize>,
    /// Where a recovery dropped a closing bracket, and what should have stood there: it is still missing later on.
    unbalanced: Option<(usize, String)>,
}

impl<'s> Report<'s> {
    pub fn new(file: FileId, text: &'s str, tokens: &'s [Lexeme<'s>]) -> Self {
        Report { file, text, tokens, dropped: None, unbalanced: None }
    }

    /// The diagnostic of an error, unless something else has been said about it.
    pub fn diagnostic(&mut self, recovery: Recovery<'s>) -> Option<Diagnostic> {
        let at = match &recovery.error {
            ParseError::UnrecognizedToken { token, .. } => self.index(token.0, token.1),
            ParseError::ExtraToken { token } => self.index(token.0, token.1),
            ParseError::UnrecognizedEof { .. } | ParseError::InvalidToken { .. } | ParseError::User { .. } => {
                self.tokens.len()
            }
        };
        let dropped = self.dropped.replace(at + recovery.dropped_tokens.len());
        let unbalanced = self.unbalanced.take();
        if recovery.dropped_tokens.iter().any(|(_, token, _)| *token == Token::RParen) {
            self.unbalanced = Some((at, Expected::new(expected_at(&recovery.error)).to_string()));
        }
        let expected = Expected::new(expected_at(&recovery.error));
        let blames_before = expected.blames_name_before();
        let at = if blames_before { at.saturating_sub(1) } else { at };
        let closes = self.tokens.get(at).is_some_and(|l| l.token.is_closer());
        if dropped == Some(at) || (dropped.is_some() && closes && expected.is_complete()) {
            return None;
        }
        let ends = self.tokens.get(at).is_none_or(|lexeme| lexeme.first || lexeme.token.is_closer());
        if let Some((from, owed)) = unbalanced.filter(|_| ends)
            && owed == expected.to_string()
            && !self.begins_item_between(from, at)
        {
            return None;
        }
        if let Some(name) = self.tokens.get(at).filter(|_| blames_before) {
            return Some(errors::unexpected(self.span(name), &self.quote(name), "a clause"));
        }
        self.describe(at, &expected)
    }

    /// The index of a token by its place; tokens that were put in share theirs with others.
    fn index(&self, start: usize, token: Token<'s>) -> usize {
        let from = self.tokens.partition_point(|l| (l.start as usize) < start);
        let rest = self.tokens.get(from..).unwrap_or_default();
        let found = rest.iter().take_while(|l| l.start as usize == start).position(|l| l.token == token);
        from + found.unwrap_or(0)
    }

    fn describe(&self, at: usize, expected: &Expected) -> Option<Diagnostic> {
        let found = self.tokens.get(at);
        if found.is_some_and(|l| l.is_inserted() || l.token == Token::Invalid) {
            return None;
        }
        let before = at.checked_sub(1).and_then(|before| self.tokens.get(before));
        if before.is_some_and(|l| l.token == Token::Invalid) && !expected.is_item() {
            return None;
        }
        if expected.has("else") {
            return Some(match found.filter(|l| !l.first) {
                Some(found) => errors::missing_else(self.span(found), "expected `else` before this"),
                None => errors::missing_else(self.end_of(before), "expected `else` after this"),
            });
        }
        if let Some(confusion) = self.confusion(at, expected) {
            return Some(confusion);
        }
        let ends_line = found.is_none_or(|l| l.first || matches!(l.token, Token::RBrace));
        if let Some(before) = before.filter(|l| ends_line && expected.is_owed() && !l.is_inserted()) {
            let what = expected.to_string();
            let closer = found.filter(|l| !l.first).map(|l| self.slice(l));
            return Some(errors::missing_after(self.span(before), self.slice(before), &what, closer));
        }
        let Some(found) = found else {
            return Some(errors::unexpected(self.end_of(before), "end of the file", &expected.to_string()));
        };
        Some(self.unexpected(found, before, expected))
    }

    fn unexpected(&self, found: &Lexeme<'s>, before: Option<&Lexeme<'s>>, expected: &Expected) -> Diagnostic {
        let span = self.span(found);
        let text = self.slice(found);
        match found.token {
            Token::Evaluate | Token::Purpose | Token::Partition => return errors::kept_for_later(span, text),
            Token::Name(name) if !text.starts_with('`') => {
                if let Some(near) = expected.near(name) {
                    return errors::misspelled(span, text, &expected.to_string(), near);
                }
            }
            token if token.may_be_meant_as_name() && words::is_reserved(text) && expected.is_name() => {
                return errors::reserved_word(span, text);
            }
            _ => {}
        }
        if expected.is_segment_clause() && (found.first || before.is_some_and(|l| l.token == Token::LBrace)) {
            return errors::missing_word(span, "where", text);
        }
        let diagnostic = errors::unexpected(span, &self.quote(found), &expected.to_string());
        expected::advice(before.map(|l| l.token), found.token).into_iter().fold(diagnostic, Diagnostic::with_help)
    }

    /// Whether an item begins between two tokens.
    fn begins_item_between(&self, from: usize, to: usize) -> bool {
        let between = self.tokens.get(from..to).unwrap_or_default();
        between.iter().any(|lexeme| words::item(lexeme.token.text()).is_some())
    }

    /// A token by its index.
    pub(super) fn token(&self, at: usize) -> Option<Token<'s>> {
        self.tokens.get(at).map(|lexeme| lexeme.token)
    }

    /// Whether a token is the first of its line.
    pub(super) fn begins_line(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|lexeme| lexeme.first)
    }

    /// Where a token stands.
    pub(super) fn place(&self, at: usize) -> Option<Span> {
        self.tokens.get(at).map(|lexeme| self.span(lexeme))
    }

    /// The text of a place.
    pub(super) fn text_of(&self, span: Span) -> &'s str {
        self.text.get(span.range()).unwrap_or_default()
    }

    fn span(&self, lexeme: &Lexeme<'_>) -> Span {
        Span { file: self.file, start: lexeme.start, end: lexeme.end }
    }

    fn slice(&self, lexeme: &Lexeme<'_>) -> &'s str {
        self.text.get(lexeme.start as usize..lexeme.end as usize).unwrap_or_default()
    }

    /// A last token, or the beginning of an empty file.
    fn end_of(&self, last: Option<&Lexeme<'_>>) -> Span {
        last.map_or(Span::new(self.file, 0, 0), |l| self.span(l))
    }

    /// A token as messages show it: short ones in backquotes, others by what they are.
    fn quote(&self, lexeme: &Lexeme<'_>) -> String {
        let text = self.slice(lexeme);
        if text.starts_with('`') || text.chars().count() > 40 || text.contains('\n') {
            return lexeme.token.text().to_owned();
        }
        format!("`{text}`")
    }
}

/// What should have stood where the parser stopped.
fn expected_at<'e>(error: &'e ParseError<usize, Token<'_>, ()>) -> &'e [String] {
    match error {
        ParseError::UnrecognizedToken { expected, .. } | ParseError::UnrecognizedEof { expected, .. } => expected,
        ParseError::ExtraToken { .. } | ParseError::InvalidToken { .. } | ParseError::User { .. } => &[],
    }
}
