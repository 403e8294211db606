//! Laws of boolean algebra over predicates.

use super::{Context, Rule, free};
use crate::plan::graph::Graph;
use crate::plan::{NodeId, Op};
use crate::types::{Ty, Value};

pub(super) const FLATTEN: Rule = Rule {
    name: "flatten",
    reason: "a conjunction of conjunctions is one conjunction, and saying a thing twice adds nothing",
    apply: flatten,
    cases: |graph| {
        let [p, q, r] = predicates(graph);
        let (pq, p_or_q) = (graph.and(vec![p, q]), graph.or(vec![p, q]));
        vec![graph.and(vec![pq, r]), graph.or(vec![p_or_q, r]), graph.and(vec![p, q, p]), graph.or(vec![p, p])]
    },
};

pub(super) const IDENTITY: Rule = Rule {
    name: "identity",
    reason: "`true` adds nothing to a conjunction and decides a disjunction; `false` the other way round",
    apply: identity,
    cases: |graph| {
        let [p, q, _] = predicates(graph);
        let (yes, no) = (graph.bool(true), graph.bool(false));
        vec![
            graph.and(vec![p, yes, q]),
            graph.and(vec![p, no]),
            graph.or(vec![p, yes]),
            graph.or(vec![no, p, q]),
            graph.and(vec![yes, yes]),
        ]
    },
};

pub(super) const COMPLEMENT: Rule = Rule {
    name: "complement",
    reason: "predicates are two-valued: `p and not p` is false, `p or not p` is true",
    apply: complement,
    cases: |graph| {
        let [p, q, _] = predicates(graph);
        let not_p = graph.not(p);
        vec![graph.and(vec![p, q, not_p]), graph.or(vec![not_p, q, p])]
    },
};

pub(super) const DOUBLE_NEGATION: Rule = Rule {
    name: "double-negation",
    reason: "predicates are two-valued: `not not p` is `p`",
    apply: double_negation,
    cases: |graph| {
        let [p, ..] = predicates(graph);
        let (not_p, yes) = (graph.not(p), graph.bool(true));
        vec![graph.not(not_p), graph.not(yes)]
    },
};

pub(super) const CHOICE: Rule = Rule {
    name: "choice",
    reason: "a choice between equal things, or by a constant, is no choice; between predicates it is `and` and `or`",
    apply: choice,
    cases: |graph| {
        let [p, q, r] = predicates(graph);
        let yes = graph.bool(true);
        let mut choose = |condition, then, otherwise| {
            let domain = graph.get(then).domain;
            let ty = graph.get(then).ty.clone();
            graph.node(Op::If { condition, then, otherwise }, domain, ty)
        };
        vec![choose(p, q, q), choose(yes, q, r), choose(p, q, r)]
    },
};

fn predicates(graph: &mut Graph) -> [NodeId; 3] {
    ["p", "q", "r"].map(|name| free(graph, name, Ty::Bool))
}

/// A conjunction or disjunction with the function that builds one.
type Connective = (bool, Vec<NodeId>);

fn connective(graph: &Graph, id: NodeId) -> Option<Connective> {
    match &graph.get(id).op {
        Op::And(items) => Some((true, items.clone())),
        Op::Or(items) => Some((false, items.clone())),
        _ => None,
    }
}

/// Builds a connective in the domain of the node that it replaces.
fn rebuild(graph: &mut Graph, id: NodeId, conjunction: bool, items: Vec<NodeId>) -> NodeId {
    let domain = graph.get(id).domain;
    let node = if conjunction { graph.and(items) } else { graph.or(items) };
    graph.gather(node, domain)
}

/// The most parts of a connective that is taken apart inside another. A long one may be a definition that many others
/// read, each longer than the one before: written out in all of them, a chain would take the square of its length.
const MAX_FLATTENED: usize = 64;

fn flatten(graph: &mut Graph, _: &Context, id: NodeId) -> Option<NodeId> {
    let (conjunction, items) = connective(graph, id)?;
    let mut flat = Vec::new();
    for &item in &items {
        match &graph.get(item).op {
            Op::And(inner) if conjunction && inner.len() <= MAX_FLATTENED => flat.extend(inner),
            Op::Or(inner) if !conjunction && inner.len() <= MAX_FLATTENED => flat.extend(inner),
            _ => flat.push(item),
        }
    }
    let mut seen = rustc_hash::FxHashSet::default();
    flat.retain(|item| seen.insert(*item));
    (flat != items).then(|| rebuild(graph, id, conjunction, flat))
}

fn identity(graph: &mut Graph, _: &Context, id: NodeId) -> Option<NodeId> {
    let (conjunction, items) = connective(graph, id)?;
    let constant = |graph: &Graph, item| match graph.constant(item) {
        Some(Value::Bool(value)) => Some(*value),
        _ => None,
    };
    if items.iter().any(|&item| constant(graph, item) == Some(!conjunction)) {
        let decided = graph.bool(!conjunction);
        let domain = graph.get(id).domain;
        return Some(graph.gather(decided, domain));
    }
    let rest: Vec<NodeId> = items.iter().copied().filter(|&item| constant(graph, item).is_none()).collect();
    (rest.len() < items.len()).then(|| rebuild(graph, id, conjunction, rest))
}

fn complement(graph: &mut Graph, _: &Context, id: NodeId) -> Option<NodeId> {
    let (conjunction, items) = connective(graph, id)?;
    let all: rustc_hash::FxHashSet<NodeId> = items.iter().copied().collect();
    let contradicts = items.iter().any(|&item| matches!(graph.get(item).op, Op::Not(inner) if all.contains(&inner)));
    contradicts.then(|| {
        let decided = graph.bool(!conjunction);
        let domain = graph.get(id).domain;
        graph.gather(decided, domain)
    })
}

fn double_negation(graph: &mut Graph, _: &Context, id: NodeId) -> Option<NodeId> {
    let Op::Not(inner) = graph.get(id).op else { return None };
    match graph.get(inner).op {
        Op::Not(original) => Some(original),
        Op::Const(Value::Bool(value)) => {
            let node = graph.bool(!value);
            let domain = graph.get(id).domain;
            Some(graph.gather(node, domain))
        }
        _ => None,
    }
}

fn choice(graph: &mut Graph, _: &Context, id: NodeId) -> Option<NodeId> {
    let Op::If { condition, then, otherwise } = graph.get(id).op else { return None };
    if then == otherwise {
        return Some(then);
    }
    if let Some(Value::Bool(value)) = graph.constant(condition) {
        return Some(if *value { then } else { otherwise });
    }
    let ty = &graph.get(id).ty;
    if ty.ty != Ty::Bool || ty.optional {
        return None;
    }
    let not = graph.not(condition);
    let (yes, no) = (graph.and(vec![condition, then]), graph.and(vec![not, otherwise]));
    Some(graph.or(vec![yes, no]))
}
