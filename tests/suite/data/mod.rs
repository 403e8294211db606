//! Reading data, the project file, outputs.

pub mod show;

mod formats;
mod ndjson;
mod parse;
mod project;
