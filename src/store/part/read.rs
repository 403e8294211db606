//! Reading a part: the directory at once, blocks with the columns that are wanted. Invariant: a block's arrays fit each
//! other in length and range, whatever is in the file.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::chunk::{ENTRY, Entry, Parts};
use super::directory::{Array, ColumnSpec, Directory, path_text, space_text};
use super::{ALIGN, MAGIC, VERSION, check, is_time, table, table_mut};
use crate::plan::FieldPath;
use crate::store::access::{Access, Bytes, Hold, Region};
use crate::store::fault::{AGAIN, Fault};
use crate::store::raw::ColumnKind;
use crate::store::reads::EventReads;
use crate::store::{Block, ChildTable, EventTable, Needs, Space, Table};
use crate::types::{Digits, MAX_DIGITS, Ty};
use crate::vector::{Bitmap, Buffer, Column, Data, Dictionary, Strings};

/// For each facet the profiles that it speaks of.
pub type Facets = Vec<Bitmap>;

/// Blocks that are taken out of memory together.
const TOGETHER: usize = 4;

/// A part that is open.
pub struct Part {
    path: PathBuf,
    file: Bytes,
    /// What is in it.
    pub directory: Directory,
    /// The entries of its chunks.
    entries: Region,
    /// Where the directory begins.
    pub(super) directory_at: usize,
    arrays: FxHashMap<Array, usize>,
    dictionaries: Vec<OnceLock<Result<Arc<Dictionary>, Fault>>>,
    dictionary_of: FxHashMap<Array, usize>,
}

/// What is to be read of a part's blocks.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Columns, by their number in the directory, with the type that they are read as.
    pub columns: Vec<(usize, Ty)>,
    /// Child tables, by number.
    pub children: Vec<usize>,
    /// Whether events are wanted, in the order of types.
    pub events: bool,
    /// Whether events are wanted in the order of time too.
    pub by_profile: bool,
    /// Whether the time of events is wanted as a column.
    pub time: bool,
    /// Whether the ids of events are wanted.
    pub event_ids: bool,
}

impl Wanted {
    /// The paths of the columns of events.
    fn column_paths<'w>(&'w self, directory: &'w Directory) -> impl Iterator<Item = &'w FieldPath> {
        let specs = self.columns.iter().filter_map(|(column, _)| directory.columns.get(*column));
        specs.filter(|spec| spec.space == Space::Events).map(|spec| &spec.path)
    }
}

/// A block with what the store keeps besides.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The block.
    pub block: Block,
    /// For each facet the profiles that it speaks of.
    pub facets: Facets,
    /// The ids of its events, if wanted.
    pub event_ids: Strings,
}

/// A type of events with how many there are, and the first and the last time in microseconds.
pub(in crate::store) type TypeCount = (Arc<str>, u64, (i64, i64));

