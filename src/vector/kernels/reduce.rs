//! Folding the rows of a domain into the rows that they belong to: those of segment `i` into outer row `i`. Only rows that
//! a mask keeps count, and absent values are skipped. Invariant: a result does not depend on the order of the rows, except
//! where it is said.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::choose::list_of;
use super::compare::{gather_bits, pack};
use super::numbers::finite;
use crate::types::Ty;
use crate::vector::cells::{Cells, with_cells};
use crate::vector::codes::{Code, with_codes};
use crate::vector::select::ABSENT;
use crate::vector::wide::wide;
use crate::vector::{Bitmap, Codes, Column, Data, Segments, bitmap, decimal};

/// The rows that take part: those of the mask (all if `None`) in which the value is present.
fn taking_part(mask: Option<&Bitmap>, column: &Column) -> Option<Bitmap> {
    match (mask, &column.valid) {
        (None, None) => None,
        (Some(mask), None) => Some(mask.clone()),
        (None, Some(valid)) => Some(valid.clone()),
        (Some(mask), Some(valid)) => Some(mask.and(valid)),
    }
}

/// Runs an expression with a function from a segment to its rows that are kept, compiled for masks and for none.
macro_rules! with_rows {
    ($keep:expr, $len:expr, $rows:ident => $body:expr) => {
        match &$keep {
            None => {
                let len = $len;
                let $rows = |segment: Range<usize>| segment.start..segment.end.min(len);
                $body
            }
            Some(keep) => {
                let keep = keep.view();
                let $rows = |segment: Range<usize>| keep.ones_in(segment.start, segment.end);
                $body
            }
        }
    };
}

/// Whether a segment has a row.
pub fn any(mask: Option<&Bitmap>, segments: Segments<'_>) -> Bitmap {
    match mask {
        Some(mask) => {
            let counts = mask.counts(segments);
            pack(&counts, counts.len(), |count| count > 0)
        }
        None => {
            let lens: Vec<u32> = segments.lens().collect();
            pack(&lens, lens.len(), |len| len > 0)
        }
    }
}

/// How many rows a segment has.
pub fn count(mask: Option<&Bitmap>, segments: Segments<'_>) -> Column {
    Column::present(Data::Int(match mask {
        Some(mask) => mask.counts(segments).into_iter().map(i64::from).collect(),
        None => segments.lens().map(i64::from).collect(),
    }))
}

/// How many rows with a present value.
pub fn count_present(column: &Column, mask: Option<&Bitmap>, segments: Segments<'_>) -> Column {
    count(taking_part(mask, column).as_ref(), segments)
}

/// How many distinct present values.
pub fn count_distinct(column: &Column, mask: Option<&Bitmap>, segments: Segments<'_>) -> Column {
    let keep = taking_part(mask, column);
    let stamped = match &column.data {
        // Values of a dictionary are distinct, so that their codes say it all.
        Data::Text { codes: Codes::U8(codes), dictionary } if dictionary.len() <= 64 => {
            Some(distinct_bytes::<1>(codes, keep.as_ref(), segments))
        }
        Data::Text { codes: Codes::U8(codes), .. } => Some(distinct_bytes::<4>(codes, keep.as_ref(), segments)),
        Data::Text { codes, .. } => {
            with_codes!(codes, codes => distinct_stamped(codes, |c| i64::from(c.wide()), keep.as_ref(), segments))
        }
        Data::Bucket(v) => Some(distinct_bytes::<1>(v, keep.as_ref(), segments)),
        Data::Date(v) => distinct_stamped(v, i64::from, keep.as_ref(), segments),
        Data::Int(v) => distinct_stamped(v, |v| v, keep.as_ref(), segments),
        Data::Bool(_) | Data::Decimal(_) | Data::Float(_) | Data::List { .. } => None,
    };
    let counts = stamped.unwrap_or_else(|| distinct_hashed(column, keep.as_ref(), segments));
    Column::present(Data::Int(counts.into()))
}

/// Counts values of a byte by a set of bits, of so many words as hold them all.
fn distinct_bytes<const WORDS: usize>(values: &[u8], keep: Option<&Bitmap>, segments: Segments<'_>) -> Vec<i64> {
    with_rows!(keep, values.len(), rows => wide!(distinct_bits::<WORDS, _>(values, &rows, segments)))
}

