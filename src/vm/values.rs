//! Values in the place of members: what a program computes for every profile, column by column. Names its siblings.
//! Invariant: a value is the one by which the same program would rank the profile.

use rayon::prelude::*;

use super::{CHUNK_ROWS, Trouble, cache, load, of_block};
use crate::bytecode::Program;
use crate::store::Dataset;
use crate::vector::{Bitmap, Column};

/// What a segment's condition and rank key are in a block.
#[derive(Debug, Clone)]
pub struct Values {
    /// Where the condition is true.
    pub holds: Bitmap,
    /// The keys of all profiles, of a segment with a rank.
    pub key: Option<Column>,
}

/// The values of every segment of the first level of a verified program in some blocks, with their index in the program.
/// Segments of later levels (they read who is among the best of another) have none. Each block's values are `make`'s to
/// keep what it needs of: those of all blocks are never there together.
pub fn values<T: Send>(
    program: &Program,
    data: &Dataset,
    blocks: &[usize],
    make: &(dyn Fn(usize, Vec<(usize, Values)>) -> T + Sync),
) -> Result<Vec<T>, Trouble> {
    let loaded = load::load(program);
    let cache = cache::Cache::new(data);
    let (Some(level), Some(piece)) = (program.levels.first(), loaded.levels.first()) else { return Ok(Vec::new()) };
    let one = |&index: &usize| {
        let found = of_block(piece, &level.outputs, (&loaded, &cache, data, &[]), CHUNK_ROWS, index)?;
        let found = level.outputs.iter().zip(found);
        let values = found.map(|(output, (holds, key))| (output.segment as usize, Values { holds, key })).collect();
        Ok(make(index, values))
    };
    blocks.par_iter().map(one).collect()
}
