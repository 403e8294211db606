//! The model file: JSON that says what the model is, from what it was made and how good it is. Names its siblings.
//! Invariant: every number is written with so few digits that reading gives it back exactly; a file of another format,
//! version or shape is refused with a reason.
//!
//! The format, version 1: one object. `format` and `version` say what it is; `name`, `definition` (the digest of the
//! declaration and all that it reaches), `data` (instants and rows), `features` (each with its expression, the factor it
//! belongs to, the borders of its bins, and for categories their encoding), `ensemble` (bias and trees), `quantiles` (the
//! probabilities at 1% to 99% of the test cut-off), `quality` and `findings`. A tree has `splits` (feature, bin above which
//! the answer is yes, what absence answers) and by leaf `values` (log odds) and `cover` (training rows plus one).

use serde::{Deserialize, Serialize};

use super::binning::{BINS, Borders};
use super::boost::Ensemble;
use super::category::Encoding;
use super::metrics::Quality;
use super::tree::{Split, Tree};

/// What the format is called.
const FORMAT: &str = "segc propensity model";
/// The version that is written and read.
pub const VERSION: u32 = 1;

/// A trained model with what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// `segc propensity model`.
    pub format: String,
    /// Of the format.
    pub version: u32,
    /// The propensity's name.
    pub name: String,
    /// The digest of the declaration: features, prediction, population, settings.
    pub definition: String,
    /// From what it was trained.
    pub data: DataRange,
    /// How it was trained.
    pub trained: Trained,
    /// What it looks at, in the order of the columns that splits name.
    pub features: Vec<Feature>,
    /// The trees.
    pub ensemble: TreesText,
    /// Probabilities at the 1st to 99th percentile of the test cut-off's profiles.
    pub quantiles: Vec<f64>,
    /// Quality on the test cut-off.
    pub quality: Quality,
    /// AUC and rate of each cut-off, oldest first; the last is the test.
    pub windows: Vec<WindowQuality>,
    /// What the declaration requires and the model does not reach, as text.
    pub failed: Vec<String>,
    /// The verdict and what led to it.
    pub verdict: Verdict,
    /// How much each factor moves the scores, strongest first.
    pub factors: Vec<FactorWeight>,
}

/// From what a model was trained. Instants are microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataRange {
    /// `now` of the training: nothing later was looked at.
    pub now: i64,
    /// The cut-offs of the training rows, oldest first.
    pub cutoffs: Vec<i64>,
    /// The cut-off of the test rows.
    pub test: i64,
    /// Length of the label window.
    pub horizon: i64,
    /// Training rows.
    pub rows: u64,
    /// Training rows for which the prediction came true.
    pub positives: u64,
}

/// How a model was trained.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trained {
    /// Trees asked for.
    pub trees: u32,
    /// Levels of a tree.
    pub depth: u32,
    /// The seed.
    pub seed: u64,
    /// The compiler's version.
    pub compiler: String,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// What is computed, an expression of the language.
    pub expression: String,
    /// The factor that it is part of: the same without its window.
    pub factor: String,
    /// Its window in words; empty without one.
    pub window: String,
    /// Borders of the bins.
    pub borders: Vec<f32>,
    /// Of a category: what its values mean in numbers.
    pub encoding: Option<Encoding>,
}

/// The trees as they stand in the file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreesText {
    /// Log odds before any tree.
    pub bias: f64,
    /// In order.
    pub trees: Vec<TreeText>,
}

/// A tree as it stands in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreeText {
    /// By level: column, bin, what absence answers.
    pub splits: Vec<(u32, u8, bool)>,
    /// By leaf.
    pub values: Vec<f64>,
    /// By leaf.
    pub cover: Vec<u32>,
}

/// The quality at one cut-off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowQuality {
    /// The cut-off.
    pub cutoff: i64,
    /// Eligible profiles.
    pub rows: u64,
    /// The share for which the prediction came true.
    pub rate: f64,
    /// AUC of the model at this cut-off; of training cut-offs it flatters.
    pub auc: f64,
}

/// What is to be thought of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// It tells who is likelier.
    Usable,
    /// It hardly does.
    Weak,
    /// Nothing can be said from so few outcomes.
    TooLittleData,
    /// What it learned no longer holds.
    Drifting,
    /// A column seems to know the outcome.
    SuspiciouslyGood,
}

impl Judgement {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Judgement::Usable => "usable",
            Judgement::Weak => "weak",
            Judgement::TooLittleData => "too little data",
            Judgement::Drifting => "drifting",
            Judgement::SuspiciouslyGood => "suspiciously good",
        }
    }
}

/// The verdict with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The verdict.
    pub judgement: Judgement,
    /// Whole sentences.
    pub reasons: Vec<String>,
}

/// How much a factor moves the scores of the test cut-off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactorWeight {
    /// The factor.
    pub factor: String,
    /// Mean absolute contribution, log odds, over all profiles.
    pub weight: f64,
    /// Mean contribution in the buckets low, medium, high.
    pub by_bucket: [f64; 3],
}

