//! Many texts in one array of bytes. Invariant: bytes that are not UTF-8 (of a damaged file) read as the empty text.

use std::borrow::Borrow;

use super::Buffer;

/// Texts by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strings {
    /// The end of each text, ascending; a text begins where the one before it ends.
    ends: Buffer<u64>,
    bytes: Buffer<u8>,
}

impl Strings {
    /// Texts by their ends in the bytes.
    pub fn new(ends: Buffer<u64>, bytes: Buffer<u8>) -> Strings {
        Strings { ends, bytes }
    }

    /// The end of each text in [`Strings::bytes`].
    pub fn ends(&self) -> &Buffer<u64> {
        &self.ends
    }

    /// All texts, one behind the other.
    #[inline]
    pub fn bytes(&self) -> &Buffer<u8> {
        &self.bytes
    }

    /// How many texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A text by its number.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&str> {
        self.view().get(index)
    }

    /// All texts in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let view = self.view();
        (0..self.len()).filter_map(move |index| view.get(index))
    }

    /// The arrays as slices, for loops.
    #[inline]
    pub fn view(&self) -> View<'_> {
        View { ends: &self.ends, bytes: &self.bytes }
    }

    /// Whether each text comes before the next by code point, which is the order of the bytes.
    pub fn ascend(&self) -> bool {
        let view = self.view();
        let mut before = None;
        (0..self.len()).all(|index| {
            let head = view.head(index);
            let last = before.replace(head);
            last.is_none_or(|last| last < head || (last == head && view.bytes(index - 1) < view.bytes(index)))
        })
    }

    /// Finds a text among texts that ascend by code point.
    pub fn find(&self, text: &str) -> Option<usize> {
        let place = self.place(text);
        (self.get(place) == Some(text)).then_some(place)
    }

    /// How many texts, of those that ascend by code point, come before one.
    pub fn place(&self, text: &str) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).unwrap_or_default() < text {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// [`Strings`] as slices.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    ends: &'a [u64],
    bytes: &'a [u8],
}

impl<'a> View<'a> {
    /// The bytes of a text: UTF-8, if the texts are not damaged.
    #[inline]
    pub fn bytes(self, index: usize) -> Option<&'a [u8]> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(self.bytes.get(start as usize..end as usize).unwrap_or_default())
    }

    /// The first bytes of a text as a number, zeros behind it: of two texts the one with the smaller number comes first.
    #[inline]
    fn head(self, index: usize) -> u128 {
        let end = self.ends.get(index).copied().unwrap_or(0) as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        let len = end.saturating_sub(start);
        let text = self.bytes.get(start..).unwrap_or_default();
        let head = match text.first_chunk::<16>() {
            Some(head) => *head,
            None => std::array::from_fn(|i| text.get(i).copied().unwrap_or(0)),
        };
        let head = u128::from_be_bytes(head);
        if len >= 16 { head } else { head & !(u128::MAX >> (8 * len)) }
    }

    /// A text by its number.
    #[inline]
    pub fn get(self, index: usize) -> Option<&'a str> {
        Some(std::str::from_utf8(self.bytes(index)?).unwrap_or_default())
    }
}

impl<S: Borrow<str>> FromIterator<S> for Strings {
    fn from_iter<I: IntoIterator<Item = S>>(texts: I) -> Strings {
        let (mut ends, mut bytes) = (Vec::new(), Vec::new());
        for text in texts {
            bytes.extend_from_slice(text.borrow().as_bytes());
            ends.push(bytes.len() as u64);
        }
        Strings { ends: ends.into(), bytes: bytes.into() }
    }
}
