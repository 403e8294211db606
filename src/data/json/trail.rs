//! The order of keys in the objects of a file, learnt while it is read: records of one writer name the same fields in the
//! same order, so that mostly one comparison tells which field a key is. Names `scan` and `shape`. Invariant: what is told
//! of a key is what [`Node::field`] tells of it, whatever the order.

use super::super::shape::Node;
use super::scan::{Fault, Scanner};

/// The keys of each place's objects, in the order in which they came.
#[derive(Debug, Default)]
pub struct Trails {
    places: Vec<Trail>,
}

/// The keys of the objects of a place.
#[derive(Debug, Default)]
pub struct Trail {
    steps: Vec<Step>,
}

/// A key.
#[derive(Debug)]
struct Step {
    /// The same with its colon, if it is short.
    key: Option<Key>,
    /// What [`Node::field`] tells of it.
    field: Option<(usize, usize)>,
    /// As it is written, quotes included.
    written: Box<str>,
}

/// A key as it is written, with its quotes and the colon, to be compared all at once.
#[derive(Debug)]
pub struct Key {
    bytes: [u64; KEY_WORDS],
    /// The bytes that count.
    mask: [u64; KEY_WORDS],
    /// How many bytes that are.
    pub length: usize,
}

/// Keys that are compared all at once are of so many words of eight bytes.
const KEY_WORDS: usize = 4;
/// The bytes that are compared.
pub const KEY_BYTES: usize = 8 * KEY_WORDS;

/// So many steps are looked at: fields that a record lacks are passed.
const LOOK_AHEAD: usize = 8;
/// More is not kept: objects whose keys are data would fill memory.
const STEPS: usize = 256;
/// Longer keys are not kept.
const WRITTEN_BYTES: usize = 128;

impl Trails {
    /// For a shape of so many places.
    pub fn new(places: usize) -> Trails {
        Trails { places: (0..places).map(|_| Trail::default()).collect() }
    }

    /// The trail of a place, which is to be put back: objects of a place are not within each other.
    pub fn take(&mut self, place: usize) -> Trail {
        std::mem::take(&mut self.places[place])
    }

    /// Puts back a trail.
    pub fn put(&mut self, place: usize, trail: Trail) {
        self.places[place] = trail;
    }
}

impl Trail {
    /// The field of the next key, if it is written as mostly, without white space around it: the key with its colon, and
    /// the comma before it, are passed then. `None` where only [`Trail::field`] can tell.
    #[inline]
    pub fn expected(&self, step: &mut usize, first: bool, scanner: &mut Scanner<'_>) -> Option<Option<(usize, usize)>> {
        let Step { key, field, .. } = self.steps.get(*step)?;
        if let Some(key) = key
            && scanner.take_key(first, key)
        {
            *step += 1;
            return Some(*field);
        }
        self.ahead(step, first, scanner)
    }

    /// The same of a record that lacks the next field.
    #[inline(never)]
    fn ahead(&self, step: &mut usize, first: bool, scanner: &mut Scanner<'_>) -> Option<Option<(usize, usize)>> {
        let ahead = self.steps.iter().enumerate().skip(*step + 1).take(LOOK_AHEAD - 1);
        for (at, Step { key, field, .. }) in ahead {
            if let Some(key) = key
                && scanner.take_key(first, key)
            {
                *step = at + 1;
                return Some(*field);
            }
        }
        None
    }

    /// The field of the key that the scanner is at, which is passed; `step` is where the trail goes on.
    pub fn field(
        &mut self,
        step: &mut usize,
        node: &Node,
        scanner: &mut Scanner<'_>,
    ) -> Result<Option<(usize, usize)>, Fault> {
        let ahead = self.steps.iter().enumerate().skip(*step).take(LOOK_AHEAD);
        for (at, Step { written, field, .. }) in ahead {
            if scanner.take(written) {
                *step = at + 1;
                return Ok(*field);
            }
        }
        let start = scanner.at;
        let field = node.field(&scanner.string()?);
        let written = scanner.since(start);
        if self.steps.len() < STEPS && written.len() <= WRITTEN_BYTES {
            self.steps.insert(*step, Step { written: written.into(), key: Key::new(written), field });
            *step += 1;
        }
        Ok(field)
    }
}

impl Key {
    /// A key as it is written, with its quotes; `None` if it is too long.
    fn new(written: &str) -> Option<Key> {
        let length = written.len() + 1;
        let mut bytes = [0; KEY_BYTES];
        let mut mask = bytes;
        bytes.get_mut(..length)?.copy_from_slice([written.as_bytes(), b":"].concat().as_slice());
        mask[..length].fill(0xff);
        Some(Key { bytes: words(&bytes), mask: words(&mask), length })
    }

    /// Whether a text begins with it.
    #[inline]
    pub fn is_at(&self, window: &[u8; KEY_BYTES]) -> bool {
        let mut differs = 0;
        for (at, word) in window.as_chunks().0.iter().enumerate() {
            differs |= (u64::from_le_bytes(*word) ^ self.bytes[at]) & self.mask[at];
        }
        differs == 0
    }
}

fn words(bytes: &[u8; KEY_BYTES]) -> [u64; KEY_WORDS] {
    let mut words = [0; KEY_WORDS];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}
