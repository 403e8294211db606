//! From records as they were read to the data set: profiles sorted and cut into blocks, events clustered, children in
//! the order of what they belong to. Names `raw` and `gather`. Invariant: the result does not depend on the number of
//! threads, and on the order of records only where two events of a profile are simultaneous.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::events::{EventOrder, Run, order_events};
use super::gather::{NO_ROW, Places, gather_blocks, gather_pieces, text_ranks, whole};
use super::part::Kept;
use super::raw::{Interner, RawColumn, RawRecords, TableSpec};
use super::{BLOCK_PROFILES, Block, ChildTable, ClassTable, Dataset, EventTable, Space, Table};
use crate::vector::{Bitmap, Column, Data, Strings};

/// The records of one kind.
#[derive(Debug, Clone, Default)]
pub struct RawSource {
    /// What they hold.
    pub specs: Vec<TableSpec>,
    /// In the order of files and lines.
    pub pieces: Vec<RawRecords>,
}

impl RawSource {
    /// How many records.
    pub fn rows(&self) -> usize {
        self.pieces.iter().map(RawRecords::rows).sum()
    }

    /// One column of all pieces; the pieces lose it.
    pub(super) fn take(&mut self, table: usize, column: usize) -> Column {
        whole(self.take_pieces(table, column))
    }

    /// The pieces of a column, which they lose.
    pub(super) fn take_pieces(&mut self, table: usize, column: usize) -> Vec<RawColumn> {
        let empty = || RawColumn::new(super::raw::ColumnKind::Bool, false);
        self.pieces.iter_mut().map(|p| std::mem::replace(&mut p.tables[table].columns[column], empty())).collect()
    }

    /// The pieces lose a column.
    pub(super) fn drop_column(&mut self, table: usize, column: usize) {
        let empty = || RawColumn::new(super::raw::ColumnKind::Bool, false);
        self.pieces.iter_mut().for_each(|piece| piece.tables[table].columns[column] = empty());
    }

    fn take_keys(&mut self, table: usize) -> Option<Column> {
        let keys: Option<Vec<_>> = self.pieces.iter_mut().map(|p| p.tables[table].keys.take()).collect();
        keys.map(whole)
    }

    /// The piece and its row of a record counted through all pieces.
    pub(super) fn place(&self, mut row: usize) -> Option<(u32, u64)> {
        for piece in &self.pieces {
            if row < piece.rows() {
                return Some((piece.file, piece.line(row)));
            }
            row -= piece.rows();
        }
        None
    }
}

/// The column of a profile's, a score's or a class object's id.
pub const ID_COLUMN: usize = 0;

/// All that a data set is built of.
#[derive(Debug, Clone, Default)]
pub struct RawInputs {
    /// The profile records; without them every profile that an event names exists.
    pub profiles: Option<RawSource>,
    /// Further columns of the profiles from files of their own, by id.
    pub scores: Vec<RawSource>,
    /// The events; their system columns are those of [`super::events`].
    pub events: Option<RawSource>,
    /// The related classes.
    pub classes: BTreeMap<Arc<str>, RawSource>,
    /// The types of events to keep; `None` for all.
    pub event_types: Option<Vec<Arc<str>>>,
    /// Whether events have ids.
    pub event_ids: bool,
}

/// How often something was seen, with the first few.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noted {
    /// How often.
    pub count: u64,
    /// File and line, where they are known, and the text of the first few.
    pub first: Vec<(Option<(u32, u64)>, String)>,
}

/// How many examples are kept.
pub const EXAMPLES: usize = 5;

impl Noted {
    /// Takes in what was seen later.
    pub(super) fn append(&mut self, later: Noted) {
        self.count += later.count;
        self.first.extend(later.first);
        self.first.truncate(EXAMPLES);
    }

    pub(super) fn note(&mut self, text: &str, place: impl FnOnce() -> Option<(u32, u64)>) {
        self.count += 1;
        if self.first.len() < EXAMPLES {
            let place = place();
            // Without a place the same text says nothing new.
            if place.is_some() || self.first.last().is_none_or(|(_, last)| last != text) {
                self.first.push((place, text.to_owned()));
            }
        }
    }
}

/// What was left out on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// Profiles whose id an earlier record has; the first holds.
    pub duplicate_profiles: Noted,
    /// Scores of a profile that an earlier record has; the first holds.
    pub duplicate_scores: Noted,
    /// Scores of no profile.
    pub unknown_scores: Noted,
    /// Events of no profile; where they are kept, those that wait for its record.
    pub unknown_profiles: Noted,
    /// Events that repeat an earlier one; the first holds.
    pub repeated_events: Noted,
    /// Objects of a class whose key an earlier record has, by class; the first holds.
    pub duplicate_objects: BTreeMap<Arc<str>, Noted>,
    /// Events later than the instant that was asked about.
    pub later: u64,
}