impl Part {
    /// Opens a part; `hash` is that of its directory, where it is known.
    pub fn open(path: &Path, hash: Option<&[u8; 32]>, access: Access) -> Result<Part, Fault> {
        let file = File::open(path).map_err(|e| Fault::io("open", path, &e))?;
        let file = Bytes::open(file, access).map_err(|e| Fault::io("open", path, &e))?;
        let broken = |what: &str| Fault::broken(path, what);
        let cut = || broken("it may be cut off");
        let end = file.len().checked_sub(ALIGN).filter(|&end| end >= ALIGN).ok_or_else(cut)?;
        let header = file.part(0, ALIGN, Hold::Copied).ok_or_else(cut)?;
        if header.bytes()[..8] != MAGIC || header.bytes()[12..].iter().any(|&byte| byte != 0) {
            return Err(broken("it does not begin as a store file does"));
        }
        let trailer = file.part(end, ALIGN, Hold::Copied).ok_or_else(cut)?;
        let (from, length) = trailer_of(path, trailer.bytes())?;
        if header.bytes()[8..12] != trailer.bytes()[8..12] {
            return Err(broken("it does not begin with the version that it ends with"));
        }
        if from.checked_add(length) != Some(end) || length < 8 {
            return Err(broken("its directory is not where the trailer says"));
        }
        let directory = file.part(from, length + ALIGN / 2, Hold::Copied).ok_or_else(cut)?;
        let found = crate::schema::digest(directory.bytes());
        if trailer.bytes()[ALIGN / 2..] != found || hash.is_some_and(|hash| *hash != found) {
            return Err(broken("the hash of its directory does not hold"));
        }
        let bytes = &directory.bytes()[..length];
        let json = bytes[..8].try_into().map_or(u64::MAX, u64::from_le_bytes);
        let json = usize::try_from(json).ok().and_then(|n| bytes.get(8..n.checked_add(8)?));
        let entries = json.map_or(length, |json| json.len() + 8);
        let parsed = json.and_then(|json| serde_json::from_slice(json).ok()).and_then(|v| Directory::from_json(&v));
        let known = parsed.ok_or_else(|| broken("its directory cannot be read"))?;
        let arrays: FxHashMap<Array, usize> = known.arrays().into_iter().enumerate().map(|(i, a)| (a, i)).collect();
        let dictionary_of: FxHashMap<Array, usize> =
            known.dictionaries().into_iter().enumerate().map(|(i, a)| (a, i)).collect();
        if length - entries != (known.blocks.len() * arrays.len() + dictionary_of.len()) * ENTRY {
            return Err(broken("its directory does not have an entry for each chunk"));
        }
        let entries = directory.part(entries, length - entries).ok_or_else(cut)?;
        let dictionaries = (0..dictionary_of.len()).map(|_| OnceLock::new()).collect();
        let path = path.to_owned();
        Ok(Part { path, file, directory: known, entries, directory_at: from, arrays, dictionaries, dictionary_of })
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> usize {
        self.file.len()
    }

    /// Takes a block out of memory, with those before it that are forgotten together: each time the system asks all
    /// processors to forget their part, and what of a huge page is left is brought in anew.
    pub(in crate::store) fn forget(&self, block: usize) {
        let end = block + 1;
        if !end.is_multiple_of(TOGETHER) && end != self.directory.blocks.len() {
            return;
        }
        let (first, arrays) = (block / TOGETHER * TOGETHER, self.arrays.len());
        let chunks = (first * arrays..end * arrays).map(|index| self.entry(index));
        // The chunks of blocks lie together.
        let places = chunks.map(|entry| (entry.offset as usize, (entry.offset as usize).saturating_add(entry.bytes())));
        if let Some((from, to)) = places.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) {
            self.file.forget(from..to);
        }
    }

    fn entry(&self, index: usize) -> Entry {
        let at = index * ENTRY;
        self.entries.bytes().get(at..at + ENTRY).map_or_else(Entry::default, Entry::of_bytes)
    }

    pub(super) fn file(&self) -> &Bytes {
        &self.file
    }

    /// The entries of all chunks, in the order in which they lie in the file.
    pub(super) fn chunk_entries(&self) -> impl Iterator<Item = Entry> {
        let chunks = self.directory.blocks.len() * self.arrays.len() + self.dictionary_of.len();
        (0..chunks).map(|index| self.entry(index))
    }

    fn chunk_entry(&self, block: usize, array: Array) -> Option<Entry> {
        Some(self.entry(block * self.arrays.len() + self.arrays.get(&array)?))
    }

    /// Bytes of an array in all blocks, or of a dictionary.
    pub(in crate::store) fn size(&self, array: Array) -> (u64, u64) {
        let blocks = (0..self.directory.blocks.len()).filter_map(|b| self.chunk_entry(b, array));
        let dictionary = self.dictionary_of.get(&array).map_or(0, |&d| self.dictionary_entry(d).bytes() as u64);
        (blocks.map(|entry| entry.bytes() as u64).sum(), dictionary)
    }

    /// How many texts an array's dictionary has.
    pub(in crate::store) fn texts(&self, array: Array) -> Option<u32> {
        self.dictionary_of.get(&array).map(|&d| self.dictionary_entry(d).rows)
    }

    /// For each type of events that occurs in a block: how many, and the first and the last time.
    pub(in crate::store) fn type_counts(&self) -> Result<Vec<TypeCount>, Fault> {
        let mut counts = Vec::new();
        for (index, block) in self.directory.blocks.iter().enumerate().filter(|_| self.directory.events) {
            let types = self.types(index, block.profiles as usize, block.events as usize)?;
            counts.extend(types.into_iter().map(|(name, range)| (name, range.rows.len() as u64, range.times)));
        }
        Ok(counts)
    }

