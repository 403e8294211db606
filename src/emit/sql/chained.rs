//! Sequences whose steps refer to each other's events, as joins: a named query of the candidates of each step, joined
//! on the profile and on what the later step asks of the earlier ones. Where a step has to walk through further events
//! (an excluded step, a repeat), list functions are the way ([`rows`](super::rows)).
//!
//! Invariant: a pair of events is never kept longer apart than the whole chain allows: what a gap between two steps
//! says of the steps between them is said to the engine too, so that it can join the rarest first.

use std::collections::BTreeMap;

use super::facts::{chain, is_profile};
use super::funnel::FunnelStep;
use super::scope::{First, Frame, Row, Scope};
use super::unit::{PROFILE_ID, Stored};
use super::{Emitter, Failure, Result, event_name};
use crate::builtins::{Func, Test};
use crate::plan::{DomainId, DomainKind, FieldStep, NodeId, Op};
use crate::sql::tree::{BinaryOp, Cte, Item, Join, JoinKind, Source, Table};
use crate::sql::{Expr, Ident, Select, SqlType};
use crate::types::Value;

/// A step of a chain.
struct Step {
    /// The domain of its rows.
    domain: DomainId,
    /// The events that they are.
    events: DomainId,
    /// What is asked of an event to be a candidate; of the events' domain.
    mask: Vec<NodeId>,
    /// What is asked of the row.
    conditions: Vec<NodeId>,
}

/// The longest time between two rows that a condition allows.
struct Span {
    later: DomainId,
    earlier: DomainId,
    gap: i64,
    /// Whether it says nothing else.
    exact: bool,
}

/// The column of a candidate's time, in microseconds.
const MICROS: &str = "micros";

/// A step's named query in the making.
struct Candidates {
    name: Ident,
    list: usize,
}

