//! A segment of more than fifty conditions: past that, nobody can say whom it selects, and Adobe advises against it.

use crate::diagnostics::{Code, Diagnostic};
use crate::hir::walk::children;
use crate::hir::{Expr, ExprKind};

use super::Context;

/// The most that reads well.
const MOST: usize = 50;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for segment in context.segments() {
        let count = conditions(&segment.condition);
        if count > MOST {
            let message = format!("the segment `{}` has {count} conditions, more than {MOST}", segment.name);
            let diagnostic = Diagnostic::new(Code::SEG0607, message, segment.span, "hard to understand as a whole")
                .with_help("give parts of it names with `let`, or make segments of them and combine those");
            found.push(diagnostic);
        }
    }
}

/// Tests of values and of collections, as the segment itself writes them; a definition counts once.
fn conditions(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::And(_) | ExprKind::Or(_) | ExprKind::Not(_) | ExprKind::If { .. } => {
            let mut count = 0;
            children(expr, &mut |child| count += conditions(child));
            count
        }
        _ => {
            let mut count = 0;
            children(expr, &mut |child| count += inner(child));
            count.max(1)
        }
    }
}

/// Conditions inside the values that a test reads: filters of collections.
fn inner(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::And(_) | ExprKind::Or(_) | ExprKind::Not(_) | ExprKind::Test { .. } => conditions(expr),
        _ => {
            let mut count = 0;
            children(expr, &mut |child| count += inner(child));
            count
        }
    }
}
