//! Models that were trained elsewhere, on the data of a project. Names its parent. Invariant: a column of the model is an
//! expression of the project, found by the column's name or by what the declaration says of it; a column that is neither
//! stops the run.

use super::scorer::{each_block, scored};
use super::{CATEGORY, Compiled, Declared, Scorer, Take, Trouble, compile, ineligible};
use crate::data::scores::Scores;
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{
    Expr, ExprKind, ForeignModel, ModelFormat, Module, Propensity, PropensityId, PropensityOrigin, Training,
};
use crate::pipeline::Workspace;
use crate::plan::Needs;
use crate::propensity::derive::Slice;
use crate::propensity::foreign::Foreign;
use crate::propensity::foreign::score::Scoring;
use crate::source::Span;
use crate::store::Dataset;
use crate::types::{Ty, Type, Value};

/// A model of another maker with what computes its columns.
#[derive(Debug)]
pub struct ForeignScorer {
    /// The propensity's name.
    pub name: String,
    /// The model.
    pub model: Foreign,
    /// Its columns.
    pub compiled: Compiled,
    /// Bounds of the buckets.
    pub buckets: [f64; 2],
    quality: Option<f64>,
}

/// The declaration of a name, if its values come from a model file of another maker.
pub fn foreign<'a>(module: &'a Module, name: &str) -> Option<(&'a Propensity, &'a ForeignModel)> {
    let propensity = module.propensities.iter().find(|propensity| propensity.name == name)?;
    match &propensity.origin {
        PropensityOrigin::Model(model) => Some((propensity, model)),
        PropensityOrigin::Data(_) | PropensityOrigin::Profile { .. } | PropensityOrigin::Declared { .. } => None,
    }
}

/// The model of a file.
pub(super) fn read(format: ModelFormat, text: &str) -> Result<Foreign, String> {
    match format {
        ModelFormat::LightGbm => Foreign::from_lightgbm(text),
        ModelFormat::XgBoost => Foreign::from_xgboost(text),
    }
}

impl ForeignScorer {
    /// A model file of a declaration. `also` are further expressions, which become further columns.
    pub fn open(
        workspace: &Workspace,
        module: &Module,
        (propensity, declared): (&Propensity, &ForeignModel),
        text: &str,
        also: &[String],
    ) -> Result<ForeignScorer, Trouble> {
        let name = &propensity.name;
        let model = read(declared.format, text)
            .map_err(|reason| format!("{}, the model of `{name}`, cannot be used: {reason}", declared.file))?;
        let texts = expressions(workspace, declared, &model)?;
        let texts: Vec<String> = texts.into_iter().chain(also.iter().cloned()).collect();
        let yes = Expr { kind: ExprKind::Literal(Value::Bool(true)), ty: Type::BOOL, span: Span::default() };
        let id = module.propensities.iter().position(|known| known.name == *name).unwrap_or_default();
        let of = Declared {
            propensity,
            id: PropensityId(id as u32),
            predict: &yes,
            eligible: declared.eligible.as_ref().unwrap_or(&yes),
            training: &Training::default(),
        };
        let compiled = compile(workspace, module, &of, &texts).map_err(|trouble| match trouble {
            Trouble::Words(words) => Trouble::Words(format!(
                "{words}; a column of a model file is called like a definition, or `COLUMN at NAME` says what it is"
            )),
            Trouble::Diagnostics(found) => Trouble::Diagnostics(found),
        })?;
        fitting(&model, &compiled, &texts)?;
        let (buckets, quality) = (propensity.buckets, propensity.quality);
        Ok(ForeignScorer { name: name.clone(), model, compiled, buckets, quality })
    }

    /// What its columns read.
    pub fn needs(&self, now: i64) -> Needs {
        self.compiled.program(now).needs
    }

    /// The columns that trees ask for and no profile has.
    fn blind(&self, seen: &[bool]) -> Vec<String> {
        let columns = self.model.columns.iter().zip(self.model.used()).zip(seen);
        let blind = columns.filter(|((_, used), seen)| *used && !**seen);
        blind.map(|((name, _), _)| name.clone()).collect()
    }

    /// The scores of all profiles at an instant, some profiles at a time; what is told last has no scores.
    fn score_each(&self, dataset: &Dataset, now: i64, take: Take<'_>) -> Result<Scores, Trouble> {
        let of = Scores {
            name: self.name.clone(),
            model: self.model.version_name(&self.name),
            quality: self.quality,
            scored_at: now,
            ..Scores::default()
        };
        let scoring = Scoring::of(&self.model, self.buckets);
        let score = |slice: Slice<f64>| {
            let scores = scoring.score(&slice, dataset);
            scored(slice, |number| number.is_nan(), scores)
        };
        let seen = each_block(&self.compiled, (dataset, now), (|value| value, &score), &of, take)?;
        let blind = if seen.eligible.is_empty() { Vec::new() } else { self.blind(&seen.columns) };
        Ok(Scores { blind, ineligible: ineligible(dataset, &seen.eligible), ..of })
    }
}

