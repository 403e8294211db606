//! Where the order of rows may tell who is in a segment: which lists it reads in their order, and which events it ranks.
//! Invariant: what is not listed may come in any order.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::needs::Reached;
use super::{
    Domain, DomainId, DomainKind, FieldPath, FieldStep, Node, NodeId, Op, Plan, Reduction, Space, record_space,
};
use crate::schema::TIMESTAMP;
use crate::types::{Ty, Type};

/// What is read in an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ordered {
    /// Lists, by the space of the records that have them and the path there.
    pub lists: BTreeSet<(Space, FieldPath)>,
    /// Events of which the best are taken.
    pub ranked: Vec<Ranked>,
}

/// Events of which the best are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// Of one type, or of all.
    pub event_type: Option<Arc<str>>,
    /// The field by which; none where it is no field of the event.
    pub key: Option<(FieldPath, Type)>,
}

impl Plan {
    /// What is read in an order for some segments, by their indices.
    pub fn ordered(&self, segments: &[usize]) -> Ordered {
        let mut found = Ordered::default();
        let reached = self.reached(segments);
        for &id in &reached.nodes {
            let Some(node) = self.nodes.get(id.0 as usize) else { continue };
            match &node.op {
                Op::Top { parent, key, .. }
                    if (Ties { plan: self, top: id, key: self.gathered(*key) }).show(&reached) =>
                {
                    found.rows(self, node.domain, *parent, &mut |found, events, is_own| {
                        let ranked = Ranked { key: self.field(*key).filter(|_| is_own), event_type: events.clone() };
                        if !found.ranked.contains(&ranked) {
                            found.ranked.push(ranked);
                        }
                    });
                }
                // Of simultaneous events the smallest value is taken.
                Op::Reduce { from, reduction: Reduction::First { .. } | Reduction::Last { .. }, .. } => {
                    found.rows(self, *from, node.domain, &mut |_, _, _| {});
                }
                _ => {}
            }
        }
        found
    }

    /// The node whose value a node has.
    fn gathered(&self, id: NodeId) -> NodeId {
        match self.nodes.get(id.0 as usize).map(|node| &node.op) {
            Some(Op::Gather(inner)) => self.gathered(*inner),
            _ => id,
        }
    }

    /// The field of an event that a node is.
    fn field(&self, id: NodeId) -> Option<(FieldPath, Type)> {
        let node = self.nodes.get(self.gathered(id).0 as usize)?;
        match &node.op {
            Op::Column(path) if record_space(&self.domains, node.domain) == Some(Space::Events) => {
                Some((path.clone(), node.ty.clone()))
            }
            _ => None,
        }
    }
}

/// What is done with events among the rows: with their type, and whether the rows themselves are these events.
type OfEvents<'a> = &'a mut dyn FnMut(&mut Ordered, &Option<Arc<str>>, bool);

impl Ordered {
    /// The rows of a domain within each row of another, in their order.
    fn rows(&mut self, plan: &Plan, domain: DomainId, within: DomainId, of_events: OfEvents<'_>) {
        let (mut at, mut is_own) = (Some(domain), true);
        while let Some(id) = at.filter(|id| *id != within) {
            let Some(Domain { parent, kind }) = plan.domains.get(id.0 as usize) else { return };
            match kind {
                DomainKind::Events { event_type } => of_events(self, event_type, is_own),
                DomainKind::Elements { of, path } => {
                    let space = record_space(&plan.domains, *of);
                    self.lists.extend(space.map(|space| (space, path.clone())));
                    is_own = false;
                }
                DomainKind::Values { list } => {
                    self.list(plan, *list);
                    is_own = false;
                }
                DomainKind::Members { groups } => {
                    if let Some(Domain { parent: Some(outer), kind: DomainKind::Groups { of, .. } }) =
                        plan.domains.get(groups.0 as usize)
                    {
                        self.rows(plan, *of, *outer, of_events);
                    }
                    is_own = false;
                }
                DomainKind::Later { events, .. } | DomainKind::Between { events, .. } => {
                    self.rows(plan, *events, DomainId::PROFILES, of_events);
                    is_own = false;
                }
                DomainKind::Entries { .. } | DomainKind::Groups { .. } => is_own = false,
                DomainKind::Filter { .. } | DomainKind::Profiles => {}
            }
            at = *parent;
        }
    }

    /// The lists of records that a list is made of.
    fn list(&mut self, plan: &Plan, id: NodeId) {
        let Some(node) = plan.nodes.get(id.0 as usize) else { return };
        match (&node.op, &node.ty.ty) {
            (Op::Column(path), Ty::List(_)) => {
                let space = record_space(&plan.domains, node.domain);
                self.lists.extend(space.map(|space| (space, path.clone())));
            }
            (op, _) => op.inputs().into_iter().for_each(|input| self.list(plan, input)),
        }
    }
}

/// Rows that are equally good, of which one is among the best and one is not.
struct Ties<'a> {
    plan: &'a Plan,
    top: NodeId,
    /// By what the best are found.
    key: NodeId,
}

impl Ties<'_> {
    /// Whether it shows in what is reached which of them it is: not where nothing is read of the best but that by which
    /// they are the best, and their instants.
    fn show(&self, reached: &Reached) -> bool {
        let nodes = || reached.nodes.iter().filter_map(|&id| Some((id, self.plan.nodes.get(id.0 as usize)?)));
        // Those that tell among the rows who is the best, and those that have one value for rows that are equally good.
        let (mut ranking, mut blind) = (BTreeSet::from([self.top]), BTreeSet::new());
        for (id, node) in nodes() {
            if !matches!(node.op, Op::Reduce { .. }) && node.op.inputs().iter().any(|input| ranking.contains(input)) {
                ranking.insert(id);
            }
            if self.is_blind(id, node, &blind) {
                blind.insert(id);
            }
        }
        let mut best = BTreeSet::new();
        for &id in &reached.domains {
            let Some(Domain { parent, kind }) = self.plan.domains.get(id.0 as usize) else { continue };
            let of_best = kind.inputs().iter().any(|input| ranking.contains(input))
                || parent.iter().chain(&kind.domains()).any(|other| best.contains(other));
            if of_best {
                match kind {
                    DomainKind::Filter { mask } if blind.contains(mask) => best.insert(id),
                    _ => return true,
                };
            }
        }
        nodes().any(|(id, node)| {
            let (inputs, domains) = (node.op.inputs(), node.op.domains());
            let of_best =
                domains.iter().any(|other| best.contains(other)) || inputs.iter().any(|input| ranking.contains(input));
            match node.op {
                Op::Reduce { .. } => of_best && !inputs.iter().all(|input| blind.contains(input)),
                _ => ranking.contains(&id) && node.domain == DomainId::PROFILES,
            }
        })
    }

    /// Whether a node has one value for rows of one instant that are equally good; of its inputs that is known.
    fn is_blind(&self, id: NodeId, node: &Node, blind: &BTreeSet<NodeId>) -> bool {
        if id == self.top || id == self.key || node.domain == DomainId::PROFILES {
            return true;
        }
        match &node.op {
            Op::Column(path) => {
                is_instant(path) && record_space(&self.plan.domains, node.domain) == Some(Space::Events)
            }
            Op::Related { .. } | Op::Key | Op::Reduce { .. } | Op::Top { .. } => false,
            op => op.inputs().iter().all(|input| blind.contains(input)),
        }
    }
}

fn is_instant(path: &FieldPath) -> bool {
    matches!(&path[..], [FieldStep::Field(name)] if **name == *TIMESTAMP)
}
