//! Texts and their codes while columns are read: a table of its own, since this is what reading texts costs. Names
//! `vector`. Invariant: codes are given in the order of first appearance, whatever the hashes.

use std::fmt::{Display, Write as _};
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use crate::vector::Strings;

/// What hashes begin with: other numbers in each process, so that nobody can choose texts whose places are the same.
static KEYS: LazyLock<[u64; 3]> = LazyLock::new(|| {
    let random = RandomState::new();
    [0, 1, 2].map(|number: u64| random.hash_one(number))
});

/// Distinct texts in the order of their first appearance.
#[derive(Debug, Clone)]
pub struct Interner {
    /// The keys by which places are found.
    keys: [u64; 2],
    /// Where a text of some hash is. A power of two of them, at most half of them taken; a text whose place is taken has
    /// one of those behind it. Without any, where there are texts, nobody has asked for one.
    places: Vec<Place>,
    /// All texts, one behind the other.
    bytes: String,
    /// The end of each.
    ends: Vec<u64>,
    /// The code of a long text that was asked for last: neighbours often have the same.
    last: usize,
}

impl Default for Interner {
    fn default() -> Self {
        let [low, high, _] = *KEYS;
        Interner { keys: [low, high], places: Vec::new(), bytes: String::new(), ends: Vec::new(), last: 0 }
    }
}

/// A text in the table.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    print: Print,
    code: u32,
}

/// What is compared of a text: a short text itself, its length in the highest byte; of a long one a hash and the length.
/// Nothing is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Print([u64; 2]);

/// A longer text is not in its print.
pub const SHORT_BYTES: usize = 15;
/// In place of the length of a text that is not short.
const LONG: u64 = 0xff << 56;

impl Print {
    /// Of a text that is the first bytes of sixteen, at most [`SHORT_BYTES`].
    #[inline]
    pub fn short(window: &[u8; 16], length: usize) -> Print {
        const MASKS: [u128; 16] = {
            let mut masks = [0; 16];
            let mut length = 1;
            while length < 16 {
                masks[length] = masks[length - 1] << 8 | 0xff;
                length += 1;
            }
            masks
        };
        let bytes = u128::from_le_bytes(*window) & MASKS[length & 15];
        Print([bytes as u64, (bytes >> 64) as u64 | (length as u64 + 1) << 56])
    }

    /// Of any text.
    #[inline]
    fn of(text: &[u8]) -> Print {
        let length = text.len();
        if length > SHORT_BYTES {
            return Print([hash(text), length as u64 & !LONG | LONG]);
        }
        let [low, high] = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
            (Some(first), Some(last)) => {
                let behind = u128::from(u64::from_le_bytes(*last)) << (8 * (length - 8));
                [u64::from_le_bytes(*first), (behind >> 64) as u64]
            }
            _ => [few(text), 0],
        };
        Print([low, high | (length as u64 + 1) << 56])
    }

    #[inline]
    fn is_short(self) -> bool {
        self.0[1] < LONG
    }

    /// Where it is looked for.
    #[inline]
    fn spread(self, keys: [u64; 2]) -> usize {
        let product = u128::from(self.0[0] ^ keys[0]) * u128::from(self.0[1] ^ keys[1]);
        ((product >> 64) as u64 ^ product as u64) as usize
    }
}

/// Less than eight bytes as a word, zeros behind them.
#[inline]
fn few(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            let behind = u64::from(u32::from_le_bytes(*last)) << (8 * (bytes.len() - 4));
            behind | u64::from(u32::from_le_bytes(*first))
        }
        _ => bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    }
}

impl Interner {
    /// With places for so many texts.
    pub fn with_room(texts: usize) -> Interner {
        let places = if texts == 0 { 0 } else { (2 * texts).next_power_of_two().max(16) };
        Interner { places: vec![Place::default(); places], ..Interner::default() }
    }

    /// Adds a text that differs from all others, without a place: a table is made when a text is asked for.
    pub fn push_distinct(&mut self, text: impl Display) {
        self.places = Vec::new();
        // Writing to a string does not fail.
        let _ = write!(self.bytes, "{text}");
        self.ends.push(self.bytes.len() as u64);
    }

    /// The code of a text, and whether it is new.
    #[inline]
    pub fn code(&mut self, text: &str) -> (u32, bool) {
        if text.len() <= SHORT_BYTES {
            return self.short(Print::of(text.as_bytes()), text);
        }
        if self.get(self.last).is_some_and(|value| same(value.as_bytes(), text.as_bytes())) {
            return (self.last as u32, false);
        }
        let known = self.len();
        let code = self.find(Print::of(text.as_bytes()), text);
        self.last = code as usize;
        (code, code as usize == known)
    }

