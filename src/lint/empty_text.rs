//! A comparison with the empty text, where absence was probably meant: an absent value is no empty text, and neither `==`
//! nor `!=` is true of it.

use crate::builtins::Test;
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::ExprKind;
use crate::types::Value;

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let ExprKind::Test { op: Test::Eq | Test::Ne, args, .. } = &expr.kind else { return };
        let [value, text] = args.as_slice() else { return };
        let empty = matches!(&text.kind, ExprKind::Literal(Value::String(text)) if text.is_empty());
        if !empty || !matches!(value.kind, ExprKind::Path(_)) || !value.ty.optional {
            return;
        }
        let name = context.sources.text(value.span);
        let diagnostic = Diagnostic::new(Code::SEG0622, "an absent value is no empty text", expr.span, "false of both")
            .with_help(format!("to ask whether there is a value, write `{name} is present` or `{name} is absent`"))
            .with_help(format!("if the data does hold empty texts, write `({name} default \"\") == \"\"` for both"));
        found.push(diagnostic);
    });
}
