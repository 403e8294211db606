//! Writing a part: chunks one behind the other, then the directory. Encoding a block touches no file, so that blocks are
//! encoded on all threads and written in order. Invariant: the bytes depend on the blocks alone.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::chunk::{Chunk, ENTRY, Entry};
use super::directory::{Array, BlockSpec, Directory};
use super::{ALIGN, MAGIC, VERSION, table};
use crate::store::access::bytes_of;
use crate::store::fault::Fault;
use crate::store::raw::ColumnKind;
use crate::store::{Block, ChildTable, Ends, Scale, crash};
use crate::vector::{Bitmap, Codes, Column, Data, Dictionary, Strings};

/// A block with what the store keeps besides.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The block.
    pub block: Block,
    /// For each facet the profiles that it speaks of.
    pub facets: Vec<Bitmap>,
    /// The ids of the events, where they have some.
    pub event_ids: Strings,
    /// Whether all profiles have a record.
    pub known: bool,
}

/// A part that has been written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Bytes of the file.
    pub bytes: u64,
    /// BLAKE3 of its directory, which holds the checksums of all else.
    pub hash: [u8; 32],
    /// Its profiles with a record.
    pub profiles: u64,
    /// Their events.
    pub events: u64,
    /// Profiles without a record, and their events.
    pub waiting: (u64, u64),
}

/// Bytes that are written at once, and where, a huge page: a system that keeps files in memory in pieces as large as they
/// were written brings in that much with one page fault.
const WRITE: usize = 2 << 20;

/// A part while it is written.
pub struct PartWriter {
    path: PathBuf,
    file: File,
    /// What has not been written yet; it begins at a multiple of [`WRITE`].
    buffer: Vec<u8>,
    at: u64,
    directory: Directory,
    entries: Vec<Entry>,
}

/// A block as bytes.
pub struct Encoded {
    spec: BlockSpec,
    chunks: Vec<Chunk>,
}

/// Encodes a block.
pub fn encode(directory: &Directory, kept: &Kept) -> Result<Encoded, Fault> {
    let block = &kept.block;
    let too_long = || Fault::Io("encode a block".into(), "its texts are longer than 4 GiB together".into());
    let ends = Ends::of(&block.events);
    let chunks = directory.arrays().into_iter().map(|array| {
        Ok(match array {
            Array::Ids => Chunk::texts(&block.ids).ok_or_else(too_long)?,
            Array::Facet(f) => Chunk::bits(&kept.facets[f]),
            Array::Types => Chunk::plain(&type_numbers(directory, block)),
            Array::TypeOffsets => {
                let all: Vec<u32> = block.events.types.values().flat_map(|t| t.offsets.iter().copied()).collect();
                Chunk::plain(&all)
            }
            Array::Profile => Chunk::plain(&block.events.profile),
            Array::Time => Chunk::plain(&block.events.time),
            Array::Rank => Chunk::plain(&block.events.rank),
            Array::ByProfile => Chunk::plain(&block.events.by_profile),
            Array::ByProfileTime => Chunk::plain(&block.events.by_profile_time),
            Array::Slots => Chunk::plain(&Scale::of(&block.events.types).slots(&block.events.time)),
            Array::SlotsInOrder => Chunk::plain(&Scale::of(&block.events.types).slots(&block.events.by_profile_time)),
            Array::ByProfileOffsets => Chunk::plain(&block.events.by_profile_offsets),
            Array::EndTimes => Chunk::plain(&ends.times),
            Array::EndRows => Chunk::plain(&ends.rows),
            Array::EndsShared => Chunk::plain(&ends.shared),
            Array::EventIds => Chunk::texts(&kept.event_ids).ok_or_else(too_long)?,
            Array::ChildOffsets(c) => {
                let child = child_table(directory, block, c);
                Chunk::plain(child.map_or(&[0u32][..], |child| &child.offsets))
            }
            Array::ChildKeys(_) => column_chunk(column_of(directory, block, array), 0, ColumnKind::Text, false),
            Array::Column(c) => {
                let spec = &directory.columns[c];
                let rows = table(directory, block, &spec.space).map_or(0, |t| t.rows);
                column_chunk(column_of(directory, block, array), rows, spec.kind, spec.list)
            }
        })
    });
    let chunks = chunks.collect::<Result<Vec<Chunk>, Fault>>()?;
    let id = |row: usize| block.ids.get(row).unwrap_or_default().to_owned();
    let spec = BlockSpec {
        profiles: block.ids.len() as u32,
        events: block.events.table.rows as u32,
        known: kept.known,
        ids: (id(0), id(block.ids.len().saturating_sub(1))),
    };
    Ok(Encoded { spec, chunks })
}

