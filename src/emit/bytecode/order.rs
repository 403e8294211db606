//! Puts operations and domains in an order in which they can be computed. Results are virtual registers, each defined
//! once. A reduction over a domain of pairs becomes a fold over the domain above the pairs; the frames of open folds
//! form a stack, and what lies below a frame's domain is computed in that frame only.
//! Invariant: an item is emitted behind all that it reads.

use rustc_hash::{FxHashMap, FxHashSet};

use super::fold::{Folds, Job, Key};
use crate::bytecode::{Code, Instruction, Register, Yield, is_below};
use crate::plan::{DomainId, NodeId, Op, Plan, Renumber};
use crate::types::Type;

/// Something to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Item {
    Node(NodeId),
    Rows(DomainId),
}

/// The instructions in order and the registers of the targets.
pub(super) fn linearise(plan: &Plan, targets: &[NodeId]) -> (Vec<Instruction>, Vec<Register>) {
    let mut order = Order { plan, folds: Folds::new(plan), frames: vec![Frame::default()], registers: 0 };
    order.frames[0].rows.insert(DomainId::PROFILES);
    let items: Vec<Item> = targets.iter().map(|&node| Item::Node(node)).collect();
    order.schedule(&items);
    let results = targets.iter().map(|&node| order.register(node)).collect();
    (order.frames.remove(0).out, results)
}

/// Code being made: the body of a fold, or the whole.
#[derive(Default)]
struct Frame {
    /// The domain that is taken in chunks.
    over: Option<DomainId>,
    /// The domains of pairs that may be made here without a fold of their own.
    opened: FxHashSet<DomainId>,
    nodes: FxHashMap<NodeId, Register>,
    rows: FxHashSet<DomainId>,
    out: Vec<Instruction>,
}

struct Order<'p> {
    plan: &'p Plan,
    folds: Folds<'p>,
    frames: Vec<Frame>,
    registers: u32,
}

