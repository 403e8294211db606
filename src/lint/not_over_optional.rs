//! `not (x == "a")` is true where `x` is absent, `x != "a"` is not. Who writes `not` over a test of an optional field
//! may have meant either. Silent where presence is asked for beside it, as the help advises, and over lists: to have no
//! list is to have nothing in it.

use super::Context;
use crate::builtins::{Func, Test};
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::shape::shape;
use crate::hir::walk::children;
use crate::hir::{Expr, ExprKind};
use crate::types::Ty;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for root in super::roots(context) {
        walk(root, &mut Vec::new(), found);
    }
}

/// `asked` holds the shapes of the values whose presence is asked for around the expression.
fn walk(expr: &Expr, asked: &mut Vec<String>, found: &mut Vec<Diagnostic>) {
    let before = asked.len();
    match &expr.kind {
        ExprKind::And(_) | ExprKind::Or(_) => questions(expr, asked),
        ExprKind::If { condition, .. } => questions(condition, asked),
        ExprKind::Aggregate { collection, .. } => {
            collection.filter.iter().for_each(|filter| questions(filter, asked));
        }
        ExprKind::Not(inner) => {
            questions(inner, asked);
            found.extend(finding(expr, inner, asked));
        }
        _ => {}
    }
    children(expr, &mut |child| walk(child, asked, found));
    asked.truncate(before);
}

/// Adds the values whose presence an expression asks for, one way or the other.
fn questions(expr: &Expr, asked: &mut Vec<String>) {
    match &expr.kind {
        ExprKind::IsPresent(value) => asked.push(shape(unconverted(value))),
        ExprKind::Not(inner) => questions(inner, asked),
        ExprKind::And(items) | ExprKind::Or(items) => items.iter().for_each(|item| questions(item, asked)),
        _ => {}
    }
}

fn unconverted(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Call { func: Func::Convert, args } => args.first().map_or(expr, unconverted),
        _ => expr,
    }
}

fn finding(not: &Expr, inner: &Expr, asked: &[String]) -> Option<Diagnostic> {
    let optional = absent_operand(inner, asked)?;
    let present = match &inner.kind {
        ExprKind::Test { op: Test::IsTrue, .. } => "to leave out profiles without a value, write `== false`",
        ExprKind::Test { op: Test::Eq, .. } => "to leave out profiles without a value, write `!=`",
        ExprKind::Test { op: Test::In, negated: false, .. } => "to leave out profiles without a value, write `not in`",
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

/// An operand of a test that may be absent without anybody having asked.
fn absent_operand<'a>(condition: &'a Expr, asked: &[String]) -> Option<&'a Expr> {
    let args = match &condition.kind {
        ExprKind::Test { args, .. } => args.as_slice(),
        ExprKind::InWindow { value, .. } => std::slice::from_ref(&**value),
        ExprKind::And(items) | ExprKind::Or(items) => {
            return items.iter().find_map(|item| absent_operand(item, asked));
        }
        _ => return None,
    };
    args.iter().find(|arg| may_surprise(arg, asked))
}

fn may_surprise(arg: &Expr, asked: &[String]) -> bool {
    match &arg.kind {
        _ if !arg.ty.optional || matches!(arg.ty.ty, Ty::List(_)) => false,
        // Whether an argument of a `let` can be absent is for its caller to know.
        ExprKind::Local(_) => false,
        _ if asked.contains(&shape(unconverted(arg))) => false,
        // A function of values that are asked for: `age(person.birthDate)` beside `person.birthDate is present`.
        ExprKind::Call { args, .. } if args.iter().any(|arg| arg.ty.optional) => {
            args.iter().any(|arg| may_surprise(arg, asked))
        }
        _ => true,
    }
}
