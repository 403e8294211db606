//! The plan: its rewrite rules, each over every combination of values.

mod evaluate;
mod rules;
