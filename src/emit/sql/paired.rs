//! Events paired with other events: those that come after, or between, the events of outer rows. Invariant: "later" is
//! strict in the order of (time, id), or of time alone where events have no ids.

use super::names::singular;
use super::rows::{Loop, Opened};
use super::scope::{Frame, Row, Scope};
use super::{Emitter, Failure, Result, event_name};
use crate::plan::{DomainId, DomainKind, NodeId};
use crate::sql::Expr;
use crate::sql::tree::BinaryOp;

impl Emitter<'_> {
    /// Binds an event that comes after, or between, events of outer rows.
    pub(super) fn open_paired(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        step: &Loop,
        ordered: bool,
    ) -> Result<Opened> {
        let kind = &self.plan.domains[step.domain.0 as usize].kind;
        let (DomainKind::Later { events, mask, .. } | DomainKind::Between { events, mask, .. }) = kind else {
            return Err(Failure::Unsupported("a pair of events".to_owned()));
        };
        let events = self.base(*events);
        let DomainKind::Events { event_type } = &self.plan.domains[events.0 as usize].kind else {
            return Err(Failure::Unsupported("a pair of rows that are no events".to_owned()));
        };
        let since = match kind {
            DomainKind::Later { after, .. } => self.lower_bound(*after),
            DomainKind::Between { after, .. } => after.and_then(|after| self.lower_bound(after)),
            _ => None,
        };
        let conditions: Vec<NodeId> = mask.iter().flat_map(|&mask| self.conjuncts(mask)).collect();
        let (early, late): (Vec<NodeId>, Vec<NodeId>) =
            conditions.into_iter().partition(|&node| self.is_early(node, events));
        let (list, column) = self.list_column(frame, event_type.as_deref(), events, early, since, ordered);
        let param = self.names.fresh(&singular(&event_name(event_type.as_deref())));
        let item = Expr::Var(param.clone());
        let row = Row::EventItem { list, item: item.clone() };
        let inner = scope.with(step.domain, row.clone());
        let mut all = self.in_order(&inner, step.domain, kind)?;
        // The candidates' own conditions see the event as a row of their domain.
        all.extend(self.conditions(frame, &scope.with(events, row), &late)?);
        all.extend(self.conditions(frame, &inner, &step.conditions)?);
        Ok(Opened { list: column, params: vec![param], item, scope: inner, conditions: all })
    }

    /// Where in time the row of a paired domain must be.
    pub(super) fn in_order(&mut self, scope: &Scope, here: DomainId, kind: &DomainKind) -> Result<Vec<Expr>> {
        let mut all = Vec::new();
        match kind {
            DomainKind::Later { after, since, within, at_least, .. } => {
                all.push(self.comes_after(scope, here, *after)?);
                if let Some(at_least) = at_least {
                    all.push(self.gap(scope, here, *since, BinaryOp::Ge, *at_least)?);
                }
                if let Some(within) = within {
                    all.push(self.gap(scope, here, *since, BinaryOp::Le, *within)?);
                }
            }
            DomainKind::Between { after, before, at_least, .. } => {
                if let Some(after) = after {
                    all.push(self.comes_after(scope, here, *after)?);
                    if let Some(at_least) = at_least {
                        all.push(self.gap(scope, here, *after, BinaryOp::Ge, *at_least)?);
                    }
                }
                all.push(self.comes_after(scope, *before, here)?);
            }
            _ => {}
        }
        Ok(all)
    }

    /// Whether one event comes strictly later than another.
    pub(super) fn comes_after(&mut self, scope: &Scope, later: DomainId, earlier: DomainId) -> Result<Expr> {
        let (a, b) = (self.event_time(scope, later)?, self.event_time(scope, earlier)?);
        let by_time = a.clone().binary(BinaryOp::Gt, b.clone());
        let (Some(id_a), Some(id_b)) = (self.event_id(scope, later)?, self.event_id(scope, earlier)?) else {
            return Ok(by_time);
        };
        let (id_a, id_b) = (self.dialect.by_code_point(id_a)?, self.dialect.by_code_point(id_b)?);
        Ok(Expr::or([by_time, Expr::and([a.eq(b), id_a.binary(BinaryOp::Gt, id_b)])]))
    }

    /// Compares the time from one event to another.
    pub(super) fn gap(
        &mut self,
        scope: &Scope,
        later: DomainId,
        earlier: DomainId,
        op: BinaryOp,
        micros: i64,
    ) -> Result<Expr> {
        let later = self.event_time(scope, later)?;
        let earlier = self.event_time(scope, earlier)?;
        let (later, earlier) = (self.dialect.micros(later)?, self.dialect.micros(earlier)?);
        Ok(later.binary(BinaryOp::Sub, earlier).binary(op, Expr::int(micros)))
    }
}
