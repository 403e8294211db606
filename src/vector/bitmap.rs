//! A packed array of bits: predicates and validity.
//! Invariant: bits past `len` in the last word are zero.

use super::wide::wide;
use super::{Buffer, Segments};

/// A packed array of bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitmap {
    words: Buffer<u64>,
    len: usize,
}

impl Bitmap {
    /// `len` bits of one value.
    pub fn filled(len: usize, value: bool) -> Self {
        let mut words = vec![if value { u64::MAX } else { 0 }; len.div_ceil(64)];
        mask_tail(&mut words, len);
        Bitmap { words: words.into(), len }
    }

    /// Bits from a function of the row.
    pub fn from_fn(len: usize, bit: impl Fn(usize) -> bool) -> Self {
        let word = |base: usize, many: usize| (0..many).fold(0, |word, i| word | u64::from(bit(base + i)) << i);
        let mut words = Vec::with_capacity(len.div_ceil(64));
        words.extend((0..len / 64).map(|w| word(w * 64, 64)));
        if !len.is_multiple_of(64) {
            words.push(word(len / 64 * 64, len % 64));
        }
        Bitmap { words: words.into(), len }
    }

    /// Bits from words; bits past `len` are cleared.
    pub fn from_words(mut words: Vec<u64>, len: usize) -> Self {
        words.resize(len.div_ceil(64), 0);
        mask_tail(&mut words, len);
        Bitmap { words: words.into(), len }
    }

    /// Bits from an array that is not copied; `None` if it is not of this length or has bits past it.
    pub fn from_buffer(words: Buffer<u64>, len: usize) -> Option<Self> {
        let fits = words.len() == len.div_ceil(64);
        let clear = len.is_multiple_of(64) || words.last().is_some_and(|last| last >> (len % 64) == 0);
        (fits && clear).then_some(Bitmap { words, len })
    }

    /// How many bits.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The words; bits past the end are zero.
    #[inline]
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The bit of a row; false past the end.
    #[inline]
    pub fn get(&self, row: usize) -> bool {
        row < self.len && self.words[row / 64] >> (row % 64) & 1 == 1
    }

    /// The bits as a slice of words, for loops.
    #[inline]
    pub fn view(&self) -> View<'_> {
        View { words: &self.words, len: self.len }
    }

    /// How many bits are set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether all bits are set.
    pub fn is_filled(&self) -> bool {
        let (whole, rest) = self.words.split_at_checked(self.len / 64).unwrap_or_default();
        whole.iter().all(|&word| word == u64::MAX)
            && rest.iter().all(|word| word.count_ones() as usize == self.len % 64)
    }

    /// Both. The lengths must be equal; the shorter counts otherwise.
    #[inline]
    pub fn and(&self, other: &Bitmap) -> Bitmap {
        self.zip(other, |a, b| a & b)
    }

    /// Either.
    pub fn or(&self, other: &Bitmap) -> Bitmap {
        self.zip(other, |a, b| a | b)
    }

    /// This and not the other.
    pub fn and_not(&self, other: &Bitmap) -> Bitmap {
        self.zip(other, |a, b| a & !b)
    }

    /// The complement.
    pub fn not(&self) -> Bitmap {
        Bitmap::from_words(self.words.iter().map(|w| !w).collect(), self.len)
    }

    /// The rows that are set, ascending.
    pub fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(w, &word)| {
            std::iter::successors((word != 0).then_some(word), |rest| {
                let rest = rest & (rest - 1);
                (rest != 0).then_some(rest)
            })
            .map(move |rest| w * 64 + rest.trailing_zeros() as usize)
        })
    }

    /// A range of rows as a bitmap of its own; rows past the end are not set.
    pub fn slice(&self, start: usize, len: usize) -> Bitmap {
        let (skip, shift, words) = (start / 64, start % 64, self.words());
        let word = |w: usize| words.get(w).copied().unwrap_or(0);
        let words = (skip..skip + len.div_ceil(64))
            .map(|w| if shift == 0 { word(w) } else { word(w) >> shift | word(w + 1) << (64 - shift) })
            .collect();
        Bitmap::from_words(words, len)
    }

    /// The rows of a range that are set, ascending.
    #[inline]
    pub fn ones_in(&self, start: usize, end: usize) -> OnesIn<'_> {
        self.view().ones_in(start, end)
    }

    /// The last row of a range that is set.
    #[inline]
    pub fn last_in(&self, start: usize, end: usize) -> Option<usize> {
        self.view().last_in(start, end)
    }

    /// How many bits are set in each segment.
    pub fn counts(&self, segments: Segments<'_>) -> Vec<u32> {
        let words: &[u64] = &self.words;
        wide!(counts(words, segments))
    }

    /// How many bits are set in a range of rows.
    pub fn count_range(&self, start: usize, end: usize) -> usize {
        let end = end.min(self.len);
        if start >= end {
            return 0;
        }
        let (first, last) = (start / 64, (end - 1) / 64);
        let head = u64::MAX << (start % 64);
        let tail = u64::MAX >> (63 - (end - 1) % 64);
        if first == last {
            return (self.words[first] & head & tail).count_ones() as usize;
        }
        let middle: u32 = self.words[first + 1..last].iter().map(|w| w.count_ones()).sum();
        ((self.words[first] & head).count_ones() + middle + (self.words[last] & tail).count_ones()) as usize
    }

    /// Whether a bit is set in a range of rows.
    pub fn any_range(&self, start: usize, end: usize) -> bool {
        self.count_range(start, end) > 0
    }

    fn zip(&self, other: &Bitmap, f: impl Fn(u64, u64) -> u64) -> Bitmap {
        let words = self.words.iter().zip(other.words.iter()).map(|(&a, &b)| f(a, b)).collect();
        Bitmap::from_words(words, self.len.min(other.len))
    }
}

