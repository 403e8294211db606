//! Propensity declarations: the object that each adds to the profile, and their clauses. Imports its siblings.
//! Invariant: every feature of a propensity is optional; a profile outside the population has none.

use std::sync::Arc;

use super::checker::Checker;
use super::literal;
use super::names::{Def, DefKind, Names};
use super::scope::Cursor;
use super::{convert, errors, scores};
use crate::hir::{
    self, Adapter, DEFAULT_BUCKETS, Expr, ExprKind, ForeignModel, ModelFormat, PropensityOrigin, Sample, Step,
    Training, Window, walk,
};
use crate::schema::{Field, Object, PROPENSITY, Schema, closed_enum};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind, Path, PathStep, PropensityClause, PropensityFrom, PropensityNumber, Spanned};
use crate::types::{BUCKETS, ObjectId, Ty, Type};

/// The declared propensities: the name, and the features that it can have where the declaration tells.
pub(super) fn declared<'n>(
    names: &'n Names<'_>,
    schema: &'n Schema,
) -> impl Iterator<Item = (&'n str, Option<Vec<&'static str>>)> {
    let declared = names.defs.iter().filter(|d| matches!(d.kind, DefKind::Propensity(_)) && !d.name.node.is_empty());
    declared.map(move |def| {
        let given = match &def.item.kind {
            ItemKind::Propensity { from: Some(from), clauses, .. } => scores::given(from, clauses, schema),
            _ => None,
        };
        (def.name.node.as_str(), given)
    })
}

/// The schema with the object `propensity.NAME` for each declaration.
pub(super) fn extend(schema: &Arc<Schema>, names: &Names<'_>) -> Arc<Schema> {
    let declared: Vec<(&str, Option<Vec<&str>>)> = declared(names, schema).collect();
    if declared.is_empty() {
        return schema.clone();
    }
    let mut schema = (**schema).clone();
    let factor = add(&mut schema, "factor", factor_fields());
    let features = feature_fields(factor);
    let mut models = Vec::new();
    for (name, given) in declared {
        let own = features.iter().filter(|(name, _)| given.as_ref().is_none_or(|given| given.contains(&name.as_str())));
        let object = add(&mut schema, &format!("propensity.{name}"), own.cloned().collect());
        models.push((name.to_owned(), optional(Ty::Object(object), "A propensity.")));
    }
    let all = add(&mut schema, PROPENSITY, models);
    if let Some(profile) = schema.objects.get_mut(schema.profile.0 as usize) {
        profile.fields.insert(PROPENSITY.to_owned(), optional(Ty::Object(all), "The declared propensities."));
    }
    Arc::new(schema)
}

fn add(schema: &mut Schema, name: &str, fields: Vec<(String, Field)>) -> ObjectId {
    schema.objects.push(Object { name: name.to_owned(), fields: fields.into_iter().collect() });
    ObjectId(schema.objects.len() as u32 - 1)
}

fn optional(ty: Ty, description: &str) -> Field {
    Field { description: description.to_owned(), ..Field::new(Type::optional(ty)) }
}

fn named(fields: Vec<(&str, Ty, &str)>) -> Vec<(String, Field)> {
    fields.into_iter().map(|(name, ty, text)| (name.to_owned(), optional(ty, text))).collect()
}

fn factor_fields() -> Vec<(String, Field)> {
    named(vec![
        ("feature", Ty::String, "What the model looked at."),
        ("value", Ty::String, "What it saw, as text."),
        ("effect", closed_enum(["raises", "lowers"]), "In which direction it moved the score."),
        ("weight", Ty::Float, "How much it moved the score."),
    ])
}

fn feature_fields(factor: ObjectId) -> Vec<(String, Field)> {
    named(vec![
        ("probability", Ty::Probability, "How likely, 0 to 1."),
        ("score", Ty::Score, "The score, 0 to 100."),
        ("percentile", Ty::Percentile, "The share of profiles with a lower or equal score, 1 to 100."),
        ("bucket", Ty::Bucket, "low, medium or high, by the score."),
        ("scored_at", Ty::Timestamp, "When the score was computed."),
        ("model", Ty::String, "Which version of the model."),
        ("quality", Ty::Float, "The model's AUC on data it has not seen, 0.5 to 1."),
        ("state", closed_enum(["scored", "ineligible", "stale", "unscored"]), "Whether there is a score, and why not."),
        ("factors", Ty::List(Box::new(Ty::Object(factor))), "The reasons for the score, strongest first."),
        ("control", Ty::Bool, "Whether the profile is of the control group, which is never to be acted upon."),
    ])
}

