//! Constants as DuckDB reads them. Invariant: the engine gives a literal the value and the type that it was made of.

use crate::sql::literal;
use crate::sql::quote::{self, Piece};

/// Exact digits; a cast of text where the digits alone would be read as another type.
pub(super) fn decimal(unscaled: i128, precision: u8, scale: u8) -> String {
    let text = literal::digits(unscaled, scale);
    if precision <= 18 { text } else { format!("CAST('{text}' AS DECIMAL({precision}, {scale}))") }
}

/// Disguised characters are escaped byte by byte, so that a literal is what it looks like.
pub(super) fn text_literal(text: &str) -> String {
    if quote::is_plain(text) {
        return quote::single_quoted(text);
    }
    let mut out = String::from("E'");
    for piece in quote::pieces(text) {
        match piece {
            Piece::Plain(text) => out.push_str(&text.replace('\\', "\\\\").replace('\'', "''")),
            Piece::Character('\n') => out.push_str("\\n"),
            Piece::Character('\r') => out.push_str("\\r"),
            Piece::Character('\t') => out.push_str("\\t"),
            Piece::Character(c) => {
                let mut bytes = [0; 4];
                c.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
            }
        }
    }
    out.push('\'');
    out
}

/// An instant; a number where its year has more than four digits.
pub(super) fn timestamp(micros: i64) -> String {
    match literal::timestamp(micros) {
        Some(text) => format!("TIMESTAMPTZ '{text}+00'"),
        None => format!("make_timestamptz({micros})"),
    }
}

/// A civil time.
pub(super) fn local_timestamp(micros: i64) -> String {
    match literal::timestamp(micros) {
        Some(text) => format!("TIMESTAMP '{text}'"),
        None => format!("make_timestamp({micros})"),
    }
}
