//! The time that all aggregates over an event table have in common, as constant bounds of the raw timestamp column, so
//! that partitions and row groups out of it are not read. Invariant: a bound is implied by every aggregate's conditions.

use super::Emitter;
use crate::builtins::Test;
use crate::plan::{NodeId, Op};
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
}

impl Emitter<'_> {
    /// The widest lower and upper bound of several sets of conditions, each of which has one that is not common to all.
    pub(super) fn time_bounds(&self, all: &[&[NodeId]], common: &[NodeId]) -> Vec<Bound> {
        [true, false].into_iter().filter_map(|lower| self.widest(all, common, lower)).collect()
    }

    fn widest(&self, all: &[&[NodeId]], common: &[NodeId], lower: bool) -> Option<Bound> {
        if common.iter().any(|&node| self.bound(node).is_some_and(|bound| bound.lower == lower)) {
            return None;
        }
        let mut widest: Option<Bound> = None;
        for conditions in all {
            // Of one set, the narrowest would do; the first is enough, since windows have one of each.
            let bound = conditions.iter().filter_map(|&node| self.bound(node)).find(|bound| bound.lower == lower)?;
            widest = Some(widest.map_or(bound, |widest| widest.wider(bound)));
        }
        widest
    }

    /// The bound that a condition on the event's own timestamp is.
    fn bound(&self, id: NodeId) -> Option<Bound> {
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