/// Builds the data set. `now` is only for counting events that are later.
pub fn build(mut inputs: RawInputs, now: i64) -> (Dataset, Notes) {
    let mut notes = Notes::default();
    let classes = std::mem::take(&mut inputs.classes)
        .into_iter()
        .map(|(name, source)| {
            let noted = notes.duplicate_objects.entry(name.clone()).or_default();
            let table = class(source, noted);
            (name, table)
        })
        .collect();
    let built = build_blocks(inputs, now, Keep::Known, &mut notes);
    (Dataset { blocks: built.into_iter().map(|kept| kept.block).collect(), classes }, notes)
}

/// What becomes of the events and scores of profiles without a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// They are left out.
    Known,
    /// They are kept for the day when the record comes.
    All,
}

/// Builds the blocks of profiles.
pub fn build_blocks(mut inputs: RawInputs, now: i64, keep: Keep, notes: &mut Notes) -> Vec<Kept> {
    let mut main = inputs.profiles.take();
    let (mut ids, mut order) = match (&mut main, &inputs.events) {
        (Some(source), _) => sorted_ids(source, &mut notes.duplicate_profiles),
        (None, Some(events)) => (super::events::profile_ids(events).into_iter().collect(), Vec::new()),
        (None, None) => Default::default(),
    };
    if keep == Keep::All && main.is_some() {
        (ids, order) = with_unknown(&ids, &order, &inputs);
    }
    let known = main.as_ref().map(|_| order.iter().map(|&row| row != NO_ROW).collect::<Vec<bool>>());
    let positions: FxHashMap<&str, u32> = ids.iter().zip(0..).collect();
    let events = inputs.events.take().map(|mut source| {
        let types = inputs.event_types.as_deref();
        let of = |id: &str| positions.get(id).copied().unwrap_or(NO_ROW);
        let named = source.pieces.iter().map(super::events::profile_texts);
        let of_codes = named.map(|texts| texts.into_iter().flat_map(Interner::iter).map(of).collect()).collect();
        let runs = source.pieces.iter().map(super::events::profile_runs).collect();
        let profiles =
            Positions { of_codes, runs, count: ids.len(), known: known.as_deref(), keep_ids: keep == Keep::All };
        let order = order_events(&mut source, &profiles, types, inputs.event_ids, now, notes);
        (source, order)
    });
    let mut blocks = empty_blocks(&ids);
    let mut facets: Vec<Vec<Bitmap>> = Vec::new();
    match main {
        Some(mut source) => facets.push(fill_profiles(&mut source, &order, &mut blocks)),
        None => facets.push(blocks.iter().map(|block| Bitmap::filled(block.ids.len(), true)).collect()),
    }
    for mut source in inputs.scores {
        let order = joined(&mut source, &positions, ids.len(), notes);
        facets.push(fill_profiles(&mut source, &order, &mut blocks));
    }
    let mut event_ids = Vec::new();
    if let Some((mut source, orders)) = events {
        let (rows, ids) = place_events(orders, &mut blocks);
        event_ids = ids;
        fill(&mut source, rows, &mut blocks, event_table);
    }
    let mut event_ids = event_ids.into_iter();
    let keep = |(at, block): (usize, Block)| {
        let facets: Vec<Bitmap> = facets.iter().map(|facet| facet[at].clone()).collect();
        let known = facets[0].count() == block.ids.len();
        Kept { block, facets, event_ids: event_ids.next().unwrap_or_default(), known }
    };
    blocks.into_iter().enumerate().map(keep).collect()
}

/// The profiles of a build.
pub(super) struct Positions<'p> {
    /// For each piece of the events, by the codes of its texts; [`NO_ROW`] for what is none.
    pub of_codes: Vec<Vec<u32>>,
    /// For each piece of the events its runs.
    pub runs: Vec<Vec<Run>>,
    /// How many.
    pub count: usize,
    /// Which have a record; `None` if all count as having one.
    pub known: Option<&'p [bool]>,
    /// Whether the ids of events are kept.
    pub keep_ids: bool,
}

/// The ids with those that only events and scores name.
fn with_unknown(ids: &Strings, order: &[u32], inputs: &RawInputs) -> (Strings, Vec<u32>) {
    let mut all: Vec<(&str, u32)> = ids.iter().zip(order.iter().copied()).collect();
    let others = inputs.events.as_ref().map(super::events::profile_ids).unwrap_or_default();
    all.extend(others.iter().map(|id| (*id, NO_ROW)));
    for piece in inputs.scores.iter().flat_map(|source| &source.pieces) {
        let named = (0..piece.rows()).filter_map(|row| piece.tables[0].columns[ID_COLUMN].text(row));
        all.extend(named.map(|id| (id, NO_ROW)));
    }
    // A record comes before its absence.
    all.sort_unstable();
    all.dedup_by(|later, first| later.0 == first.0);
    (all.iter().map(|(id, _)| *id).collect(), all.iter().map(|&(_, row)| row).collect())
}

