//! Columns, kernels and civil time.

mod time;
