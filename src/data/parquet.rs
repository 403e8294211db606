//! Parquet and Arrow IPC files into columns; the only place that names the Parquet library. Invariant: nothing in a file
//! makes the run fail by panic: a fault of the reader, panics included, rejects the file (or the row group it is in).

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::RecordBatch;
use arrow::ipc::reader::{FileReader, StreamReader};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
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
const BATCH: usize = 1 << 18;

/// Runs a reader that may panic on a broken file.
fn guarded<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err("the reader failed on it".to_owned()))
}

/// A Parquet file of which row groups are read.
pub struct Groups<'a> {
    shape: &'a Shape,
    path: &'a Path,
    metadata: ArrowReaderMetadata,
    mask: ProjectionMask,
    missing: Vec<String>,
}

impl<'a> Groups<'a> {
    /// Opens a file.
    pub fn open(shape: &'a Shape, path: &'a Path) -> Result<Groups<'a>, String> {
        let metadata = guarded(|| {
            let mut file = File::open(path).map_err(|e| e.to_string())?;
            check_footer(&mut file)?;
            let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|e| e.to_string())?;
            let schema = Arc::new(whole::coded_schema(shape, plain.schema()));
            let coded = ArrowReaderOptions::new().with_schema(schema);
            Ok(ArrowReaderMetadata::try_new(plain.metadata().clone(), coded).unwrap_or(plain))
        })?;
        let mask = projection(shape, metadata.parquet_schema());
        let missing = missing(shape, metadata.schema())?;
        Ok(Groups { shape, path, metadata, mask, missing })
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
        let mut sink = Sink::new(self.shape, file);
        if group == 0 {
            note_missing(&mut sink, &self.missing, file);
        }
        let read = guarded(|| {
            let file = File::open(self.path).map_err(|e| e.to_string())?;
            let columns = self.metadata.metadata().row_group(group).columns().iter().enumerate();
            for (_, column) in columns.filter(|(leaf, _)| self.mask.leaf_included(*leaf)) {
                parquet_pages::check(&file, column.byte_range())?;
            }
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(self.mask.clone())
                .with_row_groups(vec![group])
                .with_batch_size(BATCH)
                .build()
                .map_err(|e| e.to_string())?;
            batches(&mut sink, reader.map(|b| b.map_err(|e| e.to_string())))
        });
        part(sink, read.err(), self.metadata.metadata().row_group(group).num_rows().max(0) as u64)
    }
}

fn part(mut sink: Sink<'_>, rejected: Option<String>, rows: u64) -> Part {
    sink.records.rollback();
    Part { records: sink.records, findings: sink.findings, rejected, rows }
}

fn batches(sink: &mut Sink<'_>, batches: impl Iterator<Item = Result<RecordBatch, String>>) -> Result<(), String> {
    let mut first = 1;
    for batch in batches {
        let batch = batch?;
        columnar::batch(sink, &batch, first)?;
        first += batch.num_rows() as u64;
    }
    Ok(())
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

/// A writer of Parquet, compressed.
pub(super) fn writer<W: std::io::Write + Send>(
    out: W,
    schema: Arc<arrow::datatypes::Schema>,
) -> parquet::errors::Result<ArrowWriter<W>> {
    let level = ZstdLevel::try_new(3)?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    ArrowWriter::try_new(out, schema, Some(properties))
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

/// The batches of an Arrow IPC file or stream, up to the first fault.
fn arrow_batches(path: &Path) -> Result<Vec<Result<RecordBatch, String>>, String> {
    guarded(|| {
        let mut file = File::open(path).map_err(|e| e.to_string())?;
        let mut magic = [0; 6];
        let is_file = file.read_exact(&mut magic).is_ok() && &magic == b"ARROW1";
        file.seek(SeekFrom::Start(0)).map_err(|e| e.to_string())?;
        let mut all = Vec::new();
        if is_file {
            let reader = FileReader::try_new_buffered(file, None).map_err(|e| e.to_string())?;
            collect(&mut all, reader.map(|b| b.map_err(|e| e.to_string())));
        } else {
            let reader = StreamReader::try_new_buffered(file, None).map_err(|e| e.to_string())?;
            collect(&mut all, reader.map(|b| b.map_err(|e| e.to_string())));
        }
        Ok(all)
    })
}

/// Reads an Arrow IPC file or stream.
pub fn arrow(shape: &Shape, file: u32, path: &Path) -> Result<Vec<Part>, String> {
    let all = arrow_batches(path)?;
    let missing = match all.first() {
        Some(Ok(batch)) => missing(shape, &batch.schema())?,
        Some(Err(_)) | None => Vec::new(),
    };
    let parts = all.par_iter().enumerate().map(|(i, batch)| {
        let mut sink = Sink::new(shape, file);
        if i == 0 {
            note_missing(&mut sink, &missing, file);
        }
        let rows = batch.as_ref().map_or(0, RecordBatch::num_rows) as u64;
        let read = guarded(|| columnar::batch(&mut sink, batch.as_ref().map_err(Clone::clone)?, 1));
        part(sink, read.err(), rows)
    });
    Ok(parts.collect())
}

/// Paths that a file has no column for; an error if no record can do without one of them.
fn missing(shape: &Shape, schema: &arrow::datatypes::Schema) -> Result<Vec<String>, String> {
    let lacking = shape.nodes[0].fields.iter().filter(|(name, _)| schema.field_with_name(name).is_err());
    let mut open: Vec<(usize, String)> = lacking.map(|(name, place)| (*place, name.to_string())).collect();
    let mut paths = Vec::new();
    while let Some((place, name)) = open.pop() {
        let node = &shape.nodes[place];
        if shape.must_have(place) {
            return Err(errors::lacks_column(&name, schema.fields().iter().map(|field| field.name().as_str())));
        }
        if !node.slots.is_empty() {
            paths.push(node.path.clone());
        }
        open.extend(node.fields.iter().map(|(step, place)| (*place, format!("{name}.{step}"))));
    }
    Ok(paths)
}

fn note_missing(sink: &mut Sink<'_>, missing: &[String], file: u32) {
    for path in missing {
        sink.findings.add(Kind::MissingColumn, path, file, 0, || "not in the file".to_owned());
    }
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
    let mut head = Vec::new();
    let mut seen = 0;
    let all = arrow_batches(path)?;
    let count = all.len();
    for batch in all {
        let batch = batch?;
        seen += batch.num_rows();
        head.push(batch);
        if seen >= rows {
            break;
        }
    }
    let whole = head.len() == count;
    Ok((head, whole))
}

/// Batches up to the first fault, which is kept.
fn collect(all: &mut Vec<Result<RecordBatch, String>>, batches: impl Iterator<Item = Result<RecordBatch, String>>) {
    for batch in batches {
        let failed = batch.is_err();
        all.push(batch);
        if failed {
            return;
        }
    }
}