#[inline(always)]
fn distinct_bits<const WORDS: usize, R: Iterator<Item = usize>>(
    values: &[u8],
    rows: impl Fn(Range<usize>) -> R,
    segments: Segments<'_>,
) -> Vec<i64> {
    let mut counts = vec![0; segments.len()];
    for segment in segments.with_rows() {
        let mut seen = [0u64; WORDS];
        for row in rows(segments.get(segment)) {
            seen[usize::from(values[row] >> 6) % WORDS] |= 1 << (values[row] & 63);
        }
        counts[segment as usize] = i64::from(seen.iter().map(|word| word.count_ones()).sum::<u32>());
    }
    counts
}

/// Values of a smaller range than this are marked in an array of it.
const STAMPS: i64 = 1 << 16;

/// Counts by marking each value with the last segment that had it; `None` if the values are too far apart.
fn distinct_stamped<T: Copy>(
    values: &[T],
    number: impl Fn(T) -> i64,
    keep: Option<&Bitmap>,
    segments: Segments<'_>,
) -> Option<Vec<i64>> {
    with_rows!(keep, values.len(), rows => {
        let (mut low, mut high) = (i64::MAX, i64::MIN);
        for row in segments.iter().flat_map(rows) {
            let value = number(values[row]);
            (low, high) = (low.min(value), high.max(value));
        }
        let range = if low > high { 0 } else { high.checked_sub(low)? };
        if range >= STAMPS {
            return None;
        }
        let mut stamps = vec![0u32; range as usize + 1];
        let counts = segments.iter().enumerate().map(|(segment, range)| {
            let stamp = segment as u32 + 1;
            let mut count = 0;
            for row in rows(range) {
                let known = &mut stamps[(number(values[row]) - low) as usize];
                count += i64::from(*known != stamp);
                *known = stamp;
            }
            count
        });
        Some(counts.collect())
    })
}

fn distinct_hashed(column: &Column, keep: Option<&Bitmap>, segments: Segments<'_>) -> Vec<i64> {
    with_cells!(
        &column.data,
        cells => with_rows!(keep, column.len(), rows => {
            let mut seen = FxHashSet::default();
            let count = |segment: Range<usize>| {
                seen.clear();
                seen.extend(rows(segment).map(|row| cells.get(row)));
                seen.len() as i64
            };
            segments.iter().map(count).collect()
        }),
        vec![0; segments.len()]
    )
}

/// Where values that ascend within each segment change, so that distinct ones are counted without looking at them.
#[derive(Debug, Clone)]
pub struct Steps {
    /// The rows whose value is not that of the row before.
    changes: Bitmap,
}

impl Steps {
    /// Of dates that are all present; `None` if they do not ascend in each segment, and for other values.
    pub fn new(column: &Column, segments: Segments<'_>) -> Option<Steps> {
        let (Data::Date(dates), None) = (&column.data, &column.valid) else { return None };
        let (changes, descents) = wide!(changes_of(dates));
        let descents = Bitmap::from_words(descents, dates.len());
        let first = |row: u32| descents.get(row as usize);
        let between = segments.iter().zip(segments.starts()).filter(|(rows, start)| !rows.is_empty() && first(**start));
        (between.count() == descents.count()).then(|| Steps { changes: Bitmap::from_words(changes, dates.len()) })
    }

    /// How many distinct values the segments have, of which each lies in one that the steps were made with.
    pub fn distinct(&self, segments: Segments<'_>) -> Column {
        // The first row of a segment counts, whether it is a change or not.
        let starts: Vec<u32> = segments.starts().iter().map(|start| start.saturating_add(1)).collect();
        let changes = self.changes.counts(Segments::new(&starts, segments.ends()));
        let counts = changes.into_iter().zip(segments.lens()).map(|(n, len)| i64::from(n) + i64::from(len > 0));
        Column::present(Data::Int(counts.collect()))
    }
}

