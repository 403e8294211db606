//! Constants. Invariant: whether a backslash escapes, and what a disguised character looks like, does not matter.

use crate::sql::tree::Literal;
use crate::sql::{literal, quote};
use crate::types::MICROS_PER_DAY;

/// A constant.
pub(super) fn literal(value: &Literal) -> String {
    match value {
        Literal::Bool(true) => "TRUE".to_owned(),
        Literal::Bool(false) => "FALSE".to_owned(),
        Literal::Int(i64::MIN) => "CAST('-9223372036854775808' AS BIGINT)".to_owned(),
        Literal::Int(value) => value.to_string(),
        Literal::Decimal { unscaled, scale, .. } => literal::digits(*unscaled, *scale),
        Literal::Float(value) => format!("CAST('{:e}' AS DOUBLE PRECISION)", value + 0.0),
        Literal::Text(text) => text_literal(text),
        Literal::Date(days) => match literal::date(*days) {
            Some(text) => format!("DATE '{text}'"),
            None => format!("CAST(DATEADD(DAY, {days}, DATE '1970-01-01') AS DATE)"),
        },
        Literal::Timestamp(micros) => match literal::timestamp(*micros) {
            Some(text) => format!("TIMESTAMPTZ '{text}+00'"),
            None => format!("({} AT TIME ZONE 'UTC')", later(*micros)),
        },
        Literal::LocalTimestamp(micros) => match literal::timestamp(*micros) {
            Some(text) => format!("TIMESTAMP '{text}'"),
            None => later(*micros),
        },
    }
}

/// A civil time that is not of the years 1 to 9999, by numbers of 32 bits.
fn later(micros: i64) -> String {
    let (days, of_day) = (micros.div_euclid(MICROS_PER_DAY), micros.rem_euclid(MICROS_PER_DAY));
    let (minutes, rest) = (of_day / 60_000_000, of_day % 60_000_000);
    let day = format!("DATEADD(DAY, {days}, TIMESTAMP '1970-01-01 00:00:00')");
    format!("DATEADD(MICROSECOND, {rest}, DATEADD(MINUTE, {minutes}, {day}))")
}

/// A text; by its bytes where a backslash or a disguised character is in it.
fn text_literal(text: &str) -> String {
    if quote::is_plain(text) && !text.contains('\\') {
        return quote::single_quoted(text);
    }
    let bytes: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("FROM_VARBYTE(FROM_HEX('{bytes}'), 'utf-8')")
}
