//! One block out of the blocks of several parts: which row of which goes where. Invariant: the rows of every table are in
//! the order that a block has them in.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::column::{NOWHERE, Row, Texts, taken};
use super::{Item, Place};
use crate::plan::{FieldPath, FieldStep};
use crate::store::build::Noted;
use crate::store::events::{event_table, in_time, is_repeated};
use crate::store::gather::gather;
use crate::store::part::{Array, Directory, Kept, Stored, table, table_mut};
use crate::store::raw::ColumnKind;
use crate::store::{Block, ChildTable, EventTable, Space, Table};
use crate::vector::{Bitmap, Column, Strings};

/// The arrays of a block that are columns: those of tables, and keys.
pub(super) fn columns_of(directory: &Directory) -> Vec<Array> {
    let keys = (0..directory.children.len()).filter(|&c| directory.children[c].keyed).map(Array::ChildKeys);
    keys.chain((0..directory.columns.len()).map(Array::Column)).collect()
}

/// Rows with a column in each source, some of which may lack it; how its values are kept, and whether it is a list.
type Picked<'l> = (&'l [Row], Vec<Option<&'l Column>>, ColumnKind, bool);

/// A block that is put together.
pub(super) struct Layout<'s> {
    pub known: bool,
    /// The blocks that it is made of.
    sources: Vec<&'s Stored>,
    ids: Vec<Arc<str>>,
    /// For each facet the row of each profile.
    profiles: Vec<Vec<Row>>,
    events: EventTable,
    event_rows: Vec<Row>,
    event_ids: Strings,
    /// The ids of events that repeat one of an older source.
    repeated: Vec<String>,
    /// For each child table its rows, and their offsets by the rows that they belong to.
    children: Vec<(Vec<Row>, Vec<u32>)>,
}

impl<'s> Layout<'s> {
    /// `find` gives the block that a row of an item is in, and the row there.
    pub fn new(
        directory: &Directory,
        items: &[Item],
        known: bool,
        find: impl Fn(Place) -> Option<(&'s Stored, u32)>,
        batches: &[u64],
    ) -> Layout<'s> {
        let mut numbers: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        let mut sources: Vec<&Stored> = Vec::new();
        // By profile, its rows with the batch of each, older ones first.
        let mut rows: Vec<Vec<(Row, u64)>> = Vec::with_capacity(items.len());
        for item in items {
            let local = item.rows.iter().filter_map(|&(input, block, row)| {
                let (stored, row) = find((input, block, row))?;
                let number = *numbers.entry((input, block)).or_insert_with(|| {
                    sources.push(stored);
                    sources.len() as u32 - 1
                });
                Some(((number, row), batches[input as usize]))
            });
            rows.push(local.collect());
        }
        let profiles = (0..directory.facets.len()).map(|facet| chosen(&rows, &sources, facet)).collect();
        let mut layout = Layout {
            known,
            sources,
            ids: items.iter().map(|item| item.id.clone()).collect(),
            profiles,
            events: EventTable { by_profile_offsets: vec![0; items.len() + 1].into(), ..EventTable::default() },
            event_rows: Vec::new(),
            event_ids: Strings::default(),
            repeated: Vec::new(),
            children: Vec::new(),
        };
        if directory.events {
            layout.arrange_events(directory, &rows);
        }
        for child in &directory.children {
            let next = layout.child(directory, &child.space);
            layout.children.push(next);
        }
        layout
    }

