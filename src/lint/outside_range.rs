//! A comparison with a number that the value can never have, such as `month(x) == 13`. Invariant: only what holds of every
//! value is said; where the boundary itself is possible, `>=` and `>` are told apart.

use super::Context;
use super::constant_condition::{Bound, bound, holds, literal, order};
use crate::builtins::{Func, Test};
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{Expr, ExprKind};
use crate::types::{Ty, Value};

/// What values there are: the least, the greatest if there is one, and what they are in words.
struct Range {
    least: i64,
    greatest: Option<i64>,
    what: &'static str,
}

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| match &expr.kind {
        ExprKind::Test { op: Test::In, negated, args, .. } => {
            if let [value, list] = args.as_slice()
                && let Some(range) = range(value)
            {
                found.extend(elements(list).filter(|item| is_outside(item, &range)).map(|item| {
                    let message = format!("{} is never among them", context.sources.text(item.span));
                    diagnostic(&range, message, item, *negated)
                }));
            }
        }
        ExprKind::Test { args, .. } => {
            let Some(range) = args.iter().find_map(range) else { return };
            if let Some(value) = bound(expr).and_then(|bound| decided(&bound, &range)) {
                found.push(diagnostic(&range, format!("this condition is always {value}"), expr, value));
            }
        }
        _ => {}
    });
}

fn diagnostic(range: &Range, message: String, at: &Expr, always: bool) -> Diagnostic {
    let label = match range.greatest {
        Some(greatest) => format!("{} is {} to {greatest}", range.what, range.least),
        None => format!("{} is never below {}", range.what, range.least),
    };
    let help = if always {
        "leave it out, or ask `is present` if that is meant"
    } else {
        "mend the number, or the function that it is compared with"
    };
    Diagnostic::new(Code::SEG0633, message, at.span, label).with_help(help)
}

fn elements(list: &Expr) -> impl Iterator<Item = &Expr> {
    let items = if let ExprKind::List(items) = &list.kind { items.as_slice() } else { &[] };
    items.iter()
}

fn is_outside(item: &Expr, range: &Range) -> bool {
    let Some(value) = literal(item) else { return false };
    let at = |bound: i64, greater: bool| {
        order(value, &like(value, bound)).is_some_and(|order| if greater { order.is_gt() } else { order.is_lt() })
    };
    at(range.least, false) || range.greatest.is_some_and(|greatest| at(greatest, true))
}

/// Whether every value of a range decides a comparison, and how.
fn decided(bound: &Bound<'_>, range: &Range) -> Option<bool> {
    let below = order(&like(&bound.constant, range.least), &bound.constant)?;
    let above = range.greatest.and_then(|greatest| order(&like(&bound.constant, greatest), &bound.constant));
    // The constant lies outside: every value is on one side of it.
    if below.is_gt() {
        return Some(holds(bound.op, below));
    }
    if let Some(above) = above
        && above.is_lt()
    {
        return Some(holds(bound.op, above));
    }
    match (bound.op, below.is_eq(), above.is_some_and(|above| above.is_eq())) {
        (Test::Lt, true, _) | (Test::Gt, _, true) => Some(false),
        (Test::Ge, true, _) | (Test::Le, _, true) => Some(true),
        _ => None,
    }
}

/// A whole number as a value of the kind of another.
fn like(value: &Value, number: i64) -> Value {
    match value {
        Value::Float(_) => Value::Float(number as f64),
        Value::Decimal { .. } => Value::Decimal { unscaled: i128::from(number), scale: 0 },
        _ => Value::Int(number),
    }
}

/// The values that an expression may have, if they are known.
fn range(expr: &Expr) -> Option<Range> {
    let new = |least, greatest, what| Some(Range { least, greatest, what });
    if let ExprKind::Call { func, args } = &expr.kind {
        return match func {
            Func::Month => new(1, Some(12), "a month"),
            Func::Quarter => new(1, Some(4), "a quarter"),
            Func::Day => new(1, Some(31), "a day of the month"),
            Func::Weekday => new(1, Some(7), "a weekday"),
            Func::Hour => new(0, Some(23), "an hour"),
            Func::Year => new(1, Some(9999), "a year"),
            Func::Age => new(0, None, "the age of what lies in the past"),
            Func::Length => new(0, None, "a length"),
            Func::Size => new(0, None, "a size"),
            Func::Abs => new(0, None, "an absolute value"),
            Func::Convert => args.first().and_then(range),
            _ => None,
        };
    }
    match (&expr.kind, &expr.ty.ty) {
        (ExprKind::Path(_), Ty::Probability) => new(0, Some(1), "a probability"),
        (ExprKind::Path(_), Ty::Score) => new(0, Some(100), "a score"),
        (ExprKind::Path(_), Ty::Percentile) => new(1, Some(100), "a percentile"),
        _ => None,
    }
}
