//! Comparisons of one value with constants.

use std::cmp::Ordering;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Context, Rule, free};
use crate::builtins::Test;
use crate::plan::graph::Graph;
use crate::plan::{NodeId, Op};
use crate::types::{Ty, Value};

pub(super) const SAME_BOUND: Rule = Rule {
    name: "same-bound",
    reason: "of two bounds on one value the tighter decides; bounds that exclude each other admit nothing",
    apply: same_bound,
    cases: |graph| {
        let x = free(graph, "x", Ty::Int);
        let p = free(graph, "p", Ty::Bool);
        let mut against = |op, value| {
            let bound = graph.literal(Value::Int(value), Ty::Int);
            graph.test(op, vec![x, bound])
        };
        let (above_1, from_2, below_1, equal_2) =
            (against(Test::Gt, 1), against(Test::Ge, 2), against(Test::Lt, 1), against(Test::Eq, 2));
        let (from_1, to_1, above_2) = (against(Test::Ge, 1), against(Test::Le, 1), against(Test::Gt, 2));
        vec![
            graph.and(vec![above_1, p, from_2]),
            graph.and(vec![above_1, below_1]),
            graph.and(vec![equal_2, below_1]),
            graph.and(vec![equal_2, from_2]),
            graph.and(vec![from_1, above_1]),
            graph.and(vec![to_1, below_1]),
            graph.and(vec![to_1, above_2]),
        ]
    },
};

pub(super) const EQUALS_TO_LIST: Rule = Rule {
    name: "equals-to-list",
    reason: "several values of one column are one lookup",
    apply: equals_to_list,
    cases: |graph| {
        let x = free(graph, "x", Ty::Int);
        let p = free(graph, "p", Ty::Bool);
        let mut equal = |value| {
            let constant = graph.literal(Value::Int(value), Ty::Int);
            graph.test(Test::Eq, vec![x, constant])
        };
        let (one, two) = (equal(1), equal(2));
        let list = graph.literal(Value::List(vec![Value::Int(0), Value::Int(1)]), Ty::List(Box::new(Ty::Int)));
        let within = graph.test(Test::In, vec![x, list]);
        vec![graph.or(vec![one, p, two]), graph.or(vec![within, two])]
    },
};

/// A comparison of a value with a constant.
struct Bound {
    op: Test,
    value: NodeId,
    constant: Value,
}

fn bound(graph: &Graph, id: NodeId) -> Option<Bound> {
    let Op::Test { op, negated: false, ignoring_case: false, args } = &graph.get(id).op else { return None };
    let (Test::Eq | Test::Lt | Test::Le | Test::Gt | Test::Ge, [value, constant]) = (op, args.as_slice()) else {
        return None;
    };
    let constant = graph.constant(*constant)?;
    Some(Bound { op: *op, value: *value, constant: constant.clone() })
}

