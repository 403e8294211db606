//! Reads the files of a set, each by its format, on all threads. Invariant: pieces and findings come in the order of files
//! and records, whatever thread read them.

use std::io::Read;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::files::{self, EndOfRecords, PIECE_BYTES, Piece, Pieces};
use super::report::{Kind, Report};
use super::shape::Shape;
use super::sink::Sink;
use super::{errors, json};
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

    fn file(&mut self, path: &PathBuf, set: &FileSet, shape: &Shape) -> Vec<RawRecords> {
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
            Format::Csv | Format::Parquet | Format::Arrow => Vec::new(),
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
        self.pieces(reader, files::end_of_lines, file, &|file, piece| {
            let Sink { records, findings, line, .. } = json::lines(shape, file, &piece.bytes, piece.last);
            (records, findings, line - 1)
        })
    }

    /// The pieces of a text file, many at a time.
    fn pieces(&mut self, reader: impl Read, end: EndOfRecords, file: u32, read: ReadPiece<'_>) -> Vec<RawRecords> {
        let mut pieces = Pieces::new(reader, end, PIECE_BYTES);
        let mut all = Vec::new();
        let mut line = 0;
        let at_once = 4 * rayon::current_num_threads();
        let mut more = true;
        while more {
            let mut batch = Vec::with_capacity(at_once);
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
