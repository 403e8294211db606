//! `x in ["a"]` is `x == "a"`. Silent unless its level says otherwise: a list may be there to grow.

use crate::builtins::Test;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::hir::{Expr, ExprKind};
use crate::types::Value;

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let ExprKind::Test { op: Test::In, negated, args, .. } = &expr.kind else { return };
        let [value, list] = args.as_slice() else { return };
        if length(list) != Some(1) {
            return;
        }
        let operator = if *negated { "!=" } else { "==" };
        let message = format!("a list of one value is `{operator}`");
        let mut diagnostic = Diagnostic::new(Code::SEG0620, message, list.span, "one value");
        let (value, list) = (context.sources.text(value.span), context.sources.text(list.span));
        if let Some(item) = list.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
            let item = item.trim().trim_end_matches(',');
            let mut text = format!("{value} {operator} {item}");
            if context.sources.text(expr.span).ends_with("ignoring case") {
                text.push_str(" ignoring case");
            }
            diagnostic = diagnostic.with_fix(format!("write `{operator}`"), expr.span, text, Applicability::Safe);
        }
        found.push(diagnostic);
    });
}

fn length(list: &Expr) -> Option<usize> {
    match &list.kind {
        ExprKind::List(items) => Some(items.len()),
        ExprKind::Literal(Value::List(items)) => Some(items.len()),
        _ => None,
    }
}
