//! A sum or an average over floats: engines add in other orders, so that the last digits differ. The one place where the
//! promise of one meaning has a margin.

use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{Aggregate, ExprKind};
use crate::types::Ty;

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let ExprKind::Aggregate { function: Aggregate::Sum(value) | Aggregate::Average(value), .. } = &expr.kind else {
            return;
        };
        let ty = if let Ty::List(element) = &value.ty.ty { element } else { &value.ty.ty };
        if *ty == Ty::Float {
            let message = "a sum of floats may differ in its last digits from engine to engine";
            let diagnostic = Diagnostic::new(Code::SEG0630, message, value.span, "a `float`").with_help(
                "give the field a scale, in the schema or under `[scales]`: then it is a decimal, and exact",
            );
            found.push(diagnostic);
        }
    });
}
