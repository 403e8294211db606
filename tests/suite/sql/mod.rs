//! The SQL tree's printer and quoting, emitted queries, and what the engine makes of them.

mod civil;
mod emit;
mod engine;
mod hostile;
mod lift;
mod limits;
mod print;
mod quote;
mod registry;
