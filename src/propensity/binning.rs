//! Columns of numbers to small integers. Names `hash`. Invariant: bin 0 is absence; a value is in bin `1 + borders below
//! it`, so that a row's bins and a value's bin at scoring time are told by the borders alone.

use rayon::prelude::*;

use super::hash;

/// Bins of a column, absence included: a histogram of 32 leaves then fits a first-level cache.
pub const BINS: usize = 64;
/// Borders of a column, at most.
const BORDERS: usize = BINS - 2;
/// Rows that borders are told from.
pub const BORDER_ROWS: usize = 200_000;

/// The borders of one column, ascending.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Borders(pub Vec<f32>);

impl Borders {
    /// Quantiles of the present values: between any two neighbouring distinct values where there are few, else about
    /// equally many rows in each bin. `NaN` is absence.
    pub fn of(values: &[f32]) -> Borders {
        let mut sorted: Vec<f32> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        sorted.sort_unstable_by(f32::total_cmp);
        let mut runs: Vec<(f32, usize)> = Vec::new();
        for value in sorted {
            match runs.last_mut() {
                Some((last, count)) if *last == value => *count += 1,
                _ => runs.push((value, 1)),
            }
        }
        let distinct = runs.len();
        let mut left: usize = runs.iter().map(|(_, count)| count).sum();
        let mut borders = Vec::new();
        let mut held = 0;
        for (at, pair) in runs.windows(2).enumerate() {
            let ((value, count), (next, _)) = (pair[0], pair[1]);
            held += count;
            let open = BORDERS - borders.len();
            if open == 0 {
                break;
            }
            let few = distinct - 1 - at <= open;
            if few || held * (open + 1) >= left {
                borders.push(between(value, next));
                left -= held;
                held = 0;
            }
        }
        Borders(borders)
    }

    /// The bin of a value.
    pub fn bin(&self, value: f32) -> u8 {
        if value.is_nan() { 0 } else { 1 + self.0.partition_point(|border| *border < value) as u8 }
    }
}

/// A number that is not below the first and is below the second.
fn between(low: f32, high: f32) -> f32 {
    let middle = ((f64::from(low) + f64::from(high)) / 2.0) as f32;
    if middle < high && middle >= low { middle } else { low }
}

/// The bins of many columns.
#[derive(Debug, Clone, Default)]
pub struct Binned {
    /// How many rows.
    pub rows: usize,
    /// By column, a bin per row.
    pub columns: Vec<Vec<u8>>,
}

impl Binned {
    /// The bins of columns by borders that are known.
    pub fn of(columns: &[Vec<f32>], borders: &[Borders]) -> Binned {
        let rows = columns.first().map_or(0, Vec::len);
        let bins = |(column, borders): (&Vec<f32>, &Borders)| column.iter().map(|v| borders.bin(*v)).collect();
        Binned { rows, columns: columns.par_iter().zip(borders).map(bins).collect() }
    }
}

/// The borders of each column; of very many rows a part tells them, drawn by the rows' hashes.
pub fn borders(columns: &[Vec<f32>], ids: &[u64], seed: u64) -> Vec<Borders> {
    let share = BORDER_ROWS as f64 / ids.len().max(1) as f64;
    if share >= 1.0 {
        return columns.par_iter().map(|column| Borders::of(column)).collect();
    }
    let rows: Vec<usize> = (0..ids.len()).filter(|&row| hash::drawn(ids[row] ^ hash::mix(seed), share)).collect();
    let part = |column: &Vec<f32>| Borders::of(&rows.iter().map(|&row| column[row]).collect::<Vec<f32>>());
    columns.par_iter().map(part).collect()
}
