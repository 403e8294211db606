//! Constants as Trino reads them. Invariant: the engine gives a literal the value that it was made of.

use std::fmt::Write as _;

use crate::sql::literal::{date, digits, float, timestamp};
use crate::sql::quote;
use crate::sql::tree::Literal;

pub(super) fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Bool(true) => "TRUE".to_owned(),
        Literal::Bool(false) => "FALSE".to_owned(),
        Literal::Int(i64::MIN) => "CAST('-9223372036854775808' AS BIGINT)".to_owned(),
        Literal::Int(value) => value.to_string(),
        Literal::Decimal { unscaled, scale, .. } => format!("DECIMAL '{}'", digits(*unscaled, *scale)),
        Literal::Float(value) => float(*value).to_uppercase(),
        Literal::Text(value) => text(value),
        Literal::Date(days) => match date(*days) {
            Some(text) => format!("DATE '{text}'"),
            None => format!("date_add('day', {days}, DATE '1970-01-01')"),
        },
        Literal::Timestamp(micros) => match timestamp(*micros) {
            Some(text) => format!("CAST(TIMESTAMP '{text} UTC' AS TIMESTAMP(6) WITH TIME ZONE)"),
            None => {
                format!("CAST(from_unixtime_nanos(DECIMAL '{micros}' * 1000) AS TIMESTAMP(6) WITH TIME ZONE)")
            }
        },
        Literal::LocalTimestamp(micros) => match timestamp(*micros) {
            Some(text) => format!("CAST(TIMESTAMP '{text}' AS TIMESTAMP(6))"),
            None => format!("CAST(from_unixtime_nanos(DECIMAL '{micros}' * 1000) AS TIMESTAMP(6))"),
        },
    }
}

/// Disguised characters are written as their numbers.
fn text(text: &str) -> String {
    if quote::is_plain(text) {
        return quote::single_quoted(text);
    }
    let mut out = String::from("U&'");
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("''"),
            // All of them have four digits.
            c if quote::is_disguised(c) => drop(write!(out, "\\{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}
