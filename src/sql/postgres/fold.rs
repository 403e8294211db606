//! Case. The engine's own folding depends on the database's collation, so that ICU's root collation is named, which every
//! usual build has. Invariant: a text is folded code point by code point, as Unicode's simple mappings say.

use crate::sql::dialect::Case;
use crate::sql::tree::Expr;
use crate::vector::text::{lower_char, upper_char};

/// ICU's root collation.
const ROOT: &str = "\"und-x-icu\"";

pub(super) fn fold(text: Expr, case: Case, exact: bool) -> Expr {
    match case {
        Case::Lower => {
            // ICU makes two code points of İ, and another letter of Σ at the end of a word.
            let (mut from, mut to) = ("İΣ".to_owned(), "iσ".to_owned());
            if exact {
                newer_letters().for_each(|(upper, lower)| {
                    from.push(upper);
                    to.push(lower);
                });
            }
            let text = translate(text, &from, &to);
            Expr::call("lower", [Expr::Collate { expr: Box::new(text), collation: ROOT }])
        }
        Case::Upper => {
            // ICU makes two letters and more of about a hundred: every letter that has one other is named.
            let pairs = ('a'..=char::MAX).map(|c| (c, upper_char(c))).filter(|(c, upper)| c != upper);
            let (from, to): (String, String) = pairs.unzip();
            translate(text, &from, &to)
        }
        Case::AsciiLower => translate(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"),
    }
}

pub(super) fn odd_letters(case: Case) -> Vec<char> {
    match case {
        Case::Lower => newer_letters().flat_map(|(upper, lower)| [upper, lower]).collect(),
        Case::Upper | Case::AsciiLower => vec![],
    }
}

fn translate(text: Expr, from: &str, to: &str) -> Expr {
    Expr::call("translate", [text, Expr::text(from), Expr::text(to)])
}

/// The letters that Unicode has given case since version 11 (2018), upper and lower: an older ICU may leave them.
fn newer_letters() -> impl Iterator<Item = (char, char)> {
    // Georgian, Vithkuqi, Garay, Medefaidrin, Beria Erfe, and Latin and Glagolitic letters.
    let runs = [0x1c89..=0x1cbf, 0x2c2f..=0x2c2f, 0xa7b8..=0xa7ff, 0x10570..=0x10595, 0x10d50..=0x10d65];
    let more = [0x16e40..=0x16e5f, 0x16ea0..=0x16eb8];
    let letters = runs.into_iter().chain(more).flatten().filter_map(char::from_u32);
    letters.map(|upper| (upper, lower_char(upper))).filter(|(upper, lower)| upper != lower)
}
