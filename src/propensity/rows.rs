//! The rows of a training, numbers as bins: a byte each. Names `binning` and `derive`. Invariant: a number's bin is told by
//! the borders of its column alone, so that rows may be binned before all of them are known.

use std::sync::Arc;

use rayon::prelude::*;

use super::binning::{Borders, borders};
use super::derive::{Cells, Slice, Table, append_codes};

/// A column of rows.
#[derive(Debug, Clone)]
pub enum Coded {
    /// Bins of numbers.
    Bins(Vec<u8>),
    /// Codes of texts, which are numbers only once all outcomes are known.
    Categories { codes: Vec<u32>, values: Vec<Arc<str>> },
}

/// Rows of one or several cut-offs.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// By row, the hash of the profile's id.
    pub ids: Vec<u64>,
    /// By row, the number of the cut-off.
    pub cutoffs: Vec<u16>,
    /// By row, whether the prediction came true.
    pub labels: Vec<bool>,
    /// By feature.
    pub columns: Vec<Coded>,
    /// By feature, the borders of numbers.
    pub borders: Vec<Option<Borders>>,
}

impl Rows {
    /// Rows that tell the borders of their columns.
    pub fn of(table: Table, seed: u64) -> Rows {
        let ids = &table.ids;
        let coded = table.columns.into_par_iter().map(|cells| match cells {
            Cells::Numbers(numbers) => {
                let mut found = borders(std::slice::from_ref(&numbers), ids, seed);
                let borders = found.pop().unwrap_or_default();
                (Coded::Bins(bins(&numbers, &borders)), Some(borders))
            }
            Cells::Categories { codes, values } => (Coded::Categories { codes, values }, None),
        });
        let (columns, borders) = coded.unzip();
        Rows { ids: table.ids, cutoffs: table.cutoffs, labels: table.labels, columns, borders }
    }

    /// No rows, of the same columns.
    pub fn like(&self) -> Rows {
        let columns = self.columns.iter().map(|column| match column {
            Coded::Bins(_) => Coded::Bins(Vec::new()),
            Coded::Categories { .. } => Coded::Categories { codes: Vec::new(), values: Vec::new() },
        });
        Rows { columns: columns.collect(), borders: self.borders.clone(), ..Rows::default() }
    }

    /// Makes room for more rows.
    pub fn reserve(&mut self, rows: usize) {
        self.ids.reserve_exact(rows);
        self.cutoffs.reserve_exact(rows);
        self.labels.reserve_exact(rows);
        for column in &mut self.columns {
            match column {
                Coded::Bins(bins) => bins.reserve_exact(rows),
                Coded::Categories { codes, .. } => codes.reserve_exact(rows),
            }
        }
    }

    /// Adds the rows of a cut-off by its number, as [`coded`] gives them. `ids` are the hashes of the profiles' ids, by
    /// block.
    pub fn append(&mut self, cutoff: u16, (rows, labels, columns): Part, ids: &[Vec<u64>]) {
        self.ids.extend(rows.iter().map(|&(block, row)| ids[block as usize][row as usize]));
        self.cutoffs.resize(self.ids.len(), cutoff);
        self.labels.extend(labels);
        for (all, more) in self.columns.iter_mut().zip(columns) {
            match (all, more) {
                (Coded::Bins(all), Coded::Bins(more)) => all.extend(more),
                (Coded::Categories { codes, values }, Coded::Categories { codes: more, values: texts }) => {
                    append_codes((codes, values), &more, texts);
                }
                // One program gives every column the same type everywhere.
                (Coded::Bins(_) | Coded::Categories { .. }, _) => {}
            }
        }
    }
}

/// Places, outcomes and columns of some rows.
pub type Part = (Vec<(u32, u32)>, Vec<bool>, Vec<Coded>);

/// The rows of a slice by borders that are known.
pub fn coded(slice: Slice, borders: &[Option<Borders>]) -> Part {
    let columns = slice.columns.into_iter().zip(borders).map(|(cells, borders)| match (cells, borders) {
        (Cells::Numbers(numbers), Some(borders)) => Coded::Bins(bins(&numbers, borders)),
        (Cells::Numbers(numbers), None) => Coded::Bins(vec![0; numbers.len()]),
        (Cells::Categories { codes, values }, _) => Coded::Categories { codes, values },
    });
    (slice.rows, slice.labels, columns.collect())
}

/// The bins of a column.
pub fn bins(numbers: &[f32], borders: &Borders) -> Vec<u8> {
    numbers.iter().map(|number| borders.bin(*number)).collect()
}
