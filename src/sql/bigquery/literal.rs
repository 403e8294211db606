//! Constants as BigQuery reads them. Invariant: the engine gives a literal the value and the type that it was made of.

use crate::sql::literal::{date, digits, float, timestamp};
use crate::sql::quote;
use crate::sql::tree::Literal;

pub(super) fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Bool(true) => "TRUE".to_owned(),
        Literal::Bool(false) => "FALSE".to_owned(),
        Literal::Int(i64::MIN) => "CAST('-9223372036854775808' AS INT64)".to_owned(),
        Literal::Int(value) => value.to_string(),
        Literal::Decimal { unscaled, scale, .. } => format!("BIGNUMERIC '{}'", digits(*unscaled, *scale)),
        Literal::Float(value) => float(*value),
        Literal::Text(text) => quote::numbered(text, '\'', &[]),
        Literal::Date(days) => match date(*days) {
            Some(text) => format!("DATE '{text}'"),
            None => format!("DATE_FROM_UNIX_DATE({days})"),
        },
        Literal::Timestamp(micros) => match timestamp(*micros) {
            Some(text) => format!("TIMESTAMP '{text}+00'"),
            None => format!("TIMESTAMP_MICROS({micros})"),
        },
        Literal::LocalTimestamp(micros) => match timestamp(*micros) {
            Some(text) => format!("DATETIME '{text}'"),
            None => format!("DATETIME(TIMESTAMP_MICROS({micros}))"),
        },
    }
}
