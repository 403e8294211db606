//! Sums of gradients by leaf and bin, and the split that they speak for. Names `binning` and `tree`. Invariant: sums are
//! of integers, so that neither the order of rows nor how a column is held changes them.

use rayon::prelude::*;

use super::binning::{BINS, Binned};
use super::tree::Split;

/// Sums of a bin: the gradient in the upper half, the weight (second derivative) in the lower.
pub type Sums = i64;

/// A row that no tree looks at.
const NOWHERE: u32 = u32::MAX;

/// What of a column is added up.
#[derive(Debug)]
struct Column<'a> {
    /// The bin of every row.
    bins: &'a [u8],
    /// How many bins there are, absence included.
    count: usize,
    /// Whether there is an absent value.
    absences: bool,
    /// Where one bin holds most of the rows: that bin, and the others with their rows. What is in it is what is left.
    sparse: Option<(u8, Entries)>,
}

/// Rows or places, ascending, with their bins.
#[derive(Debug, Default)]
struct Entries {
    at: Vec<u32>,
    bins: Vec<u8>,
}

impl<'a> Column<'a> {
    fn of(bins: &'a [u8]) -> Column<'a> {
        let mut counts = [0usize; 256];
        bins.iter().for_each(|bin| counts[*bin as usize] += 1);
        let count = counts.iter().rposition(|count| *count > 0).map_or(1, |last| last + 1);
        // An entry is looked at on each level and a row of a full column on the first and two fifths of the others, but
        // additions to one bin wait for each other.
        let common = (0..=u8::MAX).find(|bin| counts[*bin as usize] * 2 > bins.len());
        let sparse = common.map(|common| {
            let rows = bins.iter().zip(0u32..).filter(|(bin, _)| **bin != common);
            let (bins, at) = rows.map(|(bin, row)| (*bin, row)).unzip();
            (common, Entries { at, bins })
        });
        Column { bins, count, absences: counts[0] > 0, sparse }
    }
}

/// The columns of a training, as histograms want them.
pub struct Columns<'a>(Vec<Column<'a>>);

/// The rows that a tree looks at, each at a place.
#[derive(Debug, Default)]
pub struct Drawn {
    /// The rows, ascending.
    pub rows: Vec<u32>,
    /// What each adds to its bins.
    pub sums: Vec<Sums>,
    /// The leaf of each, as far as the tree has grown.
    pub leaves: Vec<u8>,
}

/// What the integers of the histograms are worth.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// A unit of gradient.
    pub gradient: f64,
    /// A unit of weight.
    pub weight: f64,
    /// Added to the weight of every leaf.
    pub l2: f64,
}

/// The histograms of one tree: for each of its columns, by leaf and bin.
pub struct Histograms<'a, 'b> {
    columns: &'b Columns<'a>,
    each: Vec<Histogram>,
}

struct Histogram {
    column: u32,
    /// Of a sparse column: the places of the rows that the tree looks at.
    entries: Entries,
    sums: Vec<Sums>,
}

impl<'a> Columns<'a> {
    /// Looks at all columns.
    pub fn of(binned: &'a Binned) -> Columns<'a> {
        Columns(binned.columns.par_iter().map(|bins| Column::of(bins)).collect())
    }

    /// Empty histograms of some columns, of trees of as many levels.
    pub fn histograms<'b>(&'b self, columns: &[u32], drawn: &Drawn, levels: u32) -> Histograms<'a, 'b> {
        let rows = self.0.first().map_or(0, |column| column.bins.len());
        let mut places = vec![NOWHERE; rows];
        drawn.rows.iter().zip(0..).for_each(|(row, place)| places[*row as usize] = place);
        let histogram = |&column: &u32| {
            let mut entries = Entries::default();
            if let Some((_, all)) = &self.0[column as usize].sparse {
                let placed = all.at.iter().zip(&all.bins).map(|(row, bin)| (places[*row as usize], *bin));
                (entries.at, entries.bins) = placed.filter(|(place, _)| *place != NOWHERE).unzip();
            }
            Histogram { column, entries, sums: vec![0; BINS << (levels.max(1) - 1)] }
        };
        Histograms { columns: self, each: columns.par_iter().map(histogram).collect() }
    }
}

/// The rows that are added on a level: all on the first, then those of the smaller child of each leaf.
pub struct Added {
    /// Of which level the leaves are that the rows are added to.
    level: usize,
    /// By leaf, whether the smaller child is the right one; on the first level there are no children.
    right: Vec<bool>,
    rows: Vec<u32>,
    leaves: Vec<u8>,
    sums: Vec<Sums>,
    /// By place: what the row adds, nothing if it is not of them; and its leaf.
    placed: Vec<Sums>,
    placed_leaves: Vec<u8>,
    /// By leaf: what all of its rows add.
    totals: Vec<Sums>,
}

impl Drawn {
    /// Rows, ascending, with the gradient and the weight of each; and what the integers of their sums are worth.
    pub fn of(rows: Vec<u32>, derivatives: &[(f64, f64)], l2: f64) -> (Drawn, Scale) {
        // As fine as sums of so many rows fit their half of the word; no weight is more than a quarter.
        let n = rows.len().max(1) as f64;
        let (gradients, weights) = ((f64::from(i32::MAX) / n).floor(), (f64::from(u32::MAX) * 4.0 / n).floor());
        let sums = |(gradient, weight): &(f64, f64)| {
            (((gradient * gradients).round() as i64) << 32) + (weight * weights) as i64
        };
        let drawn = Drawn { sums: derivatives.iter().map(sums).collect(), leaves: vec![0; rows.len()], rows };
        (drawn, Scale { gradient: 1.0 / gradients, weight: 1.0 / weights, l2 })
    }

