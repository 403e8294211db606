//! The one test binary.

mod diagnostics;
mod schema;
