//! The plan as text, for `segc dump --stage plan`: domains, then nodes in order with how many users each has, then what
//! each segment asks for. Stable: equal plans print equal text.

use std::fmt::Write;

use super::{DomainKind, FieldPath, FieldStep, NodeId, Op, Plan, Reduction};
use crate::types::{BUCKETS, Ty, Value};
use crate::vector::time;

/// The listing of a plan.
pub fn explain(plan: &Plan) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "now {} ({})", instant(plan.now), plan.settings.zone);
    for (index, domain) in plan.domains.iter().enumerate() {
        let parent = domain.parent.map(|parent| format!(" of d{}", parent.0)).unwrap_or_default();
        let _ = writeln!(out, "d{index} = {}{parent}", domain_text(&domain.kind, "n"));
    }
    let users = users(plan);
    for (index, node) in plan.nodes.iter().enumerate() {
        let shared = if users[index] > 1 { format!("  // used {} times", users[index]) } else { String::new() };
        let _ =
            writeln!(out, "n{index}: {} @d{} = {}{shared}", type_text(&node.ty), node.domain.0, op_text(&node.op, "n"));
    }
    for segment in &plan.segments {
        let _ = write!(out, "segment {} = n{}", segment.name, segment.condition.0);
        if let Some(rank) = &segment.rank {
            let order = if rank.descending { "desc" } else { "asc" };
            let limit = rank.limit.map(|limit| format!(" limit {limit}")).unwrap_or_default();
            let _ = write!(out, " rank by n{} {order}{limit}", rank.key.0);
        }
        if segment.level > 0 {
            let _ = write!(out, " level {}", segment.level);
        }
        out.push('\n');
    }
    out
}

/// How many operations, domains and segments read each node.
fn users(plan: &Plan) -> Vec<usize> {
    let mut users = vec![0; plan.nodes.len()];
    let mut count = |id: NodeId| users[id.0 as usize] += 1;
    for node in &plan.nodes {
        node.op.inputs().into_iter().for_each(&mut count);
    }
    for domain in &plan.domains {
        domain.kind.inputs().into_iter().for_each(&mut count);
    }
    for segment in &plan.segments {
        count(segment.condition);
        segment.rank.iter().for_each(|rank| count(rank.key));
    }
    users
}

/// A type with the digits of decimals.
pub fn type_text(ty: &crate::types::Type) -> String {
    let optional = if ty.optional { "?" } else { "" };
    match &ty.ty {
        Ty::Decimal(digits) => format!("decimal({},{}){optional}", digits.precision, digits.scale),
        other => format!("{other}{optional}"),
    }
}

/// Which rows a domain has; what it reads is named by `p` and a number.
pub fn domain_text(kind: &DomainKind, p: &str) -> String {
    match kind {
        DomainKind::Profiles => "profiles".into(),
        DomainKind::Events { event_type: Some(name) } => format!("events {name}"),
        DomainKind::Events { event_type: None } => "events".into(),
        DomainKind::Elements { of, path } => format!("elements d{}.{}", of.0, path_text(path)),
        DomainKind::Entries { of, path } => format!("entries d{}.{}", of.0, path_text(path)),
        DomainKind::Values { list } => format!("values {p}{}", list.0),
        DomainKind::Filter { mask } => format!("filter {p}{}", mask.0),
        DomainKind::Groups { of, mask, key } => format!("groups d{}{} by {p}{}", of.0, where_text(mask, p), key.0),
        DomainKind::Members { groups } => format!("members d{}", groups.0),
        DomainKind::Later { events, mask, after, since, within, at_least } => format!(
            "later d{}{} after d{}{}",
            events.0,
            where_text(mask, p),
            after.0,
            gap_text(Some(since.0), *within, *at_least)
        ),
        DomainKind::Between { events, mask, after, before, at_least } => format!(
            "between d{}{}{} before d{}{}",
            events.0,
            where_text(mask, p),
            after.map(|after| format!(" after d{}", after.0)).unwrap_or_default(),
            before.0,
            gap_text(None, None, *at_least)
        ),
    }
}

fn where_text(mask: &Option<NodeId>, p: &str) -> String {
    mask.map(|mask| format!(" where {p}{}", mask.0)).unwrap_or_default()
}

fn gap_text(since: Option<u32>, within: Option<i64>, at_least: Option<i64>) -> String {
    let mut text = String::new();
    if let (Some(since), true) = (since, within.is_some() || at_least.is_some()) {
        let _ = write!(text, " since d{since}");
    }
    if let Some(within) = within {
        let _ = write!(text, " within {within}us");
    }
    if let Some(at_least) = at_least {
        let _ = write!(text, " after at least {at_least}us");
    }
    text
}

/// A path as it is written in the language.
pub fn path_text(path: &FieldPath) -> String {
    let mut text = String::new();
    for step in path.iter() {
        match step {
            FieldStep::Field(name) if text.is_empty() => text.push_str(name),
            FieldStep::Field(name) => {
                let _ = write!(text, ".{name}");
            }
            FieldStep::Key(key) => {
                let _ = write!(text, "[{key:?}]");
            }
        }
    }
    if text.is_empty() { "itself".into() } else { text }
}

