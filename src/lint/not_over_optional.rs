//! `not (x == "a")` is true where `x` is absent, `x != "a"` is not. Who writes `not` over a test of an optional field
//! may have meant either.

use crate::builtins::Test;
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{Expr, ExprKind, Module};

pub(super) fn check(module: &Module, found: &mut Vec<Diagnostic>) {
    super::each_expr(module, &mut |expr| {
        if let ExprKind::Not(inner) = &expr.kind {
            found.extend(finding(expr, inner));
        }
    });
}

fn finding(not: &Expr, inner: &Expr) -> Option<Diagnostic> {
    let (op, negated, args) = match &inner.kind {
        ExprKind::Test { op, negated, args, .. } => (Some(*op), *negated, args.as_slice()),
        ExprKind::InWindow { value, negated, .. } => (None, *negated, std::slice::from_ref(&**value)),
        _ => return None,
    };
    let optional = args.iter().find(|arg| arg.ty.optional)?;
    let present = match op {
        Some(Test::IsTrue) => "to leave out profiles without a value, write `== false`",
        Some(Test::Eq) => "to leave out profiles without a value, write `!=`",
        Some(Test::In) if !negated => "to leave out profiles without a value, write `not in`",
        _ => "to leave out profiles without a value, add `and … is present`",
    };
    Some(
        Diagnostic::new(
            Code::SEG0601,
            "`not` over a value that may be absent is true where it is absent",
            not.span,
            "true of those without a value too",
        )
        .with_label(optional.span, format!("this is `{}`", optional.ty))
        .with_help(present)
        .with_help("to include them on purpose, write `… is absent or …`"),
    )
}
