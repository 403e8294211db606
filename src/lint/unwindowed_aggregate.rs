//! A collection of events without a window goes through all that was ever recorded: the answer grows with the data, and
//! changes when old data is deleted. Silent unless its level says otherwise.

use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{Collection, ExprKind, Source};

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let ExprKind::Aggregate { collection, .. } = &expr.kind else { return };
        if is_open(context, collection) {
            let message = "this goes through all events that were ever recorded";
            let diagnostic = Diagnostic::new(Code::SEG0609, message, collection.span, "no window")
                .with_help("say how far back it looks: `in last 365 days`");
            found.push(diagnostic);
        }
    });
}

fn is_open(context: &Context<'_>, collection: &Collection) -> bool {
    match &collection.source {
        Source::Events { via, .. } => {
            let windows = |id: &crate::hir::EventDefId| {
                context.module.events.get(id.0 as usize).is_some_and(|event| event.collection.window.is_some())
            };
            collection.window.is_none() && !via.iter().any(windows)
        }
        Source::Top { of, .. } | Source::Groups { of, .. } => is_open(context, of),
        Source::List(_) | Source::Entries(_) | Source::Values(_) | Source::Members(_) => false,
    }
}
