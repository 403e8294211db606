//! Conditions that are always true or always false: bounds that exclude each other, a count below zero, two constants
//! compared, a thing and its negation.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use super::Context;
use crate::builtins::Test;
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::shape::{outline, shape};
use crate::hir::{Aggregate, Expr, ExprKind};
use crate::source::Span;
use crate::types::{Ty, Value};

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| match &expr.kind {
        ExprKind::And(_) => {
            let mut items = Vec::new();
            conjuncts(expr, &mut items);
            found.extend(contradiction(&items));
            found.extend(complement(&items, false));
        }
        ExprKind::Or(items) => found.extend(complement(&items.iter().collect::<Vec<_>>(), true)),
        ExprKind::Test { .. } => found.extend(decided(expr)),
        _ => {}
    });
    for segment in context.segments() {
        if let ExprKind::Literal(Value::Bool(value)) = segment.condition.kind {
            let members = if value { "every profile is a member" } else { "no profile can be a member" };
            found.push(finding(value, segment.condition.span, members));
        }
    }
}

/// The conditions that must all be true, those of an `and` or `between` inside an `and` too.
fn conjuncts<'a>(expr: &'a Expr, items: &mut Vec<&'a Expr>) {
    match &expr.kind {
        ExprKind::And(inner) => inner.iter().for_each(|item| conjuncts(item, items)),
        _ => items.push(expr),
    }
}

fn finding(value: bool, span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0602, format!("this condition is always {value}"), span, why)
}

/// Two conditions of which both can never hold, or one always does.
fn together(value: bool, span: Span, why: &str) -> Diagnostic {
    let message =
        if value { "one of these conditions is always true" } else { "these conditions are never true together" };
    Diagnostic::new(Code::SEG0602, message, span, why)
}

/// A comparison with a constant: what is compared, how, with what.
pub(super) struct Bound<'a> {
    subject: &'a Expr,
    pub(super) op: Test,
    pub(super) constant: Value,
    span: Span,
}

pub(super) fn bound(expr: &Expr) -> Option<Bound<'_>> {
    let ExprKind::Test { op, negated: false, ignoring_case: false, args } = &expr.kind else { return None };
    let [lhs, rhs] = args.as_slice() else { return None };
    let (op, subject, constant) = match (literal(lhs), literal(rhs)) {
        (None, Some(value)) => (*op, lhs, value),
        (Some(value), None) => (mirrored(*op)?, rhs, value),
        _ => return None,
    };
    Some(Bound { subject, op, constant: constant.clone(), span: expr.span })
}

pub(super) fn literal(expr: &Expr) -> Option<&Value> {
    if let ExprKind::Literal(value) = &expr.kind { Some(value) } else { None }
}

fn mirrored(op: Test) -> Option<Test> {
    match op {
        Test::Eq | Test::Ne => Some(op),
        Test::Lt => Some(Test::Gt),
        Test::Le => Some(Test::Ge),
        Test::Gt => Some(Test::Lt),
        Test::Ge => Some(Test::Le),
        _ => None,
    }
}

/// Two bounds on one value that admit nothing.
fn contradiction(items: &[&Expr]) -> Option<Diagnostic> {
    let bounds: Vec<Bound<'_>> = items.iter().filter_map(|item| bound(item)).collect();
    let mut of_one_outline: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    for (index, bound) in bounds.iter().enumerate() {
        of_one_outline.entry(outline(bound.subject)).or_default().push(index);
    }
    // Only where there are two can they be of one value.
    let mut of_one_subject: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for index in of_one_outline.into_values().filter(|group| group.len() > 1).flatten() {
        of_one_subject.entry(shape(bounds[index].subject)).or_default().push(index);
    }
    let mut group_of: Vec<&[usize]> = vec![&[]; bounds.len()];
    for group in of_one_subject.values() {
        group.iter().for_each(|index| group_of[*index] = group);
    }
    bounds.iter().enumerate().find_map(|(index, a)| {
        let mut later = group_of[index].iter().filter(|other| **other > index).map(|other| &bounds[*other]);
        // The two bounds of a `between` have its place, and a lint of their own.
        let b = later.find(|b| a.span != b.span && excludes(a, b))?;
        Some(
            together(false, b.span, "excludes the other bound")
                .with_label(a.span, "the other bound")
                .with_help("did one of them mean `or`?"),
        )
    })
}

