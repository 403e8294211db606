//! The operations of the language ([`ops`]) and their registry: signatures, absent rule, documentation, examples.
//! May name `types` only. Invariant: every operation that can be written has exactly one entry.

pub mod kernels;
pub mod ops;
mod pattern;

pub use ops::{Func, Test};
pub use pattern::{Pattern, like_pattern};
