//! `+ - * / % div` and the minus sign: numbers with their digits, and the arithmetic of time. Imports `digits` and
//! `convert`. Invariant: the operands of a numeric operation that comes out are of one type (products and quotients
//! of decimals keep their own digits).

use super::checker::{Checker, Needs};
use super::compare::no_common;
use super::convert::{self, common_number, widen};
use super::digits::Fit;
use super::{digits, errors};
use crate::builtins::Func;
use crate::hir::{Expr, ExprKind};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp};
use crate::types::{Digits, Ty, Type, Value};

impl Checker<'_> {
    /// `a + b`, `a / b`, …
    pub fn arithmetic(&mut self, func: Func, op: &ast::Spanned<BinaryOp>, lhs: &ast::Expr, rhs: &ast::Expr) -> Expr {
        let span = lhs.span.to(rhs.span);
        let (lhs, rhs) = (self.expr(lhs, None), self.expr(rhs, None));
        if lhs.is_error() || rhs.is_error() {
            return Expr::error(span);
        }
        if let Some(result) = self.time_arithmetic(func, &lhs, &rhs, op.span, span) {
            return result;
        }
        let (lhs, rhs) = (unscale(lhs), unscale(rhs));
        for side in [&lhs, &rhs] {
            if !side.ty.ty.is_number() {
                self.report(errors::not_a_number(func, side, &lhs, &rhs, op.span));
                return Expr::error(span);
            }
        }
        if let Err(convert::NoCommon::Mix) = common_number(&lhs, &rhs) {
            self.report(errors::decimal_and_float(&lhs, &rhs, op.span));
            return Expr::error(span);
        }
        self.numeric(func, lhs, rhs, op.span, span)
    }

    fn numeric(&mut self, func: Func, lhs: Expr, rhs: Expr, at: Span, span: Span) -> Expr {
        if lhs.ty.ty == Ty::Float || rhs.ty.ty == Ty::Float {
            return self.typed(func, lhs, rhs, Ty::Float, Ty::Float, true, span);
        }
        let (Some(a), Some(b)) = (digits::of(&lhs), digits::of(&rhs)) else { return Expr::error(span) };
        let ints = lhs.ty.ty == Ty::Int && rhs.ty.ty == Ty::Int;
        let divides = !is_nonzero(&rhs);
        match func {
            Func::Add | Func::Sub | Func::Mul | Func::Rem | Func::IntDiv if ints => {
                let by_zero = matches!(func, Func::Rem | Func::IntDiv);
                self.typed(func, lhs, rhs, Ty::Int, Ty::Int, !by_zero || divides, span)
            }
            Func::Add | Func::Sub => match (digits::sum(a, b), digits::common(a, b)) {
                (Some((result, fit)), Some(common)) => {
                    self.typed(func, lhs, rhs, Ty::Decimal(common), Ty::Decimal(result), fit == Fit::Within38, span)
                }
                _ => self.too_many(func, a, b, at, span),
            },
            Func::Mul => match digits::product(a, b) {
                Some((result, fit)) => {
                    as_decimals(func, lhs, rhs, [a, b], Ty::Decimal(result), fit == Fit::Within38, span)
                }
                None => self.too_many(func, a, b, at, span),
            },
            Func::Div => {
                let result = digits::quotient(a, b);
                let exact = a.precision - a.scale + b.scale <= result.precision - result.scale;
                as_decimals(func, lhs, rhs, [a, b], Ty::Decimal(result), divides || !exact, span)
            }
            _ => match digits::common(a, b) {
                Some(common) => {
                    let int = func == Func::IntDiv;
                    let result = if int { Ty::Int } else { Ty::Decimal(digits::remainder(a, b)) };
                    self.typed(func, lhs, rhs, Ty::Decimal(common), result, int || divides, span)
                }
                None => self.too_many(func, a, b, at, span),
            },
        }
    }

    fn too_many(&mut self, func: Func, a: Digits, b: Digits, at: Span, span: Span) -> Expr {
        let scale = if func == Func::Mul { a.scale + b.scale } else { a.scale.max(b.scale) };
        self.report(errors::too_many_digits(a, b, scale, at));
        Expr::error(span)
    }

    #[allow(clippy::too_many_arguments)]
    fn typed(&mut self, func: Func, lhs: Expr, rhs: Expr, both: Ty, result: Ty, absent: bool, span: Span) -> Expr {
        match (convert::convert(lhs, &both), convert::convert(rhs, &both)) {
            (Ok(lhs), Ok(rhs)) => {
                let mut call = Expr::call(func, vec![lhs, rhs], result, span);
                call.ty.optional |= absent;
                call
            }
            (Ok(a), Err(b)) | (Err(a), Ok(b)) | (Err(a), Err(b)) => {
                self.report(no_common(convert::NoCommon::Mix, &a, &b, span));
                Expr::error(span)
            }
        }
    }

    /// `-e`
    pub fn negate(&mut self, inner: &ast::Expr, span: Span) -> Expr {
        if let ast::ExprKind::Literal(literal) = &inner.kind
            && !matches!(
                literal,
                ast::Literal::Bool(_) | ast::Literal::String(_) | ast::Literal::Date(_) | ast::Literal::Timestamp(_)
            )
        {
            return self.literal(literal, true, span);
        }
        let value = unscale(self.expr(inner, None));
        match value.ty.ty {
            Ty::Error => Expr::error(span),
            Ty::Int | Ty::Decimal(_) | Ty::Float => {
                let ty = value.ty.ty.clone();
                let absent = ty == Ty::Int;
                let mut call = Expr::call(Func::Neg, vec![value], ty, span);
                call.ty.optional |= absent;
                call
            }
            _ => {
                self.report(errors::negates_no_number(&value, span));
                Expr::error(span)
            }
        }
    }

    /// `timestamp + duration`, `timestamp - timestamp`, …; `None` if neither side is of time.
    fn time_arithmetic(&mut self, func: Func, lhs: &Expr, rhs: &Expr, at: Span, span: Span) -> Option<Expr> {
        let of_time = |e: &Expr| matches!(e.ty.ty, Ty::Date | Ty::Timestamp | Ty::Duration);
        if !of_time(lhs) && !of_time(rhs) {
            return None;
        }
        Some(match (func, &lhs.ty.ty, &rhs.ty.ty) {
            (Func::Add | Func::Sub, Ty::Timestamp, Ty::Duration) => self.moved(func, lhs.clone(), rhs.clone(), span),
            (Func::Add | Func::Sub, Ty::Date, Ty::Duration) => self.moved(func, lhs.clone(), rhs.clone(), span),
            (Func::Add, Ty::Duration, Ty::Timestamp | Ty::Date) => self.moved(func, rhs.clone(), lhs.clone(), span),
            (Func::Sub, Ty::Timestamp, Ty::Timestamp) => {
                Expr::call(Func::Difference, vec![lhs.clone(), rhs.clone()], Ty::Duration, span)
            }
            _ => {
                self.report(errors::time_arithmetic(func, lhs, rhs, at));
                Expr::error(span)
            }
        })
    }

    /// A date or timestamp plus or minus a duration. From `now` and from a date, days and longer are calendar steps.
    fn moved(&mut self, func: Func, from: Expr, by: Expr, span: Span) -> Expr {
        let negative = func == Func::Sub;
        if matches!(from.kind, ExprKind::Now) && self.is_constant(&by) {
            return Expr {
                kind: ExprKind::FromNow { duration: Box::new(by), negative },
                ty: Type::required(Ty::Timestamp),
                span,
            };
        }
        let is_date = from.ty.ty == Ty::Date;
        let needs = Needs { exact: !is_date, whole_days: is_date, ..Needs::default() };
        if !self.duration_is(&by, needs) {
            return Expr::error(span);
        }
        let by = if is_date { by } else { self.exact(by).unwrap_or(Expr::error(span)) };
        let ty = from.ty.ty.clone();
        let mut call =
            Expr::call(if negative { Func::SubDuration } else { Func::AddDuration }, vec![from, by], ty, span);
        // Beyond the years 1 to 9999 there is nothing.
        call.ty.optional = true;
        call
    }
}

