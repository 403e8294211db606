//! Members into files. Names the format crates. Invariants: a file under its final name is always whole: it is written
//! beside its place, synced, and moved there; an existing one is replaced only when asked. What a killed writer left
//! beside it is removed by the next one.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use serde_json::json;
use tempfile::NamedTempFile;

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

/// Writes a file beside its place and moves it there when it is whole. A link stays a link: what it points at is
/// replaced. A replaced file keeps its permissions. A device or a pipe is written to as it is.
pub fn replace_file(path: &Path, replace: bool, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    if is_special(path) {
        return File::options().write(true).open(path).and_then(|mut file| write(&mut file));
    }
    Staged::new(path, write)?.commit(replace)
}

/// Whether there is something at a path that is neither a file nor a folder.
fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Refuses a file that may not be written to: replacing it would need rights to its folder alone.
fn may_write(target: &Path) -> io::Result<()> {
    match std::fs::metadata(target) {
        Ok(metadata) if metadata.permissions().readonly() => {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"))
        }
        Ok(_) => File::options().append(true).open(target).map(|_| ()),
        Err(_) => Ok(()),
    }
}

/// A file that is whole but not in its place yet; gone if it is dropped.
pub struct Staged {
    temporary: NamedTempFile,
    target: PathBuf,
}

impl Staged {
    /// Writes a file beside the place that it is for, and syncs it.
    pub fn new(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<Staged> {
        let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if target.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        may_write(&target)?;
        let folder = folder_of(&target);
        let prefix = prefix_of(&target);
        sweep(folder, &prefix);
        let mut temporary = tempfile::Builder::new().prefix(&prefix).suffix(SUFFIX).tempfile_in(folder)?;
        // Held until the file is closed: see `sweep`. Where there are no locks nothing is swept either.
        let _ = temporary.as_file().lock();
        write(temporary.as_file_mut())?;
        temporary.as_file_mut().flush()?;
        match std::fs::metadata(&target) {
            Ok(metadata) => temporary.as_file().set_permissions(metadata.permissions())?,
            Err(_) => make_readable(temporary.as_file())?,
        }
        temporary.as_file().sync_all()?;
        Ok(Staged { temporary, target })
    }

    /// Moves the file to its place.
    pub fn commit(self, replace: bool) -> io::Result<()> {
        let Staged { temporary, target } = self;
        if replace {
            temporary.persist(&target).map_err(|e| e.error)?;
        } else {
            temporary.persist_noclobber(&target).map_err(|e| e.error)?;
        }
        // The new name itself must survive a crash; a folder that cannot be opened for it (on some systems) is no fault.
        match File::open(folder_of(&target)) {
            Ok(folder) => folder.sync_all(),
            Err(_) => Ok(()),
        }
    }
}

fn folder_of(target: &Path) -> &Path {
    target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What the names of temporary files end with.
const SUFFIX: &str = ".segc-tmp";

/// What the names of the temporary files of a target begin with: its own name, hidden, and not longer than names may be.
fn prefix_of(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    format!(".{}.", name.chars().take(40).collect::<String>())
}

/// Removes what writers of the same file left when they were killed: those that live hold a lock on theirs.
fn sweep(folder: &Path, prefix: &str) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if !name.to_str().is_some_and(|name| name.starts_with(prefix) && name.ends_with(SUFFIX)) {
            continue;
        }
        // One that was made a moment ago may not be locked yet.
        let age = entry.metadata().and_then(|metadata| metadata.modified()).map(|made| made.elapsed());
        let old = age.is_ok_and(|age| age.is_ok_and(|age| age > MOMENT));
        if old && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            // Nobody owns it; if it cannot be removed it stays.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Longer than it takes to lock a file that was made.
const MOMENT: Duration = Duration::from_secs(10);

/// Temporary files are private; a new file of the user's is as readable as any.
#[cfg(unix)]
fn make_readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &File) -> io::Result<()> {
    Ok(())
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