    fn arrange_events(&mut self, directory: &Directory, rows: &[Vec<(Row, u64)>]) {
        let sources = &self.sources;
        let mut names: Vec<Arc<str>> = sources.iter().flat_map(|s| s.block.events.types.keys().cloned()).collect();
        names.sort_unstable();
        names.dedup();
        let time = |&(source, row): &Row| sources[source as usize].block.events.time.get(row as usize).copied();
        let id = |&(source, row): &Row| sources[source as usize].event_ids.get(row as usize).unwrap_or_default();
        let mut all: Vec<Row> = Vec::new();
        let mut profile: Vec<u32> = Vec::new();
        let mut kinds: Vec<u32> = Vec::new();
        let mut repeated: Vec<Row> = Vec::new();
        for (kind, name) in names.iter().enumerate() {
            let ranges: Vec<_> = sources.iter().map(|s| s.block.events.types.get(name)).collect();
            for (number, places) in rows.iter().enumerate() {
                let from = all.len();
                let mut several = 0;
                for &((source, row), _) in places {
                    let Some(range) = ranges[source as usize] else { continue };
                    let bounds = range.offsets.get(row as usize).zip(range.offsets.get(row as usize + 1));
                    let (start, end) = bounds.map_or((0, 0), |(&start, &end)| (start, end));
                    several += u32::from(start < end);
                    all.extend((start..end).map(|event| (source, event)));
                }
                if several > 1 {
                    // Stable: older ones first where none is later.
                    all[from..].sort_by(|a, b| time(a).cmp(&time(b)).then_with(|| id(a).cmp(id(b))));
                    repeated
                        .extend(deduplicated(&mut all, from, |a, b| time(a) == time(b) && is_repeated(id(a), id(b))));
                }
                profile.resize(all.len(), number as u32);
            }
            kinds.resize(all.len(), kind as u32);
        }
        let times: Vec<i64> = all.iter().map(|row| time(row).unwrap_or(0)).collect();
        if directory.event_ids {
            self.event_ids = all.iter().map(id).collect();
        }
        let ids = &self.event_ids;
        let moment = |a: u32, b: u32| {
            let (a, b) = (a as usize, b as usize);
            times[a].cmp(&times[b]).then_with(|| ids.get(a).cmp(&ids.get(b)))
        };
        let (by_profile, ends) = in_time(&profile, rows.len(), moment);
        // Rows are in the order of the table already.
        let kinds: Vec<u32> = by_profile.iter().map(|&row| kinds[row as usize]).collect();
        let in_time = by_profile.iter().map(|&row| times[row as usize]).collect();
        let by_id = |a: usize, b: usize| ids.get(by_profile[a] as usize).cmp(&ids.get(by_profile[b] as usize));
        (self.events, _) = event_table(&names, &ends, &kinds, in_time, by_id);
        self.repeated = repeated.iter().map(|row| id(row).to_owned()).collect();
        self.event_rows = all;
    }

    /// The rows of a table.
    fn rows(&self, directory: &Directory, space: &Space, facet: usize) -> &[Row] {
        if *space == directory.root {
            return self.profiles.get(facet).map_or(&[], |rows| rows);
        }
        if *space == Space::Events {
            return &self.event_rows;
        }
        let child = directory.children.iter().position(|child| child.space == *space);
        child.and_then(|child| self.children.get(child)).map_or(&[], |(rows, _)| rows)
    }

    fn child(&self, directory: &Directory, space: &Space) -> (Vec<Row>, Vec<u32>) {
        let (Space::Elements(outer, _) | Space::Entries(outer, _)) = space else { return Default::default() };
        let tables: Vec<Option<&ChildTable>> = self.sources.iter().map(|s| s.block.children.get(space)).collect();
        let mut rows = Vec::new();
        let mut offsets = vec![0u32];
        for &(source, row) in self.rows(directory, outer, facet_of(directory, space, None)) {
            let table = tables.get(source as usize).copied().flatten();
            let bounds = table.and_then(|t| t.offsets.get(row as usize).zip(t.offsets.get(row as usize + 1)));
            if let Some((&from, &to)) = bounds {
                rows.extend((from..to).map(|row| (source, row)));
            }
            offsets.push(rows.len() as u32);
        }
        (rows, offsets)
    }

    /// A column of the block, its texts with codes of `texts`.
    pub fn column(&self, directory: &Directory, array: Array, texts: &mut Texts) -> Column {
        match self.picked(directory, array) {
            Some((rows, columns, kind, list)) => taken(rows, &columns, kind, list, texts),
            None => Column { data: crate::vector::Data::Int(Vec::new().into()), valid: None },
        }
    }

    /// A column of a block that is made of one source, its texts with the codes that they have there.
    pub fn same_column(&self, directory: &Directory, array: Array) -> Option<Column> {
        let (rows, columns, ..) = self.picked(directory, array)?;
        let rows: Vec<u32> = rows.iter().map(|(_, row)| *row).collect();
        columns.first().copied().flatten().map(|column| gather(column, &rows))
    }

