//! Columns, kernels and civil time.

mod arrays;
mod kernels;
mod pattern;
mod time;
