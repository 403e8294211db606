//! Gradient boosting of oblivious trees for a yes or no. Names `binning`, `hash`, `histogram` and `tree`. Gradients are
//! rounded to integers before they are added, so that sums do not depend on the order of rows or the number of threads;
//! rows and columns are drawn by hashes. Invariant: the same rows in any order, on any number of threads, give the same
//! trees.

use rayon::prelude::*;

use super::binning::Binned;
use super::hash;
use super::histogram::{Columns, Drawn};
use super::tree::{ROWS, Split, Tree, probability};

/// How a model is trained. The defaults are conservative: shallow trees, small steps, each tree of some rows and columns.
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
    /// Rows that a tree looks at, at most: of more the splits hardly change, and each costs as much.
    pub most_rows: usize,
    /// The share of columns that a tree looks at.
    pub columns: f64,
    /// Columns that a tree looks at, at least, if there are so many.
    pub fewest_columns: usize,
    /// The seed of the hashes.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            trees: 150,
            depth: 6,
            shrinkage: 0.06,
            l2: 5.0,
            rows: 0.5,
            most_rows: 1 << 16,
            columns: 0.2,
            fewest_columns: 4,
            seed: 7,
        }
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

/// The fixed-point unit of the sums that give the leaves their values.
const FINE: f64 = (1u64 << 40) as f64;
/// Rows that are worth a thread of their own.
const FEWEST: usize = 4096;
/// Leaf values are multiples of this, so that the model file holds them exactly.
const LEAF_UNIT: f64 = 1e9;

/// Trains on bins and outcomes. `ids` are the hashes of the rows' profiles; `each` is told after every tree.
pub fn train(binned: &Binned, labels: &[bool], ids: &[u64], options: &Options, each: &dyn Fn(u32)) -> Ensemble {
    let positives = labels.iter().filter(|label| **label).count() as f64;
    let rate = (positives / labels.len().max(1) as f64).clamp(1e-6, 1.0 - 1e-6);
    let bias = round_leaf((rate / (1.0 - rate)).ln());
    let share = options.rows.min(options.most_rows as f64 / labels.len().max(1) as f64);
    let options = &Options { rows: share, ..*options };
    let mut state = State::new(binned, labels, bias);
    let mut trees = Vec::new();
    for number in 0..options.trees {
        let tree = state.tree(ids, options, u64::from(number));
        each(number + 1);
        // Nothing to split on among the columns that this one looked at; the next looks at others.
        if !tree.splits.is_empty() {
            trees.push(tree);
        }
    }
    Ensemble { bias, trees }
}

fn round_leaf(value: f64) -> f64 {
    (value * LEAF_UNIT).round() / LEAF_UNIT
}

/// The columns that a tree looks at, in no order that matters.
fn some_columns(all: usize, options: &Options, number: u64) -> Vec<u32> {
    let salt = hash::mix(options.seed ^ hash::mix(number ^ 0xc01));
    let wanted = ((all as f64 * options.columns).ceil() as usize).max(options.fewest_columns).min(all);
    let mut columns: Vec<u32> = (0..all as u32).collect();
    columns.sort_by_cached_key(|column| hash::mix(u64::from(*column) ^ salt));
    columns.truncate(wanted);
    columns
}

struct State<'a> {
    binned: &'a Binned,
    labels: &'a [bool],
    columns: Columns<'a>,
    /// Of every row, the log odds so far.
    margins: Vec<f64>,
    /// Of every row, the leaf of the newest tree that it is in.
    leaves: Vec<u8>,
}

/// The derivatives of the log loss: of a row the gradient and the weight, or the sums of a leaf.
type Derivatives = (f64, f64);