    fn dictionary_entry(&self, index: usize) -> Entry {
        self.entry(self.directory.blocks.len() * self.arrays.len() + index)
    }

    pub(super) fn broken(&self, block: Option<usize>, array: Array, what: &str) -> Fault {
        let name = self.directory.name(array);
        let place = block.map_or_else(|| "its dictionary".to_owned(), |block| format!("block {block}"));
        Fault::broken(&self.path, format!("{name}, {place}: {what}"))
    }

    pub(super) fn parts(&self, block: usize, array: Array) -> Result<Parts, Fault> {
        let entry = self.chunk_entry(block, array).unwrap_or_default();
        Parts::read(&self.file, entry, array.hold()).map_err(|what| self.broken(Some(block), array, what))
    }

    /// A chunk whose rows must be checked before they are read.
    pub(super) fn placed(&self, block: usize, array: Array) -> Result<Parts, Fault> {
        let entry = self.chunk_entry(block, array).unwrap_or_default();
        Parts::place(&self.file, entry, array.hold()).map_err(|what| self.broken(Some(block), array, what))
    }

    /// The texts of a column or of keys.
    pub(in crate::store) fn dictionary(&self, array: Array) -> Result<Arc<Dictionary>, Fault> {
        let Some(&index) = self.dictionary_of.get(&array) else { return Ok(Arc::default()) };
        let Some(cell) = self.dictionaries.get(index) else { return Ok(Arc::default()) };
        let read = || {
            let parts = Parts::read(&self.file, self.dictionary_entry(index), Hold::Mapped);
            let texts = parts.and_then(|parts| parts.texts());
            let texts = texts.map_err(|what| self.broken(None, array, what))?;
            Ok(Arc::new(Dictionary::new(texts)))
        };
        cell.get_or_init(read).clone()
    }

    /// What a program's needs are in this part. Columns that it does not have are faults of the project.
    pub fn want(&self, needs: &Needs) -> Result<Wanted, Fault> {
        let directory = &self.directory;
        let of_events = |space: &Space| *crate::store::build::root_of(space) == Space::Events;
        let mut wanted = Wanted { by_profile: needs.event_types.is_none(), ..Wanted::default() };
        for (space, columns) in &needs.spaces {
            if *crate::store::build::root_of(space) != directory.root && !(directory.events && of_events(space)) {
                continue;
            }
            wanted.events |= of_events(space);
            if *space != directory.root && *space != Space::Events {
                self.want_child(space, &mut wanted)?;
            }
            for (path, ty) in columns {
                if is_time(space, path) {
                    wanted.time = true;
                    continue;
                }
                let known = directory.columns.iter().position(|c| c.space == *space && c.path == *path);
                let fits = known.filter(|&c| self.fits(c, &ty.ty));
                let name = || format!("it has no column `{}.{}`; {AGAIN}", space_text(space), path_text(path));
                wanted.columns.push((fits.ok_or_else(|| Fault::Stale(name()))?, ty.ty.clone()));
            }
        }
        wanted.events |= directory.events && needs.event_types.as_ref().is_some_and(|types| !types.is_empty());
        wanted.children.sort_unstable();
        wanted.children.dedup();
        Ok(wanted)
    }

    fn fits(&self, column: usize, ty: &Ty) -> bool {
        let spec = &self.directory.columns[column];
        spec.kind == ColumnKind::of(ty) && spec.list == matches!(ty, Ty::List(_))
    }

    /// A child table and those that its rows belong to.
    fn want_child(&self, space: &Space, wanted: &mut Wanted) -> Result<(), Fault> {
        let mut here = space;
        while let Space::Elements(outer, _) | Space::Entries(outer, _) = here {
            let found = self.directory.children.iter().position(|c| c.space == *here);
            wanted.children.push(found.ok_or_else(|| Fault::Stale(format!("it has no `{}`", space_text(here))))?);
            here = outer;
        }
        Ok(())
    }

    /// Everything that the part has, for reading it all.
    pub fn everything(&self) -> Wanted {
        let directory = &self.directory;
        let ty =
            |column: &ColumnSpec| if column.list { Ty::List(Box::new(any(column.kind))) } else { any(column.kind) };
        Wanted {
            columns: directory.columns.iter().map(ty).enumerate().collect(),
            children: (0..directory.children.len()).collect(),
            events: directory.events,
            by_profile: directory.events,
            time: false,
            event_ids: directory.event_ids,
        }
    }

