//! Case. The engine folds by the simple mappings of an older Unicode; what it lacks or has otherwise is repaired.
//! Invariant: a text is folded code point by code point, as Unicode's simple mappings say.

use crate::sql::dialect::Case;
use crate::sql::fold::newer_letters;
use crate::sql::tree::{Expr, Ident};

pub(super) fn fold(text: Expr, case: Case, exact: bool) -> Expr {
    let (upper, lower): (String, String) = newer_letters().unzip();
    let newer = |text, from: &str, to: &str| Expr::call("translate", [text, Expr::text(from), Expr::text(to)]);
    match case {
        Case::Lower if !exact => Expr::call("lower", [text]),
        Case::Lower => newer(Expr::call("lower", [text]), &upper, &lower),
        Case::Upper if !exact => Expr::call("upper", [text]),
        Case::Upper => {
            // The engine makes ẞ of ß, which has no simple uppercase.
            let part = Ident::generated("part");
            let parts = Expr::call("string_split", [text, Expr::text("ß")]);
            let folded = Expr::call("upper", [Expr::Var(part.clone())]);
            let parts = Expr::call("list_transform", [parts, Expr::lambda(&part, folded)]);
            newer(Expr::call("array_to_string", [parts, Expr::text("ß")]), &lower, &upper)
        }
        Case::AsciiLower => {
            let (upper, lower) = ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz");
            Expr::call("translate", [text, Expr::text(upper), Expr::text(lower)])
        }
    }
}

pub(super) fn odd_letters(case: Case) -> Vec<char> {
    let newer = newer_letters().flat_map(|(upper, lower)| [upper, lower]);
    match case {
        Case::Lower => newer.collect(),
        Case::Upper => newer.chain(['ß', 'ẞ']).collect(),
        Case::AsciiLower => vec![],
    }
}
