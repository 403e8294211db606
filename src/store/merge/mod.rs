//! Parts into one: what several parts say of a profile is put together and written as a part of its own. Ingesting more
//! than fits in memory, appending to a store and compacting it are this. Names `part` and `events`.
//!
//! Every part has its profiles in the order of ids, so that one pass over all gives for each id the rows that speak of
//! it. Of records and scores the newest batch holds, and within a batch the first; events of all are put together, older
//! ones first. Invariants: the bytes that are written depend on the parts alone; not more is in memory than the blocks
//! that are at hand and the texts of the part that is written.

mod block;
mod column;
mod cursor;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::BLOCK_PROFILES;
use super::build::Noted;
use super::fault::Fault;
use super::manifest::PartEntry;
use super::part::{Array, Directory, Kept, Part, PartWriter, Stored, Wanted, encode};
use crate::vector::{Bitmap, Column, Dictionary};
use block::Layout;
use column::Texts;
use cursor::Cursor;

/// A part that is merged.
pub(super) struct Input {
    pub part: Part,
    /// For each block the profiles that are not its business any more; may be empty.
    pub superseded: Vec<Bitmap>,
    /// Newer ones are larger.
    pub batch: u64,
    /// Whether all its profiles are merged; otherwise those only that another input has.
    pub leads: bool,
}

/// Where a profile is: input, block and row.
type Place = (u32, u32, u32);

/// A profile with all the rows that speak of it, older ones first.
pub(super) struct Item {
    pub id: Arc<str>,
    pub rows: Vec<Place>,
}

/// What came of merging.
#[derive(Default)]
pub(super) struct Merged {
    /// The parts that were written, without names of batches.
    pub parts: Vec<PartEntry>,
    /// The rows of inputs that do not lead, that are merged now.
    pub taken: Vec<Place>,
    /// Profiles that one batch has more than once.
    pub duplicates: Noted,
    /// Events that repeat one of an older part.
    pub repeated: Noted,
    /// Profiles without a record, and how many events they have.
    pub waiting: Noted,
}

/// Blocks that are made at a time.
const AT_ONCE: usize = 16;

/// Merges parts into new files, which `name` gives paths and names for.
pub(super) fn merge(
    inputs: &[Input],
    directory: &Directory,
    text_bytes: usize,
    name: &mut dyn FnMut() -> (PathBuf, String),
) -> Result<Merged, Fault> {
    let mut merger = Merger {
        inputs,
        wanted: inputs.iter().map(|input| input.part.everything()).collect(),
        directory,
        text_bytes,
        name,
        writer: None,
        texts: Vec::new(),
        merged: Merged::default(),
        ready: Vec::new(),
    };
    let mut cursors = cursor::cursors(inputs)?;
    let (mut known, mut waiting): (Vec<Item>, Vec<Item>) = Default::default();
    while let Some(item) = cursor::next(&mut cursors, inputs)? {
        let (item, has_record) = merger.sorted(item, &cursors);
        let list = if has_record { &mut known } else { &mut waiting };
        list.push(item);
        if list.len() == BLOCK_PROFILES {
            merger.block(std::mem::take(list), has_record)?;
        }
        cursor::pass(&mut cursors, inputs)?;
    }
    for (items, has_record) in [(known, true), (waiting, false)] {
        if !items.is_empty() {
            merger.block(items, has_record)?;
        }
    }
    merger.flush()?;
    merger.end_part()?;
    Ok(merger.merged)
}

struct Merger<'m> {
    inputs: &'m [Input],
    wanted: Vec<Wanted>,
    directory: &'m Directory,
    text_bytes: usize,
    name: &'m mut dyn FnMut() -> (PathBuf, String),
    writer: Option<(PartWriter, String)>,
    /// For each dictionary of the part that is written.
    texts: Vec<Texts>,
    merged: Merged,
    ready: Vec<(bool, Vec<Item>)>,
}

