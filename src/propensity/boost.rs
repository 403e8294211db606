//! Gradient boosting of oblivious trees for a yes or no. Names `binning`, `hash` and `tree`. Gradients are rounded to
//! integers before they are added, so that sums do not depend on the order of rows or the number of threads; rows and
//! columns are drawn by hashes. Invariant: the same rows in any order, on any number of threads, give the same trees.

use rayon::prelude::*;

use super::binning::{BINS, Binned};
use super::hash;
use super::tree::{ROWS, Split, Tree, probability};

/// How a model is trained. The defaults are conservative: shallow trees, small steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// How many trees.
    pub trees: u32,
    /// Levels of a tree, 1 to 8.
    pub depth: u32,
    /// The share of a tree's answer that is taken.
    pub shrinkage: f64,
    /// Added to the weight of every leaf.
    pub l2: f64,
    /// The share of rows that a tree looks at.
    pub rows: f64,
    /// The share of columns that a tree looks at.
    pub columns: f64,
    /// The seed of the hashes.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options { trees: 300, depth: 6, shrinkage: 0.04, l2: 5.0, rows: 0.8, columns: 0.5, seed: 7 }
    }
}

/// A trained ensemble.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    /// The log odds before any tree.
    pub bias: f64,
    /// In order.
    pub trees: Vec<Tree>,
}

/// Sums of a bin: the gradient in the upper half, the weight (second derivative) in the lower.
type Sums = i64;

/// Rows that a tree looks at, at most: of more rows the splits hardly change, and each costs as much.
const MOST_ROWS: usize = 1 << 17;

/// The fixed-point unit of the sums that give the leaves their values.
const FINE: f64 = (1u64 << 40) as f64;
/// Leaf values are multiples of this, so that the model file holds them exactly.
const LEAF_UNIT: f64 = 1e9;

/// Trains on bins and outcomes. `ids` are the hashes of the rows' profiles; `each` is told after every tree.
pub fn train(binned: &Binned, labels: &[bool], ids: &[u64], options: &Options, each: &dyn Fn(u32)) -> Ensemble {
    let positives = labels.iter().filter(|label| **label).count() as f64;
    let rate = (positives / labels.len().max(1) as f64).clamp(1e-6, 1.0 - 1e-6);
    let bias = round_leaf((rate / (1.0 - rate)).ln());
    let share = options.rows.min(MOST_ROWS as f64 / labels.len().max(1) as f64);
    let options = &Options { rows: share, ..*options };
    let mut state = State::new(binned, labels, bias);
    let mut trees = Vec::new();
    for number in 0..options.trees {
        let tree = state.tree(ids, options, u64::from(number));
        each(number + 1);
        // Nothing to split on: the same would be found again and again.
        if tree.splits.is_empty() {
            break;
        }
        state.add(&tree.values);
        trees.push(tree);
    }
    Ensemble { bias, trees }
}

fn round_leaf(value: f64) -> f64 {
    (value * LEAF_UNIT).round() / LEAF_UNIT
}

struct State<'a> {
    binned: &'a Binned,
    labels: &'a [bool],
    margins: Vec<f64>,
    gradients: Vec<f32>,
    weights: Vec<f32>,
    /// The leaf of the newest tree that each row is in.
    leaves: Vec<u8>,
    /// Whether a column has an absent value.
    absences: Vec<bool>,
    /// How many bins a column has, absence included.
    bins: Vec<usize>,
}

/// The rows that a tree looks at, with what is added to the histograms.
#[derive(Default)]
struct Drawn {
    rows: Vec<u32>,
    sums: Vec<Sums>,
    leaves: Vec<u8>,
}

