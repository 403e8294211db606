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
}

impl<'s> Report<'s> {
    pub fn new(file: FileId, text: &'s str, tokens: &'s [Lexeme<'s>]) -> Self {
        Report { file, text, tokens, dropped: None }
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
        let expected = match recovery.error {
            ParseError::UnrecognizedToken { expected, .. } | ParseError::UnrecognizedEof { expected, .. } => expected,
            ParseError::ExtraToken { .. } | ParseError::InvalidToken { .. } | ParseError::User { .. } => Vec::new(),
        };
        let expected = Expected::new(&expected);
        let blames_before = expected.blames_name_before();
        let at = if blames_before { at.saturating_sub(1) } else { at };
        let closes = self.tokens.get(at).is_some_and(|l| l.token.is_closer());
        if dropped == Some(at) || (dropped.is_some() && closes && expected.is_complete()) {
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
        let ends_line = found.is_none_or(|l| l.first || matches!(l.token, Token::RBrace));
        if let Some(before) = before.filter(|l| ends_line && expected.is_owed() && !l.is_inserted()) {
            let what = expected.to_string();
            return Some(errors::missing_after(self.span(before), self.slice(before), &what));
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
