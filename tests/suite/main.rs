//! The one test binary.

mod diagnostics;
mod schema;
mod vector;
