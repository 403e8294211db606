//! A text with blanks at its ends, compared exactly: the data would need the same blanks.

use crate::builtins::Test;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::hir::{Expr, ExprKind};
use crate::types::Value;

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let ExprKind::Test { op: Test::Eq | Test::Ne | Test::In | Test::HasAny | Test::HasAll, args, .. } = &expr.kind
        else {
            return;
        };
        args.iter().for_each(|arg| texts(context, arg, found));
    });
}

fn texts(context: &Context<'_>, expr: &Expr, found: &mut Vec<Diagnostic>) {
    match &expr.kind {
        ExprKind::List(items) => items.iter().for_each(|item| texts(context, item, found)),
        ExprKind::Literal(Value::String(text)) if text.trim() != &**text && !text.trim().is_empty() => {
            let message = "the text begins or ends with a blank, which the data would need too";
            let mut diagnostic = Diagnostic::new(Code::SEG0623, message, expr.span, "a blank at its end");
            let written = context.sources.text(expr.span);
            if let Some(inner) = written.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                let trimmed = format!("\"{}\"", inner.trim());
                diagnostic = diagnostic.with_fix("remove the blanks", expr.span, trimmed, Applicability::Unsafe);
            }
            found.push(diagnostic);
        }
        _ => {}
    }
}
