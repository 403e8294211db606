//! A long list of values in a condition: a table in disguise, which nobody reviews and everybody copies.

use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{Expr, ExprKind};
use crate::types::Value;

use super::Context;

/// The most values that are still read one by one.
const MOST: usize = 100;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let length = length(expr);
        if length > MOST {
            let message = format!("the list has {length} values, more than {MOST}");
            let diagnostic = Diagnostic::new(Code::SEG0611, message, expr.span, "a table in disguise")
                .with_help("keep the values where they belong, as a field of the related class, and test that field")
                .with_help("or give the list a name: `param skus: list<string> = […]`");
            found.push(diagnostic);
        }
    });
}

fn length(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::List(items) => items.len(),
        ExprKind::Literal(Value::List(items)) => items.len(),
        _ => 0,
    }
}
