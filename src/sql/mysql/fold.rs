//! The letters of which it is not documented what the engine folds them to. Invariant: a superset of where it may fold
//! other than the language does.

use crate::sql::dialect::Case;
use crate::sql::{fold, mariadb};

/// See [`Dialect::odd_letters`](crate::sql::Dialect::odd_letters).
pub(super) fn odd_letters(case: Case) -> Vec<char> {
    // Those of an old Unicode, of which its relative knows no more, and what full mappings would make of others.
    mariadb::odd_letters(case).into_iter().chain(fold::doubtful_letters(case)).collect()
}
