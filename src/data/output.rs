//! Members into files. Names `atomic` and the format crates. Invariant: an existing file is replaced only when asked.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use serde_json::json;

use super::atomic::{is_special, replace_file};
use super::errors;
use crate::diagnostics::Diagnostic;

/// The members of a segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    /// The segment's name.
    pub segment: String,
    /// The profiles' ids: by rank where the segment is ranked, else ascending.
    pub ids: Vec<Arc<str>>,
    /// Of a ranked segment, the key of each member as text; `None` where it is absent.
    pub keys: Option<Vec<Option<String>>>,
}

/// A form of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    /// `segment,profile_id` and, if any segment is ranked, `rank,key`.
    Csv,
    /// One object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow IPC file.
    Arrow,
    /// Only how many members each segment has, as CSV.
    Counts,
}

impl OutputFormat {
    /// Every form with its name.
    pub const ALL: [(OutputFormat, &'static str); 5] = [
        (OutputFormat::Csv, "csv"),
        (OutputFormat::Ndjson, "ndjson"),
        (OutputFormat::Parquet, "parquet"),
        (OutputFormat::Arrow, "arrow"),
        (OutputFormat::Counts, "counts"),
    ];

    /// The form that a file's name tells.
    pub fn of_name(name: &str) -> Option<OutputFormat> {
        match name.to_ascii_lowercase().rsplit_once('.')?.1 {
            "csv" => Some(OutputFormat::Csv),
            "ndjson" | "jsonl" => Some(OutputFormat::Ndjson),
            "parquet" => Some(OutputFormat::Parquet),
            "arrow" => Some(OutputFormat::Arrow),
            _ => None,
        }
    }
}

/// Writes members to a file; an existing one is replaced only if `replace` is set.
pub fn write_file(path: &Path, format: OutputFormat, members: &[Members], replace: bool) -> Result<(), Diagnostic> {
    let shown = path.display().to_string();
    if !replace && path.exists() && !is_special(path) {
        return Err(errors::output_exists(&shown));
    }
    put(path, format, members, replace).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => errors::output_exists(&shown),
        _ => errors::unwritable(&shown, &error.to_string()),
    })
}

fn put(path: &Path, format: OutputFormat, members: &[Members], replace: bool) -> io::Result<()> {
    replace_file(path, replace, |file| write(&mut BufWriter::new(file), format, members))
}

/// Writes members to a stream.
pub fn write(out: &mut (impl Write + Send), format: OutputFormat, members: &[Members]) -> io::Result<()> {
    match format {
        OutputFormat::Csv => csv(out, members)?,
        OutputFormat::Ndjson => ndjson(out, members)?,
        OutputFormat::Parquet => parquet(out, members)?,
        OutputFormat::Arrow => arrow(out, members)?,
        OutputFormat::Counts => counts(out, members)?,
    }
    out.flush()
}

fn ranked(members: &[Members]) -> bool {
    members.iter().any(|m| m.keys.is_some())
}

/// The members as rows: segment, id, and rank and key where there are.
fn rows(members: &[Members]) -> impl Iterator<Item = (&str, &str, Option<u64>, Option<&str>)> {
    members.iter().flat_map(|m| {
        m.ids.iter().enumerate().map(|(i, id)| {
            let key = m.keys.as_ref().and_then(|keys| keys.get(i)?.as_deref());
            (m.segment.as_str(), &**id, m.keys.as_ref().map(|_| i as u64 + 1), key)
        })
    })
}

/// A cell, in quotes if it needs them.
fn cell(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}

fn csv(out: &mut impl Write, members: &[Members]) -> io::Result<()> {
    let ranked = ranked(members);
    writeln!(out, "segment,profile_id{}", if ranked { ",rank,key" } else { "" })?;
    for (segment, id, rank, key) in rows(members) {
        write!(out, "{},{}", cell(segment), cell(id))?;
        if ranked {
            write!(out, ",{},{}", rank.map(|r| r.to_string()).unwrap_or_default(), cell(key.unwrap_or_default()))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn counts(out: &mut impl Write, members: &[Members]) -> io::Result<()> {
    writeln!(out, "segment,members")?;
    members.iter().try_for_each(|m| writeln!(out, "{},{}", cell(&m.segment), m.ids.len()))
}

fn ndjson(out: &mut impl Write, members: &[Members]) -> io::Result<()> {
    for (segment, id, rank, key) in rows(members) {
        let row = match rank {
            None => json!({ "segment": segment, "profile_id": id }),
            Some(rank) => json!({ "segment": segment, "profile_id": id, "rank": rank, "key": key }),
        };
        writeln!(out, "{row}")?;
    }
    Ok(())
}

/// Rows of a batch.
const BATCH: usize = 1 << 16;

fn schema(members: &[Members]) -> Arc<Schema> {
    let mut fields =
        vec![Field::new("segment", DataType::Utf8, false), Field::new("profile_id", DataType::Utf8, false)];
    if ranked(members) {
        fields.push(Field::new("rank", DataType::UInt64, true));
        fields.push(Field::new("key", DataType::Utf8, true));
    }
    Arc::new(Schema::new(fields))
}

fn batches(members: &[Members], mut each: impl FnMut(&RecordBatch) -> io::Result<()>) -> io::Result<()> {
    let schema = schema(members);
    let mut rows = rows(members).peekable();
    while rows.peek().is_some() {
        let part: Vec<_> = rows.by_ref().take(BATCH).collect();
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(part.iter().map(|r| r.0))),
            Arc::new(StringArray::from_iter_values(part.iter().map(|r| r.1))),
        ];
        if schema.fields().len() > 2 {
            columns.push(Arc::new(UInt64Array::from_iter(part.iter().map(|r| r.2))));
            columns.push(Arc::new(StringArray::from_iter(part.iter().map(|r| r.3))));
        }
        each(&RecordBatch::try_new(schema.clone(), columns).map_err(io::Error::other)?)?;
    }
    Ok(())
}

fn parquet(out: &mut (impl Write + Send), members: &[Members]) -> io::Result<()> {
    let mut writer = super::parquet::writer(out, schema(members)).map_err(io::Error::other)?;
    batches(members, |batch| writer.write(batch).map_err(io::Error::other))?;
    writer.close().map_err(io::Error::other)?;
    Ok(())
}

fn arrow(out: &mut impl Write, members: &[Members]) -> io::Result<()> {
    let mut writer = arrow_ipc::writer::FileWriter::try_new(out, &schema(members)).map_err(io::Error::other)?;
    batches(members, |batch| writer.write(batch).map_err(io::Error::other))?;
    writer.finish().map_err(io::Error::other)
}
