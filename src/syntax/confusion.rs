//! Mistakes that are known by the tokens around the one that does not fit: a list in parentheses, a unit with a typing
//! mistake, a window in the wrong place. Imports tokens, `expected` and errors. Invariant: looks at tokens only, and says
//! nothing where it is not sure; the general message is then given.

use super::errors;
use super::expected::Expected;
use super::recover::Report;
use super::token::Token;
use crate::diagnostics::{Applicability, Diagnostic, suggest};
use crate::source::Span;

const UNITS: [&str; 8] = ["seconds", "minutes", "hours", "days", "weeks", "months", "quarters", "years"];

impl Report<'_> {
    /// What the author has probably confused at a token.
    pub(super) fn confusion(&self, at: usize, expected: &Expected) -> Option<Diagnostic> {
        let found = self.token(at)?;
        let before = at.checked_sub(1).and_then(|before| self.token(before));
        self.amount(at, expected)
            .or_else(|| self.name(at))
            .or_else(|| self.inside(at, expected))
            .or_else(|| self.order(at, expected))
            .or_else(|| match (before, found) {
                (Some(Token::Not), Token::EqEq | Token::Assign) => {
                    Some(errors::foreign_operator(self.at(at - 1).to(self.at(at)), "not ==", "!="))
                }
                (Some(Token::And), Token::RankBy | Token::Sample) => {
                    Some(errors::joined_clause(self.at(at - 1), self.text_of(self.at(at))))
                }
                (Some(Token::LBracket), Token::Name(name)) if expected.has("string") && !expected.is_name() => {
                    Some(errors::unquoted_key(self.at(at), name))
                }
                _ => None,
            })
    }

    /// A duration without its number, or with a unit that there is not.
    fn amount(&self, at: usize, expected: &Expected) -> Option<Diagnostic> {
        let before = at.checked_sub(1).and_then(|before| self.token(before));
        let unit = |at: usize| match self.token(at)? {
            Token::Name(word) => {
                let near = suggest::closest(word, UNITS.into_iter())?;
                Some(errors::unknown_unit(self.at(at), word, near))
            }
            _ => None,
        };
        match (before, self.token(at)?) {
            (_, Token::Int(_) | Token::Decimal(_)) if expected.has("duration") => unit(at + 1),
            (Some(Token::Int(_)), Token::Name(_)) => unit(at),
            (_, Token::Name(word @ ("last" | "next" | "previous" | "this"))) if expected.has(word) => {
                let negative = self.token(at + 1) == Some(Token::Minus);
                Some(errors::missing_amount(self.at(at), word, negative))
            }
            _ => None,
        }
    }

    /// A name in quotes, of several words, or with a dash.
    fn name(&self, at: usize) -> Option<Diagnostic> {
        let declares =
            |token| matches!(token, Token::Segment | Token::Let | Token::Param | Token::Event | Token::Propensity);
        let item = |at: Option<usize>| at.and_then(|at| self.token(at)).filter(|token| declares(*token));
        if let (Token::Str(title), Some(item)) = (self.token(at)?, item(at.checked_sub(1))) {
            return Some(errors::title_for_name(self.at(at), &snake(title), item == Token::Segment));
        }
        item(at.checked_sub(2))?;
        let is_part = |at: usize| match self.token(at) {
            Some(Token::Name(_) | Token::Int(_) | Token::Minus) => !self.begins_line(at),
            _ => false,
        };
        let end = (at..).take_while(|&at| is_part(at)).last()?;
        let span = self.at(at - 1).to(self.at(end));
        Some(errors::name_of_words(span, &snake(self.text_of(span))))
    }

    /// What stands in brackets that are not made for it.
    fn inside(&self, at: usize, expected: &Expected) -> Option<Diagnostic> {
        let found = self.token(at)?;
        if !matches!(found, Token::Comma | Token::And | Token::Count | Token::RParen | Token::LParen | Token::Of) {
            return None;
        }
        let opener = self.opener(at)?;
        let owner = opener.checked_sub(1).and_then(|owner| self.token(owner))?;
        let text = self.text_of(self.at(at));
        let plain = || errors::unexpected(self.at(at), &format!("`{text}`"), &expected.to_string());
        Some(match (owner, found) {
            (Token::In | Token::HasAny | Token::HasAll | Token::Within | Token::Contains, Token::Comma)
                if self.token(opener) == Some(Token::LParen) =>
            {
                errors::list_in_parentheses(self.at(opener), self.closer(at).map(|closer| self.at(closer)))
            }
            (Token::Sequence, Token::Comma) => plain()
                .with_help("the steps of a sequence are joined by `then`")
                .with_fix("write `then`", self.at(at), " then", Applicability::Unsafe),
            (Token::Sequence, Token::And) => plain().with_help("the steps of a sequence are joined by `then`"),
            (Token::Sequence, Token::Count) => {
                plain().with_help("a step is an event; to ask for several write, say, `3 times C`")
            }
            (Token::All, Token::RParen) if expected.has("satisfy") => plain()
                .with_help("`where` chooses elements; what all of them must be follows `satisfy`: `all(C satisfy P)`"),
            (Token::Count, Token::RParen) if expected.has("of") => {
                plain().with_help("different values are counted with `count(distinct E of C)`")
            }
            (Token::Count, Token::Of) => plain().with_help(
                "`count(C)` counts the elements of one collection; different values are counted with `count(distinct E of C)`",
            ),
            (Token::Count, Token::LParen) if self.begins_with_source(opener, at) => plain()
                .with_help("`count` goes through what has a name; the elements of a list that is computed are counted by `size`")
                .with_fix("write `size`", self.at(opener - 1), "size", Applicability::Unsafe),
            (Token::Any | Token::None | Token::All | Token::Aggregate(_), Token::LParen)
                if self.begins_with_source(opener, at) =>
            {
                let help = "goes through what has a name: an event type, a list or a map";
                plain().with_help(format!("`{}` {help}", owner.text()))
            }
            _ => return None,
        })
    }

    /// What would be right in another place.
    fn order(&self, at: usize, expected: &Expected) -> Option<Diagnostic> {
        let found = self.token(at)?;
        let before = at.checked_sub(1).and_then(|before| self.token(before));
        let help = match (before, found) {
            (_, Token::In)
                if matches!(self.token(at + 1), Some(Token::Last | Token::Next | Token::Previous | Token::This)) =>
            {
                "a window stands behind a date or timestamp, or directly behind the source of a collection, before `where`"
            }
            (Some(before), Token::Within | Token::AfterAtLeast) if before.ends_operand() && self.in_sequence(at) => {
                "the gap of a step stands before its `where`: `then C within 1 hour where P`"
            }
            (Some(before), Token::As) if before.ends_operand() => {
                "the name of an element stands directly behind its source: `C as c in last …`"
            }
            (_, Token::Limit) | (_, Token::Name("limit")) if expected.is_segment_clause() => {
                "`limit` belongs to a rank: `rank by E desc limit N`"
            }
            (Some(Token::Int(_)), Token::Int(_)) => "digits are grouped with `_`, as in `10_000`",
            (_, Token::Name(word)) if expected.is_item() && word.eq_ignore_ascii_case("select") => {
                "a segment is its condition alone, `segment NAME { where … }`; `segc compile` writes the SELECT"
            }
            (Some(Token::Name(word)), _) if word.eq_ignore_ascii_case("select") => {
                "values of a collection are gathered by functions, as in `sum(E of C)`; there is no SELECT"
            }
            (_, Token::Name(word))
                if expected.is_item()
                    && ["order", "sort", "group"].iter().any(|sql| word.eq_ignore_ascii_case(sql)) =>
            {
                "members are ordered by a clause of their segment: `segment NAME { where … rank by E desc limit N }`"
            }
            (_, Token::Name("xor")) => "one of two, but not both: `(a or b) and not (a and b)`",
            (_, Token::Name("since")) => "windows are `in last …`, `after …`, `between … and …`",
            (_, Token::Name("until")) => "windows are `in last …`, `before …`, `between … and …`",
            _ => return None,
        };
        let text = self.text_of(self.at(at));
        Some(errors::unexpected(self.at(at), &format!("`{text}`"), &expected.to_string()).with_help(help))
    }

    /// Whether what ends before a token is the path behind a bracket, or behind an `of` in it.
    fn begins_with_source(&self, opener: usize, at: usize) -> bool {
        let path = (opener..at).rev().find(|&at| !matches!(self.token(at), Some(Token::Name(_) | Token::Dot)));
        path.is_some_and(|before| before == opener || self.token(before) == Some(Token::Of))
    }

    /// Whether a token stands in a step of a sequence.
    fn in_sequence(&self, at: usize) -> bool {
        let owner = self.opener(at).and_then(|opener| opener.checked_sub(1));
        owner.and_then(|owner| self.token(owner)) == Some(Token::Sequence)
    }

    /// The bracket around a token.
    fn opener(&self, at: usize) -> Option<usize> {
        let mut depth = 0usize;
        (0..at).rev().find(|&at| match self.token(at) {
            Some(token) if token.is_closer() => {
                depth += 1;
                false
            }
            Some(Token::LParen | Token::LBracket | Token::LBrace) if depth == 0 => true,
            Some(Token::LParen | Token::LBracket | Token::LBrace) => {
                depth -= 1;
                false
            }
            _ => false,
        })
    }

    /// The bracket that closes the one around a token.
    fn closer(&self, at: usize) -> Option<usize> {
        let mut depth = 0usize;
        for at in at.. {
            match self.token(at)? {
                Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
                token if token.is_closer() && depth == 0 => {
                    return Some(at).filter(|at| self.at(*at).start < self.at(*at).end);
                }
                token if token.is_closer() => depth -= 1,
                _ => {}
            }
        }
        None
    }

    /// The place of a token.
    fn at(&self, at: usize) -> Span {
        self.place(at).unwrap_or_default()
    }
}

/// A text as one word of a name.
fn snake(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || c == '_' {
            name.extend(c.to_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    match name.chars().next() {
        None => "name".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("n_{name}"),
        Some(_) => name.to_owned(),
    }
}
