//! Which word is a keyword where. Few words are reserved; the others are keywords only where a name cannot stand (`like`
//! after an operand, `count` before a parenthesis, `trees` at the beginning of a clause of `propensity`), so that schema
//! fields may be called `date`, `count`, `rank` or `on`. Words that belong together become one token. Imports tokens
//! and `diagnostics::suggest`. Invariant: a word is classified by its neighbours and by the bracket around it alone.

use super::ast::AggregateFn;
use super::token::Token;
use crate::diagnostics::suggest;

mod foreign;

use foreign::{of_other_languages, speaks_of_window};

/// Words that are never names without backquotes, wherever they stand (but after a dot, or before one).
pub const RESERVED: &[&str] = &[
    "and",
    "between",
    "else",
    "evaluate",
    "event",
    "expect",
    "false",
    "for",
    "if",
    "import",
    "in",
    "is",
    "let",
    "nil",
    "not",
    "now",
    "null",
    "or",
    "param",
    "partition",
    "predict",
    "propensity",
    "purpose",
    "rank",
    "sample",
    "schema",
    "segment",
    "test",
    "then",
    "today",
    "tomorrow",
    "true",
    "using",
    "where",
    "yesterday",
];

/// Whether a word is reserved.
pub fn is_reserved(word: &str) -> bool {
    RESERVED.binary_search(&word).is_ok()
}

/// Whether a name must stand in backquotes; `after_dot` where it follows a dot.
pub fn needs_quotes(name: &str, after_dot: bool) -> bool {
    let mut chars = name.chars();
    let word = chars.next().is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c))
        && chars.all(unicode_ident::is_xid_continue);
    let constant = |word: &str| matches!(word, "not" | "true" | "false" | "null" | "nil");
    !word || (!after_dot && (is_reserved(name) || constant(&name.to_ascii_lowercase())))
}

/// Whether a word is a unit of a duration.
pub fn is_unit(word: &str) -> bool {
    let singular = word.strip_suffix('s').unwrap_or(word);
    matches!(singular, "second" | "minute" | "hour" | "day" | "week" | "month" | "quarter" | "year")
}

/// What surrounds a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    /// `segment … {`
    Segment,
    /// `propensity … {`
    Propensity,
    /// `test … {`
    Test,
    /// The `{` of a profile or event of a test.
    Fields,
    /// `events [` of a test.
    Events,
    /// The `{` of a value of a test.
    Object,
    /// Any other `{`.
    Brace,
    /// `(` of an expression or a function over a collection.
    Group,
    /// `(` of a call.
    Call,
    /// `[` of a list.
    List,
    /// `[` of a map's key.
    Key,
}

impl Block {
    /// Whether clauses stand in it.
    pub fn has_clauses(self) -> bool {
        matches!(self, Block::Segment | Block::Propensity | Block::Test | Block::Brace)
    }
}

/// Where a word stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'s> {
    /// The token before it.
    pub previous: Option<Token<'s>>,
    /// Whether an operand ends before it.
    pub infix: bool,
    /// Whether `not` stands before it and an operand ends before that.
    pub after_infix_not: bool,
    /// Whether a clause may begin here.
    pub clause: bool,
    /// Whether it is the first word of its line.
    pub first: bool,
    /// The bracket around it.
    pub block: Option<Block>,
    /// Whether it stands in the head of a `propensity`, where a path may follow a name.
    pub adapter: bool,
    /// Whether `count(` stands before it.
    pub counts: bool,
    /// What follows.
    pub next: Following<'s>,
}

/// What follows a word.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Following<'s> {
    /// The words directly after it, as far as these are words.
    pub words: [Option<&'s str>; 2],
    /// Whether the next is `(`.
    pub paren: bool,
    /// Whether the next is `[`.
    pub bracket: bool,
    /// Whether the next is a whole number, a number or a number with letters.
    pub number: bool,
    /// Whether the next is a string.
    pub string: bool,
    /// Whether the next is a name in backquotes.
    pub quoted: bool,
}

/// A word that is a keyword.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keyword<'s> {
    /// The token.
    pub token: Token<'s>,
    /// How many of the words after it belong to it.
    pub extra: usize,
    /// Whether it is written otherwise than the language writes it.
    pub mistake: Mistake,
}

