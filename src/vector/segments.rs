//! Segments of rows: for each outer row the rows that belong to it, or a part of them. Invariant: rows of a later segment
//! are never before those of an earlier one.

use std::ops::Range;

/// For outer row `i` the rows `starts[i]..ends[i]`; none where that is not a range.
#[derive(Debug, Clone, Copy)]
pub struct Segments<'a> {
    starts: &'a [u32],
    ends: &'a [u32],
}

impl<'a> Segments<'a> {
    /// Segments that begin where the one before ends: for `n` of them `n + 1` ascending row numbers.
    #[inline]
    pub fn between(bounds: &'a [u32]) -> Self {
        let starts = bounds.split_last().map_or(&[][..], |(_, starts)| starts);
        Segments { starts, ends: bounds.get(1..).unwrap_or_default() }
    }

    /// Segments by where each begins and ends; as many as there are of both.
    #[inline]
    pub fn new(starts: &'a [u32], ends: &'a [u32]) -> Self {
        let len = starts.len().min(ends.len());
        Segments { starts: &starts[..len], ends: &ends[..len] }
    }

    /// How many.
    #[inline]
    pub fn len(self) -> usize {
        self.starts.len()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.starts.is_empty()
    }

    /// Where each begins.
    #[inline]
    pub fn starts(self) -> &'a [u32] {
        self.starts
    }

    /// Where each ends.
    #[inline]
    pub fn ends(self) -> &'a [u32] {
        self.ends
    }

    /// The rows of each.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = Range<usize>> + 'a {
        self.starts.iter().zip(self.ends).map(|(&start, &end)| start as usize..end.max(start) as usize)
    }

    /// The numbers of those that have rows: a loop over these need not guess at each whether it has some.
    pub fn with_rows(self) -> Vec<u32> {
        let mut numbers = vec![0; self.len() + 1];
        let mut found = 0;
        for (number, len) in (0..).zip(self.lens()) {
            numbers[found] = number;
            found += usize::from(len > 0);
        }
        numbers.truncate(found);
        numbers
    }

    /// The rows of one; none if there is no such segment.
    #[inline]
    pub fn get(self, number: u32) -> Range<usize> {
        match (self.starts.get(number as usize), self.ends.get(number as usize)) {
            (Some(&start), Some(&end)) => start as usize..end.max(start) as usize,
            _ => 0..0,
        }
    }

    /// How many rows each has.
    #[inline]
    pub fn lens(self) -> impl Iterator<Item = u32> + 'a {
        self.starts.iter().zip(self.ends).map(|(&start, &end)| end.saturating_sub(start))
    }
}
