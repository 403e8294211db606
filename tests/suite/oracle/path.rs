//! Paths: from a subject to a value, through lists, maps, relationships and the derived features of propensities.

use segc::hir::{BinderId, Path, Propensity, PropensityOrigin, Step};
use segc::types::{Duration, Ty};
use serde_json::{Value as Json, json};

use super::expr::{Element, Scope};
use super::{V, calendar, in_sample};

impl<'a> Scope<'_, 'a> {
    /// The value at the end of a path; behind a list, the list of all that there are.
    pub fn path(&self, path: &Path, ty: &Ty) -> Option<V> {
        if let Some((propensity, feature)) = self.feature_of(path) {
            return self.feature(propensity, feature, ty);
        }
        match (self.subject(path.subject), path.steps.as_slice()) {
            (Element::Group { key, .. }, [Step::GroupKey]) => return Some(key.clone()),
            (Element::Scalar(value), [] | [Step::Item]) => return Some(value.clone()),
            (Element::Entry { key, .. }, [Step::EntryKey]) => return Some(V::Text((*key).to_owned())),
            _ => {}
        }
        let places = self.places(path);
        if !path.steps.contains(&Step::Each) {
            return V::read(places.first()?, ty);
        }
        let Ty::List(of) = ty else { panic!("a path through a list is a list") };
        let values = places.iter().flat_map(|place| match place {
            Json::Array(items) => items.iter().filter_map(|item| V::read(item, of)).collect(),
            one => V::read(one, of).into_iter().collect::<Vec<V>>(),
        });
        Some(V::List(values.collect()))
    }

    /// The JSON values that a path reaches, none of them null: at most one without a list on the way.
    pub fn places(&self, path: &Path) -> Vec<&'a Json> {
        if self.is_guarded(path) {
            return vec![];
        }
        let start = match self.subject(path.subject) {
            Element::Record(record) => record,
            Element::Event(event) => event.record,
            Element::Entry { value, .. } => value,
            other => panic!("{other:?} has no fields"),
        };
        let mut places: Vec<&'a Json> = vec![start];
        for step in &path.steps {
            places = places.into_iter().flat_map(|place| self.step(place, step)).filter(|v| !v.is_null()).collect();
        }
        places
    }

    fn step(&self, place: &'a Json, step: &Step) -> Vec<&'a Json> {
        match step {
            Step::Field(name) | Step::Key(name) => place.get(&**name).into_iter().collect(),
            Step::Each => place.as_array().into_iter().flatten().collect(),
            Step::Follow(class) => self.related(class, place).into_iter().collect(),
            Step::Item | Step::EntryValue => vec![place],
            Step::EntryKey | Step::GroupKey => panic!("a key is no place"),
        }
    }

    fn related(&self, class: &str, key: &Json) -> Option<&'a Json> {
        let key = match key {
            Json::String(text) => text.clone(),
            number => number.as_i64()?.to_string(),
        };
        self.world.rows.classes.get(class)?.get(&key)
    }

    /// The declared propensity and the rest of a path of the profile below it.
    fn below_propensity<'p>(&self, path: &'p Path) -> Option<(&'p Propensity, &'p [Step])>
    where
        'a: 'p,
    {
        let [Step::Field(root), Step::Field(name), rest @ ..] = path.steps.as_slice() else { return None };
        let declared = self.world.module.propensities.iter().find(|p| p.name == **name)?;
        (path.subject == BinderId::PROFILE && &**root == "propensity").then_some((declared, rest))
    }

    fn feature_of<'p>(&self, path: &'p Path) -> Option<(&'p Propensity, &'p str)>
    where
        'a: 'p,
    {
        match self.below_propensity(path)? {
            (declared, [Step::Field(feature)]) => Some((declared, feature)),
            _ => None,
        }
    }

    /// Whether a path leads below scores that are too old.
    fn is_guarded(&self, path: &Path) -> bool {
        self.below_propensity(path).is_some_and(|(declared, _)| !self.is_fresh(declared))
    }

    fn stored(&self, declared: &Propensity, feature: &str, ty: &Ty) -> Option<V> {
        V::read(self.person.record.get("propensity")?.get(&declared.name)?.get(feature)?, ty)
    }

    /// Computed after now, where it matters when.
    fn is_later(&self, declared: &Propensity) -> bool {
        let at = self.stored(declared, "scored_at", &Ty::Timestamp);
        declared.is_dated() && matches!(at, Some(V::Instant(at)) if at > self.world.now)
    }

    /// Younger than `max age`, where there is one, and not of the future.
    fn is_fresh(&self, declared: &Propensity) -> bool {
        if self.is_later(declared) {
            return false;
        }
        let Some(max_age) = &declared.max_age else { return true };
        let Some(V::Span(age)) = self.value(max_age) else { panic!("a duration") };
        let oldest = calendar::moved(self.world.now, age, true, &self.world.zone).expect("in the calendar");
        matches!(self.stored(declared, "scored_at", &Ty::Timestamp), Some(V::Instant(at)) if at > oldest)
    }

    fn feature(&self, declared: &Propensity, feature: &str, ty: &Ty) -> Option<V> {
        let number = |feature: &str| match self.stored(declared, feature, &Ty::Float) {
            Some(V::Float(number)) => Some(number),
            _ => None,
        };
        if feature == "control" {
            return Some(V::Bool(declared.control.as_ref().is_some_and(|sample| in_sample(sample, self.person.id))));
        }
        if feature == "state" {
            let scored = ["score", "probability", "percentile"].iter().any(|f| number(f).is_some());
            let scored = scored && !self.is_later(declared);
            let state = match (scored, self.is_fresh(declared)) {
                (true, true) => "scored",
                (true, false) => "stale",
                (false, _) => match self.stored(declared, "state", &Ty::String) {
                    Some(V::Text(state)) if state == "ineligible" => "ineligible",
                    _ => "unscored",
                },
            };
            return Some(V::Text(state.to_owned()));
        }
        if !self.is_fresh(declared) {
            return None;
        }
        if feature != "bucket" {
            return self.stored(declared, feature, ty);
        }
        let [low, medium] = declared.buckets;
        let bucket = |value: f64, low: f64, medium: f64| match value {
            value if value < low => V::Bucket(0),
            value if value < medium => V::Bucket(1),
            _ => V::Bucket(2),
        };
        let by_score = number("score").map(|score| bucket(score, low, medium));
        by_score.or_else(|| number("probability").map(|p| bucket(p, low / 100.0, medium / 100.0)))
    }

    /// `member("audience", "namespace")`
    pub fn is_member(&self, audience: &str, namespace: &str) -> bool {
        let memberships = self.person.record.get("segmentMembership");
        let entry = memberships.and_then(|m| m.get(namespace)).and_then(|m| m.get(audience));
        let status = entry.and_then(|e| e.get("status")).and_then(Json::as_str);
        matches!(status, Some("realized" | "existing"))
    }
}