impl<'a> Checker<'a> {
    /// A `propensity` item.
    pub fn check_propensity(
        &mut self,
        def: Def<'a>,
        from: Option<&PropensityFrom>,
        clauses: &[Spanned<PropensityClause>],
    ) -> hir::Propensity {
        let imported = matches!(&def.item.kind, ItemKind::Propensity { from: Some(_), .. });
        let (mut predict, mut eligible, mut max_age, mut control, mut quality) = (None, None, None, None, None);
        let mut kind = None;
        let mut training = Box::<Training>::default();
        let mut buckets = match from {
            Some(PropensityFrom::Adapter { adapter, .. }) => Adapter::of(&adapter.node).map(|adapter| adapter.buckets),
            Some(PropensityFrom::Data(_) | PropensityFrom::Model { .. }) | None => None,
        }
        .unwrap_or(DEFAULT_BUCKETS);
        let mut columns = Vec::new();
        let is_model = matches!(from, Some(PropensityFrom::Model { .. }));
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for clause in clauses {
            let Some(word) = clause_word(&clause.node) else { continue };
            if is_single(&clause.node)
                && let Some((_, before)) = seen.iter().find(|(w, _)| *w == word)
            {
                let before = *before;
                self.report(errors::repeated_clause(word, clause.span, before));
                continue;
            }
            seen.push((word, clause.span));
            if !stands_in(&clause.node, from) {
                self.report(errors::misplaced_clause(word, imported, clause.span));
                continue;
            }
            match &clause.node {
                PropensityClause::Mapping { word, path } if is_model => columns.push(self.model_column(word, path)),
                PropensityClause::Kind(word) => kind = Some(word.node.clone()),
                PropensityClause::Predict(e) => predict = Some(self.future_label(e)),
                PropensityClause::For(e) => eligible = Some(self.predicate(e)),
                PropensityClause::MaxAge(e) => max_age = self.length(e).map(Box::new),
                PropensityClause::Buckets(bounds) => buckets = self.buckets(bounds, clause.span).unwrap_or(buckets),
                PropensityClause::Control { percent, salt } => control = self.control(def, percent, salt.as_ref()),
                PropensityClause::Quality(e) => quality = self.quality(e, clause.span),
                other => self.training_clause(other, &mut training),
            }
        }
        if !imported {
            self.attributes_without_history(clauses, &training);
            self.leaks(predict.as_ref(), eligible.as_ref(), clauses, &training);
        }
        let broken = clauses.iter().any(|c| matches!(c.node, PropensityClause::Error));
        if !imported && !broken {
            for (word, missing) in [("predict", predict.is_none()), ("for", eligible.is_none())] {
                if missing && !seen.iter().any(|(w, _)| *w == word) {
                    self.report(errors::missing_propensity_clause(def.name, word));
                }
            }
        }
        let error = || Box::new(Expr::predicate(ExprKind::Error, def.name.span));
        let origin = match from {
            Some(PropensityFrom::Model { format, file }) => self.model_file(format, file, eligible, columns),
            Some(PropensityFrom::Data(file)) => self.table(file, clauses),
            Some(PropensityFrom::Adapter { adapter, path }) => self.profile_scores(adapter, path.as_ref(), clauses),
            None => PropensityOrigin::Declared {
                predict: predict.map_or_else(error, Box::new),
                eligible: eligible.map_or_else(error, Box::new),
                training,
            },
        };
        hir::Propensity {
            name: def.name.node.clone(),
            span: def.name.span,
            kind,
            origin,
            max_age,
            buckets,
            control,
            quality,
            model: None,
            docs: def.docs.to_owned(),
        }
    }

