//! Where a byte offset stands, in every unit that a format asks for. May import `source`. Invariant: all counts but
//! `byte` begin at 1.

use serde::Serialize;

use crate::source::SourceFile;

/// A place in a file.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Position {
    /// From 0, in UTF-8.
    pub byte: u32,
    /// The line.
    pub line: u32,
    /// Bytes of UTF-8.
    pub column_bytes: u32,
    /// UTF-16 code units.
    pub column_utf16: u32,
}

/// The place of an offset; one past the end counts as the end.
pub(super) fn position(file: &SourceFile, byte: u32) -> Position {
    let byte = byte.min(file.text.len() as u32);
    let at = file.line_column(byte);
    let line_start = (byte - at.column) as usize;
    let before = file.text.get(line_start..byte as usize).unwrap_or_default();
    Position {
        byte,
        line: at.line + 1,
        column_bytes: at.column + 1,
        column_utf16: before.encode_utf16().count() as u32 + 1,
    }
}
