//! Constants as DuckDB reads them. Invariant: the engine gives a literal the value and the type that it was made of.

use crate::sql::quote::{self, Piece};
use crate::types::MICROS_PER_DAY;
use crate::vector::time;

/// Exact digits; a cast of text where the digits alone would be read as another type.
pub(super) fn decimal(unscaled: i128, precision: u8, scale: u8) -> String {
    let text = digits(unscaled, scale);
    if precision <= 18 { text } else { format!("CAST('{text}' AS DECIMAL({precision}, {scale}))") }
}

/// `unscaled / 10^scale` in digits.
fn digits(unscaled: i128, scale: u8) -> String {
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = usize::from(scale) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// A number with an exponent is a double.
pub(super) fn float(value: f64) -> String {
    let plain = value == 0.0 || (1e-5..1e15).contains(&value.abs());
    // Adding zero makes -0 the 0 that the language prints.
    if plain { format!("{}e0", value + 0.0) } else { format!("{value:e}") }
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

pub(super) fn date_text(days: i32) -> Option<String> {
    let date = time::civil(days);
    (1..=9999).contains(&date.year).then(|| format!("{:04}-{:02}-{:02}", date.year, date.month, date.day))
}

pub(super) fn timestamp(micros: i64) -> String {
    let days = micros.div_euclid(MICROS_PER_DAY) as i32;
    let Some(date) = date_text(days) else { return format!("make_timestamptz({micros})") };
    let of_day = micros.rem_euclid(MICROS_PER_DAY);
    let (seconds, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:06}") };
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("TIMESTAMPTZ '{date} {hour:02}:{minute:02}:{second:02}{fraction}+00'")
}