/// An operation; what it reads is named by `p` and a number.
pub fn op_text(op: &Op, p: &str) -> String {
    let list = |nodes: &[NodeId]| nodes.iter().map(|n| format!("{p}{}", n.0)).collect::<Vec<_>>().join(", ");
    match op {
        Op::Const(value) => value_text(value),
        Op::Absent => "absent".into(),
        Op::Column(path) => format!("column {}", path_text(path)),
        Op::Key => "key".into(),
        Op::Related { class, key, path } => format!("related {class}[{p}{}].{}", key.0, path_text(path)),
        Op::Gather(node) => format!("gather {p}{}", node.0),
        Op::Test { op, negated, ignoring_case, args } => format!(
            "{}{op:?}{}({})",
            if *negated { "not " } else { "" },
            if *ignoring_case { " ignoring case " } else { "" },
            list(args)
        ),
        Op::Call { func, args } => format!("{func:?}({})", list(args)),
        Op::List(items) => format!("[{}]", list(items)),
        Op::And(items) => format!("and({})", list(items)),
        Op::Or(items) => format!("or({})", list(items)),
        Op::Not(node) => format!("not {p}{}", node.0),
        Op::If { condition, then, otherwise } => {
            format!("if {p}{} then {p}{} else {p}{}", condition.0, then.0, otherwise.0)
        }
        Op::Default { value, default } => format!("{p}{} default {p}{}", value.0, default.0),
        Op::IsPresent(node) => format!("{p}{} is present", node.0),
        Op::Reduce { from, mask, reduction } => {
            format!("{} over d{}{}", reduction_text(reduction, p), from.0, where_text(mask, p))
        }
        Op::Top { parent, mask, key, count, descending } => format!(
            "{} {count} of each d{}{} by {p}{}",
            if *descending { "top" } else { "bottom" },
            parent.0,
            where_text(mask, p),
            key.0
        ),
        Op::Sequence(steps) => {
            let steps = steps.iter().map(|step| {
                let not = if step.negated { "not " } else { "" };
                let times = if step.times > 1 { format!("{} times ", step.times) } else { String::new() };
                let gap = gap_text(None, step.within, step.at_least);
                let span = step
                    .span
                    .as_ref()
                    .map_or_else(String::new, |span| format!(" within {}us of step {}", span.within, span.step + 1));
                format!("{not}{times}d{}{}{gap}{span}", step.events.0, where_text(&step.mask, p))
            });
            format!("sequence({})", steps.collect::<Vec<_>>().join(" then "))
        }
        Op::Sample { threshold, salt } => format!("sample {threshold}/2^32 salt {salt:?}"),
        Op::Membership(segment) => format!("membership of segment {segment}"),
        Op::ProfileId => "profile id".into(),
    }
}

fn reduction_text(reduction: &Reduction, p: &str) -> String {
    match reduction {
        Reduction::Any => "any".into(),
        Reduction::Count => "count".into(),
        Reduction::CountDistinct(n) => format!("count distinct {p}{}", n.0),
        Reduction::CountPresent(n) => format!("count present {p}{}", n.0),
        Reduction::Sum(n) => format!("sum {p}{}", n.0),
        Reduction::Min(n) => format!("min {p}{}", n.0),
        Reduction::Max(n) => format!("max {p}{}", n.0),
        Reduction::Mean(n) => format!("mean {p}{}", n.0),
        Reduction::First { value, .. } => format!("first {p}{}", value.0),
        Reduction::Last { value, .. } => format!("last {p}{}", value.0),
        Reduction::List(n) => format!("list {p}{}", n.0),
    }
}

/// A constant as a reader would write it.
pub fn value_text(value: &Value) -> String {
    match value {
        Value::Bool(v) => v.to_string(),
        Value::Int(v) => v.to_string(),
        Value::Decimal { unscaled, scale: 0 } => unscaled.to_string(),
        Value::Decimal { unscaled, scale } => {
            let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = usize::from(*scale) + 1);
            let (whole, fraction) = digits.split_at(digits.len() - usize::from(*scale));
            format!("{}{whole}.{fraction}", if *unscaled < 0 { "-" } else { "" })
        }
        Value::Float(v) => format!("{v:?}"),
        Value::String(v) => format!("{v:?}"),
        Value::Date(days) => date(*days),
        Value::Timestamp(micros) => instant(*micros),
        Value::Duration(d) => {
            let mut parts = Vec::new();
            for (amount, unit) in [(i64::from(d.months), "months"), (i64::from(d.days), "days"), (d.micros, "us")] {
                if amount != 0 {
                    parts.push(format!("{amount} {unit}"));
                }
            }
            if parts.is_empty() { "0 us".into() } else { parts.join(" ") }
        }
        Value::List(items) => format!("[{}]", items.iter().map(value_text).collect::<Vec<_>>().join(", ")),
        Value::Bucket(bucket) => BUCKETS.get(usize::from(*bucket)).unwrap_or(&"?").to_string(),
    }
}

fn date(days: i32) -> String {
    let civil = time::civil(days);
    format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day)
}

/// An instant in ISO 8601, UTC.
pub fn instant(micros: i64) -> String {
    let day = micros.div_euclid(crate::types::MICROS_PER_DAY);
    let rest = micros.rem_euclid(crate::types::MICROS_PER_DAY);
    let (seconds, micros) = (rest / 1_000_000, rest % 1_000_000);
    let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
    let day = i32::try_from(day).map_or_else(|_| format!("day {day}"), date);
    format!("{day}T{:02}:{:02}:{:02}{fraction}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
