//! Case. The engine folds by the simple mappings of an older Unicode; what it lacks or has otherwise is repaired.
//! Invariant: a text is folded code point by code point, as Unicode's simple mappings say.

use crate::sql::dialect::Case;
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

/// The letters that Unicode has given case since version 15, upper and lower, which the engine leaves as they are.
fn newer_letters() -> impl Iterator<Item = (char, char)> {
    let single = [
        (0x1c89, 0x1c8a),
        (0xa7cb, 0x264),
        (0xa7cc, 0xa7cd),
        (0xa7ce, 0xa7cf),
        (0xa7d2, 0xa7d3),
        (0xa7d4, 0xa7d5),
        (0xa7da, 0xa7db),
        (0xa7dc, 0x19b),
    ];
    // The scripts Garay and Beria Erfe.
    let runs = [(0x10d50..=0x10d65, 0x20), (0x16ea0..=0x16eb8, 0x1b)];
    let runs = runs.into_iter().flat_map(|(letters, to_lower)| letters.map(move |upper| (upper, upper + to_lower)));
    let pairs = single.into_iter().chain(runs);
    pairs.filter_map(|(upper, lower)| Some((char::from_u32(upper)?, char::from_u32(lower)?)))
}
