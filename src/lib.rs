//! `segc`: a compiler and runner for declarative customer segments.
//!
//! The chain, each stage named by what it gives:
//! text → [`syntax`] → tree → [`check`](hir) → typed tree → [`plan`] → bytecode over the [`store`], SQL, or rule trees.
//! A module names only modules above it in this list.

pub mod limits;
pub mod source;
pub mod types;

pub mod diagnostics;
pub mod syntax;

pub mod schema;
pub mod sql;
pub mod vector;

pub mod project;

pub mod builtins;
pub mod hir;

pub mod check;
pub mod lint;

pub mod plan;

pub mod bytecode;
pub mod emit;

pub mod store;

pub mod data;

pub mod vm;

pub mod propensity;

pub mod engines;

pub mod fmt;

pub mod pipeline;

pub mod ide;

pub mod lsp;

pub mod cli;