    /// The rows of a column, the column in each source, and how its values are kept; `None` for what is no column.
    fn picked(&self, directory: &Directory, array: Array) -> Option<Picked<'_>> {
        match array {
            Array::ChildKeys(child) => {
                let space = &directory.children[child].space;
                let keys = |s: &&'s Stored| s.block.children.get(space).and_then(|child| child.keys.as_ref());
                let columns = self.sources.iter().map(keys).collect();
                Some((self.rows(directory, space, 0), columns, ColumnKind::Text, false))
            }
            Array::Column(column) => {
                let spec = &directory.columns[column];
                let own = |s: &&'s Stored| table(directory, &s.block, &spec.space)?.columns.get(&spec.path);
                let columns = self.sources.iter().map(own).collect();
                let facet = facet_of(directory, &spec.space, Some(&spec.path));
                Some((self.rows(directory, &spec.space, facet), columns, spec.kind, spec.list))
            }
            Array::Ids
            | Array::Facet(_)
            | Array::Types
            | Array::TypeOffsets
            | Array::Profile
            | Array::Time
            | Array::Rank
            | Array::ByProfile
            | Array::ByProfileOffsets
            | Array::ByProfileTime
            | Array::Slots
            | Array::SlotsInOrder
            | Array::EndTimes
            | Array::EndRows
            | Array::EndsShared
            | Array::EventIds
            | Array::ChildOffsets(_) => None,
        }
    }

    /// Tells of the events that were there already.
    pub fn note_repeated(&self, repeated: &mut Noted) {
        self.repeated.iter().for_each(|id| repeated.note(id, || None));
    }

    /// Tells of the events that wait for a record of their profile.
    pub fn note_waiting(&self, waiting: &mut Noted) {
        for (id, pair) in self.ids.iter().zip(self.events.by_profile_offsets.windows(2)) {
            (pair[0]..pair[1]).for_each(|_| waiting.note(id, || None));
        }
    }

    /// The block with its columns.
    pub fn finish(mut self, directory: &Directory, columns: impl Iterator<Item = (Array, Option<Column>)>) -> Kept {
        let facets =
            self.profiles.iter().map(|rows| Bitmap::from_fn(rows.len(), |profile| rows[profile] != NOWHERE)).collect();
        let mut block = Block {
            profiles: Table { rows: self.ids.len(), columns: BTreeMap::new() },
            ids: self.ids.iter().map(|id| &**id).collect(),
            events: std::mem::take(&mut self.events),
            children: BTreeMap::new(),
            alive: None,
            place: None,
        };
        for (spec, (rows, offsets)) in directory.children.iter().zip(self.children) {
            let table = Table { rows: rows.len(), columns: BTreeMap::new() };
            block.children.insert(spec.space.clone(), ChildTable { table, keys: None, offsets: offsets.into() });
        }
        for (array, column) in columns {
            let Some(column) = column else { continue };
            if let Array::ChildKeys(child) = array {
                if let Some(child) = block.children.get_mut(&directory.children[child].space) {
                    child.keys = Some(column);
                }
            } else if let Array::Column(number) = array {
                let spec = &directory.columns[number];
                if let Some(table) = table_mut(directory, &mut block, &spec.space) {
                    table.columns.insert(spec.path.clone(), column);
                }
            }
        }
        Kept { block, facets, event_ids: self.event_ids, known: self.known }
    }
}

/// Takes out of the rows from `from` on those that are the same as the one before; gives them.
fn deduplicated(rows: &mut Vec<Row>, from: usize, same: impl Fn(&Row, &Row) -> bool) -> Vec<Row> {
    let mut tail = rows.split_off(from);
    let mut repeated = Vec::new();
    tail.dedup_by(|later, first| {
        let same = same(later, first);
        repeated.extend(same.then_some(*later));
        same
    });
    rows.append(&mut tail);
    repeated
}

/// For each profile the row that a facet is taken from: of the newest batch, and there the first.
fn chosen(rows: &[Vec<(Row, u64)>], sources: &[&Stored], facet: usize) -> Vec<Row> {
    let speaks = |row: &Row| sources[row.0 as usize].facets.get(facet).is_some_and(|bits| bits.get(row.1 as usize));
    rows.iter()
        .map(|places| {
            let mut best: Option<(Row, u64)> = None;
            for &(row, batch) in places.iter().filter(|(row, _)| speaks(row)) {
                if best.is_none_or(|(_, known)| batch > known) {
                    best = Some((row, batch));
                }
            }
            best.map_or(NOWHERE, |(row, _)| row)
        })
        .collect()
}

/// The facet that a path of the profile, or the rows of a space, are of.
fn facet_of(directory: &Directory, space: &Space, path: Option<&FieldPath>) -> usize {
    let mut path = path;
    let mut here = space;
    while let Space::Elements(outer, own) | Space::Entries(outer, own) = here {
        path = Some(own);
        here = outer;
    }
    let name = match path.map(|path| &path[..]) {
        Some([FieldStep::Field(root), FieldStep::Field(name), ..]) if **root == *crate::schema::PROPENSITY => name,
        _ => return 0,
    };
    directory.facets.iter().position(|facet| facet == name).unwrap_or(0)
}
