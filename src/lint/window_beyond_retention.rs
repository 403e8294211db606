//! A window that looks further back than the data is kept (`retention_days` under `[governance]` of the project file):
//! what it counts is never complete.

use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{Expr, ExprKind, Module, Window};
use crate::types::{Duration, MICROS_PER_DAY, Value};

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Some(kept) = context.facts.retention_days else { return };
    super::each_window(context, &mut |collection| {
        let Some(Window::Last(length)) = &collection.window else { return };
        let Some(days) = constant(context.module, length).map(days) else { return };
        if days > i64::from(kept) {
            let message = format!("the window looks {days} days back, and events are kept for {kept}");
            let diagnostic = Diagnostic::new(Code::SEG0613, message, length.span, "longer than the data is kept")
                .with_help("shorten the window, or mend `retention_days` in the project file");
            found.push(diagnostic);
        }
    });
}

/// A duration that is known when the program is checked.
pub(super) fn constant(module: &Module, expr: &Expr) -> Option<Duration> {
    match &expr.kind {
        ExprKind::Literal(Value::Duration(length)) => Some(*length),
        ExprKind::Param(id) => match module.params.get(id.0 as usize)?.value {
            Value::Duration(length) => Some(length),
            _ => None,
        },
        _ => None,
    }
}

/// Its days, the shortest that the calendar allows: whoever is in doubt is not blamed.
fn days(length: Duration) -> i64 {
    let months = i64::from(length.months);
    let of_months = months / 12 * 365 + months % 12 * 30 - i64::from(months % 12 > 1);
    of_months + i64::from(length.days) + length.micros / MICROS_PER_DAY
}
