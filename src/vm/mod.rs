//! The columnar evaluator: runs a verified program over a data set, block by block, all segments of a level while the
//! block is in cache. A level is completed over all blocks before the next begins, since who is among the best of a
//! ranked segment is known only then. Invariant: the result does not depend on the number of threads.

use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;

use crate::bytecode::{Output as Asked, Program};
use crate::data::output::Members as Listed;
use crate::plan::value_text;
use crate::store::{Dataset, Fault};
use crate::types::{Ty, Value};
use crate::vector::{Bitmap, Column};

mod cache;
mod cuts;
mod frame;
mod gathered;
mod late;
mod load;
mod operation;
mod pairs;
mod rank;
mod reads;
mod rows;
mod run;
mod sequence;
mod since;
mod times;
mod values;
mod windows;

pub use gathered::{Gathered, runs_in_partitions};
pub use reads::event_reads;
pub use values::{Values, values};

/// How to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// How many threads; 0 for one per core.
    pub threads: usize,
    /// How many rows of pairs are made at once where the work can be cut into chunks; 0 for four million.
    pub chunk_rows: usize,
}

/// The members of every segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// In the order of the program's segments.
    pub segments: Vec<Members>,
}

/// The members of a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Members {
    /// The segment's name.
    pub name: String,
    /// For each block the profiles that are members.
    pub blocks: Vec<Bitmap>,
    /// For a ranked segment the members as block and row, best first.
    pub ranked: Option<Vec<(u32, u32)>>,
    /// For a ranked segment the key of each member, in the same order.
    pub keys: Option<Vec<Option<Value>>>,
}

impl Output {
    /// The members of a segment with their ids, by its index in the program.
    pub fn members(&self, segment: usize, data: &Dataset) -> Listed {
        let Some(members) = self.segments.get(segment) else { return Listed::default() };
        let ids = members.ids(data).into_iter().map(Arc::from).collect();
        let text = |key: &Option<Value>| key.as_ref().map(key_text);
        let keys = members.keys.as_ref().map(|keys| keys.iter().map(text).collect());
        Listed { segment: members.name.clone(), ids, keys }
    }

    /// Whether a profile is a member of a segment.
    pub fn is_member(&self, segment: usize, id: &str, data: &Dataset) -> bool {
        let Some(members) = self.segments.get(segment) else { return false };
        data.blocks.iter().zip(&members.blocks).any(|(block, bits)| block.ids.find(id).is_some_and(|row| bits.get(row)))
    }
}

/// A key as it is put out: text as it is, anything else as it is written in the language.
pub fn key_text(key: &Value) -> String {
    match key {
        Value::String(text) => text.to_string(),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Decimal { .. }
        | Value::Float(_)
        | Value::Date(_)
        | Value::Timestamp(_)
        | Value::Duration(_)
        | Value::List(_)
        | Value::Bucket(_) => value_text(key),
    }
}

impl Members {
    /// How many.
    pub fn count(&self) -> usize {
        self.blocks.iter().map(Bitmap::count).sum()
    }

    /// The members as block and row: best first if ranked, else as they stand in the data set.
    pub fn rows(&self) -> Vec<(u32, u32)> {
        match &self.ranked {
            Some(ranked) => ranked.clone(),
            None => {
                let blocks = self.blocks.iter().enumerate();
                blocks.flat_map(|(block, bits)| bits.ones().map(move |row| (block as u32, row as u32))).collect()
            }
        }
    }

    /// The ids of the first members: the beginning of [`Members::ids`].
    pub fn first_ids<'d>(&self, count: usize, data: &'d Dataset) -> Vec<&'d str> {
        if self.ranked.is_none() && !data.is_ordered() {
            return self.ids(data).into_iter().take(count).collect();
        }
        let id = |(block, row): (u32, u32)| data.blocks.get(block as usize)?.ids.get(row as usize);
        match &self.ranked {
            Some(ranked) => ranked.iter().copied().filter_map(id).take(count).collect(),
            None => {
                let blocks = self.blocks.iter().enumerate();
                let rows = blocks.flat_map(|(block, bits)| bits.ones().map(move |row| (block as u32, row as u32)));
                rows.filter_map(id).take(count).collect()
            }
        }
    }

    /// The members' ids: best first if ranked, else in order.
    pub fn ids<'d>(&self, data: &'d Dataset) -> Vec<&'d str> {
        let id = |(block, row): (u32, u32)| data.blocks.get(block as usize)?.ids.get(row as usize);
        let mut ids: Vec<&str> = self.rows().into_iter().filter_map(id).collect();
        if self.ranked.is_none() && !data.is_ordered() {
            ids.sort_unstable();
        }
        ids
    }
}

/// A program needs more rows at once than there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyRows;

impl fmt::Display for TooManyRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the events of one profile make more combinations than can be gone through")
    }
}

impl std::error::Error for TooManyRows {}

