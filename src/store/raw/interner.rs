//! Texts and their codes while columns are read: a table of its own, since this is what reading texts costs. Names nothing.
//! Invariant: codes are given in the order of first appearance, whatever the hashes.

use std::sync::Arc;

/// Distinct texts in the order of their first appearance.
#[derive(Debug, Clone, Default)]
pub struct Interner {
    /// Where a text of some hash is: its hash above, its code and one below; 0 where nothing is. A power of two of them,
    /// at most half of them taken; a text whose place is taken has one of those behind it.
    places: Vec<u64>,
    values: Vec<Arc<str>>,
    /// The code that was asked for last: neighbours often have the same text.
    last: usize,
}

impl Interner {
    /// The code of a text, and whether it is new.
    #[inline]
    pub fn code(&mut self, text: &str) -> (u32, bool) {
        if self.values.get(self.last).is_some_and(|value| same(value.as_bytes(), text.as_bytes())) {
            return (self.last as u32, false);
        }
        let known = self.values.len();
        let code = self.find(text, || text.into());
        self.last = code as usize;
        (code, code as usize == known)
    }

    /// The code of a text that is shared already.
    pub fn code_of(&mut self, text: &Arc<str>) -> u32 {
        self.find(text, || text.clone())
    }

    /// The code of a text, which is added if it is new.
    #[inline]
    fn find(&mut self, text: &str, shared: impl FnOnce() -> Arc<str>) -> u32 {
        if 2 * self.values.len() >= self.places.len() {
            self.grow();
        }
        let hash = hash(text.as_bytes());
        let mask = self.places.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let place = self.places[at];
            if place == 0 {
                let code = self.values.len() as u32;
                self.places[at] = u64::from(hash) << 32 | u64::from(code + 1);
                self.values.push(shared());
                return code;
            }
            let code = place as u32 - 1;
            if (place >> 32) as u32 == hash && same(self.values[code as usize].as_bytes(), text.as_bytes()) {
                return code;
            }
            at = (at + 1) & mask;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let mut places = vec![0; (2 * self.places.len()).max(16)];
        let mask = places.len() - 1;
        for &place in self.places.iter().filter(|&&place| place != 0) {
            let mut at = (place >> 32) as usize & mask;
            while places[at] != 0 {
                at = (at + 1) & mask;
            }
            places[at] = place;
        }
        self.places = places;
    }

    /// The texts by code.
    pub fn values(&self) -> &[Arc<str>] {
        &self.values
    }

    /// The texts by code, without the table.
    pub fn into_values(self) -> Vec<Arc<str>> {
        self.values
    }
}

/// Whether texts are the same: most are short, so that a call of another function would take longer than this.
#[inline]
fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (Some(last), Some(others)) = (one.last_chunk::<8>(), other.last_chunk::<8>()) else {
        return one.iter().zip(other).all(|(a, b)| a == b);
    };
    let words = one.as_chunks::<8>().0.iter().zip(other.as_chunks::<8>().0);
    last == others && words.into_iter().all(|(a, b)| a == b)
}

/// Eight bytes at a time, the last of them perhaps twice: each product mixes all bits into all.
#[inline]
fn hash(bytes: &[u8]) -> u32 {
    const FACTOR: u128 = 0x9e37_79b9_7f4a_7c15;
    let mix = |so_far: u64, word: u64| {
        let product = u128::from(so_far ^ word) * FACTOR;
        (product >> 64) as u64 ^ product as u64
    };
    // A product with 0 would be 0.
    let mut hash = !(bytes.len() as u64);
    if let Some(last) = bytes.last_chunk::<8>() {
        let (words, _) = bytes[..bytes.len() - 1].as_chunks::<8>();
        for word in words {
            hash = mix(hash, u64::from_le_bytes(*word));
        }
        hash = mix(hash, u64::from_le_bytes(*last));
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        hash = mix(hash, u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)));
    } else {
        hash = mix(hash, bytes.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)));
    }
    (hash >> 32) as u32 ^ hash as u32
}
