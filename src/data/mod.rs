//! Data in and out: files of NDJSON, CSV, Parquet and Arrow into a data set, members into files. Names `project`,
//! `schema`, `store` and what lies below; alone names the crates that read and write formats. Invariant: no input makes
//! it panic or answer wrongly in silence: what could not be used is absent or left out, and counted in the [`Report`].

use std::sync::Arc;

use crate::store::Dataset;

pub mod atomic;
mod cell;
mod columnar;
mod csv;
mod errors;
pub mod files;
pub mod generate;
pub mod ingest;
pub mod init;
pub mod json;
mod load;
pub mod matrix;
pub mod observe;
pub mod output;
mod parquet;
mod parquet_flat;
mod parquet_group;
mod parquet_pages;
mod parquet_runs;
pub mod parse;
pub mod partitions;
mod progress;
mod read;
pub mod report;
pub mod scores;
pub mod shape;
mod sink;
mod whole;

pub use load::{Records, from_json_records, load, load_observed, reads_propensities, reads_propensity, with_scores};
pub use progress::Progress;
pub use report::Report;

/// A data set with the report on how it was read.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The data.
    pub dataset: Arc<Dataset>,
    /// What was found.
    pub report: Report,
}
