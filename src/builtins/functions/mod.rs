//! The functions that are called by name, one file a subject. Names `signature` and `ops`. Invariant: a name occurs
//! once.

use super::registry::Builtin;
use super::signature::{Kind, Param};

mod list;
mod number;
mod text;
mod time;

const fn param(name: &'static str, kind: Kind) -> Param {
    Param { name, kind }
}

/// Every function.
pub(super) fn all() -> impl Iterator<Item = &'static Builtin> {
    text::ALL.iter().chain(number::ALL).chain(time::ALL).chain(list::ALL)
}