impl Order<'_> {
    fn fresh(&mut self) -> Register {
        self.registers += 1;
        NodeId(self.registers - 1)
    }

    fn push(&mut self, instruction: Instruction) {
        if let Some(frame) = self.frames.last_mut() {
            frame.out.push(instruction);
        }
    }

    fn domain_of(&self, item: Item) -> DomainId {
        match item {
            Item::Node(node) => self.plan.nodes[node.0 as usize].domain,
            Item::Rows(domain) => domain,
        }
    }

    /// The register of a node, or the rows of a domain, that can be read in the innermost frame.
    fn find(&self, item: Item) -> Option<Register> {
        let domain = self.domain_of(item);
        for frame in self.frames.iter().rev() {
            let found = match item {
                Item::Node(node) => frame.nodes.get(&node).copied(),
                Item::Rows(domain) => frame.rows.contains(&domain).then_some(NodeId(0)),
            };
            if found.is_some() {
                return found;
            }
            // What is below a frame's domain outside of it has the rows of all chunks.
            if frame.over.is_some_and(|over| is_below(&self.plan.domains, domain, over)) {
                return None;
            }
        }
        None
    }

    fn has(&self, item: Item) -> bool {
        match item {
            // The rows of the innermost fold's domain are those of its chunk.
            Item::Rows(domain) if self.frames.iter().any(|frame| frame.over == Some(domain)) => true,
            _ => self.find(item).is_some(),
        }
    }

    fn register(&self, node: NodeId) -> Register {
        self.find(Item::Node(node)).unwrap_or(NodeId(u32::MAX))
    }

    /// How a reduction is folded in the innermost frame; `None` if it needs no fold.
    fn fold_of(&self, job: &Job) -> Option<Key> {
        let opened = |domain: DomainId| self.frames.iter().any(|frame| frame.opened.contains(&domain));
        self.folds.key(job, self.frames.len(), opened)
    }

    fn job(&self, item: Item) -> Option<(Job, Key)> {
        let Item::Node(node) = item else { return None };
        let job = Job::of(self.plan, node)?;
        let key = self.fold_of(&job)?;
        Some((job, key))
    }

    /// What an item reads in the innermost frame.
    fn needs(&self, item: Item) -> Vec<Item> {
        if let Some((job, key)) = self.job(item) {
            let mut outer = self.folds.outside(&job, key.over);
            outer.push(Item::Rows(job.target));
            return outer;
        }
        self.folds.reads(item)
    }

    /// Emits all that the targets need, and them.
    fn schedule(&mut self, targets: &[Item]) {
        let order = self.post_order(targets);
        let folded: Vec<Option<(Job, Key)>> = order.iter().map(|&item| self.job(item)).collect();
        for (index, &item) in order.iter().enumerate() {
            if self.has(item) {
                continue;
            }
            match &folded[index] {
                Some(_) => self.emit_folds(&order[index..], &folded[index..]),
                None => self.emit_plain(item),
            }
        }
    }

    fn post_order(&self, targets: &[Item]) -> Vec<Item> {
        let mut order = Vec::new();
        let mut seen = FxHashSet::default();
        let mut stack: Vec<(Item, bool)> = targets.iter().rev().map(|&item| (item, false)).collect();
        while let Some((item, expanded)) = stack.pop() {
            if expanded {
                order.push(item);
            } else if !self.has(item) && seen.insert(item) {
                stack.push((item, true));
                stack.extend(self.needs(item).into_iter().rev().map(|item| (item, false)));
            }
        }
        order
    }

    fn emit_plain(&mut self, item: Item) {
        match item {
            Item::Rows(domain) => {
                let kind = &self.plan.domains[domain.0 as usize].kind;
                let inputs = kind.inputs().into_iter().map(|node| self.register(node)).collect();
                self.push(Instruction::Rows { domain, inputs });
                if let Some(frame) = self.frames.last_mut() {
                    frame.rows.insert(domain);
                }
            }
            Item::Node(id) => {
                let node = &self.plan.nodes[id.0 as usize];
                let to = self.emit_op(&node.op, node.domain, stored(&node.ty));
                self.define(id, to);
            }
        }
    }

    fn emit_op(&mut self, op: &Op, domain: DomainId, ty: Type) -> Register {
        let op = op.renumbered(&mut Registers(self));
        let to = self.fresh();
        self.push(Instruction::Set { to, domain, op, ty });
        to
    }

    fn define(&mut self, node: NodeId, register: Register) {
        if let Some(frame) = self.frames.last_mut() {
            frame.nodes.insert(node, register);
        }
    }

    /// Emits the first of the items, a reduction that is folded, with all others that the same fold can compute now.
    fn emit_folds(&mut self, items: &[Item], folded: &[Option<(Job, Key)>]) {
        let Some(Some((_, key))) = folded.first() else { return };
        let (mut nodes, mut jobs) = (Vec::new(), Vec::new());
        for (&item, folded) in items.iter().zip(folded) {
            let (Item::Node(node), Some((job, other))) = (item, folded) else { continue };
            let same = other == key && !self.has(item);
            if same && (nodes.is_empty() || self.needs(item).into_iter().all(|item| self.has(item))) {
                nodes.push(node);
                jobs.push(job.clone());
            }
        }
        let registers = self.emit_jobs(&jobs);
        for (node, register) in nodes.into_iter().zip(registers) {
            self.define(node, register);
        }
    }

    /// Emits reductions that do not read each other, in the innermost frame.
    fn emit_jobs(&mut self, jobs: &[Job]) -> Vec<Register> {
        let mut results: Vec<Option<Register>> = vec![None; jobs.len()];
        for index in 0..jobs.len() {
            if results[index].is_some() {
                continue;
            }
            match self.fold_of(&jobs[index]) {
                None => {
                    let job = &jobs[index];
                    self.schedule(&job.reads());
                    results[index] = Some(self.emit_op(&job.op(), job.target, job.ty.clone()));
                }
                Some(key) => {
                    let same: Vec<usize> =
                        (index..jobs.len()).filter(|&i| self.fold_of(&jobs[i]).as_ref() == Some(&key)).collect();
                    let group: Vec<&Job> = same.iter().map(|&i| &jobs[i]).collect();
                    let registers = self.emit_fold(&group, key);
                    for (i, register) in same.into_iter().zip(registers) {
                        results[i] = Some(register);
                    }
                }
            }
        }
        results.into_iter().map(|register| register.unwrap_or(NodeId(0))).collect()
    }

    fn emit_fold(&mut self, jobs: &[&Job], key: Key) -> Vec<Register> {
        let mut outside: Vec<Item> = jobs.iter().flat_map(|job| self.folds.outside(job, key.over)).collect();
        outside.push(Item::Rows(key.over));
        self.schedule(&outside);
        let opened = key.opened.iter().copied().collect();
        self.frames.push(Frame { over: Some(key.over), opened, ..Frame::default() });
        let inner: Vec<Job> = jobs.iter().map(|job| job.within(key.over)).collect();
        let from = self.emit_jobs(&inner);
        let body = self.frames.pop().map(|frame| frame.out).unwrap_or_default();
        let to: Vec<Register> = jobs.iter().map(|_| self.fresh()).collect();
        let yields = from.into_iter().zip(&to).map(|(from, &to)| Yield { from, to }).collect();
        let body = Code { base: 0, registers: 0, instructions: body };
        self.push(Instruction::Fold { over: key.over, body, yields });
        // A decomposed reduction goes on from the fold's domain to its own.
        jobs.iter()
            .zip(to)
            .map(|(job, register)| match job.beyond(key.over, register) {
                None => register,
                Some(op) => {
                    let to = self.fresh();
                    self.push(Instruction::Set { to, domain: job.target, op, ty: job.ty.clone() });
                    to
                }
            })
            .collect()
    }
}

/// Replaces nodes by their registers.
struct Registers<'a, 'p>(&'a Order<'p>);

impl Renumber for Registers<'_, '_> {
    fn node(&mut self, id: NodeId) -> NodeId {
        self.0.register(id)
    }

    fn domain(&mut self, id: DomainId) -> DomainId {
        id
    }
}

/// The type as the evaluator knows it.
fn stored(ty: &Type) -> Type {
    Type { ty: crate::plan::needs::stored(&ty.ty), optional: ty.optional }
}
