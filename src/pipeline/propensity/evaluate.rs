//! Scores against what then happened. Names its parent. Invariant: the scores are those of an instant, the outcomes of the
//! time after it, and only profiles whose score was made by then are measured.

use super::{Declared, ForeignScorer, Scorer, Trouble, compile, foreign, just_before, load, unusable};
use crate::hir::{Expr, ExprKind, Module, PropensityId, Training};
use crate::pipeline::Workspace;
use crate::plan::value_text;
use crate::propensity::derive::Cells;
use crate::propensity::foreign::score;
use crate::propensity::label::{about, horizon};
use crate::propensity::metrics::{Quality, measure};
use crate::propensity::model::WindowQuality;
use crate::propensity::score::Scoring;
use crate::propensity::verdict;
use crate::source::Span;
use crate::types::{Duration, Type, Value};
use crate::vector::time::Zone;

/// What was measured.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// Which values: `probability`, `score` or `percentile`.
    pub what: String,
    /// When they were looked at.
    pub at: i64,
    /// The measures.
    pub quality: Quality,
    /// Profiles left out because their score was made after that instant: it may know what came true.
    pub later: usize,
    /// How it differs from what the model was measured at, in sentences.
    pub drift: Vec<String>,
}

/// Measures a trained model at the newest instant whose outcome is known, or at the one that is given.
pub fn evaluate_model(
    workspace: &Workspace,
    module: &Module,
    declared: &Declared<'_>,
    scorer: &Scorer,
    now: i64,
    at: Option<i64>,
) -> Result<Evaluated, Trouble> {
    let ahead = horizon(module, declared.predict)?;
    let zone = Zone::new(&module.settings.zone).unwrap_or_else(Zone::utc);
    let newest = zone.add(zone.start_of_day(zone.date_of(now)), ahead, true).unwrap_or(now);
    let at = at.unwrap_or(newest);
    known_by(at, ahead, now)?;
    let needs = scorer.needs(now);
    let loaded = load(workspace, module, &needs, now, &[])?;
    let slice = scorer.slice(&loaded.dataset, at)?;
    let scores = Scoring::of(&scorer.model, scorer.buckets).score(&slice, &loaded.dataset)?;
    let probabilities: Vec<f64> = scores.iter().map(|score| score.probability).collect();
    let quality = measured_both(&slice.labels, &probabilities, true)?;
    // Against the test, which the model had not learnt from either.
    let mut windows: Vec<WindowQuality> = scorer.model.windows.last().cloned().into_iter().collect();
    windows.push(WindowQuality { cutoff: at, rows: quality.rows, rate: quality.rate(), auc: quality.auc });
    Ok(Evaluated { what: "probability".to_owned(), at, drift: verdict::drift(&windows), quality, later: 0 })
}

/// Measures a model of another maker: what it says at an instant against what then happened.
pub fn evaluate_foreign(
    workspace: &Workspace,
    module: &Module,
    name: &str,
    (text, predict): (&str, &str),
    at: i64,
    now: i64,
) -> Result<Evaluated, Trouble> {
    let declared = foreign(module, name).ok_or_else(|| format!("`{name}` has no model file"))?;
    let outcome = format!("if ({predict}) then 1 else 0");
    let scorer = ForeignScorer::open(workspace, module, declared, text, &[outcome])?;
    let place = scorer.compiled.features.last().copied().unwrap_or_default();
    if let Some(rank) = scorer.compiled.module.segments.get(place).and_then(|segment| segment.rank.as_ref()) {
        known_by(at, horizon(&scorer.compiled.module, &rank.by)?, now)?;
    }
    let loaded = load(workspace, module, &scorer.needs(now), now, &[])?;
    let mut slice = scorer.compiled.slice_with(&loaded.dataset, just_before(at), |value| value)?;
    let labels: Vec<bool> = match slice.columns.pop() {
        Some(Cells::Numbers(numbers)) => numbers.into_iter().map(|number| number > 0.5).collect(),
        Some(Cells::Categories { .. }) | None => Vec::new(),
    };
    let scores = score::Scoring::of(&scorer.model, scorer.buckets).score(&slice, &loaded.dataset)?;
    let probabilities: Vec<f64> = scores.iter().map(|score| score.probability).collect();
    let quality = measured_both(&labels, &probabilities, true)?;
    Ok(Evaluated { what: "probability".to_owned(), at, quality, later: 0, drift: Vec::new() })
}

