//! Reading data, the project file, outputs.

pub mod show;

mod dirt;
mod formats;
mod ndjson;
mod parse;
mod project;
