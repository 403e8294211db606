//! Scores of all profiles by a model, each with its reasons. Names its siblings and `store`. Invariant: the contributions
//! of every profile are checked to sum to its log odds; a model for which they do not is refused.

use std::sync::Arc;

use rayon::prelude::*;

use super::binning::{Binned, Borders};
use super::boost::Ensemble;
use super::category::ABSENT;
use super::derive::{Cells, Slice};
use super::factors::Factors;
use super::model::{Feature, Model};
use super::ranks::Ranks;
use super::rows::bins;
use super::shap::Tables;
use super::train::numbers;
use super::tree::{self, ROWS, probability};
use crate::data::scores::{Factor, Score};
use crate::store::Dataset;

/// Reasons that are told of each score.
pub(super) const REASONS: usize = 5;
/// How far contributions may be from the log odds that they explain.
pub(super) const ADDITIVITY: f64 = 1e-9;

/// A model, ready to score.
pub struct Scoring<'a> {
    model: &'a Model,
    borders: Vec<Borders>,
    ensemble: Ensemble,
    tables: Tables,
    factors: Factors<'a>,
    names: Vec<Arc<str>>,
    ranks: Ranks,
    buckets: [f64; 2],
}

impl<'a> Scoring<'a> {
    /// A model with the bounds of its buckets.
    pub fn of(model: &'a Model, buckets: [f64; 2]) -> Scoring<'a> {
        let ensemble = model.ensemble();
        let factors = Factors::of(&model.features);
        Scoring {
            model,
            borders: model.borders(),
            tables: Tables::of(ensemble.bias, &ensemble.trees),
            ensemble,
            names: factors.names.iter().map(|name| (*name).into()).collect(),
            factors,
            ranks: Ranks(model.quantiles.clone()),
            buckets,
        }
    }

    /// The scores of the eligible profiles of a slice.
    pub fn score(&self, slice: &Slice, dataset: &Dataset) -> Result<Vec<Score>, String> {
        let columns = slice.columns.par_iter().zip(&self.model.features).zip(&self.borders);
        let columns = columns.map(|((cells, feature), borders)| match cells {
            Cells::Numbers(numbers) => bins(numbers, borders),
            Cells::Categories { .. } => bins(&numbers(cells, feature.encoding.as_ref()), borders),
        });
        let binned = Binned { rows: slice.rows.len(), columns: columns.collect() };
        let margins = tree::margins(self.ensemble.bias, &self.ensemble.trees, &binned);
        let chunks: Vec<usize> = (0..binned.rows).step_by(ROWS).collect();
        let parts: Result<Vec<Vec<Score>>, String> = chunks
            .par_iter()
            .map(|&first| {
                let rows = first..(first + ROWS).min(binned.rows);
                let contributions = self.tables.explain(&self.ensemble.trees, &binned, rows.clone());
                let sums = self.factors.sum(&contributions, rows.len());
                let reasons =
                    Reasons { scoring: self, slice, contributions: &contributions, sums: &sums, n: rows.len() };
                rows.enumerate().map(|(at, row)| reasons.score(at, row, margins[row], dataset)).collect()
            })
            .collect();
        Ok(parts?.into_iter().flatten().collect())
    }
}

/// The contributions of a chunk of rows.
struct Reasons<'a> {
    scoring: &'a Scoring<'a>,
    slice: &'a Slice,
    contributions: &'a [f64],
    sums: &'a [f64],
    n: usize,
}

impl Reasons<'_> {
    /// The score of a row, which is the `at`th of its chunk.
    fn score(&self, at: usize, row: usize, margin: f64, dataset: &Dataset) -> Result<Score, String> {
        let Scoring { tables, ranks, buckets, .. } = self.scoring;
        let explained = self.sums.iter().skip(at).step_by(self.n).fold(tables.base, |sum, value| sum + value);
        if (explained - margin).abs() > ADDITIVITY {
            return Err(format!("the contributions of a profile sum to {explained}, not to {margin}"));
        }
        let probability = probability(margin);
        let (block, place) = self.slice.rows[row];
        Ok(Score {
            id: dataset.blocks[block as usize].ids.get(place as usize).unwrap_or_default().into(),
            place: (block, place),
            probability,
            score: Some(ranks.score(probability)),
            percentile: Some(ranks.percentile(probability)),
            bucket: ranks.bucket(probability, *buckets) as u8,
            base: tables.base,
            rest: explained - tables.base,
            factors: self.strongest(at, row),
        })
    }

    /// The factors that move a row's score most.
    fn strongest(&self, at: usize, row: usize) -> Vec<Factor> {
        let weight = |factor: usize| self.sums[factor * self.n + at];
        let mut best: Vec<(usize, f64)> = Vec::with_capacity(REASONS + 1);
        for factor in 0..self.scoring.names.len() {
            let weight = weight(factor);
            if weight == 0.0 || (best.len() == REASONS && best[REASONS - 1].1.abs() >= weight.abs()) {
                continue;
            }
            let place = best.iter().position(|(_, other)| weight.abs() > other.abs()).unwrap_or(best.len());
            best.insert(place, (factor, weight));
            best.truncate(REASONS);
        }
        let named = best.into_iter().map(|(factor, weight)| {
            let columns = self.scoring.factors.of.iter().enumerate().filter(|(_, of)| **of == factor);
            let strongest = columns.map(|(column, _)| column).max_by(|a, b| {
                self.contribution(*a, at).abs().total_cmp(&self.contribution(*b, at).abs()).then(b.cmp(a))
            });
            let value = strongest
                .map(|column| value_text(&self.scoring.model.features[column], &self.slice.columns[column], row));
            Factor { feature: self.scoring.names[factor].clone(), value: value.flatten(), weight }
        });
        named.collect()
    }

    fn contribution(&self, column: usize, at: usize) -> f64 {
        self.contributions[column * self.n + at]
    }
}

/// What the model saw, with its window.
fn value_text(feature: &Feature, cells: &Cells, row: usize) -> Option<Arc<str>> {
    let value = match cells {
        Cells::Numbers(numbers) => {
            let value = numbers[row];
            if value.is_nan() {
                return None;
            }
            let rounded = (f64::from(value) * 100.0).round() / 100.0;
            format!("{rounded}")
        }
        Cells::Categories { codes, .. } if codes[row] == ABSENT => return None,
        Cells::Categories { codes, values } => values[codes[row] as usize].to_string(),
    };
    Some(if feature.window.is_empty() { value.into() } else { format!("{value} in {}", feature.window).into() })
}
