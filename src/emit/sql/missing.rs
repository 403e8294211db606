//! Which named queries must have a row for a profile to be a member: where the segment's condition is false without one,
//! the query is joined with `JOIN`, and the aggregates' values for no events need not be supplied. Invariant: an answer
//! other than [`Guess::Unknown`] is certain.

use std::cmp::Ordering;

use super::Emitter;
use super::unit::UnitKind;
use crate::builtins::Test;
use crate::plan::{NodeId, Op, Reduction};
use crate::types::Value;

/// What is known of a node when a unit has no row.
#[derive(Debug, Clone, PartialEq)]
enum Guess {
    Unknown,
    Absent,
    Is(Value),
}

impl Emitter<'_> {
    /// The units without which the condition is false; they are asked for.
    pub(super) fn required_units(&mut self, condition: NodeId) -> Vec<usize> {
        let mut required = Vec::new();
        for conjunct in self.conjuncts(condition) {
            for (kind, level) in self.units_in(conjunct) {
                if self.without(conjunct, &(kind.clone(), level)) == Guess::Is(Value::Bool(false)) {
                    let unit = self.unit(kind, level);
                    if !required.contains(&unit) {
                        required.push(unit);
                    }
                }
            }
        }
        required
    }

    /// The conjuncts of a predicate.
    pub(super) fn conjuncts(&self, id: NodeId) -> Vec<NodeId> {
        match &self.node(id).op {
            Op::And(items) => items.iter().flat_map(|&item| self.conjuncts(item)).collect(),
            Op::Gather(inner) if matches!(self.node(*inner).op, Op::And(_)) => self.conjuncts(*inner),
            _ => vec![id],
        }
    }

    /// The unit that a node over the profiles is read from.
    pub(super) fn unit_of(&mut self, id: NodeId) -> Option<(UnitKind, u32)> {
        match &self.node(id).op {
            Op::Reduce { from, mask, reduction } => {
                if let Some(request) = self.as_feature(id, *from, *mask, reduction) {
                    return Some((self.as_scanned(request.kind, request.level), request.level));
                }
                if *reduction != Reduction::Any {
                    return None;
                }
                let level = self.chain_level(self.node(id).domain, *from, *mask)?;
                Some((UnitKind::Chain(id), level))
            }
            Op::Sequence(_) => Some((UnitKind::Sequence(id), self.analysis.of(id).level)),
            Op::Membership(index) => Some((UnitKind::Members(*index), self.analysis.of(id).level)),
            _ => None,
        }
    }

    fn units_in(&mut self, id: NodeId) -> Vec<(UnitKind, u32)> {
        if let Some(unit) = self.unit_of(id) {
            return vec![unit];
        }
        let op = &self.node(id).op;
        match op {
            Op::Test { .. } | Op::And(_) | Op::Or(_) | Op::Not(_) | Op::IsPresent(_) => {
                let mut found = Vec::new();
                for unit in op.inputs().into_iter().flat_map(|input| self.units_in(input)) {
                    if !found.contains(&unit) {
                        found.push(unit);
                    }
                }
                found
            }
            _ => vec![],
        }
    }

    /// What a node is where a unit has no row.
    fn without(&mut self, id: NodeId, unit: &(UnitKind, u32)) -> Guess {
        let node = self.node(id);
        match &node.op {
            Op::Const(value) => Guess::Is(value.clone()),
            Op::Absent => Guess::Absent,
            Op::Reduce { reduction, .. } if self.unit_of(id).as_ref() == Some(unit) => match reduction {
                Reduction::Any => Guess::Is(Value::Bool(false)),
                Reduction::Count | Reduction::CountDistinct(_) | Reduction::CountPresent(_) => Guess::Is(Value::Int(0)),
                Reduction::Min(_)
                | Reduction::Max(_)
                | Reduction::Mean(_)
                | Reduction::First { .. }
                | Reduction::Last { .. } => Guess::Absent,
                Reduction::Sum(_) => match &node.ty.ty {
                    crate::types::Ty::Decimal(digits) => Guess::Is(Value::Decimal { unscaled: 0, scale: digits.scale }),
                    crate::types::Ty::Int => Guess::Is(Value::Int(0)),
                    crate::types::Ty::Float => Guess::Is(Value::Float(0.0)),
                    _ => Guess::Unknown,
                },
                Reduction::List(_) => Guess::Unknown,
            },
            Op::Sequence(_) | Op::Membership(_) if self.unit_of(id).as_ref() == Some(unit) => {
                Guess::Is(Value::Bool(false))
            }
            Op::Test { op, negated: false, args, .. } => {
                let args: Vec<Guess> = args.iter().map(|&arg| self.without(arg, unit)).collect();
                test(*op, &args)
            }
            Op::Test { negated: true, args, .. } => {
                let absent = args.iter().any(|&arg| self.without(arg, unit) == Guess::Absent);
                if absent { Guess::Is(Value::Bool(false)) } else { Guess::Unknown }
            }
            Op::And(items) => self.junction(items, unit, false),
            Op::Or(items) => self.junction(items, unit, true),
            Op::Not(inner) => match self.without(*inner, unit) {
                Guess::Is(Value::Bool(value)) => Guess::Is(Value::Bool(!value)),
                _ => Guess::Unknown,
            },
            Op::IsPresent(inner) => match self.without(*inner, unit) {
                Guess::Absent => Guess::Is(Value::Bool(false)),
                Guess::Is(_) => Guess::Is(Value::Bool(true)),
                Guess::Unknown => Guess::Unknown,
            },
            _ => Guess::Unknown,
        }
    }

    /// A conjunction (`decisive` false) or disjunction (`decisive` true).
    fn junction(&mut self, items: &[NodeId], unit: &(UnitKind, u32), decisive: bool) -> Guess {
        let guesses: Vec<Guess> = items.iter().map(|&item| self.without(item, unit)).collect();
        if guesses.contains(&Guess::Is(Value::Bool(decisive))) {
            Guess::Is(Value::Bool(decisive))
        } else if guesses.iter().all(|guess| *guess == Guess::Is(Value::Bool(!decisive))) {
            Guess::Is(Value::Bool(!decisive))
        } else {
            Guess::Unknown
        }
    }
}

fn test(op: Test, args: &[Guess]) -> Guess {
    if args.contains(&Guess::Absent) {
        return Guess::Is(Value::Bool(false));
    }
    let [Guess::Is(left), Guess::Is(right)] = args else { return Guess::Unknown };
    let order = match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Decimal { unscaled: a, scale: x }, Value::Decimal { unscaled: b, scale: y }) if x == y => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => match a.partial_cmp(b) {
            Some(order) => order,
            None => return Guess::Unknown,
        },
        _ => return Guess::Unknown,
    };
    let holds = match op {
        Test::Eq => order == Ordering::Equal,
        Test::Ne => order != Ordering::Equal,
        Test::Lt => order == Ordering::Less,
        Test::Le => order != Ordering::Greater,
        Test::Gt => order == Ordering::Greater,
        Test::Ge => order != Ordering::Less,
        _ => return Guess::Unknown,
    };
    Guess::Is(Value::Bool(holds))
}
