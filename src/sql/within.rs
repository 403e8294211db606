//! A number that is null outside of bounds, where an engine raises an error for what does not fit. Invariant: the number
//! is written once, however large its expression is.

use super::dialect::{Built, Unsupported};
use super::tree::{Expr, Literal, SqlType};

/// The number where it is between two others, null elsewhere: what is cut off at a bound is that bound, and then null.
/// Whether an engine passes over nulls among what it compares, or not, comes to the same.
pub(super) fn between(number: Expr, low: Expr, high: Expr) -> Expr {
    let cut = Expr::call("greatest", [Expr::call("least", [number, high.clone()]), low.clone()]);
    cut.null_if(high).null_if(low)
}

/// An exact number as one of a type, null where it does not fit; `round` is the engine's rounding half away from zero.
pub(super) fn fitting(number: Expr, to: &SqlType) -> Built {
    let digits = |unscaled| Expr::Literal(Literal::Decimal { unscaled, precision: 38, scale: 0 });
    match to {
        SqlType::Int => {
            let (low, high) = (i128::from(i64::MIN) - 1, i128::from(i64::MAX) + 1);
            let rounded = Expr::call("round", [number, Expr::int(0)]);
            Ok(between(rounded, digits(low), digits(high)).cast(SqlType::Int))
        }
        // Days: dates beyond are not the language's.
        SqlType::Int32 => Ok(between(number, digits(-4_000_000), digits(4_000_000)).cast(SqlType::Int32)),
        SqlType::Decimal { precision, scale } if precision - scale < 38 => {
            let limit = 10i128.checked_pow(u32::from(precision - scale)).unwrap_or(i128::MAX);
            let rounded = Expr::call("round", [number, Expr::int(i64::from(*scale))]);
            Ok(between(rounded, digits(-limit), digits(limit)).cast(to.clone()))
        }
        SqlType::Decimal { .. } => Ok(number.cast(to.clone())),
        _ => Err(Unsupported("a number of this type".to_owned())),
    }
}
