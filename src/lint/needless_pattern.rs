//! A pattern of `like` without a wildcard is an equality.

use crate::builtins::Test;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::hir::ExprKind;
use crate::types::Value;

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let ExprKind::Test { op: Test::Like, negated, args, .. } = &expr.kind else { return };
        let [value, pattern] = args.as_slice() else { return };
        let ExprKind::Literal(Value::String(text)) = &pattern.kind else { return };
        if text.contains(['%', '_', '\\']) {
            return;
        }
        let operator = if *negated { "!=" } else { "==" };
        let text = |expr: &crate::hir::Expr| context.sources.text(expr.span).to_owned();
        let folded = if text(expr).ends_with("ignoring case") { " ignoring case" } else { "" };
        let written = format!("{} {operator} {}{folded}", text(value), text(pattern));
        let message = "a pattern without a wildcard is an equality";
        let diagnostic = Diagnostic::new(Code::SEG0628, message, pattern.span, "neither `%` nor `_`")
            .with_fix(format!("write `{operator}`"), expr.span, written, Applicability::Safe)
            .with_help("`%` stands for any text, `_` for one character");
        found.push(diagnostic);
    });
}