    /// The same of a short text, whose print is known.
    #[inline]
    pub fn short(&mut self, print: Print, text: &str) -> (u32, bool) {
        let known = self.len();
        let code = self.find(print, text);
        (code, code as usize == known)
    }

    /// The code of a text, which is added if it is new.
    #[inline]
    fn find(&mut self, print: Print, text: &str) -> u32 {
        let mask = self.places.len().wrapping_sub(1);
        let mut at = print.spread(self.keys) & mask;
        // Nothing is found in a table without places.
        while let Some(place) = self.places.get(at) {
            if place.print == print
                && (print.is_short()
                    || self.get(place.code as usize).is_some_and(|known| same(known.as_bytes(), text.as_bytes())))
            {
                return place.code;
            }
            if place.print == Print::default() {
                break;
            }
            at = (at + 1) & mask;
        }
        self.add(print, text)
    }

    /// Adds a text that is not in the table.
    #[inline(never)]
    fn add(&mut self, print: Print, text: &str) -> u32 {
        if self.places.is_empty() && !self.is_empty() {
            self.open();
            return self.find(print, text);
        }
        if 2 * self.len() >= self.places.len() {
            let places = vec![Place::default(); (2 * self.places.len()).max(16)];
            let known = std::mem::replace(&mut self.places, places);
            let known = known.into_iter().filter(|place| place.print != Print::default());
            known.for_each(|place| put(&mut self.places, self.keys, place));
        }
        let code = self.len() as u32;
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len() as u64);
        put(&mut self.places, self.keys, Place { print, code });
        code
    }

    /// Makes the table.
    fn open(&mut self) {
        let mut places = vec![Place::default(); (4 * self.len()).next_power_of_two().max(16)];
        for (text, code) in self.iter().zip(0..) {
            put(&mut places, self.keys, Place { print: Print::of(text.as_bytes()), code });
        }
        self.places = places;
    }

    /// How many texts.
    #[inline]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A text by its code.
    #[inline]
    pub fn get(&self, code: usize) -> Option<&str> {
        let end = *self.ends.get(code)? as usize;
        let start = code.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.bytes.get(start..end)
    }

    /// The texts by code.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|code| self.get(code))
    }

    /// How many bytes all texts have.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Forgets where texts are: none is asked for any more, it seems.
    pub(in crate::store) fn close(&mut self) {
        self.places = Vec::new();
    }

    /// The texts by code, without the table.
    pub fn into_strings(self) -> Strings {
        Strings::new(self.ends.into(), self.bytes.into_bytes().into())
    }
}

/// Puts a text into the next free place.
fn put(places: &mut [Place], keys: [u64; 2], new: Place) {
    let mask = places.len() - 1;
    let mut at = new.print.spread(keys) & mask;
    while places[at].print != Print::default() {
        at = (at + 1) & mask;
    }
    places[at] = new;
}

/// Where texts are that are kept elsewhere, by their numbers.
#[derive(Debug, Clone)]
pub struct Places {
    keys: [u64; 2],
    places: Vec<Place>,
}

impl Places {
    /// Of texts that differ.
    pub fn new<'t>(texts: impl Iterator<Item = &'t str>, count: usize) -> Places {
        let [low, high, _] = *KEYS;
        let (keys, mut places) = ([low, high], vec![Place::default(); (2 * count).next_power_of_two()]);
        let place = |(text, code): (&str, u32)| Place { print: Print::of(text.as_bytes()), code };
        texts.zip(0..).map(place).for_each(|place| put(&mut places, keys, place));
        Places { keys, places }
    }

    /// The number of a text, by what the texts are.
    pub fn get<'t>(&self, text: &str, texts: impl Fn(u32) -> &'t str) -> Option<u32> {
        let print = Print::of(text.as_bytes());
        let mask = self.places.len().wrapping_sub(1);
        let mut at = print.spread(self.keys) & mask;
        while let Some(place) = self.places.get(at).filter(|place| place.print != Print::default()) {
            if place.print == print && (print.is_short() || texts(place.code) == text) {
                return Some(place.code);
            }
            at = (at + 1) & mask;
        }
        None
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
fn hash(bytes: &[u8]) -> u64 {
    const FACTOR: u128 = 0x9e37_79b9_7f4a_7c15;
    let mix = |so_far: u64, word: u64| {
        let product = u128::from(so_far ^ word) * FACTOR;
        (product >> 64) as u64 ^ product as u64
    };
    let start = KEYS[2] ^ bytes.len() as u64;
    let words = bytes.as_chunks::<8>().0.iter().fold(start, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    bytes.last_chunk::<8>().map_or(start, |last| mix(words, u64::from_le_bytes(*last)))
}
