//! Parquet and Arrow IPC files into columns; names the Parquet library, as its neighbours whose names begin like its own. Invariant: nothing in a file
//! makes the run fail by panic: a fault of the reader, panics included, rejects the file (or the row group it is in).

use std::cell::Cell;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::ArrowError;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::ColumnChunkMetaData;
pub(super) use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::statistics::Statistics;
use parquet::schema::types::SchemaDescriptor;
use rayon::prelude::*;

use super::report::{Findings, Kind};
use super::shape::Shape;
use super::sink::Sink;
use super::{columnar, errors, parquet_pages, whole};
use crate::limits::PARQUET_METADATA_BYTES;
use crate::store::raw::RawRecords;

/// Records with their findings, or why they were rejected; and how many records there are (or should be).
pub struct Part {
    /// What was read.
    pub records: RawRecords,
    /// What was found.
    pub findings: Findings,
    /// Why the rest of it was not read.
    pub rejected: Option<String>,
    /// Records of the part.
    pub rows: u64,
}

/// Records that are decoded at a time.
pub(super) const BATCH: usize = 1 << 18;

thread_local! {
    /// Whether a reader runs that may panic.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a reader that may panic on a broken file. What it says then is for its developers, and is not printed.
fn guarded<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !GUARDED.get() {
                before(panic)
            }
        }));
    });
    let outer = GUARDED.replace(true);
    let found = catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(outer);
    found.unwrap_or_else(|_| Err("it is damaged: the reader failed on it".to_owned()))
}

/// A Parquet file of which row groups are read.
pub struct Groups<'a> {
    pub(super) shape: &'a Shape,
    path: &'a Path,
    identity: Identity,
    pub(super) metadata: ArrowReaderMetadata,
    pub(super) mask: ProjectionMask,
    missing: Vec<Missing>,
}

impl<'a> Groups<'a> {
    /// Opens a file.
    pub fn open(shape: &'a Shape, path: &'a Path) -> Result<Groups<'a>, String> {
        let (metadata, identity) = guarded(|| {
            let mut file = File::open(path).map_err(|e| e.to_string())?;
            let identity = Identity::of(&file)?;
            check_footer(&mut file)?;
            let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|e| e.to_string())?;
            let schema = Arc::new(whole::coded_schema(shape, plain.schema()));
            let coded = ArrowReaderOptions::new().with_schema(schema);
            Ok((ArrowReaderMetadata::try_new(plain.metadata().clone(), coded).unwrap_or(plain), identity))
        })?;
        let mask = projection(shape, metadata.parquet_schema());
        let missing = missing(shape, metadata.schema())?;
        Ok(Groups { shape, path, identity, metadata, mask, missing })
    }

    /// How many row groups there are.
    pub fn count(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// Reads row groups, a part each; the bytes of a group are added to `done` when it has been read.
    pub fn read(&self, file: u32, groups: Range<usize>, done: &AtomicU64) -> Vec<Part> {
        let read = |group| {
            let part = self.group(file, group);
            let bytes = self.metadata.metadata().row_group(group).compressed_size();
            done.fetch_add(u64::try_from(bytes).unwrap_or(0), Ordering::Relaxed);
            part
        };
        groups.into_par_iter().map(read).collect()
    }

    fn group(&self, file: u32, group: usize) -> Part {
        let mut sink = self.sink(file, group == 0);
        let read = guarded(|| {
            let (file, mut first) = (self.opened(group)?, 1);
            if whole::is_flat(self.shape)
                && let Some(columns) = self.columns(&file, group)?
                && whole::columns(&mut sink, columns, self.rows(group) as usize, 1)
            {
                return Ok(());
            }
            for batch in self.reader(file, group, self.mask.clone(), BATCH)? {
                let batch = batch.map_err(|e| e.to_string())?;
                columnar::batch(&mut sink, &batch, first)?;
                first += batch.num_rows() as u64;
            }
            Ok(())
        });
        part(sink, read.err(), self.rows(group))
    }

    /// Reads one row group a few records at a time, each time a part.
    pub fn read_apart(&self, file: u32, group: usize, records: usize, take: TakePart<'_>) -> Result<(), String> {
        let reader = || self.reader(self.opened(group)?, group, self.mask.clone(), records.clamp(1, BATCH));
        let mut reader = guarded(reader)?;
        let mut first = group == 0;
        while let Some(batch) = guarded(|| reader.next().transpose().map_err(|e| e.to_string()))? {
            let mut sink = self.sink(file, std::mem::take(&mut first));
            let read = guarded(|| columnar::batch(&mut sink, &batch, 1));
            take(part(sink, read.err(), batch.num_rows() as u64))?;
        }
        Ok(())
    }

    /// About how many bytes a record of a row group takes while it is read: once as it was decoded, once in columns.
    pub fn record_bytes(&self, group: usize) -> usize {
        const VALUE: usize = 16;
        let leaves = 0..self.metadata.metadata().row_group(group).num_columns();
        VALUE * leaves.filter(|&leaf| self.mask.leaf_included(leaf)).count().max(1)
    }

    /// Records of a row group.
    pub fn rows(&self, group: usize) -> u64 {
        self.metadata.metadata().row_group(group).num_rows().max(0) as u64
    }

    fn sink(&self, file: u32, first: bool) -> Sink<'a> {
        let mut sink = Sink::new(self.shape, file);
        if first {
            self.missing.iter().for_each(|path| note(&mut sink.findings, path, file));
        }
        sink
    }

    /// The file, if it is still the same and no page of a row group is too large or damaged.
    fn opened(&self, group: usize) -> Result<Arc<File>, String> {
        let file = File::open(self.path).map_err(|e| e.to_string())?;
        if Identity::of(&file)? != self.identity {
            return Err("it was replaced or written to while it was read".to_owned());
        }
        let columns = self.metadata.metadata().row_group(group).columns().iter().enumerate();
        for (_, column) in columns.filter(|(leaf, _)| self.mask.leaf_included(*leaf)) {
            parquet_pages::check(&file, column.byte_range())?;
        }
        Ok(Arc::new(file))
    }

    pub(super) fn reader(
        &self,
        file: Arc<File>,
        group: usize,
        mask: ProjectionMask,
        records: usize,
    ) -> Result<ParquetRecordBatchReader, String> {
        let file = file.try_clone().map_err(|e| e.to_string())?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        let builder = builder.with_projection(mask).with_row_groups(vec![group]);
        builder.with_batch_size(records).build().map_err(|e| e.to_string())
    }
}

