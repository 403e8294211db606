//! `segc`: a compiler and runner for declarative customer segments.

pub mod limits;
pub mod source;
pub mod types;

pub mod diagnostics;
pub mod schema;
pub mod syntax;
