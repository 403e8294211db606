//! Which reductions are folds, over which domain, and what they read from outside of it. A domain of pairs may have
//! about as many rows as the square of its parent's; it is made in chunks of its parent's rows. A reduction into a domain
//! further up is taken apart where that gives the same result: any, count, smallest and largest by way of the parent.
//! Invariant: a fold's body makes rows only below the fold's domain.

use rustc_hash::FxHashSet;

use super::order::Item;
use crate::bytecode::{Register, is_below};
use crate::plan::{DomainId, DomainKind, NodeId, Op, Plan, Reduction};
use crate::types::Type;

/// Folds inside folds; further domains of pairs are made whole.
const DEPTH: usize = 32;

/// A reduction to emit: of a node, or a part of one.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub from: DomainId,
    pub mask: Option<NodeId>,
    pub reduction: Reduction,
    pub target: DomainId,
    pub ty: Type,
}

/// Reductions of one key can share a fold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// The domain that is taken in chunks.
    pub over: DomainId,
    /// The domains of pairs that the body may make.
    pub opened: Vec<DomainId>,
}

impl Job {
    /// The reduction that a node is, if it is one.
    pub fn of(plan: &Plan, node: NodeId) -> Option<Job> {
        let node = &plan.nodes[node.0 as usize];
        let Op::Reduce { from, mask, reduction } = &node.op else { return None };
        Some(Job {
            from: *from,
            mask: *mask,
            reduction: reduction.clone(),
            target: node.domain,
            ty: Type { ty: crate::plan::needs::stored(&node.ty.ty), optional: node.ty.optional },
        })
    }

    /// The operation.
    pub fn op(&self) -> Op {
        Op::Reduce { from: self.from, mask: self.mask, reduction: self.reduction.clone() }
    }

    /// What it reads.
    pub fn reads(&self) -> Vec<Item> {
        let op = self.op();
        let nodes = op.inputs().into_iter().map(Item::Node);
        std::iter::once(Item::Rows(self.from)).chain(nodes).collect()
    }

    /// The same reduction into a domain on the way.
    pub fn within(&self, over: DomainId) -> Job {
        Job { target: over, ..self.clone() }
    }

    /// What makes the result of the reduction into `over` that of the whole; `None` if it is already.
    pub fn beyond(&self, over: DomainId, register: Register) -> Option<Op> {
        if over == self.target {
            return None;
        }
        let (mask, reduction) = match self.reduction {
            Reduction::Any => (Some(register), Reduction::Any),
            Reduction::Min(_) => (None, Reduction::Min(register)),
            Reduction::Max(_) => (None, Reduction::Max(register)),
            Reduction::Count
            | Reduction::CountPresent(_)
            | Reduction::CountDistinct(_)
            | Reduction::Sum(_)
            | Reduction::Mean(_)
            | Reduction::First { .. }
            | Reduction::Last { .. }
            | Reduction::List(_) => (None, Reduction::Sum(register)),
        };
        Some(Op::Reduce { from: over, mask, reduction })
    }

    /// Whether it can be taken apart.
    fn decomposes(&self) -> bool {
        match self.reduction {
            Reduction::Any | Reduction::Count | Reduction::CountPresent(_) | Reduction::Min(_) | Reduction::Max(_) => {
                true
            }
            // A sum on the way might not fit where the whole does.
            Reduction::CountDistinct(_)
            | Reduction::Sum(_)
            | Reduction::Mean(_)
            | Reduction::First { .. }
            | Reduction::Last { .. }
            | Reduction::List(_) => false,
        }
    }
}

/// Knows which domains are of pairs.
pub(super) struct Folds<'p> {
    plan: &'p Plan,
    pairs: Vec<bool>,
}

impl<'p> Folds<'p> {
    pub fn new(plan: &'p Plan) -> Self {
        let pairs = (0..plan.domains.len()).map(|index| is_pair(plan, DomainId(index as u32))).collect();
        Folds { plan, pairs }
    }

