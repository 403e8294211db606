//! Small constructors of the typed tree. Imports what [`super`] does. Invariant: what a constructor of a predicate
//! gives has type [`Type::BOOL`].

use super::{Expr, ExprKind, Path, Segment, Step, TestOp};
use crate::builtins::Func;
use crate::source::Span;
use crate::types::{Ty, Type, Value};

impl Expr {
    /// What was already reported.
    pub fn error(span: Span) -> Expr {
        Expr { kind: ExprKind::Error, ty: Type::ERROR, span }
    }

    /// A node of type `bool` that is never absent.
    pub fn predicate(kind: ExprKind, span: Span) -> Expr {
        Expr { kind, ty: Type::BOOL, span }
    }

    /// A constant, never absent.
    pub fn literal(value: Value, ty: Ty, span: Span) -> Expr {
        Expr { kind: ExprKind::Literal(value), ty: Type::required(ty), span }
    }

    /// A predicate over values, neither negated nor ignoring case.
    pub fn test(op: TestOp, args: Vec<Expr>, span: Span) -> Expr {
        Expr::predicate(ExprKind::Test { op, negated: false, ignoring_case: false, args }, span)
    }

    /// A value function; absent when an argument may be.
    pub fn call(func: Func, args: Vec<Expr>, ty: Ty, span: Span) -> Expr {
        let optional = args.iter().any(|a| a.ty.optional);
        Expr { kind: ExprKind::Call { func, args }, ty: Type { ty, optional }, span }
    }

    /// A value read from a subject.
    pub fn path(subject: super::BinderId, steps: Vec<Step>, ty: Type, span: Span) -> Expr {
        Expr { kind: ExprKind::Path(Path { subject, steps }), ty, span }
    }

    /// The constant that this is, if it is one.
    pub fn as_literal(&self) -> Option<&Value> {
        if let ExprKind::Literal(value) = &self.kind { Some(value) } else { None }
    }

    /// Whether its type is the one of what was already reported.
    pub fn is_error(&self) -> bool {
        self.ty.ty == Ty::Error
    }
}

impl Segment {
    /// Takes all members away: a program need not compute them, and the places of other segments stay the same.
    pub fn empty(&mut self) {
        self.condition = Expr { kind: ExprKind::Literal(Value::Bool(false)), ty: Type::BOOL, span: self.span };
        (self.rank, self.sample) = (None, None);
    }
}
