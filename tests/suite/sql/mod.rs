//! The SQL tree's printer and quoting, emitted queries, and what the engine makes of them.

mod emit;
mod engine;
mod engines;
mod limits;
mod print;
mod quote;
