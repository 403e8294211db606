//! Reads the files of a set, each by its format, on all threads. Invariants: pieces and findings come in the order of files
//! and records, whatever thread read them; a file that cannot be read whole is a diagnostic, and what was read of it
//! before the fault is not used.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::files::{self, PIECE_BYTES, Piece, Pieces};
use super::parquet::{self, Part};
use super::report::{Kind, Report};
use super::shape::Shape;
use super::{Progress, csv, errors, json};
use crate::diagnostics::Diagnostic;
use crate::project::{FileSet, Format};
use crate::store::raw::RawRecords;

/// The state of reading all data of a run.
pub(super) struct Reading<'a> {
    root: &'a Path,
    progress: &'a Progress,
    /// About how many bytes what is read at a time may take.
    memory: usize,
    /// Grows with every file.
    pub report: Report,
    /// Faults that end the run: files that do not exist, say.
    pub diagnostics: Vec<Diagnostic>,
    /// Files without anything: other formats have a header.
    empty: Vec<u32>,
    /// Set by whoever takes what is read, and wants no more of it.
    enough: Option<&'a AtomicBool>,
}

/// Takes what was read, in the order of the files.
pub(super) type Take<'t> = &'t mut dyn FnMut(RawRecords);

/// Reads one piece of a file into columns.
type ReadPiece<'p> = &'p (dyn Fn(u32, &Piece) -> (RawRecords, super::report::Findings, u64) + Sync);

