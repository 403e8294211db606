//! What is said of the word at an offset: a field's type and meaning, a definition with the plain reading of what it asks, a
//! function with its examples, a window as dates. Markdown. Invariant: nothing is said of a word that means nothing.

use crate::builtins::registry;
use crate::hir::Module;
use crate::schema::Field;
use crate::source::FileId;
use crate::syntax;
use crate::syntax::token::{Lexeme, Token, TokenClass, aggregate_name};
use crate::types::Ty;

use super::Analysis;
use super::definitions::{Definition, Kind};
use super::inlay;
use super::reading;
use super::scope::{Bound, Resolver, scope};

/// What is said, and of which bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// First byte.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// Markdown.
    pub text: String,
}

/// What is said at an offset of a text; `now` in microseconds since 1970 UTC turns windows into dates.
pub fn hover(analysis: &Analysis, text: &str, offset: usize, now: i64) -> Option<Hover> {
    let lexed = syntax::lex(FileId::default(), text);
    let tokens: Vec<Lexeme<'_>> = lexed.tokens.into_iter().filter(|lexeme| !lexeme.is_inserted()).collect();
    let at = tokens.partition_point(|lexeme| (lexeme.end as usize) <= offset);
    let lexeme = tokens.get(at).filter(|lexeme| (lexeme.start as usize) <= offset)?;
    let said = match lexeme.token {
        token if let Some(said) = of_window(analysis, &tokens, at, token, now) => said,
        Token::Name(name) => of_name(analysis, &tokens, at, name)?,
        Token::Duration(amount, unit) => {
            let previous = at.checked_sub(1).map(|before| tokens[before].token);
            inlay::dates(amount, unit, previous, &analysis.workspace.settings(), now)?
        }
        Token::Aggregate(function) => of_builtin(aggregate_name(function))?,
        token if matches!(token.class(), TokenClass::Function | TokenClass::Operator | TokenClass::Keyword) => {
            of_builtin(token.text())?
        }
        _ => return None,
    };
    Some(Hover { start: lexeme.start as usize, end: lexeme.end as usize, text: said })
}

/// What is said of the words around a length: those of a window its dates, those between steps what they ask for; and of
/// the word in `count(distinct …)` what the whole does.
fn of_window(analysis: &Analysis, tokens: &[Lexeme<'_>], at: usize, token: Token<'_>, now: i64) -> Option<String> {
    let next = |by: usize| tokens.get(at + by).map(|lexeme| lexeme.token);
    let starts = |token: Option<Token<'_>>| matches!(token, Some(Token::Last | Token::Next));
    let by = match token {
        Token::In if starts(next(1)) => 2,
        Token::Last | Token::Next => 1,
        Token::Within if matches!(next(1), Some(Token::Duration(..))) => {
            return Some("**within**: at most this long after the event of the step before".to_owned());
        }
        Token::Distinct if at >= 2 && tokens[at - 1].token == Token::LParen => {
            return match tokens[at - 2].token {
                Token::Aggregate(function) => of_builtin(aggregate_name(function)),
                token => of_builtin(token.text()),
            };
        }
        _ => return None,
    };
    match next(by)? {
        Token::Duration(amount, unit) => inlay::dates(amount, unit, next(by - 1), &analysis.workspace.settings(), now),
        _ => None,
    }
}

fn of_name(analysis: &Analysis, tokens: &[Lexeme<'_>], at: usize, name: &str) -> Option<String> {
    let schema = analysis.schema()?;
    let (names, start) = path_at(tokens, at);
    let scope = scope(tokens, start, schema, &analysis.definitions);
    let resolver = Resolver { schema, definitions: &analysis.definitions };
    let subjects: Vec<Bound> = scope.steps.iter().chain(&scope.subjects).cloned().collect();
    let (_, before) = names.split_last()?;
    if let Some(field) = resolver.field(before, name, &subjects) {
        return Some(of_field(&names.join("."), field));
    }
    // An event type may be any longer part of the path.
    let whole: Vec<&str> = path_from(tokens, start);
    let event = (names.len()..=whole.len()).rev().find_map(|length| {
        let joined = whole[..length].join(".");
        schema.event_types.get(&joined).map(|event| (joined, event))
    });
    if let Some((joined, event)) = event {
        let title = if event.title.is_empty() { String::new() } else { format!("**{}**\n\n", event.title) };
        return Some(format!("```seg\n{joined}\n```\n\n{title}{}\n\nevent type", event.description));
    }
    if !before.is_empty() {
        return None;
    }
    if let Some(definition) = analysis.definitions.get(name) {
        return Some(of_definition(definition, analysis.module()));
    }
    of_builtin(name)
}

/// The names of the path up to and with the token, and the index of its first.
pub(super) fn path_at<'s>(tokens: &[Lexeme<'s>], at: usize) -> (Vec<&'s str>, usize) {
    let mut start = at;
    while start >= 2 && tokens[start - 1].token == Token::Dot && is_path_word(tokens[start - 2].token) {
        start -= 2;
    }
    (path_until(tokens, start, at), start)
}