/// How a keyword is written wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    /// It is right.
    None,
    /// The token's own text, or this one, should be written.
    Write(&'static str),
    /// This is perhaps what is meant.
    Perhaps(&'static str),
    /// `is null`
    Null,
    /// `is empty`
    Empty,
    /// This word is missing before it.
    Missing(&'static str),
    /// It is close to this word.
    Near(&'static str),
}

/// The item word that a word is.
pub(super) fn item(word: &str) -> Option<Token<'static>> {
    Some(match word {
        "schema" => Token::Schema,
        "import" => Token::Import,
        "param" => Token::Param,
        "let" => Token::Let,
        "event" => Token::Event,
        "segment" => Token::Segment,
        "propensity" => Token::Propensity,
        "test" => Token::Test,
        _ => return None,
    })
}

/// The keyword that a word is in its place; absent where it is a name. Item words are not its business.
pub(super) fn keyword<'s>(word: &str, place: &Place<'s>) -> Option<Keyword<'s>> {
    let exact = lookup(word, place).or_else(|| of_other_languages(word, place));
    exact.or_else(|| in_other_case(word, place)).or_else(|| misspelled(word, place))
}

/// One of our words, or another language's, with capital letters.
fn in_other_case<'s>(word: &str, place: &Place<'s>) -> Option<Keyword<'s>> {
    if !word.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    let may_be_name = !place.infix && !place.clause && !place.next.paren;
    if may_be_name && !matches!(lower.as_str(), "not" | "true" | "false" | "null" | "nil") {
        return None;
    }
    let found = lookup(&lower, place).or_else(|| of_other_languages(&lower, place))?;
    let write = match found.mistake {
        Mistake::Write(text) => text,
        Mistake::Perhaps(_) | Mistake::Null | Mistake::Empty => return Some(found),
        Mistake::None | Mistake::Missing(_) | Mistake::Near(_) => found.token.text(),
    };
    Some(Keyword { mistake: if found.token == Token::Null { Mistake::None } else { Mistake::Write(write) }, ..found })
}

/// Words between operands that are long enough to be recognised when misspelled.
const OPERATORS: &[&str] = &[
    "after", "and", "asc", "before", "between", "contains", "default", "desc", "div", "else", "ends", "has",
    "ignoring", "like", "limit", "matches", "satisfy", "starts", "then", "where", "within",
];

/// A word that no name can be in its place, but that is close to a word of the language.
fn misspelled<'s>(word: &str, place: &Place<'s>) -> Option<Keyword<'s>> {
    let begins = place.clause && (place.first || !place.infix);
    let clauses: &[&'static str] = match place.block {
        Some(Block::Segment) if begins => &["where", "rank", "sample"],
        Some(Block::Test) if begins => &["now", "profile", "expect"],
        Some(Block::Propensity) if begins => &[
            "predict", "for", "using", "static", "deny", "cutoffs", "trees", "depth", "seed", "buckets", "require",
            "control", "kind", "scale", "quality",
        ],
        _ => &[],
    };
    let operators = match place.block {
        Some(Block::Segment | Block::Propensity | Block::Group) if place.infix => OPERATORS,
        None if place.infix && !place.adapter => OPERATORS,
        _ => &[],
    };
    if word.len() < 3 || is_reserved(word) || place.next.words[0] == Some("at") {
        return None;
    }
    let near = suggest::closest(word, clauses.iter().chain(operators).copied())?;
    let found = lookup(near, place)?;
    Some(Keyword { mistake: Mistake::Near(near), ..found })
}

fn right<'s>(token: Token<'s>, extra: usize) -> Option<Keyword<'s>> {
    Some(Keyword { token, extra, mistake: Mistake::None })
}

fn wrong<'s>(token: Token<'s>, extra: usize, write: &'static str) -> Option<Keyword<'s>> {
    Some(Keyword { token, extra, mistake: Mistake::Write(write) })
}

fn lookup<'s>(word: &str, place: &Place<'s>) -> Option<Keyword<'s>> {
    let fixed = match word {
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        "if" => Token::If,
        "then" => Token::Then,
        "else" => Token::Else,
        "in" if speaks_of_window(place.next.words) => return wrong(Token::In, 1, "in"),
        "in" => Token::In,
        "between" => Token::Between,
        "where" => Token::Where,
        "true" => Token::True,
        "false" => Token::False,
        "now" => Token::Now,
        "today" => Token::Today,
        "yesterday" => Token::Yesterday,
        "tomorrow" => Token::Tomorrow,
        "null" | "nil" if !place.infix => Token::Null,
        "is" => return is(place),
        _ => return clause(word, place).or_else(|| follower(word, place)).or_else(|| in_position(word, place)),
    };
    right(fixed, 0)
}