    /// The ids of a block.
    pub fn ids(&self, index: usize) -> Result<Strings, Fault> {
        let ids = self.parts(index, Array::Ids)?.texts().map_err(|what| self.broken(Some(index), Array::Ids, what))?;
        let sound = self.directory.blocks.get(index).is_some_and(|spec| spec.profiles as usize == ids.len());
        if !sound || ids.len() > crate::store::BLOCK_PROFILES || !ids.ascend() {
            return Err(self.broken(
                Some(index),
                Array::Ids,
                "they are not in order, or not as many as they should be",
            ));
        }
        Ok(ids)
    }

    /// The profiles of a block that have a record.
    pub fn records(&self, index: usize) -> Result<Bitmap, Fault> {
        self.parts(index, Array::Facet(0))?.bits().map_err(|what| self.broken(Some(index), Array::Facet(0), what))
    }

    /// How many events some profiles of a block have.
    pub fn events_of(&self, index: usize, profiles: &Bitmap) -> Result<u64, Fault> {
        let array = Array::ByProfileOffsets;
        let offsets: Result<Buffer<u32>, _> = self.parts(index, array)?.values();
        let offsets = offsets.map_err(|what| self.broken(Some(index), array, what))?;
        let count =
            |row: usize| offsets.get(row + 1).zip(offsets.get(row)).map_or(0, |(to, from)| to.saturating_sub(*from));
        Ok(profiles.ones().map(|row| u64::from(count(row))).sum())
    }

    /// A block with the columns that are wanted.
    pub fn block(&self, index: usize, wanted: &Wanted) -> Result<Stored, Fault> {
        let stored = self.find(index, wanted)?;
        self.check_events(index, wanted, &stored.block.events, &EventReads::all(wanted.column_paths(&self.directory)))?;
        Ok(stored)
    }

    /// A block with the columns that are wanted, whose events must be [checked](Part::check_events) before they are read.
    pub(in crate::store) fn find(&self, index: usize, wanted: &Wanted) -> Result<Stored, Fault> {
        let Some(spec) = self.directory.blocks.get(index) else {
            return Err(Fault::broken(&self.path, format!("there is no block {index}")));
        };
        let ids = self.ids(index)?;
        let profiles = ids.len();
        let mut facets = Vec::with_capacity(self.directory.facets.len());
        for f in 0..self.directory.facets.len() {
            let array = Array::Facet(f);
            let bits = self.parts(index, array)?.bits();
            let bits = bits.and_then(|bits| if bits.len() == profiles { Ok(bits) } else { Err("another length") });
            facets.push(bits.map_err(|what| self.broken(Some(index), array, what))?);
        }
        let events = match wanted.events {
            true => self.events(index, profiles, spec.events as usize, wanted)?,
            false => EventTable { by_profile_offsets: vec![0; profiles + 1].into(), ..EventTable::default() },
        };
        let event_ids = match wanted.event_ids {
            true => {
                let ids = self.parts(index, Array::EventIds)?.texts();
                ids.map_err(|what| self.broken(Some(index), Array::EventIds, what))?
            }
            false => Strings::default(),
        };
        let table = Table { rows: profiles, columns: BTreeMap::new() };
        let mut block = Block { ids, profiles: table, events, children: BTreeMap::new(), alive: None, place: None };
        for &child in &wanted.children {
            self.child(index, child, &mut block)?;
        }
        for (column, ty) in &wanted.columns {
            self.place(index, *column, ty, &mut block)?;
        }
        Ok(Stored { block, facets, event_ids })
    }

