//! The rows that a model is learnt from and measured on, out of a data set. Names its parent and `propensity`. Invariant: of
//! many rows no more than a sample is held as numbers; what is kept of the others are bins.

use super::{EachCutoff, Progress, Stage, Trouble, just_before};
use crate::data::matrix::{Rows as Shown, Values};
use crate::propensity::binning::BORDER_ROWS;
use crate::propensity::derive::{Cells, Compiled, NUMBER, Slice, Table};
use crate::propensity::features::Feature;
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

    /// The rows of the training cut-offs, of which there are so many, and of the test. Where there are many, every so
    /// many blocks tell the borders of the bins: blocks are ordered by id, so that none of them is of one kind.
    pub fn rows(&self, data: &DataRange, rows: usize, progress: Progress<'_>) -> Result<(Rows, Rows), Trouble> {
        let steps = data.cutoffs.len() + 1;
        let every = (rows / BORDER_ROWS).max(1);
        let (first, others): (Vec<usize>, Vec<usize>) = self.blocks().into_iter().partition(|block| block % every == 0);
        let mut sample = Table::default();
        for (number, cutoff) in data.cutoffs.iter().enumerate() {
            progress(Stage::Deriving(number + 1, steps));
            for some in first.chunks(BLOCKS) {
                let at = just_before(*cutoff);
                for slice in self.compiled.by_block(self.dataset, at, some, NUMBER, &|slice| slice)? {
                    sample.append(number as u16, slice, &self.ids);
                }
            }
        }
        let mut train = Rows::of(sample, self.seed);
        let mut test = train.like();
        train.reserve(rows - train.labels.len());
        for (number, cutoff) in data.cutoffs.iter().enumerate() {
            self.add((&mut train, number as u16), &others, *cutoff)?;
        }
        progress(Stage::Deriving(steps, steps));
        self.add((&mut test, 0), &self.blocks(), data.test)?;
        Ok((train, test))
    }

    /// Adds the rows of some blocks at a cut-off.
    fn add(&self, (rows, number): (&mut Rows, u16), blocks: &[usize], cutoff: i64) -> Result<(), Trouble> {
        for some in blocks.chunks(BLOCKS) {
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
