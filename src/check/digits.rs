//! How many digits the results of arithmetic have. Imports `types` only. Invariant: a result that is [`Fit::Always`] never
//! overflows; one that keeps fewer digits before the point than it could need keeps at least those of a 64-bit integer,
//! and is absent beyond them, as integer arithmetic is.

use crate::hir::Expr;
use crate::types::{Digits, MAX_DIGITS, Ty, Value};

/// The digits of a 64-bit integer.
const INT_DIGITS: u8 = 19;
/// Digits after the point of a quotient and an average.
pub(super) const QUOTIENT_SCALE: u8 = 12;
/// How many more digits a sum has than its values: ten thousand million of them.
const SUM_DIGITS: u8 = 10;

/// The digits of a number as a decimal: those of its type, or of the constant where it is one.
/// `None` for what is neither `int` nor `decimal`.
pub(super) fn of(expr: &Expr) -> Option<Digits> {
    match (expr.as_literal(), &expr.ty.ty) {
        (Some(Value::Int(v)), _) => Some(super::literal::digits_of(i128::from(*v), 0)),
        (_, Ty::Int) => Some(Digits { precision: INT_DIGITS, scale: 0 }),
        (_, Ty::Decimal(digits)) => Some(*digits),
        _ => None,
    }
}

fn whole(digits: Digits) -> u8 {
    digits.precision - digits.scale
}

/// Whether a result fits into its digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Whatever the operands are.
    Always,
    /// Not if it has more digits before the point than are left of 38 beside its scale: then it is absent.
    Within38,
}

/// The digits of a result. Operands that could make more than 38 leave as many before the point as the scale allows; where
/// those are fewer than a 64-bit integer has, `None`.
fn fit(whole: u8, scale: u8) -> Option<(Digits, Fit)> {
    let precision = whole.saturating_add(scale).max(1);
    if precision <= MAX_DIGITS {
        return Some((Digits { precision, scale }, Fit::Always));
    }
    (scale + INT_DIGITS <= MAX_DIGITS).then_some((Digits { precision: MAX_DIGITS, scale }, Fit::Within38))
}

/// The digits that hold values of both.
pub(super) fn common(a: Digits, b: Digits) -> Option<Digits> {
    fit(whole(a).max(whole(b)), a.scale.max(b.scale)).map(|(digits, _)| digits)
}

/// Of `a + b` and `a - b`.
pub(super) fn sum(a: Digits, b: Digits) -> Option<(Digits, Fit)> {
    fit(whole(a).max(whole(b)) + 1, a.scale.max(b.scale))
}

/// Of `a * b`.
pub(super) fn product(a: Digits, b: Digits) -> Option<(Digits, Fit)> {
    fit(whole(a) + whole(b), a.scale + b.scale)
}

/// Of `a / b`: absent beyond 38 digits, as it is absent for zero.
pub(super) fn quotient(a: Digits, b: Digits) -> Digits {
    let precision = (whole(a) + b.scale + QUOTIENT_SCALE).min(MAX_DIGITS);
    Digits { precision, scale: QUOTIENT_SCALE }
}

/// Of `a % b`.
pub(super) fn remainder(a: Digits, b: Digits) -> Digits {
    let scale = a.scale.max(b.scale);
    Digits { precision: (whole(a).min(whole(b)) + scale).clamp(1, MAX_DIGITS), scale }
}

/// What is left of values that are added up: [`SUM_DIGITS`] fewer than 38, so that their sum fits however many they are.
/// Larger values are absent. `None` where fewer than 16 digits would be left before the point.
pub(super) fn summand(values: Digits) -> Option<Digits> {
    let precision = values.precision.min(MAX_DIGITS - SUM_DIGITS);
    (precision == values.precision || values.scale <= QUOTIENT_SCALE).then_some(Digits { precision, ..values })
}

/// Of the sum of any number of such values.
pub(super) fn total(summand: Digits) -> Digits {
    Digits { precision: summand.precision + SUM_DIGITS, scale: summand.scale }
}

/// Of the mean of values.
pub(super) fn mean(values: Digits) -> Digits {
    Digits { precision: (whole(values) + QUOTIENT_SCALE).min(MAX_DIGITS), scale: QUOTIENT_SCALE }
}
