//! Reading data, the project file, outputs.

pub mod show;

mod dirt;
mod formats;
mod generate;
mod init;
mod ndjson;
mod output;
mod parse;
mod project;
