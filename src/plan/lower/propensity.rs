//! Propensity features as the language has them: values of a score file or of a vendor's object in the profile, stale ones
//! and those of the future absent, `bucket` and `state` derived.

use super::{Lowerer, Scope};
use crate::builtins::{Func, Test};
use crate::hir::{Adapter, BinderId, Path, Propensity, PropensityOrigin, Sample, ScoreField, Step};
use crate::plan::{DomainId, DomainKind, FieldStep, NodeId, Op};
use crate::schema::PROPENSITY;
use crate::types::{Ty, Type, Value};

impl Lowerer<'_> {
    /// The declared propensity and the feature that a path of the profile names, if it does.
    pub(super) fn propensity_feature<'p>(&self, path: &'p Path) -> Option<(usize, &'p str)> {
        match path.steps.as_slice() {
            [Step::Field(root), Step::Field(model), Step::Field(feature)]
                if path.subject == BinderId::PROFILE && &**root == PROPENSITY =>
            {
                self.propensity(model).map(|index| (index, &**feature))
            }
            _ => None,
        }
    }

    fn propensity(&self, name: &str) -> Option<usize> {
        self.module.propensities.iter().position(|propensity| propensity.name == name)
    }

    /// The factors of a propensity as a domain, with the guard that makes those of stale scores absent, if that is what a
    /// path names.
    pub(super) fn factors(
        &mut self,
        parent: DomainId,
        subject: BinderId,
        steps: &[Step],
    ) -> Option<(DomainId, Option<NodeId>)> {
        let [Step::Field(root), Step::Field(model), Step::Field(feature)] = steps else { return None };
        if subject != BinderId::PROFILE || &**root != PROPENSITY {
            return None;
        }
        let index = self.propensity(model)?;
        let path = self.module.propensities[index].place(feature).unwrap_or_default();
        let path = path.into_iter().map(|step| FieldStep::Field(step.into())).collect();
        let kind = DomainKind::Elements { of: DomainId::PROFILES, path };
        let domain = self.graph.domain(Some(parent), kind);
        self.factor_domains.insert(domain, index);
        let fresh = self.fresh(index);
        Some((domain, fresh.map(|fresh| self.graph.gather(fresh, domain))))
    }

    /// A field of a factor that a vendor names otherwise.
    pub(super) fn factor_field(&mut self, domain: DomainId, steps: &[Step], ty: &Ty) -> Option<NodeId> {
        let [Step::Field(field)] = steps else { return None };
        let mut rows = domain;
        while let (DomainKind::Filter { .. }, Some(parent)) =
            (&self.graph.get_domain(rows).kind, self.graph.get_domain(rows).parent)
        {
            rows = parent;
        }
        let theirs = self.adapter(*self.factor_domains.get(&rows)?)?.factor()?;
        let mut column = |name: &str, ty: Ty| {
            let theirs = theirs.iter().find(|(ours, _)| *ours == name).map(|(_, theirs)| *theirs)?;
            let path = [FieldStep::Field(theirs.into())];
            Some(self.graph.node(Op::Column(path.into()), domain, Type::optional(ty)))
        };
        if &**field != "effect" {
            let node = column(field, ty.clone());
            return Some(node.unwrap_or_else(|| self.absent(ty.clone())));
        }
        let weight = column("weight", Ty::Float)?;
        let [zero, raises, lowers] = [
            (Value::Float(0.0), Ty::Float),
            (Value::String("raises".into()), Ty::String),
            (Value::String("lowers".into()), Ty::String),
        ]
        .map(|(value, ty)| self.graph.literal(value, ty));
        let positive = self.graph.test(Test::Gt, vec![weight, zero]);
        let negative = self.graph.test(Test::Lt, vec![weight, zero]);
        let absent = self.absent(Ty::String);
        let otherwise = self.choose(negative, lowers, absent);
        Some(self.choose(positive, raises, otherwise))
    }

    fn adapter(&self, index: usize) -> Option<&'static Adapter> {
        match &self.module.propensities[index].origin {
            PropensityOrigin::Profile { adapter, .. } => Adapter::of(adapter),
            PropensityOrigin::Data(_) | PropensityOrigin::Model(_) | PropensityOrigin::Declared { .. } => None,
        }
    }

    /// The declared source of a feature.
    fn declared_source(&self, index: usize, feature: &str) -> Option<ScoreField> {
        let fields = match &self.module.propensities[index].origin {
            PropensityOrigin::Data(table) => &table.fields,
            PropensityOrigin::Profile { fields, .. } => fields,
            PropensityOrigin::Model(_) | PropensityOrigin::Declared { .. } => return None,
        };
        fields.iter().map(|(field, _)| *field).find(|field| field.feature() == feature)
    }

    /// A column of the profile, as it came. The reader of a score file leaves out numbers off its scale; of a field of
    /// the profile nobody has said before that it has one.
    fn column(&mut self, index: usize, name: &str, ty: Ty) -> NodeId {
        let propensity = &self.module.propensities[index];
        let Some(path) = propensity.place(name) else { return self.absent(ty) };
        let is_field = matches!(propensity.origin, PropensityOrigin::Profile { .. });
        let path = path.into_iter().map(|step| FieldStep::Field(step.into())).collect();
        let value = self.graph.node(Op::Column(path), DomainId::PROFILES, Type::optional(ty.clone()));
        let Some(scale) = ScoreField::of_scale(name).filter(|_| is_field) else { return value };
        let (least, most) = scale.written();
        let [least, most] = [least, most].map(|bound| self.graph.literal(Value::Float(bound), Ty::Float));
        let on_scale = [self.graph.test(Test::Ge, vec![value, least]), self.graph.test(Test::Le, vec![value, most])];
        let on_scale = self.graph.and(on_scale.to_vec());
        let absent = self.absent(ty);
        self.choose(on_scale, value, absent)
    }

    /// A stored feature of a propensity on its own scale, however it came.
    fn stored(&mut self, index: usize, feature: &str, ty: Ty) -> NodeId {
        let number = |this: &mut Self, value: f64| this.graph.literal(Value::Float(value), Ty::Float);
        match self.declared_source(index, feature) {
            Some(ScoreField::Percent) => {
                let percent = self.column(index, ScoreField::Percent.name(), Ty::Float);
                let hundred = number(self, 100.0);
                self.graph.call(Func::Div, vec![percent, hundred], Ty::Float)
            }
            Some(ScoreField::Quantile) => {
                // 100 × 0.29 is 28.999999999999996: rounding gives the percentile that was meant. None is below 1.
                let quantile = self.column(index, ScoreField::Quantile.name(), Ty::Float);
                let (hundred, one) = (number(self, 100.0), number(self, 1.0));
                let percentile = self.graph.call(Func::Mul, vec![quantile, hundred], Ty::Float);
                let digits = self.graph.literal(Value::Int(9), Ty::Int);
                let rounded = self.graph.call(Func::Round, vec![percentile, digits], Ty::Float);
                self.graph.call(Func::MaxOf, vec![rounded, one], Ty::Float)
            }
            _ => self.column(index, feature, ty),
        }
    }

    /// The score was computed after now: it is not known yet. `None` where nobody looks at when it was computed.
    fn scored_later(&mut self, index: usize) -> Option<NodeId> {
        if !self.module.propensities[index].is_dated() {
            return None;
        }
        let scored_at = self.stored(index, "scored_at", Ty::Timestamp);
        let now = self.timestamp(self.now);
        Some(self.graph.test(Test::Gt, vec![scored_at, now]))
    }

    /// The score is younger than `max age`, and not of the future; `None` where nobody looks at when it was computed.
    fn fresh(&mut self, index: usize) -> Option<NodeId> {
        let later = self.scored_later(index)?;
        let known = self.graph.not(later);
        let module = self.module;
        let Some(max_age) = module.propensities[index].max_age.as_deref() else { return Some(known) };
        let age = self.expr(max_age, &Scope::default());
        let duration = self.graph.constant_duration(age)?;
        let oldest = self.zone.add(self.now, duration, true)?;
        let scored_at = self.stored(index, "scored_at", Ty::Timestamp);
        let oldest = self.timestamp(oldest);
        let young = self.graph.test(Test::Gt, vec![scored_at, oldest]);
        Some(self.graph.and(vec![young, known]))
    }

    /// A feature of a propensity: stale values are absent, `bucket` and `state` are derived.
    pub(super) fn feature(&mut self, index: usize, feature: &str, ty: Ty) -> NodeId {
        let module = self.module;
        let value = match feature {
            "state" => return self.state(index),
            "control" => return self.control(index),
            "bucket" => self.bucket(&module.propensities[index], index),
            "quality" => self.quality(index),
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

    /// The AUC: that which the declaration states, wherever there is a score.
    fn quality(&mut self, index: usize) -> NodeId {
        match self.module.propensities[index].quality {
            Some(stated) => {
                let stated = self.graph.literal(Value::Float(stated), Ty::Float);
                let (scored, absent) = (self.scored(index), self.absent(Ty::Float));
                self.choose(scored, stated, absent)
            }
            None => self.column(index, "quality", Ty::Float),
        }
    }

    /// Whether a profile is of the control group; nobody is where none is declared.
    fn control(&mut self, index: usize) -> NodeId {
        match &self.module.propensities[index].control {
            Some(Sample { threshold, salt }) => {
                let op = Op::Sample { threshold: *threshold, salt: salt.as_str().into() };
                self.graph.node(op, DomainId::PROFILES, Type::BOOL)
            }
            None => self.graph.literal(Value::Bool(false), Ty::Bool),
        }
    }

    /// A score has come, stale or not.
    fn scored(&mut self, index: usize) -> NodeId {
        let present = ["score", "probability", "percentile"].map(|feature| {
            let value = self.stored(index, feature, Ty::Float);
            self.graph.is_present(value)
        });
        self.graph.or(present.to_vec())
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

    /// `scored` or `stale` where there is a score that is known by now; else `ineligible` where the source says so, else
    /// `unscored`.
    fn state(&mut self, index: usize) -> NodeId {
        let text = |this: &mut Self, state: &str| this.graph.literal(Value::String(state.into()), Ty::String);
        let (scored, stale, unscored) = (text(self, "scored"), text(self, "stale"), text(self, "unscored"));
        let mut present = self.scored(index);
        if let Some(later) = self.scored_later(index) {
            let known = self.graph.not(later);
            present = self.graph.and(vec![present, known]);
        }
        let current = match self.fresh(index) {
            Some(fresh) => self.choose(fresh, scored, stale),
            None => scored,
        };
        // Who scores says who is not meant; a vendor's object has no such word.
        let ineligible = text(self, "ineligible");
        let stored = self.column(index, "state", Ty::String);
        let left_out = self.graph.test(Test::Eq, vec![stored, ineligible]);
        let none = self.choose(left_out, ineligible, unscored);
        self.choose(present, current, none)
    }
}
