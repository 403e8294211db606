//! Scores that are made elsewhere: which column of a file or field of the profile holds which value, and on which scale.
//! Imports its siblings. Invariant: a number is read on a scale that is declared, by a clause or by an adapter; a clause
//! that would be without effect is an error.

use super::checker::Checker;
use super::errors;
use super::path::PROFILE;
use super::propensity::step_name;
use crate::hir::{ADAPTERS, Adapter, AdapterShape, PropensityOrigin, ScoreField, ScoreTable};
use crate::schema::Schema;
use crate::source::Span;
use crate::syntax::ast::{self, Path, PathStep, PropensityClause, PropensityFrom, Spanned};
use crate::types::Ty;

/// The words of `… at PATH`.
const MAPPINGS: [&str; 8] = ["id", "value", "scored", "factors", "probability", "score", "percentile", "model"];

/// What the clauses `… at PATH` say.
#[derive(Default)]
struct Mapped<'c> {
    id: Option<&'c Path>,
    /// A scale without `value at`.
    scale: Option<(ScoreField, Span)>,
    fields: Vec<(ScoreField, &'c Path)>,
}

/// The features that imported scores can have, by what is declared of them; `None` where only the file tells.
pub(super) fn given(
    from: &PropensityFrom,
    clauses: &[Spanned<PropensityClause>],
    schema: &Schema,
) -> Option<Vec<&'static str>> {
    let scale = clauses.iter().find_map(|clause| match &clause.node {
        PropensityClause::Scale(word) => ScoreField::of_scale(&word.node),
        _ => None,
    });
    let fields = clauses.iter().filter_map(|clause| match &clause.node {
        PropensityClause::Mapping { word, .. } if word.node == "value" => scale,
        PropensityClause::Mapping { word, .. } => ScoreField::of_mapping(&word.node),
        _ => None,
    });
    let mut features: Vec<&str> = fields.chain(scale).map(ScoreField::feature).collect();
    let has_scale = |features: &[&str]| ScoreField::SCALES.iter().any(|scale| features.contains(&scale.feature()));
    match from {
        PropensityFrom::Data(_) if !has_scale(&features) => return None,
        PropensityFrom::Data(_) => features.extend(["scored_at", "model", "factors", "quality"]),
        PropensityFrom::Adapter { adapter, path } => match Adapter::of(&adapter.node).map(|adapter| &adapter.shape) {
            Some(AdapterShape::Object { fields, .. }) => {
                let object = path.as_ref().and_then(column).unwrap_or_default();
                let object: Vec<&str> = object.iter().map(String::as_str).skip_while(|step| *step == PROFILE).collect();
                let there =
                    |theirs: &str| schema.field_at(schema.profile, object.iter().copied().chain([theirs])).is_some();
                let fields = fields.iter().filter(|(_, theirs)| there(theirs));
                features.extend(fields.map(|(field, _)| field.feature()));
            }
            Some(AdapterShape::Number(field)) => features.push(field.feature()),
            Some(AdapterShape::Clauses) => {}
            None => return None,
        },
        PropensityFrom::Model { .. } => features = vec!["probability", "scored_at", "model", "factors"],
    }
    if features.contains(&"probability") || features.contains(&"score") {
        features.push("bucket");
    }
    if clauses.iter().any(|clause| matches!(clause.node, PropensityClause::Quality(_))) {
        features.push("quality");
    }
    features.extend(["state", "control"]);
    Some(features)
}