/// How the text of every model begins.
pub const BEGINNING: &str = "{\n  \"format\": \"segc propensity model\"";

impl Model {
    /// The text of the file.
    pub fn to_text(&self) -> String {
        // A line per feature and tree: short enough to read, and a change shows where it is.
        let value = serde_json::to_value(self).unwrap_or_default();
        let mut text = String::from("{");
        for (at, (key, value)) in value.as_object().into_iter().flatten().enumerate() {
            text.push_str(if at == 0 { "\n" } else { ",\n" });
            text.push_str(&format!("  {key:?}: "));
            match (key.as_str(), value) {
                ("features" | "windows" | "factors", serde_json::Value::Array(items)) => lines(&mut text, items),
                ("ensemble", serde_json::Value::Object(ensemble)) => {
                    text.push_str(&format!("{{\"bias\": {}, \"trees\": ", ensemble["bias"]));
                    lines(&mut text, ensemble["trees"].as_array().map_or(&[], Vec::as_slice));
                    text.push('}');
                }
                _ => text.push_str(&value.to_string()),
            }
        }
        text.push_str("\n}\n");
        text
    }

    /// Reads the text of a file; why not, in words, otherwise.
    pub fn from_text(text: &str) -> Result<Model, String> {
        #[derive(Deserialize)]
        struct Head {
            format: Option<String>,
            version: Option<u32>,
        }
        let head: Head = serde_json::from_str(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Eof => "it ends too early: the file is cut off".to_owned(),
            _ => format!("it is no model file: {error}"),
        })?;
        if head.format.as_deref() != Some(FORMAT) {
            return Err("it is no model file of segc".to_owned());
        }
        match head.version {
            Some(VERSION) => {}
            Some(other) => return Err(format!("it has version {other} of the format; this segc reads {VERSION}")),
            None => return Err("it does not say its version".to_owned()),
        }
        let model: Model = serde_json::from_str(text).map_err(|error| error.to_string())?;
        model.sound()?;
        Ok(model)
    }

    /// Whether trees and features fit each other, so that scoring cannot go astray.
    fn sound(&self) -> Result<(), String> {
        let borders = self
            .features
            .iter()
            .all(|f| f.borders.len() <= BINS - 2 && f.borders.windows(2).all(|pair| pair[0] < pair[1]));
        if !borders {
            return Err("the borders of a feature do not rise".to_owned());
        }
        if self.quantiles.len() != 99 || self.quantiles.windows(2).any(|pair| pair[0] > pair[1]) {
            return Err("the quantiles are not 99 rising numbers".to_owned());
        }
        for tree in &self.ensemble.trees {
            let leaves = 1usize.checked_shl(tree.splits.len() as u32).unwrap_or(0);
            let known = tree.splits.iter().all(|split| (split.0 as usize) < self.features.len());
            let covered = tree.cover.iter().all(|cover| *cover > 0);
            if tree.splits.len() > 8 || tree.values.len() != leaves || tree.cover.len() != leaves || !known || !covered
            {
                return Err("a tree does not fit the features".to_owned());
            }
        }
        Ok(())
    }

    /// The trees to compute with.
    pub fn ensemble(&self) -> Ensemble {
        let split = |(column, bin, absent): &(u32, u8, bool)| Split { column: *column, bin: *bin, absent: *absent };
        let tree = |tree: &TreeText| Tree {
            splits: tree.splits.iter().map(split).collect(),
            values: tree.values.clone(),
            cover: tree.cover.clone(),
        };
        Ensemble { bias: self.ensemble.bias, trees: self.ensemble.trees.iter().map(tree).collect() }
    }

    /// The borders of each column.
    pub fn borders(&self) -> Vec<Borders> {
        self.features.iter().map(|feature| Borders(feature.borders.clone())).collect()
    }

    /// What this is.
    pub fn format() -> String {
        FORMAT.to_owned()
    }

    /// A short name of this version of the model: of all that is in its file, so that one that was edited is another.
    pub fn version_name(&self) -> String {
        format!("{}-{:08x}", self.name, super::hash::text(&self.to_text()) >> 32)
    }
}

impl TreesText {
    /// Trees as they stand in a file.
    pub fn of(ensemble: &Ensemble) -> TreesText {
        let tree = |tree: &Tree| TreeText {
            splits: tree.splits.iter().map(|s| (s.column, s.bin, s.absent)).collect(),
            values: tree.values.clone(),
            cover: tree.cover.clone(),
        };
        TreesText { bias: ensemble.bias, trees: ensemble.trees.iter().map(tree).collect() }
    }
}

fn lines(text: &mut String, items: &[serde_json::Value]) {
    text.push('[');
    for (at, item) in items.iter().enumerate() {
        text.push_str(if at == 0 { "\n    " } else { ",\n    " });
        text.push_str(&item.to_string());
    }
    text.push_str("\n  ]");
}
