//! `in`, `contains`, `has any`, `has all`, `within`, and the tests of text. Imports `compare` and `convert`.
//! Invariant: a list and what is looked for in it come out with elements of one type.

use super::checker::Checker;
use super::compare::has_float;
use super::convert::{self, common_number};
use super::errors;
use crate::builtins::{Test, like_pattern};
use crate::hir::{Expr, ExprKind};
use crate::limits;
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp};
use crate::types::{Ty, Type, Value};
use crate::vector::pattern::Pattern;

/// How a test was written, beside its operands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub op: BinaryOp,
    pub negated: bool,
    pub ignoring_case: bool,
    /// The operator.
    pub at: Span,
    /// The whole.
    pub span: Span,
}

impl Form {
    fn test(self, op: Test, args: Vec<Expr>) -> Expr {
        let kind = ExprKind::Test { op, negated: self.negated, ignoring_case: self.ignoring_case, args };
        Expr::predicate(kind, self.span)
    }
}

impl Checker<'_> {
    /// A test that is neither comparison nor arithmetic.
    pub fn membership(&mut self, form: Form, lhs: &ast::Expr, rhs: &ast::Expr) -> Expr {
        let [left, right] = self.two(lhs, rhs);
        if left.is_error() || right.is_error() {
            return Expr::error(form.span);
        }
        let made = match form.op {
            BinaryOp::In => self.is_in(form, left, right),
            BinaryOp::Contains if matches!(left.ty.ty, Ty::List(_)) => self.is_in(form, right, left),
            BinaryOp::HasAny => self.lists(form, Test::HasAny, left, right),
            BinaryOp::HasAll => self.lists(form, Test::HasAll, left, right),
            BinaryOp::Within => self.lists(form, Test::Within, left, right),
            BinaryOp::Contains => self.text_test(form, Test::Contains, left, right),
            BinaryOp::StartsWith => self.text_test(form, Test::StartsWith, left, right),
            BinaryOp::EndsWith => self.text_test(form, Test::EndsWith, left, right),
            BinaryOp::Like => self.pattern_test(form, Test::Like, left, right),
            _ => self.pattern_test(form, Test::Matches, left, right),
        };
        made.unwrap_or(Expr::error(form.span))
    }

    fn is_in(&mut self, form: Form, value: Expr, list: Expr) -> Option<Expr> {
        let Ty::List(element) = list.ty.ty.clone() else {
            self.report(errors::not_a_list(form.op, &value, &list, form.at));
            return None;
        };
        if matches!(value.ty.ty, Ty::List(_) | Ty::Map(_) | Ty::Object(_)) {
            self.report(errors::whole_in_list(form.op, &value, &list, form.at));
            return None;
        }
        self.element_has_equality(&element, &list)?;
        let (value, list) = self.unify_element(value, list, form)?;
        if form.ignoring_case && !self.text_for_case(&value) {
            return None;
        }
        if has_float(&value.ty.ty) {
            self.report(errors::float_equality(form.negated, &value, &list, form.at));
            return None;
        }
        Some(form.test(Test::In, vec![value, list]))
    }

    fn element_has_equality(&mut self, element: &Ty, list: &Expr) -> Option<()> {
        if matches!(element, Ty::List(_) | Ty::Map(_) | Ty::Object(_)) {
            self.report(errors::list_of_objects(list));
            return None;
        }
        Some(())
    }

    /// A value and a list with elements of its type.
    fn unify_element(&mut self, value: Expr, list: Expr, form: Form) -> Option<(Expr, Expr)> {
        if let ExprKind::List(items) = &list.kind {
            let items = items.clone();
            return self.unify_written_list(value, items, list, form);
        }
        let Ty::List(element) = &list.ty.ty else { return None };
        let probe = typed_as(&list, (**element).clone());
        let (value, probe) = self.unify_with(value, probe, form.at, form.ignoring_case)?;
        let wanted = Ty::List(Box::new(probe.ty.ty.clone()));
        match convert::convert(list, &wanted) {
            Ok(list) => Some((value, list)),
            Err(list) => {
                self.report(errors::mismatched(&value, &list, form.at));
                None
            }
        }
    }

    fn unify_written_list(&mut self, value: Expr, items: Vec<Expr>, list: Expr, form: Form) -> Option<(Expr, Expr)> {
        let mut probe = typed_as(&value, value.ty.ty.clone());
        let mut done: Vec<Expr> = Vec::with_capacity(items.len());
        let mut failed = false;
        for item in items {
            match self.unify_with(probe.clone(), item, form.at, form.ignoring_case) {
                Some((wider, item)) => {
                    probe = typed_as(&wider, wider.ty.ty.clone());
                    done.push(item);
                }
                None => failed = true,
            }
        }
        if failed {
            return None;
        }
        let ty = probe.ty.ty.clone();
        let (value, _) = self.unify_with(value, probe, form.at, true)?;
        let items: Result<Vec<Expr>, Expr> = done.into_iter().map(|item| convert::convert(item, &ty)).collect();
        let items = items.ok()?;
        let list_ty = Type { ty: Ty::List(Box::new(ty)), optional: list.ty.optional };
        Some((value, Expr { kind: ExprKind::List(items), ty: list_ty, span: list.span }))
    }

    fn lists(&mut self, form: Form, op: Test, lhs: Expr, rhs: Expr) -> Option<Expr> {
        for side in [&lhs, &rhs] {
            let Ty::List(element) = &side.ty.ty else {
                self.report(errors::needs_lists(form.op, &lhs, &rhs, form.at));
                return None;
            };
            self.element_has_equality(&element.clone(), side)?;
        }
        let (lhs, rhs) = self.unify_lists(lhs, rhs, form)?;
        if form.ignoring_case && !self.text_for_case(&lhs) {
            return None;
        }
        if has_float(&lhs.ty.ty) {
            self.report(errors::float_equality(form.negated, &lhs, &rhs, form.at));
            return None;
        }
        Some(form.test(op, vec![lhs, rhs]))
    }

    /// Two lists with elements of one type.
    pub fn unify_lists(&mut self, lhs: Expr, rhs: Expr, form: Form) -> Option<(Expr, Expr)> {
        let element = |e: &Expr| match &e.ty.ty {
            Ty::List(element) => Some((**element).clone()),
            _ => None,
        };
        if let ExprKind::List(items) = rhs.kind.clone() {
            let probe = typed_as(&lhs, element(&lhs)?);
            let (probe, rhs) = self.unify_written_list(probe, items, rhs, form)?;
            let lhs = convert::convert(lhs, &Ty::List(Box::new(probe.ty.ty))).ok()?;
            return Some((lhs, rhs));
        }
        if let ExprKind::List(items) = lhs.kind.clone() {
            let probe = typed_as(&rhs, element(&rhs)?);
            let (probe, lhs) = self.unify_written_list(probe, items, lhs, form)?;
            let rhs = convert::convert(rhs, &Ty::List(Box::new(probe.ty.ty))).ok()?;
            return Some((lhs, rhs));
        }
        let (a, b) = (element(&lhs)?, element(&rhs)?);
        if convert::same(&a, &b) {
            return Some((lhs, rhs));
        }
        let wanted = if a.is_text() && b.is_text() { Ty::String } else { a };
        match (
            convert::convert(lhs, &Ty::List(Box::new(wanted.clone()))),
            convert::convert(rhs, &Ty::List(Box::new(wanted))),
        ) {
            (Ok(lhs), Ok(rhs)) => Some((lhs, rhs)),
            (Ok(lhs), Err(rhs)) | (Err(lhs), Ok(rhs)) | (Err(lhs), Err(rhs)) => {
                self.report(errors::mismatched(&lhs, &rhs, form.at));
                None
            }
        }
    }

    fn text_test(&mut self, form: Form, op: Test, lhs: Expr, rhs: Expr) -> Option<Expr> {
        for side in [&lhs, &rhs] {
            if !side.ty.ty.is_text() {
                self.report(errors::needs_text(form.op, side, &lhs, &rhs, form.at));
                return None;
            }
        }
        let lhs = convert::convert(lhs, &Ty::String).ok()?;
        let rhs = convert::convert(rhs, &Ty::String).ok()?;
        Some(form.test(op, vec![lhs, rhs]))
    }

    fn pattern_test(&mut self, form: Form, op: Test, lhs: Expr, rhs: Expr) -> Option<Expr> {
        let Some(Value::String(text)) = rhs.as_literal().cloned() else {
            let diagnostic = if rhs.ty.ty.is_text() {
                errors::pattern_must_be_literal(form.op, &rhs)
            } else {
                errors::needs_text(form.op, &rhs, &lhs, &rhs, form.at)
            };
            self.report(diagnostic);
            return None;
        };
        let valid = if op == Test::Like { like_pattern(&text) } else { regular_expression(&text).map(|_| ()) };
        if let Err(why) = valid {
            self.report(errors::invalid_pattern(op == Test::Like, &text, why, rhs.span));
            return None;
        }
        self.text_test(form, op, lhs, rhs)
    }

    /// `[a, b]`: elements of one type.
    pub fn list(&mut self, items: &[ast::Expr], hint: Option<&Ty>, span: Span) -> Expr {
        if items.len() > limits::IN_LIST {
            self.report(errors::list_too_long(items.len(), span));
            return Expr::error(span);
        }
        let hint = match hint {
            Some(Ty::List(element)) => Some(&**element),
            other => other,
        };
        let mut elements: Vec<Expr> = items.iter().map(|item| self.expr(item, hint)).collect();
        if elements.is_empty() {
            return match hint {
                Some(ty) if *ty != Ty::Error => empty(ty.clone(), span),
                Some(_) => Expr::error(span),
                None => {
                    self.report(errors::empty_list(span));
                    Expr::error(span)
                }
            };
        }
        if elements.iter().any(Expr::is_error) {
            return Expr::error(span);
        }
        let mut ty = elements[0].ty.ty.clone();
        if matches!(ty, Ty::List(_) | Ty::Map(_) | Ty::Object(_)) {
            self.report(errors::list_element(&elements[0], &elements[0]));
            return Expr::error(span);
        }
        for (index, element) in elements.iter().enumerate().skip(1) {
            match element_type(&ty, &elements[0], element) {
                Some(wider) => ty = wider,
                None => {
                    self.report(errors::list_element(&elements[0], &elements[index]));
                    return Expr::error(span);
                }
            }
        }
        for element in &mut elements {
            let taken = std::mem::replace(element, Expr::error(span));
            *element = convert::convert(taken, &ty).unwrap_or_else(|e| e);
        }
        Expr { kind: ExprKind::List(elements), ty: Type::required(Ty::List(Box::new(ty))), span }
    }
}