/// Fills the profiles' columns from a source; tells which profiles it has.
fn fill_profiles(source: &mut RawSource, order: &[u32], blocks: &mut [Block]) -> Vec<Bitmap> {
    let orders: Vec<Vec<u32>> = order.chunks(BLOCK_PROFILES).map(<[u32]>::to_vec).collect();
    let has = orders.iter().map(|rows| Bitmap::from_fn(rows.len(), |row| rows[row] != NO_ROW)).collect();
    fill(source, orders, blocks, profile_table);
    has
}

fn profile_table(block: &mut Block) -> &mut Table {
    &mut block.profiles
}

fn event_table(block: &mut Block) -> &mut Table {
    &mut block.events.table
}

/// Blocks of profiles without anything.
pub(super) fn empty_blocks(ids: &Strings) -> Vec<Block> {
    let block = |first: usize| {
        let rows = (ids.len() - first).min(BLOCK_PROFILES);
        Block {
            ids: (first..first + rows).filter_map(|id| ids.get(id)).collect(),
            profiles: Table { rows, columns: BTreeMap::new() },
            events: EventTable { by_profile_offsets: vec![0; rows + 1].into(), ..EventTable::default() },
            children: BTreeMap::new(),
            alive: None,
            place: None,
        }
    };
    (0..ids.len()).step_by(BLOCK_PROFILES).map(block).collect()
}

pub(super) fn place_events(orders: Vec<EventOrder>, blocks: &mut [Block]) -> (Vec<Vec<u32>>, Vec<Strings>) {
    let mut rows = Vec::with_capacity(orders.len());
    let mut ids = Vec::with_capacity(orders.len());
    for (order, block) in orders.into_iter().zip(blocks) {
        rows.push(order.rows);
        ids.push(order.ids);
        block.events = order.table;
    }
    (rows, ids)
}

/// The ids in order, and for each the row of its first record.
pub(super) fn sorted_ids(source: &mut RawSource, duplicates: &mut Noted) -> (Strings, Vec<u32>) {
    let columns = source.pieces.iter().map(|piece| &piece.tables[0].columns[ID_COLUMN]);
    let ids = columns.flat_map(|ids| (0..ids.rows()).map(|row| ids.text(row).unwrap_or_default()));
    let ids: Strings = ids.collect();
    let of = |row: u32| ids.view().bytes(row as usize).unwrap_or_default();
    // Most ids differ in their first bytes: these and the row are compared as one number.
    let mut keyed: Vec<u128> =
        (0..ids.len() as u32).map(|row| u128::from(prefix(of(row))) << 32 | u128::from(row)).collect();
    keyed.sort_unstable();
    for alike in keyed.chunk_by_mut(|a, b| a >> 32 == b >> 32).filter(|alike| alike.len() > 1) {
        alike.sort_by(|&a, &b| of(a as u32).cmp(of(b as u32)));
    }
    let mut order: Vec<u32> = keyed.into_iter().map(|keyed| keyed as u32).collect();
    let mut repeated = Vec::new();
    order.dedup_by(|&mut later, &mut first| {
        let same = of(later) == of(first);
        if same {
            repeated.push(later);
        }
        same
    });
    repeated.sort_unstable();
    for row in repeated {
        duplicates.note(ids.get(row as usize).unwrap_or_default(), || source.place(row as usize));
    }
    (order.iter().map(|&row| ids.get(row as usize).unwrap_or_default()).collect(), order)
}

/// The first bytes of a text as a number that orders like them; what is shorter orders first or alike.
fn prefix(text: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let len = text.len().min(8);
    bytes[..len].copy_from_slice(&text[..len]);
    u64::from_be_bytes(bytes)
}

/// For each profile its row in a source of further columns.
fn joined(source: &mut RawSource, positions: &FxHashMap<&str, u32>, profiles: usize, notes: &mut Notes) -> Vec<u32> {
    let mut order = vec![NO_ROW; profiles];
    let mut row = 0;
    for piece in &source.pieces {
        for at in 0..piece.rows() {
            let id = piece.tables[0].columns[ID_COLUMN].text(at).unwrap_or_default();
            let place = || Some((piece.file, piece.line(at)));
            match positions.get(id).map(|&position| &mut order[position as usize]) {
                None => notes.unknown_scores.note(id, place),
                Some(taken) if *taken != NO_ROW => notes.duplicate_scores.note(id, place),
                Some(free) => *free = row,
            }
            row += 1;
        }
    }
    order
}