/// A [`Bitmap`] as a slice.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    words: &'a [u64],
    len: usize,
}

impl<'a> View<'a> {
    /// The bit of a row; false past the end. (Which rows lie there cannot be guessed.)
    #[inline]
    pub fn get(self, row: usize) -> bool {
        let at = (row / 64).min(self.words.len().wrapping_sub(1));
        self.words.get(at).is_some_and(|word| (row < self.len) & (word >> (row % 64) & 1 == 1))
    }

    /// The rows of a range that are set, ascending.
    #[inline]
    pub fn ones_in(self, start: usize, end: usize) -> OnesIn<'a> {
        let end = end.min(self.len);
        if start >= end {
            return OnesIn { words: &[], word: 0, base: 0, tail: 0 };
        }
        let (first, last) = (start / 64, (end - 1) / 64);
        let tail = u64::MAX >> (63 - (end - 1) % 64);
        let words = &self.words[first..=last];
        let word = words[0] & (u64::MAX << (start % 64)) & if first == last { tail } else { u64::MAX };
        OnesIn { words, word, base: first * 64, tail }
    }

    /// The last row of a range that is set.
    #[inline]
    pub fn last_in(self, start: usize, end: usize) -> Option<usize> {
        let end = end.min(self.len);
        if start >= end {
            return None;
        }
        let (first, mut at) = (start / 64, (end - 1) / 64);
        let mut word = self.words[at] & (u64::MAX >> (63 - (end - 1) % 64));
        loop {
            if at == first {
                word &= u64::MAX << (start % 64);
            }
            if word != 0 {
                return Some(at * 64 + 63 - word.leading_zeros() as usize);
            }
            if at == first {
                return None;
            }
            at -= 1;
            word = self.words[at];
        }
    }
}

/// How many bits of words are set in each segment: mostly a part of one word. (A loop over what is there: `collect` would be
/// compiled apart, without the instruction that counts bits.)
#[inline(always)]
fn counts(words: &[u64], segments: Segments<'_>) -> Vec<u32> {
    let word = |at: usize| words.get(at).copied().unwrap_or(0);
    let mut counts = vec![0; segments.len()];
    for ((&start, &end), count) in segments.starts().iter().zip(segments.ends()).zip(&mut counts) {
        let (at, offset, len) = (start as usize / 64, start % 64, end.saturating_sub(start));
        if len < 64 - offset {
            *count = (word(at) >> offset & below(len)).count_ones();
            continue;
        }
        let last = end as usize / 64;
        *count = (word(at) >> offset).count_ones() + (word(last) & below(end % 64)).count_ones();
        for word in words.get(at + 1..last.min(words.len())).unwrap_or_default() {
            *count += word.count_ones();
        }
    }
    counts
}

/// So many bits, fewer than 64.
#[inline(always)]
fn below(len: u32) -> u64 {
    (1 << (len % 64)) - 1
}

/// The set rows of a range; see [`Bitmap::ones_in`].
#[derive(Debug, Clone)]
pub struct OnesIn<'b> {
    /// The current word and those behind it.
    words: &'b [u64],
    /// What is left of the current word.
    word: u64,
    /// The row of its first bit.
    base: usize,
    /// Which bits of the last word count.
    tail: u64,
}

impl Iterator for OnesIn<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.word == 0 {
            let (_, rest) = self.words.split_first()?;
            self.words = rest;
            self.word = *rest.first()?;
            self.base += 64;
            if rest.len() == 1 {
                self.word &= self.tail;
            }
        }
        let row = self.base + self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        Some(row)
    }
}

fn mask_tail(words: &mut [u64], len: usize) {
    if let (Some(last), used @ 1..) = (words.last_mut(), len % 64) {
        *last &= (1 << used) - 1;
    }
}
