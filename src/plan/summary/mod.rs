//! The plan for people, for `segc compile --emit plan`: what is read, what is computed once for several segments and why,
//! at which instants events are cut, and how each segment is put together of it. Invariant: equal plans print equal text.

mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::explain::{instant, path_text};
use super::needs::Needs;
use super::{DomainId, DomainKind, NodeId, Op, Plan, Space};
use crate::builtins::Test;
use crate::diagnostics::words::counted;
use crate::schema::TIMESTAMP;
use crate::types::Value;
use words::Words;

/// The summary of an optimised plan.
pub fn summary(plan: &Plan) -> String {
    let sharing = Sharing::of(plan);
    let words = Words { plan, names: &sharing.names };
    let mut out = String::new();
    let segments = counted(plan.segments.len() as u64, "segment");
    let _ = writeln!(out, "{segments} in one pass, as of {}, days in {}", instant(plan.now), plan.settings.zone);
    reads(plan, &mut out);
    windows(plan, &mut out);
    if !sharing.names.is_empty() {
        out.push_str("\ncomputed once for several segments\n");
    }
    for (&node, name) in &sharing.names {
        let users: Vec<&str> = sharing.users[&node].iter().map(|&s| plan.segments[s].name.as_str()).collect();
        let _ = writeln!(out, "  {name} = {}", words.definition(node));
        let _ = writeln!(out, "    {}: {}", reason(plan, node), users.join(", "));
    }
    out.push_str("\nsegments\n");
    for segment in &plan.segments {
        let _ = writeln!(out, "  {} = {}", segment.name, words.of(segment.condition));
        if let Some(rank) = &segment.rank {
            let order = if rank.descending { "desc" } else { "asc" };
            let limit = rank.limit.map(|limit| format!(" limit {limit}")).unwrap_or_default();
            let _ = writeln!(out, "    rank by {} {order}{limit}", words.of(rank.key));
        }
        if segment.level > 0 {
            let _ = writeln!(out, "    in pass {}, since it reads the members of a ranked segment", segment.level + 1);
        }
    }
    out
}

/// What several segments share.
struct Sharing {
    /// The segments that use an operation, by their places in the plan.
    users: BTreeMap<NodeId, BTreeSet<usize>>,
    /// The names of those that are worth one.
    names: BTreeMap<NodeId, String>,
}

impl Sharing {
    fn of(plan: &Plan) -> Sharing {
        let mut users: BTreeMap<NodeId, BTreeSet<usize>> = BTreeMap::new();
        let mut readers: BTreeMap<NodeId, BTreeSet<NodeId>> = BTreeMap::new();
        let mut results = BTreeSet::new();
        for (place, segment) in plan.segments.iter().enumerate() {
            let mut open = vec![segment.condition];
            open.extend(segment.rank.iter().map(|rank| rank.key));
            results.extend(open.iter().copied());
            while let Some(node) = open.pop() {
                if !users.entry(node).or_default().insert(place) {
                    continue;
                }
                for read in inputs(plan, node) {
                    readers.entry(read).or_default().insert(node);
                    open.push(read);
                }
            }
        }
        let mut names = BTreeMap::new();
        for (&node, segments) in &users {
            // What has one reader, which is as shared as it is, is a part of that.
            let of_one = readers.get(&node).is_some_and(|readers| {
                readers.len() == 1
                    && readers.iter().all(|reader| users[reader] == *segments)
                    && !results.contains(&node)
            });
            if segments.len() > 1 && !of_one && is_work(plan, node) {
                names.insert(node, format!("f{}", names.len() + 1));
            }
        }
        Sharing { users, names }
    }
}

/// What a node reads, those that say which rows a domain has included.
fn inputs(plan: &Plan, node: NodeId) -> Vec<NodeId> {
    let node = &plan.nodes[node.0 as usize];
    let mut inputs = node.op.inputs();
    let mut domains = node.op.domains();
    domains.push(node.domain);
    let mut seen = BTreeSet::new();
    while let Some(domain) = domains.pop() {
        if !seen.insert(domain) {
            continue;
        }
        let domain = &plan.domains[domain.0 as usize];
        inputs.extend(domain.kind.inputs());
        domains.extend(domain.kind.domains());
        domains.extend(domain.parent);
    }
    inputs
}

