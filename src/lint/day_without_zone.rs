//! `today`, `on`, `this week` and the like begin at midnight, and the project does not say where: UTC is used, in which a
//! day of a shop in Stockholm begins at one or two at night.

use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{ExprKind, Window};
use crate::source::Span;

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    if context.facts.zone_stated {
        return;
    }
    let mut first: Option<Span> = None;
    let mut see = |span: Span| {
        if first.is_none_or(|known| (span.file, span.start) < (known.file, known.start)) {
            first = Some(span);
        }
    };
    let civil = |window: &Window| matches!(window, Window::This(_) | Window::Previous { .. } | Window::On(_));
    super::each_expr(context, &mut |expr| match &expr.kind {
        ExprKind::Today(_) => see(expr.span),
        ExprKind::InWindow { window, .. } if civil(window) => see(expr.span),
        _ => {}
    });
    super::each_window(context, &mut |collection| {
        if collection.window.as_ref().is_some_and(civil) {
            see(collection.span);
        }
    });
    // Said once: one setting mends it everywhere.
    if let Some(span) = first {
        let message = "days begin at midnight, and the project does not say in which zone";
        let diagnostic = Diagnostic::new(Code::SEG0614, message, span, "a day in UTC").with_help(
            "write `[time]` and `zone = \"Europe/Stockholm\"` in the project file; `\"UTC\"` if that is meant",
        );
        found.push(diagnostic);
    }
}
