//! Widening: `int` to `decimal` and `float`, a decimal to more digits, text to text, literals to the type they are used
//! at. Imports `digits`. Invariant: a conversion never changes what a present value means; it is either exact or, for
//! `float`, the nearest double.

use super::digits;
use crate::builtins::Func;
use crate::hir::{Expr, ExprKind};
use crate::types::{Digits, Ty, Type, Value};

/// Whether two types are the same to every operation: digits before the point make no difference.
pub(super) fn same(a: &Ty, b: &Ty) -> bool {
    match (a, b) {
        (Ty::Error, _) | (_, Ty::Error) => true,
        (Ty::Decimal(a), Ty::Decimal(b)) => a.scale == b.scale,
        (Ty::List(a), Ty::List(b)) | (Ty::Map(a), Ty::Map(b)) => same(a, b),
        (a, b) => a == b,
    }
}

/// The expression at a wider type; given back where it has none. Enum values of literals and ranges of scales are
/// the caller's business.
pub(super) fn convert(expr: Expr, to: &Ty) -> Result<Expr, Expr> {
    if same(&expr.ty.ty, to) {
        return Ok(retype_list(expr, to));
    }
    if let Some(value) = expr.as_literal() {
        return match constant(value, to) {
            Some(value) => Ok(Expr::literal(value, to.clone(), expr.span)),
            None => Err(expr),
        };
    }
    if let (ExprKind::List(_), Ty::List(element)) = (&expr.kind, to) {
        return convert_list(expr, element);
    }
    match (&expr.ty.ty, to) {
        (Ty::Int, Ty::Decimal(digits)) => {
            let fits = digits.precision - digits.scale >= 19;
            Ok(widen(expr, to, !fits))
        }
        (Ty::Decimal(from), Ty::Decimal(digits)) if from.scale <= digits.scale => {
            let fits = from.precision - from.scale <= digits.precision - digits.scale;
            Ok(widen(expr, to, !fits))
        }
        (Ty::Int, Ty::Float) | (Ty::Enum(_) | Ty::String, Ty::String) => Ok(widen(expr, to, false)),
        (Ty::Decimal(_), Ty::Float) if matches!(expr.kind, ExprKind::Param(_)) => Ok(widen(expr, to, false)),
        (Ty::List(from), Ty::List(element)) if from.is_text() && **element == Ty::String => Ok(widen(expr, to, false)),
        _ => Err(expr),
    }
}

/// An empty list takes the type that is asked of it.
fn retype_list(mut expr: Expr, to: &Ty) -> Expr {
    if let (ExprKind::List(items), Ty::List(_)) = (&expr.kind, to)
        && items.is_empty()
    {
        expr.ty.ty = to.clone();
    }
    expr
}

fn convert_list(expr: Expr, element: &Ty) -> Result<Expr, Expr> {
    let ExprKind::List(items) = &expr.kind else { return Err(expr) };
    let converted: Option<Vec<Expr>> = items.iter().map(|item| convert(item.clone(), element).ok()).collect();
    match converted {
        Some(items) => {
            let ty = Type { ty: Ty::List(Box::new(element.clone())), optional: expr.ty.optional };
            Ok(Expr { kind: ExprKind::List(items), ty, span: expr.span })
        }
        None => Err(expr),
    }
}

/// A [`Func::Convert`] node; `may_overflow` makes it optional.
pub(super) fn widen(expr: Expr, to: &Ty, may_overflow: bool) -> Expr {
    let span = expr.span;
    let ty = Type { ty: to.clone(), optional: expr.ty.optional || may_overflow };
    Expr { kind: ExprKind::Call { func: Func::Convert, args: vec![expr] }, ty, span }
}

fn constant(value: &Value, to: &Ty) -> Option<Value> {
    match (value, to) {
        (Value::Int(v), Ty::Decimal(digits)) => rescale(i128::from(*v), 0, *digits),
        (Value::Decimal { unscaled, scale }, Ty::Decimal(digits)) => rescale(*unscaled, *scale, *digits),
        (Value::Int(_) | Value::Decimal { .. }, Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile) => {
            as_double(value).map(Value::Float)
        }
        (Value::String(text), Ty::Enum(_) | Ty::String) => Some(Value::String(text.clone())),
        _ => None,
    }
}

fn rescale(unscaled: i128, scale: u8, to: Digits) -> Option<Value> {
    let factor = 10_i128.checked_pow(u32::from(to.scale.checked_sub(scale)?))?;
    let unscaled = unscaled.checked_mul(factor)?;
    (super::literal::digits_of(unscaled, to.scale).precision <= to.precision.max(1))
        .then_some(Value::Decimal { unscaled, scale: to.scale })
}

/// The nearest double of a numeric constant.
pub(super) fn as_double(value: &Value) -> Option<f64> {
    match value {
        Value::Int(v) => Some(*v as f64),
        // Through text, so that the result is the nearest double of the decimal, not of a rounded quotient.
        Value::Decimal { unscaled, scale } => format!("{unscaled}e-{scale}").parse().ok(),
        Value::Float(v) => Some(*v),
        _ => None,
    }
}

/// Why two numbers have no common type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoCommon {
    /// One is a `decimal`, the other a `float`.
    Mix,
    /// More than 38 digits.
    TooManyDigits(Digits, Digits),
}

/// The type that both numbers widen to.
pub(super) fn common_number(a: &Expr, b: &Expr) -> Result<Ty, NoCommon> {
    let adapts = |e: &Expr| e.as_literal().is_some() || matches!(e.kind, ExprKind::Param(_)) || e.ty.ty == Ty::Int;
    match (&a.ty.ty, &b.ty.ty) {
        (Ty::Float, Ty::Float) => Ok(Ty::Float),
        (Ty::Float, _) if adapts(b) => Ok(Ty::Float),
        (_, Ty::Float) if adapts(a) => Ok(Ty::Float),
        (Ty::Int, Ty::Int) => Ok(Ty::Int),
        _ => match (digits::of(a), digits::of(b)) {
            (Some(x), Some(y)) => digits::common(x, y).map(Ty::Decimal).ok_or(NoCommon::TooManyDigits(x, y)),
            _ => Err(NoCommon::Mix),
        },
    }
}
