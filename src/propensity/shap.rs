//! Exact Shapley values of oblivious trees. Names `binning` and `tree`. What a leaf's path means to each of its columns is
//! the same for every row in it, so the values of (leaf, column) are computed once per tree and a row's explanation is a
//! sum of table rows. The game is that of path-dependent TreeSHAP (Lundberg et al. 2020): a column that is not known
//! sends a row down both ways, by the share of training rows. Invariant: base and contributions of a row sum to its
//! margin, but for rounding.

use std::ops::Range;

use super::binning::Binned;
use super::tree::Tree;

/// The table of a tree.
#[derive(Debug, Clone)]
pub struct Table {
    /// The distinct columns of the tree.
    pub columns: Vec<u32>,
    /// For each of them a value per leaf.
    pub values: Vec<Vec<f64>>,
    /// The mean of the tree over its training rows.
    pub base: f64,
}

/// The tables of all trees.
#[derive(Debug, Clone)]
pub struct Tables {
    /// By tree.
    pub tables: Vec<Table>,
    /// The bias and the bases of all trees.
    pub base: f64,
}

impl Tables {
    /// The tables of an ensemble.
    pub fn of(bias: f64, trees: &[Tree]) -> Tables {
        use rayon::prelude::*;
        let tables: Vec<Table> = trees.par_iter().map(table).collect();
        let base = tables.iter().fold(bias, |sum, table| sum + table.base);
        Tables { tables, base }
    }

    /// The contributions of every column to the margins of a range of rows: column by column, a value
    /// per row.
    pub fn explain(&self, trees: &[Tree], binned: &Binned, rows: Range<usize>) -> Vec<f64> {
        let n = rows.len();
        let mut contributions = vec![0.0; binned.columns.len() * n];
        let mut leaves = vec![0; n];
        for (tree, table) in trees.iter().zip(&self.tables) {
            tree.leaves(binned, rows.clone(), &mut leaves);
            for (&column, values) in table.columns.iter().zip(&table.values) {
                let first = column as usize * n;
                let of = &mut contributions[first..first + n];
                of.iter_mut().zip(&leaves).for_each(|(sum, leaf)| *sum += values[*leaf as usize]);
            }
        }
        contributions
    }
}

/// The Shapley values of one tree.
fn table(tree: &Tree) -> Table {
    let mut columns: Vec<u32> = Vec::new();
    for split in &tree.splits {
        if !columns.contains(&split.column) {
            columns.push(split.column);
        }
    }
    let players = columns.len();
    let player: Vec<usize> = tree
        .splits
        .iter()
        .map(|split| columns.iter().position(|column| *column == split.column).unwrap_or(0))
        .collect();
    let worth: Vec<Vec<f64>> = (0..1usize << players).map(|known| expectations(tree, &player, known)).collect();
    let weights = weights(players);
    let leaves = 1usize << tree.splits.len();
    let mut values = vec![vec![0.0; leaves]; players];
    for (who, values) in values.iter_mut().enumerate() {
        for known in (0..1usize << players).filter(|known| known >> who & 1 == 0) {
            let weight = weights[known.count_ones() as usize];
            let (with, without) = (&worth[known | 1 << who], &worth[known]);
            for ((value, with), without) in values.iter_mut().zip(with).zip(without) {
                *value += weight * (with - without);
            }
        }
    }
    Table { columns, values, base: worth[0].first().copied().unwrap_or(0.0) }
}

/// s! (n - s - 1)! / n! by the size s of a coalition.
fn weights(players: usize) -> Vec<f64> {
    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
    (0..players).map(|s| factorial(s) * factorial(players - s - 1) / factorial(players)).collect()
}

/// For each leaf what the tree gives on average when the columns of `known` answer as the leaf's rows do.
fn expectations(tree: &Tree, player: &[usize], known: usize) -> Vec<f64> {
    let levels = tree.splits.len();
    let mut covers: Vec<Vec<f64>> = vec![tree.cover.iter().map(|c| f64::from(*c)).collect()];
    for level in (0..levels).rev() {
        let below = &covers[covers.len() - 1];
        covers.push((0..1usize << level).map(|node| below[node] + below[node | 1 << level]).collect());
    }
    covers.reverse();
    // By level from the bottom: the value of a node for each way in which the known columns below it may answer.
    let mut values: Vec<f64> = tree.values.clone();
    let mut open = 0usize;
    for level in (0..levels).rev() {
        let nodes = 1usize << level;
        let is_known = known >> player[level] & 1 == 1;
        let ways = 1usize << open;
        let mut above = vec![0.0; nodes * ways * if is_known { 2 } else { 1 }];
        for node in 0..nodes {
            let (no, yes) = (node, node | nodes);
            let share = covers[level + 1][yes] / covers[level][node];
            for way in 0..ways {
                let (no, yes) = (values[no * ways + way], values[yes * ways + way]);
                if is_known {
                    above[node * ways * 2 + way * 2] = no;
                    above[node * ways * 2 + way * 2 + 1] = yes;
                } else {
                    above[node * ways + way] = no + share * (yes - no);
                }
            }
        }
        values = above;
        open += usize::from(is_known);
    }
    // The answers of the known levels, deepest first as they were opened, number a way.
    (0..1usize << levels)
        .map(|leaf| {
            let way = (0..levels)
                .rev()
                .filter(|level| known >> player[*level] & 1 == 1)
                .fold(0usize, |way, level| way * 2 + (leaf >> level & 1));
            values[way]
        })
        .collect()
}