/// Whether files say that the rows of each value of a column are together: by the least and the greatest value of each row
/// group, of which neighbours have one value in common at most. What a file says of itself may be wrong.
pub fn says_together(paths: &[PathBuf], column: &[String]) -> bool {
    let mut groups: Vec<(Least, Least)> = Vec::new();
    for path in paths {
        let read = guarded(|| {
            let mut file = File::open(path).map_err(|e| e.to_string())?;
            check_footer(&mut file)?;
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|e| e.to_string())
        });
        let Ok(metadata) = read else { return false };
        let schema = metadata.parquet_schema();
        let Some(leaf) = (0..schema.num_columns()).find(|&leaf| schema.column(leaf).path().parts() == column) else {
            return false;
        };
        for group in metadata.metadata().row_groups() {
            match bounds(group.column(leaf)) {
                Some(bounds) => groups.push(bounds),
                None => return false,
            }
        }
    }
    let ascending = || groups.windows(2).all(|pair| pair[0].1 <= pair[1].0);
    let descending = || groups.windows(2).all(|pair| pair[0].0 >= pair[1].1);
    groups.len() > 1 && (ascending() || descending())
}

/// A value by which row groups are told apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Least {
    Int(i64),
    Bytes(Vec<u8>),
}

fn bounds(column: &ColumnChunkMetaData) -> Option<(Least, Least)> {
    match column.statistics()? {
        Statistics::Int32(of) => Some((Least::Int((*of.min_opt()?).into()), Least::Int((*of.max_opt()?).into()))),
        Statistics::Int64(of) => Some((Least::Int(*of.min_opt()?), Least::Int(*of.max_opt()?))),
        of @ (Statistics::ByteArray(_) | Statistics::FixedLenByteArray(_)) => {
            Some((Least::Bytes(of.min_bytes_opt()?.to_vec()), Least::Bytes(of.max_bytes_opt()?.to_vec())))
        }
        Statistics::Boolean(_) | Statistics::Int96(_) | Statistics::Float(_) | Statistics::Double(_) => None,
    }
}

