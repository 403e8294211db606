//! A predicate over the values of a dictionary, looked up by code. Invariant: a code that the dictionary does not have is
//! not chosen.

use super::compare::pack;
use crate::vector::codes::{Code, with_codes};
use crate::vector::{Bitmap, Codes};

/// The chosen values of a dictionary.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// By code, at least as many as 16 bits can name.
    flags: Vec<u8>,
    /// All chosen codes, if they are few.
    few: Option<Vec<u32>>,
}

/// So many codes are compared one by one: faster than looking them up, since a register holds many rows.
const FEW: usize = 4;
const NARROW: usize = 1 << 16;

impl Chosen {
    /// The values whose bit is set.
    pub fn new(known: &Bitmap) -> Chosen {
        let mut flags = vec![0; known.len().max(NARROW)];
        known.ones().for_each(|code| flags[code] = 1);
        let few = (known.count() <= FEW).then(|| known.ones().map(|code| code as u32).collect());
        Chosen { flags, few }
    }

    /// Which rows have a chosen value; `None` if no value is.
    pub fn rows(&self, codes: &Codes) -> Option<Bitmap> {
        match &self.few {
            Some(few) => with_codes!(codes, codes => among(codes, few)),
            None => Some(self.look_up(codes, codes.len())),
        }
    }

    fn look_up(&self, codes: &Codes, len: usize) -> Bitmap {
        match (codes, self.flags.first_chunk::<NARROW>()) {
            // Codes of 16 bits cannot point outside.
            (Codes::U8(codes), Some(flags)) => pack(codes, len, |code| flags[usize::from(code)] != 0),
            (Codes::U16(codes), Some(flags)) => pack(codes, len, |code| flags[usize::from(code)] != 0),
            (codes, _) => {
                with_codes!(codes, codes => pack(codes, len, |code| self.flags.get(code.wide() as usize) == Some(&1)))
            }
        }
    }
}

/// The rows with one of at most [`FEW`] codes.
fn among<T: Code>(codes: &[T], few: &[u32]) -> Option<Bitmap> {
    let few: Vec<T> = few.iter().filter_map(|&code| T::narrow(code)).collect();
    let len = codes.len();
    match *few.as_slice() {
        [] => None,
        [a] => Some(pack(codes, len, |code| code == a)),
        [a, b] => Some(pack(codes, len, |code| (code == a) | (code == b))),
        [a, b, ref rest @ ..] => {
            let (c, d) = (rest[0], rest[rest.len() - 1]);
            Some(pack(codes, len, |code| (code == a) | (code == b) | (code == c) | (code == d)))
        }
    }
}
