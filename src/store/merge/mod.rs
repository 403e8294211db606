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
mod load;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::BLOCK_PROFILES;
use super::build::Noted;
use super::fault::Fault;
use super::manifest::PartEntry;
use super::part::{Array, BlockSpec, Directory, Kept, Part, PartWriter, Wanted, encode};
use crate::vector::{Bitmap, Column, Dictionary};
use block::Layout;
use column::Texts;
use cursor::Cursor;
use load::Loaded;

/// A part that is merged.
pub(super) struct Input {
    pub part: Arc<Part>,
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

/// Blocks that are made at a time, at most.
const AT_ONCE: usize = 16;
/// What is read for blocks that are made at a time may take this share of the memory: it is there once as it was, once
/// put together and once encoded.
const SHARE: usize = 5;
/// The texts of the part that is written may take this share.
const TEXT_SHARE: usize = 4;

/// Merges parts into new files, which `name` gives paths and names for, with about so many bytes of memory.
pub(super) fn merge(
    inputs: &[Input],
    directory: &Directory,
    memory: usize,
    name: &mut dyn FnMut() -> (PathBuf, String),
) -> Result<Merged, Fault> {
    let mut merger = Merger {
        inputs,
        wanted: inputs.iter().map(|input| input.part.everything()).collect(),
        weights: inputs.iter().map(weights).collect(),
        directory,
        memory,
        name,
        writer: None,
        texts: Vec::new(),
        merged: Merged::default(),
        ready: Vec::new(),
        ready_bytes: 0,
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
    /// For each input about how many bytes a profile of each block takes.
    weights: Vec<Vec<usize>>,
    directory: &'m Directory,
    memory: usize,
    name: &'m mut dyn FnMut() -> (PathBuf, String),
    writer: Option<(PartWriter, String)>,
    /// For each dictionary of the part that is written.
    texts: Vec<Texts>,
    merged: Merged,
    ready: Vec<(bool, Vec<Item>)>,
    /// About how much memory what is ready takes.
    ready_bytes: usize,
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
        let rows = items.iter().flat_map(|item| &item.rows);
        let bytes: usize = rows.map(|&(input, block, _)| self.weights[input as usize][block as usize]).sum();
        if self.ready_bytes + bytes > self.memory / SHARE {
            self.flush()?;
        }
        self.ready.push((known, items));
        self.ready_bytes += bytes;
        if self.ready.len() == AT_ONCE { self.flush() } else { Ok(()) }
    }

    /// Makes and writes the blocks that are ready.
    fn flush(&mut self) -> Result<(), Fault> {
        let ready = std::mem::take(&mut self.ready);
        self.ready_bytes = 0;
        if ready.is_empty() {
            return Ok(());
        }
        let directory = self.directory;
        let items = ready.iter().flat_map(|(_, items)| items);
        let sources = Loaded::new(self.inputs, &self.wanted, directory, items)?;
        let batches: Vec<u64> = self.inputs.iter().map(|input| input.batch).collect();
        let layout = |(known, items): &(bool, Vec<Item>)| {
            Layout::new(directory, items, *known, |place| sources.find(place), &batches)
        };
        let layouts: Vec<Layout<'_>> = ready.par_iter().map(layout).collect();
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
        drop(sources);
        let encoded: Vec<_> = kept.par_iter().map(|kept| encode(directory, kept)).collect::<Result<_, _>>()?;
        drop(kept);
        if self.writer.is_none() {
            let (path, name) = (self.name)();
            self.writer = Some((PartWriter::create(&path, directory.clone())?, name));
        }
        if let Some((writer, _)) = &mut self.writer {
            encoded.into_iter().try_for_each(|block| writer.append(block))?;
        }
        let bytes: usize = self.texts.iter().map(Texts::bytes).sum();
        if bytes > self.memory / TEXT_SHARE { self.end_part() } else { Ok(()) }
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

/// About how many bytes of a part a profile of each block has.
fn weights(input: &Input) -> Vec<usize> {
    let blocks = &input.part.directory.blocks;
    let rows = |spec: &BlockSpec| spec.profiles as usize + spec.events as usize;
    let all: usize = blocks.iter().map(rows).sum();
    let row = input.part.bytes() / all.max(1);
    blocks.iter().map(|spec| row * rows(spec) / (spec.profiles as usize).max(1)).collect()
}

/// Opens a part that was written for merging.
pub(super) fn input(path: &Path, batch: u64) -> Result<Input, Fault> {
    let part = Part::open(path, None, super::access::Access::Read)?;
    Ok(Input { part: Arc::new(part), superseded: Vec::new(), batch, leads: true })
}
