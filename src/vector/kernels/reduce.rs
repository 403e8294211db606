//! Folding the rows of a domain into the rows that they belong to. `bounds` holds, for `n` outer rows, `n + 1` ascending
//! row numbers: the segment of outer row `i` is `bounds[i]..bounds[i + 1]`. Only rows that a mask keeps count, and
//! absent values are skipped. Invariant: a result does not depend on the order of the rows, except where it is said.

use rustc_hash::FxHashSet;

use super::choose::{list_of, look_up};
use super::collect;
use super::numbers::finite;
use crate::types::Ty;
use crate::vector::cells::{Cells, with_cells};
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

fn keeps(keep: Option<&Bitmap>, row: usize) -> bool {
    keep.is_none_or(|keep| keep.get(row))
}

/// Whether a segment has a row.
pub fn any(mask: Option<&Bitmap>, bounds: &[u32]) -> Bitmap {
    let len = bounds.len().saturating_sub(1);
    match mask {
        None => Bitmap::from_fn(len, |i| bounds[i] < bounds[i + 1]),
        Some(mask) => Bitmap::from_fn(len, |i| mask.any_range(bounds[i] as usize, bounds[i + 1] as usize)),
    }
}

/// How many rows a segment has.
pub fn count(mask: Option<&Bitmap>, bounds: &[u32]) -> Column {
    let counts = segments(bounds).map(|rows| match mask {
        None => rows.len() as i64,
        Some(mask) => mask.count_range(rows.start, rows.end) as i64,
    });
    Column::present(Data::Int(counts.collect()))
}

/// How many rows with a present value.
pub fn count_present(column: &Column, mask: Option<&Bitmap>, bounds: &[u32]) -> Column {
    count(taking_part(mask, column).as_ref(), bounds)
}

/// How many distinct present values.
pub fn count_distinct(column: &Column, mask: Option<&Bitmap>, bounds: &[u32]) -> Column {
    let keep = taking_part(mask, column);
    let counts = with_cells!(
        &column.data,
        cells => {
            let mut seen = FxHashSet::default();
            segments(bounds)
                .map(|rows| {
                    seen.clear();
                    seen.extend(rows.filter(|&row| keeps(keep.as_ref(), row)).map(|row| cells.get(row)));
                    seen.len() as i64
                })
                .collect()
        },
        vec![0; bounds.len().saturating_sub(1)]
    );
    Column::present(Data::Int(counts.into()))
}

/// The sum, 0 of none. Exact sums are absent if the result (not a sum on the way) does not fit; floats are added in the
/// order of the rows.
pub fn sum(column: &Column, mask: Option<&Bitmap>, bounds: &[u32], ty: &Ty) -> Column {
    let keep = taking_part(mask, column);
    let len = bounds.len().saturating_sub(1);
    let rows = |i: usize| (bounds[i] as usize..bounds[i + 1] as usize).filter(|&row| keeps(keep.as_ref(), row));
    match (&column.data, ty) {
        (Data::Int(v), Ty::Decimal(_)) => {
            let (sums, valid) = collect(len, None, |i| decimal::fit(rows(i).map(|row| i128::from(v[row])).sum()));
            Column { data: Data::Decimal(sums.into()), valid }
        }
        (Data::Int(v), _) => {
            let (sums, valid) =
                collect(len, None, |i| i64::try_from(rows(i).map(|row| i128::from(v[row])).sum::<i128>()).ok());
            Column { data: Data::Int(sums.into()), valid }
        }
        (Data::Decimal(v), _) => {
            let (sums, valid) = collect(len, None, |i| wide_sum(rows(i).map(|row| v[row])));
            Column { data: Data::Decimal(sums.into()), valid }
        }
        (Data::Float(v), _) => {
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
    let keep = taking_part(mask, column);
    let len = bounds.len().saturating_sub(1);
    let Data::Float(v) = &column.data else { return Column::absent(&Ty::Float, len) };
    let (means, valid) = collect(len, None, |i| {
        let (mut sum, mut count) = (0.0, 0u32);
        for row in bounds[i] as usize..bounds[i + 1] as usize {
            if keeps(keep.as_ref(), row) {
                sum += v[row];
                count += 1;
            }
        }
        finite(sum / f64::from(count))
    });
    Column { data: Data::Float(means.into()), valid }
}

/// The smallest (`largest`: the largest) present value, absent of none.
pub fn extreme(column: &Column, mask: Option<&Bitmap>, bounds: &[u32], largest: bool) -> Column {
    let keep = taking_part(mask, column);
    let keep = keep.as_ref();
    with_cells!(
        &column.data,
        cells => look_up(column, segments(bounds).map(|rows| extreme_row(cells, rows, keep, largest))),
        look_up(column, segments(bounds).map(|_| None))
    )
}

fn extreme_row<C: Cells>(cells: C, rows: std::ops::Range<usize>, keep: Option<&Bitmap>, largest: bool) -> Option<u32> {
    let mut best: Option<(C::Cell, usize)> = None;
    for row in rows {
        if keeps(keep, row) {
            let cell = cells.get(row);
            if best.is_none_or(|(known, _)| if largest { cell > known } else { cell < known }) {
                best = Some((cell, row));
            }
        }
    }
    best.map(|(_, row)| row as u32)
}

/// The present value of the first (`last`: the last) row. With `ties`, times by which the rows are ordered: of the rows
/// of that time the smallest present value.
pub fn end(column: &Column, mask: Option<&Bitmap>, bounds: &[u32], last: bool, ties: Option<&Column>) -> Column {
    let keep = taking_part(mask, column);
    let keep = keep.as_ref();
    let pick = |rows: std::ops::Range<usize>| {
        let mut rows = rows.filter(|&row| keeps(keep, row));
        if last { rows.next_back() } else { rows.next() }
    };
    let times = match ties {
        None => return look_up(column, segments(bounds).map(|rows| pick(rows).map(|row| row as u32))),
        Some(Column { data: Data::Int(times), .. }) => times,
        Some(_) => return look_up(column, segments(bounds).map(|_| None)),
    };
    let smallest = |rows: std::ops::Range<usize>| {
        let at = pick(rows.clone())?;
        let simultaneous = if last {
            rows.start + times[rows.start..=at].partition_point(|&time| time < times[at])..at + 1
        } else {
            at..at + times[at..rows.end].partition_point(|&time| time <= times[at])
        };
        with_cells!(&column.data, cells => extreme_row(cells, simultaneous, keep, false), None)
    };
    look_up(column, segments(bounds).map(smallest))
}

/// The present values in order.
pub fn list(column: &Column, mask: Option<&Bitmap>, bounds: &[u32]) -> Column {
    let keep = taking_part(mask, column);
    let (mut rows, mut ends) = (Vec::new(), vec![0]);
    for segment in segments(bounds) {
        rows.extend(segment.filter(|&row| keeps(keep.as_ref(), row)).map(|row| row as u32));
        ends.push(rows.len() as u32);
    }
    Column::present(list_of(ends, column, &rows))
}