/// A product or quotient of two decimals, each with its own digits.
fn as_decimals(func: Func, lhs: Expr, rhs: Expr, digits: [Digits; 2], result: Ty, absent: bool, span: Span) -> Expr {
    let decimal = |e: Expr, digits: Digits| match convert::convert(e, &Ty::Decimal(digits)) {
        Ok(e) => e,
        Err(e) => widen(e, &Ty::Decimal(digits), false),
    };
    let mut call = Expr::call(func, vec![decimal(lhs, digits[0]), decimal(rhs, digits[1])], result, span);
    call.ty.optional |= absent;
    call
}

/// In arithmetic a probability, score or percentile is a plain `float`.
fn unscale(expr: Expr) -> Expr {
    if expr.ty.ty.is_scale() { widen(expr, &Ty::Float, false) } else { expr }
}

fn is_nonzero(expr: &Expr) -> bool {
    match expr.as_literal() {
        Some(Value::Int(v)) => *v != 0 && *v != -1,
        Some(Value::Decimal { unscaled, .. }) => *unscaled != 0,
        Some(Value::Float(v)) => *v != 0.0,
        _ => false,
    }
}

/// The function of an operator, if it is arithmetic.
pub(super) fn arithmetic_of(op: BinaryOp) -> Option<Func> {
    match op {
        BinaryOp::Add => Some(Func::Add),
        BinaryOp::Sub => Some(Func::Sub),
        BinaryOp::Mul => Some(Func::Mul),
        BinaryOp::Div => Some(Func::Div),
        BinaryOp::IntDiv => Some(Func::IntDiv),
        BinaryOp::Rem => Some(Func::Rem),
        BinaryOp::Eq
        | BinaryOp::Ne
        | BinaryOp::Lt
        | BinaryOp::Le
        | BinaryOp::Gt
        | BinaryOp::Ge
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