impl<'a> State<'a> {
    fn new(binned: &'a Binned, labels: &'a [bool], bias: f64) -> State<'a> {
        let absences = binned.columns.par_iter().map(|column| column.contains(&0)).collect();
        let most = |column: &Vec<u8>| column.iter().max().map_or(1, |bin| usize::from(*bin) + 1);
        let mut state = State {
            bins: binned.columns.par_iter().map(most).collect(),
            binned,
            labels,
            margins: vec![bias; labels.len()],
            gradients: vec![0.0; labels.len()],
            weights: vec![0.0; labels.len()],
            leaves: vec![0; labels.len()],
            absences,
        };
        state.differentiate();
        state
    }

    /// The derivatives of the log loss.
    fn differentiate(&mut self) {
        let rows = self.margins.par_iter().zip(self.labels).zip(&mut self.gradients).zip(&mut self.weights);
        rows.with_min_len(4096).for_each(|(((margin, label), gradient), weight)| {
            let p = probability(*margin);
            *gradient = (p - f64::from(u8::from(*label))) as f32;
            *weight = (p * (1.0 - p)) as f32;
        });
    }

    /// Adds the values of the newest tree's leaves.
    fn add(&mut self, values: &[f64]) {
        let rows = self.margins.par_iter_mut().zip(&self.leaves);
        rows.with_min_len(4096).for_each(|(margin, leaf)| *margin += values[*leaf as usize]);
        self.differentiate();
    }

    fn draw(&self, ids: &[u64], options: &Options, number: u64) -> Drawn {
        let salt = hash::mix(options.seed ^ hash::mix(number));
        let mut drawn = Drawn::default();
        drawn.rows.reserve((ids.len() as f64 * options.rows) as usize);
        drawn.rows.extend((0..ids.len() as u32).filter(|&row| hash::drawn(ids[row as usize] ^ salt, options.rows)));
        // As fine as sums of so many rows fit their half of the word.
        let n = drawn.rows.len().max(1) as f64;
        let (fine_gradient, fine_weight) = ((f64::from(i32::MAX) / n).floor(), (f64::from(u32::MAX) * 4.0 / n).floor());
        drawn.sums.extend(drawn.rows.iter().map(|&row| {
            let gradient = (f64::from(self.gradients[row as usize]) * fine_gradient).round() as i64;
            let weight = (f64::from(self.weights[row as usize]) * fine_weight) as i64;
            (gradient << 32) + weight
        }));
        drawn.leaves.resize(drawn.rows.len(), 0);
        drawn
    }

    /// Grows one tree.
    fn tree(&mut self, ids: &[u64], options: &Options, number: u64) -> Tree {
        let mut drawn = self.draw(ids, options, number);
        let n = drawn.rows.len().max(1) as f64;
        let scale = Scale {
            gradient: 1.0 / (f64::from(i32::MAX) / n).floor(),
            weight: 1.0 / (f64::from(u32::MAX) * 4.0 / n).floor(),
            l2: options.l2,
        };
        let salt = hash::mix(options.seed ^ hash::mix(number ^ 0xc01));
        let columns: Vec<u32> = (0..self.binned.columns.len() as u32)
            .filter(|column| hash::drawn(u64::from(*column) ^ salt, options.columns))
            .collect();
        let mut histograms: Vec<Vec<Sums>> = vec![vec![0; BINS << (options.depth.max(1) - 1)]; columns.len()];
        let mut splits: Vec<Split> = Vec::new();
        let mut last = 0.0;
        for level in 0..options.depth as usize {
            let part = if level == 0 { None } else { Some(self.divide(&mut drawn, &splits)) };
            columns.par_iter().zip(&mut histograms).for_each(|(&column, histogram)| {
                let bins = &self.binned.columns[column as usize];
                match &part {
                    None => accumulate(histogram, bins, &drawn.rows, &drawn.leaves, &drawn.sums),
                    Some(part) => part.accumulate(histogram, bins, level - 1),
                }
            });
            let best = columns
                .par_iter()
                .zip(&histograms)
                .filter_map(|(&column, histogram)| {
                    let (bins, absences) = (self.bins[column as usize], self.absences[column as usize]);
                    best_split(histogram, (1 << level, bins), column, absences, &scale)
                })
                // Equal gains are settled by the column, so that threads do not matter.
                .reduce_with(|a, b| if b.0 > a.0 || (b.0 == a.0 && b.1.column < a.1.column) { b } else { a });
            match best {
                Some((gain, split)) if gain > last * (1.0 + 1e-9) + 1e-9 => {
                    last = gain;
                    splits.push(split);
                }
                _ => break,
            }
        }
        self.finish(splits, options)
    }

    /// Sorts the drawn rows into the children of the last split; what is added anew are the smaller children.
    fn divide(&self, drawn: &mut Drawn, splits: &[Split]) -> Smaller {
        let level = splits.len() - 1;
        let Some(split) = splits.last() else { return Smaller::default() };
        let bins = &self.binned.columns[split.column as usize];
        let mut counts = vec![[0u32; 2]; 1 << level];
        for (row, leaf) in drawn.rows.iter().zip(&mut drawn.leaves) {
            let yes = split.answer(bins[*row as usize]);
            counts[*leaf as usize][usize::from(yes)] += 1;
            *leaf |= u8::from(yes) << level;
        }
        let right: Vec<bool> = counts.iter().map(|[left, right]| right <= left).collect();
        let mut smaller = Smaller { right, ..Smaller::default() };
        let parent = (1u8 << level) - 1;
        for ((row, leaf), sums) in drawn.rows.iter().zip(&drawn.leaves).zip(&drawn.sums) {
            let of = leaf & parent;
            if smaller.right[of as usize] == (leaf >> level & 1 == 1) {
                smaller.rows.push(*row);
                smaller.leaves.push(of);
                smaller.sums.push(*sums);
            }
        }
        smaller
    }

    /// The values of the leaves, from all rows.
    fn finish(&mut self, splits: Vec<Split>, options: &Options) -> Tree {
        let leaves_of = Tree { splits, values: Vec::new(), cover: Vec::new() };
        let count = 1usize << leaves_of.splits.len();
        let (binned, gradients, weights) = (self.binned, &self.gradients, &self.weights);
        let sums = self
            .leaves
            .par_chunks_mut(ROWS)
            .enumerate()
            .map(|(chunk, leaves)| {
                let rows = chunk * ROWS..chunk * ROWS + leaves.len();
                leaves_of.leaves(binned, rows.clone(), leaves);
                let mut sums = vec![(0i64, 0i64, 0u32); count];
                for ((gradient, weight), leaf) in gradients[rows.clone()].iter().zip(&weights[rows]).zip(leaves) {
                    let of = &mut sums[*leaf as usize];
                    of.0 += (f64::from(*gradient) * FINE) as i64;
                    of.1 += (f64::from(*weight) * FINE) as i64;
                    of.2 += 1;
                }
                sums
            })
            .reduce(
                || vec![(0, 0, 0); count],
                |mut a, b| {
                    a.iter_mut().zip(b).for_each(|(a, b)| *a = (a.0 + b.0, a.1 + b.1, a.2 + b.2));
                    a
                },
            );
        let value = |(gradient, weight, _): &(i64, i64, u32)| {
            round_leaf(-options.shrinkage * (*gradient as f64 / FINE) / (*weight as f64 / FINE + options.l2))
        };
        Tree {
            splits: leaves_of.splits,
            values: sums.iter().map(value).collect(),
            cover: sums.iter().map(|s| s.2 + 1).collect(),
        }
    }
}

