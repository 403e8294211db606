//! `not not P` is `P`.

use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::hir::ExprKind;
use crate::source::Span;

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let ExprKind::Not(inner) = &expr.kind else { return };
        let ExprKind::Not(innermost) = &inner.kind else { return };
        let diagnostic = Diagnostic::new(Code::SEG0618, "the two negations undo each other", expr.span, "not not");
        let head = Span { end: innermost.span.start.max(expr.span.start), ..expr.span };
        // Nothing but the two words: then they can go.
        let words: Vec<&str> = context.sources.text(head).split_whitespace().collect();
        found.push(if words == ["not", "not"] {
            diagnostic.with_fix("remove both", head, "", Applicability::Safe)
        } else {
            diagnostic.with_help("remove both")
        });
    });
}