    /// `predict`: what happens after a cut-off.
    fn future_label(&mut self, expr: &ast::Expr) -> Expr {
        let label = self.predicate(expr);
        if !matches!(label.kind, ExprKind::Error) && !self.looks_ahead(&label) {
            self.report(errors::predicts_the_past(label.span));
        }
        label
    }

    /// Whether an expression has a window that reaches past now.
    fn looks_ahead(&self, expr: &Expr) -> bool {
        let ahead = |window: &Window| matches!(window, Window::Next(_) | Window::After(_));
        let own = match &expr.kind {
            ExprKind::FromNow { negative, .. } => !negative,
            ExprKind::InWindow { window, .. } => ahead(window),
            ExprKind::Let(id, _) => {
                self.lets[id.0 as usize].as_ref().is_some_and(|definition| self.looks_ahead(&definition.body))
            }
            ExprKind::Aggregate { collection, .. } => self.collection_ahead(collection),
            ExprKind::Sequence(sequence) => sequence.steps.iter().any(|s| self.collection_ahead(&s.collection)),
            _ => false,
        };
        let mut found = own;
        walk::children(expr, &mut |child| found |= self.looks_ahead(child));
        found
    }

    fn collection_ahead(&self, collection: &hir::Collection) -> bool {
        let window = matches!(&collection.window, Some(Window::Next(_) | Window::After(_)));
        let inner = match &collection.source {
            hir::Source::Events { via, .. } => via.iter().any(|id| {
                self.events[id.0 as usize]
                    .as_ref()
                    .is_some_and(|event| matches!(&event.collection.window, Some(Window::Next(_) | Window::After(_))))
            }),
            hir::Source::Top { of, .. } | hir::Source::Groups { of, .. } => self.collection_ahead(of),
            hir::Source::List(_) | hir::Source::Entries(_) | hir::Source::Values(_) | hir::Source::Members(_) => false,
        };
        window || inner
    }

    /// `from lightgbm "model.txt"`
    fn model_file(
        &mut self,
        format: &ast::Ident,
        file: &ast::Str,
        eligible: Option<Expr>,
        columns: Vec<(String, Expr)>,
    ) -> PropensityOrigin {
        self.one_of("format", format, &ModelFormat::ALL.map(|(_, name)| name));
        let known = ModelFormat::ALL.iter().find(|(_, name)| *name == format.node);
        let format = known.map_or(ModelFormat::LightGbm, |(format, _)| *format);
        PropensityOrigin::Model(Box::new(ForeignModel { format, file: file.node.clone(), eligible, columns }))
    }

    /// `column at path`: what a column of a model file stands for.
    fn model_column(&mut self, word: &ast::Ident, path: &Path) -> (String, Expr) {
        (word.node.clone(), self.path(path, None))
    }

    /// `control 5% salt "x"`; the propensity's name is the salt where none is written.
    fn control(&mut self, def: Def<'a>, percent: &Spanned<String>, salt: Option<&ast::Str>) -> Option<Sample> {
        let threshold = self.sample_threshold(percent)?;
        Some(Sample { threshold, salt: salt.map_or_else(|| def.name.node.clone(), |salt| salt.node.clone()) })
    }

    /// `quality 0.81`
    fn quality(&mut self, expr: &ast::Expr, span: Span) -> Option<f64> {
        let value = self.expr(expr, None);
        let auc = value.as_literal().and_then(convert::as_double).filter(|auc| (0.0..=1.0).contains(auc));
        if auc.is_none() && !value.is_error() {
            self.report(errors::invalid_setting("quality", "a number from 0 to 1", span));
        }
        auc
    }

    /// A path of the profile, with or without `profile.`.
    pub(super) fn profile_path(&mut self, path: &Path) -> Option<Cursor> {
        let root = PathStep::Field(path.root.clone());
        let steps: Vec<PathStep> = if path.root.node == super::path::PROFILE {
            path.steps.clone()
        } else {
            std::iter::once(root).chain(path.steps.iter().cloned()).collect()
        };
        let start = self.profile();
        self.walk(start, &steps, path)
    }