/// The rows of the smaller child of each leaf.
#[derive(Default)]
struct Smaller {
    /// By parent, whether the smaller child is the right one.
    right: Vec<bool>,
    rows: Vec<u32>,
    leaves: Vec<u8>,
    sums: Vec<Sums>,
}

impl Smaller {
    /// Turns a histogram of parents into one of their children: the smaller is added up, the other is what is left.
    fn accumulate(&self, histogram: &mut [Sums], bins: &[u8], level: usize) {
        let half = BINS << level;
        let (parents, smaller) = histogram.split_at_mut(half);
        let smaller = &mut smaller[..half];
        smaller.fill(0);
        accumulate(smaller, bins, &self.rows, &self.leaves, &self.sums);
        for ((parent, smaller), right) in parents.chunks_mut(BINS).zip(smaller.chunks_mut(BINS)).zip(&self.right) {
            for (parent, smaller) in parent.iter_mut().zip(smaller) {
                *parent -= *smaller;
                if !*right {
                    std::mem::swap(parent, smaller);
                }
            }
        }
    }
}

/// Adds rows to the histogram of their leaves.
fn accumulate(histogram: &mut [Sums], bins: &[u8], rows: &[u32], leaves: &[u8], sums: &[Sums]) {
    for ((row, leaf), sums) in rows.iter().zip(leaves).zip(sums) {
        let at = (*leaf as usize) * BINS + (bins[*row as usize] as usize & (BINS - 1));
        if let Some(slot) = histogram.get_mut(at) {
            *slot += sums;
        }
    }
}

/// What the integers of the histograms are worth.
struct Scale {
    gradient: f64,
    weight: f64,
    l2: f64,
}

/// The best split of a column by the sum over all leaves of (gradient)² / (weight + l2).
fn best_split(
    histogram: &[Sums],
    (leaves, bins): (usize, usize),
    column: u32,
    absences: bool,
    scale: &Scale,
) -> Option<(f64, Split)> {
    // The last bin leaves nothing above it, nor do those that no row is in.
    let last = bins.min(BINS) - 1;
    let mut gains = [0.0f64; BINS];
    let mut gains_absent = [0.0f64; BINS];
    for leaf in histogram.chunks(BINS).take(leaves) {
        let (mut gradients, mut weights) = ([0.0f64; BINS], [0.0f64; BINS]);
        let mut below: Sums = 0;
        for ((sums, gradient), weight) in leaf.iter().zip(&mut gradients).zip(&mut weights) {
            below += sums;
            *gradient = (below >> 32) as f64 * scale.gradient;
            *weight = f64::from(below as u32) * scale.weight;
        }
        let (all, heavy) = (gradients[BINS - 1], weights[BINS - 1]);
        let gain = |gradient: f64, weight: f64| {
            let (other, rest) = (all - gradient, heavy - weight + scale.l2);
            let weight = weight + scale.l2;
            (gradient * gradient * rest + other * other * weight) / (weight * rest)
        };
        for bin in 0..last {
            gains[bin] += gain(gradients[bin], weights[bin]);
        }
        if absences {
            let (gradient, weight) = (gradients[0], weights[0]);
            for bin in 0..last {
                gains_absent[bin] += gain(gradients[bin] - gradient, weights[bin] - weight);
            }
        }
    }
    let best = |gains: &[f64; BINS], from: usize| {
        (from..last).fold(None, |best: Option<(f64, usize)>, bin| match best {
            Some((gain, _)) if gain >= gains[bin] => best,
            _ => Some((gains[bin], bin)),
        })
    };
    let plain = best(&gains, 0).map(|(gain, bin)| (gain, Split { column, bin: bin as u8, absent: false }));
    // With absence above: bins 1 to `bin` are below, told by the bin less one.
    let other = if absences { best(&gains_absent, 1) } else { None };
    let other = other.map(|(gain, bin)| (gain, Split { column, bin: bin as u8, absent: true }));
    match (plain, other) {
        (Some(a), Some(b)) => Some(if b.0 > a.0 { b } else { a }),
        (a, b) => a.or(b),
    }
}