/// Takes a part that was read; an error ends the reading.
pub type TakePart<'t> = &'t mut dyn FnMut(Part) -> Result<(), String>;

/// What tells that a path still leads to the file that it led to, as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

impl Identity {
    fn of(file: &File) -> Result<Identity, String> {
        let of = file.metadata().map_err(|e| e.to_string())?;
        Ok(Identity { device: of.dev(), inode: of.ino(), bytes: of.len(), changed: (of.mtime(), of.mtime_nsec()) })
    }
}

fn part(sink: Sink<'_>, rejected: Option<String>, rows: u64) -> Part {
    let (records, findings) = sink.finish();
    Part { records, findings, rejected, rows }
}

/// Refuses a file whose footer claims more than the limit, before anything is allocated for it.
fn check_footer(file: &mut File) -> Result<(), String> {
    let length = file.metadata().map_err(|e| e.to_string())?.len();
    if length < 12 {
        return Err("too short for a Parquet file".to_owned());
    }
    let mut tail = [0; 8];
    file.seek(SeekFrom::End(-8)).and_then(|_| file.read_exact(&mut tail)).map_err(|e| e.to_string())?;
    if &tail[4..] != b"PAR1" {
        return Err("not a Parquet file, or one that is cut off".to_owned());
    }
    let metadata = u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]) as usize;
    if metadata > PARQUET_METADATA_BYTES || metadata as u64 > length {
        return Err("the metadata is too large".to_owned());
    }
    file.seek(SeekFrom::Start(0)).map(|_| ()).map_err(|e| e.to_string())
}

/// A writer of Parquet.
pub(super) type Writer<W> = ArrowWriter<W>;

/// A writer of Parquet, compressed.
pub(super) fn writer<W: std::io::Write + Send>(
    out: W,
    schema: Arc<arrow_schema::Schema>,
) -> parquet::errors::Result<ArrowWriter<W>> {
    let level = ZstdLevel::try_new(3)?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    ArrowWriter::try_new(out, schema, Some(properties))
}

/// What a Parquet file says of itself under a name.
pub(super) fn said(path: &Path, name: &str) -> Option<String> {
    let read = guarded(|| {
        let mut file = File::open(path).map_err(|e| e.to_string())?;
        check_footer(&mut file)?;
        ArrowReaderMetadata::load(&file, ArrowReaderOptions::default()).map_err(|e| e.to_string())
    });
    let metadata = read.ok()?;
    let said = metadata.metadata().file_metadata().key_value_metadata()?;
    said.iter().find(|entry| entry.key == name)?.value.clone()
}

/// The leaves that are read.
fn projection(shape: &Shape, schema: &SchemaDescriptor) -> ProjectionMask {
    let leaves = (0..schema.num_columns()).filter(|&leaf| is_read(shape, schema.column(leaf).path().parts()));
    ProjectionMask::leaves(schema, leaves)
}

/// The names that Parquet writers put between a list or a map and what it holds.
const WRAPPERS: [&str; 9] =
    ["list", "element", "array", "array_element", "bag", "item", "key_value", "entries", "value"];

fn is_read(shape: &Shape, path: &[String]) -> bool {
    let mut at = 0;
    for (depth, step) in path.iter().enumerate() {
        let node = &shape.nodes[at];
        // Entries, whole objects and rows without columns need something of everything below.
        if depth > 0 && (!node.entries.is_empty() || !node.slots.is_empty() || (node.list && node.fields.is_empty())) {
            return true;
        }
        match node.field(step) {
            Some((_, next)) => at = next,
            // Inside a map the keys that are asked for are no columns of their own.
            None if depth > 0 && matches!(step.as_str(), "key_value" | "entries") => return true,
            None if depth > 0 && (node.list || WRAPPERS.contains(&step.as_str())) => {}
            None => return false,
        }
    }
    true
}

/// The batches of an Arrow IPC file or stream.
type Batches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>;

fn arrow_batches(path: &Path) -> Result<Batches, String> {
    guarded(|| {
        let mut file = File::open(path).map_err(|e| e.to_string())?;
        let mut magic = [0; 6];
        let is_file = file.read_exact(&mut magic).is_ok() && &magic == b"ARROW1";
        file.seek(SeekFrom::Start(0)).map_err(|e| e.to_string())?;
        Ok(match is_file {
            true => Box::new(FileReader::try_new_buffered(file, None).map_err(|e| e.to_string())?) as Batches,
            false => Box::new(StreamReader::try_new_buffered(file, None).map_err(|e| e.to_string())?),
        })
    })
}

