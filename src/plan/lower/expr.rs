//! Expressions to nodes.

use super::{Lowerer, Scope, erase};
use crate::builtins::{Func, Test};
use crate::hir::{Expr, ExprKind, Window};
use crate::plan::{DomainId, FieldStep, NodeId, Op};
use crate::types::{Duration, Ty, Type, Value};

impl Lowerer<'_> {
    /// The node of an expression, in the outermost domain in which it can be computed.
    pub(super) fn expr(&mut self, expr: &Expr, scope: &Scope) -> NodeId {
        let ty = erase(&expr.ty.ty);
        match &expr.kind {
            ExprKind::Error => self.absent(ty),
            ExprKind::Literal(value) => self.literal(value, ty),
            ExprKind::Now => self.timestamp(self.now),
            ExprKind::Today(offset) => self.date(self.today + offset),
            ExprKind::FromNow { duration, negative } => self.relative_to_now(duration, *negative, scope),
            ExprKind::Path(path) => self.path(path, ty),
            ExprKind::Let(id, args) => {
                let locals = args.iter().map(|arg| self.expr(arg, scope)).collect();
                let module = self.module;
                let body = &module.lets[id.0 as usize].body;
                self.expr(body, &Scope { locals })
            }
            ExprKind::Local(index) => match scope.locals.get(*index) {
                Some(&node) => self.convert(node, &ty),
                None => self.absent(ty),
            },
            ExprKind::Param(id) => {
                let module = self.module;
                self.literal(&module.params[id.0 as usize].value, ty)
            }
            ExprKind::Segment(id) => self.membership(*id),
            ExprKind::Member { audience, namespace } => self.member(audience, namespace),
            ExprKind::List(items) => self.list(items, ty, scope),
            ExprKind::Not(inner) => {
                let inner = self.expr(inner, scope);
                self.graph.not(inner)
            }
            ExprKind::And(items) => {
                let items = items.iter().map(|item| self.expr(item, scope)).collect();
                self.graph.and(items)
            }
            ExprKind::Or(items) => {
                let items = items.iter().map(|item| self.expr(item, scope)).collect();
                self.graph.or(items)
            }
            ExprKind::If { condition, then, otherwise } => {
                let condition = self.expr(condition, scope);
                let (then, otherwise) = (self.expr_as(then, &ty, scope), self.expr_as(otherwise, &ty, scope));
                self.choose(condition, then, otherwise)
            }
            ExprKind::Default { value, default } => {
                let mut args = [self.expr_as(value, &ty, scope), self.expr_as(default, &ty, scope)];
                let domain = self.graph.align(&mut args);
                let [value, default] = args;
                self.graph.node(Op::Default { value, default }, domain, Type { ty, optional: expr.ty.optional })
            }
            ExprKind::IsPresent(inner) => {
                let inner = self.expr(inner, scope);
                self.graph.is_present(inner)
            }
            ExprKind::Test { op, negated, ignoring_case, args } => {
                self.test(*op, *negated, *ignoring_case, args, scope)
            }
            ExprKind::Call { func, args } => self.call(*func, args, ty, scope),
            ExprKind::InWindow { value, window, negated, ignoring_year } => {
                let node = self.expr(value, scope);
                let inside = if *ignoring_year {
                    self.anniversary_in(node, window, scope)
                } else {
                    let tests = self.window_tests(node, window, scope);
                    self.graph.and(tests)
                };
                if !negated {
                    return inside;
                }
                // An absent bound makes it false too.
                let mut tests = vec![self.graph.is_present(node), self.graph.not(inside)];
                if let Window::On(_) | Window::Before(_) | Window::After(_) | Window::Between(..) = window {
                    for bound in window.bounds() {
                        let bound = self.expr(bound, scope);
                        tests.push(self.graph.is_present(bound));
                    }
                }
                self.graph.and(tests)
            }
            ExprKind::Entry { map, key } => self.entry(map, key, ty),
            ExprKind::Aggregate { function, collection } => self.aggregate(function, collection, ty, scope),
            ExprKind::Sequence(sequence) => self.sequence(sequence, scope),
        }
    }

    /// The node of an expression, widened.
    pub(super) fn expr_as(&mut self, expr: &Expr, ty: &Ty, scope: &Scope) -> NodeId {
        let node = self.expr(expr, scope);
        self.convert(node, ty)
    }

    /// A value that is absent everywhere.
    pub(super) fn absent(&mut self, ty: Ty) -> NodeId {
        self.graph.node(Op::Absent, DomainId::PROFILES, Type::optional(ty))
    }

    /// A constant instant.
    pub(super) fn timestamp(&mut self, micros: i64) -> NodeId {
        self.graph.literal(Value::Timestamp(micros), Ty::Timestamp)
    }

    /// A constant day.
    pub(super) fn date(&mut self, days: i32) -> NodeId {
        self.graph.literal(Value::Date(days), Ty::Date)
    }

    /// `if condition then a else b`
    pub(super) fn choose(&mut self, condition: NodeId, then: NodeId, otherwise: NodeId) -> NodeId {
        let ty = self.graph.get(then).ty.ty.clone();
        let optional = [then, otherwise].iter().any(|&node| self.graph.get(node).ty.optional);
        let mut args = [condition, then, otherwise];
        let domain = self.graph.align(&mut args);
        let [condition, then, otherwise] = args;
        self.graph.node(Op::If { condition, then, otherwise }, domain, Type { ty, optional })
    }

    fn literal(&mut self, value: &Value, ty: Ty) -> NodeId {
        let own = match (value, &ty) {
            (Value::Decimal { scale, .. }, Ty::Decimal(digits)) if *scale == digits.scale => None,
            (Value::Decimal { scale, .. }, _) => {
                Some(Ty::Decimal(crate::types::Digits { precision: 38, scale: *scale }))
            }
            (Value::Int(_), Ty::Decimal(_) | Ty::Float) => Some(Ty::Int),
            _ => None,
        };
        match own {
            None => self.graph.literal(value.clone(), ty),
            Some(own) => {
                let node = self.graph.literal(value.clone(), own);
                self.convert(node, &ty)
            }
        }
    }

    fn relative_to_now(&mut self, duration: &Expr, negative: bool, scope: &Scope) -> NodeId {
        let node = self.expr(duration, scope);
        if let Some(duration) = self.graph.constant_duration(node) {
            return match self.zone.add(self.now, duration, negative) {
                Some(instant) => self.timestamp(instant),
                None => self.absent(Ty::Timestamp),
            };
        }
        let now = self.timestamp(self.now);
        let func = if negative { Func::SubDuration } else { Func::AddDuration };
        self.graph.call(func, vec![now, node], Ty::Timestamp)
    }

    fn list(&mut self, items: &[Expr], ty: Ty, scope: &Scope) -> NodeId {
        let element = if let Ty::List(element) = &ty { (**element).clone() } else { Ty::Error };
        let mut nodes: Vec<NodeId> = items.iter().map(|item| self.expr_as(item, &element, scope)).collect();
        let constants: Option<Vec<Value>> = nodes.iter().map(|&node| self.graph.constant(node).cloned()).collect();
        if let Some(values) = constants {
            return self.graph.literal(Value::List(values), ty);
        }
        let domain = self.graph.align(&mut nodes);
        self.graph.node(Op::List(nodes), domain, Type::required(ty))
    }

    fn test(&mut self, op: Test, negated: bool, ignoring_case: bool, args: &[Expr], scope: &Scope) -> NodeId {
        if let (Test::Eq | Test::Ne | Test::Lt | Test::Le | Test::Gt | Test::Ge, [lhs, rhs], false) =
            (op, args, ignoring_case)
        {
            let node = self.compare(op, lhs, rhs, scope);
            return if negated { self.negate_present(node, args, scope) } else { node };
        }
        let mut nodes: Vec<NodeId> = args.iter().map(|arg| self.expr(arg, scope)).collect();
        nodes = nodes.into_iter().map(|node| self.exact_duration(node)).collect();
        if let ([value, list], Test::In) = (nodes.as_mut_slice(), op) {
            self.unify_with_list(value, list);
        }
        let domain = self.graph.align(&mut nodes);
        self.graph.node(Op::Test { op, negated, ignoring_case, args: nodes }, domain, Type::BOOL)
    }

    /// `int in [1.5]`: both sides as the wider type.
    fn unify_with_list(&mut self, value: &mut NodeId, list: &mut NodeId) {
        let Ty::List(element) = self.graph.get(*list).ty.ty.clone() else { return };
        let value_ty = self.graph.get(*value).ty.ty.clone();
        if value_ty == *element || !value_ty.is_number() || !element.is_number() {
            return;
        }
        let probe = self.graph.node(Op::Absent, DomainId::PROFILES, Type::optional(*element));
        let (wide, _) = self.unify(*value, probe);
        let ty = self.graph.get(wide).ty.ty.clone();
        *value = wide;
        *list = self.convert(*list, &Ty::List(Box::new(ty)));
    }

    /// The negation of a comparison whose operands are all present.
    fn negate_present(&mut self, node: NodeId, args: &[Expr], scope: &Scope) -> NodeId {
        let mut conjuncts: Vec<NodeId> = args
            .iter()
            .map(|arg| {
                let arg = self.expr(arg, scope);
                self.graph.is_present(arg)
            })
            .collect();
        conjuncts.push(self.graph.not(node));
        self.graph.and(conjuncts)
    }

    fn call(&mut self, func: Func, args: &[Expr], ty: Ty, scope: &Scope) -> NodeId {
        if let (Func::AddDuration | Func::SubDuration, [Expr { kind: ExprKind::Now, .. }, duration]) = (func, args) {
            return self.relative_to_now(duration, func == Func::SubDuration, scope);
        }
        if let (Func::Size | Func::Keys | Func::Values, [map]) = (func, args)
            && let Some(node) = self.map_function(func, map, &ty)
        {
            return node;
        }
        let mut nodes: Vec<NodeId> = args.iter().map(|arg| self.expr(arg, scope)).collect();
        match func {
            Func::Convert => {
                return match nodes.first() {
                    Some(&node) => self.convert(node, &ty),
                    None => self.absent(ty),
                };
            }
            Func::DateOf => {
                return match nodes.first() {
                    Some(&node) => self.as_date(node),
                    None => self.absent(ty),
                };
            }
            Func::Div if ty != Ty::Float => nodes = nodes.into_iter().map(|node| self.exact(node)).collect(),
            Func::Add | Func::Sub | Func::Mul | Func::Div | Func::MinOf | Func::MaxOf | Func::Rem | Func::IntDiv => {
                self.unify_all(&mut nodes, func);
            }
            Func::AddDuration | Func::SubDuration if ty == Ty::Date => {}
            _ => nodes = nodes.into_iter().map(|node| self.exact_duration(node)).collect(),
        }
        self.graph.call(func, nodes, ty)
    }

    /// Gives all arguments one numeric type; factors keep their own scales.
    fn unify_all(&mut self, nodes: &mut [NodeId], func: Func) {
        if func == Func::Mul && nodes.iter().all(|&node| self.graph.get(node).ty.ty != Ty::Float) {
            if nodes.iter().any(|&node| matches!(self.graph.get(node).ty.ty, Ty::Decimal(_))) {
                for node in nodes {
                    *node = self.exact(*node);
                }
            }
            return;
        }
        for index in 1..nodes.len() {
            let (a, b) = self.unify(nodes[0], nodes[index]);
            (nodes[0], nodes[index]) = (a, b);
        }
        for index in 1..nodes.len() {
            let (_, b) = self.unify(nodes[0], nodes[index]);
            nodes[index] = b;
        }
    }

    /// A constant duration in exact microseconds: counted from a value, a day is 24 hours.
    pub(super) fn exact_duration(&mut self, node: NodeId) -> NodeId {
        match self.graph.constant_duration(node).and_then(Duration::exact_micros) {
            Some(micros) => self.graph.literal(Value::Duration(Duration { months: 0, days: 0, micros }), Ty::Duration),
            None => node,
        }
    }

    fn member(&mut self, audience: &str, namespace: &str) -> NodeId {
        let steps = [
            FieldStep::Field("segmentMembership".into()),
            FieldStep::Key(namespace.into()),
            FieldStep::Key(audience.into()),
            FieldStep::Field("status".into()),
        ];
        let column = Op::Column(steps.into_iter().collect());
        let status = self.graph.node(column, DomainId::PROFILES, Type::optional(Ty::String));
        let current = ["realized", "existing"].map(|status| Value::String(status.into()));
        let list = self.graph.literal(Value::List(current.into()), Ty::List(Box::new(Ty::String)));
        self.graph.test(Test::In, vec![status, list])
    }
}
