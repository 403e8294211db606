//! The members that runs over partitions of the profiles found, put together. Invariant: the result is that of a run over all
//! profiles at once.

use super::{Members, Output};
use crate::bytecode::Program;
use crate::store::Dataset;
use crate::vector::Bitmap;

/// Whether who is a member depends on the profile alone, so that a program can run over some profiles at a time: no
/// segment is of the best of all.
pub fn runs_in_partitions(program: &Program) -> bool {
    program.levels.iter().flat_map(|level| &level.outputs).all(|output| output.rank.is_none())
}

/// Members found so far.
#[derive(Debug, Default)]
pub struct Gathered {
    /// For each segment its name and a bit for each profile, in the order of all ids.
    segments: Vec<(String, Vec<u64>)>,
}

impl Gathered {
    /// Takes what was found among some profiles, whose places among all are given, block by block.
    pub fn add(&mut self, output: Output, places: &[u32]) {
        if self.segments.is_empty() {
            self.segments = output.segments.iter().map(|members| (members.name.clone(), Vec::new())).collect();
        }
        for ((_, words), members) in self.segments.iter_mut().zip(output.segments) {
            let mut first = 0;
            for bits in members.blocks {
                let of_block = places.get(first..).unwrap_or_default();
                for &place in bits.ones().filter_map(|row| of_block.get(row)) {
                    let word = place as usize / 64;
                    if words.len() <= word {
                        words.resize(word + 1, 0);
                    }
                    words[word] |= 1 << (place % 64);
                }
                first += bits.len();
            }
        }
    }

    /// The members by the blocks of all profiles.
    pub fn finish(self, data: &Dataset) -> Output {
        let profiles = data.blocks.iter().map(|block| block.ids.len()).sum::<usize>();
        let segments = self.segments.into_iter().map(|(name, mut words)| {
            words.resize(profiles.div_ceil(64), 0);
            let (all, mut first) = (Bitmap::from_words(words, profiles), 0);
            let blocks = data.blocks.iter().map(|block| {
                first += block.ids.len();
                all.slice(first - block.ids.len(), block.ids.len())
            });
            Members { name, blocks: blocks.collect(), ranked: None, keys: None }
        });
        Output { segments: segments.collect() }
    }
}
