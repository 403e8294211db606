//! Scores of all profiles by a model that was trained elsewhere. Names its siblings and `store`. Invariant: the
//! contributions of every profile are checked to sum to its margin; a model for which they do not is refused.

use std::sync::Arc;

use rayon::prelude::*;

use super::Foreign;
use super::shap::Explainer;
use crate::data::scores::{Factor, Score};
use crate::propensity::category::ABSENT;
use crate::propensity::derive::{Cells, Slice};
use crate::propensity::score::{ADDITIVITY, REASONS};
use crate::propensity::tree::ROWS;
use crate::store::Dataset;

/// What scores by a model need, made ready once.
pub struct Scoring<'m> {
    model: &'m Foreign,
    explainer: Explainer<'m>,
    names: Vec<Arc<str>>,
    buckets: [f64; 2],
}

impl<'m> Scoring<'m> {
    /// A model with the bounds of its buckets.
    pub fn of(model: &'m Foreign, buckets: [f64; 2]) -> Scoring<'m> {
        let names = model.columns.iter().map(|name| name.as_str().into()).collect();
        Scoring { model, explainer: Explainer::of(model), names, buckets }
    }

    /// The scores of the eligible profiles of a slice, whose columns are those of the model. The model file has no
    /// quantiles: there is a probability and no place among the others.
    pub fn score(&self, slice: &Slice<f64>, dataset: &Dataset) -> Result<Vec<Score>, String> {
        let columns = slice.columns.iter().enumerate();
        let codes: Vec<Vec<f64>> = columns.map(|(at, cells)| codes(self.model, at, cells)).collect();
        let chunks: Vec<usize> = (0..slice.rows.len()).step_by(ROWS).collect();
        let of_chunk = |&first: &usize| {
            let mut held = vec![0.0; self.model.columns.len()];
            let rows = first..(first + ROWS).min(slice.rows.len());
            rows.map(|row| self.row((slice, &codes), row, &mut held, dataset)).collect()
        };
        let parts: Result<Vec<Vec<Score>>, String> = chunks.par_iter().map(of_chunk).collect();
        Ok(parts?.into_iter().flatten().collect())
    }

    /// The score of a row; `held` is room for its values.
    fn row(
        &self,
        (slice, codes): (&Slice<f64>, &[Vec<f64>]),
        row: usize,
        held: &mut [f64],
        dataset: &Dataset,
    ) -> Result<Score, String> {
        let model = self.model;
        for (at, (held, cells)) in held.iter_mut().zip(&slice.columns).enumerate() {
            *held = model.held(value(cells, &codes[at], row));
        }
        let margin = model.margin(held);
        let mut contributions = vec![0.0; model.columns.len()];
        self.explainer.explain(held, &mut contributions);
        let explained = contributions.iter().fold(self.explainer.base, |sum, value| sum + value);
        if (explained - margin).abs() > ADDITIVITY * margin.abs().max(1.0) {
            return Err(format!("the contributions of a profile sum to {explained}, not to {margin}"));
        }
        let probability = model.probability(margin);
        let (block, place) = slice.rows[row];
        Ok(Score {
            id: dataset.blocks[block as usize].ids.get(place as usize).unwrap_or_default().into(),
            place: (block, place),
            probability,
            score: None,
            percentile: None,
            bucket: bucket(probability, self.buckets),
            base: model.slope * self.explainer.base,
            rest: model.slope * (explained - self.explainer.base),
            factors: strongest(model, slice, &self.names, &contributions, row),
        })
    }
}

/// By 100 times the probability, as for imported scores that have nothing else.
fn bucket(probability: f64, [low, medium]: [f64; 2]) -> u8 {
    u8::from(probability >= low / 100.0) + u8::from(probability >= medium / 100.0)
}

/// What the texts of a column are to the model: their places in its list. One that it never saw is absent.
fn codes(model: &Foreign, column: usize, cells: &Cells<f64>) -> Vec<f64> {
    let (Cells::Categories { values, .. }, Some(known)) = (cells, &model.categories[column]) else {
        return Vec::new();
    };
    let place = |text: &Arc<str>| known.iter().position(|known| **known == **text).map_or(f64::NAN, |at| at as f64);
    values.iter().map(place).collect()
}

fn value(cells: &Cells<f64>, codes: &[f64], row: usize) -> f64 {
    match cells {
        Cells::Numbers(numbers) => numbers.get(row).copied().unwrap_or(f64::NAN),
        Cells::Categories { codes: of, .. } => codes.get(of[row] as usize).copied().unwrap_or(f64::NAN),
    }
}

/// The columns that move a row's score most.
fn strongest(
    model: &Foreign,
    slice: &Slice<f64>,
    names: &[Arc<str>],
    contributions: &[f64],
    row: usize,
) -> Vec<Factor> {
    let mut order: Vec<usize> = (0..contributions.len()).filter(|column| contributions[*column] != 0.0).collect();
    order.sort_by(|a, b| contributions[*b].abs().total_cmp(&contributions[*a].abs()).then(a.cmp(b)));
    order.truncate(REASONS);
    let factor = |column: usize| Factor {
        feature: names[column].clone(),
        value: text(&slice.columns[column], row),
        weight: model.slope * contributions[column],
    };
    order.into_iter().map(factor).collect()
}

fn text(cells: &Cells<f64>, row: usize) -> Option<Arc<str>> {
    match cells {
        Cells::Numbers(numbers) => {
            let value = numbers.get(row).copied().filter(|value| !value.is_nan())?;
            Some(((value * 100.0).round() / 100.0).to_string().into())
        }
        Cells::Categories { codes, .. } if codes[row] == ABSENT => None,
        Cells::Categories { codes, values } => values.get(codes[row] as usize).cloned(),
    }
}
