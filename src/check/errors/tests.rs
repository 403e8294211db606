//! `test` blocks.

use super::{a, mend, named};
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::Expr;
use crate::source::Span;
use crate::types::Ty;

pub fn test_value_type(wanted: &Ty, value: &Expr) -> Diagnostic {
    if let (Ty::Decimal(digits), Ty::Int | Ty::Decimal(_)) = (wanted, &value.ty.ty) {
        let before = digits.precision - digits.scale;
        return Diagnostic::new(
            Code::SEG0329,
            format!("the field has no room for {}", named(value)),
            value.span,
            format!("up to {before} digits before the point and {} after it", digits.scale),
        );
    }
    let diagnostic = Diagnostic::new(
        Code::SEG0329,
        format!("the field is {}, not {}", a(wanted), a(&value.ty.ty)),
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    );
    match wanted {
        Ty::Timestamp if !matches!(value.ty.ty, Ty::String) => {
            diagnostic.with_help("write `2026-11-23T10:00:00Z`, or a time from now: `-3 days`")
        }
        Ty::List(_) => diagnostic.with_help("write a list: `[…]`"),
        Ty::Object(_) | Ty::Map(_) => diagnostic.with_help("write its fields: `{ … }`"),
        _ => mend(diagnostic, wanted, value),
    }
}

pub fn test_shape(found: &str, wanted: &Ty, span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0329, format!("the field is {}, not {found}", a(wanted)), span, format!("this is {found}"))
}

pub fn test_not_constant(value: &Expr) -> Diagnostic {
    Diagnostic::new(Code::SEG0329, "the data of a test is written out", value.span, "a literal should stand here")
}

/// Events of something that has none, such as `an event`.
pub fn misplaced_events(of: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0329, format!("{of} has no events"), span, "these belong to the profile")
}
