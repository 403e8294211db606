//! The SQL tree's printer and quoting.

mod emit;
mod print;
mod quote;
