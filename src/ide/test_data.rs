//! Completions in tests: where a token stands in the data that one writes out, and what may stand there. Reads tokens, not the
//! tree. Invariant: a place depends only on the brackets before it.

use super::completion::{Completion, CompletionKind, Input};
use super::locals::opener;
use super::offers::{LENGTHS, completion, field, keywords, literals};
use super::scope::{Bound, Resolver, Scope, Subject};
use crate::syntax::token::{Lexeme, Token};

/// What the innermost brackets hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place<'s> {
    /// Fields of a profile.
    Profile,
    /// Events, each begun by its type.
    EventType,
    /// Fields of an event.
    Event,
    /// Fields of an object of a related class.
    Class(&'s str),
}

/// The place of the token of index `at` of a test, and the path from there to the object that is written out around it.
pub(super) fn place<'s>(tokens: &[Lexeme<'s>], at: usize) -> Option<(Place<'s>, Vec<&'s str>)> {
    let open = opener(tokens, at)?;
    let before = |by: usize| open.checked_sub(by).map(|index| tokens[index].token);
    match (tokens[open].token, before(2), before(1)) {
        (Token::LBrace, Some(Token::Profile), _) => Some((Place::Profile, Vec::new())),
        (Token::LBrace, Some(Token::Name(class)), Some(Token::Str(_))) => Some((Place::Class(class), Vec::new())),
        (Token::LBracket, ..) if lists_events(tokens, open) => Some((Place::EventType, Vec::new())),
        (_, _, Some(Token::Colon)) => within(tokens, open - 1),
        (Token::LBrace, ..) => {
            let list = opener(tokens, open)?;
            match list.checked_sub(1).map(|index| tokens[index].token) {
                _ if lists_events(tokens, list) => Some((Place::Event, Vec::new())),
                Some(Token::Colon) => within(tokens, list - 1),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The place inside of the object that a path before a colon names.
fn within<'s>(tokens: &[Lexeme<'s>], colon: usize) -> Option<(Place<'s>, Vec<&'s str>)> {
    let mut names = Vec::new();
    let mut index = colon;
    while let Some(Token::Name(name)) = index.checked_sub(1).map(|before| tokens[before].token) {
        names.insert(0, name);
        index -= 1;
        match index.checked_sub(1).map(|before| tokens[before].token) {
            Some(Token::Dot) => index -= 1,
            _ => break,
        }
    }
    let (place, mut path) = place(tokens, index)?;
    path.extend(names);
    Some((place, path))
}

fn lists_events(tokens: &[Lexeme<'_>], bracket: usize) -> bool {
    let before = bracket.checked_sub(1).map(|before| tokens[before].token);
    tokens[bracket].token == Token::LBracket && matches!(before, Some(Token::Events | Token::Name("events")))
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
        let (place, inside) = place(self.tokens, at)?;
        let before = self.before(at)?;
        let begins = first || matches!(before, Token::LBrace | Token::LBracket | Token::Comma);
        match place {
            _ if before == Token::Colon => {
                Some(self.expected(at, scope, resolver).map(|ty| literals(&ty.ty)).unwrap_or_default())
            }
            Place::EventType => match before {
                Token::LBracket | Token::Comma | Token::RBrace => Some(self.event_types(&[])),
                Token::Name(_) => Some(keywords(&["at"])),
                Token::At => Some(keywords(&["now", "today", "yesterday"])),
                Token::Int(_) => Some(keywords(LENGTHS)),
                _ => None,
            },
            Place::Profile | Place::Event | Place::Class(_) if begins => {
                let fields = self.fields(self.subject_of_test(at, scope).as_ref());
                let mut items: Vec<Completion> = fields.into_iter().map(|(name, f)| field(name, f, false)).collect();
                items.extend(keywords(if place == Place::Profile && inside.is_empty() { &["events"] } else { &[] }));
                Some(items)
            }
            Place::Profile | Place::Event | Place::Class(_) => None,
        }
    }

    /// Whose fields the data of a test gives at a token.
    pub fn subject_of_test(&self, at: usize, scope: &Scope) -> Option<Bound> {
        if scope.block != Some("test") {
            return None;
        }
        let schema = self.analysis.schema()?;
        let (place, inside) = place(self.tokens, at)?;
        let object = match place {
            Place::Profile => schema.profile,
            Place::Event => schema.event,
            Place::Class(name) => schema.classes.get(name)?.object,
            Place::EventType => return None,
        };
        let outer = Bound { subject: Subject::Object(object), alias: None };
        if inside.is_empty() {
            return Some(outer);
        }
        let object = Resolver { schema, definitions: &self.analysis.definitions }.object(&inside, &[outer])?;
        Some(Bound { subject: Subject::Object(object), alias: None })
    }
}