fn child_table<'b>(directory: &Directory, block: &'b Block, child: usize) -> Option<&'b ChildTable> {
    block.children.get(&directory.children.get(child)?.space)
}

/// A column, or keys, of a block.
pub(in crate::store) fn column_of<'b>(directory: &Directory, block: &'b Block, array: Array) -> Option<&'b Column> {
    if let Array::ChildKeys(child) = array {
        return child_table(directory, block, child)?.keys.as_ref();
    }
    let Array::Column(column) = array else { return None };
    let spec = directory.columns.get(column)?;
    table(directory, block, &spec.space)?.columns.get(&spec.path)
}

fn type_numbers(directory: &Directory, block: &Block) -> Vec<i64> {
    let number = |name: &Arc<str>| directory.types.binary_search(name).unwrap_or_default() as i64;
    block
        .events
        .types
        .iter()
        .flat_map(|(name, t)| [number(name), i64::from(t.rows.start), i64::from(t.rows.end), t.times.0, t.times.1])
        .collect()
}

/// A column; one that the block does not have is absent throughout.
fn column_chunk(column: Option<&Column>, rows: usize, kind: ColumnKind, list: bool) -> Chunk {
    let Some(column) = column else {
        let none = Bitmap::filled(rows, false);
        let (values, offsets) = if list { (0, Some(vec![0u32; rows + 1])) } else { (rows, None) };
        let width = width(kind);
        let bytes = if width == 0 { values.div_ceil(64) * 8 } else { values * width };
        return Chunk::new(rows, Some(&none), offsets.as_deref(), (values, width, &vec![0; bytes]));
    };
    match &column.data {
        Data::List { offsets, values } => {
            let rows = offsets.len().saturating_sub(1);
            with_values(&values.data, |values| Chunk::new(rows, column.valid.as_ref(), Some(offsets), values))
        }
        data => with_values(data, |values| Chunk::new(values.0, column.valid.as_ref(), None, values)),
    }
}

/// Bytes of a value; 0 for bits.
fn width(kind: ColumnKind) -> usize {
    match kind {
        ColumnKind::Bool => 0,
        ColumnKind::Int | ColumnKind::Float => 8,
        ColumnKind::Decimal => 16,
        ColumnKind::Date | ColumnKind::Text => 4,
        ColumnKind::Bucket | ColumnKind::Plain => 1,
    }
}

/// Scalars as their number, width and bytes.
fn with_values<R>(data: &Data, each: impl FnOnce((usize, usize, &[u8])) -> R) -> R {
    match data {
        Data::Bool(bits) => each((bits.len(), 0, bytes_of(bits.words()))),
        Data::Int(v) => each((v.len(), 8, bytes_of(v))),
        Data::Decimal(v) => each((v.len(), 16, bytes_of(v))),
        Data::Float(v) => each((v.len(), 8, bytes_of(v))),
        Data::Date(v) => each((v.len(), 4, bytes_of(v))),
        Data::Bucket(v) => each((v.len(), 1, bytes_of(v))),
        Data::Text { codes: Codes::U8(v), .. } => each((v.len(), 1, bytes_of(v))),
        Data::Text { codes: Codes::U16(v), .. } => each((v.len(), 2, bytes_of(v))),
        Data::Text { codes: Codes::U32(v), .. } => each((v.len(), 4, bytes_of(v))),
        // There are no lists of lists.
        Data::List { .. } => each((0, 1, &[])),
    }
}

