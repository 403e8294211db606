//! The optimiser: rebuilds the plan bottom up, offering every operation to the [rules](super::rules), and drops what
//! nothing reads any more. The optimised plan gives the same members as the plan it was made of; tests hold it to that.

use rustc_hash::FxHashMap;

use super::graph::Graph;
use super::inputs::Renumber;
use super::rules::{Context, RULES};
use super::{Domain, DomainId, Node, NodeId, Plan};
use crate::vector::time::Zone;

/// The most passes over a plan; what a rule builds below its result is offered to the rules in the next pass.
const MAX_PASSES: usize = 8;

/// Rewrites a plan until nothing changes.
pub fn optimize(plan: &Plan) -> Plan {
    let mut plan = pass(plan);
    for _ in 1..MAX_PASSES {
        let next = pass(&plan);
        if next.nodes == plan.nodes && next.domains == plan.domains {
            break;
        }
        plan = next;
    }
    plan
}

fn pass(plan: &Plan) -> Plan {
    let zone = Zone::new(&plan.settings.zone).unwrap_or_else(Zone::utc);
    let context = Context { zone, week_start: plan.settings.week_start };
    let mut rebuild = Rebuild { plan, graph: Graph::default(), nodes: Vec::new(), domains: FxHashMap::default() };
    for node in &plan.nodes {
        let domain = rebuild.domain(node.domain);
        let op = node.op.renumbered(&mut rebuild);
        let id = rebuild.graph.node(op, domain, node.ty.clone());
        let id = rewrite(&mut rebuild.graph, &context, id);
        rebuild.nodes.push(id);
    }
    let mut segments = plan.segments.clone();
    for segment in &mut segments {
        segment.condition = rebuild.node(segment.condition);
        if let Some(rank) = &mut segment.rank {
            rank.key = rebuild.node(rank.key);
        }
    }
    let (domains, nodes) = rebuild.graph.into_parts();
    prune(Plan { domains, nodes, segments, now: plan.now, settings: plan.settings.clone() })
}

/// The most rules applied to one operation one after the other; each makes it smaller, so this is a safety net.
const MAX_STEPS: usize = 64;

/// Applies the rules to a node, whose inputs are already rewritten, until none fires.
fn rewrite(graph: &mut Graph, context: &Context, mut id: NodeId) -> NodeId {
    for _ in 0..MAX_STEPS {
        match RULES.iter().find_map(|rule| (rule.apply)(graph, context, id)) {
            Some(next) if next != id => id = next,
            _ => break,
        }
    }
    id
}

/// A plan being rebuilt.
struct Rebuild<'a> {
    plan: &'a Plan,
    graph: Graph,
    /// New id of each old node.
    nodes: Vec<NodeId>,
    domains: FxHashMap<DomainId, DomainId>,
}

impl Renumber for Rebuild<'_> {
    fn node(&mut self, id: NodeId) -> NodeId {
        self.nodes[id.0 as usize]
    }

    fn domain(&mut self, id: DomainId) -> DomainId {
        if let Some(&new) = self.domains.get(&id) {
            return new;
        }
        let Domain { parent, kind } = self.plan.domains[id.0 as usize].clone();
        let parent = parent.map(|parent| self.domain(parent));
        let kind = kind.renumbered(self);
        let new = self.graph.domain(parent, kind);
        self.domains.insert(id, new);
        new
    }
}

/// Drops nodes and domains that no segment needs, keeping the order of the rest.
fn prune(plan: Plan) -> Plan {
    let mut live = Live { nodes: vec![false; plan.nodes.len()], domains: vec![false; plan.domains.len()] };
    live.domains[0] = true;
    for segment in &plan.segments {
        live.node(&plan, segment.condition);
        if let Some(rank) = &segment.rank {
            live.node(&plan, rank.key);
        }
    }
    let mut compact = Compact { nodes: ranks(&live.nodes), domains: ranks(&live.domains) };
    let domains = kept(&plan.domains, &live.domains)
        .map(|domain| Domain {
            parent: domain.parent.map(|parent| compact.domain(parent)),
            kind: domain.kind.renumbered(&mut compact),
        })
        .collect();
    let nodes = kept(&plan.nodes, &live.nodes)
        .map(|node| Node {
            op: node.op.renumbered(&mut compact),
            domain: compact.domain(node.domain),
            ty: node.ty.clone(),
        })
        .collect();
    let mut segments = plan.segments;
    for segment in &mut segments {
        segment.condition = compact.node(segment.condition);
        if let Some(rank) = &mut segment.rank {
            rank.key = compact.node(rank.key);
        }
    }
    Plan { domains, nodes, segments, now: plan.now, settings: plan.settings }
}

/// What some segment needs.
struct Live {
    nodes: Vec<bool>,
    domains: Vec<bool>,
}

impl Live {
    /// Marks a node and all that it reads; with a list of work to do, because chains may be long.
    fn node(&mut self, plan: &Plan, id: NodeId) {
        let mut work = vec![id];
        let mut domains = Vec::new();
        while let Some(id) = work.pop() {
            if std::mem::replace(&mut self.nodes[id.0 as usize], true) {
                continue;
            }
            let node = &plan.nodes[id.0 as usize];
            work.extend(node.op.inputs());
            domains.extend(node.op.domains());
            domains.push(node.domain);
            while let Some(domain) = domains.pop() {
                if std::mem::replace(&mut self.domains[domain.0 as usize], true) {
                    continue;
                }
                let Domain { parent, kind } = &plan.domains[domain.0 as usize];
                domains.extend(*parent);
                domains.extend(kind.domains());
                work.extend(kind.inputs());
            }
        }
    }
}

struct Compact {
    nodes: Vec<u32>,
    domains: Vec<u32>,
}

impl Renumber for Compact {
    fn node(&mut self, id: NodeId) -> NodeId {
        NodeId(self.nodes[id.0 as usize])
    }
    fn domain(&mut self, id: DomainId) -> DomainId {
        DomainId(self.domains[id.0 as usize])
    }
}

/// For each item, how many live ones come before it.
fn ranks(live: &[bool]) -> Vec<u32> {
    live.iter()
        .scan(0, |next, &live| {
            let rank = *next;
            *next += u32::from(live);
            Some(rank)
        })
        .collect()
}

fn kept<'a, T>(items: &'a [T], live: &'a [bool]) -> impl Iterator<Item = &'a T> {
    items.iter().zip(live).filter(|(_, live)| **live).map(|(item, _)| item)
}
