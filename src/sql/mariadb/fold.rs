//! The letters that the engine knows no other case of: it has those of an old Unicode. Invariant: a superset of where it
//! folds other than the language does, as the test of every letter holds it to.

use std::sync::LazyLock;

use crate::sql::dialect::Case;
use crate::vector::text::{lower_char, upper_char};

/// Letters with case that are not surely among the old, which are of Latin, Greek and Cyrillic.
static NEW: LazyLock<Vec<char>> = LazyLock::new(|| {
    let old = |c: char| matches!(u32::from(c), 0..=0x17f | 0x391..=0x3a9 | 0x3b1..=0x3c9 | 0x400..=0x45f);
    let is_new = |c: &char| {
        let forms = [*c, lower_char(*c), upper_char(*c)];
        (forms[1] != *c || forms[2] != *c) && forms.into_iter().any(|form| !old(form))
    };
    ('\u{80}'..=char::MAX).filter(is_new).collect()
});

/// See [`Dialect::odd_letters`](crate::sql::Dialect::odd_letters).
pub(in crate::sql) fn odd_letters(case: Case) -> Vec<char> {
    // And the old letters that a new one is folded to.
    let folded_to = match case {
        Case::AsciiLower => return vec![],
        Case::Lower => "θß",
        Case::Upper => "ΕΣВДОСТЪ",
    };
    NEW.iter().copied().chain(folded_to.chars()).collect()
}
