//! Tests and functions of texts. The engine folds ASCII only and has no regular expressions: what goes beyond is refused.
//! Invariant: no letter that the engine leaves as it is can make a difference to what is not refused.

use std::sync::LazyLock;

use crate::sql::dialect::{Built, Case, Dialect, Unsupported};
use crate::sql::tree::{BinaryOp, Expr, Literal};
use crate::vector::pattern::{Node, Pattern};
use crate::vector::text::{lower_char, upper_char};

/// The letters beyond ASCII that become ASCII.
const TO_ASCII: [(&str, &str); 2] = [("İ", "i"), ("\u{212a}", "k")];
const TO_UPPER_ASCII: [(&str, &str); 2] = [("ı", "I"), ("ſ", "S")];

pub(super) fn fold(text: Expr, case: Case, exact: bool) -> Built {
    let first = |text: Expr, letters: [(&str, &str); 2]| {
        letters
            .into_iter()
            .fold(text, |text, (from, to)| Expr::call("replace", [text, Expr::text(from), Expr::text(to)]))
    };
    match case {
        Case::AsciiLower => Ok(Expr::call("lower", [text])),
        _ if exact => Err(Unsupported("the case of letters beyond ASCII".to_owned())),
        Case::Lower => Ok(Expr::call("lower", [first(text, TO_ASCII)])),
        Case::Upper => Ok(Expr::call("upper", [first(text, TO_UPPER_ASCII)])),
    }
}

pub(super) fn odd_letters(case: Case) -> Vec<char> {
    // Found once: it takes a look at every code point.
    static LOWER: LazyLock<Vec<char>> = LazyLock::new(|| changed_by(lower_char));
    static UPPER: LazyLock<Vec<char>> = LazyLock::new(|| changed_by(upper_char));
    match case {
        Case::Lower => LOWER.clone(),
        Case::Upper => UPPER.clone(),
        Case::AsciiLower => vec![],
    }
}

fn changed_by(map: fn(char) -> char) -> Vec<char> {
    let changed = ('\u{80}'..=char::MAX).filter(|&c| map(c) != c);
    changed.flat_map(|c| [c, map(c)]).filter(|c| !c.is_ascii()).collect()
}

/// Patterns that are no more than a text, perhaps at an end.
pub(super) fn matches(dialect: &dyn Dialect, text: Expr, pattern: &str) -> Built {
    let refused = || Unsupported("a regular expression".to_owned());
    if pattern.starts_with("(?i)") {
        return Err(refused());
    }
    let root = Pattern::parse(pattern).map_err(|_| refused())?.root;
    let mut items = match root {
        Node::Concat(items) => items,
        other => vec![other],
    };
    let at_start = items.first() == Some(&Node::Start);
    if at_start {
        items.remove(0);
    }
    let at_end = items.last() == Some(&Node::End);
    if at_end {
        items.pop();
    }
    let letters: Option<String> = items
        .iter()
        .map(|item| match item {
            Node::Char(c) => Some(*c),
            _ => None,
        })
        .collect();
    let part = Expr::text(letters.ok_or_else(refused)?);
    match (at_start, at_end) {
        (true, true) => Ok(text.eq(part)),
        (true, false) => dialect.starts_with(text, part),
        (false, true) => dialect.ends_with(text, part),
        (false, false) => dialect.contains(text, part),
    }
}

/// The parts between a separator that no escape of JSON can hold a part of.
pub(super) fn split(text: Expr, separator: &Expr) -> Built {
    let Expr::Literal(Literal::Text(separator)) = separator else {
        return Err(Unsupported("`split` by a separator that is not a literal".to_owned()));
    };
    let is_safe = |c: char| c.is_ascii_graphic() && !c.is_ascii_alphanumeric() && !matches!(c, '"' | '\\' | '/');
    if !separator.chars().all(is_safe) {
        return Err(Unsupported("`split` by other than punctuation".to_owned()));
    }
    Ok(Expr::with([text], |[text]| {
        let quoted = Expr::call("json_quote", [text.clone()]);
        let parts = Expr::call("replace", [quoted, Expr::text(separator.clone()), Expr::text("\",\"")]);
        let open = Expr::text("[").binary(BinaryOp::Concat, parts);
        open.binary(BinaryOp::Concat, Expr::text("]")).when(text.is_present())
    }))
}
