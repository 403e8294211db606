//! What is known of the plan's nodes before any SQL is made: in which rows a node can be evaluated, how many layers of
//! aggregation lie below it, and whether it walks through the profile's events row by row.
//!
//! Invariant: the level of a node is above the level of everything that must have been aggregated before it.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::builtins::Func;
use crate::plan::{DomainId, DomainKind, NodeId, Op, Plan};

/// What is known of a node.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// The row sets (filters taken off) that must be bound to evaluate it; the profiles left out.
    pub rows: BTreeSet<DomainId>,
    /// How many layers of aggregation over events it needs.
    pub level: u32,
    /// Whether it pairs its row with events: evaluating it walks through lists of events.
    pub walks_events: bool,
    /// Whether it asks for the best rows of a collection that its row belongs to.
    pub ranks_rows: bool,
    /// How many nodes it would be written out as.
    pub size: u64,
    /// How many operations lie inside each other.
    pub depth: u32,
}

/// Facts of all nodes, computed when asked for.
pub(super) struct Analysis<'a> {
    plan: &'a Plan,
    facts: FxHashMap<NodeId, Facts>,
}

impl<'a> Analysis<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        Analysis { plan, facts: FxHashMap::default() }
    }

    /// The facts of a node.
    pub(super) fn of(&mut self, id: NodeId) -> Facts {
        if let Some(facts) = self.facts.get(&id) {
            return facts.clone();
        }
        let facts = self.compute(id);
        self.facts.insert(id, facts.clone());
        facts
    }

    fn compute(&mut self, id: NodeId) -> Facts {
        let node = &self.plan.nodes[id.0 as usize];
        let own = base(self.plan, node.domain);
        let mut facts = Facts { size: 1, ..Facts::default() };
        for input in node.op.inputs() {
            facts.add(&self.of(input));
        }
        facts.depth += 1;
        match &node.op {
            Op::Const(_) | Op::Absent => {}
            Op::Gather(inner) => {
                if is_profile(self.plan, self.plan.nodes[inner.0 as usize].domain) {
                    facts.walks_events = false;
                }
            }
            Op::Reduce { from, .. } => self.reduction(*from, node.domain, &mut facts),
            Op::Top { .. } => {
                facts.ranks_rows = true;
                facts.rows.insert(own);
            }
            Op::Sequence(steps) => {
                facts = Facts { level: facts.level + 1, size: facts.size, depth: facts.depth, ..Facts::default() };
                for step in steps.iter() {
                    facts.rows.remove(&base(self.plan, step.events));
                }
            }
            Op::Membership(index) => {
                if let Some(segment) = self.plan.segments.get(*index as usize) {
                    let mut inner = self.of(segment.condition);
                    if let Some(rank) = &segment.rank {
                        inner.add(&self.of(rank.key));
                    }
                    facts.level = inner.level + 1;
                }
            }
            // The list is written out where it is gone through, where its first occurrences are looked for, and more or
            // less often once more.
            Op::Call { func: func @ (Func::Distinct | Func::Intersect | Func::Union), args } => {
                let lists = if *func == Func::Union { 2 } else { 1 };
                for &list in args.iter().take(lists) {
                    facts.size = facts.size.saturating_add(self.of(list).size.saturating_mul(2));
                }
            }
            Op::Column(_)
            | Op::Key
            | Op::Related { .. }
            | Op::Sample { .. }
            | Op::ProfileId
            | Op::Test { .. }
            | Op::Call { .. }
            | Op::List(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Not(_)
            | Op::If { .. }
            | Op::Default { .. }
            | Op::IsPresent(_) => {
                if matches!(node.op, Op::Column(_) | Op::Key) {
                    facts.rows.insert(own);
                }
            }
        }
        facts.rows.remove(&DomainId::PROFILES);
        if is_profile(self.plan, node.domain) {
            facts.walks_events = false;
        }
        facts
    }

    /// Adds the rows between a reduction and what it reduces.
    fn reduction(&mut self, from: DomainId, to: DomainId, facts: &mut Facts) {
        let mut walks = false;
        for domain in chain(self.plan, from, to) {
            walks |= self.domain(domain, facts);
        }
        for domain in chain(self.plan, from, to) {
            facts.rows.remove(&base(self.plan, domain));
        }
        // Ranks within the reduced rows are settled here.
        facts.ranks_rows = false;
        facts.walks_events |= walks;
        if walks {
            facts.level += 1;
        }
    }

    /// Adds what the rows of a domain depend on; whether they are events.
    fn domain(&mut self, domain: DomainId, facts: &mut Facts) -> bool {
        let kind = &self.plan.domains[domain.0 as usize].kind;
        let mut inner = Facts::default();
        for input in kind.inputs() {
            inner.add(&self.of(input));
        }
        let mut walks = false;
        match kind {
            DomainKind::Profiles | DomainKind::Filter { .. } | DomainKind::Values { .. } => {}
            DomainKind::Events { .. } => walks = true,
            DomainKind::Elements { of, .. } | DomainKind::Entries { of, .. } => {
                inner.rows.insert(base(self.plan, *of));
            }
            DomainKind::Groups { of, .. } => walks = self.grouped(domain, *of, &mut inner),
            DomainKind::Members { groups } => {
                let groups = base(self.plan, *groups);
                if let DomainKind::Groups { of, .. } = self.plan.domains[groups.0 as usize].kind {
                    for input in self.plan.domains[groups.0 as usize].kind.inputs() {
                        inner.add(&self.of(input));
                    }
                    walks = self.grouped(groups, of, &mut inner);
                }
                inner.rows.insert(groups);
            }
            DomainKind::Later { events, after, since, .. } => {
                walks = true;
                inner.rows.remove(&base(self.plan, *events));
                inner.rows.extend([base(self.plan, *after), base(self.plan, *since)]);
            }
            DomainKind::Between { events, after, before, .. } => {
                walks = true;
                inner.rows.remove(&base(self.plan, *events));
                inner.rows.insert(base(self.plan, *before));
                inner.rows.extend(after.map(|after| base(self.plan, after)));
            }
        }
        facts.add(&inner);
        walks
    }

    /// Adds what the grouped rows depend on.
    fn grouped(&mut self, groups: DomainId, of: DomainId, facts: &mut Facts) -> bool {
        let mut walks = false;
        let Some(parent) = self.plan.domains[groups.0 as usize].parent else { return false };
        for domain in chain(self.plan, of, parent) {
            walks |= self.domain(domain, facts);
        }
        for domain in chain(self.plan, of, parent) {
            facts.rows.remove(&base(self.plan, domain));
        }
        walks
    }
}

