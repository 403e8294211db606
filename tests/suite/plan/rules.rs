//! Every rewrite rule fires on each of its own cases, and gives the same value before and after over every combination
//! of the values of the columns that the case reads, absence included.

use std::collections::BTreeSet;

use segc::plan::rules::{Context, RULES};
use segc::plan::{FieldStep, Graph, NodeId, Op};
use segc::types::{Ty, Value};
use segc::vector::time::Zone;

use super::evaluate::{Row, evaluate};

#[test]
fn every_rule_keeps_the_value_of_its_cases() {
    // A zone in which the day of the cases begins at another instant than in UTC.
    let context = Context { zone: Zone::new("Europe/Stockholm").unwrap(), week_start: 1 };
    let mut rows_seen = 0;
    for rule in RULES {
        let mut graph = Graph::default();
        let cases = (rule.cases)(&mut graph);
        assert!(!cases.is_empty(), "{} has no case", rule.name);
        for case in cases {
            let before = graph.get(case).clone();
            let after = (rule.apply)(&mut graph, &context, case)
                .unwrap_or_else(|| panic!("{} does not fire on {before:?}", rule.name));
            assert_eq!(graph.get(after).domain, before.domain, "{}: the domain of {before:?}", rule.name);
            assert_eq!(graph.get(after).ty.ty, before.ty.ty, "{}: the type of {before:?}", rule.name);
            for row in rows(&graph, &context.zone, &[case, after]) {
                let value = |node| evaluate(&graph, &context.zone, node, &row, None);
                assert_eq!(value(case), value(after), "{}: {before:?} at {row:?}", rule.name);
                rows_seen += 1;
            }
        }
    }
    assert!(rows_seen > 300, "only {rows_seen} rows were tried");
}

#[test]
fn names_of_rules_are_unique() {
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
}

/// Every combination of the values that matter of the columns that nodes read.
fn rows(graph: &Graph, zone: &Zone, nodes: &[NodeId]) -> Vec<Row> {
    let mut columns: std::collections::BTreeMap<String, Ty> = std::collections::BTreeMap::new();
    let mut work = nodes.to_vec();
    while let Some(id) = work.pop() {
        let node = graph.get(id);
        if let Op::Column(path) = &node.op
            && let [FieldStep::Field(name)] = &path[..]
        {
            columns.insert(name.to_string(), node.ty.ty.clone());
        }
        work.extend(node.op.inputs());
        for domain in node.op.domains() {
            work.extend(graph.get_domain(domain).kind.inputs());
        }
    }
    let mut rows = vec![Row::new()];
    for (name, ty) in columns {
        rows = rows
            .into_iter()
            .flat_map(|row| values(&ty, zone).into_iter().map(move |value| (row.clone(), value)).collect::<Vec<_>>())
            .map(|(mut row, value)| {
                if let Some(value) = value {
                    row.insert(name.clone(), value);
                }
                row
            })
            .collect();
    }
    rows
}

/// The values at which something may change, and absence. Predicates are never absent.
fn values(ty: &Ty, zone: &Zone) -> Vec<Option<Value>> {
    match ty {
        Ty::Bool => vec![Some(Value::Bool(false)), Some(Value::Bool(true))],
        Ty::Int => std::iter::once(None).chain((-1..=4).map(|v| Some(Value::Int(v)))).collect(),
        Ty::Timestamp => {
            let starts = [19_999, 20_000, 20_001].map(|day| zone.start_of_day(day));
            let near = starts.into_iter().flat_map(|start| [start - 1, start, start + 1]);
            std::iter::once(None).chain(near.map(|v| Some(Value::Timestamp(v)))).collect()
        }
        Ty::Date => {
            // Birthdays of the first and second year before 2024-02-29 and 2024-11-24, and those days themselves.
            let days = [19_051, 19_320, 19_416, 19_685, 19_782, 20_051].into_iter().flat_map(|day| day - 1..=day + 2);
            std::iter::once(None).chain(days.map(|day| Some(Value::Date(day)))).collect()
        }
        Ty::List(_) => {
            let lists: [&[i64]; 5] = [&[], &[0], &[1], &[1, 1], &[0, 2]];
            let list = |items: &[i64]| Value::List(items.iter().map(|v| Value::Int(*v)).collect());
            std::iter::once(None).chain(lists.into_iter().map(|items| Some(list(items)))).collect()
        }
        other => panic!("a column of type {other} in a case of a rule"),
    }
}
