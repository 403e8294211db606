//! Reads the files of a set, each by its format, on all threads. Invariant: pieces and findings come in the order of files
//! and records, whatever thread read them.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::files::{self, PIECE_BYTES, Piece, Pieces};
use super::parquet::{self, Part};
use super::report::{Kind, Report};
use super::shape::Shape;
use super::sink::Sink;
use super::{Progress, csv, errors, json};
use crate::diagnostics::Diagnostic;
use crate::project::{FileSet, Format};
use crate::store::raw::RawRecords;

/// The state of reading all data of a run.
pub(super) struct Reading<'a> {
    root: &'a Path,
    progress: &'a Progress,
    /// Grows with every file.
    pub report: Report,
    /// Faults that end the run: files that do not exist, say.
    pub diagnostics: Vec<Diagnostic>,
}

/// Takes what was read, in the order of the files.
pub(super) type Take<'t> = &'t mut dyn FnMut(RawRecords);

/// Reads one piece of a file into columns.
type ReadPiece<'p> = &'p (dyn Fn(u32, &Piece) -> (RawRecords, super::report::Findings, u64) + Sync);

impl<'a> Reading<'a> {
    pub fn new(root: &'a Path, progress: &'a Progress) -> Reading<'a> {
        Reading { root, progress, report: Report::default(), diagnostics: Vec::new() }
    }

    /// Counts the files of a set into the total of the progress, and reads nothing.
    pub fn measure(&self, set: &FileSet) -> Vec<RawRecords> {
        let paths = self.paths(set).unwrap_or_default();
        let bytes: u64 = paths.iter().filter_map(|path| path.metadata().ok()).map(|metadata| metadata.len()).sum();
        self.progress.total.fetch_add(bytes, Ordering::Relaxed);
        Vec::new()
    }

    fn paths(&self, set: &FileSet) -> Result<Vec<PathBuf>, String> {
        let known = |path: &Path| path.file_name().and_then(|n| n.to_str()).and_then(Format::of_name).is_some();
        files::expand(self.root, &set.files, known)
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
            Err(pattern) => {
                self.diagnostics.push(errors::no_file(&pattern, set.span));
                return;
            }
        };
        paths.iter().for_each(|path| self.file(path, set, shape, take));
    }

    fn file(&mut self, path: &Path, set: &FileSet, shape: &Shape, take: Take<'_>) {
        let shown = path.strip_prefix(self.root).unwrap_or(path).display().to_string();
        let named = path.file_name().and_then(|name| name.to_str()).and_then(Format::of_name);
        let Some(format) = set.format.or(named) else {
            self.diagnostics.push(errors::unknown_format(&shown, set.span));
            return;
        };
        let file = self.add_file(&shown);
        let mut rows = 0;
        let take: Take<'_> = &mut |piece: RawRecords| {
            rows += piece.rows() as u64;
            take(piece);
        };
        let progress = self.progress;
        let before = progress.read.load(Ordering::Relaxed);
        match format {
            Format::Ndjson => match files::open(path, &progress.read) {
                Ok(reader) => self.ndjson(reader, file, shape, take),
                Err(error) => self.unreadable(&shown, &error, set),
            },
            Format::Csv => match files::open(path, &progress.read) {
                Ok(reader) => self.csv(reader, file, delimiter(set, &shown), shape, take),
                Err(error) => self.unreadable(&shown, &error, set),
            },
            Format::Parquet => self.parquet(path, file, shape, take),
            Format::Arrow => {
                let parts = parquet::arrow(shape, file, path);
                self.parts(parts, file, &mut 0, take);
            }
        };
        // Of a binary file only some columns are read, and of a broken one not all: it is done with all the same.
        let bytes = path.metadata().map_or(0, |metadata| metadata.len());
        progress.read.store(before + bytes, Ordering::Relaxed);
        self.report.files[file as usize].1 = rows;
    }

    /// A Parquet file, a few row groups at a time.
    fn parquet(&mut self, path: &Path, file: u32, shape: &Shape, take: Take<'_>) {
        let mut row = 0;
        match parquet::Groups::open(shape, path) {
            Err(reason) => self.report.findings.add(Kind::RejectedFile, "", file, 0, || reason),
            Ok(groups) => {
                let at_once = rayon::current_num_threads();
                for first in (0..groups.count()).step_by(at_once) {
                    let parts = groups.read(file, first..(first + at_once).min(groups.count()), &self.progress.read);
                    self.parts(Ok(parts), file, &mut row, take);
                }
            }
        }
    }

    /// NDJSON that is in memory.
    pub fn text(&mut self, name: &str, text: &[u8], shape: &Shape) -> Vec<RawRecords> {
        let file = self.add_file(name);
        let mut pieces: Vec<RawRecords> = Vec::new();
        self.ndjson(text, file, shape, &mut |piece| pieces.push(piece));
        self.report.files[file as usize].1 = pieces.iter().map(|p| p.rows() as u64).sum();
        pieces
    }

    fn add_file(&mut self, shown: &str) -> u32 {
        self.report.files.push((shown.to_owned(), 0));
        self.report.files.len() as u32 - 1
    }

    fn unreadable(&mut self, shown: &str, error: &std::io::Error, set: &FileSet) {
        self.diagnostics.push(errors::unreadable(shown, &error.to_string(), set.span));
    }

    fn ndjson(&mut self, reader: impl Read, file: u32, shape: &Shape, take: Take<'_>) {
        let pieces = Pieces::new(reader, files::end_of_lines, PIECE_BYTES);
        let read: ReadPiece<'_> = &|file, piece| {
            let Sink { records, findings, line, .. } = json::lines(shape, file, &piece.bytes, piece.last);
            (records, findings, line - 1)
        };
        self.pieces(pieces, (None, 0), file, read, take);
    }

    fn csv(&mut self, reader: impl Read, file: u32, delimiter: u8, shape: &Shape, take: Take<'_>) {
        let mut pieces = Pieces::new(reader, |buffer| csv::end_of_records(buffer, delimiter), PIECE_BYTES);
        let first = match pieces.next_piece() {
            Ok(first) => first,
            Err(error) => {
                self.report.findings.add(Kind::RejectedFile, "", file, 0, || error.to_string());
                return;
            }
        };
        let mut first = first.unwrap_or(Piece { bytes: Vec::new(), last: true });
        match csv::header(shape, &first.bytes, delimiter) {
            Err(reason) => self.report.findings.add(Kind::RejectedFile, "", file, 1, || reason),
            Ok((header, length)) => {
                for path in &header.missing {
                    self.report.findings.add(Kind::MissingColumn, path, file, 0, || "not in the header".to_owned());
                }
                let lines = first.bytes.drain(..length).filter(|&b| b == b'\n').count() as u64;
                let read: ReadPiece<'_> = &|file, piece| {
                    let Sink { records, findings, line, .. } =
                        csv::records(shape, &header, file, &piece.bytes, piece.last);
                    (records, findings, line - 1)
                };
                self.pieces(pieces, (Some(first), lines), file, read, take);
            }
        }
    }

    /// Parts of a binary file, behind so many rows.
    fn parts(&mut self, parts: Result<Vec<Part>, String>, file: u32, row: &mut u64, take: Take<'_>) {
        let parts = parts.unwrap_or_else(|reason| {
            self.report.findings.add(Kind::RejectedFile, "", file, 0, || reason);
            Vec::new()
        });
        for Part { mut records, findings, rejected, rows } in parts {
            records.lines.iter_mut().for_each(|(_, at)| *at += *row);
            self.report.findings.append(findings, *row);
            *row += rows;
            if let Some(reason) = rejected {
                self.report.findings.add(Kind::RejectedFile, "", file, 0, || reason);
            }
            if records.rows() > 0 {
                take(records);
            }
        }
    }

    /// The pieces of a text file, many at a time; `first` comes before them, at a line.
    fn pieces<R: Read, E: Fn(&[u8]) -> Option<usize>>(
        &mut self,
        mut pieces: Pieces<R, E>,
        (first, mut line): (Option<Piece>, u64),
        file: u32,
        read: ReadPiece<'_>,
        take: Take<'_>,
    ) {
        let at_once = 4 * rayon::current_num_threads();
        let mut batch: Vec<Piece> = first.into_iter().collect();
        let mut more = true;
        while more {
            while more && batch.len() < at_once {
                match pieces.next_piece() {
                    Ok(Some(piece)) => batch.push(piece),
                    Ok(None) => more = false,
                    Err(error) => {
                        let cut = error.kind() == std::io::ErrorKind::UnexpectedEof;
                        let kind = if cut { Kind::Truncated } else { Kind::RejectedFile };
                        self.report.findings.add(kind, "", file, 0, || error.to_string());
                        more = false;
                    }
                }
            }
            let read: Vec<_> = batch.par_iter().map(|piece| read(file, piece)).collect();
            batch.clear();
            for (mut records, findings, lines) in read {
                records.lines.iter_mut().for_each(|(_, at)| *at += line);
                self.report.findings.append(findings, line);
                line += lines;
                if records.rows() > 0 {
                    take(records);
                }
            }
        }
    }
}

/// The delimiter of a CSV file.
fn delimiter(set: &FileSet, name: &str) -> u8 {
    let tab = name.trim_end_matches(".gz").trim_end_matches(".zst").ends_with(".tsv");
    set.delimiter.unwrap_or(if tab { b'\t' } else { b',' })
}
