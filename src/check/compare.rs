//! Comparisons: two operands brought to one type, scales that never mix, what has no order and what no equality.
//! Imports `convert`. Invariant: the operands of a comparison that comes out have the same type.

use super::checker::{Checker, Needs};
use super::convert::{self, NoCommon};
use super::errors;
use crate::builtins::{Func, Test};
use crate::hir::{Expr, ExprKind};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp};
use crate::types::{Duration, EnumType, Ty, Value};

impl Checker<'_> {
    /// `a == b`, `a < b`, …
    pub fn comparison(
        &mut self,
        op: Test,
        negated: bool,
        ignoring_case: bool,
        sides: [&ast::Expr; 2],
        at: Span,
    ) -> Expr {
        let [lhs, rhs] = self.two(sides[0], sides[1]);
        let span = sides[0].span.to(sides[1].span);
        if !self.comparable(op, &lhs, &rhs, at) {
            return Expr::error(span);
        }
        let Some((lhs, rhs)) = self.unify_with(lhs, rhs, at, ignoring_case) else { return Expr::error(span) };
        if !self.allows(op, &lhs.ty.ty, &lhs, &rhs, at) {
            return Expr::error(span);
        }
        if ignoring_case && !self.text_for_case(&lhs) {
            return Expr::error(span);
        }
        Expr::predicate(ExprKind::Test { op, negated, ignoring_case, args: vec![lhs, rhs] }, span)
    }

    /// Two operands, of which one may be a word or a list that only the other's type explains.
    pub fn two(&mut self, lhs: &ast::Expr, rhs: &ast::Expr) -> [Expr; 2] {
        if is_bare_word(lhs) && !is_bare_word(rhs) {
            let right = self.expr(rhs, None);
            let left = self.expr(lhs, Some(&right.ty.ty));
            return [left, right];
        }
        let left = self.expr(lhs, None);
        let right = self.expr(rhs, Some(&left.ty.ty));
        [left, right]
    }

    fn comparable(&mut self, op: Test, lhs: &Expr, rhs: &Expr, at: Span) -> bool {
        if lhs.is_error() || rhs.is_error() {
            return false;
        }
        for side in [lhs, rhs] {
            if matches!(side.ty.ty, Ty::List(_) | Ty::Map(_) | Ty::Object(_)) {
                let diagnostic = errors::compares_a_whole(&self.schema, op, side, lhs, rhs, at);
                self.report(diagnostic);
                return false;
            }
        }
        true
    }

    fn allows(&mut self, op: Test, ty: &Ty, lhs: &Expr, rhs: &Expr, at: Span) -> bool {
        let ordering = matches!(op, Test::Lt | Test::Le | Test::Gt | Test::Ge);
        if ordering && matches!(ty, Ty::Bool | Ty::Enum(_)) {
            self.report(errors::no_order(lhs, rhs, at));
            return false;
        }
        if !ordering && has_float(ty) {
            self.report(errors::float_equality(op == Test::Ne, lhs, rhs, at));
            return false;
        }
        true
    }

    /// Whether `ignoring case` applies; reported if not.
    pub fn text_for_case(&mut self, value: &Expr) -> bool {
        let ty = if let Ty::List(element) = &value.ty.ty { element } else { &value.ty.ty };
        if ty.is_text() || *ty == Ty::Error {
            return true;
        }
        self.report(errors::case_needs_text(value));
        false
    }

    /// Both at one type; reported if there is none.
    pub fn unify(&mut self, lhs: Expr, rhs: Expr, at: Span) -> Option<(Expr, Expr)> {
        self.unify_with(lhs, rhs, at, false)
    }

    /// Both at one type; enum values are looked for without regard to case if the comparison ignores it.
    pub fn unify_with(&mut self, lhs: Expr, rhs: Expr, at: Span, ignoring_case: bool) -> Option<(Expr, Expr)> {
        match (&lhs.ty.ty, &rhs.ty.ty) {
            (Ty::Error, _) | (_, Ty::Error) => None,
            (a, b) if a.is_scale() || b.is_scale() => self.unify_scales(lhs, rhs, at),
            (a, b) if a.is_number() && b.is_number() => self.unify_numbers(lhs, rhs, at),
            (a, b) if a.is_text() && b.is_text() => self.unify_texts(lhs, rhs, ignoring_case),
            (Ty::Date, Ty::Timestamp) => Some((lhs, day_of(rhs))),
            (Ty::Timestamp, Ty::Date) => Some((day_of(lhs), rhs)),
            (Ty::Duration, Ty::Duration) => Some((self.exact(lhs)?, self.exact(rhs)?)),
            (a, b) if convert::same(a, b) => Some((lhs, rhs)),
            _ => {
                self.report(errors::mismatched(&lhs, &rhs, at));
                None
            }
        }
    }

    fn unify_numbers(&mut self, lhs: Expr, rhs: Expr, at: Span) -> Option<(Expr, Expr)> {
        let ty = match convert::common_number(&lhs, &rhs) {
            Ok(ty) => ty,
            Err(why) => {
                self.report(no_common(why, &lhs, &rhs, at));
                return None;
            }
        };
        match (convert::convert(lhs, &ty), convert::convert(rhs, &ty)) {
            (Ok(lhs), Ok(rhs)) => Some((lhs, rhs)),
            (Ok(lhs), Err(rhs)) | (Err(lhs), Ok(rhs)) | (Err(lhs), Err(rhs)) => {
                self.report(errors::mismatched(&lhs, &rhs, at));
                None
            }
        }
    }

    fn unify_texts(&mut self, lhs: Expr, rhs: Expr, ignoring_case: bool) -> Option<(Expr, Expr)> {
        let known = |checker: &mut Self, values: &EnumType, literal: &Expr| match literal.as_literal() {
            Some(Value::String(text)) => checker.enum_value(values, text, literal.span, ignoring_case),
            _ => true,
        };
        match (lhs.ty.ty.clone(), rhs.ty.ty.clone()) {
            (Ty::Enum(values), Ty::String) if rhs.as_literal().is_some() => {
                known(self, &values, &rhs).then_some(())?;
                let rhs = convert::convert(rhs, &lhs.ty.ty).ok()?;
                Some((lhs, rhs))
            }
            (Ty::String, Ty::Enum(values)) if lhs.as_literal().is_some() => {
                known(self, &values, &lhs).then_some(())?;
                let lhs = convert::convert(lhs, &rhs.ty.ty).ok()?;
                Some((lhs, rhs))
            }
            (a, b) if a == b => Some((lhs, rhs)),
            _ => Some((convert::convert(lhs, &Ty::String).ok()?, convert::convert(rhs, &Ty::String).ok()?)),
        }
    }

    /// Whether a text is a value of an enum. An unknown value of a closed one is an error (false), of an open one a
    /// warning.
    pub fn enum_value(&mut self, values: &EnumType, text: &str, span: Span, ignoring_case: bool) -> bool {
        let known = values
            .values
            .iter()
            .any(|(value, _)| value == text || (ignoring_case && value.to_lowercase() == text.to_lowercase()));
        let nothing_listed = values.open && values.values.is_empty();
        if !known && !nothing_listed {
            self.report(errors::unknown_enum_value(values, text, span));
        }
        known || values.open
    }

    fn unify_scales(&mut self, lhs: Expr, rhs: Expr, at: Span) -> Option<(Expr, Expr)> {
        if lhs.ty.ty == rhs.ty.ty {
            return Some((lhs, rhs));
        }
        let (scale, other) = if lhs.ty.ty.is_scale() { (&lhs, &rhs) } else { (&rhs, &lhs) };
        let Some(number) = other.as_literal().and_then(convert::as_double) else {
            self.report(errors::mixed_scales(scale, other, at));
            return None;
        };
        if !self.scale_range(&scale.ty.ty, number, other.span) {
            return None;
        }
        let ty = scale.ty.ty.clone();
        Some((convert::convert(lhs, &ty).ok()?, convert::convert(rhs, &ty).ok()?))
    }

    /// Whether a number lies on a scale; reported if not.
    pub fn scale_range(&mut self, scale: &Ty, number: f64, span: Span) -> bool {
        let (low, high) = scale_bounds(scale);
        if (low..=high).contains(&number) {
            return true;
        }
        self.report(errors::outside_scale(scale, number, low, high, span));
        false
    }

    /// A duration in exact microseconds; months have none.
    pub fn exact(&mut self, expr: Expr) -> Option<Expr> {
        let Some(Value::Duration(duration)) = expr.as_literal() else {
            return self.duration_is(&expr, Needs { exact: true, ..Needs::default() }).then_some(expr);
        };
        match duration.exact_micros() {
            Some(micros) => {
                let value = Value::Duration(Duration { micros, ..Duration::default() });
                Some(Expr::literal(value, Ty::Duration, expr.span))
            }
            None => {
                self.report(errors::inexact_duration(expr.span));
                None
            }
        }
    }
}