impl Merger<'_> {
    /// An item with what it means for the result; tells whether it has a record.
    fn sorted(&mut self, mut item: Item, cursors: &[Cursor]) -> (Item, bool) {
        item.rows.sort_unstable();
        let mut records: Vec<u64> = Vec::new();
        for &(input, block, row) in &item.rows {
            let at = &self.inputs[input as usize];
            if cursors.iter().any(|c| c.has_record(input, block, row)) {
                if records.contains(&at.batch) {
                    self.merged.duplicates.note(&item.id, || None);
                } else {
                    records.push(at.batch);
                }
            }
            if !at.leads {
                self.merged.taken.push((input, block, row));
            }
        }
        (item, !records.is_empty())
    }

    fn block(&mut self, items: Vec<Item>, known: bool) -> Result<(), Fault> {
        self.ready.push((known, items));
        if self.ready.len() == AT_ONCE { self.flush() } else { Ok(()) }
    }

    /// Makes and writes the blocks that are ready.
    fn flush(&mut self) -> Result<(), Fault> {
        let ready = std::mem::take(&mut self.ready);
        if ready.is_empty() {
            return Ok(());
        }
        let sources = self.load(&ready)?;
        let directory = self.directory;
        let batches: Vec<u64> = self.inputs.iter().map(|input| input.batch).collect();
        let layouts: Vec<Layout<'_>> =
            ready.par_iter().map(|(known, items)| Layout::new(directory, items, *known, &sources, &batches)).collect();
        for layout in &layouts {
            layout.note_repeated(&mut self.merged.repeated);
            if !layout.known {
                layout.note_waiting(&mut self.merged.waiting);
            }
        }
        let arrays: Vec<Array> = block::columns_of(directory);
        if self.texts.is_empty() {
            self.texts = arrays.iter().map(|_| Texts::default()).collect();
        }
        let columns: Vec<Vec<Column>> = arrays
            .par_iter()
            .zip(&mut self.texts)
            .map(|(&array, texts)| layouts.iter().map(|layout| layout.column(directory, array, texts)).collect())
            .collect();
        let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
        let mut kept: Vec<Kept> = Vec::with_capacity(layouts.len());
        for layout in layouts {
            let own = columns.iter_mut().map(|column| column.next());
            kept.push(layout.finish(directory, arrays.iter().copied().zip(own)));
        }
        let encoded: Vec<_> = kept.par_iter().map(|kept| encode(directory, kept)).collect::<Result<_, _>>()?;
        if self.writer.is_none() {
            let (path, name) = (self.name)();
            self.writer = Some((PartWriter::create(&path, directory.clone())?, name));
        }
        if let Some((writer, _)) = &mut self.writer {
            encoded.into_iter().try_for_each(|block| writer.append(block))?;
        }
        let bytes: usize = self.texts.iter().map(Texts::bytes).sum();
        if bytes > self.text_bytes { self.end_part() } else { Ok(()) }
    }

    /// The blocks that items are in.
    fn load(&self, ready: &[(bool, Vec<Item>)]) -> Result<FxHashMap<(u32, u32), Stored>, Fault> {
        let places: FxHashSet<(u32, u32)> = ready
            .iter()
            .flat_map(|(_, items)| items.iter().flat_map(|item| item.rows.iter().map(|row| (row.0, row.1))))
            .collect();
        let places: Vec<(u32, u32)> = places.into_iter().collect();
        let (inputs, wanted) = (self.inputs, &self.wanted);
        let load = |&(input, block): &(u32, u32)| {
            let at = input as usize;
            Ok(((input, block), inputs[at].part.block(block as usize, &wanted[at])?))
        };
        places.par_iter().map(load).collect()
    }

    fn end_part(&mut self) -> Result<(), Fault> {
        let Some((writer, name)) = self.writer.take() else { return Ok(()) };
        let arrays = block::columns_of(self.directory);
        let texts = std::mem::take(&mut self.texts);
        let mut by_array: FxHashMap<Array, Arc<Dictionary>> =
            arrays.into_iter().zip(texts).map(|(array, texts)| (array, Arc::new(texts.finish()))).collect();
        let dictionaries: Vec<Arc<Dictionary>> = self
            .directory
            .dictionaries()
            .into_iter()
            .map(|array| by_array.remove(&array).unwrap_or_default())
            .collect();
        let written = writer.finish(&dictionaries)?;
        self.merged.parts.push(PartEntry::new(name, &written));
        Ok(())
    }
}

/// Opens a part that was written for merging.
pub(super) fn input(path: &Path, batch: u64) -> Result<Input, Fault> {
    let part = Part::open(path, None, super::access::Access::Read)?;
    Ok(Input { part, superseded: Vec::new(), batch, leads: true })
}