impl Checker<'_> {
    /// Scores of a file or table.
    pub(super) fn table(&mut self, from: &ast::Str, clauses: &[Spanned<PropensityClause>]) -> PropensityOrigin {
        let mapped = self.mapped(clauses);
        let fields = mapped.fields.iter().filter_map(|(field, path)| Some((*field, column(path)?)));
        let mut fields: Vec<_> = fields.collect();
        // A scale by itself: the column has its name.
        if let Some((scale, _)) = mapped.scale {
            fields.push((scale, vec![scale.name().to_owned()]));
        }
        let id = mapped.id.and_then(column);
        PropensityOrigin::Data(ScoreTable { from: from.node.clone(), fields, id })
    }

    /// Scores in fields of the profile.
    pub(super) fn profile_scores(
        &mut self,
        adapter: &ast::Ident,
        path: Option<&Path>,
        clauses: &[Spanned<PropensityClause>],
    ) -> PropensityOrigin {
        let mapped = self.mapped(clauses);
        if let Some(path) = mapped.id {
            self.report(errors::mapping_without_effect("id", path.span));
        }
        if let Some((_, span)) = mapped.scale {
            self.report(errors::scale_without_value(span));
        }
        self.adapted(adapter, path, &mapped.fields, clauses)
    }

    fn mapped<'c>(&mut self, clauses: &'c [Spanned<PropensityClause>]) -> Mapped<'c> {
        let scale = clauses.iter().find_map(|clause| match &clause.node {
            PropensityClause::Scale(scale) => Some((scale, clause.span)),
            _ => None,
        });
        let mut mapped = Mapped::default();
        let mut value = None;
        for clause in clauses {
            let PropensityClause::Mapping { word, path } = &clause.node else { continue };
            match (word.node.as_str(), ScoreField::of_mapping(&word.node)) {
                ("id", _) if mapped.id.is_none() => mapped.id = Some(path),
                ("id", _) => self.report(errors::mapped_twice("id", clause.span)),
                ("value", _) => value = Some((path, clause.span)),
                (_, Some(field)) => self.map(&mut mapped, field, path, clause.span),
                (_, None) => self.one_of("clause", word, &MAPPINGS),
            }
        }
        let known = scale.and_then(|(word, span)| Some((ScoreField::of_scale(&word.node)?, span)));
        match (scale, known, value) {
            (Some((word, _)), None, _) => self.one_of("scale", word, &ScoreField::SCALES.map(ScoreField::name)),
            (_, Some((field, span)), Some((path, _))) => self.map(&mut mapped, field, path, span),
            (_, Some((field, span)), None) => {
                match mapped.fields.iter().any(|(known, _)| known.feature() == field.feature()) {
                    true => self.report(errors::mapped_twice(field.feature(), span)),
                    false => mapped.scale = Some((field, span)),
                }
            }
            (None, None, Some((_, span))) => self.report(errors::value_without_scale(span)),
            (None, None, None) => {}
        }
        mapped
    }

    fn map<'c>(&mut self, mapped: &mut Mapped<'c>, field: ScoreField, path: &'c Path, span: Span) {
        if mapped.fields.iter().any(|(known, _)| known.feature() == field.feature()) {
            self.report(errors::mapped_twice(field.feature(), span));
        } else {
            mapped.fields.push((field, path));
        }
    }

    /// The fields of the profile that an adapter reads; a clause overrides a field of the vendor's.
    fn adapted(
        &mut self,
        name: &ast::Ident,
        path: Option<&Path>,
        mapped: &[(ScoreField, &Path)],
        ages: &[Spanned<PropensityClause>],
    ) -> PropensityOrigin {
        let mut fields: Vec<(ScoreField, Vec<String>)> =
            mapped.iter().filter_map(|(field, path)| Some((*field, self.score_field(*field, path)?))).collect();
        match Adapter::of(&name.node) {
            None if name.node.is_empty() => {}
            None => self.one_of("adapter", name, &ADAPTERS.each_ref().map(|adapter| adapter.name)),
            Some(adapter) => {
                let own = self.vendor_fields(adapter, name, path);
                let broken = own.is_none() || fields.len() < mapped.len();
                for (field, path) in own.unwrap_or_default() {
                    if !fields.iter().any(|(known, _)| known.feature() == field.feature()) {
                        fields.push((field, path));
                    }
                }
                let scored = fields.iter().any(|(field, _)| ScoreField::SCALES.contains(field));
                if !scored && !broken {
                    self.report(errors::adapter_without_scores(adapter, path.map_or(name.span, |path| path.span)));
                }
                let dated = fields.iter().any(|(field, _)| *field == ScoreField::ScoredAt);
                let max_age = ages.iter().find(|clause| matches!(clause.node, PropensityClause::MaxAge(_)));
                if let Some(clause) = max_age.filter(|_| !dated && !broken) {
                    self.report(errors::age_without_time(clause.span));
                }
            }
        }
        PropensityOrigin::Profile { adapter: name.node.clone(), fields }
    }

    /// What an adapter finds at its path; `None` if that was reported.
    fn vendor_fields(
        &mut self,
        adapter: &Adapter,
        name: &ast::Ident,
        path: Option<&Path>,
    ) -> Option<Vec<(ScoreField, Vec<String>)>> {
        match (&adapter.shape, path) {
            (AdapterShape::Clauses, None) => Some(Vec::new()),
            (AdapterShape::Clauses, Some(path)) => {
                self.report(errors::adapter_with_path(name, path));
                None
            }
            (AdapterShape::Object { .. } | AdapterShape::Number(_), None) => {
                self.report(errors::adapter_without_path(name));
                None
            }
            (AdapterShape::Number(field), Some(path)) => Some(vec![(*field, self.score_field(*field, path)?)]),
            (AdapterShape::Object { fields, .. }, Some(path)) => {
                let end = self.profile_path(path)?;
                if !matches!(end.ty, Ty::Object(_)) {
                    self.report(errors::adapter_needs_object(path));
                    return None;
                }
                let object: Vec<String> = end.steps.iter().filter_map(step_name).collect();
                let schema = &self.schema;
                let there = fields.iter().filter_map(|(field, theirs)| {
                    let steps: Vec<String> = object.iter().cloned().chain([(*theirs).to_owned()]).collect();
                    schema.field_at(schema.profile, steps.iter().map(String::as_str)).map(|_| (*field, steps))
                });
                Some(there.collect())
            }
        }
    }

    /// A field of the profile that holds a value of a score.
    fn score_field(&mut self, field: ScoreField, path: &Path) -> Option<Vec<String>> {
        let end = self.profile_path(path)?;
        if !fits(field, &end.ty) {
            self.report(errors::wrong_score_field(field, path, &end.ty));
            return None;
        }
        Some(end.steps.iter().filter_map(step_name).collect())
    }
}

/// The steps to a column of a file; `None` for a path that was reported.
fn column(path: &Path) -> Option<Vec<String>> {
    let steps = path.steps.iter().map(|step| match step {
        PathStep::Field(name) => Some(name.node.clone()),
        PathStep::Key(name) => Some(name.node.clone()),
        PathStep::Hole(_) => None,
    });
    std::iter::once(Some(path.root.node.clone())).chain(steps).collect()
}

/// Whether a field of the schema can hold a value. A number that the schema gives a scale must have the same one.
fn fits(field: ScoreField, ty: &Ty) -> bool {
    let plain = matches!(ty, Ty::Int | Ty::Float | Ty::Decimal(_));
    match field {
        ScoreField::Probability => plain || *ty == Ty::Probability,
        ScoreField::Score => plain || *ty == Ty::Score,
        ScoreField::Percentile => plain || *ty == Ty::Percentile,
        ScoreField::Percent | ScoreField::Quantile => plain,
        ScoreField::ScoredAt => *ty == Ty::Timestamp,
        ScoreField::Model => matches!(ty, Ty::String | Ty::Enum(_)),
        ScoreField::Factors => matches!(ty, Ty::List(of) if matches!(**of, Ty::Object(_))),
    }
}
