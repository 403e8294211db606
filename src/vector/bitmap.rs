//! A packed array of bits: predicates and validity.
//! Invariant: bits past `len` in the last word are zero.

use super::Buffer;

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
        let mut words = vec![0u64; len.div_ceil(64)];
        for (w, word) in words.iter_mut().enumerate() {
            let base = w * 64;
            for i in 0..64.min(len - base) {
                *word |= u64::from(bit(base + i)) << i;
            }
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
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The words; bits past the end are zero.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The bit of a row; false past the end.
    pub fn get(&self, row: usize) -> bool {
        row < self.len && self.words[row / 64] >> (row % 64) & 1 == 1
    }

    /// How many bits are set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Both. The lengths must be equal; the shorter counts otherwise.
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
        let (skip, shift) = (start / 64, start % 64);
        let word = |w: usize| self.words.get(w).copied().unwrap_or(0);
        let words = (skip..skip + len.div_ceil(64))
            .map(|w| if shift == 0 { word(w) } else { word(w) >> shift | word(w + 1) << (64 - shift) })
            .collect();
        Bitmap::from_words(words, len)
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

fn mask_tail(words: &mut [u64], len: usize) {
    if let (Some(last), used @ 1..) = (words.last_mut(), len % 64) {
        *last &= (1 << used) - 1;
    }
}