fn class(mut source: RawSource, duplicates: &mut Noted) -> ClassTable {
    let mut rows = BTreeMap::new();
    let mut row = 0;
    for piece in &source.pieces {
        for at in 0..piece.rows() {
            let key = piece.tables[0].columns[ID_COLUMN].text(at).unwrap_or_default();
            if rows.contains_key(key) {
                duplicates.note(key, || Some((piece.file, piece.line(at))));
            } else {
                rows.insert(Arc::from(key), row);
            }
            row += 1;
        }
    }
    let system = source.specs.first().map_or(0, |s| s.system.len());
    let wanted = source.specs.first().map(|s| s.columns.clone()).unwrap_or_default();
    let columns = wanted.into_iter().enumerate().map(|(i, (path, _))| (path, source.take(0, system + i))).collect();
    ClassTable::new(rows, Table { rows: row as usize, columns })
}

/// Fills the columns and children of all blocks from a source, whose records stand in `orders`, block by block.
fn fill(source: &mut RawSource, mut orders: Vec<Vec<u32>>, blocks: &mut [Block], table: fn(&mut Block) -> &mut Table) {
    let specs = std::mem::take(&mut source.specs);
    let mut placed: Vec<Places> = Vec::with_capacity(specs.len());
    for (t, spec) in specs.iter().enumerate() {
        let here = match spec.parent {
            // The records themselves, of which there is one table.
            None => std::mem::take(&mut orders),
            Some(parent) => place_children(source, t, spec, placed[parent].orders(), blocks),
        };
        placed.push(Places::new(here, source.pieces.iter().map(|piece| piece.tables[t].rows)));
    }
    for (t, spec) in specs.iter().enumerate() {
        for (i, (path, _)) in spec.columns.iter().enumerate() {
            let columns = gather_pieces(source.take_pieces(t, spec.system.len() + i), &placed[t]);
            for (block, column) in blocks.iter_mut().zip(columns) {
                let table = match spec.parent {
                    None => Some(table(block)),
                    Some(_) => block.children.get_mut(&spec.space).map(|child| &mut child.table),
                };
                if let Some(table) = table {
                    table.columns.insert(path.clone(), column);
                }
            }
        }
    }
}

/// The rows of a child table in the order of their parents, block by block; makes the child tables.
fn place_children(
    source: &mut RawSource,
    t: usize,
    spec: &TableSpec,
    parents: &[Vec<u32>],
    blocks: &mut [Block],
) -> Vec<Vec<u32>> {
    let mut ends: Vec<u32> = Vec::new();
    let mut base = 0;
    for piece in &source.pieces {
        ends.extend(piece.tables[t].ends.iter().map(|end| base + end));
        base += piece.tables[t].rows as u32;
    }
    let keys = source.take_keys(t);
    let ranks = keys.as_ref().and_then(|k| match &k.data {
        Data::Text { codes, dictionary } => Some((codes.clone(), text_ranks(dictionary))),
        _ => None,
    });
    let item = spec.columns.iter().position(|(path, _)| path.is_empty()).map(|i| spec.system.len() + i);
    let present = item.map(|column| presence(source, t, column));
    let mut all = Vec::with_capacity(parents.len());
    for (block, parents) in blocks.iter_mut().zip(parents) {
        let mut rows: Vec<u32> = Vec::new();
        let mut offsets = vec![0u32];
        for &parent in parents {
            let first = rows.len();
            if parent != NO_ROW {
                let from = if parent == 0 { 0 } else { ends[parent as usize - 1] };
                rows.extend((from..ends[parent as usize]).filter(|r| present.as_ref().is_none_or(|p| p[*r as usize])));
            }
            if let Some((codes, ranks)) = &ranks {
                let rank = |row: &u32| ranks[codes.get(*row as usize) as usize];
                rows[first..].sort_by_key(rank);
                let mut entries = rows.split_off(first);
                entries.dedup_by_key(|row| rank(row));
                rows.append(&mut entries);
            }
            offsets.push(rows.len() as u32);
        }
        let keys = keys.as_ref().and_then(|k| gather_blocks(k, std::slice::from_ref(&rows)).pop());
        let table = Table { rows: rows.len(), columns: BTreeMap::new() };
        block.children.insert(spec.space.clone(), ChildTable { table, keys, offsets: offsets.into() });
        all.push(rows);
    }
    all
}

fn presence(source: &RawSource, table: usize, column: usize) -> Vec<bool> {
    source
        .pieces
        .iter()
        .map(|p| &p.tables[table].columns[column])
        .flat_map(|c| (0..c.rows()).map(|row| c.valid.get(row)))
        .collect()
}

/// Whether a space is of the profiles, the events or a class, at any depth.
pub fn root_of(space: &Space) -> &Space {
    let mut here = space;
    while let Space::Elements(outer, _) | Space::Entries(outer, _) = here {
        here = outer;
    }
    here
}