impl<'a> State<'a> {
    fn new(binned: &'a Binned, labels: &'a [bool], bias: f64) -> State<'a> {
        let (margins, leaves) = (vec![bias; labels.len()], vec![0; labels.len()]);
        State { binned, labels, columns: Columns::of(binned), margins, leaves }
    }

    /// The rows that a tree looks at, and the derivatives of each.
    fn draw(&self, ids: &[u64], options: &Options, number: u64) -> (Vec<u32>, Vec<Derivatives>) {
        let salt = hash::mix(options.seed ^ hash::mix(number));
        let rows = (0..ids.len() as u32).into_par_iter().with_min_len(FEWEST);
        let rows: Vec<u32> = rows.filter(|&row| hash::drawn(ids[row as usize] ^ salt, options.rows)).collect();
        let derivatives = rows.par_iter().with_min_len(FEWEST).map(|&row| {
            let p = probability(self.margins[row as usize]);
            (p - f64::from(u8::from(self.labels[row as usize])), p * (1.0 - p))
        });
        let derivatives = derivatives.collect();
        (rows, derivatives)
    }

    /// Grows one tree, and adds it to the margins; without a split it is nothing.
    fn tree(&mut self, ids: &[u64], options: &Options, number: u64) -> Tree {
        let (rows, derivatives) = self.draw(ids, options, number);
        let (mut drawn, scale) = Drawn::of(rows, &derivatives, options.l2);
        let columns = some_columns(self.binned.columns.len(), options, number);
        let mut histograms = self.columns.histograms(&columns, &drawn, options.depth);
        let mut splits: Vec<Split> = Vec::new();
        let mut last = 0.0;
        for level in 0..options.depth as usize {
            let added = match splits.last() {
                None => drawn.all(),
                Some(split) => drawn.divide(&self.columns, level - 1, *split),
            };
            histograms.add(&added);
            match histograms.best(level, &scale) {
                Some((gain, split)) if gain > last * (1.0 + 1e-9) + 1e-9 => {
                    last = gain;
                    splits.push(split);
                }
                _ => break,
            }
        }
        let mut tree = Tree { splits, values: Vec::new(), cover: Vec::new() };
        if tree.splits.is_empty() {
            return tree;
        }
        tree.cover = self.place(&tree);
        tree.values = self.values(&drawn.rows, &derivatives, tree.cover.len(), options);
        let margins = self.margins.par_iter_mut().zip(&self.leaves).with_min_len(FEWEST);
        margins.for_each(|(margin, leaf)| *margin += tree.values[*leaf as usize]);
        tree
    }

    /// Puts every row into its leaf. How many rows each leaf holds, plus one.
    fn place(&mut self, tree: &Tree) -> Vec<u32> {
        let (binned, count) = (self.binned, 1usize << tree.splits.len());
        let chunks = self.leaves.par_chunks_mut(ROWS).enumerate().with_min_len(FEWEST / ROWS);
        let counted = chunks.fold(
            || vec![0; count],
            |mut counts: Vec<u32>, (chunk, leaves)| {
                tree.leaves(binned, chunk * ROWS..chunk * ROWS + leaves.len(), leaves);
                leaves.iter().for_each(|leaf| counts[*leaf as usize] += 1);
                counts
            },
        );
        let add = |mut a: Vec<u32>, b: Vec<u32>| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            a
        };
        counted.reduce(|| vec![0; count], add).iter().map(|rows| rows + 1).collect()
    }

    /// The values of the leaves, from the rows that the tree has looked at.
    fn values(&self, rows: &[u32], derivatives: &[Derivatives], leaves: usize, options: &Options) -> Vec<f64> {
        let mut sums = vec![(0i64, 0i64); leaves];
        for (row, (gradient, weight)) in rows.iter().zip(derivatives) {
            let of = &mut sums[self.leaves[*row as usize] as usize];
            *of = (of.0 + (gradient * FINE) as i64, of.1 + (weight * FINE) as i64);
        }
        let value = |(gradient, weight): (i64, i64)| {
            round_leaf(-options.shrinkage * (gradient as f64 / FINE) / (weight as f64 / FINE + options.l2))
        };
        sums.into_iter().map(value).collect()
    }
}
