//! Contributions of columns put together to factors: the windows of one expression are one reason for people. Names its
//! siblings. Invariant: a factor's contribution is the sum of those of its columns, so that factors sum as columns do.

use rayon::prelude::*;

use super::binning::Binned;
use super::category::round;
use super::model::{FactorWeight, Feature};
use super::shap::Tables;
use super::tree::{ROWS, Tree};

/// The factors of columns.
#[derive(Debug, Clone)]
pub struct Factors<'a> {
    /// Their names, in the order of their first columns.
    pub names: Vec<&'a str>,
    /// The factor of each column.
    pub of: Vec<usize>,
}

impl<'a> Factors<'a> {
    /// The factors of a model's features.
    pub fn of(features: &'a [Feature]) -> Factors<'a> {
        let mut names: Vec<&str> = Vec::new();
        let of = features
            .iter()
            .map(|feature| {
                names.iter().position(|name| *name == feature.factor).unwrap_or_else(|| {
                    names.push(&feature.factor);
                    names.len() - 1
                })
            })
            .collect();
        Factors { names, of }
    }

    /// The contributions of factors from those of columns, `n` rows column by column: factor by factor.
    pub fn sum(&self, contributions: &[f64], n: usize) -> Vec<f64> {
        let mut sums = vec![0.0; self.names.len() * n];
        for (column, factor) in self.of.iter().enumerate() {
            let from = &contributions[column * n..(column + 1) * n];
            sums[factor * n..(factor + 1) * n].iter_mut().zip(from).for_each(|(sum, value)| *sum += value);
        }
        sums
    }
}

/// How much each factor moves the scores of some rows, strongest first; `bucket` tells a row's bucket.
pub fn weights(
    features: &[Feature],
    trees: &[Tree],
    tables: &Tables,
    binned: &Binned,
    bucket: &(dyn Fn(usize) -> usize + Sync),
) -> Vec<FactorWeight> {
    let factors = Factors::of(features);
    let count = factors.names.len();
    let chunks: Vec<usize> = (0..binned.rows).step_by(ROWS).collect();
    // Sums of chunks are added in the order of the chunks, so that threads do not matter.
    let parts: Vec<(Vec<f64>, Vec<[f64; 3]>)> = chunks
        .par_iter()
        .map(|&first| {
            let rows = first..(first + ROWS).min(binned.rows);
            let n = rows.len();
            let sums = factors.sum(&tables.explain(trees, binned, rows), n);
            let mut parts = (vec![0.0; count], vec![[0.0; 3]; count]);
            for (factor, values) in sums.chunks(n).enumerate() {
                for (row, value) in values.iter().enumerate() {
                    parts.0[factor] += value.abs();
                    parts.1[factor][bucket(first + row)] += value;
                }
            }
            parts
        })
        .collect();
    let mut buckets = [0usize; 3];
    (0..binned.rows).for_each(|row| buckets[bucket(row)] += 1);
    let mean = |sum: f64, n: usize| round(sum / n.max(1) as f64);
    let mut weights: Vec<FactorWeight> = factors
        .names
        .iter()
        .enumerate()
        .map(|(factor, name)| FactorWeight {
            factor: (*name).to_owned(),
            weight: mean(parts.iter().map(|part| part.0[factor]).sum(), binned.rows),
            by_bucket: [0, 1, 2].map(|b| mean(parts.iter().map(|part| part.1[factor][b]).sum(), buckets[b])),
        })
        .collect();
    weights.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.factor.cmp(&b.factor)));
    weights
}
