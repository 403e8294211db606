//! Case. The engine's own folding depends on the database's collation, so that ICU's root collation is named, which every
//! usual build has. Invariant: a text is folded code point by code point, as Unicode's simple mappings say.

use crate::sql::dialect::Case;
use crate::sql::fold::{recent_letters, translated};
use crate::sql::tree::Expr;

/// ICU's root collation.
const ROOT: &str = "\"und-x-icu\"";

pub(super) fn fold(text: Expr, case: Case, exact: bool) -> Expr {
    match case {
        Case::Lower => {
            // ICU makes two code points of İ, and another letter of Σ at the end of a word.
            let (mut from, mut to) = ("İΣ".to_owned(), "iσ".to_owned());
            if exact {
                recent_letters().for_each(|(upper, lower)| {
                    from.push(upper);
                    to.push(lower);
                });
            }
            let text = translate(text, &from, &to);
            Expr::call("lower", [Expr::Collate { expr: Box::new(text), collation: ROOT }])
        }
        // ICU makes two letters and more of about a hundred.
        Case::Upper | Case::AsciiLower => translated(text, case),
    }
}

pub(super) fn odd_letters(case: Case) -> Vec<char> {
    match case {
        Case::Lower => recent_letters().flat_map(|(upper, lower)| [upper, lower]).collect(),
        Case::Upper | Case::AsciiLower => vec![],
    }
}

fn translate(text: Expr, from: &str, to: &str) -> Expr {
    Expr::call("translate", [text, Expr::text(from), Expr::text(to)])
}
