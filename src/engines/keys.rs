//! The keys of ranked segments, as a query carries them and as they are put out. Invariant: a key is the value that a run
//! over files gives, whatever text the database would make of it; its place in the ranking is the database's work.

use super::Fault;
use crate::data::parse;
use crate::sql::tree::Literal;
use crate::sql::{Dialect, Expr};
use crate::types::{Duration, Ty, Value};

/// A key as a column: days and instants as counts, all else as it is.
pub(super) fn carried(key: Expr, ty: &Ty, dialect: &dyn Dialect) -> Result<Expr, Fault> {
    let counted = match ty {
        Ty::Date => dialect.days_between(Expr::Literal(Literal::Date(0)), key),
        Ty::Timestamp => dialect.micros(key),
        Ty::Bool
        | Ty::Int
        | Ty::Decimal(_)
        | Ty::Float
        | Ty::String
        | Ty::Enum(_)
        | Ty::Duration
        | Ty::Probability
        | Ty::Score
        | Ty::Percentile
        | Ty::Bucket
        | Ty::List(_)
        | Ty::Map(_)
        | Ty::Object(_)
        | Ty::Error => Ok(key),
    };
    counted.map_err(|what| Fault(format!("{} cannot express {}", dialect.name(), what.0)))
}

/// The key that a cell holds.
pub(super) fn read(cell: &str, ty: &Ty, dialect: &dyn Dialect) -> Result<Value, Fault> {
    let value = match ty {
        Ty::Int => cell.parse().ok().map(Value::Int),
        Ty::Date => cell.parse().ok().map(Value::Date),
        Ty::Timestamp => cell.parse().ok().map(Value::Timestamp),
        Ty::Duration => cell.parse().ok().map(|micros| Value::Duration(Duration { micros, ..Duration::default() })),
        Ty::Bucket => cell.parse().ok().map(Value::Bucket),
        Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile => cell.parse().ok().map(Value::Float),
        Ty::Decimal(digits) if dialect.abilities().counts_decimals => {
            cell.parse().ok().map(|unscaled| Value::Decimal { unscaled, scale: digits.scale })
        }
        Ty::Decimal(digits) => {
            let exact = parse::exact(cell).ok().and_then(|exact| exact.scaled(38, digits.scale).ok());
            exact.map(|unscaled| Value::Decimal { unscaled, scale: digits.scale })
        }
        Ty::String => Some(Value::String(cell.into())),
        Ty::Bool | Ty::Enum(_) | Ty::List(_) | Ty::Map(_) | Ty::Object(_) | Ty::Error => None,
    };
    value.ok_or_else(|| Fault(format!("`{cell}` is no key of a ranked segment")))
}