/// The models of other makers that do not fit their project, among those whose files were read.
pub(in crate::pipeline) fn unfit_models(workspace: &Workspace, module: &Module) -> Vec<Diagnostic> {
    let declared = module.propensities.iter().filter_map(|propensity| foreign(module, &propensity.name));
    let found = declared.filter_map(|(propensity, model)| {
        let text = workspace.foreign_models.get(&propensity.name)?;
        let reason = match ForeignScorer::open(workspace, module, (propensity, model), text, &[]).err()? {
            Trouble::Words(words) => words,
            Trouble::Diagnostics(found) => found.first().map_or_else(String::new, |first| first.message.clone()),
        };
        Some(Diagnostic::new(Code::SEG0716, reason, propensity.span, "declared here"))
    });
    found.collect()
}

/// The text of each column; one that no tree asks for need not be known.
fn expressions(workspace: &Workspace, declared: &ForeignModel, model: &Foreign) -> Result<Vec<String>, Trouble> {
    if let Some((unknown, _)) = declared.columns.iter().find(|(name, _)| !model.columns.contains(name)) {
        return Err(format!("{} has no column `{unknown}`", declared.file).into());
    }
    let text_of = |span: Span| {
        let text = workspace.sources.file(span.file).map(|file| file.text.get(span.start as usize..span.end as usize));
        text.flatten().unwrap_or_default().to_owned()
    };
    let texts = model.columns.iter().zip(model.used()).map(|(column, used)| {
        let stated = declared.columns.iter().find(|(name, _)| name == column);
        let text = stated.map_or_else(|| column.clone(), |(_, expr)| text_of(expr.span));
        // Kinds of values that have no order may stand in a list.
        format!("{CATEGORY}{}", if used { text } else { "0".to_owned() })
    });
    Ok(texts.collect())
}

/// Refuses columns of which the model cannot make numbers.
fn fitting(model: &Foreign, compiled: &Compiled, texts: &[String]) -> Result<(), Trouble> {
    for (((column, known), place), text) in
        model.columns.iter().zip(&model.categories).zip(&compiled.features).zip(texts)
    {
        let rank = compiled.module.segments.get(*place).and_then(|segment| segment.rank.as_ref());
        let ty = rank.map_or(Ty::Error, |rank| rank.by.ty.ty.clone());
        let wrong = match ty {
            Ty::String | Ty::Enum(_) if known.is_none() => "is a text; the model has no texts for it",
            Ty::Date | Ty::Timestamp => "is a date; write how long it is from now: `days_between(…, now)`",
            Ty::Duration | Ty::List(_) | Ty::Map(_) | Ty::Object(_) | Ty::Error => "is no number",
            Ty::Int | Ty::Decimal(_) | Ty::Float | Ty::Bool | Ty::String | Ty::Enum(_) => continue,
            Ty::Probability | Ty::Score | Ty::Percentile | Ty::Bucket => continue,
        };
        let text = text.trim_start_matches(CATEGORY);
        return Err(format!("the column `{column}` of the model, `{text}` here, {wrong}").into());
    }
    Ok(())
}

/// A model with what computes its features, whoever made it.
#[derive(Debug)]
pub enum AnyScorer {
    /// Trained here.
    Own(Box<Scorer>),
    /// Trained elsewhere.
    Foreign(Box<ForeignScorer>),
}

impl AnyScorer {
    /// The propensity's name.
    pub fn name(&self) -> &str {
        match self {
            AnyScorer::Own(scorer) => &scorer.model.name,
            AnyScorer::Foreign(scorer) => &scorer.name,
        }
    }

    /// What its features read.
    pub fn needs(&self, now: i64) -> Needs {
        match self {
            AnyScorer::Own(scorer) => scorer.needs(now),
            AnyScorer::Foreign(scorer) => scorer.needs(now),
        }
    }

    /// The scores of all profiles at an instant.
    pub fn score(&self, dataset: &Dataset, now: i64) -> Result<Scores, Trouble> {
        let mut scores = Vec::new();
        let of = self.score_each(dataset, now, &mut |_, some| {
            scores.extend(some);
            Ok(())
        })?;
        Ok(Scores { scores, ..of })
    }

    /// The same, some profiles at a time; what is told last has no scores.
    pub fn score_each(&self, dataset: &Dataset, now: i64, take: Take<'_>) -> Result<Scores, Trouble> {
        match self {
            AnyScorer::Own(scorer) => scorer.score_each(dataset, now, take),
            AnyScorer::Foreign(scorer) => scorer.score_each(dataset, now, take),
        }
    }
}
