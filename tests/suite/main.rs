//! The one test binary.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod architecture;
mod check;
mod ci;
mod cli;
mod conformance;
mod data;
mod database;
mod diagnostics;
mod fmt;
mod lint;
mod lsp;
mod oracle;
mod plan;
mod propensity;
mod rules;
mod schema;
mod sql;
mod store;
mod syntax;
mod vector;
mod vm;