/// A regular expression that every engine can run, in either case; the error says what is wrong.
pub(super) fn regular_expression(text: &str) -> Result<Pattern, &'static str> {
    let pattern = Pattern::parse(text).map_err(|e| e.problem)?;
    pattern.compile().and_then(|_| pattern.fold().compile()).map_err(|e| e.problem)?;
    Ok(pattern)
}

/// A stand-in for an expression of some type, where only the type matters.
fn typed_as(at: &Expr, ty: Ty) -> Expr {
    Expr { kind: ExprKind::Error, ty: Type::required(ty), span: at.span }
}

fn empty(element: Ty, span: Span) -> Expr {
    Expr { kind: ExprKind::List(Vec::new()), ty: Type::required(Ty::List(Box::new(element))), span }
}

/// The type of a list's elements after one more.
fn element_type(so_far: &Ty, first: &Expr, next: &Expr) -> Option<Ty> {
    match (so_far, &next.ty.ty) {
        (a, b) if convert::same(a, b) && !matches!(a, Ty::Decimal(_)) => Some(a.clone()),
        (a, b) if a.is_number() && b.is_number() => {
            let typed = typed_as(first, a.clone());
            common_number(if matches!(a, Ty::Int) { first } else { &typed }, next).ok()
        }
        (a, b) if a.is_text() && b.is_text() => Some(Ty::String),
        _ => None,
    }
}
