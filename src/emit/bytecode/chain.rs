//! Sequences whose steps refer to each other only by how long after an earlier event they may come. The plan has them as
//! domains of pairs, of which there may be many; whether one exists at all is found by merging the steps' runs.
//! Invariant: a node is replaced only by a sequence that is true for the same profiles.

use crate::builtins::{Func, Test};
use crate::plan::{DomainId, DomainKind, FieldStep, Node, NodeId, Op, Plan, Reduction, SequenceStep, StepSpan};
use crate::schema::TIMESTAMP;
use crate::types::Value;

/// The plan with every such sequence as one operation.
pub(super) fn chained(plan: &Plan) -> Plan {
    let nodes = plan.nodes.iter().map(|node| match chain(plan, node) {
        Some(steps) => Node { op: Op::Sequence(steps.into()), ..node.clone() },
        None => node.clone(),
    });
    Plan { nodes: nodes.collect(), ..plan.clone() }
}

/// A step with the domains whose rows have its event.
struct Link {
    step: SequenceStep,
    domains: Vec<DomainId>,
}

/// The steps of a node that asks whether a row of a chain of later events exists.
fn chain(plan: &Plan, node: &Node) -> Option<Vec<SequenceStep>> {
    let Op::Reduce { from, mask: None, reduction: Reduction::Any } = node.op else { return None };
    if node.domain != DomainId::PROFILES {
        return None;
    }
    let (mut links, tests) = links(plan, from)?;
    links.reverse();
    let mut since = None;
    for test in tests {
        let (later, earlier, within) = span(plan, test)?;
        let place = |domain: DomainId| links.iter().position(|link| link.domains.contains(&domain));
        let (later, earlier) = (place(later)?, place(earlier)?);
        // One event from which all spans are measured, and one span for each step.
        if earlier >= later || since.is_some_and(|since| since != earlier) || links[later].step.span.is_some() {
            return None;
        }
        since = Some(earlier);
        links[later].step.span = Some(StepSpan { step: earlier as u32, within });
    }
    since?;
    Some(links.into_iter().map(|link| link.step).collect())
}

/// The steps from the last to the first, and the tests between them.
fn links(plan: &Plan, from: DomainId) -> Option<(Vec<Link>, Vec<NodeId>)> {
    let (mut links, mut tests, mut names) = (Vec::new(), Vec::new(), Vec::new());
    let mut here = from;
    loop {
        names.push(here);
        let domain = &plan.domains[here.0 as usize];
        let first = |events, mask, domains| Link { step: simple(events, mask, None, None), domains };
        match &domain.kind {
            DomainKind::Events { .. } if domain.parent == Some(DomainId::PROFILES) => {
                links.push(first(here, None, names));
                return Some((links, tests));
            }
            DomainKind::Filter { mask } => {
                let parent = domain.parent?;
                let above = &plan.domains[parent.0 as usize];
                if matches!(above.kind, DomainKind::Events { .. }) && above.parent == Some(DomainId::PROFILES) {
                    links.push(first(parent, Some(*mask), names));
                    return Some((links, tests));
                }
                match &plan.nodes[mask.0 as usize].op {
                    Op::And(items) => tests.extend(items),
                    _ => tests.push(*mask),
                }
                here = parent;
            }
            DomainKind::Later { events, mask, after, since, within, at_least } => {
                if after != since || Some(*after) != domain.parent {
                    return None;
                }
                let step = simple(*events, *mask, *within, *at_least);
                links.push(Link { step, domains: std::mem::take(&mut names) });
                here = *after;
            }
            DomainKind::Profiles
            | DomainKind::Events { .. }
            | DomainKind::Elements { .. }
            | DomainKind::Entries { .. }
            | DomainKind::Values { .. }
            | DomainKind::Groups { .. }
            | DomainKind::Members { .. }
            | DomainKind::Between { .. } => return None,
        }
    }
}

fn simple(events: DomainId, mask: Option<NodeId>, within: Option<i64>, at_least: Option<i64>) -> SequenceStep {
    SequenceStep { negated: false, times: 1, events, mask, within, at_least, span: None }
}

/// `time <= earlier time + constant`: the domains of both events, and the constant in microseconds.
fn span(plan: &Plan, test: NodeId) -> Option<(DomainId, DomainId, i64)> {
    let node = |id: NodeId| &plan.nodes[id.0 as usize];
    let Op::Test { op, negated: false, args, .. } = &node(test).op else { return None };
    let &[time, limit] = args.as_slice() else { return None };
    let Op::Gather(limit) = node(limit).op else { return None };
    let Op::Call { func: Func::AddDuration, args } = &node(limit).op else { return None };
    let &[earlier, gap] = args.as_slice() else { return None };
    let Op::Const(Value::Duration(gap)) = &node(gap).op else { return None };
    let within = match op {
        Test::Le => gap.exact_micros()?,
        Test::Lt => gap.exact_micros()?.checked_sub(1)?,
        _ => return None,
    };
    let of_event = |id: NodeId| match &node(id).op {
        Op::Column(path) => match &**path {
            [FieldStep::Field(name)] if **name == *TIMESTAMP => Some(node(id).domain),
            _ => None,
        },
        _ => None,
    };
    Some((of_event(time)?, of_event(earlier)?, within))
}