impl Facts {
    fn add(&mut self, other: &Facts) {
        self.rows.extend(&other.rows);
        self.level = self.level.max(other.level);
        self.walks_events |= other.walks_events;
        self.ranks_rows |= other.ranks_rows;
        self.size = self.size.saturating_add(other.size);
        self.depth = self.depth.max(other.depth);
    }

    /// Whether it can be evaluated for a row by itself, out of the row's record and values of the profile.
    pub(super) fn is_plain(&self, row: DomainId) -> bool {
        !self.walks_events && !self.ranks_rows && self.rows.iter().all(|&other| other == row)
    }
}

/// The nearest domain that is not a filter: the one whose rows the domain's rows are.
pub(super) fn base(plan: &Plan, mut domain: DomainId) -> DomainId {
    while let (DomainKind::Filter { .. }, Some(parent)) =
        (&plan.domains[domain.0 as usize].kind, plan.domains[domain.0 as usize].parent)
    {
        domain = parent;
    }
    domain
}

/// Whether a domain's rows are profiles.
pub(super) fn is_profile(plan: &Plan, domain: DomainId) -> bool {
    base(plan, domain) == DomainId::PROFILES
}

/// The domains from an ancestor (left out) down to a domain (included).
pub(super) fn chain(plan: &Plan, from: DomainId, to: DomainId) -> Vec<DomainId> {
    let mut chain = Vec::new();
    let mut here = Some(from);
    while let Some(domain) = here {
        if domain == to {
            break;
        }
        chain.push(domain);
        here = plan.domains[domain.0 as usize].parent;
    }
    chain.reverse();
    chain
}