impl PartWriter {
    /// Begins a file, which must not exist. The directory has no blocks yet.
    pub fn create(path: &Path, directory: Directory) -> Result<PartWriter, Fault> {
        crash::point("create part");
        let file = File::create_new(path).map_err(|e| Fault::io("create", path, &e))?;
        let mut writer = PartWriter {
            path: path.to_owned(),
            file,
            buffer: Vec::with_capacity(2 * WRITE),
            at: 0,
            directory,
            entries: Vec::new(),
        };
        let mut header = [0; ALIGN];
        header[..8].copy_from_slice(&MAGIC);
        header[8..12].copy_from_slice(&VERSION.to_le_bytes());
        writer.put(&header)?;
        Ok(writer)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.at += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        self.write(self.buffer.len() / WRITE * WRITE)
    }

    /// Writes the first bytes of the buffer.
    fn write(&mut self, bytes: usize) -> Result<(), Fault> {
        let whole = self.buffer.get(..bytes).unwrap_or_default();
        whole
            .chunks(WRITE)
            .try_for_each(|piece| self.file.write_all(piece))
            .map_err(|e| Fault::io("write", &self.path, &e))?;
        self.buffer.drain(..bytes);
        Ok(())
    }

    /// The directory so far.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Writes a block.
    pub fn append(&mut self, encoded: Encoded) -> Result<(), Fault> {
        crash::point("write block");
        self.directory.blocks.push(encoded.spec);
        encoded.chunks.into_iter().try_for_each(|chunk| self.chunk(chunk))
    }

    fn chunk(&mut self, chunk: Chunk) -> Result<(), Fault> {
        self.entries.push(Entry { offset: self.at, ..chunk.entry });
        self.put(&chunk.bytes)
    }

    /// Ends the file, on the disk when this returns. The dictionaries are those of [`Directory::dictionaries`].
    pub fn finish(mut self, dictionaries: &[Arc<Dictionary>]) -> Result<Written, Fault> {
        crash::point("write dictionaries");
        for dictionary in dictionaries {
            let chunk = Chunk::texts(dictionary.strings());
            let long = || Fault::Io("write a dictionary".into(), "it is longer than 4 GiB".into());
            self.chunk(chunk.ok_or_else(long)?)?;
        }
        let from = self.at;
        let json = self.directory.to_json().to_string();
        let mut directory = Vec::with_capacity(json.len() + self.entries.len() * ENTRY + ALIGN);
        directory.extend_from_slice(&(json.len() as u64).to_le_bytes());
        directory.extend_from_slice(json.as_bytes());
        self.entries.iter().for_each(|entry| directory.extend_from_slice(&entry.to_bytes()));
        let length = directory.len() as u64;
        directory.extend_from_slice(&MAGIC);
        directory.extend_from_slice(&VERSION.to_le_bytes());
        directory.extend_from_slice(&[0; 4]);
        directory.extend_from_slice(&from.to_le_bytes());
        directory.extend_from_slice(&length.to_le_bytes());
        let hash = crate::schema::digest(&directory);
        self.put(&directory)?;
        self.put(&hash)?;
        crash::point("sync part");
        self.write(self.buffer.len())?;
        self.file.sync_all().map_err(|e| Fault::io("sync", &self.path, &e))?;
        let count = |known: bool| {
            let blocks = self.directory.blocks.iter().filter(|b| b.known == known);
            blocks.fold((0, 0), |(p, e), b| (p + u64::from(b.profiles), e + u64::from(b.events)))
        };
        let (profiles, events) = count(true);
        Ok(Written { bytes: self.at, hash, profiles, events, waiting: count(false) })
    }
}