/// `is present`, `is absent`, and what people write for them.
fn is<'s>(place: &Place<'s>) -> Option<Keyword<'s>> {
    let null = |token, extra| Some(Keyword { token, extra, mistake: Mistake::Null });
    let known = |word: Option<&'s str>| word.map(str::to_ascii_lowercase);
    match (known(place.next.words[0]).as_deref(), known(place.next.words[1]).as_deref()) {
        (Some("present"), _) => right(Token::IsPresent, 1),
        (Some("absent"), _) => right(Token::IsAbsent, 1),
        (Some("null" | "nil" | "none" | "missing"), _) => null(Token::IsAbsent, 1),
        (Some("empty"), _) => Some(Keyword { token: Token::IsAbsent, extra: 1, mistake: Mistake::Empty }),
        (Some("not"), Some("empty")) => Some(Keyword { token: Token::IsPresent, extra: 2, mistake: Mistake::Empty }),
        (Some("not"), Some("present")) => wrong(Token::IsAbsent, 2, "is absent"),
        (Some("not"), Some("absent")) => wrong(Token::IsPresent, 2, "is present"),
        (Some("not"), Some("null" | "nil" | "none" | "missing")) => null(Token::IsPresent, 2),
        (Some("not"), Some("in")) => wrong(Token::Not, 1, "not"),
        (Some("not"), _) => wrong(Token::Ne, 1, "!="),
        (Some("in"), _) => wrong(Token::In, 1, "in"),
        _ => wrong(Token::EqEq, 0, "=="),
    }
}

/// Words that begin a clause. Reserved ones do so at the beginning of a line too, whatever stands before them.
fn clause<'s>(word: &str, place: &Place<'s>) -> Option<Keyword<'s>> {
    let reserved = match word {
        "rank" => Token::RankBy,
        "sample" => Token::Sample,
        "predict" => Token::Predict,
        "for" => Token::For,
        "using" => Token::Using,
        "expect" => Token::Expect,
        "evaluate" => Token::Evaluate,
        "purpose" => Token::Purpose,
        "partition" => Token::Partition,
        _ => return soft_clause(word, place),
    };
    // Nothing but the clause is written like this, whatever stands before it.
    let shape = match reserved {
        Token::RankBy => place.next.words[0] == Some("by"),
        Token::Sample => place.next.number,
        _ => false,
    };
    if !place.clause && !place.first && !shape {
        return None;
    }
    match (reserved, place.next.words[0]) {
        (Token::RankBy, Some("by")) => right(Token::RankBy, 1),
        (Token::RankBy, _) => wrong(Token::RankBy, 0, "rank by"),
        (token, _) => right(token, 0),
    }
}

fn soft_clause<'s>(word: &str, place: &Place<'s>) -> Option<Keyword<'s>> {
    if !place.clause || place.next.words[0] == Some("at") {
        return None;
    }
    match (place.block, word) {
        (Some(Block::Test), "profile") => return right(Token::Profile, 0),
        (Some(Block::Fields | Block::Object), "events") if place.next.bracket => return right(Token::Events, 0),
        (Some(Block::Propensity), _) => {}
        _ => return None,
    }
    let token = match word {
        "static" => Token::Static,
        "deny" => Token::Deny,
        "cutoffs" => Token::Cutoffs,
        "trees" => Token::Trees,
        "depth" => Token::Depth,
        "seed" => Token::Seed,
        "buckets" => Token::Buckets,
        "require" => Token::Require,
        "control" => Token::Control,
        "kind" => Token::Kind,
        "scale" => Token::Scale,
        "quality" => Token::Quality,
        "max" if place.next.words[0] == Some("age") => return right(Token::MaxAge, 1),
        _ => return None,
    };
    right(token, 0)
}

/// Words that are keywords after a certain token.
fn follower<'s>(word: &str, place: &Place<'s>) -> Option<Keyword<'s>> {
    let window = matches!(place.previous, Some(Token::In | Token::Over)) && begins_amount(place);
    let token = match (word, place.previous) {
        ("last", _) if window => Token::Last,
        ("next", _) if window => Token::Next,
        ("previous", _) if window => Token::Previous,
        ("past", Some(Token::In)) if window => return wrong(Token::Last, 0, "last"),
        ("this", Some(Token::In)) if place.next.words[0].is_some_and(|next| !is_reserved(next)) => Token::This,
        ("every", Some(Token::Cutoffs)) => Token::Every,
        ("salt", _) if place.next.string => Token::Salt,
        ("after", Some(Token::Within)) => Token::After,
        _ => return None,
    };
    right(token, 0)
}

