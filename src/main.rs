//! The `segc` command.
fn main() {}
