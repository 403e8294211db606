//! A window that another makes useless: a custom event's own window beside the one at its use, or `any(C in last 30
//! days)` beside `any(C in last 7 days)`, which implies it.

use std::cmp::Ordering;

use super::Context;
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::shape::shape_without_window;
use crate::hir::{Aggregate, Collection, Expr, ExprKind, Module, Source, Window};
use crate::source::Span;
use crate::types::{Duration, MICROS_PER_DAY, Value};

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let module = context.module;
    for event in context.events() {
        collections(&event.collection, &mut |collection| found.extend(over_custom_event(module, collection)));
    }
    super::each_expr(context, &mut |expr| match &expr.kind {
        ExprKind::Aggregate { collection, .. } => {
            collections(collection, &mut |collection| found.extend(over_custom_event(module, collection)));
        }
        ExprKind::Sequence(sequence) => {
            found.extend(sequence.steps.iter().filter_map(|step| over_custom_event(module, &step.collection)));
        }
        ExprKind::And(items) => implied(module, items, found),
        _ => {}
    });
}

/// A collection and those that it is made from.
fn collections(collection: &Collection, f: &mut dyn FnMut(&Collection)) {
    f(collection);
    match &collection.source {
        Source::Top { of, .. } | Source::Groups { of, .. } => collections(of, f),
        Source::Events { .. } | Source::List(_) | Source::Entries(_) | Source::Values(_) | Source::Members(_) => {}
    }
}

/// A window over a custom event that has a shorter or longer one of its own: only their overlap counts.
fn over_custom_event(module: &Module, collection: &Collection) -> Option<Diagnostic> {
    let Source::Events { via, .. } = &collection.source else { return None };
    let outer = last(module, collection)?;
    let (definition, inner) = via.iter().find_map(|id| {
        let definition = &module.events[id.0 as usize];
        last(module, &definition.collection).map(|length| (definition, length))
    })?;
    let (hidden, other) = if order(inner, outer)?.is_le() {
        ("at its use", "the custom event's own")
    } else {
        ("of the custom event", "the one at its use")
    };
    Some(
        Diagnostic::new(
            Code::SEG0604,
            format!("the window {hidden} has no effect beside {other}, which lies within it"),
            collection.span,
            format!("`{}` has a window of its own", definition.name),
        )
        .with_label(definition.span, "defined with a window here")
        .with_help("keep one of the two windows"),
    )
}

/// In a conjunction, `any` in a longer window is implied by `any` of the same in a shorter one.
fn implied(module: &Module, items: &[Expr], found: &mut Vec<Diagnostic>) {
    let windows: Vec<(Span, String, Duration)> = items
        .iter()
        .filter_map(|item| {
            let ExprKind::Aggregate { function: Aggregate::Any, collection } = &item.kind else { return None };
            Some((item.span, shape_without_window(collection), last(module, collection)?))
        })
        .collect();
    for (span, shape, length) in &windows {
        let shorter = windows.iter().find(|(other, same, less)| {
            other != span && same == shape && order(*less, *length).is_some_and(Ordering::is_lt)
        });
        if let Some((other, ..)) = shorter {
            let message = "this condition has no effect: the same in a shorter window is asked beside it";
            found.push(
                Diagnostic::new(Code::SEG0604, message, *span, "implied by the other")
                    .with_label(*other, "the shorter window")
                    .with_help("remove the longer window, or ask for what only it can see"),
            );
        }
    }
}

/// The length of an `in last` window, if it is a constant.
fn last(module: &Module, collection: &Collection) -> Option<Duration> {
    let Some(Window::Last(length)) = &collection.window else { return None };
    match &length.kind {
        ExprKind::Literal(Value::Duration(length)) => Some(*length),
        ExprKind::Param(id) => match module.params[id.0 as usize].value {
            Value::Duration(length) => Some(length),
            _ => None,
        },
        _ => None,
    }
}

/// The order of two durations, where every calendar agrees on it.
fn order(a: Duration, b: Duration) -> Option<Ordering> {
    let days = |d: Duration, month: i64| Some(exact(d)? + i128::from(d.months) * i128::from(month * MICROS_PER_DAY));
    if a.months == b.months {
        return Some(exact(a)?.cmp(&exact(b)?));
    }
    // A month has 28 to 31 days.
    if days(a, 31)? < days(b, 28)? {
        Some(Ordering::Less)
    } else if days(a, 28)? > days(b, 31)? {
        Some(Ordering::Greater)
    } else if exact(a)? == exact(b)? {
        Some(a.months.cmp(&b.months))
    } else {
        None
    }
}

/// What is not months.
fn exact(d: Duration) -> Option<i128> {
    Some(i128::from(Duration { months: 0, ..d }.exact_micros()?))
}
