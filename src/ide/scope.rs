//! Where a byte offset stands: which subject bare names belong to there, what stands before it. Reads tokens, not the tree, so
//! that it holds in text that is broken at the very place. May import `syntax` and `schema`. Invariant: an answer never
//! depends on what follows the offset, save for the source of an aggregate whose value stands before `of`.

use crate::schema::Schema;
use crate::syntax::token::{Lexeme, Token};
use crate::types::{ObjectId, Ty, Type};

use super::definitions::{Definitions, Kind};

/// What bare names belong to.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// The profile, an event, an item.
    Object(ObjectId),
    /// An element of a list of scalars, which is `value`.
    Scalar(Ty),
    /// An entry of a map: `key` and `value`.
    Entry(Ty),
    /// Nothing is known of it.
    Unknown,
}

/// A subject with the name that `as` gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// What it is.
    pub subject: Subject,
    /// Its name, if it has one.
    pub alias: Option<String>,
}

/// What is around an offset.
#[derive(Debug, Clone)]
pub struct Scope {
    /// From the profile inwards.
    pub subjects: Vec<Bound>,
    /// Events of earlier steps, reached by their names alone.
    pub steps: Vec<Bound>,
    /// The word of the innermost block, if the offset is in one, and of the item.
    pub block: Option<&'static str>,
    /// Whether a collection is named here, not a value.
    pub is_source: bool,
    /// Whether this is the value of `sum(E of C)` and its like, whose collection may not be written yet: then an event
    /// is guessed.
    pub before_of: bool,
}

/// A bracket that is open.
struct Frame {
    opener: usize,
    /// Of a function over a collection, and whether it is a sequence.
    collection: Option<bool>,
    bound: Option<Bound>,
    steps: Vec<Bound>,
    is_source: bool,
    before_of: bool,
}