fn excludes(a: &Bound<'_>, b: &Bound<'_>) -> bool {
    let Some(order) = order(&a.constant, &b.constant) else { return false };
    let lower = |op| matches!(op, Test::Gt | Test::Ge);
    let upper = |op| matches!(op, Test::Lt | Test::Le);
    match (a.op, b.op) {
        (Test::Eq, op) => !holds(op, order),
        (op, Test::Eq) => !holds(op, order.reverse()),
        (Test::Ge, Test::Le) => order == Ordering::Greater,
        (Test::Le, Test::Ge) => order == Ordering::Less,
        (x, y) if lower(x) && upper(y) => order != Ordering::Less,
        (x, y) if upper(x) && lower(y) => order != Ordering::Greater,
        _ => false,
    }
}

pub(super) fn holds(op: Test, order: Ordering) -> bool {
    match op {
        Test::Eq => order.is_eq(),
        Test::Ne => order.is_ne(),
        Test::Lt => order.is_lt(),
        Test::Le => order.is_le(),
        Test::Gt => order.is_gt(),
        Test::Ge => order.is_ge(),
        _ => true,
    }
}

pub(super) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) | (Value::Timestamp(a), Value::Timestamp(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Bucket(a), Value::Bucket(b)) => Some(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Value::Decimal { unscaled: a, scale: x }, Value::Decimal { unscaled: b, scale: y }) => {
            let (up_a, up_b) = (10i128.checked_pow(u32::from(*y))?, 10i128.checked_pow(u32::from(*x))?);
            Some(a.checked_mul(up_a)?.cmp(&b.checked_mul(up_b)?))
        }
        _ => None,
    }
}

/// A condition and its negation side by side.
fn complement(items: &[&Expr], disjunction: bool) -> Option<Diagnostic> {
    if !items.iter().any(|item| matches!(item.kind, ExprKind::Not(_))) {
        return None;
    }
    let places: FxHashMap<String, usize> =
        items.iter().enumerate().rev().map(|(place, item)| (shape(item), place)).collect();
    items.iter().find_map(|item| {
        let ExprKind::Not(inner) = &item.kind else { return None };
        let other = *places.get(&shape(inner))?;
        let why = "the negation of the other condition";
        Some(together(disjunction, item.span, why).with_label(items[other].span, "the other condition"))
    })
}

/// A test that its operands decide: two constants, or a count against a number that it cannot have.
fn decided(expr: &Expr) -> Option<Diagnostic> {
    if let ExprKind::Test { op, negated, ignoring_case: false, args } = &expr.kind
        && let [lhs, rhs] = args.as_slice()
        && let (Some(a), Some(b)) = (literal(lhs), literal(rhs))
        && matches!(op, Test::Eq | Test::Ne | Test::Lt | Test::Le | Test::Gt | Test::Ge)
    {
        let value = holds(*op, order(a, b)?) != *negated;
        return Some(finding(value, expr.span, "both sides are constants"));
    }
    let is_count = |arg: &Expr| {
        matches!(&arg.kind, ExprKind::Aggregate { function: Aggregate::Count | Aggregate::CountDistinct(_), .. })
    };
    let ExprKind::Test { args, .. } = &expr.kind else { return None };
    if !args.iter().any(|arg| is_count(arg) && arg.ty.ty == Ty::Int) {
        return None;
    }
    let bound = bound(expr)?;
    let Value::Int(constant) = bound.constant else { return None };
    let value = match (bound.op, constant) {
        (Test::Ge, ..=0) | (Test::Gt | Test::Ne, ..=-1) => true,
        (Test::Lt, ..=0) | (Test::Le | Test::Eq, ..=-1) => false,
        _ => return None,
    };
    Some(finding(value, expr.span, "a count is never below 0"))
}
