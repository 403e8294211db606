//! Declared propensities. Names its siblings. Invariant: what a declaration leaves open is `None` or empty here; the room
//! that trains has the defaults.

use super::{Expr, LetId, Sample, ScoreField};
use crate::schema::PROPENSITY;
use crate::source::Span;
use crate::types::Duration;

/// A declared model or imported scores.
#[derive(Debug, Clone)]
pub struct Propensity {
    /// Its name.
    pub name: String,
    /// The name's place.
    pub span: Span,
    /// `kind`: what the scores are of, in the words of who makes them.
    pub kind: Option<String>,
    /// Where the values come from.
    pub origin: PropensityOrigin,
    /// `max age`: scores older than this at `now` are absent, and the state is `stale`.
    pub max_age: Option<Box<Expr>>,
    /// Upper bounds of `low` and `medium` on the score scale (0 to 100): score < 25 is low, < 75 medium, else high.
    pub buckets: [f64; 2],
    /// `control`: a stable part of the profiles that is never to be acted upon.
    pub control: Option<Sample>,
    /// The AUC that the maker of imported scores states, 0 to 1.
    pub quality: Option<f64>,
    /// What is known of the trained model; filled in by who has read its file, `None` without one.
    pub model: Option<ModelFacts>,
    /// The `///` text.
    pub docs: String,
}

impl Propensity {
    /// Where a value is in the profile, by the name that a score file has for it; `None` if its source does not have it.
    pub fn place(&self, name: &str) -> Option<Vec<String>> {
        match &self.origin {
            PropensityOrigin::Data(table) if table.lacks(name) => None,
            PropensityOrigin::Data(_) | PropensityOrigin::Model(_) | PropensityOrigin::Declared { .. } => {
                Some([PROPENSITY, &self.name, name].map(str::to_owned).to_vec())
            }
            PropensityOrigin::Profile { fields, .. } => {
                fields.iter().find(|(field, _)| field.name() == name).map(|(_, path)| path.clone())
            }
        }
    }

    /// Whether it matters when a score was computed: a `max age` is declared, or where the time stands.
    pub fn is_dated(&self) -> bool {
        let says_when = |fields: &[(ScoreField, Vec<String>)]| fields.iter().any(|(f, _)| *f == ScoreField::ScoredAt);
        self.max_age.is_some()
            || match &self.origin {
                PropensityOrigin::Data(table) => says_when(&table.fields),
                PropensityOrigin::Profile { fields, .. } => says_when(fields),
                PropensityOrigin::Model(_) | PropensityOrigin::Declared { .. } => false,
            }
    }
}

/// Where a propensity's values come from.
#[derive(Debug, Clone)]
pub enum PropensityOrigin {
    /// Read from a score file or table.
    Data(ScoreTable),
    /// Read from fields of the profile, as an adapter of this name has them.
    Profile { adapter: String, fields: Vec<(ScoreField, Vec<String>)> },
    /// Computed here by a model that was trained elsewhere.
    Model(Box<ForeignModel>),
    /// Trained by this tool from the declaration (predict, for, and how).
    Declared { predict: Box<Expr>, eligible: Box<Expr>, training: Box<Training> },
}

/// A file or table of scores.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScoreTable {
    /// The file, or the name that the project file gives to it.
    pub from: String,
    /// The columns that are declared, each with the steps to it; the others have our names.
    pub fields: Vec<(ScoreField, Vec<String>)>,
    /// The column of the profile's id, where it is declared.
    pub id: Option<Vec<String>>,
}

impl ScoreTable {
    /// Whether a name is that of a scale which the declaration leaves out by naming others.
    pub fn lacks(&self, name: &str) -> bool {
        let is_scale = |field: &ScoreField| ScoreField::SCALES.contains(field);
        let mut declared = self.fields.iter().map(|(field, _)| field).filter(|field| is_scale(field)).peekable();
        declared.peek().is_some()
            && ScoreField::SCALES.iter().any(|scale| scale.name() == name)
            && declared.all(|field| field.name() != name)
    }
}

/// A model that was trained elsewhere.
#[derive(Debug, Clone)]
pub struct ForeignModel {
    /// Who writes such files.
    pub format: ModelFormat,
    /// The file, seen from the project.
    pub file: String,
    /// For whom; `None` for all profiles.
    pub eligible: Option<Expr>,
    /// Columns of the model that are not called as the expression is that they stand for.
    pub columns: Vec<(String, Expr)>,
}

/// Whose model files are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelFormat {
    /// LightGBM's text.
    LightGbm,
    /// XGBoost's JSON.
    XgBoost,
}

impl ModelFormat {
    /// Every format with its name.
    pub const ALL: [(ModelFormat, &'static str); 2] =
        [(ModelFormat::LightGbm, "lightgbm"), (ModelFormat::XgBoost, "xgboost")];

    /// Its name.
    pub fn name(self) -> &'static str {
        ModelFormat::ALL.iter().find(|(format, _)| *format == self).map_or("", |(_, name)| name)
    }
}

/// From what and how a model is trained.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Training {
    /// Event types and custom events whose events are looked at, as written; all event types if empty.
    pub events: Vec<String>,
    /// Definitions that are features themselves; with a parameter of type `duration`, one per window.
    pub lets: Vec<LetId>,
    /// Attributes of the profile that are declared not to change: paths of fields or of whole objects.
    pub attributes: Vec<Vec<String>>,
    /// Attributes, fields of events and event types that must not be looked at.
    pub denied: Vec<Vec<String>>,
    /// When the past is looked at.
    pub cutoffs: Option<Cutoffs>,
    /// How many trees.
    pub trees: Option<u32>,
    /// How many levels a tree has.
    pub depth: Option<u32>,
    /// The seed of the sampling hashes.
    pub seed: Option<u64>,
    /// What a model must reach.
    pub gates: Vec<Gate>,
}

/// `cutoffs every D over last D`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cutoffs {
    /// The step between two.
    pub every: Duration,
    /// How far the first lies back.
    pub over: Duration,
}

/// `require auc >= 0.70`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gate {
    /// What is measured.
    pub metric: Metric,
    /// The least that is enough.
    pub least: f64,
}

/// What `require` may ask of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// The area under the ROC curve on the test cut-off, 0.5 to 1.
    Auc,
    /// Training rows for which the prediction came true.
    Positives,
    /// Training rows for which it did not.
    Negatives,
    /// Profiles of the test cut-off.
    Eligible,
    /// How many times the average rate the best tenth has.
    Lift,
}

impl Metric {
    /// Every metric with its name.
    pub const ALL: [(Metric, &'static str); 5] = [
        (Metric::Auc, "auc"),
        (Metric::Positives, "positives"),
        (Metric::Negatives, "negatives"),
        (Metric::Eligible, "eligible"),
        (Metric::Lift, "lift"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Metric::ALL.iter().find(|(metric, _)| *metric == self).map_or("", |(_, name)| name)
    }
}

/// What a model file says that matters to who uses the model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFacts {
    /// AUC on the test cut-off; `None` for a model file that does not tell it.
    pub auc: Option<f64>,
    /// The gates that it fails, as text with what was reached.
    pub failed: Vec<String>,
    /// What its factors may be called.
    pub factors: Vec<String>,
    /// The version that its scores name; `None` for a model file of another maker.
    pub version: Option<String>,
}
