//! `count(C) > 0` asks whether there is one: `any(C)` says so. Silent unless its level says otherwise.

use crate::builtins::Test;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::hir::{Aggregate, ExprKind};
use crate::types::Value;

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let ExprKind::Test { op, negated: false, args, .. } = &expr.kind else { return };
        let [count, number] = args.as_slice() else { return };
        let ExprKind::Aggregate { function: Aggregate::Count, .. } = &count.kind else { return };
        let ExprKind::Literal(Value::Int(number)) = &number.kind else { return };
        let word = match (op, number) {
            (Test::Gt, 0) | (Test::Ge, 1) | (Test::Ne, 0) => "any",
            (Test::Eq | Test::Le, 0) | (Test::Lt, 1) => "none",
            _ => return,
        };
        let message = format!("this asks whether there is one; `{word}` says so");
        let mut diagnostic = Diagnostic::new(Code::SEG0619, message, expr.span, "a count is not needed");
        if let Some(inner) = context.sources.text(count.span).strip_prefix("count") {
            let text = format!("{word}{inner}");
            diagnostic = diagnostic.with_fix(format!("write `{word}`"), expr.span, text, Applicability::Safe);
        }
        found.push(diagnostic);
    });
}
