//! Oblivious trees: one split per level, so that a row's leaf is the number whose bits are its answers. Names `binning`.
//! Invariant: a tree of d levels has 2^d leaves, and bit l of a leaf is the answer at level l.

use super::binning::Binned;

/// A question of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Split {
    /// The column.
    pub column: u32,
    /// Bins above this answer yes.
    pub bin: u8,
    /// What absence answers.
    pub absent: bool,
}

/// A tree with the values of its leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// By level.
    pub splits: Vec<Split>,
    /// By leaf, in log odds.
    pub values: Vec<f64>,
    /// By leaf, how many training rows it holds, plus one: no part of a tree is without weight.
    pub cover: Vec<u32>,
}

impl Split {
    /// The answer of a bin.
    pub fn answer(&self, bin: u8) -> bool {
        if self.absent { bin.wrapping_sub(1) >= self.bin } else { bin > self.bin }
    }
}

impl Tree {
    /// The leaf of each row of a range of rows, which `leaves` are as long as.
    pub fn leaves(&self, binned: &Binned, rows: std::ops::Range<usize>, leaves: &mut [u8]) {
        leaves.fill(0);
        for (level, split) in self.splits.iter().enumerate() {
            let column = &binned.columns[split.column as usize][rows.clone()];
            let bit = 1u8 << level;
            if split.absent {
                let least = split.bin;
                leaves.iter_mut().zip(column).for_each(|(leaf, bin)| {
                    *leaf |= if bin.wrapping_sub(1) >= least { bit } else { 0 };
                });
            } else {
                let below = split.bin;
                leaves.iter_mut().zip(column).for_each(|(leaf, bin)| *leaf |= if *bin > below { bit } else { 0 });
            }
        }
    }
}

/// The margins (log odds) of all rows: the bias and the values of the leaves, tree by tree.
pub fn margins(bias: f64, trees: &[Tree], binned: &Binned) -> Vec<f64> {
    use rayon::prelude::*;
    let mut margins = vec![bias; binned.rows];
    margins.par_chunks_mut(ROWS).enumerate().for_each(|(chunk, margins)| {
        let rows = chunk * ROWS..chunk * ROWS + margins.len();
        let mut leaves = vec![0; rows.len()];
        for tree in trees {
            tree.leaves(binned, rows.clone(), &mut leaves);
            margins.iter_mut().zip(&leaves).for_each(|(margin, leaf)| *margin += tree.values[*leaf as usize]);
        }
    });
    margins
}

/// Rows that are gone through together: their bins and leaves fit a cache.
pub const ROWS: usize = 1024;

/// The logistic function.
pub fn probability(margin: f64) -> f64 {
    1.0 / (1.0 + (-margin).exp())
}
