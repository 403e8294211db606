//! The one test binary.

mod schema;
