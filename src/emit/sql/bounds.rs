//! The time that all aggregates over an event table have in common, as constant bounds of the raw timestamp column, so
//! that partitions and row groups out of it are not read. Invariant: a bound is implied by every aggregate's conditions.

use super::Emitter;
use super::unit::Feature;
use crate::builtins::Test;
use crate::plan::{DomainId, DomainKind, NodeId, Op};
use crate::sql::Expr;
use crate::sql::tree::{BinaryOp, Literal};
use crate::types::Value;

/// A bound of the timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bound {
    lower: bool,
    /// Whether the bound itself is within.
    included: bool,
    micros: i64,
}

impl Bound {
    /// The condition on a column.
    pub(super) fn over(self, column: Expr) -> Expr {
        let op = match (self.lower, self.included) {
            (true, true) => BinaryOp::Ge,
            (true, false) => BinaryOp::Gt,
            (false, true) => BinaryOp::Le,
            (false, false) => BinaryOp::Lt,
        };
        column.binary(op, Expr::Literal(Literal::Timestamp(self.micros)))
    }

    /// Whichever lets more through.
    fn wider(self, other: Bound) -> Bound {
        if self.micros == other.micros {
            return Bound { included: self.included || other.included, ..self };
        }
        if (self.micros < other.micros) == self.lower { self } else { other }
    }

    /// Whichever lets less through.
    fn narrower(self, other: Bound) -> Bound {
        if self.micros == other.micros {
            return Bound { included: self.included && other.included, ..self };
        }
        if (self.micros > other.micros) == self.lower { self } else { other }
    }

    /// The instant.
    pub(super) fn micros(self) -> i64 {
        self.micros
    }

    /// Whether it is a lower bound.
    pub(super) fn is_lower(self) -> bool {
        self.lower
    }
}

impl Emitter<'_> {
    /// The bounds that all aggregates and lists of a unit have, beside those that are conditions of all.
    pub(super) fn unit_bounds(&self, features: &[Feature], lists: &[usize], common: &[NodeId]) -> Vec<Bound> {
        let all: Vec<(&[NodeId], Option<Bound>)> = features
            .iter()
            .map(|feature| (feature.conditions.as_slice(), None))
            .chain(lists.iter().map(|&list| (self.lists[list].conditions.as_slice(), self.lists[list].since)))
            .collect();
        [true, false].into_iter().filter_map(|lower| self.widest(&all, common, lower)).collect()
    }

    /// The lower bound of the events of a domain, through those that they come after.
    pub(super) fn lower_bound(&self, domain: DomainId) -> Option<Bound> {
        let base = self.base(domain);
        let mut conditions = self.filters(domain);
        let before = match &self.plan.domains[base.0 as usize].kind {
            DomainKind::Later { mask, after, .. } => {
                conditions.extend(mask.iter().flat_map(|&mask| self.conjuncts(mask)));
                self.lower_bound(*after)
            }
            DomainKind::Between { mask, after, .. } => {
                conditions.extend(mask.iter().flat_map(|&mask| self.conjuncts(mask)));
                after.and_then(|after| self.lower_bound(after))
            }
            _ => None,
        };
        let own = conditions.into_iter().filter_map(|node| self.bound(node)).filter(|bound| bound.lower);
        own.chain(before).reduce(Bound::narrower)
    }

    /// The widest lower and upper bound of several sets of conditions, each of which has one that is not common to all.
    pub(super) fn time_bounds(&self, all: &[&[NodeId]], common: &[NodeId]) -> Vec<Bound> {
        let all: Vec<(&[NodeId], Option<Bound>)> = all.iter().map(|conditions| (*conditions, None)).collect();
        [true, false].into_iter().filter_map(|lower| self.widest(&all, common, lower)).collect()
    }

    /// The same of the steps of a sequence: nothing before the first step matters.
    pub(super) fn bounds_from_first(&self, steps: &[&[NodeId]]) -> Vec<Bound> {
        let mut bounds = self.time_bounds(steps, &[]);
        let of_first = steps.iter().take(1).flat_map(|conditions| conditions.iter());
        let since = of_first.filter_map(|&node| self.bound(node)).filter(|bound| bound.lower).reduce(Bound::narrower);
        if let Some(since) = since {
            bounds.retain(|bound| !bound.lower);
            bounds.insert(0, since);
        }
        bounds
    }

    fn widest(&self, all: &[(&[NodeId], Option<Bound>)], common: &[NodeId], lower: bool) -> Option<Bound> {
        if common.iter().any(|&node| self.bound(node).is_some_and(|bound| bound.lower == lower)) {
            return None;
        }
        let mut widest: Option<Bound> = None;
        for (conditions, further) in all {
            let bounds = conditions.iter().filter_map(|&node| self.bound(node)).chain(*further);
            let bound = bounds.filter(|bound| bound.lower == lower).reduce(Bound::narrower)?;
            widest = Some(widest.map_or(bound, |widest| widest.wider(bound)));
        }
        widest
    }

    /// The bound that a condition on the event's own timestamp is.
    pub(super) fn bound(&self, id: NodeId) -> Option<Bound> {
        let Op::Test { op, negated: false, args, .. } = &self.node(id).op else { return None };
        let [time, at] = args.as_slice() else { return None };
        if !self.is_event_time(*time) {
            return None;
        }
        let Op::Const(Value::Timestamp(micros)) = self.node(*at).op else { return None };
        let (lower, included) = match op {
            Test::Gt => (true, false),
            Test::Ge => (true, true),
            Test::Lt => (false, false),
            Test::Le => (false, true),
            Test::IsTrue
            | Test::Eq
            | Test::Ne
            | Test::In
            | Test::Contains
            | Test::StartsWith
            | Test::EndsWith
            | Test::Like
            | Test::Matches
            | Test::HasAny
            | Test::HasAll
            | Test::Within => return None,
        };
        Some(Bound { lower, included, micros })
    }
}
