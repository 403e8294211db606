//! From a name to its definition and its uses, and to another name for all of them. A use is a name that no subject around
//! it has for a field. Invariant: a rename changes every use or nothing, and never what another name means.

use std::ops::Range;

use crate::builtins::registry;
use crate::hir::{Adapter, Metric};
use crate::pipeline::{SegFile, named_in};
use crate::source::{FileId, Span};
use crate::syntax;
use crate::syntax::ast::{Item, ItemKind};
use crate::syntax::token::{Lexeme, Token};
use crate::syntax::words::{is_reserved, needs_quotes};
use crate::types::BUCKETS;

use super::definitions::Kind;
use super::locals::{Local, local_at};
use super::offers::{LENGTHS, TYPES, UNITS};
use super::scope::{Resolver, Subject, scope};
use super::{Analysis, Document};

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub path: String,
    /// First byte.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

/// What a name at an offset means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// A definition, by its name.
    Definition(String),
    /// What holds in one definition only.
    Local(Local),
}

/// What is meant by the name at an offset, with its bytes.
pub fn meant_at(analysis: &Analysis, text: &str, offset: usize) -> Option<(Meant, Range<usize>)> {
    if let Some(local) = local_at(text, offset) {
        let here = local.uses.iter().find(|place| place.start <= offset && offset <= place.end)?.clone();
        return Some((Meant::Local(local), here));
    }
    let (name, here) = name_at(analysis, text, offset)?;
    Some((Meant::Definition(name), here))
}

/// The path of the file that an import at an offset names, if the project has read it.
pub fn imported_at(analysis: &Analysis, document: &Document, offset: usize) -> Option<String> {
    let at = |item: &&Item| item.span.range().contains(&offset);
    let item = document.parse.file.items.iter().find(at)?;
    let ItemKind::Import(path) = &item.kind else { return None };
    let named = named_in(&document.path, &path.node);
    analysis.file(&named).map(|file| file.path.clone())
}

/// Where a definition is written.
pub fn place(analysis: &Analysis, span: Span) -> Option<Place> {
    let path = analysis.path(span.file)?.to_owned();
    Some(Place { path, start: span.start as usize, end: span.end as usize })
}

/// The name of a definition at an offset, with its bytes.
fn name_at(analysis: &Analysis, text: &str, offset: usize) -> Option<(String, Range<usize>)> {
    let lexed = syntax::lex(FileId::default(), text);
    let tokens: Vec<Lexeme<'_>> = lexed.tokens.into_iter().filter(|lexeme| !lexeme.is_inserted()).collect();
    let at = tokens.partition_point(|lexeme| (lexeme.end as usize) < offset);
    // Between two tokens that touch, the name is meant.
    [at, at + 1].into_iter().find_map(|index| {
        let lexeme = tokens.get(index).filter(|lexeme| (lexeme.start as usize) <= offset)?;
        let Token::Name(name) = lexeme.token else { return None };
        let means = means_definition(analysis, &tokens, index, name);
        means.then(|| (name.to_owned(), lexeme.start as usize..lexeme.end as usize))
    })
}