/// Why a program did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It needs too many rows.
    TooManyRows(TooManyRows),
    /// The store that it runs over is damaged.
    Store(Fault),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::TooManyRows(error) => error.fmt(f),
            Trouble::Store(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for Trouble {}

/// Rows that may be made at once where the work can be cut into chunks.
const CHUNK_ROWS: usize = 4 << 20;

/// What a block gives for an output: the members, and for a ranked segment the keys of all profiles.
type Found = (Bitmap, Option<Column>);

/// Runs a program that [`crate::bytecode::verify`] accepts.
pub fn run(program: &Program, data: &Dataset, options: Options) -> Result<Output, Trouble> {
    run_observed(program, data, options, &|| {})
}

/// As [`run`]; `block_done` is called after each block of each level, from any thread.
pub fn run_observed(
    program: &Program,
    data: &Dataset,
    options: Options,
    block_done: &(dyn Fn() + Sync),
) -> Result<Output, Trouble> {
    let chunk_rows = if options.chunk_rows == 0 { CHUNK_ROWS } else { options.chunk_rows };
    if options.threads == 1 {
        return run_levels(program, data, chunk_rows, false, block_done);
    }
    match rayon::ThreadPoolBuilder::new().num_threads(options.threads).build() {
        Ok(pool) => pool.install(|| run_levels(program, data, chunk_rows, true, block_done)),
        Err(_) => run_levels(program, data, chunk_rows, false, block_done),
    }
}

fn run_levels(
    program: &Program,
    data: &Dataset,
    chunk_rows: usize,
    parallel: bool,
    block_done: &(dyn Fn() + Sync),
) -> Result<Output, Trouble> {
    let loaded = load::load(program);
    let cache = cache::Cache::new(data);
    let empty = || data.blocks.iter().map(|block| Bitmap::filled(block.ids.len(), false)).collect();
    let names = program.segments.iter().map(|segment| segment.name.clone());
    let mut members: Vec<Members> =
        names.map(|name| Members { name, blocks: Vec::new(), ranked: None, keys: None }).collect();
    for (level, piece) in program.levels.iter().zip(&loaded.levels) {
        let environment = (&loaded, &cache, data, members.as_slice());
        let mut found = each_block(piece, &level.outputs, environment, chunk_rows, parallel, block_done)?;
        for (at, output) in level.outputs.iter().enumerate() {
            let blocks: Vec<Found> = found.iter_mut().map(|outputs| take(outputs, at)).collect();
            if let Some(members) = members.get_mut(output.segment as usize) {
                settle(members, blocks, output, &loaded.rank_type(output, piece), data);
            }
        }
    }
    members.iter_mut().filter(|members| members.blocks.is_empty()).for_each(|members| members.blocks = empty());
    Ok(Output { segments: members })
}

/// Runs a level's code over every block: for each the results of its outputs. `block_done` is called after each.
fn each_block(
    piece: &load::Piece<'_>,
    outputs: &[Asked],
    (loaded, cache, data, members): (&load::Loaded<'_>, &cache::Cache, &Dataset, &[Members]),
    chunk_rows: usize,
    parallel: bool,
    block_done: &(dyn Fn() + Sync),
) -> Result<Vec<Vec<Found>>, Trouble> {
    let one = |index: usize| {
        let found = of_block(piece, outputs, (loaded, cache, data, members), chunk_rows, index);
        block_done();
        found
    };
    if parallel {
        (0..data.blocks.len()).into_par_iter().map(one).collect()
    } else {
        (0..data.blocks.len()).map(one).collect()
    }
}

fn of_block(
    piece: &load::Piece<'_>,
    outputs: &[Asked],
    (loaded, cache, data, members): (&load::Loaded<'_>, &cache::Cache, &Dataset, &[Members]),
    chunk_rows: usize,
    index: usize,
) -> Result<Vec<Found>, Trouble> {
    let looked = times::Looked::default();
    let found = run::Environment { loaded, data, cache, members, index, chunk_rows, looked }.outputs(piece, outputs);
    data.blocks[index].forget();
    found
}

fn take(outputs: &mut [Found], at: usize) -> Found {
    std::mem::replace(&mut outputs[at], (Bitmap::filled(0, false), None))
}

/// Puts the members of a segment together from all blocks.
fn settle(members: &mut Members, blocks: Vec<Found>, output: &Asked, key: &Ty, data: &Dataset) {
    let Some(rank) = &output.rank else {
        members.blocks = blocks.into_iter().map(|(bits, _)| bits).collect();
        return;
    };
    let (best, keys) = rank::best(&blocks, rank, key, data);
    let mut words: Vec<Vec<u64>> = blocks.iter().map(|(bits, _)| vec![0; bits.len().div_ceil(64)]).collect();
    best.iter().for_each(|&(block, row)| words[block as usize][row as usize / 64] |= 1 << (row % 64));
    members.blocks = words.into_iter().zip(&blocks).map(|(w, (bits, _))| Bitmap::from_words(w, bits.len())).collect();
    members.ranked = Some(best);
    members.keys = Some(keys);
}
