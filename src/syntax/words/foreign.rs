//! Words that SQL, Python or plain English have where the language has another. Imports tokens. Invariant: a word that may be
//! a name in its place is left alone.

use super::{Block, Keyword, Mistake, Place, wrong};
use crate::syntax::ast::AggregateFn;
use crate::syntax::token::Token;

/// Whether `the last`, `the next` and so on follow, as English has it before a length of time.
pub(super) fn speaks_of_window(words: [Option<&str>; 2]) -> bool {
    matches!(words, [Some("the"), Some("last" | "past" | "next" | "previous" | "this")])
}

/// The keyword of ours that such a word stands for.
pub(super) fn of_other_languages<'s>(word: &str, place: &Place<'s>) -> Option<Keyword<'s>> {
    let orders =
        matches!(word, "order" | "sort") && place.next.words[0].is_some_and(|next| next.eq_ignore_ascii_case("by"));
    if orders && place.block == Some(Block::Segment) && (place.clause || place.first) {
        return wrong(Token::RankBy, 1, "rank by");
    }
    if place.infix {
        return match word {
            "equals" | "eq" => wrong(Token::EqEq, 0, "=="),
            "includes" | "include" | "contain" => wrong(Token::Contains, 0, "contains"),
            "startswith" | "starts_with" => wrong(Token::StartsWith, 0, "starts with"),
            "endswith" | "ends_with" => wrong(Token::EndsWith, 0, "ends with"),
            "mod" => wrong(Token::Percent, 0, "%"),
            "ilike" => wrong(Token::Like, 0, "like"),
            "regexp" | "rlike" => wrong(Token::Matches, 0, "matches"),
            "when" | "having" | "filter" => wrong(Token::Where, 0, "where"),
            "overlaps" => wrong(Token::HasAny, 0, "has any"),
            "ignore" if place.next.words[0] == Some("case") => wrong(Token::IgnoringCase, 1, "ignoring case"),
            "during" if matches!(place.next.words[0], Some("last" | "next" | "this" | "previous")) => {
                wrong(Token::In, 0, "in")
            }
            "during" if speaks_of_window(place.next.words) => wrong(Token::In, 1, "in"),
            _ => None,
        };
    }
    if place.clause && place.block == Some(Block::Segment) && matches!(word, "when" | "filter" | "having") {
        return wrong(Token::Where, 0, "where");
    }
    if !place.next.paren {
        return None;
    }
    match word {
        "avg" | "mean" => wrong(Token::Aggregate(AggregateFn::Average), 0, "average"),
        // Of a single value it asks whether that is there: `is present`.
        "exists" => Some(Keyword { token: Token::Any, extra: 0, mistake: Mistake::Perhaps("any") }),
        "some" => wrong(Token::Any, 0, "any"),
        "every" => wrong(Token::All, 0, "all"),
        _ => None,
    }
}
