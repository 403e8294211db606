//! Values in the place of members: what a program computes for every profile, column by column. Names its siblings.
//! Invariant: a value is the one by which the same program would rank the profile.

use super::{CHUNK_ROWS, Trouble, cache, each_block, load, take};
use crate::bytecode::Program;
use crate::store::Dataset;
use crate::vector::{Bitmap, Column};

/// What a segment's condition and rank key are, by block.
#[derive(Debug, Clone)]
pub struct Values {
    /// Where the condition is true.
    pub holds: Vec<Bitmap>,
    /// The keys of all profiles; empty without a rank.
    pub keys: Vec<Column>,
}

/// The values of every segment of the first level of a verified program, in the order of the level's outputs with their
/// index in the program. Segments of later levels (they read who is among the best of another) have none.
pub fn values(program: &Program, data: &Dataset) -> Result<Vec<(usize, Values)>, Trouble> {
    let loaded = load::load(program);
    let cache = cache::Cache::new(data);
    let (Some(level), Some(piece)) = (program.levels.first(), loaded.levels.first()) else { return Ok(Vec::new()) };
    let mut found = each_block(piece, &level.outputs, (&loaded, &cache, data, &[]), CHUNK_ROWS, true, &|| {})?;
    let values = level.outputs.iter().enumerate().map(|(at, output)| {
        let (holds, keys): (Vec<Bitmap>, Vec<Option<Column>>) =
            found.iter_mut().map(|outputs| take(outputs, at)).unzip();
        (output.segment as usize, Values { holds, keys: keys.into_iter().flatten().collect() })
    });
    Ok(values.collect())
}
