//! Constants as Spark reads them. Invariant: the engine gives a literal the value that it was made of, with or without
//! the substitution of variables.

use crate::sql::literal::{date, digits, float, timestamp};
use crate::sql::quote;
use crate::sql::tree::Literal;

pub(super) fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Bool(true) => "TRUE".to_owned(),
        Literal::Bool(false) => "FALSE".to_owned(),
        Literal::Int(value) if i32::try_from(*value).is_ok() => value.to_string(),
        Literal::Int(value) => format!("{value}L"),
        Literal::Decimal { unscaled, scale, .. } => format!("{}BD", digits(*unscaled, *scale)),
        Literal::Float(value) => format!("{}D", float(*value)),
        // `$` would begin a variable.
        Literal::Text(text) => quote::numbered(text, '\'', &['$']),
        Literal::Date(days) => match date(*days) {
            Some(text) => format!("DATE '{text}'"),
            None => format!("date_from_unix_date({days})"),
        },
        Literal::Timestamp(micros) => match timestamp(*micros) {
            Some(text) => format!("TIMESTAMP '{text}Z'"),
            None => format!("timestamp_micros({micros}L)"),
        },
        Literal::LocalTimestamp(micros) => match timestamp(*micros) {
            Some(text) => format!("TIMESTAMP_NTZ '{text}'"),
            None => format!("CAST(timestamp_micros({micros}L) AS TIMESTAMP_NTZ)"),
        },
    }
}
