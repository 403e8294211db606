//! Collections inside collections, more than three deep: each level multiplies the work and the ways to be wrong.

use crate::diagnostics::{Code, Diagnostic};
use crate::hir::walk::children;
use crate::hir::{Expr, ExprKind};

use super::Context;

/// Levels that still read well: an event, its items, a list of theirs.
const MOST: usize = 3;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::roots(context).for_each(|root| walk(root, 0, found));
}

fn walk(expr: &Expr, depth: usize, found: &mut Vec<Diagnostic>) {
    let depth = depth + usize::from(matches!(expr.kind, ExprKind::Aggregate { .. }));
    if depth > MOST {
        let message = format!("collections are nested {depth} deep, more than {MOST}");
        let diagnostic = Diagnostic::new(Code::SEG0610, message, expr.span, "one level too many")
            .with_help("give an inner part a name with `let` or `event`, or ask a simpler question");
        found.push(diagnostic);
        return;
    }
    children(expr, &mut |child| walk(child, depth, found));
}
