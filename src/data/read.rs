//! Reads the files of a set, each by its format, on all threads. Invariant: pieces and findings come in the order of files
//! and records, whatever thread read them.

use std::io::Read;
use std::path::Path;

use rayon::prelude::*;

use super::files::{self, PIECE_BYTES, Piece, Pieces};
use super::parquet::{self, Part};
use super::report::{Kind, Report};
use super::shape::Shape;
use super::sink::Sink;
use super::{csv, errors, json};
use crate::diagnostics::Diagnostic;
use crate::project::{FileSet, Format};
use crate::store::raw::RawRecords;

/// The state of reading all data of a run.
pub(super) struct Reading<'a> {
    root: &'a Path,
    /// Grows with every file.
    pub report: Report,
    /// Faults that end the run: files that do not exist, say.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads one piece of a file into columns.
type ReadPiece<'p> = &'p (dyn Fn(u32, &Piece) -> (RawRecords, super::report::Findings, u64) + Sync);

impl<'a> Reading<'a> {
    pub fn new(root: &'a Path) -> Reading<'a> {
        Reading { root, report: Report::default(), diagnostics: Vec::new() }
    }

    /// All files of a set.
    pub fn set(&mut self, set: &FileSet, shape: &Shape) -> Vec<RawRecords> {
        let known = |path: &Path| path.file_name().and_then(|n| n.to_str()).and_then(Format::of_name).is_some();
        let paths = match files::expand(self.root, &set.files, known) {
            Ok(paths) => paths,
            Err(pattern) => {
                self.diagnostics.push(errors::no_file(&pattern, set.span));
                return Vec::new();
            }
        };
        paths.iter().flat_map(|path| self.file(path, set, shape)).collect()
    }

    fn file(&mut self, path: &Path, set: &FileSet, shape: &Shape) -> Vec<RawRecords> {
        let shown = path.strip_prefix(self.root).unwrap_or(path).display().to_string();
        let named = path.file_name().and_then(|name| name.to_str()).and_then(Format::of_name);
        let Some(format) = set.format.or(named) else {
            self.diagnostics.push(errors::unknown_format(&shown, set.span));
            return Vec::new();
        };
        let file = self.add_file(&shown);
        let pieces = match format {
            Format::Ndjson => match files::open(path) {
                Ok(reader) => self.ndjson(reader, file, shape),
                Err(error) => self.unreadable(&shown, &error, set),
            },
            Format::Csv => match files::open(path) {
                Ok(reader) => self.csv(reader, file, delimiter(set, &shown), shape),
                Err(error) => self.unreadable(&shown, &error, set),
            },
            Format::Parquet => self.parts(parquet::parquet(shape, file, path), file),
            Format::Arrow => self.parts(parquet::arrow(shape, file, path), file),
        };
        self.report.files[file as usize].1 = pieces.iter().map(|p| p.rows() as u64).sum();
        pieces
    }

    /// NDJSON that is in memory.
    pub fn text(&mut self, name: &str, text: &[u8], shape: &Shape) -> Vec<RawRecords> {
        let file = self.add_file(name);
        let pieces = self.ndjson(text, file, shape);
        self.report.files[file as usize].1 = pieces.iter().map(|p| p.rows() as u64).sum();
        pieces
    }

    fn add_file(&mut self, shown: &str) -> u32 {
        self.report.files.push((shown.to_owned(), 0));
        self.report.files.len() as u32 - 1
    }

    fn unreadable(&mut self, shown: &str, error: &std::io::Error, set: &FileSet) -> Vec<RawRecords> {
        self.diagnostics.push(errors::unreadable(shown, &error.to_string(), set.span));
        Vec::new()
    }

    fn ndjson(&mut self, reader: impl Read, file: u32, shape: &Shape) -> Vec<RawRecords> {
        let pieces = Pieces::new(reader, files::end_of_lines, PIECE_BYTES);
        self.pieces(pieces, None, 0, file, &|file, piece| {
            let Sink { records, findings, line, .. } = json::lines(shape, file, &piece.bytes, piece.last);
            (records, findings, line - 1)
        })
    }

    fn csv(&mut self, reader: impl Read, file: u32, delimiter: u8, shape: &Shape) -> Vec<RawRecords> {
        let mut pieces = Pieces::new(reader, |buffer| csv::end_of_records(buffer, delimiter), PIECE_BYTES);
        let first = match pieces.next_piece() {
            Ok(first) => first,
            Err(error) => {
                self.report.findings.add(Kind::RejectedFile, "", file, 0, || error.to_string());
                return Vec::new();
            }
        };
        let mut first = first.unwrap_or(Piece { bytes: Vec::new(), last: true });
        match csv::header(shape, &first.bytes, delimiter) {
            Err(reason) => {
                self.report.findings.add(Kind::RejectedFile, "", file, 1, || reason);
                Vec::new()
            }
            Ok((header, length)) => {
                for path in &header.missing {
                    self.report.findings.add(Kind::MissingColumn, path, file, 0, || "not in the header".to_owned());
                }
                let lines = first.bytes.drain(..length).filter(|&b| b == b'\n').count() as u64;
                self.pieces(pieces, Some(first), lines, file, &|file, piece| {
                    let Sink { records, findings, line, .. } =
                        csv::records(shape, &header, file, &piece.bytes, piece.last);
                    (records, findings, line - 1)
                })
            }
        }
    }

    /// The parts of a binary file.
    fn parts(&mut self, parts: Result<Vec<Part>, String>, file: u32) -> Vec<RawRecords> {
        let parts = parts.unwrap_or_else(|reason| {
            self.report.findings.add(Kind::RejectedFile, "", file, 0, || reason);
            Vec::new()
        });
        let mut all = Vec::new();
        let mut row = 0;
        for Part { mut records, findings, rejected, rows } in parts {
            records.lines.iter_mut().for_each(|(_, at)| *at += row);
            self.report.findings.append(findings, row);
            row += rows;
            if let Some(reason) = rejected {
                self.report.findings.add(Kind::RejectedFile, "", file, 0, || reason);
            }
            if records.rows() > 0 {
                all.push(records);
            }
        }
        all
    }

    /// The pieces of a text file, many at a time; `first` comes before them, at a line.
    fn pieces<R: Read, E: Fn(&[u8]) -> Option<usize>>(
        &mut self,
        mut pieces: Pieces<R, E>,
        first: Option<Piece>,
        mut line: u64,
        file: u32,
        read: ReadPiece<'_>,
    ) -> Vec<RawRecords> {
        let mut all = Vec::new();
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
                    all.push(records);
                }
            }
        }
        all
    }
}

/// The delimiter of a CSV file.
fn delimiter(set: &FileSet, name: &str) -> u8 {
    let tab = name.trim_end_matches(".gz").trim_end_matches(".zst").ends_with(".tsv");
    set.delimiter.unwrap_or(if tab { b'\t' } else { b',' })
}
