//! Categories to numbers: how often the prediction came true for a value before. Names `hash`. Invariant: a training row's
//! number is told by earlier cut-offs whose label windows had closed and by rows of its own cut-off that come before it in
//! the order of hashes, never by its own outcome; a scored row's by all training rows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::hash;

/// The code of an absent value.
pub const ABSENT: u32 = u32::MAX;
/// How many rows of the average rate are added to each value's own.
const PRIOR: f64 = 10.0;

/// Rows and outcomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Training rows with the value.
    pub rows: u32,
    /// Of them, for which the prediction came true.
    pub positives: u32,
}

impl Counts {
    fn add(&mut self, label: bool) {
        self.rows += 1;
        self.positives += u32::from(label);
    }

    fn plus(self, other: Counts) -> Counts {
        Counts { rows: self.rows + other.rows, positives: self.positives + other.positives }
    }

    fn rate(self, rate: f64) -> f32 {
        ((f64::from(self.positives) + rate * PRIOR) / (f64::from(self.rows) + PRIOR)) as f32
    }
}

/// What a category column means in numbers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encoding {
    /// The rate of all training rows.
    pub rate: f64,
    /// Rows without a value.
    pub absent: Counts,
    /// By value.
    pub values: BTreeMap<String, Counts>,
}

impl Encoding {
    /// The number of a value; one that was never seen has the average rate.
    pub fn encode(&self, value: Option<&str>) -> f32 {
        let counts = match value {
            None => self.absent,
            Some(value) => self.values.get(value).copied().unwrap_or_default(),
        };
        counts.rate(self.rate)
    }
}

/// The training rows, as encodings see them.
pub struct Rows<'a> {
    /// The outcomes.
    pub labels: &'a [bool],
    /// The cut-off of each row, by number; ascending instants.
    pub cutoffs: &'a [u16],
    /// The hash of each row's profile.
    pub ids: &'a [u64],
    /// For each cut-off the number of earlier ones whose label windows had closed by then.
    pub closed: &'a [usize],
}

impl Rows<'_> {
    /// Row numbers in the order in which their outcomes count.
    pub fn order(&self, seed: u64) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.labels.len() as u32).collect();
        let salt = hash::mix(seed ^ 0xca7);
        order.sort_unstable_by_key(|&row| {
            let row = row as usize;
            (self.cutoffs[row], hash::mix(self.ids[row] ^ salt), row)
        });
        order
    }

    /// The encoding of a column, and the numbers of the training rows. `values` are what the codes mean.
    pub fn encode(&self, codes: &[u32], values: &[std::sync::Arc<str>], order: &[u32]) -> (Encoding, Vec<f32>) {
        let positives = self.labels.iter().filter(|label| **label).count() as f64;
        let rate = round(positives / self.labels.len().max(1) as f64);
        let slot = |code: u32| if code == ABSENT { values.len() } else { code as usize };
        let cutoffs = self.closed.len();
        let mut of_cutoff = vec![vec![Counts::default(); values.len() + 1]; cutoffs];
        let mut closed = vec![Counts::default(); values.len() + 1];
        let mut added = 0;
        let mut numbers = vec![0.0; codes.len()];
        for &row in order {
            let row = row as usize;
            let cutoff = self.cutoffs[row] as usize;
            while added < self.closed[cutoff] {
                closed.iter_mut().zip(&of_cutoff[added]).for_each(|(all, counts)| *all = all.plus(*counts));
                added += 1;
            }
            let slot = slot(codes[row]);
            numbers[row] = closed[slot].plus(of_cutoff[cutoff][slot]).rate(rate);
            of_cutoff[cutoff][slot].add(self.labels[row]);
        }
        let total = |slot: usize| of_cutoff.iter().fold(Counts::default(), |all, counts| all.plus(counts[slot]));
        let known = values.iter().enumerate().map(|(slot, value)| (value.to_string(), total(slot)));
        let values_of = known.filter(|(_, counts)| counts.rows > 0).collect();
        (Encoding { rate, absent: total(values.len()), values: values_of }, numbers)
    }
}

/// Numbers of the model file have at most this many decimals, so that they are read as they were written.
pub fn round(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}
