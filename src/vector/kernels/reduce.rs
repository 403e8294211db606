//! Folding the rows of a domain into the rows that they belong to. `bounds` holds, for `n` outer rows, `n + 1` ascending
//! row numbers: the segment of outer row `i` is `bounds[i]..bounds[i + 1]`. Only rows that a mask keeps count, and
//! absent values are skipped. Invariant: a result does not depend on the order of the rows, except where it is said.

use rustc_hash::FxHashSet;

use super::choose::{list_of, look_up};
use super::collect;
use super::numbers::finite;
use crate::types::Ty;
use crate::vector::cells::{Cells, with_cells};
use crate::vector::codes::{Code, with_codes};
use crate::vector::{Bitmap, Column, Data, decimal};

/// The rows that take part: those of the mask (all if `None`) in which the value is present.
fn taking_part(mask: Option<&Bitmap>, column: &Column) -> Option<Bitmap> {
    match (mask, &column.valid) {
        (None, None) => None,
        (Some(mask), None) => Some(mask.clone()),
        (None, Some(valid)) => Some(valid.clone()),
        (Some(mask), Some(valid)) => Some(mask.and(valid)),
    }
}

fn segments(bounds: &[u32]) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    bounds.windows(2).map(|pair| pair[0] as usize..pair[1] as usize)
}

/// The rows that take part as bits, also if all do.
fn kept(mask: Option<&Bitmap>, column: &Column) -> Bitmap {
    taking_part(mask, column).unwrap_or_else(|| Bitmap::filled(column.len(), true))
}

/// Whether a segment has a row.
pub fn any(mask: Option<&Bitmap>, bounds: &[u32]) -> Bitmap {
    let len = bounds.len().saturating_sub(1);
    let ranks = mask.map(|mask| mask.ranks(bounds));
    let before = ranks.as_deref().unwrap_or(bounds);
    Bitmap::from_fn(len, |i| before[i] < before[i + 1])
}

/// How many rows a segment has.
pub fn count(mask: Option<&Bitmap>, bounds: &[u32]) -> Column {
    let ranks = mask.map(|mask| mask.ranks(bounds));
    let before = ranks.as_deref().unwrap_or(bounds);
    Column::present(Data::Int(before.windows(2).map(|pair| i64::from(pair[1] - pair[0])).collect()))
}

/// How many rows with a present value.
pub fn count_present(column: &Column, mask: Option<&Bitmap>, bounds: &[u32]) -> Column {
    count(taking_part(mask, column).as_ref(), bounds)
}

/// How many distinct present values.
pub fn count_distinct(column: &Column, mask: Option<&Bitmap>, bounds: &[u32]) -> Column {
    let keep = kept(mask, column);
    let stamped = match &column.data {
        // Values of a dictionary are distinct, so that their codes say it all.
        Data::Text { codes, .. } => {
            with_codes!(codes, codes => distinct_stamped(codes, |c| i64::from(c.wide()), &keep, bounds))
        }
        Data::Date(v) => distinct_stamped(v, i64::from, &keep, bounds),
        Data::Int(v) => distinct_stamped(v, |v| v, &keep, bounds),
        Data::Bucket(v) => distinct_stamped(v, i64::from, &keep, bounds),
        Data::Bool(_) | Data::Decimal(_) | Data::Float(_) | Data::List { .. } => None,
    };
    let counts = stamped.unwrap_or_else(|| distinct_hashed(column, &keep, bounds));
    Column::present(Data::Int(counts.into()))
}

/// Values of a smaller range than this are marked in an array of it.
const STAMPS: i64 = 1 << 16;

