//! Text to tree: tokens, trivia, the parser and its syntax errors.

pub mod ast;
