//! The rows that a model is learnt from and measured on, out of a data set. Names its parent and `propensity`. Invariants: of
//! many rows no more than a sample is held as numbers; what is kept of the others are bins. Nothing depends on which block
//! a profile is in, so that a store with later batches gives the same model as the files.

use super::{EachCutoff, Progress, Stage, Trouble, just_before};
use crate::data::matrix::{Rows as Shown, Values};
use crate::propensity::binning::BORDER_ROWS;
use crate::propensity::derive::{Cells, Compiled, NUMBER, Slice, Table};
use crate::propensity::features::Feature;
use crate::propensity::hash;
use crate::propensity::model::DataRange;
use crate::propensity::rows::{Rows, coded};
use crate::store::Dataset;

/// What rows are derived from.
pub(super) struct Deriving<'a> {
    pub compiled: &'a Compiled,
    pub dataset: &'a Dataset,
    pub features: &'a [Feature],
    /// The hashes of the profiles' ids, by block.
    pub ids: Vec<Vec<u64>>,
    pub seed: u64,
}

impl Deriving<'_> {
    /// The cut-offs at which somebody is eligible: before there is nothing to learn from. With them the number of rows,
    /// of blocks that are told by `few`, which computes no features.
    pub fn cutoffs(&self, few: &Compiled, cutoffs: Vec<i64>) -> Result<(Vec<i64>, usize), Trouble> {
        let blocks = self.blocks();
        let (mut kept, mut rows) = (Vec::new(), 0);
        for cutoff in cutoffs {
            let count = |slice: Slice| slice.rows.len();
            let found: usize =
                few.by_block(self.dataset, just_before(cutoff), &blocks, NUMBER, &count)?.into_iter().sum();
            if found > 0 {
                kept.push(cutoff);
                rows += found;
            }
        }
        Ok((kept, rows))
    }

    /// The rows of the training cut-offs, of which there are so many, and of the test.
    pub fn rows(&self, data: &DataRange, rows: usize, progress: Progress<'_>) -> Result<(Rows, Rows), Trouble> {
        let steps = data.cutoffs.len() + 1;
        let cutoffs = || data.cutoffs.iter().copied().enumerate();
        let train = if rows <= MOST_NUMBERS {
            let mut table = Table::default();
            for (number, cutoff) in cutoffs() {
                progress(Stage::Deriving(number + 1, steps));
                self.numbers((&mut table, number as u16), cutoff, 1.0)?;
            }
            Rows::of(table, self.seed)
        } else {
            let mut train = self.bordered(data)?;
            train.reserve(rows);
            for (number, cutoff) in cutoffs() {
                progress(Stage::Deriving(number + 1, steps));
                self.add((&mut train, number as u16), cutoff)?;
            }
            train
        };
        let mut test = train.like();
        progress(Stage::Deriving(steps, steps));
        self.add((&mut test, 0), data.test)?;
        Ok((train, test))
    }

    /// No rows yet, but the borders of the columns, as profiles that are drawn by their ids tell them at the newest
    /// cut-off: whoever is drawn is so in any block.
    fn bordered(&self, data: &DataRange) -> Result<Rows, Trouble> {
        let newest = data.cutoffs.last().copied().unwrap_or(data.test);
        let share = BORDER_ROWS as f64 / self.dataset.profiles().max(1) as f64;
        let mut sample = Table::default();
        self.numbers((&mut sample, 0), newest, share)?;
        Ok(Rows::of(sample, self.seed).like())
    }

    /// Adds the rows of a share of all profiles at a cut-off, as numbers.
    fn numbers(&self, (table, number): (&mut Table, u16), cutoff: i64, share: f64) -> Result<(), Trouble> {
        let salt = hash::mix(self.seed);
        let drawn = |&(block, row): &(u32, u32)| {
            share >= 1.0 || hash::drawn(self.ids[block as usize][row as usize] ^ salt, share)
        };
        for some in self.blocks().chunks(BLOCKS) {
            let part = |slice: Slice| slice.only(&drawn);
            for part in self.compiled.by_block(self.dataset, just_before(cutoff), some, NUMBER, &part)? {
                table.append(number, part, &self.ids);
            }
        }
        Ok(())
    }

    /// Adds the rows of a cut-off, as bins.
    fn add(&self, (rows, number): (&mut Rows, u16), cutoff: i64) -> Result<(), Trouble> {
        for some in self.blocks().chunks(BLOCKS) {
            let make = |slice| coded(slice, &rows.borders);
            for part in self.compiled.by_block(self.dataset, just_before(cutoff), some, NUMBER, &make)? {
                rows.append(number, part, &self.ids);
            }
        }
        Ok(())
    }

    fn blocks(&self) -> Vec<usize> {
        (0..self.dataset.blocks.len()).collect()
    }

    /// Shows the rows of all cut-offs, the test last.
    pub fn show(&self, data: &DataRange, each: &mut EachCutoff<'_>) -> Result<(), Trouble> {
        for cutoff in data.cutoffs.iter().copied().chain([data.test]) {
            let slice = self.compiled.slice(self.dataset, just_before(cutoff))?;
            if !slice.rows.is_empty() || cutoff == data.test {
                each(&shown(&slice, self.features, self.dataset, (cutoff, cutoff == data.test)))?;
            }
        }
        Ok(())
    }
}

/// Blocks whose rows are there together before they are added to the others.
const BLOCKS: usize = 16;
/// Rows of all cut-offs that are held as numbers, at most: of more, some tell the borders and all become bins at once.
const MOST_NUMBERS: usize = 2 * BORDER_ROWS;

/// The rows of a slice as a file has them.
fn shown<'a>(
    slice: &'a Slice,
    features: &'a [Feature],
    dataset: &'a Dataset,
    (cutoff, test): (i64, bool),
) -> Shown<'a> {
    let id = |&(block, row): &(u32, u32)| dataset.blocks[block as usize].ids.get(row as usize).unwrap_or_default();
    let values = |cells: &'a Cells| match cells {
        Cells::Numbers(numbers) => Values::Numbers(numbers),
        Cells::Categories { codes, values } => {
            Values::Texts(codes.iter().map(|code| values.get(*code as usize).map(|text| &**text)).collect())
        }
    };
    let columns = features.iter().zip(&slice.columns);
    Shown {
        ids: slice.rows.iter().map(id).collect(),
        cutoff,
        test,
        labels: &slice.labels,
        columns: columns.map(|(feature, cells)| (feature.expression.as_str(), values(cells))).collect(),
    }
}
