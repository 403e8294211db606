//! LALRPOP's sets of expected terminals in words an author knows: "an expression", "a clause", "an operator or `)`".
//! Imports `diagnostics::suggest`. Invariant: no raw terminal reaches a text.

use std::fmt;

use super::token::Token;
use crate::diagnostics::suggest;

/// What could have stood at a place.
pub(super) struct Expected<'e> {
    /// Terminals of the grammar, their quotes taken off.
    terminals: Vec<&'e str>,
}

/// The words that begin an item.
const ITEMS: &[&str] = &["schema", "import", "param", "let", "event", "segment", "propensity", "test"];
/// The words that begin a clause.
const CLAUSES: &[&str] = &[
    "where", "rank by", "sample", "predict", "for", "using", "static", "deny", "cutoffs", "trees", "depth", "seed",
    "buckets", "require", "max age", "control", "kind", "scale", "quality", "profile", "expect", "now",
];
/// Words between operands, for suggestions.
const OPERATORS: &[&str] = &[
    "and",
    "or",
    "in",
    "between",
    "is present",
    "is absent",
    "contains",
    "starts with",
    "ends with",
    "like",
    "matches",
    "has any",
    "has all",
    "within",
    "before",
    "after",
    "on",
    "default",
    "div",
    "as",
    "where",
    "of",
    "by",
    "satisfy",
    "then",
    "else",
    "limit",
    "desc",
    "asc",
    "salt",
    "from",
    "at",
    "over",
    "ignoring case",
    "ignoring year",
];

impl<'e> Expected<'e> {
    /// From LALRPOP's list, in which each terminal stands in its own quotes.
    pub fn new(raw: &'e [String]) -> Self {
        Expected { terminals: raw.iter().map(|t| t.trim_matches('"')).collect() }
    }

    /// Whether a terminal is among them.
    pub fn has(&self, terminal: &str) -> bool {
        self.terminals.contains(&terminal)
    }

    /// Whether items may begin here.
    pub fn is_item(&self) -> bool {
        self.has("segment")
    }

    /// Whether only what the line still owes may stand here, such as an expression or a name.
    pub fn is_owed(&self) -> bool {
        !self.terminals.is_empty() && !self.is_item() && !self.is_clause() && !self.is_operator()
    }

    /// Whether the name before this place should not stand there: only `at` would make sense of it.
    pub fn blames_name_before(&self) -> bool {
        matches!(self.terminals[..], ["at"])
    }

    /// Whether a clause of a segment may begin here.
    pub fn is_segment_clause(&self) -> bool {
        self.has("where") && self.has("rank by")
    }

    /// Whether nothing but the end of what is around, or its continuation, is expected.
    pub fn is_complete(&self) -> bool {
        let owes = ["satisfy", "of", "then", "by"].iter().any(|word| self.has(word));
        self.is_item() || ((self.is_clause() || self.is_operator()) && !owes)
    }

    /// Whether a name may stand here.
    pub fn is_name(&self) -> bool {
        self.has("name")
    }

    fn is_expression(&self) -> bool {
        self.has("if") || (self.has("name") && self.has("(") && self.has("["))
    }

    pub fn is_clause(&self) -> bool {
        CLAUSES.iter().filter(|c| self.has(c)).count() >= 2
    }

    fn is_operator(&self) -> bool {
        self.has("and") || self.has("+") || self.has("==")
    }

    /// The word that could stand here and is close to `name`, if there is one.
    pub fn near(&self, name: &str) -> Option<&'static str> {
        let lists = [ITEMS, CLAUSES, OPERATORS];
        suggest::closest(name, lists.into_iter().flatten().copied().filter(|word| self.has(word) && self.suits(word)))
    }

    /// A prefix operator is no suggestion where a name may stand.
    fn suits(&self, word: &str) -> bool {
        !(self.is_name() && OPERATORS.contains(&word) && !self.is_operator())
    }

    fn phrases(&self) -> Vec<String> {
        let mut phrases: Vec<String> = Vec::new();
        let mut say = |condition: bool, phrase: &str| {
            if condition {
                phrases.push(phrase.to_owned());
            }
        };
        let (item, clause, operator) = (self.is_item(), self.is_clause(), self.is_operator());
        let expression = self.is_expression() && !operator;
        say(expression, "an expression");
        let plain = !expression && !operator && self.has("integer") && self.has("string") && self.has("date");
        say(plain, "a value");
        let value = !expression && !operator && !plain;
        let duration = value && self.has("duration");
        say(duration && !self.has("string") && !self.has("{"), "a duration such as `30 days`");
        say(value && self.is_name() && !duration && !clause, "a name");
        say(value && !duration && self.has("string") && !self.has("{"), "a string");
        say(value && !duration && self.has("integer"), "a number");
        say(operator, "an operator");
        say(clause, "a clause");
        say(item, "`segment`, `let`, `event` or another declaration");
        for word in [
            "{", ")", "]", "}", ",", ":", "=", "%", "then", "of", "by", "in", "satisfy", "where", "at", "every",
            "over", "last",
        ] {
            let covered = (expression && word == "{")
                || (word == "where" && (clause || expression))
                || (word == "in" && operator);
            let value_opener = plain && matches!(word, "{" | "[");
            let operator_word = operator && matches!(word, "%" | "=" | "where");
            if self.has(word) && !covered && !value_opener && !operator_word {
                phrases.push(format!("`{word}`"));
            }
        }
        if phrases.is_empty() {
            phrases.extend(self.terminals.iter().filter(|t| !t.contains("invalid")).take(4).map(|t| format!("`{t}`")));
        }
        phrases.truncate(4);
        phrases
    }
}

impl fmt::Display for Expected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phrases = self.phrases();
        match phrases.split_last() {
            None => f.write_str("something else"),
            Some((last, [])) => f.write_str(last),
            Some((last, rest)) => write!(f, "{} or {last}", rest.join(", ")),
        }
    }
}

/// Advice about two neighbouring tokens that mean something else together than their author thinks.
pub(super) fn advice(before: Option<Token<'_>>, found: Token<'_>) -> Option<&'static str> {
    match (before, found) {
        (Some(Token::Int(_)), Token::Comma) => Some("digits are grouped with `_`, as in `10_000`"),
        (Some(Token::RParen), Token::Dot) => Some("a field is taken inside: `first(field of list)`"),
        (Some(Token::Within), Token::Date(_) | Token::Timestamp(_)) => {
            Some("windows are `in last …`, `before …`, `after …`")
        }
        (_, Token::Then) => Some("steps that follow each other stand in `sequence(…)`"),
        (_, Token::Question) => Some("whether a value is there is asked with `is present` and `is absent`"),
        _ => None,
    }
}
