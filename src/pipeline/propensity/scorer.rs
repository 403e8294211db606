//! Scores by a model that was trained here, and the pass over the blocks that every scorer makes. Names its parent and
//! `propensity`. Invariant: what is computed of a block is gone before the next is looked at, but for the scores.

use std::sync::Arc;

use super::{Declared, Trouble, compile, definition, just_before, marked};
use crate::data::scores::{Score, Scores};
use crate::hir::Module;
use crate::pipeline::Workspace;
use crate::plan::Needs;
use crate::propensity::derive::{Cells, Compiled, NUMBER, Number, Slice};
use crate::propensity::model::{Feature, Model};
use crate::propensity::score::Scoring;
use crate::store::Dataset;

/// A model with what computes its features.
#[derive(Debug)]
pub struct Scorer {
    /// The model.
    pub model: Model,
    /// Its features.
    pub compiled: Compiled,
    /// Bounds of the buckets.
    pub buckets: [f64; 2],
}

impl Scorer {
    /// A model file of a declaration; refused if it was trained from another.
    pub fn open(
        workspace: &Workspace,
        module: &Module,
        declared: &Declared<'_>,
        text: &str,
    ) -> Result<Scorer, Trouble> {
        let name = &declared.propensity.name;
        let model =
            Model::from_text(text).map_err(|reason| format!("the model of `{name}` cannot be read: {reason}"))?;
        if model.name != *name {
            return Err(format!("the model file is of `{}`, not of `{name}`", model.name).into());
        }
        if model.definition != definition(module, declared) {
            return Err(format!(
                "the model of `{name}` was trained from another declaration; train it again: `segc propensity train {name}`"
            )
            .into());
        }
        let features = model.features.iter();
        let texts: Vec<String> =
            features.map(|feature| marked(&feature.expression, feature.encoding.is_some())).collect();
        let compiled = compile(workspace, module, declared, &texts)?;
        Ok(Scorer { compiled, buckets: declared.propensity.buckets, model })
    }

    /// What its features read.
    pub fn needs(&self, now: i64) -> Needs {
        self.compiled.program(now).needs
    }

    /// Features and outcomes at a cut-off.
    pub fn slice(&self, dataset: &Dataset, cutoff: i64) -> Result<Slice, Trouble> {
        Ok(self.compiled.slice(dataset, just_before(cutoff))?)
    }

    /// The features that no profile has a value of although there were some to learn from.
    fn blind(&self, seen: &[bool]) -> Vec<String> {
        let features = self.model.features.iter().zip(seen);
        let learnt = |feature: &Feature| match &feature.encoding {
            Some(encoding) => !encoding.values.is_empty(),
            None => !feature.borders.is_empty(),
        };
        let blind = features.filter(|(feature, seen)| learnt(feature) && !**seen);
        blind.map(|(feature, _)| feature.expression.clone()).collect()
    }

    /// The scores of all profiles at an instant, some profiles at a time; what is told last has no scores.
    pub fn score_each(&self, dataset: &Dataset, now: i64, take: Take<'_>) -> Result<Scores, Trouble> {
        let of = Scores {
            name: self.model.name.clone(),
            model: self.model.version_name(),
            quality: Some(self.model.quality.auc),
            scored_at: now,
            learnt_until: Some(self.model.data.now),
            ..Scores::default()
        };
        let scoring = Scoring::of(&self.model, self.buckets);
        let score = |slice: Slice| {
            let scores = scoring.score(&slice, dataset);
            scored(slice, |number| number.is_nan(), scores)
        };
        let seen = each_block(&self.compiled, (dataset, now), (NUMBER, &score), &of, take)?;
        let blind = if seen.eligible.is_empty() { Vec::new() } else { self.blind(&seen.columns) };
        Ok(Scores { blind, ineligible: ineligible(dataset, &seen.eligible), ..of })
    }
}

/// A block that was scored: the places of its eligible profiles, which columns some of them have a value of, their scores.
type Scored = Result<(Vec<(u32, u32)>, Vec<bool>, Vec<Score>), String>;

/// A slice with its scores.
pub(super) fn scored<N: Copy>(slice: Slice<N>, is_absent: fn(N) -> bool, scores: Result<Vec<Score>, String>) -> Scored {
    let present = |cells: &Cells<N>| !slice.rows.is_empty() && !cells.are_absent(is_absent);
    let present: Vec<bool> = slice.columns.iter().map(present).collect();
    scores.map(|scores| (slice.rows, present, scores))
}

/// What a pass over all blocks has seen.
#[derive(Default)]
pub(super) struct Seen {
    /// Block and row of the eligible profiles.
    pub eligible: Vec<(u32, u32)>,
    /// By column, whether some eligible profile has a value of it.
    pub columns: Vec<bool>,
}

/// Scores some blocks at a time.
pub(super) fn each_block<N: Send + Copy>(
    compiled: &Compiled,
    (dataset, now): (&Dataset, i64),
    (number, score): (Number<N>, &(dyn Fn(Slice<N>) -> Scored + Sync)),
    of: &Scores,
    take: Take<'_>,
) -> Result<Seen, Trouble> {
    let blocks: Vec<usize> = (0..dataset.blocks.len()).collect();
    let mut seen = Seen { columns: vec![false; compiled.features.len()], ..Seen::default() };
    for some in blocks.chunks(SCORED_BLOCKS) {
        for scored in compiled.by_block(dataset, now, some, number, score)? {
            let (places, present, scores) = scored?;
            seen.columns.iter_mut().zip(present).for_each(|(seen, present)| *seen |= present);
            seen.eligible.extend(places);
            take(of, scores)?;
        }
    }
    Ok(seen)
}

/// Blocks whose scores are there together before they are taken.
const SCORED_BLOCKS: usize = 16;

/// Takes the scores of some profiles; whose they are is told with them.
pub type Take<'t> = &'t mut dyn FnMut(&Scores, Vec<Score>) -> Result<(), String>;

/// The profiles that are in the data and not among some rows.
pub(super) fn ineligible(dataset: &Dataset, rows: &[(u32, u32)]) -> Vec<(Arc<str>, (u32, u32))> {
    let mut eligible: Vec<Vec<bool>> = dataset.blocks.iter().map(|block| vec![false; block.ids.len()]).collect();
    rows.iter().for_each(|&(block, row)| eligible[block as usize][row as usize] = true);
    let mut found = Vec::new();
    for (number, (block, eligible)) in dataset.blocks.iter().zip(&eligible).enumerate() {
        let rows = block.ids.iter().zip(eligible).enumerate();
        let rows = rows.filter(|(row, (_, eligible))| !**eligible && block.counts(*row));
        found.extend(rows.map(|(row, (id, _))| (id.into(), (number as u32, row as u32))));
    }
    found
}
