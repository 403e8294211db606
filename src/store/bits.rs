//! Bits that grow while records are read. Invariant: bits past the end are zero.

/// Bits that grow.
#[derive(Debug, Clone, Default)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    /// So many set bits.
    pub fn filled(len: usize) -> Bits {
        Bits::from_words(vec![u64::MAX; len.div_ceil(64)], len)
    }

    /// Bits from words; bits past `len` are left out.
    pub fn from_words(words: Vec<u64>, len: usize) -> Bits {
        let mut bits = Bits { len: words.len() * 64, words };
        bits.truncate(len);
        bits
    }

    /// The words; bits past the end are zero.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Whether all are set.
    pub fn all(&self) -> bool {
        self.words.iter().map(|word| word.count_ones() as usize).sum::<usize>() == self.len
    }

    /// Those whose bit in another is set.
    pub fn filter(&self, kept: &Bits) -> Bits {
        let mut filtered = Bits::default();
        (0..self.len).filter(|&at| kept.get(at)).for_each(|at| filtered.push(self.get(at)));
        filtered
    }

    /// Adds those of another.
    pub fn extend(&mut self, other: &Bits) {
        let shift = self.len % 64;
        if shift == 0 {
            self.words.extend_from_slice(&other.words);
        } else {
            for &word in &other.words {
                if let Some(last) = self.words.last_mut() {
                    *last |= word << shift;
                }
                self.words.push(word >> (64 - shift));
            }
        }
        self.len += other.len;
        self.words.truncate(self.len.div_ceil(64));
    }

    /// Adds bits that are not set until there are so many.
    pub fn pad(&mut self, len: usize) {
        if len > self.len {
            self.words.resize(len.div_ceil(64), 0);
            self.len = len;
        }
    }

    /// How many.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a bit.
    #[inline]
    pub fn push(&mut self, bit: bool) {
        if self.len.is_multiple_of(64) {
            self.words.push(0);
        }
        if let Some(word) = self.words.last_mut() {
            *word |= u64::from(bit) << (self.len % 64);
        }
        self.len += 1;
    }

    /// The bit of a row; false past the end.
    #[inline]
    pub fn get(&self, row: usize) -> bool {
        row < self.len && self.words[row / 64] >> (row % 64) & 1 == 1
    }

    /// Forgets all bits from `len` on.
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        self.words.truncate(len.div_ceil(64));
        if let (Some(last), used @ 1..) = (self.words.last_mut(), len % 64) {
            *last &= (1 << used) - 1;
        }
        self.len = len;
    }
}
