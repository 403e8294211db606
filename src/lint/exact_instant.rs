//! A timestamp compared for equality with one instant: true of one microsecond, and so of almost nothing.

use crate::builtins::Test;
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::ExprKind;
use crate::types::Ty;

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let ExprKind::Test { op: Test::Eq | Test::Ne, args, .. } = &expr.kind else { return };
        let [a, b] = args.as_slice() else { return };
        let instant = |kind: &ExprKind| matches!(kind, ExprKind::Literal(_) | ExprKind::Now | ExprKind::FromNow { .. });
        let timestamps = a.ty.ty == Ty::Timestamp && b.ty.ty == Ty::Timestamp;
        if timestamps && (instant(&a.kind) || instant(&b.kind)) {
            let message = "two instants are almost never equal to the microsecond";
            let diagnostic = Diagnostic::new(Code::SEG0627, message, expr.span, "compared to the microsecond")
                .with_help("ask for a span of time: `on 2026-11-23`, `in last 1 hour`, `between A and B`");
            found.push(diagnostic);
        }
    });
}
