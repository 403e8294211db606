//! Constants as DataFusion reads them. Invariant: the engine gives a literal the value and the type that it was made of.

use crate::sql::literal::{date, digits, float, timestamp};
use crate::sql::quote::{self, Piece};
use crate::sql::tree::Literal;

pub(super) fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Bool(true) => "TRUE".to_owned(),
        Literal::Bool(false) => "FALSE".to_owned(),
        Literal::Int(i64::MIN) => "CAST('-9223372036854775808' AS BIGINT)".to_owned(),
        Literal::Int(value) => value.to_string(),
        // With a point, digits would be a double.
        Literal::Decimal { unscaled, precision, scale } => {
            format!("CAST('{}' AS DECIMAL({}, {scale}))", digits(*unscaled, *scale), (*precision).min(38))
        }
        Literal::Float(value) => float(*value),
        Literal::Text(value) => text(value),
        Literal::Date(days) => match date(*days) {
            Some(text) => format!("DATE '{text}'"),
            None => format!("CAST(CAST({days} AS INT) AS DATE)"),
        },
        Literal::Timestamp(micros) => match timestamp(*micros) {
            Some(text) => format!("CAST('{text}Z' AS TIMESTAMP(6) WITH TIME ZONE)"),
            None => format!("CAST({micros} AS TIMESTAMP(6) WITH TIME ZONE)"),
        },
        Literal::LocalTimestamp(micros) => match timestamp(*micros) {
            Some(text) => format!("CAST('{text}' AS TIMESTAMP(6))"),
            None => format!("CAST({micros} AS TIMESTAMP(6))"),
        },
    }
}

/// There are no escapes: disguised characters are written as their numbers, between the parts of the text.
fn text(text: &str) -> String {
    if quote::is_plain(text) {
        return quote::single_quoted(text);
    }
    let part = |piece: &Piece<'_>| match piece {
        Piece::Plain(text) => quote::single_quoted(text),
        Piece::Character(c) => format!("chr({})", u32::from(*c)),
    };
    // One text whatever it is joined from, which is read in halves: a long chain would be too deep.
    fn joined(parts: &[String]) -> String {
        match parts {
            [one] => one.clone(),
            all => {
                let (left, right) = all.split_at(all.len() / 2);
                format!("({} || {})", joined(left), joined(right))
            }
        }
    }
    joined(&quote::pieces(text).iter().map(part).collect::<Vec<_>>())
}
