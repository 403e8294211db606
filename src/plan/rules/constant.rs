//! What is known without looking at data: absence and presence.

use super::{Context, Rule, free};
use crate::builtins::{Func, Test};
use crate::plan::graph::Graph;
use crate::plan::{DomainId, NodeId, Op};
use crate::types::{Ty, Type, Value};

pub(super) const ABSENT_OPERAND: Rule = Rule {
    name: "absent-operand",
    reason: "a test of an absent value is false, a function of one is absent",
    apply: absent_operand,
    cases: |graph| {
        let x = free(graph, "x", Ty::Int);
        let absent = graph.node(Op::Absent, DomainId::PROFILES, Type::optional(Ty::Int));
        vec![graph.test(Test::Ne, vec![x, absent]), graph.call(Func::Add, vec![absent, x], Ty::Int)]
    },
};

pub(super) const CONSTANT_PRESENCE: Rule = Rule {
    name: "constant-presence",
    reason: "constants and results that are never absent are present",
    apply: constant_presence,
    cases: |graph| {
        let one = graph.literal(Value::Int(1), Ty::Int);
        let absent = graph.node(Op::Absent, DomainId::PROFILES, Type::optional(Ty::Int));
        vec![graph.is_present(one), graph.is_present(absent)]
    },
};

pub(super) const USELESS_DEFAULT: Rule = Rule {
    name: "useless-default",
    reason: "a default of a value that is never absent is never used; of one that always is, always",
    apply: useless_default,
    cases: |graph| {
        let x = free(graph, "x", Ty::Int);
        let one = graph.literal(Value::Int(1), Ty::Int);
        let absent = graph.node(Op::Absent, DomainId::PROFILES, Type::optional(Ty::Int));
        [(one, x), (absent, x)]
            .map(|(value, default)| {
                graph.node(Op::Default { value, default }, DomainId::PROFILES, Type::optional(Ty::Int))
            })
            .to_vec()
    },
};

fn absent_operand(graph: &mut Graph, _: &Context, id: NodeId) -> Option<NodeId> {
    let node = graph.get(id).clone();
    let (Op::Test { args, .. } | Op::Call { args, .. }) = &node.op else { return None };
    if !args.iter().any(|&arg| graph.get(arg).op == Op::Absent) {
        return None;
    }
    let result = match node.op {
        Op::Test { .. } => graph.bool(false),
        _ => graph.node(Op::Absent, node.domain, Type::optional(node.ty.ty)),
    };
    Some(graph.gather(result, node.domain))
}

/// Whether a node has a value on every row. Not by its type alone: a required field may be missing in real data.
fn never_absent(graph: &Graph, id: NodeId) -> bool {
    let node = graph.get(id);
    match &node.op {
        Op::Const(_) | Op::ProfileId | Op::Key | Op::List(_) => true,
        Op::Reduce { .. } | Op::Column(_) => !node.ty.optional && node.ty.ty != Ty::Bool,
        Op::Gather(inner) => never_absent(graph, *inner),
        _ => false,
    }
}

fn constant_presence(graph: &mut Graph, _: &Context, id: NodeId) -> Option<NodeId> {
    let Op::IsPresent(inner) = graph.get(id).op else { return None };
    let domain = graph.get(id).domain;
    let value = if never_absent(graph, inner) {
        true
    } else if graph.get(inner).op == Op::Absent {
        false
    } else {
        return None;
    };
    let node = graph.bool(value);
    Some(graph.gather(node, domain))
}

fn useless_default(graph: &mut Graph, _: &Context, id: NodeId) -> Option<NodeId> {
    let Op::Default { value, default } = graph.get(id).op else { return None };
    if never_absent(graph, value) {
        return Some(value);
    }
    (graph.get(value).op == Op::Absent).then_some(default)
}