/// Whether the name at a token is one of a definition, not of a field.
fn means_definition(analysis: &Analysis, tokens: &[Lexeme<'_>], index: usize, name: &str) -> bool {
    let before = index.checked_sub(1).map(|before| tokens[before].token);
    if before == Some(Token::Dot) {
        // `propensity.churn`
        let of_propensities = index.checked_sub(2).map(|at| tokens[at].token);
        let kind = analysis.definitions.get(name).map(|definition| definition.kind);
        return matches!(of_propensities, Some(Token::Propensity | Token::Name("propensity")))
            && kind == Some(Kind::Propensity);
    }
    // Names of other things: what `as` gives, profiles of tests, types, kinds, scales, units.
    let names_other = matches!(
        before,
        Some(
            Token::As
                | Token::Profile
                | Token::Expect
                | Token::Colon
                | Token::Kind
                | Token::Scale
                | Token::This
                | Token::Previous
        )
    );
    if names_other || analysis.definitions.get(name).is_none() {
        return false;
    }
    let declares = matches!(
        before,
        Some(Token::Let | Token::Param | Token::Event | Token::Segment | Token::Propensity | Token::Test)
    );
    // A key of a test's profile is a field.
    let is_key = tokens.get(index + 1).is_some_and(|next| next.token == Token::Colon);
    if declares {
        return true;
    }
    let Some(schema) = analysis.schema() else { return !is_key };
    let around = scope(tokens, index, schema, &analysis.definitions);
    let resolver = Resolver { schema, definitions: &analysis.definitions };
    let is_alias = around.subjects.iter().chain(&around.steps).any(|bound| bound.alias.as_deref() == Some(name));
    let is_field = match around.subjects.last().map(|bound| &bound.subject) {
        Some(Subject::Object(id)) => resolver.schema.field(*id, name).is_some(),
        _ => false,
    };
    !(is_alias || is_field || is_key)
}

/// Every place of what is meant in a document, where it is given included.
pub fn references(analysis: &Analysis, open: &[&Document], document: &Document, meant: &Meant) -> Vec<Place> {
    match meant {
        Meant::Definition(name) => references_of_definition(analysis, open, name),
        Meant::Local(local) => {
            let place =
                |bytes: &Range<usize>| Place { path: document.path.clone(), start: bytes.start, end: bytes.end };
            local.uses.iter().map(place).collect()
        }
    }
}

fn references_of_definition(analysis: &Analysis, open: &[&Document], name: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for file in &analysis.workspace.files {
        let document = open.iter().find(|document| document.path == file.path);
        let text = document.map_or_else(|| analysis.text(file.id), |document| &document.text);
        if !text.contains(name) {
            continue;
        }
        let lexed = syntax::lex(FileId::default(), text);
        let tokens: Vec<Lexeme<'_>> = lexed.tokens.into_iter().filter(|lexeme| !lexeme.is_inserted()).collect();
        for (index, lexeme) in tokens.iter().enumerate() {
            if lexeme.token == Token::Name(name) && means_definition(analysis, &tokens, index, name) {
                let (start, end) = (lexeme.start as usize, lexeme.end as usize);
                places.push(Place { path: file.path.clone(), start, end });
            }
        }
    }
    places
}

/// The places to write the new name at, and how it is written; or why it cannot be.
pub fn rename(
    analysis: &Analysis,
    open: &[&Document],
    document: &Document,
    meant: &Meant,
    new: &str,
) -> Result<(Vec<Place>, String), String> {
    let new = new.trim().trim_matches('`');
    let (Meant::Definition(name) | Meant::Local(Local { name, .. })) = meant;
    if new == name {
        return Ok((Vec::new(), new.to_owned()));
    }
    if has_meaning_of_its_own(name) {
        return Err(format!("`{name}` is a word of the language in some places: rename it by hand, place by place"));
    }
    may_be_named(analysis, new)?;
    let places = references(analysis, open, document, meant);
    let taken = match meant {
        Meant::Definition(_) => taken_in_files(analysis, open, &places, new),
        Meant::Local(local) => {
            let item = document.text.get(local.item.clone()).unwrap_or_default();
            names(item, new).then(|| "the same definition".to_owned())
        }
    };
    match taken {
        Some(place) => Err(format!("`{new}` is used for something else in {place}")),
        None => Ok((places, new.to_owned())),
    }
}

/// Whether a name means something beside definitions, in places that only the checker tells from uses of one.
fn has_meaning_of_its_own(name: &str) -> bool {
    registry::all().any(|builtin| builtin.name == name)
        || [TYPES, UNITS, LENGTHS, &BUCKETS, &["profile", "events", "key", "value"]]
            .iter()
            .any(|words| words.contains(&name))
        || Metric::ALL.iter().any(|(_, metric)| *metric == name)
        || Adapter::of(name).is_some()
}

/// Whether something may have this name; why not.
fn may_be_named(analysis: &Analysis, new: &str) -> Result<(), String> {
    if new.is_empty() || needs_quotes(new, false) && !is_reserved(new) {
        return Err(format!("`{new}` is no name"));
    }
    if is_reserved(new) {
        return Err(format!("`{new}` is a word of the language"));
    }
    if has_meaning_of_its_own(new) {
        return Err(format!("`{new}` has a meaning of its own in the language"));
    }
    if let Some(other) = analysis.definitions.get(new) {
        let article = if other.kind == Kind::Event { "an" } else { "a" };
        return Err(format!("there is {article} {} of that name", other.kind.word()));
    }
    if let Some(schema) = analysis.schema() {
        // A definition may not hide a field, nor a field of some object be read where the definition was meant.
        let clash = schema.objects.iter().any(|object| object.fields.contains_key(new));
        if clash {
            return Err(format!("the schema has a field `{new}`, which would be read instead in some places"));
        }
        if schema.event_types.contains_key(new) {
            return Err(format!("the schema has an event type `{new}`"));
        }
    }
    Ok(())
}

/// The file in which a new name of a definition is used already, where it would be read or hide what is meant.
fn taken_in_files(analysis: &Analysis, open: &[&Document], places: &[Place], new: &str) -> Option<String> {
    let text = |path: &str| {
        let document = open.iter().find(|document| document.path == path);
        let saved = || analysis.file(path).map_or("", |file| analysis.text(file.id));
        document.map_or_else(saved, |document| &document.text)
    };
    let mut paths: Vec<&str> = places.iter().map(|place| place.path.as_str()).collect();
    paths.dedup();
    // A name given with `as` may not hide a definition, wherever it is.
    let given = |file: &&SegFile| {
        let text = analysis.text(file.id);
        let lexed = text.contains(new).then(|| syntax::lex(FileId::default(), text));
        lexed.is_some_and(|lexed| {
            lexed.tokens.windows(2).any(|pair| pair[0].token == Token::As && pair[1].token == Token::Name(new))
        })
    };
    let used = paths.into_iter().find(|path| names(text(path), new)).map(str::to_owned);
    used.or_else(|| analysis.workspace.files.iter().find(given).map(|file| file.path.clone()))
}

/// Whether a text has a name, other than of a test's profile.
fn names(text: &str, name: &str) -> bool {
    let stands = |pair: &[Lexeme<'_>]| {
        pair[1].token == Token::Name(name) && !matches!(pair[0].token, Token::Profile | Token::Expect)
    };
    text.contains(name) && syntax::lex(FileId::default(), text).tokens.windows(2).any(stands)
}
