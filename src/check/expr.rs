//! Expressions: one arm a construct, the work in the file of the construct. Imports its siblings. Invariant: what
//! [`Checker::predicate`] gives is of type `bool` and never absent, or already reported.

use super::arithmetic::arithmetic_of;
use super::checker::Checker;
use super::compare::comparison_of;
use super::convert;
use super::errors;
use super::membership::Form;
use crate::builtins::Test;
use crate::hir::{Expr, ExprKind};
use crate::source::Span;
use crate::syntax::ast::{self, DayWord};
use crate::types::{Ty, Type, Value};

impl Checker<'_> {
    /// A value. `hint` is what the other operand is: it gives meaning to `low` and to `[]`.
    pub fn expr(&mut self, expr: &ast::Expr, hint: Option<&Ty>) -> Expr {
        self.depth += 1;
        let value = self.any_expr(expr, hint);
        self.depth -= 1;
        value
    }

    fn any_expr(&mut self, expr: &ast::Expr, hint: Option<&Ty>) -> Expr {
        let span = expr.span;
        match &expr.kind {
            ast::ExprKind::Literal(literal) => self.literal(literal, false, span),
            ast::ExprKind::Now => Expr { kind: ExprKind::Now, ty: Type::required(Ty::Timestamp), span },
            ast::ExprKind::Day(word) => {
                let days = match word {
                    DayWord::Today => 0,
                    DayWord::Yesterday => -1,
                    DayWord::Tomorrow => 1,
                };
                Expr { kind: ExprKind::Today(days), ty: Type::required(Ty::Date), span }
            }
            ast::ExprKind::Path(path) => self.path(path, hint),
            ast::ExprKind::List(items) => self.list(items, hint, span),
            ast::ExprKind::Paren(inner) => self.expr(inner, hint),
            ast::ExprKind::Call { function, args } => self.call(function, args, span),
            ast::ExprKind::Not(inner) => {
                let inner = self.predicate(inner);
                Expr::predicate(ExprKind::Not(Box::new(inner)), span)
            }
            ast::ExprKind::Negate(inner) => self.negate(inner, span),
            ast::ExprKind::Or(items) => {
                let items = self.predicates(items);
                Expr::predicate(ExprKind::Or(items), span)
            }
            ast::ExprKind::And(items) => {
                let items = self.predicates(items);
                Expr::predicate(ExprKind::And(items), span)
            }
            ast::ExprKind::Binary { op, negated, lhs, rhs, ignoring_case } => {
                let form = Form { op: op.node, negated: *negated, ignoring_case: *ignoring_case, at: op.span, span };
                self.binary(form, op, lhs, rhs)
            }
            ast::ExprKind::Between { .. } | ast::ExprKind::InWindow { .. } => self.time_test(expr),
            ast::ExprKind::IsPresent { absent, value } => self.is_present(*absent, value, span),
            ast::ExprKind::If { condition, then, otherwise } => self.choice(condition, then, otherwise, span),
            ast::ExprKind::Default { value, default } => self.default_of(value, default, span),
            ast::ExprKind::Ago(duration) => self.moved_now(duration, true, span),
            ast::ExprKind::FromNow(duration) => self.moved_now(duration, false, span),
            ast::ExprKind::Aggregate { .. } => self.aggregate(expr),
            ast::ExprKind::Sequence(steps) => self.sequence(steps, span),
            ast::ExprKind::Error => Expr::error(span),
        }
    }

    /// A condition: true or false, never absent.
    pub fn predicate(&mut self, expr: &ast::Expr) -> Expr {
        if let ast::ExprKind::Path(path) = &expr.kind {
            self.condition_at = Some(path.span);
        }
        let value = self.expr(expr, None);
        self.as_predicate(value)
    }

    fn predicates(&mut self, items: &[ast::Expr]) -> Vec<Expr> {
        items.iter().map(|item| self.predicate(item)).collect()
    }

    /// A bool value as a condition: present and true.
    pub fn as_predicate(&mut self, value: Expr) -> Expr {
        let span = value.span;
        match value.ty.ty {
            Ty::Error => Expr::predicate(ExprKind::Error, span),
            Ty::Bool if self.is_predicate(&value) => value,
            Ty::Bool => Expr::test(Test::IsTrue, vec![value], span),
            _ => {
                self.report(errors::not_a_condition(&value));
                Expr::predicate(ExprKind::Error, span)
            }
        }
    }

    /// Whether an expression is a condition by its form, as opposed to a bool that is read from somewhere.
    pub fn is_predicate(&self, expr: &Expr) -> bool {
        if expr.ty != Type::BOOL {
            return false;
        }
        match &expr.kind {
            ExprKind::Literal(_)
            | ExprKind::Segment(_)
            | ExprKind::Member { .. }
            | ExprKind::Not(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::IsPresent(_)
            | ExprKind::Test { .. }
            | ExprKind::InWindow { .. }
            | ExprKind::Aggregate { .. }
            | ExprKind::Sequence(_)
            | ExprKind::Error => true,
            ExprKind::Let(id, _) => {
                self.lets[id.0 as usize].as_ref().is_some_and(|definition| self.is_predicate(&definition.body))
            }
            ExprKind::If { then, otherwise, .. } => self.is_predicate(then) && self.is_predicate(otherwise),
            ExprKind::Now
            | ExprKind::Today(_)
            | ExprKind::FromNow { .. }
            | ExprKind::Path(_)
            | ExprKind::Local(_)
            | ExprKind::Param(_)
            | ExprKind::List(_)
            | ExprKind::Default { .. }
            | ExprKind::Call { .. }
            | ExprKind::Entry { .. } => false,
        }
    }

    fn binary(&mut self, form: Form, op: &ast::Spanned<ast::BinaryOp>, lhs: &ast::Expr, rhs: &ast::Expr) -> Expr {
        if let Some(func) = arithmetic_of(op.node) {
            return self.arithmetic(func, op, lhs, rhs);
        }
        match comparison_of(op.node) {
            Some(test) => {
                let made = self.comparison(test, form.negated, form.ignoring_case, [lhs, rhs], form.at);
                Expr { span: form.span, ..made }
            }
            None => self.membership(form, lhs, rhs),
        }
    }

    fn is_present(&mut self, absent: bool, value: &ast::Expr, span: Span) -> Expr {
        let value = self.expr(value, None);
        if value.is_error() {
            return Expr::error(span);
        }
        if self.is_predicate(&value) {
            self.report(errors::condition_is_always_present(&value, span));
            return Expr::error(span);
        }
        let present = Expr::predicate(ExprKind::IsPresent(Box::new(value)), span);
        if absent { Expr::predicate(ExprKind::Not(Box::new(present)), span) } else { present }
    }

    fn choice(&mut self, condition: &ast::Expr, then: &ast::Expr, otherwise: &ast::Expr, span: Span) -> Expr {
        let condition = self.predicate(condition);
        let [then, otherwise] = self.two(then, otherwise);
        let Some((then, otherwise)) = self.one_type(then, otherwise, errors::branches_differ) else {
            return Expr::error(span);
        };
        let ty = Type { ty: wider(&then, &otherwise), optional: then.ty.optional || otherwise.ty.optional };
        let kind =
            ExprKind::If { condition: Box::new(condition), then: Box::new(then), otherwise: Box::new(otherwise) };
        Expr { kind, ty, span }
    }

    fn default_of(&mut self, value: &ast::Expr, default: &ast::Expr, span: Span) -> Expr {
        let [value, default] = self.two(value, default);
        let Some((value, default)) = self.one_type(value, default, errors::default_differs) else {
            return Expr::error(span);
        };
        let ty = Type { ty: wider(&value, &default), optional: default.ty.optional };
        Expr { kind: ExprKind::Default { value: Box::new(value), default: Box::new(default) }, ty, span }
    }

    /// Two values of which one is taken, at one type.
    fn one_type(
        &mut self,
        a: Expr,
        b: Expr,
        differ: fn(&Expr, &Expr) -> crate::diagnostics::Diagnostic,
    ) -> Option<(Expr, Expr)> {
        if a.is_error() || b.is_error() {
            return None;
        }
        let whole = |e: &Expr| matches!(e.ty.ty, Ty::Object(_) | Ty::Map(_));
        let moments = matches!((&a.ty.ty, &b.ty.ty), (Ty::Date, Ty::Timestamp) | (Ty::Timestamp, Ty::Date));
        let numbers = a.ty.ty.is_number() && b.ty.ty.is_number();
        let texts = a.ty.ty.is_text() && b.ty.ty.is_text();
        let scale = a.ty.ty.is_scale() || b.ty.ty.is_scale();
        if whole(&a) || whole(&b) || moments {
            self.report(differ(&a, &b));
            return None;
        }
        if texts {
            return text_choices(a, b);
        }
        if numbers || scale {
            let at = b.span;
            return self.unify(a, b, at);
        }
        if let (Ty::List(_), Ty::List(_)) = (&a.ty.ty, &b.ty.ty) {
            let (ty_a, ty_b) = (a.ty.ty.clone(), b.ty.ty.clone());
            return match convert::convert(b, &ty_a) {
                Ok(b) => Some((a, b)),
                Err(b) => match convert::convert(a, &ty_b) {
                    Ok(a) => Some((a, b)),
                    Err(a) => {
                        self.report(differ(&a, &b));
                        None
                    }
                },
            };
        }
        if convert::same(&a.ty.ty, &b.ty.ty) {
            return Some((a, b));
        }
        self.report(differ(&a, &b));
        None
    }
}

/// Two texts of which one is taken: at the enum that both are of, else plain strings.
fn text_choices(a: Expr, b: Expr) -> Option<(Expr, Expr)> {
    let listed = |ty: &Ty, e: &Expr| match (ty, e.as_literal()) {
        (Ty::Enum(values), Some(Value::String(text))) => values.values.iter().any(|(v, _)| **v == **text),
        _ => false,
    };
    let (ty_a, ty_b) = (a.ty.ty.clone(), b.ty.ty.clone());
    let wanted = if ty_a == ty_b || listed(&ty_a, &b) {
        ty_a
    } else if listed(&ty_b, &a) {
        ty_b
    } else {
        Ty::String
    };
    Some((convert::convert(a, &wanted).ok()?, convert::convert(b, &wanted).ok()?))
}

/// The type with more digits, of two that are otherwise the same.
fn wider(a: &Expr, b: &Expr) -> Ty {
    match (&a.ty.ty, &b.ty.ty) {
        (Ty::Decimal(x), Ty::Decimal(y)) if y.precision > x.precision => Ty::Decimal(*y),
        (ty, _) => ty.clone(),
    }
}
