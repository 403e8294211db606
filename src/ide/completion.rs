//! What may be written at an offset, in text that need not be whole: fields after a dot, values of the field's enum inside
//! quotes, event types and custom events where a collection is named, windows after `in`, definitions, functions and
//! keywords where they can stand. Invariant: every answer replaces exactly the word or value that is being written.

use crate::schema::Field;
use crate::source::FileId;
use crate::syntax::token::{Lexeme, Token, TokenClass};
use crate::syntax::words::needs_quotes;
use crate::syntax::{self, Trivia};
use crate::types::{Ty, Type};

use super::Analysis;
use super::definitions::{Definitions, Kind};
use super::offers::{
    ITEMS, LENGTHS, OPERANDS, PROPENSITY, SEGMENT, TEST, TYPES, UNITS, completion, durations, field, fits, functions,
    keywords, literals, operators_of, windows,
};
use super::scope::{Bound, Resolver, Scope, Subject, scope};
use super::test_data::{self, Place};

/// What a completion is, for its icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionKind {
    /// A field of the schema.
    Field,
    /// A value of an enum.
    Value,
    /// An event type or a custom event.
    Event,
    /// A function.
    Function,
    /// A definition.
    Definition,
    /// A word of the language.
    Keyword,
    /// A file.
    File,
    /// A piece of text with places to fill.
    Snippet,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What is shown and, if `insert` is empty, written.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// Its type, or another short word about it.
    pub detail: String,
    /// What it means, Markdown.
    pub docs: String,
    /// What is written, with `$1` and the like for places to fill in a snippet.
    pub insert: String,
}

/// The answers, all of which replace the same bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completions {
    /// First byte that is replaced.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// Best first.
    pub items: Vec<Completion>,
}

/// The completions at an offset of a text.
pub fn complete(analysis: &Analysis, path: &str, text: &str, offset: usize) -> Completions {
    let lexed = syntax::lex(FileId::default(), text);
    let tokens: Vec<Lexeme<'_>> = lexed.tokens.into_iter().filter(|lexeme| !lexeme.is_inserted()).collect();
    if in_comment(&lexed.trivia, text, offset) {
        return Completions::default();
    }
    let at = tokens.partition_point(|lexeme| (lexeme.end as usize) < offset);
    let current = tokens.get(at).filter(|lexeme| (lexeme.start as usize) < offset);
    let input = Input { analysis, path, text, tokens: &tokens };
    match current.map(|lexeme| (lexeme.token, lexeme)) {
        Some((Token::Str(_), lexeme)) if is_inside(text, lexeme, offset) => input.inside_text(at, lexeme),
        Some((token, lexeme)) if is_word(token) => {
            let (start, end) = (lexeme.start as usize, lexeme.end as usize);
            Completions { start, end, items: input.at(at) }
        }
        // Behind a whole token.
        Some(_) => Completions { start: offset, end: offset, items: input.at(at + 1) },
        None => match unterminated(text, &tokens, at, offset) {
            Some(start) => {
                let items = input.values(at.saturating_sub(usize::from(is_quote(text, &tokens, at))));
                Completions { start, end: offset, items }
            }
            None => Completions { start: offset, end: offset, items: input.at(at) },
        },
    }
}

fn in_comment(trivia: &Trivia, text: &str, offset: usize) -> bool {
    let begun = trivia.comments.iter().rev().find(|comment| (comment.span.start as usize) < offset);
    // Blanks at its end are not part of its span.
    begun.and_then(|c| text.get(c.span.start as usize..offset)).is_some_and(|written| !written.contains('\n'))
}

fn is_word(token: Token<'_>) -> bool {
    matches!(token, Token::Name(_) | Token::Aggregate(_))
        || matches!(token.class(), TokenClass::Keyword | TokenClass::Function)
}

/// Between the quotes, the second of which may be missing.
fn is_inside(text: &str, lexeme: &Lexeme<'_>, offset: usize) -> bool {
    let written = text.get(lexeme.start as usize..lexeme.end as usize).unwrap_or_default();
    let closed = written.len() > 1 && written.ends_with('"');
    offset > lexeme.start as usize && (offset < lexeme.end as usize || !closed)
}

/// Where an open text begins that the lexer did not take for one.
fn unterminated(text: &str, tokens: &[Lexeme<'_>], at: usize, offset: usize) -> Option<usize> {
    let from = at.checked_sub(1).and_then(|before| tokens.get(before)).map_or(0, |lexeme| lexeme.end as usize);
    let between = text.get(from..offset)?;
    let line = between.rfind('\n').map_or(0, |end| end + 1);
    between[line..].rfind('"').map(|quote| from + line + quote + 1)
}

fn is_quote(text: &str, tokens: &[Lexeme<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    before.is_some_and(|lexeme| text.get(lexeme.start as usize..lexeme.end as usize) == Some("\""))
}

/// What completions are asked for in.
pub(super) struct Input<'a> {
    pub analysis: &'a Analysis,
    path: &'a str,
    text: &'a str,
    pub tokens: &'a [Lexeme<'a>],
}