fn next_batch(batches: &mut Batches) -> Result<Option<RecordBatch>, String> {
    guarded(|| batches.next().transpose().map_err(|e| e.to_string()))
}

/// Reads an Arrow IPC file or stream, a few batches at a time, each a part.
pub fn arrow(shape: &Shape, file: u32, path: &Path, take: TakePart<'_>) -> Result<(), String> {
    let mut batches = arrow_batches(path)?;
    let mut lacking: Option<Vec<Missing>> = None;
    loop {
        let mut some = Vec::new();
        while some.len() < rayon::current_num_threads()
            && let Some(batch) = next_batch(&mut batches)?
        {
            some.push(batch);
        }
        let Some(first) = some.first() else { return Ok(()) };
        let mut begins = lacking.is_none();
        let lacking = match &mut lacking {
            Some(known) => known,
            none => none.insert(missing(shape, &first.schema())?),
        };
        let read = |batch: &RecordBatch| {
            let mut sink = Sink::new(shape, file);
            let read = guarded(|| columnar::batch(&mut sink, batch, 1));
            part(sink, read.err(), batch.num_rows() as u64)
        };
        let parts: Vec<Part> = some.par_iter().map(read).collect();
        for mut part in parts {
            if std::mem::take(&mut begins) {
                lacking.iter().for_each(|path| note(&mut part.findings, path, file));
            }
            take(part)?;
        }
    }
}

/// Paths that a file has no column for, and why; an error if no record can do without one of them.
fn missing(shape: &Shape, schema: &arrow_schema::Schema) -> Result<Vec<Missing>, String> {
    let columns = || schema.fields().iter().map(|field| field.name().as_str());
    let twice = |name: &str| columns().filter(|column| *column == name).count() > 1;
    if let Some((name, _)) = shape.nodes[0].fields.iter().find(|(name, _)| twice(name)) {
        return Err(format!("the file has the column `{name}` twice"));
    }
    let lacking = shape.nodes[0].fields.iter().filter(|(name, _)| schema.field_with_name(name).is_err());
    let mut open: Vec<(usize, String)> = lacking.map(|(name, place)| (*place, name.to_string())).collect();
    let mut paths = Vec::new();
    while let Some((place, name)) = open.pop() {
        let node = &shape.nodes[place];
        if shape.must_have(place) {
            return Err(errors::lacks_column(&name, columns()));
        }
        if !node.slots.is_empty() || !node.parts.is_empty() {
            paths.push((node.path.clone(), errors::not_among("file", &name, columns())));
        }
        open.extend(node.fields.iter().map(|(step, place)| (*place, format!("{name}.{step}"))));
    }
    Ok(paths)
}

/// A path, and why nothing fills it.
type Missing = (String, String);

fn note(findings: &mut Findings, (path, reason): &Missing, file: u32) {
    findings.add(Kind::MissingColumn, path, file, 0, || reason.clone());
}

/// The first records of a Parquet file, and whether they are all.
pub fn head(path: &Path, rows: usize) -> Result<(Vec<RecordBatch>, bool), String> {
    guarded(|| {
        let mut file = File::open(path).map_err(|e| e.to_string())?;
        check_footer(&mut file)?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| e.to_string())?;
        let whole = builder.metadata().file_metadata().num_rows() <= rows as i64;
        let reader = builder.with_batch_size(BATCH).with_limit(rows).build().map_err(|e| e.to_string())?;
        let batches: Result<Vec<_>, _> = reader.collect();
        Ok((batches.map_err(|e| e.to_string())?, whole))
    })
}

/// The first records of an Arrow IPC file or stream, and whether they are all.
pub fn arrow_head(path: &Path, rows: usize) -> Result<(Vec<RecordBatch>, bool), String> {
    let (mut head, mut seen) = (Vec::new(), 0);
    let mut batches = arrow_batches(path)?;
    while seen < rows {
        match next_batch(&mut batches)? {
            Some(batch) => {
                seen += batch.num_rows();
                head.push(batch);
            }
            None => return Ok((head, true)),
        }
    }
    let whole = next_batch(&mut batches)?.is_none();
    Ok((head, whole))
}
