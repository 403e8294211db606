//! Diagnostics with the source lines they speak of, drawn by codespan-reporting, which no other file names. May
//! import `diagnostics` and `source`. Invariant: the drawn source is an escaped copy, and every span is carried over
//! to that copy, so that carets stand under what they mean.

use std::collections::BTreeMap;
use std::ops::Range;

use codespan_reporting::diagnostic as drawn;
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::termcolor::Buffer;
use codespan_reporting::term::{Config, emit_to_write_style};

use super::escape::{escape_into, is_unsafe, visible};
use super::short;
use crate::diagnostics::{Applicability, Diagnostic, Severity};
use crate::source::{FileId, SourceFile, Sources, Span};

/// Source lines longer than this many bytes are not drawn; the diagnostic falls back to its short form.
const LONGEST_DRAWN_LINE: usize = 2000;

/// Every diagnostic, each followed by an empty line.
pub(super) fn render(diagnostics: &[&Diagnostic], sources: &Sources, color: bool) -> String {
    let files = ShownFiles::new(diagnostics, sources);
    diagnostics.iter().map(|diagnostic| one(diagnostic, &files, sources, color)).collect()
}

fn one(diagnostic: &Diagnostic, files: &ShownFiles, sources: &Sources, color: bool) -> String {
    if files.has_long_line(diagnostic) {
        return without_source(diagnostic, sources);
    }
    let mut buffer = if color { Buffer::ansi() } else { Buffer::no_color() };
    let drawing = drawing(diagnostic, files);
    if emit_to_write_style(&mut buffer, &Config::default(), files, &drawing).is_err() {
        return without_source(diagnostic, sources);
    }
    let text = String::from_utf8_lossy(buffer.as_slice()).into_owned();
    if color { text } else { without_trailing_blanks(&text) }
}

/// The library pads the lines of stacked labels.
fn without_trailing_blanks(text: &str) -> String {
    text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

fn without_source(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut out = short::line(diagnostic, sources);
    for note in notes(diagnostic) {
        out.push_str(&format!("\n  = {note}"));
    }
    out.push_str("\n\n");
    out
}

fn drawing(diagnostic: &Diagnostic, files: &ShownFiles) -> drawn::Diagnostic<FileId> {
    let severity = match diagnostic.severity {
        Severity::Error => drawn::Severity::Error,
        Severity::Warning => drawn::Severity::Warning,
        Severity::Note => drawn::Severity::Note,
    };
    let labels = diagnostic.labels.iter().filter_map(|label| {
        let style = if label.primary { drawn::LabelStyle::Primary } else { drawn::LabelStyle::Secondary };
        let range = files.shown_range(label.span)?;
        Some(drawn::Label::new(style, label.span.file, range).with_message(visible(&label.message)))
    });
    drawn::Diagnostic::new(severity)
        .with_code(diagnostic.code.info().id)
        .with_message(visible(&diagnostic.message))
        .with_labels(labels.collect())
        .with_notes(notes(diagnostic))
}

fn notes(diagnostic: &Diagnostic) -> Vec<String> {
    let help = diagnostic.help.iter().map(|help| format!("help: {}", visible(help)));
    let fixes = diagnostic.fixes.iter().map(|fix| match fix.applicability {
        Applicability::Safe => format!("fix: {}", visible(&fix.title)),
        Applicability::Unsafe => format!("possible fix: {}", visible(&fix.title)),
    });
    help.chain(fixes).collect()
}

/// The escaped copies of the files that the diagnostics name.
struct ShownFiles<'a> {
    files: BTreeMap<FileId, ShownFile<'a>>,
}

struct ShownFile<'a> {
    original: &'a SourceFile,
    name: String,
    text: String,
    line_starts: Vec<usize>,
    /// After each escaped character: its offset in the original text and in the copy, both ascending.
    shifts: Vec<(usize, usize)>,
}

