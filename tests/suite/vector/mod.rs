//! Columns, kernels and civil time.

mod kernels;
mod pattern;
mod time;
