//! The one test binary.

mod architecture;
mod diagnostics;
mod schema;
mod vector;
