//! Civil days as instants.

use super::{Context, Rule, free};
use crate::builtins::{Func, Test};
use crate::plan::graph::Graph;
use crate::plan::{NodeId, Op};
use crate::types::{Ty, Value};

pub(super) const DAY_TO_INSTANTS: Rule = Rule {
    name: "day-to-instants",
    reason: "the day of a timestamp compared with a constant day is the timestamp compared with where that day begins \
             or ends: no zone arithmetic per row, and engines can skip partitions",
    apply: day_to_instants,
    cases: |graph| {
        let t = free(graph, "t", Ty::Timestamp);
        let day = graph.call(Func::DateOf, vec![t], Ty::Date);
        let constant = graph.literal(Value::Date(20_000), Ty::Date);
        [Test::Eq, Test::Ne, Test::Lt, Test::Le, Test::Gt, Test::Ge]
            .into_iter()
            .flat_map(|op| [graph.test(op, vec![day, constant]), graph.test(op, vec![constant, day])])
            .collect()
    },
};

fn day_to_instants(graph: &mut Graph, context: &Context, id: NodeId) -> Option<NodeId> {
    let Op::Test { op, negated: false, ignoring_case: false, args } = graph.get(id).op.clone() else { return None };
    let [a, b] = args.as_slice() else { return None };
    let (op, day_of, constant) = match (graph.constant(*a), graph.constant(*b)) {
        (None, Some(Value::Date(day))) => (op, *a, *day),
        (Some(Value::Date(day)), None) => (mirrored(op)?, *b, *day),
        _ => return None,
    };
    let Op::Call { func: Func::DateOf, args } = graph.get(day_of).op.clone() else { return None };
    let &[instant] = args.as_slice() else { return None };
    let mut against = |op, day| {
        let bound = graph.literal(Value::Timestamp(context.zone.start_of_day(day)), Ty::Timestamp);
        graph.test(op, vec![instant, bound])
    };
    let next = constant.checked_add(1)?;
    Some(match op {
        Test::Lt => against(Test::Lt, constant),
        Test::Le => against(Test::Lt, next),
        Test::Gt => against(Test::Ge, next),
        Test::Ge => against(Test::Ge, constant),
        Test::Eq => {
            let (from, to) = (against(Test::Ge, constant), against(Test::Lt, next));
            graph.and(vec![from, to])
        }
        Test::Ne => {
            let (before, after) = (against(Test::Lt, constant), against(Test::Ge, next));
            graph.or(vec![before, after])
        }
        _ => return None,
    })
}

/// The comparison with its operands exchanged.
fn mirrored(op: Test) -> Option<Test> {
    match op {
        Test::Eq | Test::Ne => Some(op),
        Test::Lt => Some(Test::Gt),
        Test::Le => Some(Test::Ge),
        Test::Gt => Some(Test::Lt),
        Test::Ge => Some(Test::Le),
        _ => None,
    }
}
