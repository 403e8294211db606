//! `lower(x) == "Gold"`: what `lower` gives has no capital letter, so the two are never equal.

use super::Context;
use super::constant_condition::literal;
use crate::builtins::{Func, Test};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::hir::{Expr, ExprKind};
use crate::types::Value;
use crate::vector::text;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let ExprKind::Test { op, ignoring_case: false, args, .. } = &expr.kind else { return };
        let [value, other] = args.as_slice() else { return };
        let compares =
            matches!(op, Test::Eq | Test::Ne | Test::In | Test::Contains | Test::StartsWith | Test::EndsWith);
        let (Some(func), true) = (folds(value), compares) else { return };
        match &other.kind {
            ExprKind::List(items) => items.iter().for_each(|item| found.extend(finding(context, func, item))),
            _ => found.extend(finding(context, func, other)),
        }
    });
}

/// `lower` or `upper`, if that is what makes a value.
fn folds(expr: &Expr) -> Option<Func> {
    match &expr.kind {
        ExprKind::Call { func: func @ (Func::Lower | Func::Upper), .. } => Some(*func),
        ExprKind::Call { func: Func::Trim, args } => args.first().and_then(folds),
        _ => None,
    }
}

fn finding(context: &Context<'_>, func: Func, item: &Expr) -> Option<Diagnostic> {
    let Some(Value::String(written)) = literal(item) else { return None };
    let (name, folded) = match func {
        Func::Upper => ("upper", text::upper(written)),
        _ => ("lower", text::fold(written)),
    };
    if folded == **written {
        return None;
    }
    let shown = context.sources.text(item.span);
    let message = format!("{shown} never comes out of `{name}`");
    let letters = if func == Func::Upper { "it has small letters" } else { "it has capital letters" };
    let diagnostic = Diagnostic::new(Code::SEG0635, message, item.span, letters);
    // Escapes would be lost.
    Some(if shown == format!("\"{written}\"") {
        let text = format!("\"{folded}\"");
        diagnostic.with_fix(format!("write {text}"), item.span, text, Applicability::Unsafe)
    } else {
        diagnostic.with_help("write it as the function gives it")
    })
}
