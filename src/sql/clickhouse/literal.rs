//! Constants as ClickHouse reads them. Invariant: the engine gives a literal the value and the kind that it was made of;
//! small integers have a type of their own, which widens by itself.

use crate::sql::literal::{date, digits, float, timestamp};
use crate::sql::quote;
use crate::sql::tree::Literal;

pub(super) fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Bool(true) => "true".to_owned(),
        Literal::Bool(false) => "false".to_owned(),
        Literal::Int(value) if i32::try_from(*value).is_ok() => value.to_string(),
        Literal::Int(value) => format!("toInt64('{value}')"),
        Literal::Decimal { unscaled, scale, .. } => {
            format!("toDecimal128('{}', {scale})", digits(*unscaled, *scale))
        }
        Literal::Float(value) => float(*value),
        Literal::Text(text) => quote::backslashed(text, '\''),
        Literal::Date(days) => match date(*days) {
            Some(text) => format!("toDate32('{text}')"),
            None => format!("addDays(toDate32('1970-01-01'), {days})"),
        },
        Literal::Timestamp(micros) | Literal::LocalTimestamp(micros) => match timestamp(*micros) {
            Some(text) => format!("toDateTime64('{text}', 6, 'UTC')"),
            None => format!("fromUnixTimestamp64Micro(toInt64('{micros}'), 'UTC')"),
        },
    }
}
