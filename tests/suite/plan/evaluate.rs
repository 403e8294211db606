//! A plan's operations on one profile, read off their definitions: enough for the cases of the rewrite rules.

use std::collections::BTreeMap;

use segc::builtins::{Func, Test};
use segc::plan::{DomainId, DomainKind, FieldStep, Graph, NodeId, Op, Reduction};
use segc::types::Value;
use segc::vector::time::Zone;

/// A profile: its columns by name; a column that is not there is absent.
pub type Row = BTreeMap<String, Value>;

/// The value of a node at a profile, and, inside a list of the profile, at one element.
pub fn evaluate(graph: &Graph, zone: &Zone, id: NodeId, row: &Row, element: Option<&Value>) -> Option<Value> {
    let at = |id| evaluate(graph, zone, id, row, element);
    let holds = |id| at(id) == Some(Value::Bool(true));
    match &graph.get(id).op {
        Op::Const(value) => Some(value.clone()),
        Op::Absent => None,
        Op::Column(path) => match &path[..] {
            [] => element.cloned(),
            [FieldStep::Field(name)] => row.get(&**name).cloned(),
            other => panic!("a column {other:?} in a case of a rule"),
        },
        Op::Gather(inner) => evaluate(graph, zone, *inner, row, None),
        Op::Test { op, negated, args, .. } => {
            let args: Option<Vec<Value>> = args.iter().map(|arg| at(*arg)).collect();
            Some(Value::Bool(args.is_some_and(|args| test(*op, &args) != *negated)))
        }
        Op::Call { func, args } => {
            let args: Option<Vec<Value>> = args.iter().map(|arg| at(*arg)).collect();
            call(*func, &args?, zone)
        }
        Op::And(items) => Some(Value::Bool(items.iter().all(|item| holds(*item)))),
        Op::Or(items) => Some(Value::Bool(items.iter().any(|item| holds(*item)))),
        Op::Not(inner) => Some(Value::Bool(!holds(*inner))),
        Op::If { condition, then, otherwise } => at(if holds(*condition) { *then } else { *otherwise }),
        Op::Default { value, default } => at(*value).or_else(|| at(*default)),
        Op::IsPresent(inner) => Some(Value::Bool(at(*inner).is_some())),
        Op::Reduce { from, mask, reduction } => {
            let elements = elements(graph, zone, *from, row);
            let counted = elements.iter().filter(|element| {
                mask.is_none_or(|mask| evaluate(graph, zone, mask, row, Some(element)) == Some(Value::Bool(true)))
            });
            match reduction {
                Reduction::Any => Some(Value::Bool(counted.count() > 0)),
                Reduction::Count => Some(Value::Int(counted.count() as i64)),
                other => panic!("a reduction {other:?} in a case of a rule"),
            }
        }
        other => panic!("an operation {other:?} in a case of a rule"),
    }
}

fn elements(graph: &Graph, zone: &Zone, domain: DomainId, row: &Row) -> Vec<Value> {
    let DomainKind::Values { list } = graph.get_domain(domain).kind else { panic!("a domain in a case of a rule") };
    match evaluate(graph, zone, list, row, None) {
        Some(Value::List(elements)) => elements,
        _ => Vec::new(),
    }
}

fn test(op: Test, args: &[Value]) -> bool {
    let order = match args {
        [Value::Int(a), Value::Int(b)] | [Value::Timestamp(a), Value::Timestamp(b)] => a.cmp(b),
        [Value::Date(a), Value::Date(b)] => a.cmp(b),
        [needle, Value::List(values)] if op == Test::In => return values.contains(needle),
        other => panic!("{op:?} of {other:?} in a case of a rule"),
    };
    match op {
        Test::Eq => order.is_eq(),
        Test::Ne => order.is_ne(),
        Test::Lt => order.is_lt(),
        Test::Le => order.is_le(),
        Test::Gt => order.is_gt(),
        Test::Ge => order.is_ge(),
        other => panic!("{other:?} in a case of a rule"),
    }
}

fn call(func: Func, args: &[Value], zone: &Zone) -> Option<Value> {
    match (func, args) {
        (Func::Add, [Value::Int(a), Value::Int(b)]) => a.checked_add(*b).map(Value::Int),
        (Func::DateOf, [Value::Timestamp(instant)]) => Some(Value::Date(zone.date_of(*instant))),
        (Func::Age, [Value::Date(born), Value::Date(today)]) => {
            Some(Value::Int(segc::vector::time::age(*born, *today)))
        }
        other => panic!("{other:?} in a case of a rule"),
    }
}
