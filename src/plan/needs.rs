//! Which columns a plan or a program reads: what the data set must hold. Invariant: everything that an operation over a
//! domain reads from a record is listed, with the type that it is read as.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Domain, DomainId, DomainKind, FieldPath, NodeId, Op, Plan};
use crate::types::{Ty, Type};

/// The rows of one kind of record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Space {
    /// Profile records.
    Profiles,
    /// Event records.
    Events,
    /// The elements of a list of objects of the records of a space.
    Elements(Arc<Space>, FieldPath),
    /// The entries of a map of the records of a space, ordered by key.
    Entries(Arc<Space>, FieldPath),
    /// The objects of a related class.
    Class(Arc<str>),
}

/// The columns that a program reads, with the types they are read as. The path `[]` is the record itself (values of a
/// map of scalars).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Needs {
    /// By space; a space without columns may be needed for its rows alone.
    pub spaces: BTreeMap<Space, BTreeMap<FieldPath, Type>>,
    /// The event types that are read; `None` if all are (a source `events`).
    pub event_types: Option<Vec<Arc<str>>>,
}

impl Needs {
    /// What operations over domains read.
    pub fn collect<'a>(
        domains: &[Domain],
        used: impl IntoIterator<Item = DomainId>,
        nodes: impl IntoIterator<Item = (DomainId, &'a Op, &'a Type)>,
    ) -> Needs {
        let mut needs = Needs { spaces: BTreeMap::new(), event_types: Some(Vec::new()) };
        needs.spaces.entry(Space::Profiles).or_default();
        for id in used {
            needs.domain(domains, id);
        }
        for (domain, op, ty) in nodes {
            needs.operation(domains, domain, op, ty);
        }
        if let Some(types) = &mut needs.event_types {
            types.sort();
            types.dedup();
        }
        needs
    }

    fn domain(&mut self, domains: &[Domain], id: DomainId) {
        let Some(domain) = domains.get(id.0 as usize) else { return };
        if let DomainKind::Events { event_type } = &domain.kind {
            match (event_type, &mut self.event_types) {
                (Some(name), Some(types)) => types.push(name.clone()),
                _ => self.event_types = None,
            }
        }
        if let Some(space) = record_space(domains, id) {
            self.spaces.entry(space).or_default();
        }
    }

    fn operation(&mut self, domains: &[Domain], domain: DomainId, op: &Op, ty: &Type) {
        let (space, path) = match op {
            Op::Column(path) => (record_space(domains, domain), path),
            Op::Related { class, path, .. } => (Some(Space::Class(class.clone())), path),
            _ => return,
        };
        if let Some(space) = space {
            let columns = self.spaces.entry(space).or_default();
            let known = columns.entry(path.clone()).or_insert_with(|| ty.clone());
            known.optional |= ty.optional;
        }
    }
}

impl Needs {
    /// What either reads.
    pub fn union(mut self, other: Needs) -> Needs {
        for (space, columns) in other.spaces {
            let known = self.spaces.entry(space).or_default();
            for (path, ty) in columns {
                known.entry(path).or_insert(ty);
            }
        }
        self.event_types = match (self.event_types, other.event_types) {
            (Some(mut types), Some(others)) => {
                types.extend(others);
                types.sort();
                types.dedup();
                Some(types)
            }
            _ => None,
        };
        self
    }

    /// All but what is read of some propensities.
    pub fn without_propensities(&self, names: &[&str]) -> Needs {
        let step = |path: &FieldPath, at: usize| match path.get(at) {
            Some(super::FieldStep::Field(name)) => name.to_string(),
            _ => String::new(),
        };
        let theirs = |path: &FieldPath| step(path, 0) == "propensity" && names.contains(&step(path, 1).as_str());
        let mut needs = self.clone();
        needs.spaces.retain(|space, columns| match space {
            Space::Profiles => {
                columns.retain(|path, _| !theirs(path));
                true
            }
            Space::Elements(outer, path) | Space::Entries(outer, path) => !(**outer == Space::Profiles && theirs(path)),
            Space::Events | Space::Class(_) => true,
        });
        needs
    }
}

impl Plan {
    /// What the plan reads.
    pub fn needs(&self) -> Needs {
        let used = (0..self.domains.len() as u32).map(DomainId);
        Needs::collect(&self.domains, used, self.nodes.iter().map(|node| (node.domain, &node.op, &node.ty)))
    }

