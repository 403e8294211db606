//! The data set that programs run over: blocks of profiles with their events clustered by type, then by profile and
//! time. Filled in memory by `data`; a mapped file of the same layout comes later. Invariants: within a block,
//! profiles are ordered by id (code points of the text); events of a (type, profile) are contiguous and ordered by
//! (timestamp, `_id`); every child table's offsets ascend.
//!
//! Only what a program reads is loaded: [`Needs`] lists the columns, from the plan.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::plan::FieldPath;
use crate::vector::{Buffer, Column, Dictionary, Strings};

pub use crate::plan::{Needs, Space};

mod append;
mod bits;
pub mod build;
pub mod events;
mod gather;
pub mod raw;

/// Profiles in a block: their events fit a second-level cache.
pub const BLOCK_PROFILES: usize = 2048;

/// A data set in memory.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    /// Blocks of at most [`BLOCK_PROFILES`] profiles, ordered by profile id.
    pub blocks: Vec<Block>,
    /// Related classes by name.
    pub classes: BTreeMap<Arc<str>, ClassTable>,
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

/// The objects of a related class.
#[derive(Debug, Clone, Default)]
pub struct ClassTable {
    /// Row by primary key (as text).
    pub rows: BTreeMap<Arc<str>, u32>,
    /// Columns.
    pub table: Table,
}

/// Dictionaries are global to a data set: one per (space, path), shared by all blocks.
pub type Dictionaries = BTreeMap<(Space, FieldPath), Arc<Dictionary>>;