/// Measures scores that were made elsewhere.
pub fn evaluate_imported(
    workspace: &Workspace,
    module: &Module,
    name: &str,
    predict: &str,
    at: i64,
    now: i64,
) -> Result<Evaluated, Trouble> {
    let Some(index) = module.propensities.iter().position(|propensity| propensity.name == name) else {
        let known: Vec<String> = module.propensities.iter().map(|p| format!("`{}`", p.name)).collect();
        return Err(format!("there is no propensity `{name}`; there is {}", known.join(", ")).into());
    };
    let yes = Expr { kind: ExprKind::Literal(Value::Bool(true)), ty: Type::BOOL, span: Span::default() };
    let declared = Declared {
        propensity: &module.propensities[index],
        id: PropensityId(index as u32),
        predict: &yes,
        eligible: &yes,
        training: &Training::default(),
    };
    let value = |feature: &str| format!("propensity.{name}.{feature}");
    // Where the declaration tells the scale there is no more than what it gives.
    let has = |feature: &str| {
        let path = [crate::schema::PROPENSITY, name, feature];
        module.schema.field_at(module.schema.profile, path).is_some()
    };
    let kinds: Vec<&str> = ["probability", "score", "percentile"].into_iter().filter(|kind| has(kind)).collect();
    let (later, label) = (kinds.len(), kinds.len() + 1);
    let mut texts: Vec<String> = kinds.iter().map(|kind| value(kind)).collect();
    texts.push(match has("scored_at") {
        true => format!("if {} > {} then 1 else 0", value("scored_at"), value_text(&Value::Timestamp(at))),
        false => "0".to_owned(),
    });
    texts.push(format!("if ({predict}) then 1 else 0"));
    let compiled = compile(workspace, module, &declared, &texts)?;
    if let Some(label) = compiled.features.get(label).and_then(|at| compiled.module.segments[*at].rank.as_ref()) {
        known_by(at, horizon(&compiled.module, &label.by)?, now)?;
    }
    let loaded = load(workspace, module, &compiled.program(at).needs, now, &[])?;
    // Where the time of scoring is declared, scores of the future are absent already.
    let hidden = unusable(module, &loaded.dataset, just_before(at));
    let hidden = hidden.iter().find(|of| of.name == name).map_or(0, |of| of.later);
    let slice = compiled.slice(&loaded.dataset, just_before(at))?;
    let numbers = |column: usize| match slice.columns.get(column) {
        Some(Cells::Numbers(numbers)) => numbers.as_slice(),
        _ => &[],
    };
    let scored = |column: usize, row: usize| numbers(column).get(row).is_some_and(|score| !score.is_nan());
    let is_set = |column: usize, row: usize| numbers(column).get(row).is_some_and(|value| *value > 0.5);
    let rows = numbers(label).len();
    let Some(column) = (0..kinds.len()).find(|column| (0..rows).any(|row| scored(*column, row))) else {
        if hidden > 0 {
            return Err(format!("all {hidden} scores of `{name}` were made after that instant").into());
        }
        return Err(format!("no profile has a score of `{name}` at that instant").into());
    };
    let (after, measured): (Vec<usize>, Vec<usize>) =
        (0..rows).filter(|row| scored(column, *row)).partition(|row| is_set(later, *row));
    if measured.is_empty() {
        return Err(format!("all {} scores of `{name}` were made after that instant", after.len()).into());
    }
    let labels: Vec<bool> = measured.iter().map(|row| is_set(label, *row)).collect();
    let scores: Vec<f64> = measured.iter().map(|row| f64::from(numbers(column)[*row])).collect();
    let quality = measured_both(&labels, &scores, kinds[column] == "probability")?;
    let later = after.len() + hidden;
    Ok(Evaluated { what: kinds[column].to_owned(), at, quality, later, drift: Vec::new() })
}

/// The measures; outcomes of one kind only measure nothing.
fn measured_both(labels: &[bool], scores: &[f64], probabilities: bool) -> Result<Quality, Trouble> {
    let came_true = labels.iter().filter(|label| **label).count();
    match (labels.len(), came_true) {
        (0, _) => Err("nobody was eligible at that instant: there is nothing to measure".to_owned().into()),
        (n, 0) => Err(format!("it came true for none of {n} profiles: nothing can be measured").into()),
        (n, yes) if n == yes => Err(format!("it came true for all of {n} profiles: nothing can be measured").into()),
        _ => Ok(measure(labels, scores, probabilities)),
    }
}

/// Refuses an instant whose outcome is not known yet.
fn known_by(at: i64, ahead: Duration, now: i64) -> Result<(), Trouble> {
    if at + about(ahead) > now {
        return Err("the outcome is not known yet: `--at` and the time that is predicted end after `--now`"
            .to_owned()
            .into());
    }
    Ok(())
}
