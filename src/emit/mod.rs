//! The plan and the typed tree as something that runs elsewhere. May name everything down to `plan`; each target has its
//! own file. Invariant: a target says no (a diagnostic of band 05) rather than change a segment's meaning.

pub mod bytecode;
pub mod canary;
pub mod ddl;
pub mod errors;
pub mod rules;
pub mod shape;
pub mod sql;
