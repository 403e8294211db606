//! The operations of the language ([`ops`]) and their registry: signatures, absent rule, documentation, examples.
//! Names `types` and `limits` only. Invariant: every operation that can be written has exactly one entry in
//! [`registry::all`], and an entry has no field that may be left out.

pub mod kernels;
pub mod ops;
mod pattern;
pub mod registry;
pub mod signature;

mod aggregates;
mod functions;
mod operators;

pub use ops::{Func, Test};
pub use pattern::like_pattern;
pub use registry::{Builtin, Category, Form, find};
pub use signature::{Absence, Kind, Param, ResultRule, Signature};
