//! Texts where an engine does something of its own with one that is empty. Invariant: null where an operand is.

use super::tree::{Expr, Literal};

/// Every occurrence replaced, where the engine's function `replace` finds an empty text between all letters, or does not
/// tell.
pub(super) fn replaced(text: Expr, from: Expr, to: Expr) -> Expr {
    let replaced = Expr::call("replace", [text.clone(), from.clone(), to]);
    match &from {
        Expr::Literal(Literal::Text(from)) if from.is_empty() => text,
        Expr::Literal(_) => replaced,
        _ => Expr::choose(from.eq(Expr::text("")), text, replaced),
    }
}

/// Whether a part occurs, where the engine does not tell what it makes of an empty one; `found` is its answer.
pub(super) fn contains(text: Expr, part: &Expr, found: Expr) -> Expr {
    match part {
        // True of every text, null of none.
        Expr::Literal(Literal::Text(literal)) if literal.is_empty() => text.clone().eq(text),
        Expr::Literal(_) => found,
        _ => Expr::choose(part.clone().eq(Expr::text("")), text.clone().eq(text), found),
    }
}

/// How many code points a part has, which the compiler counts where it is written out; `length` is the engine's function.
pub(super) fn length(length: &'static str, part: &Expr) -> Expr {
    match part {
        Expr::Literal(Literal::Text(text)) => Expr::int(i64::try_from(text.chars().count()).unwrap_or(i64::MAX)),
        part => Expr::call(length, [part.clone()]),
    }
}
