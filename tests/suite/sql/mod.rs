//! The SQL tree's printer and quoting.

mod print;
mod quote;
