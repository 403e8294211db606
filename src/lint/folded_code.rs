//! `ignoring case` over a code: the values of an enum, of a field called a code, an id or a SKU have one spelling. Folding
//! hides that the data is wrong, and keeps a database from using its index.

use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{Expr, ExprKind, Step};
use crate::types::Ty;

use super::Context;

/// How names of fields end that hold codes.
const ENDINGS: [&str; 6] = ["Code", "code", "SKU", "sku", "ID", "_id"];

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let ExprKind::Test { ignoring_case: true, args, .. } = &expr.kind else { return };
        if let Some(code) = args.iter().find(|arg| is_code(arg)) {
            let name = context.sources.text(code.span);
            let message = format!("`{name}` is a code, which has one spelling");
            let diagnostic = Diagnostic::new(Code::SEG0612, message, expr.span, "case is ignored here")
                .with_help("compare it exactly; if the data spells it in several ways, mend the data");
            found.push(diagnostic);
        }
    });
}

fn is_code(expr: &Expr) -> bool {
    let ExprKind::Path(path) = &expr.kind else { return false };
    let named = match path.steps.last() {
        Some(Step::Field(name)) => ENDINGS.iter().any(|ending| name.ends_with(ending)),
        _ => false,
    };
    named || matches!(expr.ty.ty, Ty::Enum(_))
}
