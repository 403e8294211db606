//! Reductions of collections.

use super::{Context, Rule, free};
use crate::builtins::Test;
use crate::plan::graph::Graph;
use crate::plan::{DomainId, DomainKind, NodeId, Op, Reduction};
use crate::types::{Ty, Type, Value};

pub(super) const COUNT_TO_ANY: Rule = Rule {
    name: "count-to-any",
    reason: "whether there is one needs no count: `count >= 1`, `count > 0` and `count != 0` are `any`, \
             `count == 0`, `count < 1` and `count <= 0` are `none`",
    apply: count_to_any,
    cases: |graph| {
        let count = reduce_tags(graph, Reduction::Count, Type::required(Ty::Int));
        let [zero, one] = [0, 1].map(|value| graph.literal(Value::Int(value), Ty::Int));
        [(Test::Ge, one), (Test::Gt, zero), (Test::Ne, zero), (Test::Eq, zero), (Test::Lt, one), (Test::Le, zero)]
            .map(|(op, constant)| graph.test(op, vec![count, constant]))
            .to_vec()
    },
};

pub(super) const NOTHING: Rule = Rule {
    name: "reduce-nothing",
    reason: "a collection of which no element counts is empty",
    apply: nothing,
    cases: |graph| {
        let from = tags(graph);
        let no = graph.bool(false);
        let mask = Some(graph.gather(no, from));
        [(Reduction::Any, Type::BOOL), (Reduction::Count, Type::required(Ty::Int))]
            .map(|(reduction, ty)| graph.node(Op::Reduce { from, mask, reduction }, DomainId::PROFILES, ty))
            .to_vec()
    },
};

pub(super) const HOIST: Rule = Rule {
    name: "hoist",
    reason: "what does not depend on the element is asked once, not for each of them",
    apply: hoist,
    cases: |graph| {
        let from = tags(graph);
        let p = free(graph, "p", Ty::Bool);
        let outer = graph.gather(p, from);
        let element = graph.node(Op::Column([].into()), from, Type::required(Ty::Int));
        let one = graph.literal(Value::Int(1), Ty::Int);
        let own = graph.test(Test::Eq, vec![element, one]);
        let both = graph.and(vec![outer, own]);
        [outer, both]
            .map(|mask| {
                let op = Op::Reduce { from, mask: Some(mask), reduction: Reduction::Any };
                graph.node(op, DomainId::PROFILES, Type::BOOL)
            })
            .to_vec()
    },
};

/// The elements of a list column of the profile.
fn tags(graph: &mut Graph) -> DomainId {
    let list = free(graph, "tags", Ty::List(Box::new(Ty::Int)));
    graph.domain(Some(DomainId::PROFILES), DomainKind::Values { list })
}

fn reduce_tags(graph: &mut Graph, reduction: Reduction, ty: Type) -> NodeId {
    let from = tags(graph);
    graph.node(Op::Reduce { from, mask: None, reduction }, DomainId::PROFILES, ty)
}

fn count_to_any(graph: &mut Graph, _: &Context, id: NodeId) -> Option<NodeId> {
    let Op::Test { op, negated: false, args, .. } = graph.get(id).op.clone() else { return None };
    let [count, constant] = args.as_slice() else { return None };
    let Op::Reduce { from, mask, reduction: Reduction::Count } = graph.get(*count).op.clone() else { return None };
    let Some(Value::Int(constant)) = graph.constant(*constant) else { return None };
    let some = match (op, constant) {
        (Test::Ge, 1) | (Test::Gt | Test::Ne, 0) => true,
        (Test::Lt, 1) | (Test::Le | Test::Eq, 0) => false,
        _ => return None,
    };
    let domain = graph.get(*count).domain;
    let any = graph.node(Op::Reduce { from, mask, reduction: Reduction::Any }, domain, Type::BOOL);
    Some(if some { any } else { graph.not(any) })
}

fn nothing(graph: &mut Graph, _: &Context, id: NodeId) -> Option<NodeId> {
    let node = graph.get(id).clone();
    let Op::Reduce { mask: Some(mask), reduction, .. } = node.op else { return None };
    if graph.constant(mask) != Some(&Value::Bool(false)) {
        return None;
    }
    let empty = match reduction {
        Reduction::Any => graph.bool(false),
        Reduction::Count | Reduction::CountDistinct(_) | Reduction::CountPresent(_) => {
            graph.literal(Value::Int(0), Ty::Int)
        }
        Reduction::Min(_)
        | Reduction::Max(_)
        | Reduction::Mean(_)
        | Reduction::First { .. }
        | Reduction::Last { .. } => graph.node(Op::Absent, node.domain, Type::optional(node.ty.ty)),
        Reduction::Sum(_) | Reduction::List(_) => return None,
    };
    Some(graph.gather(empty, node.domain))
}

fn hoist(graph: &mut Graph, _: &Context, id: NodeId) -> Option<NodeId> {
    let node = graph.get(id).clone();
    let Op::Reduce { from, mask: Some(mask), reduction: Reduction::Any } = node.op else { return None };
    let conjuncts = match &graph.get(mask).op {
        Op::And(items) => items.clone(),
        _ => vec![mask],
    };
    // Only values of the domain reduced into or of its ancestors can be asked there.
    let outer = |graph: &Graph, item: NodeId| match graph.get(item).op {
        Op::Gather(inner) if graph.depth(graph.get(inner).domain) <= graph.depth(node.domain) => Some(inner),
        _ => None,
    };
    let (mut hoisted, mut rest) = (Vec::new(), Vec::new());
    for item in conjuncts {
        match outer(graph, item) {
            Some(inner) => hoisted.push(graph.gather(inner, node.domain)),
            None => rest.push(item),
        }
    }
    if hoisted.is_empty() {
        return None;
    }
    let mask = if rest.is_empty() { None } else { Some(graph.and(rest)) };
    let any = graph.node(Op::Reduce { from, mask, reduction: Reduction::Any }, node.domain, Type::BOOL);
    hoisted.push(any);
    Some(graph.and(hoisted))
}