    /// What some of its segments read, by their indices.
    pub fn needs_of(&self, segments: &[usize]) -> Needs {
        let reached = self.reached(segments);
        let nodes = reached.nodes.iter().filter_map(|id| self.nodes.get(id.0 as usize));
        let domains = reached.domains.iter().copied();
        Needs::collect(&self.domains, domains, nodes.map(|node| (node.domain, &node.op, &node.ty)))
    }

    /// What some segments are computed of, by their indices.
    pub(super) fn reached(&self, segments: &[usize]) -> Reached {
        let mut reached = Reached::default();
        segments.iter().for_each(|&index| reached.segment(self, index));
        while let Some(id) = reached.open.pop() {
            let Some(node) = self.nodes.get(id.0 as usize).filter(|_| reached.nodes.insert(id)) else { continue };
            if let Op::Membership(of) = &node.op {
                reached.segment(self, *of as usize);
            }
            reached.open.extend(node.op.inputs());
            node.op.domains().into_iter().chain([node.domain]).for_each(|domain| reached.domain(self, domain));
        }
        reached
    }
}

/// What is reached from some segments, and the nodes that are still to be looked at.
#[derive(Default)]
pub(super) struct Reached {
    pub nodes: BTreeSet<NodeId>,
    pub domains: BTreeSet<DomainId>,
    segments: BTreeSet<usize>,
    open: Vec<NodeId>,
}

impl Reached {
    fn segment(&mut self, plan: &Plan, index: usize) {
        if let Some(segment) = plan.segments.get(index)
            && self.segments.insert(index)
        {
            self.open.push(segment.condition);
            self.open.extend(segment.rank.iter().map(|rank| rank.key));
        }
    }

    fn domain(&mut self, plan: &Plan, id: DomainId) {
        if let Some(domain) = plan.domains.get(id.0 as usize)
            && self.domains.insert(id)
        {
            self.open.extend(domain.kind.inputs());
            domain.kind.domains().into_iter().chain(domain.parent).for_each(|other| self.domain(plan, other));
        }
    }
}

/// The domain in whose rows the records of a domain stand: itself, or the one that a filter, group or sequence step took
/// its rows from.
pub fn origin(domains: &[Domain], id: DomainId) -> DomainId {
    let mut id = id;
    // Each step goes to an earlier domain.
    while let Some(domain) = domains.get(id.0 as usize) {
        let next = match &domain.kind {
            DomainKind::Filter { .. } => domain.parent,
            DomainKind::Members { groups } => match domains.get(groups.0 as usize).map(|groups| &groups.kind) {
                Some(DomainKind::Groups { of, .. }) => Some(*of),
                _ => None,
            },
            DomainKind::Later { events, .. } | DomainKind::Between { events, .. } => Some(*events),
            DomainKind::Profiles
            | DomainKind::Events { .. }
            | DomainKind::Elements { .. }
            | DomainKind::Entries { .. }
            | DomainKind::Values { .. }
            | DomainKind::Groups { .. } => None,
        };
        match next {
            Some(next) if next < id => id = next,
            _ => break,
        }
    }
    id
}

/// The space of the records of a domain; `None` for the values of a list and for groups.
pub fn record_space(domains: &[Domain], id: DomainId) -> Option<Space> {
    let id = origin(domains, id);
    let inner = |of: &DomainId| if *of < id { record_space(domains, *of).map(Arc::new) } else { None };
    match &domains.get(id.0 as usize)?.kind {
        DomainKind::Profiles => Some(Space::Profiles),
        DomainKind::Events { .. } => Some(Space::Events),
        DomainKind::Elements { of, path } => Some(Space::Elements(inner(of)?, path.clone())),
        DomainKind::Entries { of, path } => Some(Space::Entries(inner(of)?, path.clone())),
        DomainKind::Values { .. }
        | DomainKind::Groups { .. }
        | DomainKind::Filter { .. }
        | DomainKind::Members { .. }
        | DomainKind::Later { .. }
        | DomainKind::Between { .. } => None,
    }
}

/// The type as the evaluator stores it: enums are text, the propensity scales are floats.
pub fn stored(ty: &Ty) -> Ty {
    super::lower::erase(ty)
}
