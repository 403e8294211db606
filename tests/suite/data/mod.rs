//! Reading data, the project file, outputs.

pub mod show;

mod ndjson;
mod parse;
mod project;