/// Counts by marking each value with the last segment that had it; `None` if the values are too far apart.
fn distinct_stamped<T: Copy>(
    values: &[T],
    number: impl Fn(T) -> i64,
    keep: &Bitmap,
    bounds: &[u32],
) -> Option<Vec<i64>> {
    let (mut low, mut high) = (i64::MAX, i64::MIN);
    for row in keep.ones() {
        let value = number(values[row]);
        (low, high) = (low.min(value), high.max(value));
    }
    let range = if low > high { 0 } else { high.checked_sub(low)? };
    if range >= STAMPS {
        return None;
    }
    let mut stamps = vec![0u32; range as usize + 1];
    let counts = segments(bounds).enumerate().map(|(segment, rows)| {
        let stamp = segment as u32 + 1;
        let mut count = 0;
        for row in keep.ones_in(rows.start, rows.end) {
            let last = &mut stamps[(number(values[row]) - low) as usize];
            count += i64::from(*last != stamp);
            *last = stamp;
        }
        count
    });
    Some(counts.collect())
}

fn distinct_hashed(column: &Column, keep: &Bitmap, bounds: &[u32]) -> Vec<i64> {
    with_cells!(
        &column.data,
        cells => {
            let mut seen = FxHashSet::default();
            let count = |rows: std::ops::Range<usize>| {
                seen.clear();
                seen.extend(keep.ones_in(rows.start, rows.end).map(|row| cells.get(row)));
                seen.len() as i64
            };
            segments(bounds).map(count).collect()
        },
        vec![0; bounds.len().saturating_sub(1)]
    )
}

/// The sum, 0 of none. Exact sums are absent if the result (not a sum on the way) does not fit; floats are added in the
/// order of the rows.
pub fn sum(column: &Column, mask: Option<&Bitmap>, bounds: &[u32], ty: &Ty) -> Column {
    let keep = kept(mask, column);
    let len = bounds.len().saturating_sub(1);
    let rows = |i: usize| keep.ones_in(bounds[i] as usize, bounds[i + 1] as usize);
    match (&column.data, ty) {
        (Data::Int(v), Ty::Decimal(_)) => {
            let v: &[i64] = v;
            let (sums, valid) = collect(len, None, |i| decimal::fit(rows(i).map(|row| i128::from(v[row])).sum()));
            Column { data: Data::Decimal(sums.into()), valid }
        }
        (Data::Int(v), _) => {
            let v: &[i64] = v;
            let (sums, valid) =
                collect(len, None, |i| i64::try_from(rows(i).map(|row| i128::from(v[row])).sum::<i128>()).ok());
            Column { data: Data::Int(sums.into()), valid }
        }
        (Data::Decimal(v), _) => {
            let (sums, valid) = collect(len, None, |i| wide_sum(rows(i).map(|row| v[row])));
            Column { data: Data::Decimal(sums.into()), valid }
        }
        (Data::Float(v), _) => {
            let v: &[f64] = v;
            let (sums, valid) = collect(len, None, |i| finite(rows(i).fold(0.0, |sum, row| sum + v[row])));
            Column { data: Data::Float(sums.into()), valid }
        }
        _ => Column::absent(ty, len),
    }
}

/// The sum of numbers whose partial sums may leave 128 bits.
fn wide_sum(values: impl Iterator<Item = i128>) -> Option<i128> {
    let (mut sum, mut wraps) = (0i128, 0i64);
    for value in values {
        let (next, wrapped) = sum.overflowing_add(value);
        if wrapped {
            wraps += if value < 0 { -1 } else { 1 };
        }
        sum = next;
    }
    if wraps == 0 { decimal::fit(sum) } else { None }
}

/// The mean of floats, absent of none.
pub fn mean(column: &Column, mask: Option<&Bitmap>, bounds: &[u32]) -> Column {
    let keep = kept(mask, column);
    let len = bounds.len().saturating_sub(1);
    let Data::Float(v) = &column.data else { return Column::absent(&Ty::Float, len) };
    let v: &[f64] = v;
    let (means, valid) = collect(len, None, |i| {
        let (mut sum, mut count) = (0.0, 0u32);
        for row in keep.ones_in(bounds[i] as usize, bounds[i + 1] as usize) {
            sum += v[row];
            count += 1;
        }
        finite(sum / f64::from(count))
    });
    Column { data: Data::Float(means.into()), valid }
}