/// Which values are others than the one before, and which are smaller.
#[inline(always)]
fn changes_of(values: &[i32]) -> (Vec<u64>, Vec<u64>) {
    let len = values.len().div_ceil(64);
    let (mut changes, mut descents) = (Vec::with_capacity(len), Vec::with_capacity(len));
    let mut before = values.first().copied().unwrap_or(0);
    let (chunks, rest) = values.as_chunks::<64>();
    for chunk in chunks {
        let (changed, descended) = changes_in(chunk, before);
        before = chunk[63];
        changes.push(changed);
        descents.push(descended);
    }
    if let Some(&end) = rest.last() {
        let mut chunk = [end; 64];
        chunk[..rest.len()].copy_from_slice(rest);
        let (changed, descended) = changes_in(&chunk, before);
        changes.push(changed);
        descents.push(descended);
    }
    (changes, descents)
}

#[inline(always)]
fn changes_in(values: &[i32; 64], before: i32) -> (u64, u64) {
    let mut last = [before; 64];
    last[1..].copy_from_slice(&values[..63]);
    let (mut changed, mut descended) = ([0; 64], [0; 64]);
    for i in 0..64 {
        changed[i] = u8::from(values[i] != last[i]);
        descended[i] = u8::from(values[i] < last[i]);
    }
    (gather_bits(&changed), gather_bits(&descended))
}

/// The sum, 0 of none. Exact sums are absent if the result (not a sum on the way) does not fit; floats are added in the
/// order of the rows.
pub fn sum(column: &Column, mask: Option<&Bitmap>, segments: Segments<'_>, ty: &Ty) -> Column {
    let keep = taking_part(mask, column);
    with_rows!(keep, column.len(), rows => sum_of(column, rows, segments, ty))
}

