//! Paths to columns: fields, lists walked through, map keys, related classes.

use super::Lowerer;
use crate::hir::{BinderId, Expr, ExprKind, Path, Step};
use crate::plan::{Domain, DomainId, DomainKind, FieldPath, FieldStep, NodeId, Op, Reduction};
use crate::types::{Ty, Type};

/// Where a walk along a path stands.
#[derive(Clone)]
struct Place {
    domain: DomainId,
    /// The related object, if a relationship was followed: its class and the node of its key.
    related: Option<(std::sync::Arc<str>, NodeId)>,
    /// Fields since the record or the related object.
    fields: Vec<FieldStep>,
}

impl Lowerer<'_> {
    /// The value at the end of a path.
    pub(super) fn path(&mut self, path: &Path, ty: Ty) -> NodeId {
        if let Some((propensity, feature)) = self.propensity_feature(path) {
            return self.feature(propensity, feature, ty);
        }
        let subject = self.domain_of(path.subject);
        // A last step through a list is one through a list of scalars: a list column.
        let (steps, ends_in_list) = match path.steps.as_slice() {
            [steps @ .., Step::Each] => (steps, true),
            steps => (steps, false),
        };
        let Some(last_each) = steps.iter().rposition(|step| *step == Step::Each) else {
            return self.scalar(subject, steps, ty);
        };
        let Ty::List(item) = ty.clone() else { return self.absent(ty) };
        let (lists, rest) = steps.split_at(last_each);
        let (mut domain, mask) = self.elements(subject, subject, path.subject, lists);
        let mut element = self.scalar(domain, &rest[1..], if ends_in_list { ty.clone() } else { (*item).clone() });
        if ends_in_list {
            domain = self.graph.domain(Some(domain), DomainKind::Values { list: element });
            element = self.graph.node(Op::Column([].into()), domain, Type::required(*item));
        }
        let mask = mask.map(|mask| self.graph.gather(mask, domain));
        let op = Op::Reduce { from: domain, mask, reduction: Reduction::List(element) };
        self.graph.node(op, subject, Type::required(ty))
    }

    /// The domain in whose rows a subject's record is.
    pub(super) fn domain_of(&self, subject: BinderId) -> DomainId {
        self.subjects.get(&subject).copied().unwrap_or(DomainId::PROFILES)
    }

    /// The elements of the list of objects that `steps` (which may walk through further lists) reach from the record
    /// of `of`, as a domain under `parent`; with a mask where the list may not be read at all (stale scores).
    pub(super) fn elements(
        &mut self,
        parent: DomainId,
        of: DomainId,
        subject: BinderId,
        steps: &[Step],
    ) -> (DomainId, Option<NodeId>) {
        if let Some(factors) = self.factors(parent, subject, steps) {
            return factors;
        }
        let (mut parent, mut of) = (parent, of);
        for steps in steps.split(|step| *step == Step::Each) {
            let path = field_path(steps);
            parent = self.graph.domain(Some(parent), DomainKind::Elements { of, path });
            of = parent;
        }
        (parent, None)
    }

    /// A path without lists on the way, from the record of a domain.
    pub(super) fn scalar(&mut self, domain: DomainId, steps: &[Step], ty: Ty) -> NodeId {
        if let Some(node) = self.factor_field(domain, steps, &ty) {
            return node;
        }
        let mut place = Place { domain, related: None, fields: Vec::new() };
        for step in steps {
            match step {
                Step::Field(name) => place.fields.push(FieldStep::Field(name.clone())),
                Step::Key(key) => place.fields.push(FieldStep::Key(key.clone())),
                Step::Follow(class) => {
                    let key_ty = self.class_key_type(class);
                    let key = self.read(&place, key_ty);
                    place = Place { domain, related: Some((class.clone(), key)), fields: Vec::new() };
                }
                Step::EntryKey | Step::GroupKey => return self.graph.node(Op::Key, domain, Type::required(ty)),
                // The element or entry value is the record itself.
                Step::Item | Step::EntryValue | Step::Each => {}
            }
        }
        self.read(&place, ty)
    }

    fn read(&mut self, place: &Place, ty: Ty) -> NodeId {
        let path: FieldPath = place.fields.iter().cloned().collect();
        match &place.related {
            None => {
                let itself = path.is_empty() || self.is_event_time(place.domain, &path);
                self.graph.node(Op::Column(path), place.domain, Type { ty, optional: !itself })
            }
            Some((class, key)) => {
                let op = Op::Related { class: class.clone(), key: *key, path };
                self.graph.node(op, place.domain, Type::optional(ty))
            }
        }
    }

    /// Whether a path is the timestamp of an event, which every event has.
    fn is_event_time(&self, domain: DomainId, path: &FieldPath) -> bool {
        let is_timestamp = matches!(&path[..], [FieldStep::Field(name)] if &**name == crate::schema::TIMESTAMP);
        is_timestamp && self.record_is_event(domain)
    }

    /// Whether the rows of a domain are events.
    pub(super) fn record_is_event(&self, domain: DomainId) -> bool {
        let Domain { parent, kind } = self.graph.get_domain(domain);
        match kind {
            DomainKind::Events { .. } | DomainKind::Later { .. } | DomainKind::Between { .. } => true,
            DomainKind::Filter { .. } => parent.is_some_and(|parent| self.record_is_event(parent)),
            DomainKind::Members { groups } => match self.graph.get_domain(*groups).kind {
                DomainKind::Groups { of, .. } => self.record_is_event(of),
                _ => false,
            },
            DomainKind::Profiles
            | DomainKind::Elements { .. }
            | DomainKind::Entries { .. }
            | DomainKind::Values { .. }
            | DomainKind::Groups { .. } => false,
        }
    }

    fn class_key_type(&self, class: &str) -> Ty {
        let schema = &self.module.schema;
        schema
            .classes
            .get(class)
            .and_then(|class| schema.field_at(class.object, class.key.iter().map(String::as_str)))
            .map_or(Ty::String, |field| super::erase(&field.ty.ty))
    }

    /// `map["key"]` of a map that a path reaches.
    pub(super) fn entry(&mut self, map: &Expr, key: &str, ty: Ty) -> NodeId {
        let mut steps = Vec::new();
        let mut map = map;
        let mut keys = vec![key];
        while let ExprKind::Entry { map: inner, key } = &map.kind {
            keys.push(key);
            map = inner;
        }
        let ExprKind::Path(path) = &map.kind else { return self.absent(ty) };
        steps.extend(path.steps.iter().cloned());
        steps.extend(keys.into_iter().rev().map(|key| Step::Key(key.into())));
        self.path(&Path { subject: path.subject, steps }, ty)
    }
}

/// Steps without lists as a path of fields; the record itself where they only name it.
pub(super) fn field_path(steps: &[Step]) -> FieldPath {
    steps
        .iter()
        .filter_map(|step| match step {
            Step::Field(name) => Some(FieldStep::Field(name.clone())),
            Step::Key(key) => Some(FieldStep::Key(key.clone())),
            Step::Each | Step::Item | Step::EntryKey | Step::EntryValue | Step::GroupKey | Step::Follow(_) => None,
        })
        .collect()
}
