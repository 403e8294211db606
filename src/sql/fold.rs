//! Case where an engine folds as Unicode's full mappings say: one code point may become several, and a sigma at the end
//! of a word becomes another. What is lower is repaired before the engine's function, what is upper letter by letter.
//! Invariant: exact for the Unicode version of the compiler, which is that of the engines which are tested.

use std::sync::OnceLock;

use super::dialect::Case;
use super::tree::{Expr, Ident};
use crate::vector::text;

/// Letters whose lower case depends on what stands beside them, or is more than one code point.
pub(super) const LOWER_FROM: &str = "İΣ";
/// Their simple lower case.
pub(super) const LOWER_TO: &str = "iσ";

/// Letters whose full upper case is more than one code point.
fn full_upper() -> &'static [char] {
    static LETTERS: OnceLock<Vec<char>> = OnceLock::new();
    LETTERS.get_or_init(|| ('\u{80}'..='\u{ffff}').filter(|c| c.to_uppercase().count() > 1).collect())
}

/// Those of them that have a simple upper case, and what that is.
pub(super) fn greek() -> (String, String) {
    let pairs = full_upper().iter().map(|c| (c.to_string(), text::upper(&c.to_string()).into_owned()));
    pairs.filter(|(letter, upper)| letter != upper).unzip()
}

/// Whether a letter is one whose full upper case is more than one code point.
pub(super) fn has_full_upper(letter: &Ident) -> Expr {
    let list = full_upper().iter().map(|c| Expr::text(c.to_string())).collect();
    Expr::In { expr: Box::new(Expr::Var(letter.clone())), list }
}

/// Every code point that takes part where full and simple mappings differ.
pub(super) fn odd_letters(case: Case) -> Vec<char> {
    match case {
        Case::Lower => vec!['İ', 'i', '\u{307}', 'Σ', 'σ', 'ς'],
        Case::Upper => {
            let several = full_upper().iter().flat_map(|&c| std::iter::once(c).chain(c.to_uppercase()));
            let simple = full_upper().iter().flat_map(|c| text::upper(&c.to_string()).chars().collect::<Vec<_>>());
            several.chain(simple).collect()
        }
        Case::AsciiLower => vec![],
    }
}

/// Case where the documentation does not tell the version of Unicode: the engine's own where that does not matter, else
/// letter by letter.
pub(super) fn undocumented(text: Expr, case: Case, exact: bool) -> Expr {
    match case {
        Case::Lower if !exact => Expr::call("lower", [text]),
        Case::Upper if !exact => Expr::call("upper", [text]),
        Case::Lower | Case::Upper | Case::AsciiLower => translated(text, case),
    }
}

/// A text in another case by a function `translate` that is given every letter, which knows no language and no version.
pub(super) fn translated(text: Expr, case: Case) -> Expr {
    static PAIRS: OnceLock<[(String, String); 2]> = OnceLock::new();
    let of = |fold: fn(char) -> char| ('\u{80}'..=char::MAX).map(|c| (c, fold(c))).filter(|(c, to)| c != to).unzip();
    let [lower, upper] = PAIRS.get_or_init(|| [of(text::lower_char), of(text::upper_char)]);
    let ascii = (ASCII_UPPER.to_owned(), ASCII_LOWER.to_owned());
    let (from, to) = match case {
        Case::AsciiLower => ascii,
        Case::Lower => (ascii.0 + &lower.0, ascii.1 + &lower.1),
        Case::Upper => (ascii.1 + &upper.0, ascii.0 + &upper.1),
    };
    Expr::call("translate", [text, Expr::text(from), Expr::text(to)])
}

const ASCII_UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ASCII_LOWER: &str = "abcdefghijklmnopqrstuvwxyz";

/// Every code point that takes part where an engine may fold by full mappings, or by those of a Unicode since 2018.
pub(super) fn doubtful_letters(case: Case) -> Vec<char> {
    let recent = recent_letters().flat_map(|(upper, lower)| [upper, lower]);
    let full = odd_letters(case);
    if case == Case::AsciiLower { full } else { full.into_iter().chain(recent).collect() }
}

/// The letters that Unicode has given case since version 11 (2018), upper and lower: an older engine may leave them.
pub(super) fn recent_letters() -> impl Iterator<Item = (char, char)> {
    // Georgian, Vithkuqi, Garay, Medefaidrin, Beria Erfe, and Latin and Glagolitic letters.
    let runs = [0x1c89..=0x1cbf, 0x2c2f..=0x2c2f, 0xa7b8..=0xa7ff, 0x10570..=0x10595, 0x10d50..=0x10d65];
    let more = [0x16e40..=0x16e5f, 0x16ea0..=0x16eb8];
    let letters = runs.into_iter().chain(more).flatten().filter_map(char::from_u32);
    letters.map(|upper| (upper, text::lower_char(upper))).filter(|(upper, lower)| upper != lower)
}

/// The letters that Unicode has given case since version 15, upper and lower, which older engines leave as they are.
pub(super) fn newer_letters() -> impl Iterator<Item = (char, char)> {
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