    fn child(&self, index: usize, child: usize, block: &mut Block) -> Result<(), Fault> {
        let array = Array::ChildOffsets(child);
        let Some(spec) = self.directory.children.get(child) else { return Ok(()) };
        let outer = match &spec.space {
            Space::Elements(outer, _) | Space::Entries(outer, _) => &**outer,
            Space::Profiles | Space::Events | Space::Class(_) => &self.directory.root,
        };
        let rows = table(&self.directory, block, outer).map_or(0, |table| table.rows);
        let fault = |what: &'static str| self.broken(Some(index), array, what);
        let offsets: Buffer<u32> = self.parts(index, array)?.values().map_err(fault)?;
        let last = offsets.last().copied().unwrap_or(0);
        if offsets.len() != rows + 1 || !check::ascending(&offsets, 0, last) {
            return Err(fault("its offsets do not ascend"));
        }
        let keys = match spec.keyed {
            true => {
                let parts = self.parts(index, Array::ChildKeys(child))?;
                let kind = (ColumnKind::Text, false);
                Some(self.column_of(index, Array::ChildKeys(child), parts, kind, last as usize)?)
            }
            false => None,
        };
        if keys.as_ref().is_some_and(|keys| keys.valid.is_some() || !check::fits(keys, &Ty::String)) {
            return Err(self.broken(Some(index), Array::ChildKeys(child), "a key has no text"));
        }
        let table = Table { rows: last as usize, columns: BTreeMap::new() };
        block.children.insert(spec.space.clone(), ChildTable { table, keys, offsets });
        Ok(())
    }

    fn place(&self, index: usize, column: usize, ty: &Ty, block: &mut Block) -> Result<(), Fault> {
        let Some(spec) = self.directory.columns.get(column) else { return Ok(()) };
        let rows = table(&self.directory, block, &spec.space).map_or(0, |table| table.rows);
        // The events' columns are checked when their rows are read, but for lists.
        let later = spec.space == Space::Events && !spec.list;
        let parts =
            if later { self.placed(index, Array::Column(column)) } else { self.parts(index, Array::Column(column)) };
        let read = self.column_of(index, Array::Column(column), parts?, (spec.kind, spec.list), rows)?;
        if !later && !check::fits(&read, ty) {
            return Err(self.broken(Some(index), Array::Column(column), "a value is not one of its type"));
        }
        if let Some(table) = table_mut(&self.directory, block, &spec.space) {
            table.columns.insert(spec.path.clone(), read);
        }
        Ok(())
    }

    fn column_of(
        &self,
        index: usize,
        array: Array,
        parts: Parts,
        (kind, list): (ColumnKind, bool),
        rows: usize,
    ) -> Result<Column, Fault> {
        let fault = |what: &'static str| self.broken(Some(index), array, what);
        if parts.entry.rows as usize != rows || parts.offsets.is_some() != list {
            return Err(fault("it has not one value a row"));
        }
        let data = match kind {
            ColumnKind::Bool => parts.bits().map(Data::Bool),
            ColumnKind::Int => parts.integers().map(Data::Int),
            ColumnKind::Decimal => parts.integers().map(Data::Decimal),
            ColumnKind::Float => parts.values().map(Data::Float),
            ColumnKind::Date => parts.values().map(Data::Date),
            ColumnKind::Bucket => parts.values().map(Data::Bucket),
            ColumnKind::Text | ColumnKind::Plain => {
                let dictionary = self.dictionary(array)?;
                parts.codes().map(|codes| Data::Text { codes, dictionary })
            }
        };
        let data = data.map_err(fault)?;
        let data = match parts.offsets {
            Some(offsets) => Data::List { offsets, values: Box::new(Column { data, valid: None }) },
            None => data,
        };
        Ok(Column { data, valid: parts.valid })
    }
}

/// Where a directory begins, and its length.
fn trailer_of(path: &Path, trailer: &[u8]) -> Result<(usize, usize), Fault> {
    if trailer[..8] != MAGIC {
        return Err(Fault::broken(path, "it does not end as a store file does: it may be cut off"));
    }
    let version = trailer[8..12].try_into().map_or(0, u32::from_le_bytes);
    if version != VERSION {
        return Err(Fault::Version(path.display().to_string(), version));
    }
    let number = |at: usize| {
        let wide = trailer[at..at + 8].try_into().map_or(u64::MAX, u64::from_le_bytes);
        usize::try_from(wide).unwrap_or(usize::MAX)
    };
    Ok((number(16), number(24)))
}

/// The widest type that is kept in a way.
fn any(kind: ColumnKind) -> Ty {
    match kind {
        ColumnKind::Bool => Ty::Bool,
        ColumnKind::Int => Ty::Int,
        ColumnKind::Decimal => Ty::Decimal(Digits { precision: MAX_DIGITS, scale: 0 }),
        ColumnKind::Float => Ty::Float,
        ColumnKind::Date => Ty::Date,
        ColumnKind::Bucket => Ty::Bucket,
        ColumnKind::Text | ColumnKind::Plain => Ty::String,
    }
}
