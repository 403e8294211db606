//! The order of keys in the objects of a file, learnt while it is read: records of one writer name the same fields in the
//! same order, so that mostly one comparison tells which field a key is. Names `scan` and `shape`. Invariant: what is told
//! of a key is what [`Node::field`] tells of it, whatever the order.

use super::super::shape::Node;
use super::scan::{Fault, Key, Scanner};

/// The keys of each place's objects, in the order in which they came.
#[derive(Debug, Default)]
pub struct Trails {
    places: Vec<Vec<Step>>,
}

/// A key.
#[derive(Debug)]
struct Step {
    /// As it is written, quotes included.
    written: Box<str>,
    /// The same with its colon, if it is short.
    key: Option<Key>,
    /// What [`Node::field`] tells of it.
    field: Option<(usize, usize)>,
}

/// So many steps are looked at: fields that a record lacks are passed.
const LOOK_AHEAD: usize = 8;
/// More is not kept: objects whose keys are data would fill memory.
const STEPS: usize = 256;
/// Longer keys are not kept.
const WRITTEN_BYTES: usize = 128;

impl Trails {
    /// For a shape of so many places.
    pub fn new(places: usize) -> Trails {
        Trails { places: (0..places).map(|_| Vec::new()).collect() }
    }

    /// The field of the next key, if it is written as mostly, without white space around it: the key with its colon, and
    /// the comma before it, are passed then. `None` where only [`Trails::field`] can tell.
    #[inline]
    pub fn expected(
        &self,
        place: usize,
        step: &mut usize,
        first: bool,
        scanner: &mut Scanner<'_>,
    ) -> Option<Option<(usize, usize)>> {
        let trail = self.places[place].get(*step..)?;
        for (passed, Step { key, field, .. }) in trail.iter().take(LOOK_AHEAD).enumerate() {
            if let Some(key) = key
                && scanner.take_key(first, key)
            {
                *step += passed + 1;
                return Some(*field);
            }
        }
        None
    }

    /// The field of the key that the scanner is at, which is passed; `step` is where the trail goes on.
    pub fn field(
        &mut self,
        place: usize,
        step: &mut usize,
        node: &Node,
        scanner: &mut Scanner<'_>,
    ) -> Result<Option<(usize, usize)>, Fault> {
        let trail = &mut self.places[place];
        let ahead = trail.iter().enumerate().skip(*step).take(LOOK_AHEAD);
        for (at, Step { written, field, .. }) in ahead {
            if scanner.take(written) {
                *step = at + 1;
                return Ok(*field);
            }
        }
        let start = scanner.at;
        let field = node.field(&scanner.string()?);
        let written = scanner.since(start);
        if trail.len() < STEPS && written.len() <= WRITTEN_BYTES {
            trail.insert(*step, Step { written: written.into(), key: Key::new(written), field });
            *step += 1;
        }
        Ok(field)
    }
}