impl<'a> ShownFile<'a> {
    fn new(original: &'a SourceFile) -> Self {
        let mut text = String::with_capacity(original.text.len());
        let mut line_starts = vec![0];
        let mut shifts = Vec::new();
        let mut characters = original.text.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            let ends_line = c == '\r' && characters.peek().is_some_and(|&(_, next)| next == '\n');
            if is_unsafe(c) && !matches!(c, '\n' | '\t') && !ends_line {
                escape_into(&mut text, c);
                shifts.push((at + c.len_utf8(), text.len()));
            } else {
                text.push(c);
            }
            if c == '\n' {
                line_starts.push(text.len());
            }
        }
        ShownFile { original, name: visible(&original.path).into_owned(), text, line_starts, shifts }
    }

    /// An offset of the original text in the copy; inside a character, that character's start.
    fn to_shown(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.original.text.len());
        while !self.original.text.is_char_boundary(offset) {
            offset -= 1;
        }
        match self.shifts.partition_point(|&(original, _)| original <= offset).checked_sub(1) {
            Some(i) => self.shifts[i].1 + (offset - self.shifts[i].0),
            None => offset,
        }
    }

    fn to_original(&self, shown: usize) -> usize {
        match self.shifts.partition_point(|&(_, s)| s <= shown).checked_sub(1) {
            Some(i) => self.shifts[i].0 + (shown - self.shifts[i].1),
            None => shown,
        }
    }

    fn line_index(&self, shown: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= shown).saturating_sub(1)
    }

    fn line_range(&self, line: usize) -> Option<Range<usize>> {
        let start = *self.line_starts.get(line)?;
        Some(start..self.line_starts.get(line + 1).copied().unwrap_or(self.text.len()))
    }
}

impl<'a> ShownFiles<'a> {
    fn new(diagnostics: &[&Diagnostic], sources: &'a Sources) -> Self {
        let mut files = BTreeMap::new();
        for label in diagnostics.iter().flat_map(|d| &d.labels) {
            if let Some(file) = sources.file(label.span.file) {
                files.entry(label.span.file).or_insert_with(|| ShownFile::new(file));
            }
        }
        ShownFiles { files }
    }

    fn get(&self, id: FileId) -> Result<&ShownFile<'a>, Error> {
        self.files.get(&id).ok_or(Error::FileMissing)
    }

    /// `None` where the span is of no known file.
    fn shown_range(&self, span: Span) -> Option<Range<usize>> {
        let file = self.files.get(&span.file)?;
        let start = file.to_shown(span.start as usize);
        let end = file.to_shown(span.end as usize).max(start);
        // A span that ends with a line break would be drawn into the next line.
        let covered = file.text[start..end].trim_end_matches(['\n', '\r']).len();
        Some(start..if covered > 0 { start + covered } else { end.min(start + 1) })
    }

    fn has_long_line(&self, diagnostic: &Diagnostic) -> bool {
        diagnostic.labels.iter().any(|label| {
            let (Some(range), Some(file)) = (self.shown_range(label.span), self.files.get(&label.span.file)) else {
                return false;
            };
            (file.line_index(range.start)..=file.line_index(range.end))
                .any(|line| file.line_range(line).is_some_and(|r| r.len() > LONGEST_DRAWN_LINE))
        })
    }
}

impl<'a> Files<'a> for ShownFiles<'_> {
    type FileId = FileId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: FileId) -> Result<&'a str, Error> {
        self.get(id).map(|file| file.name.as_str())
    }

    fn source(&'a self, id: FileId) -> Result<&'a str, Error> {
        self.get(id).map(|file| file.text.as_str())
    }

    fn line_index(&'a self, id: FileId, byte_index: usize) -> Result<usize, Error> {
        self.get(id).map(|file| file.line_index(byte_index))
    }

    fn line_range(&'a self, id: FileId, line_index: usize) -> Result<Range<usize>, Error> {
        let file = self.get(id)?;
        file.line_range(line_index)
            .ok_or(Error::LineTooLarge { given: line_index, max: file.line_starts.len().saturating_sub(1) })
    }

    /// The column in the author's text, not in the escaped copy.
    fn column_number(&'a self, id: FileId, _line_index: usize, byte_index: usize) -> Result<usize, Error> {
        let file = self.get(id)?;
        let (_, column) = short::character_position(file.original, file.to_original(byte_index) as u32);
        Ok(column as usize)
    }
}
