//! Civil days as instants.

use super::{Context, Rule, free};
use crate::builtins::{Func, Test};
use crate::plan::graph::Graph;
use crate::plan::{NodeId, Op};
use crate::types::{Ty, Value};
use crate::vector::time::{civil, days};

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

pub(super) const AGE_TO_BIRTHDAY: Rule = Rule {
    name: "age-to-birthday",
    reason: "whole years since a date, compared with a constant, is the date compared with a constant day: no civil \
             arithmetic per row",
    apply: age_to_birthday,
    cases: |graph| {
        let born = free(graph, "d", Ty::Date);
        let mut cases = Vec::new();
        // 2024-02-29 and 2024-11-24.
        for today in [19_782, 20_051] {
            let today = graph.literal(Value::Date(today), Ty::Date);
            let age = graph.call(Func::Age, vec![born, today], Ty::Int);
            let years = graph.literal(Value::Int(1), Ty::Int);
            cases.extend(
                [Test::Eq, Test::Ne, Test::Lt, Test::Le, Test::Gt, Test::Ge]
                    .into_iter()
                    .flat_map(|op| [graph.test(op, vec![age, years]), graph.test(op, vec![years, age])]),
            );
        }
        cases
    },
};

fn age_to_birthday(graph: &mut Graph, _context: &Context, id: NodeId) -> Option<NodeId> {
    let Op::Test { op, negated: false, ignoring_case: false, args } = graph.get(id).op.clone() else { return None };
    let [a, b] = args.as_slice() else { return None };
    let (op, age, years) = match (graph.constant(*a), graph.constant(*b)) {
        (None, Some(Value::Int(years))) => (op, *a, *years),
        (Some(Value::Int(years)), None) => (mirrored(op)?, *b, *years),
        _ => return None,
    };
    let Op::Call { func: Func::Age, args } = graph.get(age).op.clone() else { return None };
    let &[born, today] = args.as_slice() else { return None };
    let Some(&Value::Date(today)) = graph.constant(today) else { return None };
    if graph.get(born).ty.ty != Ty::Date {
        return None;
    }
    let next = years.checked_add(1)?;
    let mut against = |op, years| {
        let day = graph.literal(Value::Date(latest_birthday(today, years)?), Ty::Date);
        Some(graph.test(op, vec![born, day]))
    };
    Some(match op {
        Test::Ge => against(Test::Le, years)?,
        Test::Gt => against(Test::Le, next)?,
        Test::Lt => against(Test::Gt, years)?,
        Test::Le => against(Test::Gt, next)?,
        Test::Eq => {
            let (old, young) = (against(Test::Le, years)?, against(Test::Gt, next)?);
            graph.and(vec![old, young])
        }
        Test::Ne => {
            let (young, old) = (against(Test::Gt, years)?, against(Test::Le, next)?);
            graph.or(vec![young, old])
        }
        _ => return None,
    })
}

/// The latest day of birth of those who are so many years old, or older; of positive ages only, since whole years are
/// counted toward zero.
fn latest_birthday(today: i32, years: i64) -> Option<i32> {
    let at = civil(today);
    let year = at.year.checked_sub(i32::try_from(years).ok().filter(|years| *years > 0)?)?;
    // Whoever was born on 29 February has the birthday on 1 March in other years.
    days(year, at.month, at.day).or_else(|| days(year, at.month, 28))
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
