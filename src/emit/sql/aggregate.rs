//! Reductions: those over the events of each profile become aggregates of a named query, one `GROUP BY` for all of an
//! event type; the others are list functions. Invariant: both ways give the same value, which is finished in one place
//! ([`Emitter::finished`]).

use super::facts::{chain, is_profile};
use super::rows::Loops;
use super::scope::{Frame, Row, Scope};
use super::unit::UnitKind;
use super::{Emitter, Result, predicate::Predicate, sql_type};
use crate::plan::{DomainId, DomainKind, NodeId, Op, Reduction};
use crate::sql::tree::BinaryOp;
use crate::sql::{Expr, SqlType};
use crate::types::Ty;

/// An aggregate to ask a unit for.
pub(super) struct Request {
    pub kind: UnitKind,
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
        let mut conditions = Vec::new();
        for filter in filters {
            let DomainKind::Filter { mask } = self.plan.domains[filter.0 as usize].kind else { return None };
            conditions.extend(self.conjuncts(mask));
        }
        conditions.extend(mask.into_iter().flat_map(|mask| self.conjuncts(mask)));
        let nodes: Vec<NodeId> = conditions.iter().copied().chain(reduction.inputs()).collect();
        match &self.plan.domains[first.0 as usize].kind {
            DomainKind::Events { event_type } => {
                let kind = UnitKind::Events(event_type.clone());
                match self.highest_level(&nodes, *first) {
                    Some(level) if self.walks_instead(level, reduction) => None,
                    Some(level) => Some(Request { kind, level: level + 1, row: *first, conditions }),
                    None => self.as_best(*first, conditions, reduction),
                }
            }
            DomainKind::Groups { of, mask, key } => {
                let rows = self.of_profile_events(*of)?;
                let grouped: Vec<NodeId> =
                    mask.iter().flat_map(|&mask| self.conjuncts(mask)).chain(self.filters(*of)).chain([*key]).collect();
                let mut level = self.highest_level(&grouped, rows)?;
                for node in nodes {
                    level = level.max(self.group_level(node, *first)?);
                }
                Some(Request { kind: UnitKind::Groups(*first), level: level + 1, row: *first, conditions })
            }
            _ => None,
        }
    }

    /// Whether events are found in a list of their layer, not aggregated in a query that reads the layer below once more
    /// beside those that read it anyway.
    fn walks_instead(&self, level: u32, reduction: &Reduction) -> bool {
        level > 0 && self.dialect.runs_named_again() && matches!(reduction, Reduction::Any | Reduction::Count)
    }

    /// The domain of events directly under the profiles whose rows, or some of them, a domain has.
    fn of_profile_events(&self, domain: DomainId) -> Option<DomainId> {
        let base = self.base(domain);
        let domain = &self.plan.domains[base.0 as usize];
        let under_profile = domain.parent.is_some_and(|parent| is_profile(self.plan, parent));
        (under_profile && matches!(domain.kind, DomainKind::Events { .. })).then_some(base)
    }

    /// The highest level of nodes that can all be evaluated for a row by itself.
    fn highest_level(&mut self, nodes: &[NodeId], row: DomainId) -> Option<u32> {
        let mut level = 0;
        for &node in nodes {
            let facts = self.analysis.of(node);
            if !facts.is_plain(row) {
                return None;
            }
            level = level.max(facts.level);
        }
        Some(level)
    }

    /// A reduction over the best events of the profile: exactly one of the conditions ranks them.
    fn as_best(&mut self, row: DomainId, mut conditions: Vec<NodeId>, reduction: &Reduction) -> Option<Request> {
        let is_top = |this: &Self, node: NodeId| matches!(this.node(node).op, Op::Top { .. });
        let at = conditions.iter().position(|&node| is_top(self, node))?;
        let top = conditions.remove(at);
        let Op::Top { parent, mask, key, .. } = &self.node(top).op else { return None };
        if !is_profile(self.plan, *parent) || self.of_profile_events(self.node(top).domain) != Some(row) {
            return None;
        }
        let ranking = mask.iter().flat_map(|&mask| self.conjuncts(mask)).chain(self.filters(self.node(top).domain));
        let nodes: Vec<NodeId> =
            ranking.chain([*key]).chain(conditions.iter().copied()).chain(reduction.inputs()).collect();
        let level = self.highest_level(&nodes, row)?;
        Some(Request { kind: UnitKind::Best(top), level: level + 1, row, conditions })
    }

    /// The level of a node that can be evaluated for a group: out of its key, of aggregates over its members, and of
    /// values of the profile.
    fn group_level(&mut self, id: NodeId, groups: DomainId) -> Option<u32> {
        let node = self.node(id);
        match &node.op {
            Op::Const(_) | Op::Absent | Op::Key => Some(0),
            Op::Gather(inner) if is_profile(self.plan, self.node(*inner).domain) => {
                Some(self.analysis.of(*inner).level)
            }
            Op::Reduce { from, mask, reduction } if self.base(node.domain) == groups => {
                let chain = chain(self.plan, *from, node.domain);
                let (members, filters) = chain.split_first()?;
                let DomainKind::Members { groups: of } = &self.plan.domains[members.0 as usize].kind else {
                    return None;
                };
                let all_filters =
                    filters.iter().all(|f| matches!(self.plan.domains[f.0 as usize].kind, DomainKind::Filter { .. }));
                if self.base(*of) != groups || !all_filters {
                    return None;
                }
                let mut nodes = self.filters(*from);
                nodes.extend(mask.iter().flat_map(|&mask| self.conjuncts(mask)));
                nodes.extend(reduction.inputs());
                self.highest_level(&nodes, *members)
            }
            Op::Test { .. }
            | Op::Call { .. }
            | Op::List(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Not(_)
            | Op::If { .. }
            | Op::Default { .. }
            | Op::IsPresent(_)
            | Op::Related { .. } => {
                let mut level = 0;
                for input in node.op.inputs() {
                    level = level.max(self.group_level(input, groups)?);
                }
                Some(level)
            }
            Op::Gather(_)
            | Op::Column(_)
            | Op::Reduce { .. }
            | Op::Top { .. }
            | Op::Sequence(_)
            | Op::Sample { .. }
            | Op::Membership(_)
            | Op::ProfileId => None,
        }
    }

    /// The column of a reduction over the members of a group that is a row of a table; `None` if its row is no such.
    fn group_column(
        &mut self,
        scope: &Scope,
        id: NodeId,
        from: DomainId,
        mask: Option<NodeId>,
        reduction: Reduction,
    ) -> Result<Option<Expr>> {
        let to = self.node(id).domain;
        if is_profile(self.plan, to) {
            return Ok(None);
        }
        let Row::GroupOfTable { unit, table } = self.row(scope, to)? else { return Ok(None) };
        let members = self.base(from);
        let mut conditions = self.filters(from);
        conditions.extend(mask.iter().flat_map(|&mask| self.conjuncts(mask)));
        let column = self.inner_feature(unit, members, reduction, conditions);
        Ok(Some(Expr::column(&table, &column)))
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
        if let Reduction::Sum(node) = reduction {
            self.can_sum(*node)?;
        }
        let ty = self.node(id).ty.ty.clone();
        let is_count = matches!(reduction, Reduction::Count | Reduction::CountDistinct(_) | Reduction::CountPresent(_));
        if let Some(bare) = self.group_column(scope, id, from, mask, reduction.clone())? {
            return if is_count { Ok(bare) } else { self.finished(bare, reduction, &ty) };
        }
        if let Some(request) = self.as_feature(id, from, mask, reduction) {
            let unit = self.unit(request.kind, request.level);
            let column = self.feature(unit, request.row, reduction.clone(), request.conditions, None);
            let bare = self.unit_column(frame, unit, &column);
            if is_count && frame.required.contains(&unit) {
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
        if let Some(count) = self.group_column(scope, id, from, mask, Reduction::Count)? {
            return Ok(Predicate::new(count.binary(BinaryOp::Gt, Expr::int(0)), true));
        }
        if let Some(request) = self.as_feature(id, from, mask, &Reduction::Any) {
            let unit = self.unit(request.kind, request.level);
            // Shares the column with a count of the same events.
            let column = self.feature(unit, request.row, Reduction::Count, request.conditions, None);
            let count = self.unit_column(frame, unit, &column);
            let required = frame.required.contains(&unit);
            let count = if required { count } else { count.or_else(Expr::int(0)) };
            return Ok(Predicate::new(count.binary(BinaryOp::Gt, Expr::int(0)), true));
        }
        if let Some(level) = self.chain_level(self.node(id).domain, from, mask) {
            let unit = self.unit(UnitKind::Chain(id), level);
            return Ok(self.joined_flag(frame, unit));
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
                Ty::Int => self.dialect.narrowed(bare.or_else(Expr::int(0)), &SqlType::WideInt, &SqlType::Int)?,
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
            let value = this.value(frame, scope, node)?;
            let value = if matches!(name, "min" | "max") { this.picked(node, value)? } else { value };
            Ok(Expr::aggregate(name, [value], filter))
        };
        match reduction {
            Reduction::Any | Reduction::Count => Ok(self.dialect.agg_count(None, false, filter)?),
            Reduction::CountDistinct(node) => {
                let value = self.value(frame, scope, *node)?;
                let value = if self.is_text(*node) { self.dialect.counted_text(value) } else { value };
                Ok(self.dialect.agg_count(Some(value), true, filter)?)
            }
            Reduction::CountPresent(node) => {
                let value = self.value(frame, scope, *node)?;
                Ok(self.dialect.agg_count(Some(value), false, filter)?)
            }
            Reduction::Sum(node) => {
                let value = self.value(frame, scope, *node)?;
                Ok(self.dialect.agg_sum(value, &self.summed_type(*node), filter)?)
            }
            Reduction::Min(node) => of(self, "min", *node, filter),
            Reduction::Max(node) => of(self, "max", *node, filter),
            Reduction::Mean(node) => of(self, "avg", *node, filter),
            // The first of the times is the earliest.
            Reduction::First { value, .. } if self.is_event_time(*value) => of(self, "min", *value, filter),
            Reduction::Last { value, .. } if self.is_event_time(*value) => of(self, "max", *value, filter),
            Reduction::First { value, ties } => self.end(frame, scope, *value, *ties, false, filter),
            Reduction::Last { value, ties } => self.end(frame, scope, *value, *ties, true, filter),
            Reduction::List(node) => {
                let row = self.base(self.node(*node).domain);
                let order = self.event_order(scope, row)?;
                let value = self.value(frame, scope, *node)?;
                let filter = filter.into_iter().chain([value.clone().is_present()]).collect();
                Ok(self.dialect.agg_list(value, &self.type_of(*node), order, filter)?)
            }
        }
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
