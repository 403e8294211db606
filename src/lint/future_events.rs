//! A segment asks for events that are still to come: what was recorded lies in the past, save for bookings and the like.
//! What a propensity predicts lies in the future, and is not meant here.

use crate::diagnostics::{Code, Diagnostic};
use crate::hir::walk::children;
use crate::hir::{Expr, ExprKind, Source, Window};

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for segment in context.segments() {
        walk(&segment.condition, found);
    }
}

fn walk(expr: &Expr, found: &mut Vec<Diagnostic>) {
    if let ExprKind::Aggregate { collection, .. } = &expr.kind
        && let (Source::Events { .. }, Some(Window::Next(length))) = (&collection.source, &collection.window)
    {
        let message = "events are recorded when they have happened; none lie in the future";
        let diagnostic = Diagnostic::new(Code::SEG0624, message, length.span, "a window of the future")
            .with_help("write `in last`, or ask a propensity how likely they are");
        found.push(diagnostic);
    }
    children(expr, &mut |child| walk(child, found));
}