/// Whether a duration may follow: a number, or a word that is not an operator.
fn begins_amount(place: &Place<'_>) -> bool {
    place.next.number
        || place.next.quoted
        || place.next.string
        || place.next.words[0].is_some_and(|word| !is_reserved(word))
}

/// Words that are keywords by whether an operand ends before them.
fn in_position<'s>(word: &str, place: &Place<'s>) -> Option<Keyword<'s>> {
    if place.infix || place.after_infix_not { operator(word, place) } else { operand(word, place) }
}

fn operator<'s>(word: &str, place: &Place<'s>) -> Option<Keyword<'s>> {
    let [first, second] = place.next.words;
    // `like at -2 days` is an event, `from at path` a mapping.
    if first == Some("at") && matches!(place.block, Some(Block::Events | Block::Propensity)) {
        return None;
    }
    let token = match word {
        "contains" => Token::Contains,
        "like" => Token::Like,
        "matches" => Token::Matches,
        "on" => Token::On,
        "before" => Token::Before,
        "div" => Token::IntDiv,
        "default" => Token::Default,
        "of" => Token::Of,
        "by" => Token::By,
        "as" => Token::As,
        "satisfy" => Token::Satisfy,
        "asc" => Token::Asc,
        "desc" => Token::Desc,
        "limit" => Token::Limit,
        "at" => Token::At,
        "over" => Token::Over,
        "ago" => Token::Ago,
        "within" if matches!(first, Some("last" | "next" | "this" | "previous")) => {
            return wrong(Token::In, 0, "in");
        }
        "within" if speaks_of_window(place.next.words) => return wrong(Token::In, 1, "in"),
        "within" => Token::Within,
        "from" if first == Some("now") => return right(Token::FromNow, 1),
        "from" => Token::From,
        "after" if (first, second) == (Some("at"), Some("least")) => return right(Token::AfterAtLeast, 2),
        "after" => Token::After,
        "starts" if first == Some("with") => return right(Token::StartsWith, 1),
        "starts" => return wrong(Token::StartsWith, 0, "starts with"),
        "ends" if first == Some("with") => return right(Token::EndsWith, 1),
        "ends" => return wrong(Token::EndsWith, 0, "ends with"),
        "has" if first == Some("any") => return right(Token::HasAny, 1),
        "has" if first == Some("all") => return right(Token::HasAll, 1),
        "has" => return wrong(Token::Contains, 0, "contains"),
        "ignoring" if first == Some("case") => return right(Token::IgnoringCase, 1),
        "ignoring" if first == Some("year") => return right(Token::IgnoringYear, 1),
        "last" | "next" | "previous" if place.next.number => {
            let token = match word {
                "last" => Token::Last,
                "next" => Token::Next,
                _ => Token::Previous,
            };
            return Some(Keyword { token, extra: 0, mistake: Mistake::Missing("in") });
        }
        _ => return None,
    };
    right(token, 0)
}

fn operand<'s>(word: &str, place: &Place<'s>) -> Option<Keyword<'s>> {
    let token = match word {
        "top" if place.next.number => Token::Top,
        "bottom" if place.next.number => Token::Bottom,
        "distinct" if place.counts => Token::Distinct,
        "groups" if place.next.words[0] == Some("of") => return right(Token::GroupsOf, 1),
        _ if place.next.paren => function(word)?,
        _ => return None,
    };
    right(token, 0)
}

/// The function over a collection that a word before a parenthesis is.
fn function(word: &str) -> Option<Token<'static>> {
    Some(match word {
        "any" => Token::Any,
        "none" => Token::None,
        "all" => Token::All,
        "count" => Token::Count,
        "sequence" => Token::Sequence,
        "sum" => Token::Aggregate(AggregateFn::Sum),
        "min" => Token::Aggregate(AggregateFn::Min),
        "max" => Token::Aggregate(AggregateFn::Max),
        "average" => Token::Aggregate(AggregateFn::Average),
        "first" => Token::Aggregate(AggregateFn::First),
        "last" => Token::Aggregate(AggregateFn::Last),
        "list" => Token::Aggregate(AggregateFn::List),
        _ => return None,
    })
}
