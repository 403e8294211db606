//! What an operation or a domain reads, and the same with other indices: the one place that knows every field that
//! holds a node or a domain.

use super::{DomainId, DomainKind, NodeId, Op, Reduction, SequenceStep};

/// Gives new ids to the nodes and domains that something refers to.
pub trait Renumber {
    /// The new id of a node.
    fn node(&mut self, id: NodeId) -> NodeId;
    /// The new id of a domain.
    fn domain(&mut self, id: DomainId) -> DomainId;
}

/// Collects ids without changing them.
#[derive(Default)]
struct Collect {
    nodes: Vec<NodeId>,
    domains: Vec<DomainId>,
}

impl Renumber for Collect {
    fn node(&mut self, id: NodeId) -> NodeId {
        self.nodes.push(id);
        id
    }
    fn domain(&mut self, id: DomainId) -> DomainId {
        self.domains.push(id);
        id
    }
}

impl Op {
    /// The nodes that it reads.
    pub fn inputs(&self) -> Vec<NodeId> {
        let mut collect = Collect::default();
        self.renumbered(&mut collect);
        collect.nodes
    }

    /// The domains that it reads besides its own.
    pub fn domains(&self) -> Vec<DomainId> {
        let mut collect = Collect::default();
        self.renumbered(&mut collect);
        collect.domains
    }

    /// The same operation over other ids.
    pub fn renumbered(&self, to: &mut dyn Renumber) -> Op {
        let all = |to: &mut dyn Renumber, nodes: &[NodeId]| nodes.iter().map(|&n| to.node(n)).collect::<Vec<_>>();
        match self {
            Op::Const(_)
            | Op::Absent
            | Op::Column(_)
            | Op::Key
            | Op::Sample { .. }
            | Op::Membership(_)
            | Op::ProfileId => self.clone(),
            Op::Related { class, key, path } => {
                Op::Related { class: class.clone(), key: to.node(*key), path: path.clone() }
            }
            Op::Gather(node) => Op::Gather(to.node(*node)),
            Op::Test { op, negated, ignoring_case, args } => {
                Op::Test { op: *op, negated: *negated, ignoring_case: *ignoring_case, args: all(to, args) }
            }
            Op::Call { func, args } => Op::Call { func: *func, args: all(to, args) },
            Op::List(items) => Op::List(all(to, items)),
            Op::And(items) => Op::And(all(to, items)),
            Op::Or(items) => Op::Or(all(to, items)),
            Op::Not(node) => Op::Not(to.node(*node)),
            Op::If { condition, then, otherwise } => {
                Op::If { condition: to.node(*condition), then: to.node(*then), otherwise: to.node(*otherwise) }
            }
            Op::Default { value, default } => Op::Default { value: to.node(*value), default: to.node(*default) },
            Op::IsPresent(node) => Op::IsPresent(to.node(*node)),
            Op::Reduce { from, mask, reduction } => Op::Reduce {
                from: to.domain(*from),
                mask: mask.map(|mask| to.node(mask)),
                reduction: reduction.renumbered(to),
            },
            Op::Top { parent, mask, key, count, descending } => Op::Top {
                parent: to.domain(*parent),
                mask: mask.map(|mask| to.node(mask)),
                key: to.node(*key),
                count: *count,
                descending: *descending,
            },
            Op::Sequence(steps) => Op::Sequence(
                steps
                    .iter()
                    .map(|step| SequenceStep {
                        events: to.domain(step.events),
                        mask: step.mask.map(|mask| to.node(mask)),
                        ..step.clone()
                    })
                    .collect(),
            ),
        }
    }
}

impl Reduction {
    /// The nodes that it reads.
    pub fn inputs(&self) -> Vec<NodeId> {
        let mut collect = Collect::default();
        self.renumbered(&mut collect);
        collect.nodes
    }

    fn renumbered(&self, to: &mut dyn Renumber) -> Reduction {
        match self {
            Reduction::Any => Reduction::Any,
            Reduction::Count => Reduction::Count,
            Reduction::CountDistinct(n) => Reduction::CountDistinct(to.node(*n)),
            Reduction::CountPresent(n) => Reduction::CountPresent(to.node(*n)),
            Reduction::Sum(n) => Reduction::Sum(to.node(*n)),
            Reduction::Min(n) => Reduction::Min(to.node(*n)),
            Reduction::Max(n) => Reduction::Max(to.node(*n)),
            Reduction::Mean(n) => Reduction::Mean(to.node(*n)),
            Reduction::First { value, ties } => {
                Reduction::First { value: to.node(*value), ties: ties.map(|n| to.node(n)) }
            }
            Reduction::Last { value, ties } => {
                Reduction::Last { value: to.node(*value), ties: ties.map(|n| to.node(n)) }
            }
            Reduction::List(n) => Reduction::List(to.node(*n)),
        }
    }
}

impl DomainKind {
    /// The nodes that it reads.
    pub fn inputs(&self) -> Vec<NodeId> {
        let mut collect = Collect::default();
        self.renumbered(&mut collect);
        collect.nodes
    }

    /// The domains that it reads besides its parent.
    pub fn domains(&self) -> Vec<DomainId> {
        let mut collect = Collect::default();
        self.renumbered(&mut collect);
        collect.domains
    }

    /// The same rows over other ids.
    pub fn renumbered(&self, to: &mut dyn Renumber) -> DomainKind {
        match self {
            DomainKind::Profiles | DomainKind::Events { .. } => self.clone(),
            DomainKind::Elements { of, path } => DomainKind::Elements { of: to.domain(*of), path: path.clone() },
            DomainKind::Entries { of, path } => DomainKind::Entries { of: to.domain(*of), path: path.clone() },
            DomainKind::Values { list } => DomainKind::Values { list: to.node(*list) },
            DomainKind::Filter { mask } => DomainKind::Filter { mask: to.node(*mask) },
            DomainKind::Groups { of, mask, key } => {
                DomainKind::Groups { of: to.domain(*of), mask: mask.map(|m| to.node(m)), key: to.node(*key) }
            }
            DomainKind::Members { groups } => DomainKind::Members { groups: to.domain(*groups) },
            DomainKind::Later { events, mask, after, since, within, at_least } => DomainKind::Later {
                events: to.domain(*events),
                mask: mask.map(|m| to.node(m)),
                after: to.domain(*after),
                since: to.domain(*since),
                within: *within,
                at_least: *at_least,
            },
            DomainKind::Between { events, mask, after, before, at_least } => DomainKind::Between {
                events: to.domain(*events),
                mask: mask.map(|m| to.node(m)),
                after: after.map(|d| to.domain(d)),
                before: to.domain(*before),
                at_least: *at_least,
            },
        }
    }
}