    /// All rows, for the first level.
    pub fn all(&self) -> Added {
        Added {
            level: 0,
            right: Vec::new(),
            rows: self.rows.clone(),
            leaves: self.leaves.clone(),
            sums: self.sums.clone(),
            placed: self.sums.clone(),
            placed_leaves: self.leaves.clone(),
            totals: vec![self.sums.iter().sum()],
        }
    }

    /// Sorts the rows into the children of a level's split; what is added anew are the smaller children.
    pub fn divide(&mut self, columns: &Columns<'_>, level: usize, split: Split) -> Added {
        let bins = columns.0[split.column as usize].bins;
        let mut counts = vec![[0u32; 2]; 1 << level];
        for (row, leaf) in self.rows.iter().zip(&mut self.leaves) {
            let yes = split.answer(bins[*row as usize]);
            counts[*leaf as usize][usize::from(yes)] += 1;
            *leaf |= u8::from(yes) << level;
        }
        let right: Vec<bool> = counts.iter().map(|[left, right]| right <= left).collect();
        let smaller: u32 = counts.iter().map(|[left, right]| left.min(right)).sum();
        let mut added = Added {
            level: level + 1,
            right,
            rows: Vec::with_capacity(smaller as usize),
            leaves: Vec::with_capacity(smaller as usize),
            sums: Vec::with_capacity(smaller as usize),
            placed: vec![0; self.rows.len()],
            placed_leaves: vec![0; self.rows.len()],
            totals: vec![0; 1 << level],
        };
        let parents = (1u8 << level) - 1;
        for (place, ((row, leaf), sums)) in self.rows.iter().zip(&self.leaves).zip(&self.sums).enumerate() {
            let of = leaf & parents;
            if added.right[of as usize] == (leaf >> level & 1 == 1) {
                added.rows.push(*row);
                added.leaves.push(of);
                added.sums.push(*sums);
                added.placed[place] = *sums;
                added.placed_leaves[place] = of;
                added.totals[of as usize] += sums;
            }
        }
        added
    }
}

impl Histograms<'_, '_> {
    /// Adds the rows of a level: afterwards the histograms are of its leaves.
    pub fn add(&mut self, added: &Added) {
        let columns = self.columns;
        self.each.par_iter_mut().for_each(|histogram| {
            let column = &columns.0[histogram.column as usize];
            if added.level == 0 {
                return added.sum(&mut histogram.sums[..BINS], column, &histogram.entries);
            }
            // The smaller child is added up, the other is what is left of the parent.
            let half = BINS << (added.level - 1);
            let (parents, smaller) = histogram.sums.split_at_mut(half);
            let smaller = &mut smaller[..half];
            added.sum(smaller, column, &histogram.entries);
            for ((parent, smaller), right) in parents.chunks_mut(BINS).zip(smaller.chunks_mut(BINS)).zip(&added.right) {
                for (parent, smaller) in parent.iter_mut().zip(smaller) {
                    *parent -= *smaller;
                    if !*right {
                        std::mem::swap(parent, smaller);
                    }
                }
            }
        });
    }

    /// The best split of a level's leaves with what it is worth.
    pub fn best(&self, level: usize, scale: &Scale) -> Option<(f64, Split)> {
        let split = |histogram: &Histogram| {
            best_split(
                &histogram.sums,
                1 << level,
                (histogram.column, &self.columns.0[histogram.column as usize]),
                scale,
            )
        };
        // Equal gains are settled by the column, so that threads do not matter.
        let better = |a: (f64, Split), b: (f64, Split)| {
            if b.0 > a.0 || (b.0 == a.0 && b.1.column < a.1.column) { b } else { a }
        };
        self.each.par_iter().filter_map(split).reduce_with(better)
    }
}

impl Added {
    /// The sums of a column by leaf and bin.
    fn sum(&self, histogram: &mut [Sums], column: &Column<'_>, entries: &Entries) {
        histogram.fill(0);
        let slot = |leaf: u8, bin: u8| usize::from(leaf) * BINS + (usize::from(bin) & (BINS - 1));
        let Some((common, _)) = &column.sparse else {
            for ((row, leaf), sums) in self.rows.iter().zip(&self.leaves).zip(&self.sums) {
                if let Some(slot) = histogram.get_mut(slot(*leaf, column.bins[*row as usize])) {
                    *slot += sums;
                }
            }
            return;
        };
        for (place, bin) in entries.at.iter().zip(&entries.bins) {
            let place = *place as usize;
            if let Some(slot) = histogram.get_mut(slot(self.placed_leaves[place], *bin)) {
                *slot += self.placed[place];
            }
        }
        for (leaf, total) in histogram.chunks_mut(BINS).zip(&self.totals) {
            leaf[usize::from(*common)] = total - leaf.iter().sum::<Sums>();
        }
    }
}

/// The best split of a column by the sum over all leaves of (gradient)² / (weight + l2).
fn best_split(
    histogram: &[Sums],
    leaves: usize,
    (column, of): (u32, &Column<'_>),
    scale: &Scale,
) -> Option<(f64, Split)> {
    // The last bin leaves nothing above it, nor do those that no row is in.
    let last = of.count.min(BINS) - 1;
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
        if of.absences {
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
    let other = if of.absences { best(&gains_absent, 1) } else { None };
    let other = other.map(|(gain, bin)| (gain, Split { column, bin: bin as u8, absent: true }));
    match (plain, other) {
        (Some(a), Some(b)) => Some(if b.0 > a.0 { b } else { a }),
        (a, b) => a.or(b),
    }
}