    /// How a reduction is folded where `depth` frames are open; `None` if all its rows may be made at once.
    pub fn key(&self, job: &Job, depth: usize, opened: impl Fn(DomainId) -> bool) -> Option<Key> {
        if depth > DEPTH {
            return None;
        }
        let mut closed = Vec::new();
        let mut here = job.from;
        while here != job.target {
            if self.pairs[here.0 as usize] && !opened(here) {
                closed.push(here);
            }
            here = self.plan.domains[here.0 as usize].parent?;
        }
        let outermost = *closed.last()?;
        let key = if job.decomposes() {
            Key { over: self.plan.domains[outermost.0 as usize].parent?, opened: vec![outermost] }
        } else {
            Key { over: job.target, opened: closed }
        };
        self.ranks_within(job, key.over).then_some(key)
    }

    /// Whether no operation of the body ranks rows across the rows of the fold's domain.
    fn ranks_within(&self, job: &Job, over: DomainId) -> bool {
        self.walk(job, over).0.into_iter().all(|item| match item {
            Item::Rows(_) => true,
            Item::Node(node) => match self.plan.nodes[node.0 as usize].op {
                Op::Top { parent, .. } => parent == over || is_below(&self.plan.domains, parent, over),
                _ => true,
            },
        })
    }

    /// What an item reads.
    pub fn reads(&self, item: Item) -> Vec<Item> {
        let mut all = Vec::new();
        match item {
            Item::Rows(domain) => {
                let domain = &self.plan.domains[domain.0 as usize];
                all.extend(domain.parent.map(Item::Rows));
                all.extend(domain.kind.domains().into_iter().map(Item::Rows));
                all.extend(domain.kind.inputs().into_iter().map(Item::Node));
            }
            Item::Node(node) => {
                let node = &self.plan.nodes[node.0 as usize];
                all.push(Item::Rows(node.domain));
                all.extend(node.op.inputs().into_iter().map(Item::Node));
                all.extend(node.op.domains().into_iter().map(Item::Rows));
            }
        }
        all
    }

    /// What a reduction reads that is not below a domain, directly or by way of what is below it.
    pub fn outside(&self, job: &Job, over: DomainId) -> Vec<Item> {
        self.walk(job, over).1
    }

    /// All that a reduction reads: what is below a domain, and what is read from there that is not.
    fn walk(&self, job: &Job, over: DomainId) -> (Vec<Item>, Vec<Item>) {
        let (mut inside, mut outside) = (Vec::new(), Vec::new());
        let mut seen = FxHashSet::default();
        let mut stack = job.reads();
        stack.reverse();
        while let Some(item) = stack.pop() {
            if !seen.insert(item) {
                continue;
            }
            let domain = match item {
                Item::Node(node) => self.plan.nodes[node.0 as usize].domain,
                Item::Rows(domain) => domain,
            };
            if is_below(&self.plan.domains, domain, over) {
                stack.extend(self.reads(item).into_iter().rev());
                inside.push(item);
            } else {
                outside.push(item);
            }
        }
        (inside, outside)
    }
}

/// Whether the rows of a domain may be many for each row of data: where the same records belong to several parent rows.
fn is_pair(plan: &Plan, id: DomainId) -> bool {
    let domain = &plan.domains[id.0 as usize];
    let Some(parent) = domain.parent else { return false };
    match &domain.kind {
        DomainKind::Profiles | DomainKind::Filter { .. } | DomainKind::Groups { .. } => false,
        DomainKind::Later { .. } | DomainKind::Between { .. } => true,
        DomainKind::Events { .. } => !narrows(plan, parent, DomainId::PROFILES),
        DomainKind::Elements { of, .. } | DomainKind::Entries { of, .. } => !narrows(plan, parent, *of),
        DomainKind::Members { groups } => !narrows(plan, parent, *groups),
        DomainKind::Values { list } => {
            matches!(plan.nodes[list.0 as usize].op, Op::Gather(_)) && !narrows(plan, parent, DomainId::PROFILES)
        }
    }
}

/// Whether a domain is another, or filtered rows of it.
fn narrows(plan: &Plan, domain: DomainId, of: DomainId) -> bool {
    let mut here = domain;
    while here != of {
        let domain = &plan.domains[here.0 as usize];
        match (&domain.kind, domain.parent) {
            (DomainKind::Filter { .. }, Some(parent)) => here = parent,
            _ => return false,
        }
    }
    true
}