impl Emitter<'_> {
    /// The level of the unit of the profiles with a chain of events, each later than the one before, if a domain is one
    /// whose conditions compare rows of the chain only.
    pub(super) fn chain_level(&mut self, to: DomainId, from: DomainId, mask: Option<NodeId>) -> Option<u32> {
        let steps = self.chain_steps(to, from, mask)?;
        let mut level = 0;
        for (at, step) in steps.iter().enumerate() {
            let rows_before = || steps[..=at].iter().map(|earlier| earlier.domain);
            let of_event = step.mask.iter().map(|&node| (node, vec![step.events]));
            let of_row = step.conditions.iter().map(|&node| (node, rows_before().collect()));
            for (node, bound) in of_event.chain(of_row) {
                let facts = self.analysis.of(node);
                if facts.walks_events || facts.ranks_rows || !facts.rows.iter().all(|row| bound.contains(row)) {
                    return None;
                }
                level = level.max(facts.level);
            }
        }
        Some(level + 1)
    }

    /// The steps of a chain; `None` if it is none.
    fn chain_steps(&self, to: DomainId, from: DomainId, mask: Option<NodeId>) -> Option<Vec<Step>> {
        if !is_profile(self.plan, to) {
            return None;
        }
        let mut steps: Vec<Step> = Vec::new();
        for domain in chain(self.plan, from, to) {
            match &self.plan.domains[domain.0 as usize].kind {
                DomainKind::Events { .. } if steps.is_empty() => {
                    steps.push(Step { domain, events: domain, mask: vec![], conditions: vec![] });
                }
                DomainKind::Later { events, mask, after, since, .. } => {
                    let before = steps.last()?.domain;
                    if self.base(*after) != before || self.base(*since) != before {
                        return None;
                    }
                    let mut all: Vec<NodeId> = mask.iter().flat_map(|&mask| self.conjuncts(mask)).collect();
                    all.extend(self.filters(*events));
                    steps.push(Step { domain, events: self.base(*events), mask: all, conditions: vec![] });
                }
                DomainKind::Filter { mask } => steps.last_mut()?.conditions.extend(self.conjuncts(*mask)),
                _ => return None,
            }
        }
        steps.last_mut()?.conditions.extend(mask.into_iter().flat_map(|mask| self.conjuncts(mask)));
        (steps.len() > 1).then_some(steps)
    }

    /// The queries of the profiles with a chain.
    pub(super) fn chain_unit(&mut self, unit: usize, node: NodeId) -> Result<Vec<Cte>> {
        let Op::Reduce { from, mask, .. } = &self.node(node).op else {
            return Err(Failure::Unsupported("a chain of events".to_owned()));
        };
        let Some(steps) = self.chain_steps(self.node(node).domain, *from, *mask) else {
            return Err(Failure::Unsupported("a chain of events".to_owned()));
        };
        if let Some(select) = self.chain_funnel(&steps)? {
            return Ok(vec![Cte { name: self.units[unit].name.clone(), select }]);
        }
        let candidates: Vec<Candidates> = steps
            .iter()
            .map(|step| {
                let name = self.names.fresh(&self.row_name(step.events));
                Candidates { name, list: self.projection(step.events) }
            })
            .collect();
        let select = self.chain_matches(&steps, &candidates)?;
        let mut ctes = Vec::new();
        let together = self.scanned_together(&steps)?;
        for (step, candidates) in steps.iter().zip(&candidates) {
            ctes.push(self.candidates(step, candidates, together.as_ref())?);
        }
        if let Some((name, list)) = together {
            ctes.insert(0, self.scan_of_all(&steps, &candidates, name, list)?);
        }
        ctes.push(Cte { name: self.units[unit].name.clone(), select });
        Ok(ctes)
    }

    /// The profiles with a chain, if nothing is asked of its steps together but how long all of them take.
    fn chain_funnel(&mut self, steps: &[Step]) -> Result<Option<Select>> {
        let (mut funnel, mut within) = (Vec::new(), None);
        for (at, step) in steps.iter().enumerate() {
            let kind = &self.plan.domains[step.domain.0 as usize].kind;
            if matches!(kind, DomainKind::Later { at_least: Some(gap), .. } if *gap > 0) {
                return Ok(None);
            }
            let (conditions, late) = self.split(step);
            let said = |node: &NodeId| self.span(*node).is_some_and(|span| span.exact && span.later == step.domain);
            if !late.iter().all(said) {
                return Ok(None);
            }
            for earlier in 0..at {
                match self.said_gap(steps, at, earlier) {
                    None => {}
                    Some(gap) if earlier == 0 && at + 1 == steps.len() => within = Some(gap),
                    Some(_) => return Ok(None),
                }
            }
            funnel.push(FunnelStep { events: step.events, row: step.domain, conditions });
        }
        self.funnel(&funnel, within)
    }

    /// The profiles for which a candidate of each step fits those before it. The last step comes first: of the pairs of
    /// two steps, engines then try those at the end of the chain, which is where most profiles have left it.
    fn chain_matches(&mut self, steps: &[Step], candidates: &[Candidates]) -> Result<Select> {
        let Some(Candidates { name: last, .. }) = candidates.last() else {
            return Err(Failure::Unsupported("a chain of no events".to_owned()));
        };
        let mut frame = Frame::over(First::Query { name: last.clone(), alias: last.clone() });
        let id = self.profile_id(&frame)?;
        let mut scope = Scope::default();
        for (step, Candidates { name, list }) in steps.iter().zip(candidates) {
            scope = scope.with(step.domain, Row::Projected { list: *list, table: name.clone() });
        }
        // The conditions of each pair, where the earlier of its rows is joined.
        let mut on: Vec<Vec<Expr>> = steps.iter().map(|_| vec![]).collect();
        let mut filter = Vec::new();
        let micros = |at: usize| Expr::column(&candidates[at].name, &Ident::generated(MICROS));
        for (at, step) in steps.iter().enumerate().skip(1) {
            let mut later = micros(at).binary(BinaryOp::Gt, micros(at - 1));
            let ids = (self.event_id(&scope, step.domain)?, self.event_id(&scope, steps[at - 1].domain)?);
            if let (Some(here), Some(before)) = ids {
                let same = micros(at).eq(micros(at - 1));
                let (here, before) = (self.dialect.by_code_point(here)?, self.dialect.by_code_point(before)?);
                later = Expr::or([later, Expr::and([same, here.binary(BinaryOp::Gt, before)])]);
            }
            on[at - 1].push(later);
        }
        for ((later, earlier), gap) in self.gaps(steps) {
            on[earlier].push(apart(micros(later), micros(earlier), BinaryOp::Le, gap));
        }
        for (at, step) in steps.iter().enumerate() {
            let kind = &self.plan.domains[step.domain.0 as usize].kind;
            if let (DomainKind::Later { at_least: Some(gap), .. }, Some(before)) = (kind, at.checked_sub(1)) {
                on[before].push(apart(micros(at), micros(before), BinaryOp::Ge, *gap));
            }
            for node in self.split(step).1 {
                let is_earlier = |row: DomainId| steps[..at].iter().any(|earlier| earlier.domain == row);
                let said = |span: Span| span.exact && span.later == step.domain && is_earlier(span.earlier);
                if self.span(node).is_some_and(said) {
                    continue;
                }
                let rows = self.analysis.of(node).rows;
                let first = steps[..at].iter().position(|earlier| rows.contains(&earlier.domain));
                let conditions = self.conditions(&mut frame, &scope, &[node])?;
                match first {
                    Some(first) => on[first].extend(conditions),
                    None => filter.extend(conditions),
                }
            }
        }
        let items = vec![Item { expr: id.clone(), alias: None }];
        let mut select = Select { distinct: true, items, filter, ..Select::default() };
        self.finish(frame, &mut select)?;
        for (Candidates { name, .. }, conditions) in candidates.iter().zip(on).rev().skip(1) {
            let same = Expr::column(name, &Ident::generated(PROFILE_ID)).eq(id.clone());
            let table = Table { source: Source::Named(vec![name.clone()]), alias: name.clone() };
            let on = std::iter::once(same).chain(conditions).collect();
            select.joins.push(Join { kind: JoinKind::Inner, table, on });
        }
        Ok(select)
    }

    /// Where candidates are told by their types and times alone, one scan for all: its name, and its columns.
    fn scanned_together(&mut self, steps: &[Step]) -> Result<Option<(Ident, usize)>> {
        for step in steps {
            let only_time = self.split(step).0.iter().all(|&node| self.bound(node).is_some());
            let DomainKind::Events { event_type: Some(_) } = &self.plan.domains[step.events.0 as usize].kind else {
                return Ok(None);
            };
            if !only_time {
                return Ok(None);
            }
        }
        let events = steps.first().map_or(DomainId::PROFILES, |step| step.events);
        Ok(Some((self.names.fresh("steps"), self.projection(events))))
    }

    /// The scan for all steps. Each field is asked of the events of the steps that read it: others may be in tables that
    /// lack it.
    fn scan_of_all(&mut self, steps: &[Step], candidates: &[Candidates], name: Ident, list: usize) -> Result<Cte> {
        let event = Ident::generated("e");
        let mut frame = self.events_frame(&event);
        let mut types: Vec<&str> = Vec::new();
        let mut all = Vec::new();
        for step in steps {
            all.push(self.split(step).0);
            if let DomainKind::Events { event_type: Some(name) } = &self.plan.domains[step.events.0 as usize].kind
                && !types.contains(&&**name)
            {
                types.push(name);
            }
        }
        let all: Vec<&[NodeId]> = all.iter().map(Vec::as_slice).collect();
        let mut items = vec![Item { expr: self.profile_id(&frame)?, alias: Some(Ident::generated(PROFILE_ID)) }];
        for Stored { path, field, ty } in self.lists[list].fields.clone() {
            let reads = |of: &Candidates| self.lists[of.list].fields.iter().any(|known| known.path == path);
            let readers: Vec<DomainId> =
                steps.iter().zip(candidates).filter(|(_, of)| reads(of)).map(|(step, _)| step.events).collect();
            // What no step reads by name is the type, the time or the id of an event.
            let first = steps.first().map(|step| step.events).filter(|_| readers.is_empty());
            let mut read = None;
            for events in readers.into_iter().chain(first) {
                let scope = Scope::default().with(events, Row::Event(event.clone()));
                read = Some(self.record_path(&mut frame, &scope, events, &path, &ty)?);
            }
            items.extend(read.map(|expr| Item { expr, alias: Some(field) }));
        }
        let mut filter = self.of_types(&event, &types)?;
        let time = self.time_of(&event)?;
        let bounds = self.bounds_from_first(&all);
        filter.extend(bounds.into_iter().map(|bound| bound.over(time.clone())));
        let mut select = Select { items, filter, ..Select::default() };
        self.finish(frame, &mut select)?;
        Ok(Cte { name, select })
    }

    /// The events that a step may match, with what is read of them.
    fn candidates(&mut self, step: &Step, candidates: &Candidates, together: Option<&(Ident, usize)>) -> Result<Cte> {
        let event = Ident::generated("e");
        let DomainKind::Events { event_type } = &self.plan.domains[step.events.0 as usize].kind else {
            return Err(Failure::Unsupported("a chain of rows that are no events".to_owned()));
        };
        let (mut frame, row) = match together {
            Some((name, list)) => (
                Frame::over(First::Query { name: name.clone(), alias: event.clone() }),
                Row::Projected { list: *list, table: event.clone() },
            ),
            None => (self.events_frame(&event), Row::Event(event.clone())),
        };
        let scope = Scope::default().with(step.domain, row.clone()).with(step.events, row);
        let time = self.event_time(&scope, step.events)?;
        let mut items = vec![
            Item { expr: self.profile_id(&frame)?, alias: Some(Ident::generated(PROFILE_ID)) },
            Item { expr: self.dialect.micros(time.clone())?, alias: Some(Ident::generated(MICROS)) },
        ];
        for Stored { path, field, ty } in self.lists[candidates.list].fields.clone() {
            let expr = self.record_path(&mut frame, &scope, step.events, &path, &ty)?;
            items.push(Item { expr, alias: Some(field) });
        }
        let mut filter = Vec::new();
        if let Some(name) = event_type {
            let path = [FieldStep::Field(crate::schema::EVENT_TYPE.into())].into();
            let ty = self.record_path(&mut frame, &scope, step.events, &path, &SqlType::Text)?;
            filter.push(ty.eq(Expr::text(name.clone())));
        }
        let early = self.split(step).0;
        if let DomainKind::Later { after, .. } = &self.plan.domains[step.domain.0 as usize].kind
            && let Some(since) = self.lower_bound(*after)
            && !early.iter().any(|&node| self.bound(node) == Some(since))
        {
            filter.push(since.over(time));
        }
        filter.extend(self.conditions(&mut frame, &scope, &early)?);
        let mut select = Select { items, filter, ..Select::default() };
        self.finish(frame, &mut select)?;
        Ok(Cte { name: candidates.name.clone(), select })
    }

    /// The conditions that a candidate meets by itself, and the others. What is asked of the row (and not of its event)
    /// may speak of an earlier row of the same events.
    fn split(&mut self, step: &Step) -> (Vec<NodeId>, Vec<NodeId>) {
        let (own, late): (Vec<NodeId>, Vec<NodeId>) = step
            .conditions
            .iter()
            .partition(|&&node| self.analysis.of(node).rows.iter().all(|row| *row == step.domain));
        (step.mask.iter().copied().chain(own).collect(), late)
    }

    /// The longest time from an earlier step to a later one, by (later, earlier): as the steps say it, and what follows for
    /// the steps between.
    fn gaps(&self, steps: &[Step]) -> BTreeMap<(usize, usize), i64> {
        let mut gaps = BTreeMap::new();
        for later in 0..steps.len() {
            for earlier in 0..later {
                if let Some(gap) = self.said_gap(steps, later, earlier) {
                    gaps.insert((later, earlier), gap);
                }
            }
        }
        for ((last, first), gap) in gaps.clone() {
            for later in first + 1..=last {
                for earlier in first..later {
                    let known = gaps.entry((later, earlier)).or_insert(gap);
                    *known = gap.min(*known);
                }
            }
        }
        gaps
    }

    fn said_gap(&self, steps: &[Step], later: usize, earlier: usize) -> Option<i64> {
        let (here, before) = (&steps[later], steps[earlier].domain);
        let within = match &self.plan.domains[here.domain.0 as usize].kind {
            DomainKind::Later { since, within: Some(within), .. } if self.base(*since) == before => Some(*within),
            _ => None,
        };
        let spans = here.conditions.iter().filter_map(|&node| self.span(node));
        let asked = spans.filter(|span| span.later == here.domain && span.earlier == before);
        within.into_iter().chain(asked.map(|span| span.gap)).min()
    }

    /// The rows and the time of a condition `timestamp <= earlier.timestamp + 1 day`.
    fn span(&self, id: NodeId) -> Option<Span> {
        let Op::Test { op, negated: false, args, .. } = &self.node(id).op else { return None };
        if !matches!(op, Test::Le | Test::Lt) {
            return None;
        }
        let [later, limit] = args.as_slice() else { return None };
        let Op::Call { func: Func::AddDuration, args } = &self.node(self.ungathered(*limit)).op else { return None };
        let [earlier, by] = args.as_slice() else { return None };
        let Op::Const(Value::Duration(duration)) = &self.node(self.ungathered(*by)).op else { return None };
        let (later, earlier) = (self.ungathered(*later), self.ungathered(*earlier));
        if !self.is_event_time(later) || !self.is_event_time(earlier) {
            return None;
        }
        let of = |node: NodeId| self.base(self.node(node).domain);
        let gap = duration.exact_micros().filter(|gap| *gap >= 0)?;
        Some(Span { later: of(later), earlier: of(earlier), gap, exact: *op == Test::Le })
    }

    fn ungathered(&self, mut id: NodeId) -> NodeId {
        while let Op::Gather(inner) = &self.node(id).op {
            id = *inner;
        }
        id
    }

    /// A name for the profiles with a chain.
    pub(super) fn chain_name(&self, node: NodeId) -> String {
        let Op::Reduce { from, .. } = &self.node(node).op else { return "matches".to_owned() };
        match &self.plan.domains[self.base(*from).0 as usize].kind {
            DomainKind::Later { events, .. } => format!("{}_reached", self.row_name(*events)),
            _ => event_name(None),
        }
    }
}

/// Compares the time from one event to another, as the earlier event's with a bound: engines join by ranges of a column, and
/// not by differences.
fn apart(later: Expr, earlier: Expr, op: BinaryOp, gap: i64) -> Expr {
    // No two instants are further apart.
    let gap = gap.clamp(-(1 << 62), 1 << 62);
    let op = match op {
        BinaryOp::Le => BinaryOp::Ge,
        BinaryOp::Lt => BinaryOp::Gt,
        BinaryOp::Ge => BinaryOp::Le,
        BinaryOp::Gt => BinaryOp::Lt,
        other => other,
    };
    earlier.binary(op, later.binary(BinaryOp::Sub, Expr::int(gap)))
}
