//! Tokens as the grammar sees them. Words that belong together (`starts with`, `rank by`, `is absent`) are one token, and
//! a word is a keyword only where it can be one: see [`super::words`]. Imports the tree's [`AggregateFn`] only.
//! Invariant: the text of a fixed token is what an author writes, so that messages can quote it.

use super::ast::AggregateFn;

/// What a token is to an editor that colours it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenClass {
    /// `segment`, `where`, `and`, …
    Keyword,
    /// `any`, `sum`, `sequence`, …
    Function,
    /// `==`, `+`, …
    Operator,
    /// Brackets, commas, dots.
    Punctuation,
    /// A name of the author or of the schema.
    Name,
    /// A string.
    String,
    /// A number, date, timestamp or duration.
    Number,
    /// What could not be read, or the empty place after a dot.
    Invalid,
}

/// Declares the tokens whose text never varies.
macro_rules! tokens {
    ($($variant:ident $text:literal $class:ident;)*) => {
        /// A token.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Token<'s> {
            $(#[doc = $text] $variant,)*
            /// `sum`, `min`, `max`, `average`, `first`, `last`, `list` before a parenthesis.
            Aggregate(AggregateFn),
            /// A name; backquotes are taken off.
            Name(&'s str),
            /// `10_000`
            Int(&'s str),
            /// `0.7`
            Decimal(&'s str),
            /// The inside of a string, escapes not decoded.
            Str(&'s str),
            /// `2026-11-23`
            Date(&'s str),
            /// `2026-11-23T10:00:00Z`
            Timestamp(&'s str),
            /// `30 days`: amount and unit.
            Duration(&'s str, &'s str),
            /// `3 times`: the number.
            Times(&'s str),
            /// The empty place after a dot that no name follows; already reported.
            Hole,
            /// What cannot be a token; already reported.
            Invalid,
        }

        impl Token<'_> {
            /// The text of a fixed token; of the others what they are ("a name").
            pub fn text(self) -> &'static str {
                match self {
                    $(Token::$variant => $text,)*
                    Token::Aggregate(function) => aggregate_name(function),
                    Token::Name(_) => "a name",
                    Token::Int(_) => "a whole number",
                    Token::Decimal(_) => "a number",
                    Token::Str(_) => "a string",
                    Token::Date(_) => "a date",
                    Token::Timestamp(_) => "a timestamp",
                    Token::Duration(..) => "a duration",
                    Token::Times(_) => "a number of times",
                    Token::Hole => "a missing name",
                    Token::Invalid => "an unreadable text",
                }
            }

            /// What it is to an editor.
            pub fn class(self) -> TokenClass {
                match self {
                    $(Token::$variant => TokenClass::$class,)*
                    Token::Aggregate(_) => TokenClass::Function,
                    Token::Name(_) => TokenClass::Name,
                    Token::Int(_)
                    | Token::Decimal(_)
                    | Token::Date(_)
                    | Token::Timestamp(_)
                    | Token::Duration(..)
                    | Token::Times(_) => TokenClass::Number,
                    Token::Str(_) => TokenClass::String,
                    Token::Hole | Token::Invalid => TokenClass::Invalid,
                }
            }
        }
    };
}

tokens! {
    Schema "schema" Keyword;
    Import "import" Keyword;
    Param "param" Keyword;
    Let "let" Keyword;
    Event "event" Keyword;
    Segment "segment" Keyword;
    Propensity "propensity" Keyword;
    Test "test" Keyword;
    Where "where" Keyword;
    RankBy "rank by" Keyword;
    Asc "asc" Keyword;
    Desc "desc" Keyword;
    Limit "limit" Keyword;
    Sample "sample" Keyword;
    Salt "salt" Keyword;
    Evaluate "evaluate" Keyword;
    Purpose "purpose" Keyword;
    Partition "partition" Keyword;
    From "from" Keyword;
    At "at" Keyword;
    Predict "predict" Keyword;
    For "for" Keyword;
    Using "using" Keyword;
    Static "static" Keyword;
    Deny "deny" Keyword;
    Cutoffs "cutoffs" Keyword;
    Every "every" Keyword;
    Over "over" Keyword;
    Trees "trees" Keyword;
    Depth "depth" Keyword;
    Seed "seed" Keyword;
    Buckets "buckets" Keyword;
    Require "require" Keyword;
    MaxAge "max age" Keyword;
    Control "control" Keyword;
    Kind "kind" Keyword;
    Scale "scale" Keyword;
    Quality "quality" Keyword;
    Profile "profile" Keyword;
    Events "events" Keyword;
    Expect "expect" Keyword;
    And "and" Keyword;
    Or "or" Keyword;
    Not "not" Keyword;
    If "if" Keyword;
    Then "then" Keyword;
    Else "else" Keyword;
    In "in" Keyword;
    Between "between" Keyword;
    IsPresent "is present" Keyword;
    IsAbsent "is absent" Keyword;
    Contains "contains" Keyword;
    StartsWith "starts with" Keyword;
    EndsWith "ends with" Keyword;
    Like "like" Keyword;
    Matches "matches" Keyword;
    HasAny "has any" Keyword;
    HasAll "has all" Keyword;
    Within "within" Keyword;
    On "on" Keyword;
    Before "before" Keyword;
    After "after" Keyword;
    AfterAtLeast "after at least" Keyword;
    IgnoringCase "ignoring case" Keyword;
    IgnoringYear "ignoring year" Keyword;
    Default "default" Keyword;
    IntDiv "div" Keyword;
    Last "last" Keyword;
    Next "next" Keyword;
    This "this" Keyword;
    Previous "previous" Keyword;
    Ago "ago" Keyword;
    FromNow "from now" Keyword;
    True "true" Keyword;
    False "false" Keyword;
    Null "null" Keyword;
    Now "now" Keyword;
    Today "today" Keyword;
    Yesterday "yesterday" Keyword;
    Tomorrow "tomorrow" Keyword;
    Any "any" Function;
    None "none" Function;
    All "all" Function;
    Count "count" Function;
    Sequence "sequence" Function;
    Distinct "distinct" Keyword;
    Of "of" Keyword;
    Satisfy "satisfy" Keyword;
    As "as" Keyword;
    By "by" Keyword;
    Top "top" Keyword;
    Bottom "bottom" Keyword;
    GroupsOf "groups of" Keyword;
    LBrace "{" Punctuation;
    RBrace "}" Punctuation;
    LParen "(" Punctuation;
    RParen ")" Punctuation;
    LBracket "[" Punctuation;
    RBracket "]" Punctuation;
    Comma "," Punctuation;
    Dot "." Punctuation;
    Colon ":" Punctuation;
    Question "?" Punctuation;
    Assign "=" Operator;
    EqEq "==" Operator;
    Ne "!=" Operator;
    Lt "<" Operator;
    Le "<=" Operator;
    Gt ">" Operator;
    Ge ">=" Operator;
    Plus "+" Operator;
    Minus "-" Operator;
    Star "*" Operator;
    Slash "/" Operator;
    Percent "%" Operator;
}

/// A token where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lexeme<'s> {
    /// What it is.
    pub token: Token<'s>,
    /// First byte.
    pub start: u32,
    /// One past the last byte; equal to `start` for a token that the lexer put in (a missing bracket, say).
    pub end: u32,
    /// Whether it is the first of its line.
    pub first: bool,
}

impl Lexeme<'_> {
    /// Whether the lexer put it in where the author left it out.
    pub fn is_inserted(&self) -> bool {
        self.start == self.end
    }
}

impl Token<'_> {
    /// Whether an operand may end here, so that a following word can only be an operator or begin a new clause.
    pub fn ends_operand(self) -> bool {
        matches!(
            self,
            Token::Name(_)
                | Token::Int(_)
                | Token::Decimal(_)
                | Token::Str(_)
                | Token::Date(_)
                | Token::Timestamp(_)
                | Token::Duration(..)
                | Token::Hole
                | Token::Invalid
                | Token::True
                | Token::False
                | Token::Null
                | Token::Now
                | Token::Today
                | Token::Yesterday
                | Token::Tomorrow
                | Token::Ago
                | Token::FromNow
                | Token::IsPresent
                | Token::IsAbsent
                | Token::IgnoringCase
                | Token::IgnoringYear
                | Token::Asc
                | Token::Desc
                | Token::Question
                | Token::RParen
                | Token::RBracket
                | Token::RBrace
        )
    }

    /// Whether it can only be the beginning of an operand, so that after an operand a comma must be missing.
    pub fn only_begins_operand(self) -> bool {
        matches!(
            self,
            Token::Name(_)
                | Token::Int(_)
                | Token::Decimal(_)
                | Token::Str(_)
                | Token::Date(_)
                | Token::Timestamp(_)
                | Token::Duration(..)
                | Token::True
                | Token::False
        )
    }

    /// Whether it begins a top-level item.
    pub fn begins_item(self) -> bool {
        matches!(
            self,
            Token::Schema
                | Token::Import
                | Token::Param
                | Token::Let
                | Token::Event
                | Token::Segment
                | Token::Propensity
                | Token::Test
        )
    }

    /// Whether it is a word that its author may have meant as a name: not one that joins operands.
    pub fn may_be_meant_as_name(self) -> bool {
        let joins = matches!(
            self,
            Token::And | Token::Or | Token::In | Token::Between | Token::If | Token::Then | Token::Else | Token::Not
        );
        self.class() == TokenClass::Keyword && !joins
    }

    /// Whether it closes a bracket.
    pub fn is_closer(self) -> bool {
        matches!(self, Token::RBrace | Token::RParen | Token::RBracket)
    }

    /// Whether it begins a clause of a block.
    pub fn begins_clause(self) -> bool {
        matches!(
            self,
            Token::Where
                | Token::RankBy
                | Token::Sample
                | Token::Predict
                | Token::For
                | Token::Using
                | Token::Expect
                | Token::Profile
                | Token::Evaluate
                | Token::Purpose
                | Token::Partition
        )
    }
}

/// The name of a function over a collection.
pub fn aggregate_name(function: AggregateFn) -> &'static str {
    match function {
        AggregateFn::Any => "any",
        AggregateFn::None => "none",
        AggregateFn::All => "all",
        AggregateFn::Count => "count",
        AggregateFn::Sum => "sum",
        AggregateFn::Min => "min",
        AggregateFn::Max => "max",
        AggregateFn::Average => "average",
        AggregateFn::First => "first",
        AggregateFn::Last => "last",
        AggregateFn::List => "list",
    }
}
