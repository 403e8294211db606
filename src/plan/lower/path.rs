//! Paths to columns: fields, lists walked through, map keys, related classes, and the derived propensity features.

use super::{Lowerer, Scope};
use crate::builtins::Test;
use crate::hir::{BinderId, Expr, ExprKind, Path, Propensity, Step};
use crate::plan::{DomainId, DomainKind, FieldPath, FieldStep, NodeId, Op, Reduction};
use crate::types::{Ty, Type, Value};

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
        let Some(last_each) = path.steps.iter().rposition(|step| *step == Step::Each) else {
            return self.scalar(subject, &path.steps, ty);
        };
        let (lists, rest) = path.steps.split_at(last_each);
        let (domain, mask) = self.elements(subject, subject, path.subject, lists);
        let value = self.scalar(domain, &rest[1..], ty.clone());
        let mut value_domain = domain;
        let mut element = value;
        if let Ty::List(_) = self.graph.get(value).ty.ty {
            value_domain = self.graph.domain(Some(domain), DomainKind::Values { list: value });
            let Ty::List(item) = ty.clone() else { return value };
            element = self.graph.node(Op::Column([].into()), value_domain, Type::required(*item));
        }
        let mask = mask.map(|mask| self.graph.gather(mask, value_domain));
        let op = Op::Reduce { from: value_domain, mask, reduction: Reduction::List(element) };
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
        let fresh = self.freshness(subject, steps);
        let (mut parent, mut of) = (parent, of);
        for steps in steps.split(|step| *step == Step::Each) {
            let path = field_path(steps);
            parent = self.graph.domain(Some(parent), DomainKind::Elements { of, path });
            of = parent;
        }
        (parent, fresh.map(|fresh| self.graph.gather(fresh, parent)))
    }

    /// A path without lists on the way, from the record of a domain.
    pub(super) fn scalar(&mut self, domain: DomainId, steps: &[Step], ty: Ty) -> NodeId {
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
        match self.graph.get_domain(domain) {
            d => match &d.kind {
                DomainKind::Events { .. } | DomainKind::Later { .. } | DomainKind::Between { .. } => true,
                DomainKind::Filter { .. } => d.parent.is_some_and(|parent| self.record_is_event(parent)),
                DomainKind::Members { groups } => match self.graph.get_domain(*groups).kind {
                    DomainKind::Groups { of, .. } => self.record_is_event(of),
                    _ => false,
                },
                DomainKind::Profiles
                | DomainKind::Elements { .. }
                | DomainKind::Entries { .. }
                | DomainKind::Values { .. }
                | DomainKind::Groups { .. } => false,
            },
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

    /// The declared propensity and the feature that a path of the profile names, if it does.
    fn propensity_feature<'p>(&self, path: &'p Path) -> Option<(usize, &'p str)> {
        match path.steps.as_slice() {
            [Step::Field(root), Step::Field(model), Step::Field(feature)]
                if path.subject == BinderId::PROFILE && &**root == "propensity" =>
            {
                self.propensity(model).map(|index| (index, &**feature))
            }
            _ => None,
        }
    }

    fn propensity(&self, name: &str) -> Option<usize> {
        self.module.propensities.iter().position(|propensity| propensity.name == name)
    }

    /// The guard of a list below a propensity: its factors are absent when its score is.
    fn freshness(&mut self, subject: BinderId, steps: &[Step]) -> Option<NodeId> {
        match steps {
            [Step::Field(root), Step::Field(model), ..] if subject == BinderId::PROFILE && &**root == "propensity" => {
                let index = self.propensity(model)?;
                self.fresh(index)
            }
            _ => None,
        }
    }

    /// A stored feature of a propensity, as it came.
    fn stored(&mut self, index: usize, feature: &str, ty: Ty) -> NodeId {
        let module = self.module;
        let name = &module.propensities[index].name;
        let steps = ["propensity", name.as_str(), feature].map(|step| FieldStep::Field(step.into()));
        self.graph.node(Op::Column(steps.into_iter().collect()), DomainId::PROFILES, Type::optional(ty))
    }

    /// The score is younger than `max age`; `None` without a `max age`.
    fn fresh(&mut self, index: usize) -> Option<NodeId> {
        let module = self.module;
        let max_age = module.propensities[index].max_age.as_deref()?;
        let age = self.expr(max_age, &Scope::default());
        let duration = self.graph.constant_duration(age)?;
        let oldest = self.zone.add(self.now, duration, true)?;
        let scored_at = self.stored(index, "scored_at", Ty::Timestamp);
        let oldest = self.timestamp(oldest);
        Some(self.graph.test(Test::Gt, vec![scored_at, oldest]))
    }

    /// A feature of a propensity: stale values are absent, `bucket` and `state` are derived.
    fn feature(&mut self, index: usize, feature: &str, ty: Ty) -> NodeId {
        let module = self.module;
        let value = match feature {
            "state" => return self.state(index),
            "bucket" => self.bucket(&module.propensities[index], index),
            _ => self.stored(index, feature, ty.clone()),
        };
        match self.fresh(index) {
            Some(fresh) => {
                let absent = self.absent(self.graph.get(value).ty.ty.clone());
                self.choose(fresh, value, absent)
            }
            None => value,
        }
    }

    /// `low`, `medium` or `high` by the score, or by 100 times the probability where there is no score.
    fn bucket(&mut self, propensity: &Propensity, index: usize) -> NodeId {
        let [low, medium] = propensity.buckets;
        let score = self.stored(index, "score", Ty::Float);
        let probability = self.stored(index, "probability", Ty::Float);
        let by_score = self.bucket_by(score, [low, medium]);
        let by_probability = self.bucket_by(probability, [low / 100.0, medium / 100.0]);
        let mut args = [by_score, by_probability];
        let domain = self.graph.align(&mut args);
        let [value, default] = args;
        self.graph.node(Op::Default { value, default }, domain, Type::optional(Ty::Bucket))
    }

    fn bucket_by(&mut self, value: NodeId, bounds: [f64; 2]) -> NodeId {
        let [low, medium] = bounds.map(|bound| self.graph.literal(Value::Float(bound), Ty::Float));
        let [is_low, is_medium] = [low, medium].map(|bound| self.graph.test(Test::Lt, vec![value, bound]));
        let buckets = [0, 1, 2].map(|bucket| self.graph.literal(Value::Bucket(bucket), Ty::Bucket));
        let above = self.choose(is_medium, buckets[1], buckets[2]);
        let any = self.choose(is_low, buckets[0], above);
        let present = self.graph.is_present(value);
        let absent = self.absent(Ty::Bucket);
        self.choose(present, any, absent)
    }

    /// `scored`, `stale` or `unscored`.
    fn state(&mut self, index: usize) -> NodeId {
        let text = |this: &mut Self, state: &str| this.graph.literal(Value::String(state.into()), Ty::String);
        let (scored, stale, unscored) = (text(self, "scored"), text(self, "stale"), text(self, "unscored"));
        let present = ["score", "probability", "percentile"].map(|feature| {
            let value = self.stored(index, feature, Ty::Float);
            self.graph.is_present(value)
        });
        let present = self.graph.or(present.to_vec());
        let current = match self.fresh(index) {
            Some(fresh) => self.choose(fresh, scored, stale),
            None => scored,
        };
        self.choose(present, current, unscored)
    }
}

/// Steps without lists as a path of fields; the record itself where they only name it.
fn field_path(steps: &[Step]) -> FieldPath {
    steps
        .iter()
        .filter_map(|step| match step {
            Step::Field(name) => Some(FieldStep::Field(name.clone())),
            Step::Key(key) => Some(FieldStep::Key(key.clone())),
            Step::Each | Step::Item | Step::EntryKey | Step::EntryValue | Step::GroupKey | Step::Follow(_) => None,
        })
        .collect()
}