impl<'a> Input<'a> {
    fn definitions(&self) -> &'a Definitions {
        &self.analysis.definitions
    }

    pub fn before(&self, at: usize) -> Option<Token<'a>> {
        at.checked_sub(1).and_then(|index| self.tokens.get(index)).map(|lexeme| lexeme.token)
    }

    fn scope(&self, at: usize) -> Option<(Scope, Resolver<'a>)> {
        let schema = self.analysis.schema()?;
        let scope = scope(self.tokens, at, schema, self.definitions());
        Some((scope, Resolver { schema, definitions: self.definitions() }))
    }

    /// The names of the path that ends before a token, with the index of its first.
    fn path_before(&self, at: usize) -> (Vec<&'a str>, usize) {
        let mut names = Vec::new();
        let mut index = at;
        loop {
            // A map's key stands for whatever value it has.
            if self.before(index) == Some(Token::RBracket)
                && index >= 3
                && matches!(self.tokens[index - 2].token, Token::Str(_))
                && self.tokens[index - 3].token == Token::LBracket
            {
                index -= 3;
            }
            let Some(lexeme) = index.checked_sub(1).and_then(|before| self.tokens.get(before)) else { break };
            match lexeme.token {
                Token::Name(name) => names.insert(0, name),
                Token::Profile => names.insert(0, "profile"),
                Token::Events => names.insert(0, "events"),
                _ => break,
            }
            index -= 1;
            if self.before(index) != Some(Token::Dot) {
                break;
            }
            index -= 1;
        }
        (names, index)
    }

    /// What may stand where the token of index `at` is, or would be.
    fn at(&self, at: usize) -> Vec<Completion> {
        let Some(before) = self.before(at) else { return keywords(ITEMS) };
        if before == Token::Dot {
            return self.after_dot(at);
        }
        let Some((scope, resolver)) = self.scope(at) else { return Vec::new() };
        let first = self.tokens.get(at).is_some_and(|lexeme| lexeme.first);
        if scope.block == Some("test")
            && let Some(items) = self.in_data_of_test(at, first, &scope, &resolver)
        {
            return items;
        }
        match before {
            Token::RBrace if scope.block.is_none() => keywords(ITEMS),
            Token::LBrace if scope.block == Some("segment") => keywords(&SEGMENT[..1]),
            Token::LBrace if scope.block == Some("propensity") => keywords(PROPENSITY),
            Token::LBrace if scope.block == Some("test") => keywords(TEST),
            Token::Segment if scope.block.is_none() => Vec::new(),
            Token::Let | Token::Param | Token::Event | Token::As | Token::Propensity => Vec::new(),
            Token::Colon => keywords(TYPES),
            Token::Test => self.named(&[Kind::Segment]),
            Token::Expect => self.profiles_of_test(at),
            Token::Name(_) if at >= 2 && self.before(at - 1) == Some(Token::Expect) => keywords(&["in", "not in"]),
            Token::In | Token::Not if self.expects(at) => self.named(&[Kind::Segment]),
            Token::In => windows(),
            Token::Int(_) if self.is_length(at) => keywords(LENGTHS),
            Token::On => keywords(&["today", "yesterday", "tomorrow"]),
            Token::This | Token::Name("this") if self.after_in(at) => keywords(UNITS),
            Token::Name("last" | "next" | "previous") if self.after_in(at) => durations(),
            Token::Last | Token::Next | Token::Previous | Token::Within | Token::AfterAtLeast
                if !scope.is_source || before != Token::Last =>
            {
                let mut items = durations();
                items.extend(self.named(&[Kind::Param]));
                items
            }
            _ if scope.before_of && !before.ends_operand() => {
                let mut items = self.values_and_names(at, &scope, &resolver);
                items.extend(self.event_types(&[]));
                items
            }
            _ if scope.is_source => self.sources(&scope),
            _ if before.ends_operand() => self.operators(at, &scope, &resolver, first),
            _ => self.values_and_names(at, &scope, &resolver),
        }
    }

    /// Whether the number before is a length without its unit.
    fn is_length(&self, at: usize) -> bool {
        let before = self.before(at - 1);
        match before {
            Some(Token::Last | Token::Next | Token::Previous) => self.after_in(at - 1),
            Some(Token::Name("last" | "next" | "previous")) => self.after_in(at - 1),
            Some(Token::Within | Token::AfterAtLeast) => true,
            _ => false,
        }
    }

    /// Whether the word before stands behind `in`.
    fn after_in(&self, at: usize) -> bool {
        matches!(self.before(at.saturating_sub(1)), Some(Token::In | Token::Name("in")))
    }

    /// Fields, and the rest of an event type's name.
    fn after_dot(&self, at: usize) -> Vec<Completion> {
        let (names, start) = self.path_before(at - 1);
        let Some((scope, resolver)) = self.scope(start) else { return Vec::new() };
        let mut subjects: Vec<Bound> = scope.steps.iter().chain(&scope.subjects).cloned().collect();
        subjects.extend(self.subject_of_test(start, &scope));
        let mut items = Vec::new();
        let is_type =
            scope.block == Some("test") && matches!(test_data::place(self.tokens, start), Some((Place::EventType, _)));
        if is_type {
            return self.event_types(&names);
        }
        if scope.is_source || scope.before_of {
            items.extend(self.event_types(&names));
        }
        if let Some(object) = resolver.object(&names, &subjects).and_then(|id| resolver.schema.object(id)) {
            items.extend(object.fields.iter().map(|(name, f)| field(name, f, true)));
        }
        items
    }

    /// Event types whose names go on after these, with what comes next of each.
    pub fn event_types(&self, names: &[&str]) -> Vec<Completion> {
        let Some(schema) = self.analysis.schema() else { return Vec::new() };
        let prefix: String = names.iter().map(|name| format!("{name}.")).collect();
        let mut items: Vec<Completion> = Vec::new();
        for (name, event) in &schema.event_types {
            let Some(rest) = name.strip_prefix(&prefix) else { continue };
            let label = if needs_quotes(rest.split('.').next().unwrap_or_default(), !names.is_empty()) {
                format!("`{rest}`")
            } else {
                rest.to_owned()
            };
            let docs = [event.title.as_str(), event.description.as_str()].join("\n\n");
            items.push(completion(&label, CompletionKind::Event, "event type", docs.trim()));
        }
        items
    }

    /// What a collection may be.
    fn sources(&self, scope: &Scope) -> Vec<Completion> {
        let mut items = self.collections(scope.subjects.last());
        items.extend(self.named(&[Kind::Event]));
        items.extend(self.event_types(&[]));
        items.extend(keywords(&["events", "top", "bottom", "groups of"]));
        let aliases = scope.subjects.iter().chain(&scope.steps).filter_map(|bound| bound.alias.as_ref());
        items.extend(aliases.map(|name| completion(name, CompletionKind::Field, "named with `as`", "")));
        items
    }

    /// Lists and maps of a subject.
    fn collections(&self, bound: Option<&Bound>) -> Vec<Completion> {
        let fields = self.fields(bound);
        let holds = |field: &&(&String, &Field)| matches!(field.1.ty.ty, Ty::List(_) | Ty::Map(_) | Ty::Object(_));
        fields.iter().filter(holds).map(|(name, f)| field(name, f, false)).collect()
    }

    pub fn fields(&self, bound: Option<&Bound>) -> Vec<(&'a String, &'a Field)> {
        let (Some(Bound { subject: Subject::Object(id), .. }), Some(schema)) = (bound, self.analysis.schema()) else {
            return Vec::new();
        };
        schema.object(*id).map(|object| object.fields.iter().collect()).unwrap_or_default()
    }

    fn named(&self, kinds: &[Kind]) -> Vec<Completion> {
        let fits = self.definitions().iter().filter(|definition| kinds.contains(&definition.kind));
        fits.map(|definition| {
            let docs = if definition.docs.is_empty() { &definition.title } else { &definition.docs };
            let mut item = completion(&definition.name, CompletionKind::Definition, &definition.head, docs);
            if !definition.params.is_empty() {
                item.insert = format!("{}($1)", definition.name);
            }
            item
        })
        .collect()
    }

    /// An operand: values of the type expected first, then everything that has a value.
    fn values_and_names(&self, at: usize, scope: &Scope, resolver: &Resolver<'_>) -> Vec<Completion> {
        let expected = self.expected(at, scope, resolver);
        let mut items = Vec::new();
        if let Some(ty) = &expected {
            items.extend(literals(&ty.ty));
        }
        let mut fields: Vec<_> = self.fields(scope.subjects.last());
        if let Some(ty) = &expected {
            fields.sort_by_key(|(_, field)| !fits(&field.ty.ty, &ty.ty));
        }
        items.extend(fields.into_iter().map(|(name, f)| field(name, f, false)));
        match scope.subjects.last().map(|bound| &bound.subject) {
            Some(Subject::Scalar(ty)) => {
                items.push(completion("value", CompletionKind::Field, &ty.to_string(), "the element"));
            }
            Some(Subject::Entry(ty)) => {
                items.push(completion("key", CompletionKind::Field, "string", "the entry's key"));
                items.push(completion("value", CompletionKind::Field, &ty.to_string(), "the entry's value"));
            }
            Some(Subject::Object(_) | Subject::Unknown) | None => {}
        }
        let aliases = scope.subjects.iter().chain(&scope.steps).filter_map(|bound| bound.alias.as_ref());
        items.extend(aliases.map(|name| completion(name, CompletionKind::Field, "named with `as`", "")));
        items.extend(self.named(&[Kind::Let, Kind::Param, Kind::Segment]));
        items.extend(functions());
        items.extend(keywords(OPERANDS));
        items
    }

    /// What may follow an operand.
    fn operators(&self, at: usize, scope: &Scope, resolver: &Resolver<'_>, first: bool) -> Vec<Completion> {
        let mut items = Vec::new();
        let (names, _) = self.path_before(at);
        let subjects: Vec<Bound> = scope.steps.iter().chain(&scope.subjects).cloned().collect();
        match resolver.path(&names, &subjects) {
            Some(Type { ty, optional }) => {
                items.extend(keywords(operators_of(&ty)));
                if optional {
                    items.extend(keywords(&["is present", "is absent", "default"]));
                }
            }
            // Behind a literal.
            None if names.is_empty() => {}
            None => items.extend(keywords(&["in", "as", "where", "==", "!=", ">", ">=", "<", "<="])),
        }
        items.extend(keywords(&["and", "or"]));
        if first || scope.subjects.len() == 1 {
            match scope.block {
                Some("segment") => items.extend(keywords(&SEGMENT[1..])),
                Some("propensity") => items.extend(keywords(PROPENSITY)),
                Some("test") => items.extend(keywords(TEST)),
                _ => items.extend(keywords(ITEMS)),
            }
        }
        items
    }

    /// The type that an operator before asks for.
    pub fn expected(&self, at: usize, scope: &Scope, resolver: &Resolver<'_>) -> Option<Type> {
        let mut index = at;
        // Back over the elements of a list.
        while let Some(before) = self.before(index) {
            match before {
                Token::Comma | Token::LBracket | Token::Str(_) | Token::Int(_) | Token::Decimal(_) => index -= 1,
                _ => break,
            }
        }
        let operator = self.before(index)?;
        let gives = operator == Token::Colon && scope.block == Some("test");
        let compares = gives
            || matches!(
                operator,
                Token::EqEq | Token::Ne | Token::Lt | Token::Le | Token::Gt | Token::Ge | Token::In | Token::Assign
            )
            || matches!(operator, Token::HasAny | Token::HasAll | Token::Within | Token::Contains | Token::Between)
            || matches!(operator, Token::StartsWith | Token::EndsWith | Token::Default);
        if !compares {
            return None;
        }
        index -= 1;
        while self.before(index) == Some(Token::Not) {
            index -= 1;
        }
        let (names, _) = self.path_before(index);
        let mut subjects: Vec<Bound> = scope.steps.iter().chain(&scope.subjects).cloned().collect();
        subjects.extend(self.subject_of_test(index, scope));
        let found = resolver.path(&names, &subjects)?;
        Some(match found.ty {
            Ty::List(element) => Type { ty: *element, ..found },
            ty => Type { ty, ..found },
        })
    }

    /// Inside quotes.
    fn inside_text(&self, at: usize, lexeme: &Lexeme<'_>) -> Completions {
        let written = self.text.get(lexeme.start as usize..lexeme.end as usize).unwrap_or_default();
        let closed = written.len() > 1 && written.ends_with('"');
        let (start, end) = (lexeme.start as usize + 1, lexeme.end as usize - usize::from(closed));
        Completions { start, end, items: self.values(at) }
    }

    /// The texts that may stand in quotes at a token.
    fn values(&self, at: usize) -> Vec<Completion> {
        match self.before(at) {
            Some(Token::Import) => return self.files(),
            Some(Token::Schema) | None => return Vec::new(),
            _ => {}
        }
        let Some((scope, resolver)) = self.scope(at) else { return Vec::new() };
        match self.expected(at, &scope, &resolver).map(|ty| ty.ty) {
            Some(Ty::Enum(values)) => {
                let value = |(value, title): &(String, String)| completion(value, CompletionKind::Value, title, "");
                values.values.iter().map(value).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The other files of the project, as an import would write them.
    fn files(&self) -> Vec<Completion> {
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let others = self.analysis.workspace.files.iter().map(|file| file.path.as_str());
        others
            .filter(|path| *path != self.path)
            .map(|path| {
                let shown = path.strip_prefix(&format!("{folder}/")).unwrap_or(path);
                completion(shown, CompletionKind::File, "file of the project", "")
            })
            .collect()
    }
}