/// The smallest (`largest`: the largest) present value, absent of none.
pub fn extreme(column: &Column, mask: Option<&Bitmap>, bounds: &[u32], largest: bool) -> Column {
    let keep = &kept(mask, column);
    with_cells!(
        &column.data,
        cells => look_up(column, segments(bounds).map(|rows| extreme_row(cells, rows, keep, largest))),
        look_up(column, segments(bounds).map(|_| None))
    )
}

fn extreme_row<C: Cells>(cells: C, rows: std::ops::Range<usize>, keep: &Bitmap, largest: bool) -> Option<u32> {
    let mut best: Option<(C::Cell, usize)> = None;
    for row in keep.ones_in(rows.start, rows.end) {
        let cell = cells.get(row);
        if best.is_none_or(|(known, _)| if largest { cell > known } else { cell < known }) {
            best = Some((cell, row));
        }
    }
    best.map(|(_, row)| row as u32)
}

/// The present value of the first (`last`: the last) row. With `ties`, times by which the rows are ordered: of the rows
/// of that time the smallest present value.
pub fn end(column: &Column, mask: Option<&Bitmap>, bounds: &[u32], last: bool, ties: Option<&Column>) -> Column {
    end_at(column, |row| row, mask, bounds, last, ties)
}

/// The same of a column whose value for a row stands `at` another one.
pub fn end_at(
    column: &Column,
    at: impl Fn(usize) -> usize,
    mask: Option<&Bitmap>,
    bounds: &[u32],
    last: bool,
    ties: Option<&Column>,
) -> Column {
    let valid = column.valid.as_ref().map(Bitmap::view);
    let present = |row: usize| valid.is_none_or(|valid| valid.get(at(row)));
    let times = match ties.map(|ties| &ties.data) {
        None => None,
        Some(Data::Int(times)) => Some(&times[..]),
        Some(_) => return look_up(column, segments(bounds).map(|_| None)),
    };
    let place = |rows: std::ops::Range<usize>| {
        let row = end_row(mask, rows.clone(), last, present)?;
        let row = match times.map(|times| simultaneous(times, rows, row, last)) {
            Some(rows) if rows.len() > 1 => {
                let rows = rows.filter(|&row| mask.is_none_or(|mask| mask.get(row)) && present(row));
                with_cells!(&column.data, cells => rows.min_by_key(|&row| cells.get(at(row)))?, row)
            }
            _ => row,
        };
        u32::try_from(at(row)).ok()
    };
    look_up(column, segments(bounds).map(place))
}

/// The first or last row of a segment that the mask keeps and that is present.
fn end_row(
    mask: Option<&Bitmap>,
    rows: std::ops::Range<usize>,
    last: bool,
    present: impl Fn(usize) -> bool,
) -> Option<usize> {
    let is_present = |row: &usize| present(*row);
    match (mask, last) {
        (None, false) => rows.into_iter().find(is_present),
        (None, true) => rows.rev().find(is_present),
        (Some(mask), false) => mask.ones_in(rows.start, rows.end).find(is_present),
        (Some(mask), true) => {
            let mut end = rows.end;
            loop {
                let row = mask.last_in(rows.start, end)?;
                if present(row) {
                    return Some(row);
                }
                end = row;
            }
        }
    }
}

/// The rows of a segment up to the last, or from the first, that have the time of that one.
fn simultaneous(times: &[i64], rows: std::ops::Range<usize>, at: usize, last: bool) -> std::ops::Range<usize> {
    let same = |row: usize| times[row] == times[at];
    let (mut start, mut end) = (at, at + 1);
    while last && start > rows.start && same(start - 1) {
        start -= 1;
    }
    while !last && end < rows.end && same(end) {
        end += 1;
    }
    start..end
}

/// The present values in order.
pub fn list(column: &Column, mask: Option<&Bitmap>, bounds: &[u32]) -> Column {
    let keep = kept(mask, column);
    let (mut rows, mut ends) = (Vec::new(), vec![0]);
    for segment in segments(bounds) {
        rows.extend(keep.ones_in(segment.start, segment.end).map(|row| row as u32));
        ends.push(rows.len() as u32);
    }
    Column::present(list_of(ends, column, &rows))
}
