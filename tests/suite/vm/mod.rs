//! The evaluator over small data sets made of plain rows, with hand-made plans.

mod bytecode;
mod data;
mod domains;
mod profiles;
mod sequences;
mod windows;