fn path_from<'s>(tokens: &[Lexeme<'s>], start: usize) -> Vec<&'s str> {
    let mut end = start;
    while tokens.get(end + 1).is_some_and(|dot| dot.token == Token::Dot)
        && tokens.get(end + 2).is_some_and(|name| is_path_word(name.token))
    {
        end += 2;
    }
    path_until(tokens, start, end)
}

fn path_until<'s>(tokens: &[Lexeme<'s>], start: usize, end: usize) -> Vec<&'s str> {
    let words = tokens.iter().take(end + 1).skip(start);
    words
        .filter_map(|lexeme| match lexeme.token {
            Token::Name(name) => Some(name),
            Token::Profile => Some("profile"),
            _ => None,
        })
        .collect()
}

fn is_path_word(token: Token<'_>) -> bool {
    matches!(token, Token::Name(_) | Token::Profile)
}

fn of_field(path: &str, field: &Field) -> String {
    let presence = if field.ty.optional { "may be absent" } else { "always present" };
    let docs = field_docs(field);
    let gap = if docs.is_empty() { "" } else { "\n\n" };
    format!("```seg\n{path}: {}\n```\n\n{docs}{gap}{presence}", field.ty)
}

/// Title, description, values and labels of a field.
pub(super) fn field_docs(field: &Field) -> String {
    let mut parts = Vec::new();
    if !field.title.is_empty() {
        parts.push(format!("**{}**", field.title));
    }
    if !field.description.is_empty() {
        parts.push(field.description.clone());
    }
    if let Ty::Enum(values) = &field.ty.ty {
        let listed: Vec<String> = values.values.iter().take(20).map(|(value, _)| format!("`\"{value}\"`")).collect();
        let more = if values.values.len() > listed.len() { ", …" } else { "" };
        parts.push(format!("one of {}{more}", listed.join(", ")));
    }
    if let Some(class) = &field.relationship {
        parts.push(format!("refers to `{class}`"));
    }
    if !field.labels.is_empty() {
        parts.push(format!("labels: {}", field.labels.join(", ")));
    }
    parts.join("\n\n")
}

fn of_definition(definition: &Definition, module: Option<&Module>) -> String {
    let mut parts = vec![format!("```seg\n{}\n```", definition.head)];
    if !definition.docs.is_empty() {
        parts.push(definition.docs.clone());
    }
    if let Some(module) = module {
        let read = match definition.kind {
            Kind::Segment => module
                .segments
                .iter()
                .find(|segment| segment.name == *definition.name)
                .map(|segment| format!("Profiles for which {}.", reading::expr(module, &segment.condition))),
            Kind::Let => module
                .lets
                .iter()
                .find(|known| known.name == *definition.name)
                .map(|known| format!("type `{}`", known.body.ty)),
            Kind::Param => module
                .params
                .iter()
                .find(|known| known.name == *definition.name)
                .map(|known| format!("type `{}`, now `{}`", known.ty, crate::plan::value_text(&known.value))),
            Kind::Event => module
                .events
                .iter()
                .find(|known| known.name == *definition.name)
                .map(|known| format!("Events: {}.", reading::collection(module, &known.collection))),
            Kind::Propensity => None,
        };
        parts.extend(read);
    }
    parts.join("\n\n")
}

fn of_builtin(name: &str) -> Option<String> {
    let builtin = registry::all().find(|builtin| builtin.name == name)?;
    let examples: String = builtin.examples.iter().map(|example| format!("\n- `{example}`")).collect();
    Some(format!("```seg\n{}\n```\n\n{}\n{examples}", builtin.usages().join("\n"), builtin.doc))
}
