//! A `between` with the larger bound first: nothing lies between, or with `not` everything does. Hours and the like go round,
//! and most often the stretch over their end is meant.

use super::Context;
use super::constant_condition::{literal, order};
use crate::builtins::{Func, Test};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::hir::{Expr, ExprKind, Window};
use crate::source::Span;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| match &expr.kind {
        ExprKind::And(parts) | ExprKind::Or(parts) => {
            if let [low, high] = parts.as_slice() {
                found.extend(of_values(context, expr, low, high));
            }
        }
        ExprKind::InWindow { window, ignoring_year: false, .. } => found.extend(of_window(context, window)),
        _ => {}
    });
    super::each_window(context, &mut |collection| {
        found.extend(collection.window.as_ref().and_then(|window| of_window(context, window)));
    });
}

/// The two tests that the checker makes of a `between`, which have its place.
fn of_values(context: &Context<'_>, expr: &Expr, low: &Expr, high: &Expr) -> Option<Diagnostic> {
    if low.span != expr.span || high.span != expr.span {
        return None;
    }
    let (value, low) = bound(low, [Test::Ge, Test::Lt])?;
    let (_, high) = bound(high, [Test::Le, Test::Gt])?;
    if !order(literal(low)?, literal(high)?)?.is_gt() {
        return None;
    }
    let [value_text, low_text, high_text] = [value, low, high].map(|part| context.sources.text(part.span));
    let found = finding(low, high, low_text, high_text);
    if !goes_round(value) {
        return Some(swapped(found, low, high, low_text, high_text));
    }
    let negated = matches!(expr.kind, ExprKind::Or(_));
    let (first, joined, second) = if negated { ("<", "and", ">") } else { (">=", "or", "<=") };
    let text = format!("({value_text} {first} {low_text} {joined} {value_text} {second} {high_text})");
    Some(found.with_fix("go over the end", expr.span, text, Applicability::Unsafe))
}

fn of_window(context: &Context<'_>, window: &Window) -> Option<Diagnostic> {
    let Window::Between(low, high) = window else { return None };
    if !order(literal(low)?, literal(high)?)?.is_gt() {
        return None;
    }
    let [low_text, high_text] = [low, high].map(|part| context.sources.text(part.span));
    Some(swapped(finding(low, high, low_text, high_text), low, high, low_text, high_text))
}

/// The value and the bound of one of the tests.
fn bound(test: &Expr, ops: [Test; 2]) -> Option<(&Expr, &Expr)> {
    let ExprKind::Test { op, args, .. } = &test.kind else { return None };
    match args.as_slice() {
        [value, bound] if ops.contains(op) => Some((value, bound)),
        _ => None,
    }
}

fn finding(low: &Expr, high: &Expr, low_text: &str, high_text: &str) -> Diagnostic {
    let message = format!("nothing lies between {low_text} and {high_text}");
    Diagnostic::new(Code::SEG0636, message, low.span.to(high.span), "the larger bound stands first")
}

fn swapped(found: Diagnostic, low: &Expr, high: &Expr, low_text: &str, high_text: &str) -> Diagnostic {
    let place: Span = low.span.to(high.span);
    found.with_fix("exchange the bounds", place, format!("{high_text} and {low_text}"), Applicability::Unsafe)
}

/// Whether after the last value comes the first.
fn goes_round(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Call { func: Func::Hour | Func::Weekday | Func::Day | Func::Month | Func::Quarter, .. } => true,
        ExprKind::Call { func: Func::Convert, args } => args.first().is_some_and(goes_round),
        _ => false,
    }
}