/// Nothing of a duration but its calendar part counts from a day.
pub fn whole_days(duration: Duration) -> Duration {
    Duration { micros: 0, ..duration }
}

/// Puts what fields of the profile say where a propensity's own scores are, under our names. A number off its scale says
/// nothing.
pub fn translate(declared: &Propensity, profile: &mut Json) {
    let PropensityOrigin::Profile { adapter, fields } = &declared.origin else { return };
    assert_eq!(adapter, "customer_ai");
    let mut ours = json!({});
    for (field, path) in fields {
        let theirs = path.iter().fold(&*profile, |at, step| &at[step]);
        ours[field.name()] = match field.name() {
            "factors" => theirs.as_array().into_iter().flatten().map(factor).collect(),
            "probability" | "score" | "percentile" => {
                let (least, most) = field.written();
                let on_scale = theirs.as_f64().is_some_and(|number| (least..=most).contains(&number));
                if on_scale { theirs.clone() } else { Json::Null }
            }
            _ => theirs.clone(),
        };
    }
    profile["propensity"][&declared.name] = ours;
}

fn factor(theirs: &Json) -> Json {
    let effect = match theirs["importance"].as_f64() {
        Some(importance) if importance > 0.0 => json!("raises"),
        Some(importance) if importance < 0.0 => json!("lowers"),
        _ => Json::Null,
    };
    json!({
        "feature": theirs["code"], "value": theirs["value"], "weight": theirs["importance"], "effect": effect,
    })
}
