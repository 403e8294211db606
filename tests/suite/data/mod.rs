//! Reading data, the project file, outputs.

pub mod show;

mod dirt;
mod formats;
mod generate;
mod init;
mod joined;
mod looked;
mod ndjson;
mod output;
mod pages;
mod parse;
mod partitions;
mod project;
mod whole;

pub use formats::parquet_of_groups;
