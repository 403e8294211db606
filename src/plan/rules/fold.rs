//! Constants: operations on constants are computed here and now, by the kernels that would compute them at run time.

use super::{Context, Rule};
use crate::builtins::kernels;
use crate::builtins::{Func, Test};
use crate::plan::graph::Graph;
use crate::plan::{NodeId, Op};
use crate::types::{Ty, Type, Value};

pub(super) const FOLD: Rule = Rule {
    name: "fold",
    reason: "what does not depend on data is computed once, by the same kernels as at run time",
    apply: fold,
    cases: |graph| {
        let [one, two] = [1, 2].map(|value| graph.literal(Value::Int(value), Ty::Int));
        let sum = graph.call(Func::Add, vec![one, two], Ty::Int);
        let largest = graph.literal(Value::Int(i64::MAX), Ty::Int);
        let overflow = graph.call(Func::Add, vec![largest, one], Ty::Int);
        let instant = graph.literal(Value::Timestamp(1_728_000_000_000_000), Ty::Timestamp);
        let less = graph.test(Test::Lt, vec![one, two]);
        vec![sum, overflow, less, graph.call(Func::DateOf, vec![instant], Ty::Date)]
    },
};

fn fold(graph: &mut Graph, context: &Context, id: NodeId) -> Option<NodeId> {
    let node = graph.get(id).clone();
    let (Op::Test { args, .. } | Op::Call { args, .. }) = &node.op else { return None };
    let values: Vec<Option<Value>> = args.iter().map(|&arg| graph.constant(arg).cloned()).collect();
    if values.iter().any(Option::is_none) {
        return None;
    }
    let types: Vec<Ty> = args.iter().map(|&arg| graph.get(arg).ty.ty.clone()).collect();
    let types: Vec<&Ty> = types.iter().collect();
    let result = match &node.op {
        Op::Test { op, negated, ignoring_case, .. } => {
            let value = kernels::eval_test(*op, *negated, *ignoring_case, &values, &types);
            graph.bool(value)
        }
        Op::Call { func, .. } => {
            let settings = kernels::Context { zone: &context.zone, week_start: context.week_start };
            match kernels::eval_call(*func, &values, &types, &node.ty.ty, settings) {
                Some(value) => graph.literal(value, node.ty.ty.clone()),
                None => graph.node(Op::Absent, node.domain, Type::optional(node.ty.ty.clone())),
            }
        }
        _ => return None,
    };
    Some(graph.gather(result, node.domain))
}
