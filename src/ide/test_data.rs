//! Completions in tests: where a token stands in the data that one writes out, and what may stand there. Reads tokens, not the
//! tree. Invariant: a place depends only on the brackets before it.

use super::completion::{Completion, CompletionKind, Input};
use super::offers::{completion, field, keywords, literals};
use super::scope::{Bound, Resolver, Scope, Subject};
use crate::syntax::token::{Lexeme, Token};

/// What may begin in the innermost brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A field of a profile.
    Profile,
    /// The type of an event.
    EventType,
    /// A field of an event.
    Event,
}

/// The place of the token of index `at` of a test.
pub(super) fn place(tokens: &[Lexeme<'_>], at: usize) -> Option<Place> {
    let open = opener(tokens, at)?;
    match tokens[open].token {
        Token::LBrace if open >= 2 && tokens[open - 2].token == Token::Profile => Some(Place::Profile),
        Token::LBrace => opener(tokens, open).filter(|list| lists_events(tokens, *list)).map(|_| Place::Event),
        Token::LBracket if lists_events(tokens, open) => Some(Place::EventType),
        _ => None,
    }
}

fn lists_events(tokens: &[Lexeme<'_>], bracket: usize) -> bool {
    let before = bracket.checked_sub(1).map(|before| tokens[before].token);
    tokens[bracket].token == Token::LBracket && matches!(before, Some(Token::Events | Token::Name("events")))
}

/// The bracket that a token stands in.
fn opener(tokens: &[Lexeme<'_>], at: usize) -> Option<usize> {
    let mut depth = 0usize;
    for index in (0..at).rev() {
        match tokens[index].token {
            Token::RBrace | Token::RBracket | Token::RParen => depth += 1,
            Token::LBrace | Token::LBracket | Token::LParen if depth == 0 => return Some(index),
            Token::LBrace | Token::LBracket | Token::LParen => depth -= 1,
            _ => {}
        }
    }
    None
}

impl Input<'_> {
    /// Whether the tokens before are those of `expect anna in`, or `expect anna not in`.
    pub fn expects(&self, at: usize) -> bool {
        let back = |by: usize| at.checked_sub(by).and_then(|index| self.tokens.get(index)).map(|lexeme| lexeme.token);
        back(3) == Some(Token::Expect) || back(4) == Some(Token::Expect) && back(2) == Some(Token::Not)
    }

    /// The profiles that a test has written out before.
    pub fn profiles_of_test(&self, at: usize) -> Vec<Completion> {
        let mut items = Vec::new();
        for index in (1..at).rev() {
            match (self.tokens[index - 1].token, self.tokens[index].token) {
                (Token::Profile, Token::Name(name)) => {
                    items.push(completion(name, CompletionKind::Value, "profile of this test", ""));
                }
                (Token::Test, _) => break,
                _ => {}
            }
        }
        items
    }

    /// What may stand in the data of a test; `None` where that is nothing of its own.
    pub fn in_data_of_test(
        &self,
        at: usize,
        first: bool,
        scope: &Scope,
        resolver: &Resolver<'_>,
    ) -> Option<Vec<Completion>> {
        let place = place(self.tokens, at)?;
        let before = self.before(at)?;
        let begins = first || matches!(before, Token::LBrace | Token::LBracket | Token::Comma);
        match place {
            _ if before == Token::Colon => {
                Some(self.expected(at, scope, resolver).map(|ty| literals(&ty.ty)).unwrap_or_default())
            }
            Place::EventType => match before {
                Token::LBracket | Token::Comma | Token::RBrace => Some(self.event_types(&[])),
                Token::Name(_) => Some(keywords(&["at"])),
                _ => None,
            },
            Place::Profile | Place::Event if begins => {
                let fields = self.fields(self.subject_of_test(at, scope).as_ref());
                let mut items: Vec<Completion> = fields.into_iter().map(|(name, f)| field(name, f, false)).collect();
                items.extend(keywords(if place == Place::Profile { &["events"] } else { &[] }));
                Some(items)
            }
            Place::Profile | Place::Event => None,
        }
    }

    /// Whose fields the data of a test gives at a token.
    pub fn subject_of_test(&self, at: usize, scope: &Scope) -> Option<Bound> {
        if scope.block != Some("test") {
            return None;
        }
        match place(self.tokens, at)? {
            Place::Profile => scope.subjects.first().cloned(),
            Place::Event => {
                let event = Subject::Object(self.analysis.schema()?.event);
                Some(Bound { subject: event, alias: None })
            }
            Place::EventType => None,
        }
    }
}
