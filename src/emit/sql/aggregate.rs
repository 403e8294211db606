//! Reductions: those over the events of each profile become aggregates of a named query, one `GROUP BY` for all of an
//! event type; the others are list functions. Invariant: both ways give the same value, which is finished in one place
//! ([`Emitter::finished`]).

use std::sync::Arc;

use super::facts::{chain, is_profile};
use super::rows::Loops;
use super::scope::{Frame, Scope};
use super::unit::UnitKind;
use super::{Emitter, Result, predicate::Predicate, sql_type};
use crate::plan::{DomainId, DomainKind, NodeId, Reduction};
use crate::sql::tree::{BinaryOp, Order};
use crate::sql::{Expr, SqlType};
use crate::types::Ty;

/// An aggregate to ask a unit for.
pub(super) struct Request {
    pub event_type: Option<Arc<str>>,
    pub level: u32,
    /// The domain whose rows are aggregated.
    pub row: DomainId,
    pub conditions: Vec<NodeId>,
}

impl Emitter<'_> {
    /// How a reduction into the profiles can be asked of a unit; `None` if it has to walk through lists.
    pub(super) fn as_feature(
        &mut self,
        id: NodeId,
        from: DomainId,
        mask: Option<NodeId>,
        reduction: &Reduction,
    ) -> Option<Request> {
        let to = self.node(id).domain;
        if !is_profile(self.plan, to) {
            return None;
        }
        let chain = chain(self.plan, from, to);
        let (first, filters) = chain.split_first()?;
        let DomainKind::Events { event_type } = &self.plan.domains[first.0 as usize].kind else { return None };
        let mut conditions = Vec::new();
        for filter in filters {
            let DomainKind::Filter { mask } = self.plan.domains[filter.0 as usize].kind else { return None };
            conditions.extend(self.conjuncts(mask));
        }
        conditions.extend(mask.into_iter().flat_map(|mask| self.conjuncts(mask)));
        let mut level = 0;
        for &node in conditions.iter().chain(&reduction.inputs()) {
            let facts = self.analysis.of(node);
            if !facts.is_plain(*first) {
                return None;
            }
            level = level.max(facts.level);
        }
        Some(Request { event_type: event_type.clone(), level: level + 1, row: *first, conditions })
    }

    /// The value of a reduction other than [`Reduction::Any`].
    pub(super) fn reduce(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        id: NodeId,
        from: DomainId,
        mask: Option<NodeId>,
        reduction: &Reduction,
    ) -> Result<Expr> {
        let ty = self.node(id).ty.ty.clone();
        if let Some(request) = self.as_feature(id, from, mask, reduction) {
            let unit = self.unit(UnitKind::Events(request.event_type), request.level);
            let column = self.feature(unit, request.row, reduction.clone(), request.conditions);
            let bare = self.unit_column(frame, unit, &column);
            if matches!(reduction, Reduction::Count | Reduction::CountDistinct(_) | Reduction::CountPresent(_))
                && frame.required.contains(&unit)
            {
                return Ok(bare);
            }
            return self.finished(bare, reduction, &ty);
        }
        let loops = self.loops(from, self.node(id).domain, mask);
        let bare = self.reduce_list(frame, scope, loops, reduction)?;
        self.finished(bare, reduction, &ty)
    }

    /// Whether there is a row.
    pub(super) fn exists(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        id: NodeId,
        from: DomainId,
        mask: Option<NodeId>,
    ) -> Result<Predicate> {
        if let Some(request) = self.as_feature(id, from, mask, &Reduction::Any) {
            let unit = self.unit(UnitKind::Events(request.event_type), request.level);
            // Shares the column with a count of the same events.
            let column = self.feature(unit, request.row, Reduction::Count, request.conditions);
            let count = self.unit_column(frame, unit, &column);
            let required = frame.required.contains(&unit);
            let count = if required { count } else { count.or_else(Expr::int(0)) };
            return Ok(Predicate::new(count.binary(BinaryOp::Gt, Expr::int(0)), true));
        }
        let loops = self.loops(from, self.node(id).domain, mask);
        let expr = self.any_row(frame, scope, &loops)?;
        Ok(Predicate::new(expr, false))
    }

    /// A reduction's value out of what its aggregate gives, which is null where there were no rows (or none at all).
    fn finished(&mut self, bare: Expr, reduction: &Reduction, ty: &Ty) -> Result<Expr> {
        Ok(match reduction {
            Reduction::Any | Reduction::Count | Reduction::CountDistinct(_) | Reduction::CountPresent(_) => {
                bare.or_else(Expr::int(0))
            }
            Reduction::Sum(_) => match ty {
                Ty::Int => bare.or_else(Expr::int(0)).try_cast(SqlType::Int),
                Ty::Float => {
                    let sum = bare.or_else(Expr::Literal(crate::sql::tree::Literal::Float(0.0)));
                    self.finite(sum)?
                }
                _ => bare.or_else(Expr::int(0)),
            },
            Reduction::Mean(_) => self.finite(bare)?,
            Reduction::List(_) => {
                let element = if let Ty::List(element) = ty { element } else { ty };
                bare.or_else(self.dialect.empty_list(&sql_type(element))?)
            }
            Reduction::Min(_) | Reduction::Max(_) | Reduction::First { .. } | Reduction::Last { .. } => bare,
        })
    }

    /// A double, null where it is not finite.
    pub(super) fn finite(&self, float: Expr) -> Result<Expr> {
        let finite = self.dialect.is_finite(float.clone())?;
        Ok(float.when(finite))
    }

    /// The aggregate function of a feature.
    pub(super) fn aggregate(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        reduction: &Reduction,
        filter: Vec<Expr>,
    ) -> Result<Expr> {
        let mut of = |this: &mut Self, name: &'static str, node: NodeId, filter: Vec<Expr>| {
            Ok(Expr::aggregate(name, [this.value(frame, scope, node)?], filter))
        };
        match reduction {
            Reduction::Any | Reduction::Count => Ok(Expr::aggregate("count", [], filter)),
            Reduction::CountDistinct(node) => Ok(Expr::Aggregate {
                name: "count",
                args: vec![self.value(frame, scope, *node)?],
                distinct: true,
                order_by: vec![],
                filter,
            }),
            Reduction::CountPresent(node) => of(self, "count", *node, filter),
            Reduction::Sum(node) => of(self, "sum", *node, filter),
            Reduction::Min(node) => of(self, "min", *node, filter),
            Reduction::Max(node) => of(self, "max", *node, filter),
            Reduction::Mean(node) => of(self, "avg", *node, filter),
            Reduction::First { value, ties } => self.end(frame, scope, *value, *ties, false, filter),
            Reduction::Last { value, ties } => self.end(frame, scope, *value, *ties, true, filter),
            Reduction::List(node) => {
                let row = self.base(self.node(*node).domain);
                let order = self.event_order(scope, row)?;
                let value = self.value(frame, scope, *node)?;
                let filter = filter.into_iter().chain([value.clone().is_present()]).collect();
                Ok(self.dialect.agg_list(value, order, filter)?)
            }
        }
    }

    /// The first or last present value.
    fn end(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        value: NodeId,
        ties: Option<NodeId>,
        last: bool,
        mut filter: Vec<Expr>,
    ) -> Result<Expr> {
        let row = self.base(self.node(value).domain);
        let value_expr = self.value(frame, scope, value)?;
        filter.push(value_expr.clone().is_present());
        let key = |expr, descending| Order { expr, descending, nullable: false };
        let order = match ties {
            Some(time) => {
                let time = self.value(frame, scope, time)?;
                // Of simultaneous events the smallest value, for the first and for the last.
                vec![key(time, last), key(value_expr.clone(), false)]
            }
            None => {
                let order = self.event_order(scope, row)?;
                order.into_iter().map(|order| Order { descending: last, ..order }).collect()
            }
        };
        Ok(self.dialect.agg_first(value_expr, order, filter)?)
    }

    /// The loops of a reduction.
    pub(super) fn loops(&self, from: DomainId, to: DomainId, mask: Option<NodeId>) -> Loops {
        let mut loops = Loops::default();
        for domain in chain(self.plan, from, to) {
            match &self.plan.domains[domain.0 as usize].kind {
                DomainKind::Filter { mask } => loops.add_conditions(self.conjuncts(*mask)),
                _ => loops.add_domain(domain),
            }
        }
        loops.add_conditions(mask.into_iter().flat_map(|mask| self.conjuncts(mask)).collect());
        loops
    }
}