fn sum_of<R: Iterator<Item = usize>>(
    column: &Column,
    rows: impl Fn(Range<usize>) -> R,
    segments: Segments<'_>,
    ty: &Ty,
) -> Column {
    match (&column.data, ty) {
        (Data::Int(v), Ty::Decimal(_)) => {
            let v: &[i64] = v;
            let (sums, valid) =
                folded(segments, Some(0), |own| decimal::fit(rows(own).map(|row| i128::from(v[row])).sum()));
            Column { data: Data::Decimal(sums.into()), valid }
        }
        (Data::Int(v), _) => {
            let v: &[i64] = v;
            let sum = |own| i64::try_from(rows(own).map(|row| i128::from(v[row])).sum::<i128>()).ok();
            let (sums, valid) = folded(segments, Some(0), sum);
            Column { data: Data::Int(sums.into()), valid }
        }
        (Data::Decimal(v), _) => {
            let v: &[i128] = v;
            let (sums, valid) = folded(segments, Some(0), |own| wide_sum(rows(own).map(|row| v[row])));
            Column { data: Data::Decimal(sums.into()), valid }
        }
        (Data::Float(v), _) => {
            let v: &[f64] = v;
            let (sums, valid) = folded(segments, Some(0.0), |own| finite(rows(own).fold(0.0, |sum, row| sum + v[row])));
            Column { data: Data::Float(sums.into()), valid }
        }
        _ => Column::absent(ty, segments.len()),
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
pub fn mean(column: &Column, mask: Option<&Bitmap>, segments: Segments<'_>) -> Column {
    let keep = taking_part(mask, column);
    let Data::Float(v) = &column.data else { return Column::absent(&Ty::Float, segments.len()) };
    let v: &[f64] = v;
    let (means, valid) = with_rows!(keep, v.len(), rows => folded(segments, None, |own| {
        let (mut sum, mut count) = (0.0, 0u32);
        for row in rows(own) {
            sum += v[row];
            count += 1;
        }
        finite(sum / f64::from(count))
    }));
    Column { data: Data::Float(means.into()), valid }
}

/// The smallest (`largest`: the largest) present value, absent of none.
pub fn extreme(column: &Column, mask: Option<&Bitmap>, segments: Segments<'_>, largest: bool) -> Column {
    let keep = taking_part(mask, column);
    with_cells!(
        &column.data,
        cells => with_rows!(keep, column.len(), rows => {
            picked(column, segments, |own| extreme_row(cells, rows(own), largest))
        }),
        picked(column, segments, |_| None)
    )
}

fn extreme_row<C: Cells>(cells: C, rows: impl Iterator<Item = usize>, largest: bool) -> Option<u32> {
    let mut best: Option<(C::Cell, usize)> = None;
    for row in rows {
        let cell = cells.get(row);
        if best.is_none_or(|(known, _)| if largest { cell > known } else { cell < known }) {
            best = Some((cell, row));
        }
    }
    best.map(|(_, row)| row as u32)
}

/// What is computed of the rows of each segment; of one without rows `empty`, `None` is absent.
fn folded<T: Copy + Default>(
    segments: Segments<'_>,
    empty: Option<T>,
    value: impl Fn(Range<usize>) -> Option<T>,
) -> (Vec<T>, Option<Bitmap>) {
    let mut values = vec![empty.unwrap_or_default(); segments.len()];
    let mut words = vec![if empty.is_some() { u64::MAX } else { 0 }; segments.len().div_ceil(64)];
    for segment in segments.with_rows() {
        let (at, bit) = (segment as usize, 1 << (segment % 64));
        match value(segments.get(segment)) {
            Some(value) => {
                values[at] = value;
                words[at / 64] |= bit;
            }
            None => words[at / 64] &= !bit,
        }
    }
    let valid = Bitmap::from_words(words, segments.len());
    (values, (!valid.is_filled()).then_some(valid))
}

/// The values at one row of each segment, absent where there is none.
fn picked(column: &Column, segments: Segments<'_>, row: impl Fn(Range<usize>) -> Option<u32>) -> Column {
    let mut rows = vec![ABSENT; segments.len()];
    for segment in segments.with_rows() {
        if let Some(row) = row(segments.get(segment)) {
            rows[segment as usize] = row;
        }
    }
    column.take(&rows)
}

/// The present value of the first (`last`: the last) row. With `ties`, times by which the rows are ordered: of the rows
/// of that time the smallest present value.
pub fn end(
    column: &Column,
    mask: Option<&Bitmap>,
    segments: Segments<'_>,
    last: bool,
    ties: Option<&Column>,
) -> Column {
    end_at(column, |row| row, mask, segments, last, ties)
}

/// The same of a column whose value for a row stands `at` another one.
pub fn end_at(
    column: &Column,
    at: impl Fn(usize) -> usize,
    mask: Option<&Bitmap>,
    segments: Segments<'_>,
    last: bool,
    ties: Option<&Column>,
) -> Column {
    let valid = column.valid.as_ref().map(Bitmap::view);
    let present = |row: usize| valid.is_none_or(|valid| valid.get(at(row)));
    let times = match ties.map(|ties| &ties.data) {
        None => None,
        Some(Data::Int(times)) => Some(&times[..]),
        Some(_) => return picked(column, segments, |_| None),
    };
    if let (None, None, None) = (mask, valid, times) {
        let end = |rows: Range<usize>| if last { rows.last() } else { rows.into_iter().next() };
        return picked(column, segments, |rows| u32::try_from(at(end(rows)?)).ok());
    }
    let kept = mask.map(Bitmap::view);
    let place = |rows: Range<usize>| {
        let row = end_row(kept, rows.clone(), last, present)?;
        let row = match times.map(|times| simultaneous(times, rows, row, last)) {
            Some(rows) if rows.len() > 1 => {
                let rows = rows.filter(|&row| kept.is_none_or(|kept| kept.get(row)) && present(row));
                with_cells!(&column.data, cells => rows.min_by_key(|&row| cells.get(at(row)))?, row)
            }
            _ => row,
        };
        u32::try_from(at(row)).ok()
    };
    picked(column, segments, place)
}

/// The first or last row of a segment that the mask keeps and that is present.
#[inline]
fn end_row(
    mask: Option<bitmap::View<'_>>,
    rows: Range<usize>,
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
fn simultaneous(times: &[i64], rows: Range<usize>, at: usize, last: bool) -> Range<usize> {
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
pub fn list(column: &Column, mask: Option<&Bitmap>, segments: Segments<'_>) -> Column {
    let keep = taking_part(mask, column);
    let (mut found, mut ends) = (Vec::new(), vec![0]);
    with_rows!(keep, column.len(), rows => for segment in segments.iter() {
        found.extend(rows(segment).map(|row| row as u32));
        ends.push(found.len() as u32);
    });
    Column::present(list_of(ends, column, &found))
}
