//! A division by the constant 0, which is absent whatever the data is, so that no comparison with it is ever true.

use super::Context;
use super::constant_condition::literal;
use crate::builtins::Func;
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::ExprKind;
use crate::types::Value;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let ExprKind::Call { func: Func::Div | Func::IntDiv | Func::Rem, args } = &expr.kind else { return };
        let [_, divisor] = args.as_slice() else { return };
        let is_zero = match literal(divisor) {
            Some(Value::Int(number)) => *number == 0,
            Some(Value::Decimal { unscaled, .. }) => *unscaled == 0,
            Some(Value::Float(number)) => *number == 0.0,
            _ => false,
        };
        if is_zero {
            let message = "a division by 0 is absent for every profile";
            let diagnostic = Diagnostic::new(Code::SEG0634, message, divisor.span, "always 0")
                .with_help("a comparison with what is absent is false; mend the divisor");
            found.push(diagnostic);
        }
    });
}