/// Whether an operation is more than reading a value.
fn is_work(plan: &Plan, node: NodeId) -> bool {
    match &plan.nodes[node.0 as usize].op {
        Op::Const(_) | Op::Absent | Op::Column(_) | Op::Key | Op::Gather(_) | Op::ProfileId | Op::Membership(_) => {
            false
        }
        Op::Test { args, .. } => !is_window(plan, args),
        Op::Related { .. }
        | Op::Call { .. }
        | Op::List(_)
        | Op::And(_)
        | Op::Or(_)
        | Op::Not(_)
        | Op::If { .. }
        | Op::Default { .. }
        | Op::IsPresent(_)
        | Op::Reduce { .. }
        | Op::Top { .. }
        | Op::Sequence(_)
        | Op::Sample { .. } => true,
    }
}

/// Why something is computed once.
fn reason(plan: &Plan, node: NodeId) -> &'static str {
    let found = &plan.nodes[node.0 as usize];
    match (&found.op, found.domain) {
        (Op::Reduce { .. } | Op::Top { .. }, _) => "the same rows, filter, window and aggregate",
        (Op::Sequence(_), _) => "the same sequence",
        (
            Op::Test { .. } | Op::And(_) | Op::Or(_) | Op::Not(_) | Op::IsPresent(_) | Op::Sample { .. },
            DomainId::PROFILES,
        ) => "the same condition of the profile",
        (Op::Test { .. } | Op::And(_) | Op::Or(_) | Op::Not(_) | Op::IsPresent(_), _) => "the same filter",
        _ => "the same value",
    }
}

fn reads(plan: &Plan, out: &mut String) {
    let domains = (0..plan.domains.len()).map(|at| DomainId(at as u32));
    let nodes = plan.nodes.iter().map(|node| (node.domain, &node.op, &node.ty));
    let needs = Needs::collect(&plan.domains, domains, nodes);
    out.push_str("\nreads\n");
    for (space, columns) in &needs.spaces {
        let columns: Vec<String> = columns.keys().map(path_text).collect();
        let columns = if columns.is_empty() { "which there are".to_owned() } else { columns.join(", ") };
        let name = space_words(space);
        let types = match (&needs.event_types, space) {
            (Some(types), Space::Events) => format!(" of {}", types.join(", ")),
            (None, Space::Events) => " of all types".to_owned(),
            _ => String::new(),
        };
        let _ = writeln!(out, "  {name}{types}: {columns}");
    }
}

fn space_words(space: &Space) -> String {
    match space {
        Space::Profiles => "profiles".into(),
        Space::Events => "events".into(),
        Space::Elements(of, path) | Space::Entries(of, path) => format!("{} of {}", path_text(path), space_words(of)),
        Space::Class(name) => format!("class {name}"),
    }
}

/// A test of the time of events of the profiles against an instant.
fn is_window(plan: &Plan, args: &[NodeId]) -> bool {
    window_of(plan, args).is_some()
}

fn window_of(plan: &Plan, args: &[NodeId]) -> Option<(DomainId, i64)> {
    let [time, at] = args else { return None };
    let (time, at) = (plan.nodes.get(time.0 as usize)?, plan.nodes.get(at.0 as usize)?);
    let Op::Column(path) = &time.op else { return None };
    let Op::Const(Value::Timestamp(at)) = at.op else { return None };
    let domain = &plan.domains[time.domain.0 as usize];
    let events = matches!(domain.kind, DomainKind::Events { .. }) && domain.parent == Some(DomainId::PROFILES);
    (events && path_text(path) == TIMESTAMP).then_some((time.domain, at))
}

/// The instants that windows begin or end at, by the events that they are of.
fn windows(plan: &Plan, out: &mut String) {
    let mut found: BTreeMap<DomainId, BTreeSet<i64>> = BTreeMap::new();
    for node in &plan.nodes {
        if let Op::Test { op: Test::Lt | Test::Le | Test::Gt | Test::Ge, args, .. } = &node.op
            && let Some((domain, at)) = window_of(plan, args)
        {
            found.entry(domain).or_default().insert(at);
        }
    }
    if found.is_empty() {
        return;
    }
    out.push_str("\nwindows: events stand in the order of their times, and are cut once at each of these instants\n");
    for (domain, instants) in found {
        let name = match &plan.domains[domain.0 as usize].kind {
            DomainKind::Events { event_type: Some(name) } => name.to_string(),
            _ => "events".into(),
        };
        let instants: Vec<String> = instants.into_iter().map(instant).collect();
        let _ = writeln!(out, "  {name}: {}", instants.join(", "));
    }
}