/// The numbers of a scale.
pub(super) fn scale_bounds(scale: &Ty) -> (f64, f64) {
    match scale {
        Ty::Probability => (0.0, 1.0),
        Ty::Percentile => (1.0, 100.0),
        _ => (0.0, 100.0),
    }
}

/// Why two numbers cannot meet, as a diagnostic.
pub(super) fn no_common(why: NoCommon, lhs: &Expr, rhs: &Expr, at: Span) -> crate::diagnostics::Diagnostic {
    match why {
        NoCommon::Mix => errors::decimal_and_float(lhs, rhs, at),
        NoCommon::TooManyDigits(a, b) => errors::too_many_digits(a, b, a.scale.max(b.scale), at),
    }
}

/// The civil day of a timestamp.
pub(super) fn day_of(timestamp: Expr) -> Expr {
    let span = timestamp.span;
    Expr::call(Func::DateOf, vec![timestamp], Ty::Date, span)
}

/// Whether equality of values of a type would be equality of floats.
pub(super) fn has_float(ty: &Ty) -> bool {
    match ty {
        Ty::Float | Ty::Probability | Ty::Score => true,
        Ty::List(element) => has_float(element),
        _ => false,
    }
}

/// A single name, or a list of such: what `low` is beside a bucket.
fn is_bare_word(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ast::ExprKind::Path(path) => path.steps.is_empty(),
        ast::ExprKind::List(items) => items.iter().all(is_bare_word),
        ast::ExprKind::Paren(inner) => is_bare_word(inner),
        _ => false,
    }
}

/// The comparison of an operator, if it is one.
pub(super) fn comparison_of(op: BinaryOp) -> Option<Test> {
    match op {
        BinaryOp::Eq => Some(Test::Eq),
        BinaryOp::Ne => Some(Test::Ne),
        BinaryOp::Lt => Some(Test::Lt),
        BinaryOp::Le => Some(Test::Le),
        BinaryOp::Gt => Some(Test::Gt),
        BinaryOp::Ge => Some(Test::Ge),
        BinaryOp::Add
        | BinaryOp::Sub
        | BinaryOp::Mul
        | BinaryOp::Div
        | BinaryOp::IntDiv
        | BinaryOp::Rem
        | BinaryOp::In
        | BinaryOp::Contains
        | BinaryOp::StartsWith
        | BinaryOp::EndsWith
        | BinaryOp::Like
        | BinaryOp::Matches
        | BinaryOp::HasAny
        | BinaryOp::HasAll
        | BinaryOp::Within => None,
    }
}
