//! The data set that programs run over: blocks of profiles with their events clustered by type, then by profile and
//! time. Filled in memory by `data`, or mapped from the files of a [`Store`], which `segc ingest` writes. Invariants: within a block,
//! profiles are ordered by id (code points of the text); events of a (type, profile) are contiguous and ordered by
//! (timestamp, `_id`); every child table's offsets ascend.
//!
//! Only what a program reads is loaded: [`Needs`] lists the columns, from the plan.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::plan::FieldPath;
use crate::vector::{Bitmap, Buffer, Column, Strings};

pub use crate::plan::{Needs, Space};
pub use class::ClassTable;

mod access;
mod append;
mod bits;
pub mod build;
mod class;
pub mod columns;
mod crash;
mod ends;
pub mod events;
mod fault;
mod gather;
pub mod info;
pub mod ingest;
mod keys;
pub mod manifest;
mod merge;
mod open;
pub mod part;
pub mod partitions;
pub mod raw;
mod reads;
mod slots;

pub use ends::{Ends, NO_ROW};
pub use fault::Fault;
pub use open::Store;
pub use part::PIECE;
pub use reads::{EventReads, Place, Types};
pub use slots::{Scale, Slots};

/// Profiles in a block: their events fit a second-level cache.
pub const BLOCK_PROFILES: usize = 2048;

/// A data set in memory.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    /// Blocks of at most [`BLOCK_PROFILES`] profiles, ordered by profile id unless [`Dataset::is_ordered`] tells otherwise.
    pub blocks: Vec<Block>,
    /// Related classes by name.
    pub classes: BTreeMap<Arc<str>, ClassTable>,
}

impl Dataset {
    /// How many profiles count.
    pub fn profiles(&self) -> usize {
        self.blocks.iter().map(|block| block.alive.as_ref().map_or(block.ids.len(), Bitmap::count)).sum()
    }

    /// How many events count.
    pub fn events(&self) -> u64 {
        let of = |block: &Block| match &block.alive {
            None => block.events.time.len(),
            Some(_) => (0..block.events.time.len()).filter(|&row| block.counts_event(row)).count(),
        };
        self.blocks.iter().map(|block| of(block) as u64).sum()
    }

    /// Whether blocks come in the order of the ids in them: true unless later batches were added to a store.
    pub fn is_ordered(&self) -> bool {
        let last = |block: &Block| block.ids.len().checked_sub(1);
        self.blocks.windows(2).all(|pair| match (last(&pair[0]), last(&pair[1])) {
            (Some(last), Some(_)) => pair[0].ids.get(last) < pair[1].ids.get(0),
            _ => true,
        })
    }

    /// Checks everything of the events that may be read, block by block, and takes it out of memory again.
    pub fn check(&self) -> Result<(), Fault> {
        self.blocks.iter().try_for_each(|block| {
            block.check(&EventReads::all(block.events.table.columns.keys()))?;
            block.forget();
            Ok(())
        })
    }

    /// Events that count and are later than an instant.
    pub fn events_after(&self, instant: i64) -> Result<u64, Fault> {
        let late = |block: &Block| {
            let types = || block.events.types.iter().filter(|(_, range)| range.times.1 > instant);
            let mut reads = EventReads::default();
            for (name, _) in types() {
                reads.times.add(Some(name));
                reads.profiles.add(Some(name));
            }
            block.check(&reads)?;
            let rows = types().flat_map(|(_, range)| range.rows.start as usize..range.rows.end as usize);
            let (time, profile) = (&*block.events.time, &*block.events.profile);
            Ok(rows.filter(|&row| time[row] > instant && block.counts(profile[row].into())).count() as u64)
        };
        self.blocks.iter().map(late).sum()
    }
}

/// Profiles and all that belongs to them.
#[derive(Debug, Clone)]
pub struct Block {
    /// The profiles' ids, ascending by code point.
    pub ids: Strings,
    /// The profiles' columns.
    pub profiles: Table,
    /// Their events.
    pub events: EventTable,
    /// Elements and entries, by space.
    pub children: BTreeMap<Space, ChildTable>,
    /// The profiles that count; `None` if all do. Others stand in a later block of the data set, as they are now.
    pub alive: Option<Bitmap>,
    /// Where it stands in a store.
    pub place: Option<Place>,
}

impl Block {
    /// Whether a profile counts; another block has it otherwise.
    pub fn counts(&self, profile: usize) -> bool {
        self.alive.as_ref().is_none_or(|alive| alive.get(profile))
    }

    /// Whether an event counts: whether its profile does.
    pub fn counts_event(&self, row: usize) -> bool {
        self.events.profile.get(row).is_some_and(|&profile| self.counts(profile.into()))
    }
}

/// Columns of one number of rows.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// How many rows.
    pub rows: usize,
    /// By path.
    pub columns: BTreeMap<FieldPath, Column>,
}

/// The events of a block: clustered by type, then (profile, timestamp, `_id`).
#[derive(Debug, Clone, Default)]
pub struct EventTable {
    /// The columns, `timestamp` and `_id` among them only if a program reads them.
    pub table: Table,
    /// For each type, by name: its rows.
    pub types: BTreeMap<Arc<str>, TypeRange>,
    /// The profile of each row (row number in the block).
    pub profile: Buffer<u16>,
    /// Microseconds since 1970-01-01 UTC of each row.
    pub time: Buffer<i64>,
    /// For each row, its rank in the order of (timestamp, `_id`) among the events of its profile, of all types; events
    /// that are simultaneous (no ids) have the same rank. What "strictly later" compares.
    pub rank: Buffer<u32>,
    /// All rows ordered by (profile, timestamp, `_id`): the order of a source `events`.
    pub by_profile: Buffer<u32>,
    /// `ids.len() + 1` offsets into `by_profile`.
    pub by_profile_offsets: Buffer<u32>,
    /// The times in the order of `by_profile`.
    pub by_profile_time: Buffer<i64>,
    /// The times in 16 bits, where they are kept like that.
    pub slots: Option<Slots>,
    /// The first and the last event of each profile, where they are kept.
    pub ends: Option<Ends>,
}

/// The rows of an event type in a block.
#[derive(Debug, Clone, Default)]
pub struct TypeRange {
    /// The rows of the event table.
    pub rows: Range<u32>,
    /// `ids.len() + 1` offsets, absolute rows of the event table: the rows of each profile.
    pub offsets: Buffer<u32>,
    /// The earliest and the latest time of these events.
    pub times: (i64, i64),
}

/// The elements of a list or the entries of a map, ordered by the row they belong to.
#[derive(Debug, Clone, Default)]
pub struct ChildTable {
    /// Columns of the elements.
    pub table: Table,
    /// For entries: the key of each row.
    pub keys: Option<Column>,
    /// `rows of the outer space + 1` offsets into the table.
    pub offsets: Buffer<u32>,
}