/// The order of two constants of one type, where the type has one that every back end shares.
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) | (Value::Timestamp(a), Value::Timestamp(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Decimal { unscaled: a, scale: x }, Value::Decimal { unscaled: b, scale: y }) if x == y => {
            Some(a.cmp(b))
        }
        (Value::String(a), Value::String(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        _ => None,
    }
}

/// What two bounds on one value come to.
enum Together {
    /// The first says it all.
    First,
    /// The second says it all.
    Second,
    /// No value satisfies both.
    Nothing,
    /// Both are needed.
    Both,
}

fn together(a: &Bound, b: &Bound) -> Together {
    let Some(order) = order(&a.constant, &b.constant) else { return Together::Both };
    let lower = |op| matches!(op, Test::Gt | Test::Ge);
    let upper = |op| matches!(op, Test::Lt | Test::Le);
    match (a.op, b.op) {
        (Test::Eq, op) => {
            if holds(op, order) {
                Together::First
            } else {
                Together::Nothing
            }
        }
        (op, Test::Eq) => {
            if holds(op, order.reverse()) {
                Together::Second
            } else {
                Together::Nothing
            }
        }
        (x, y) if lower(x) && lower(y) => match order {
            Ordering::Greater => Together::First,
            Ordering::Less => Together::Second,
            Ordering::Equal => {
                if x == Test::Gt {
                    Together::First
                } else {
                    Together::Second
                }
            }
        },
        (x, y) if upper(x) && upper(y) => match order {
            Ordering::Less => Together::First,
            Ordering::Greater => Together::Second,
            Ordering::Equal => {
                if x == Test::Lt {
                    Together::First
                } else {
                    Together::Second
                }
            }
        },
        (x, y) => {
            // A lower and an upper bound: empty unless the lower one is below, or both include the same value.
            let lower_to_upper = if lower(x) { order } else { order.reverse() };
            let both_closed = matches!((x, y), (Test::Ge, Test::Le) | (Test::Le, Test::Ge));
            match lower_to_upper {
                Ordering::Less => Together::Both,
                Ordering::Equal if both_closed => Together::Both,
                Ordering::Equal | Ordering::Greater => Together::Nothing,
            }
        }
    }
}

/// Whether a value that compares as `order` with a bound satisfies it.
fn holds(op: Test, order: Ordering) -> bool {
    match op {
        Test::Eq => order.is_eq(),
        Test::Lt => order.is_lt(),
        Test::Le => order.is_le(),
        Test::Gt => order.is_gt(),
        _ => order.is_ge(),
    }
}

/// Of the bounds on each value those that say it all, in one go: bounds are met with the ones that are kept so far, of
/// which there are few, since one of two bounds in one direction always goes.
fn same_bound(graph: &mut Graph, _: &Context, id: NodeId) -> Option<NodeId> {
    let Op::And(items) = &graph.get(id).op else { return None };
    let mut kept: FxHashMap<NodeId, Vec<(usize, Bound)>> = FxHashMap::default();
    let (mut dropped, mut empty) = (FxHashSet::default(), false);
    for (index, &item) in items.iter().enumerate() {
        let Some(new) = bound(graph, item) else { continue };
        let others = kept.entry(new.value).or_default();
        let mut needed = true;
        others.retain(|(other, old)| match together(old, &new) {
            _ if !needed => true,
            Together::Both => true,
            Together::First => {
                needed = false;
                true
            }
            Together::Second => {
                dropped.insert(*other);
                false
            }
            Together::Nothing => {
                empty = true;
                true
            }
        });
        if needed {
            others.push((index, new));
        } else {
            dropped.insert(index);
        }
    }
    if empty {
        let no = graph.bool(false);
        let domain = graph.get(id).domain;
        return Some(graph.gather(no, domain));
    }
    if dropped.is_empty() {
        return None;
    }
    let rest = items.iter().enumerate().filter(|(index, _)| !dropped.contains(index)).map(|(_, &item)| item);
    let rest = rest.collect();
    Some(graph.and(rest))
}

fn equals_to_list(graph: &mut Graph, _: &Context, id: NodeId) -> Option<NodeId> {
    let Op::Or(items) = &graph.get(id).op else { return None };
    let items = items.clone();
    let choices: Vec<(usize, NodeId, Vec<Value>)> =
        items.iter().enumerate().filter_map(|(i, &item)| choices(graph, item).map(|(v, c)| (i, v, c))).collect();
    let mut counts: FxHashMap<NodeId, usize> = FxHashMap::default();
    choices.iter().for_each(|(_, value, _)| *counts.entry(*value).or_default() += 1);
    let (first, value) = choices.iter().find(|(_, value, _)| counts[value] > 1).map(|(i, value, _)| (*i, *value))?;
    let mut merged = FxHashSet::default();
    let (mut values, mut seen) = (Vec::new(), FxHashSet::default());
    for (index, _, more) in choices.into_iter().filter(|(_, other, _)| *other == value) {
        merged.insert(index);
        values.extend(more.into_iter().filter(|value| seen.insert(value.clone())));
    }
    let element = graph.get(value).ty.ty.clone();
    let list = graph.literal(Value::List(values), Ty::List(Box::new(element)));
    let lookup = graph.test(Test::In, vec![value, list]);
    let mut rest: Vec<NodeId> =
        items.iter().enumerate().filter(|(i, _)| !merged.contains(i)).map(|(_, &item)| item).collect();
    rest.insert(first.min(rest.len()), lookup);
    Some(graph.or(rest))
}

/// The most values of a list that is merged into another. A longer one may be part of a definition that many others read,
/// each longer than the one before: copied into all of them, a chain would take the square of its length.
const MAX_MERGED: usize = 64;

/// The constants of which a value must be one; not for floats, which have no equality, and not for long lists.
fn choices(graph: &Graph, id: NodeId) -> Option<(NodeId, Vec<Value>)> {
    if let Some(Bound { op: Test::Eq, value, constant }) = bound(graph, id) {
        return matches!(constant, Value::Int(_) | Value::String(_) | Value::Date(_)).then(|| (value, vec![constant]));
    }
    let Op::Test { op: Test::In, negated: false, ignoring_case: false, args } = &graph.get(id).op else { return None };
    let [value, list] = args.as_slice() else { return None };
    match graph.constant(*list)? {
        Value::List(values)
            if values.len() <= MAX_MERGED
                && matches!(values.first(), Some(Value::Int(_) | Value::String(_) | Value::Date(_))) =>
        {
            Some((*value, values.clone()))
        }
        _ => None,
    }
}