/// The scope before the token of index `at`; `tokens` are those of the whole file.
pub fn scope(tokens: &[Lexeme<'_>], at: usize, schema: &Schema, definitions: &Definitions) -> Scope {
    let start = item_start(tokens, at);
    let profile = Bound { subject: Subject::Object(schema.profile), alias: None };
    let resolver = Resolver { schema, definitions };
    let mut frames: Vec<Frame> = Vec::new();
    let mut item = tokens.get(start).map(|lexeme| lexeme.token);
    if item.is_some_and(|token| !token.begins_item()) {
        item = None;
    }
    let mut head = matches!(item, Some(Token::Event)).then(|| Frame {
        opener: start,
        collection: Some(false),
        bound: None,
        steps: Vec::new(),
        is_source: false,
        before_of: false,
    });
    let mut index = start;
    while index < at {
        let token = tokens[index].token;
        match token {
            Token::LParen | Token::LBracket | Token::LBrace => {
                let function = index.checked_sub(1).map(|before| tokens[before].token);
                let collection = match (token, function) {
                    (Token::LParen, Some(Token::Sequence)) => Some(true),
                    (Token::LParen, Some(f)) if is_aggregate(f) => Some(false),
                    _ => None,
                };
                let before_of = collection == Some(false) && matches!(function, Some(Token::Aggregate(_)));
                frames.push(Frame {
                    opener: index,
                    collection,
                    bound: before_of.then(|| resolver.event()),
                    steps: Vec::new(),
                    is_source: collection.is_some() && !before_of,
                    before_of,
                });
                if collection == Some(false) {
                    value_before_of(tokens, index, at, &mut frames, &profile, &resolver);
                }
            }
            Token::RParen | Token::RBracket | Token::RBrace => {
                frames.pop();
            }
            _ => step(tokens, index, &mut frames, head.as_mut(), &profile, &resolver),
        }
        index += 1;
    }
    let chain = || head.iter().chain(&frames);
    let mut subjects = vec![profile.clone()];
    subjects.extend(chain().filter_map(|frame| frame.bound.clone()));
    let steps = chain().flat_map(|frame| frame.steps.clone()).collect();
    let last = chain().last();
    let is_source = last.is_some_and(|frame| frame.collection.is_some() && frame.is_source);
    let braces = frames.iter().any(|frame| matches!(tokens[frame.opener].token, Token::LBrace));
    let before_of = last.is_some_and(|frame| frame.before_of);
    Scope { subjects, steps, block: item.filter(|_| braces).map(Token::text), is_source, before_of }
}

/// The item that the token is in: where its reserved word stands at the beginning of a line.
fn item_start(tokens: &[Lexeme<'_>], at: usize) -> usize {
    let mut index = at.min(tokens.len());
    while index > 0 {
        index -= 1;
        if tokens[index].first && tokens[index].token.begins_item() {
            return index;
        }
    }
    0
}

fn is_aggregate(token: Token<'_>) -> bool {
    matches!(token, Token::Any | Token::None | Token::All | Token::Count | Token::Aggregate(_))
}

/// In `sum(E of C)` the value stands before its collection: if the offset lies in `E`, `C` is looked up behind it.
fn value_before_of(
    tokens: &[Lexeme<'_>],
    open: usize,
    at: usize,
    frames: &mut [Frame],
    profile: &Bound,
    resolver: &Resolver<'_>,
) {
    let mut depth = 0usize;
    for (index, lexeme) in tokens.iter().enumerate().skip(open + 1).take(400) {
        match lexeme.token {
            Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
            Token::RParen | Token::RBracket | Token::RBrace if depth == 0 => return,
            Token::RParen | Token::RBracket | Token::RBrace => depth -= 1,
            Token::Of | Token::Name("of") if depth == 0 => {
                let (outer, frame) = split(frames);
                if index >= at {
                    let bound = read_source(tokens, index + 1, outer, profile, resolver).map(|(bound, _)| bound);
                    if let Some(frame) = frame {
                        frame.bound = bound;
                        frame.is_source = false;
                    }
                }
                return;
            }
            Token::Where | Token::Satisfy if depth == 0 => return,
            _ => {}
        }
    }
}

fn split(frames: &mut [Frame]) -> (Vec<Bound>, Option<&mut Frame>) {
    match frames.split_last_mut() {
        Some((last, outer)) => (outer.iter().filter_map(|frame| frame.bound.clone()).collect(), Some(last)),
        None => (Vec::new(), None),
    }
}

/// One token of a collection: a source begins, ends, is named.
fn step(
    tokens: &[Lexeme<'_>],
    index: usize,
    frames: &mut [Frame],
    head: Option<&mut Frame>,
    profile: &Bound,
    resolver: &Resolver<'_>,
) {
    let in_head = frames.is_empty();
    let (mut outer, frame) = split(frames);
    let Some(frame) = (if in_head { head } else { frame }) else { return };
    let Some(is_sequence) = frame.collection else { return };
    let before = tokens[index - usize::from(index > 0)].token;
    match tokens[index].token {
        Token::Then if is_sequence => {
            if let Some(bound) = frame.bound.take().filter(|bound| bound.alias.is_some()) {
                frame.steps.push(bound);
            }
            frame.is_source = true;
        }
        Token::Distinct => {
            frame.bound.get_or_insert_with(|| resolver.event());
            frame.is_source = false;
            frame.before_of = true;
        }
        Token::Of | Token::GroupsOf => {
            frame.bound = None;
            frame.is_source = true;
            frame.before_of = false;
        }
        Token::Assign if in_head => frame.is_source = true,
        Token::As => {}
        Token::Name(name) if matches!(before, Token::As) => {
            if let Some(bound) = &mut frame.bound {
                bound.alias = Some(name.to_owned());
            }
        }
        Token::Name(_) | Token::Events if frame.is_source && !matches!(before, Token::Dot) => {
            outer.extend(frame.steps.iter().cloned());
            if let Some((bound, _)) = read_source(tokens, index, outer, profile, resolver) {
                frame.bound = Some(bound);
            }
        }
        Token::Where | Token::Satisfy | Token::In | Token::On | Token::By | Token::Within => frame.is_source = false,
        _ => {}
    }
}

/// The subject of the source whose path begins at a token, and the token behind it.
fn read_source(
    tokens: &[Lexeme<'_>],
    start: usize,
    outer: Vec<Bound>,
    profile: &Bound,
    resolver: &Resolver<'_>,
) -> Option<(Bound, usize)> {
    let (mut index, mut names) = (start, Vec::new());
    // `top 3 of C`, `groups of C`: the collection behind them.
    while let Some(lexeme) = tokens.get(index) {
        match lexeme.token {
            Token::Top | Token::Bottom | Token::Int(_) | Token::Of | Token::GroupsOf | Token::Not => index += 1,
            _ => break,
        }
    }
    while let Some(lexeme) = tokens.get(index) {
        match lexeme.token {
            Token::Name(name) => names.push(name),
            Token::Events if names.is_empty() => names.push("events"),
            Token::Dot => {}
            token if !names.is_empty() && matches!(tokens[index - 1].token, Token::Dot) => names.push(token.text()),
            _ => break,
        }
        index += 1;
    }
    if names.is_empty() {
        return None;
    }
    let mut subjects = vec![profile.clone()];
    subjects.extend(outer);
    Some((Bound { subject: resolver.source(&names, &subjects), alias: None }, index))
}

/// Finds what names mean.
pub struct Resolver<'a> {
    /// The data.
    pub schema: &'a Schema,
    /// The project's definitions.
    pub definitions: &'a Definitions,
}

impl Resolver<'_> {
    /// An event.
    fn event(&self) -> Bound {
        Bound { subject: Subject::Object(self.schema.event), alias: None }
    }

    /// The elements of the source that a path names.
    fn source(&self, names: &[&str], subjects: &[Bound]) -> Subject {
        let event = Subject::Object(self.schema.event);
        if names == ["events"] || self.schema.event_types.contains_key(&names.join(".")) {
            return event;
        }
        if let [name] = names
            && self.definitions.get(name).is_some_and(|definition| definition.kind == Kind::Event)
        {
            return event;
        }
        match self.path(names, subjects).map(|ty| ty.ty) {
            Some(Ty::List(element)) => match *element {
                Ty::Object(id) => Subject::Object(id),
                other => Subject::Scalar(other),
            },
            Some(Ty::Map(value)) => Subject::Entry(*value),
            _ => Subject::Unknown,
        }
    }

    /// The type of a path's value; for a path through lists that of its elements.
    pub fn path(&self, names: &[&str], subjects: &[Bound]) -> Option<Type> {
        let (first, rest) = names.split_first()?;
        let aliased = subjects.iter().rev().find(|bound| bound.alias.as_deref() == Some(*first));
        let start = match aliased {
            Some(bound) => match &bound.subject {
                Subject::Object(id) => Type::required(Ty::Object(*id)),
                Subject::Scalar(ty) => Type::required(ty.clone()),
                Subject::Entry(_) | Subject::Unknown => return None,
            },
            None if *first == "profile" => Type::required(Ty::Object(self.schema.profile)),
            None => self.member(&subjects.last()?.subject, first)?,
        };
        rest.iter().try_fold(start, |here, name| self.below(&here.ty, name))
    }

    /// A bare name of a subject.
    fn member(&self, subject: &Subject, name: &str) -> Option<Type> {
        match subject {
            Subject::Object(id) => self.schema.field(*id, name).map(|field| field.ty.clone()),
            Subject::Scalar(ty) | Subject::Entry(ty) if name == "value" => Some(Type::required(ty.clone())),
            Subject::Entry(_) if name == "key" => Some(Type::required(Ty::String)),
            Subject::Scalar(_) | Subject::Entry(_) | Subject::Unknown => None,
        }
    }

    fn below(&self, ty: &Ty, name: &str) -> Option<Type> {
        self.field_below(ty, name).map(|field| field.ty.clone())
    }

    /// The field of a name below a type: through lists and maps, and through the relationship of the field that the
    /// caller stands on.
    pub fn field_below(&self, ty: &Ty, name: &str) -> Option<&crate::schema::Field> {
        self.schema.field(ty.inner_object()?, name)
    }

    /// The object whose fields may follow a path, if one may.
    pub fn object(&self, names: &[&str], subjects: &[Bound]) -> Option<ObjectId> {
        if let Some(id) = self.path(names, subjects).and_then(|ty| ty.ty.inner_object()) {
            return Some(id);
        }
        let (last, before) = names.split_last()?;
        let field = self.field(before, last, subjects)?;
        self.schema.related(field).map(|class| class.object)
    }

    /// The field at the end of a path.
    pub fn field(&self, before: &[&str], last: &str, subjects: &[Bound]) -> Option<&crate::schema::Field> {
        let object = match before {
            [] => match &subjects.last()?.subject {
                Subject::Object(id) => *id,
                Subject::Scalar(_) | Subject::Entry(_) | Subject::Unknown => return None,
            },
            _ => self.object(before, subjects)?,
        };
        self.schema.field(object, last)
    }
}