    fn buckets(&mut self, bounds: &[(ast::Ident, Option<Spanned<String>>)], span: Span) -> Option<[f64; 2]> {
        let numbers: Vec<Option<f64>> = bounds
            .iter()
            .map(|(_, bound)| {
                let (unscaled, scale) = literal::decimal(&bound.as_ref()?.node, false)?;
                convert::as_double(&crate::types::Value::Decimal { unscaled, scale })
            })
            .collect();
        let in_order = bounds.iter().map(|(word, _)| word.node.as_str()).eq(BUCKETS);
        match numbers[..] {
            [Some(low), Some(medium), None] if in_order && 0.0 < low && low < medium && medium < 100.0 => {
                Some([low, medium])
            }
            _ => {
                self.report(errors::invalid_buckets(span));
                None
            }
        }
    }

    pub(super) fn one_of(&mut self, what: &str, word: &ast::Ident, known: &[&'static str]) {
        if !known.contains(&word.node.as_str()) && !word.node.is_empty() {
            self.report(errors::unknown_word(what, word, known));
        }
    }
}

pub(super) fn step_name(step: &Step) -> Option<String> {
    match step {
        Step::Field(name) | Step::Key(name) => Some(name.to_string()),
        Step::Each | Step::Follow(_) | Step::Item | Step::EntryKey | Step::EntryValue | Step::GroupKey => None,
    }
}

/// The word that begins a clause; `None` for what could not be read.
fn clause_word(clause: &PropensityClause) -> Option<&'static str> {
    Some(match clause {
        PropensityClause::Predict(_) => "predict",
        PropensityClause::For(_) => "for",
        PropensityClause::Using(_) => "using",
        PropensityClause::Static(_) => "static",
        PropensityClause::Deny(_) => "deny",
        PropensityClause::Cutoffs { .. } => "cutoffs",
        PropensityClause::Number { setting, .. } => match setting.node {
            PropensityNumber::Trees => "trees",
            PropensityNumber::Depth => "depth",
            PropensityNumber::Seed => "seed",
        },
        PropensityClause::Buckets(_) => "buckets",
        PropensityClause::Require(_) => "require",
        PropensityClause::MaxAge(_) => "max age",
        PropensityClause::Control { .. } => "control",
        PropensityClause::Kind(_) => "kind",
        PropensityClause::Scale(_) => "scale",
        PropensityClause::Mapping { .. } => "at",
        PropensityClause::Quality(_) => "quality",
        PropensityClause::Error => return None,
    })
}

/// Whether a clause may stand once only.
fn is_single(clause: &PropensityClause) -> bool {
    !matches!(
        clause,
        PropensityClause::Using(_)
            | PropensityClause::Static(_)
            | PropensityClause::Deny(_)
            | PropensityClause::Require(_)
            | PropensityClause::Mapping { .. }
    )
}

/// Whether a clause has a meaning where the values come from there.
fn stands_in(clause: &PropensityClause, from: Option<&PropensityFrom>) -> bool {
    match from {
        None => belongs_to(clause) != Some(false),
        // A model file gives probabilities for whom it is asked.
        Some(PropensityFrom::Model { .. }) if matches!(clause, PropensityClause::For(_)) => true,
        Some(PropensityFrom::Model { .. }) if matches!(clause, PropensityClause::Scale(_)) => false,
        Some(_) => belongs_to(clause) != Some(true),
    }
}

/// `Some(true)` for a clause of trained models, `Some(false)` for one of imported scores, `None` for both.
fn belongs_to(clause: &PropensityClause) -> Option<bool> {
    match clause {
        PropensityClause::Predict(_)
        | PropensityClause::For(_)
        | PropensityClause::Using(_)
        | PropensityClause::Static(_)
        | PropensityClause::Deny(_)
        | PropensityClause::Cutoffs { .. }
        | PropensityClause::Number { .. }
        | PropensityClause::Require(_) => Some(true),
        PropensityClause::Scale(_) | PropensityClause::Mapping { .. } | PropensityClause::Quality(_) => Some(false),
        PropensityClause::Buckets(_)
        | PropensityClause::MaxAge(_)
        | PropensityClause::Control { .. }
        | PropensityClause::Kind(_)
        | PropensityClause::Error => None,
    }
}