impl<'a> Reading<'a> {
    pub fn new(root: &'a Path, progress: &'a Progress) -> Reading<'a> {
        Reading {
            root,
            progress,
            memory: usize::MAX,
            report: Report::default(),
            diagnostics: Vec::new(),
            empty: Vec::new(),
            enough: None,
        }
    }

    /// The same until something is set: then no further row groups are read.
    pub fn until(self, enough: &'a AtomicBool) -> Reading<'a> {
        Reading { enough: Some(enough), ..self }
    }

    /// The same with a bound on the memory for what is read at a time.
    pub fn within(self, memory: usize) -> Reading<'a> {
        Reading { memory, ..self }
    }

    /// Counts the files of a set into the total of the progress, and reads nothing.
    pub fn measure(&self, set: &FileSet) -> Vec<RawRecords> {
        let paths = self.paths(set).unwrap_or_default();
        let bytes: u64 = paths.iter().filter_map(|path| path.metadata().ok()).map(|metadata| metadata.len()).sum();
        self.progress.total.fetch_add(bytes, Ordering::Relaxed);
        Vec::new()
    }

    /// The files of a set.
    pub fn paths(&self, set: &FileSet) -> Result<Vec<PathBuf>, String> {
        files::expand(self.root, &set.files, files::is_data)
    }

    /// All files of a set.
    pub fn set(&mut self, set: &FileSet, shape: &Shape) -> Vec<RawRecords> {
        let mut all = Vec::new();
        self.each(set, shape, &mut |piece| all.push(piece));
        all
    }

    /// All files of a set, piece by piece.
    pub fn each(&mut self, set: &FileSet, shape: &Shape, take: Take<'_>) {
        let paths = match self.paths(set) {
            Ok(paths) => paths,
            Err(what) => {
                self.diagnostics.push(errors::no_file(what, set.named));
                return;
            }
        };
        let before = self.empty.len();
        paths.iter().for_each(|path| self.file(path, set, shape, take));
        // Some of many parts may be empty; if all are, that is told.
        let empty = self.empty.split_off(before);
        for file in empty.iter().filter(|_| empty.len() == paths.len()) {
            self.report.findings.add(Kind::EmptyFile, "", *file, 0, || "it is empty".to_owned());
        }
    }

    /// A file; after one that could not be read no other is begun, since nothing of them would be used.
    fn file(&mut self, path: &Path, set: &FileSet, shape: &Shape, take: Take<'_>) {
        if !self.diagnostics.is_empty() {
            return;
        }
        let shown = path.strip_prefix(self.root).unwrap_or(path).display().to_string();
        let named = path.file_name().and_then(|name| name.to_str()).and_then(Format::of_name);
        let format = set.format.or(named);
        if format.is_none() && !files::is_stream(path) {
            self.diagnostics.push(errors::unknown_format(&shown, set.named));
            return;
        }
        let file = self.add_file(&shown);
        let mut rows = 0;
        let take: Take<'_> = &mut |piece: RawRecords| {
            rows += piece.rows() as u64;
            take(piece);
        };
        let progress = self.progress;
        let before = progress.read.load(Ordering::Relaxed);
        let left_out = self.report.findings.left_out();
        let read = self.records(path, format, delimiter(set, &shown), file, shape, take);
        // Of a binary file only some columns are read, and of a broken one not all: it is done with all the same.
        let bytes = path.metadata().map_or(0, |metadata| metadata.len());
        progress.read.store(before + bytes, Ordering::Relaxed);
        self.report.files[file as usize].1 = rows;
        let left_out = self.report.findings.left_out() - left_out;
        match read {
            Err(reason) => self.diagnostics.push(errors::unreadable(&shown, &reason, set.named)),
            Ok(()) if rows == 0 && left_out > 0 => {
                self.diagnostics.push(errors::no_record(&shown, left_out, &self.report, file, set.named));
            }
            Ok(()) => {}
        }
    }

    /// The records of a file, or of a pipe whose format may be told by its first bytes alone.
    fn records(
        &mut self,
        path: &Path,
        format: Option<Format>,
        delimiter: u8,
        file: u32,
        shape: &Shape,
        take: Take<'_>,
    ) -> Result<(), String> {
        let (stream, progress) = (files::is_stream(path), self.progress);
        match format {
            Some(Format::Parquet) if !stream => return self.parquet(path, file, shape, take),
            Some(Format::Arrow) if !stream => {
                let mut row = 0;
                return parquet::arrow(shape, file, path, &mut |part| self.parts(vec![part], &mut row, take));
            }
            _ => {}
        }
        let opened = match format {
            Some(format) => files::open(path, &progress.read).map(|reader| (format, reader)),
            None => files::open_untold(path, &progress.read),
        };
        let (format, reader) = opened.map_err(|error| reason(&error))?;
        match format {
            Format::Ndjson => self.ndjson(reader, file, shape, take),
            Format::Csv => self.csv(reader, file, delimiter, shape, take),
            Format::Parquet | Format::Arrow => Err("a pipe cannot be read from its end; write it to a file".to_owned()),
        }
    }

    /// A Parquet file, as many row groups at a time as there are threads and memory for, at least a part of one.
    fn parquet(&mut self, path: &Path, file: u32, shape: &Shape, take: Take<'_>) -> Result<(), String> {
        let groups = parquet::Groups::open(shape, path)?;
        let (mut row, mut next) = (0, 0);
        let enough = self.enough;
        let enough = || enough.is_some_and(|enough| enough.load(Ordering::Relaxed));
        while next < groups.count() && !enough() {
            let record = groups.record_bytes(next);
            let bytes = record.saturating_mul(groups.rows(next) as usize);
            let memory = self.memory;
            if bytes > memory {
                let read = &mut |part| self.parts(vec![part], &mut row, take);
                groups.read_apart(file, next, memory / record, read)?;
                next += 1;
                continue;
            }
            let at_once = (memory / bytes.max(1)).clamp(1, rayon::current_num_threads());
            let some = next..(next + at_once).min(groups.count());
            next = some.end;
            let parts = groups.read(file, some, &self.progress.read);
            self.parts(parts, &mut row, take)?;
        }
        Ok(())
    }

    /// NDJSON that is in memory.
    pub fn text(&mut self, name: &str, text: &[u8], shape: &Shape) -> Vec<RawRecords> {
        let file = self.add_file(name);
        let mut pieces: Vec<RawRecords> = Vec::new();
        // Reading memory does not fail.
        let _ = self.ndjson(text, file, shape, &mut |piece| pieces.push(piece));
        self.report.files[file as usize].1 = pieces.iter().map(|p| p.rows() as u64).sum();
        pieces
    }

    fn add_file(&mut self, shown: &str) -> u32 {
        self.report.files.push((shown.to_owned(), 0));
        self.report.files.len() as u32 - 1
    }

    fn ndjson(&mut self, reader: impl Read, file: u32, shape: &Shape, take: Take<'_>) -> Result<(), String> {
        let mut pieces = Pieces::new(reader, files::end_of_lines, PIECE_BYTES);
        let first = pieces.next_piece().map_err(|error| reason(&error))?;
        if first.as_ref().is_some_and(|piece| piece.bytes.trim_ascii_start().starts_with(b"[")) {
            let array = "it begins like one JSON array, where each record is a line: `jq -c '.[]'` makes lines of it";
            return Err(array.to_owned());
        }
        if first.as_ref().is_none_or(|piece| piece.last && piece.bytes.trim_ascii().is_empty()) {
            self.empty.push(file);
        }
        let met: Vec<AtomicBool> = shape.nodes.iter().map(|_| AtomicBool::new(false)).collect();
        let read: ReadPiece<'_> = &|file, piece| {
            let sink = json::lines(shape, file, &piece.bytes, piece.last);
            let places = sink.met.iter().zip(&met).filter(|(is_met, _)| **is_met);
            places.for_each(|(_, met)| met.store(true, Ordering::Relaxed));
            let lines = sink.line - 1;
            let (records, findings) = sink.finish();
            (records, findings, lines)
        };
        let mut rows = 0;
        self.pieces(pieces, (first, 0), file, read, &mut |piece| {
            rows += piece.rows();
            take(piece);
        })?;
        if rows > 0 && shape.is_of_scores() { self.unmet(shape, &met, file) } else { Ok(()) }
    }

    /// Tells what no record of a file of scores has: no header says so before.
    fn unmet(&mut self, shape: &Shape, met: &[AtomicBool], file: u32) -> Result<(), String> {
        let mut known = Vec::new();
        shape.named_places(0, "", &mut known);
        for (name, place) in known.into_iter().filter(|(_, place)| !met[*place].load(Ordering::Relaxed)) {
            if shape.must_have(place) {
                return Err(format!("none of its records has `{name}`"));
            }
            if !shape.nodes[place].slots.is_empty() {
                let reason = || "in no record".to_owned();
                self.report.findings.add(Kind::MissingColumn, &shape.nodes[place].path, file, 0, reason);
            }
        }
        Ok(())
    }

    fn csv(
        &mut self,
        reader: impl Read,
        file: u32,
        delimiter: u8,
        shape: &Shape,
        take: Take<'_>,
    ) -> Result<(), String> {
        let mut pieces = Pieces::new(reader, |buffer| csv::end_of_records(buffer, delimiter), PIECE_BYTES);
        let first = pieces.next_piece().map_err(|error| reason(&error))?;
        let mut first = first.filter(|piece| !piece.bytes.is_empty()).ok_or("it is empty: it has no header")?;
        let (header, length) = csv::header(shape, &first.bytes, delimiter)?;
        for (path, reason) in &header.missing {
            self.report.findings.add(Kind::MissingColumn, path, file, 0, || reason.clone());
        }
        let lines = first.bytes.drain(..length).filter(|&b| b == b'\n').count() as u64;
        let read: ReadPiece<'_> = &|file, piece| {
            let sink = csv::records(shape, &header, file, &piece.bytes, piece.last);
            let lines = sink.line - 1;
            let (records, findings) = sink.finish();
            (records, findings, lines)
        };
        self.pieces(pieces, (Some(first), lines), file, read, take)
    }

    /// Parts of a binary file, behind so many rows; an error if one of them is broken.
    fn parts(&mut self, parts: Vec<Part>, row: &mut u64, take: Take<'_>) -> Result<(), String> {
        for Part { mut records, findings, rejected, rows } in parts {
            if let Some(reason) = rejected {
                return Err(reason);
            }
            records.lines.iter_mut().for_each(|(_, at)| *at += *row);
            self.report.findings.append(findings, *row);
            *row += rows;
            if records.rows() > 0 {
                take(records);
            }
        }
        Ok(())
    }

    /// The pieces of a text file, many at a time; `first` comes before them, at a line.
    fn pieces<R: Read, E: Fn(&[u8]) -> Option<usize>>(
        &mut self,
        mut pieces: Pieces<R, E>,
        (first, mut line): (Option<Piece>, u64),
        file: u32,
        read: ReadPiece<'_>,
        take: Take<'_>,
    ) -> Result<(), String> {
        let at_once = 2 * rayon::current_num_threads();
        let mut batch: Vec<Piece> = first.into_iter().collect();
        let mut more = true;
        while more {
            while more && batch.len() < at_once {
                match pieces.next_piece().map_err(|error| reason(&error))? {
                    Some(piece) => batch.push(piece),
                    None => more = false,
                }
            }
            let read: Vec<_> = batch.par_iter().map(|piece| read(file, piece)).collect();
            batch.drain(..).for_each(|piece| pieces.give_back(piece.bytes));
            for (mut records, findings, lines) in read {
                records.lines.iter_mut().for_each(|(_, at)| *at += line);
                self.report.findings.append(findings, line);
                line += lines;
                if records.rows() > 0 {
                    take(records);
                }
            }
        }
        Ok(())
    }
}

/// Why reading a file failed, as its user understands it.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "it is cut off within its compressed data".to_owned(),
        _ => error.to_string(),
    }
}

/// The delimiter of a CSV file.
fn delimiter(set: &FileSet, name: &str) -> u8 {
    let tab = name.trim_end_matches(".gz").trim_end_matches(".zst").ends_with(".tsv");
    set.delimiter.unwrap_or(if tab { b'\t' } else { b',' })
}
