//! A value that stands twice in a list: harmless to the result, and a sign of a list that nobody reads.

use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::hir::ExprKind;
use crate::source::Span;
use crate::types::Value;

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let ExprKind::List(items) = &expr.kind else { return };
        let mut seen: Vec<&Value> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let ExprKind::Literal(value) = &item.kind else { continue };
            if !seen.contains(&value) {
                seen.push(value);
                continue;
            }
            let text = context.sources.text(item.span);
            let message = format!("{text} stands in the list already");
            let mut diagnostic = Diagnostic::new(Code::SEG0621, message, item.span, "again");
            if let Some(before) = index.checked_sub(1).and_then(|at| items.get(at)) {
                let between = Span { start: before.span.end, end: item.span.start, ..item.span };
                if context.sources.text(between).trim() == "," {
                    let cut = Span { end: item.span.end, ..between };
                    diagnostic = diagnostic.with_fix("remove it", cut, "", Applicability::Safe);
                }
            }
            found.push(diagnostic);
        }
    });
}
