//! Diagnostics: their codes and pages, how they are written, and what fixes do.

mod explain;
mod fixes;
pub mod pages;
mod render;
mod suggest;
