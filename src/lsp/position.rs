//! Positions of the protocol and byte offsets. Invariant: whatever a client sends becomes an offset on a character boundary of
//! the text; a position past a line's end is its end.

use std::ops::Range;

use serde_json::{Value, json};

/// What a client counts columns in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// Code units, the protocol's default.
    Utf16,
}

/// The beginnings of a text's lines, for many positions of one text.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    pub fn new(text: &'t str, encoding: Encoding) -> Lines<'t> {
        let bytes = text.as_bytes();
        let breaks = (1..=bytes.len()).filter(|&at| match bytes[at - 1] {
            b'\n' => true,
            // The protocol ends a line at a carriage return too, with its line feed if it has one.
            b'\r' => bytes.get(at) != Some(&b'\n'),
            _ => false,
        });
        Lines { text, starts: std::iter::once(0).chain(breaks).collect(), encoding }
    }

    /// The offset of a position; absent if it is none.
    pub fn offset(&self, position: &Value) -> Option<usize> {
        let line = usize::try_from(position.get("line")?.as_u64()?).ok()?;
        let column = usize::try_from(position.get("character")?.as_u64()?).ok()?;
        let Some(&start) = self.starts.get(line) else { return Some(self.text.len()) };
        let end = self.starts.get(line + 1).map_or(self.text.len(), |next| *next);
        let content = self.text.get(start..end)?.trim_end_matches(['\r', '\n']);
        let mut left = column;
        for (at, c) in content.char_indices() {
            let width = match self.encoding {
                Encoding::Utf8 => c.len_utf8(),
                Encoding::Utf16 => c.len_utf16(),
            };
            // Inside a character counts as its beginning.
            if left < width {
                return Some(start + at);
            }
            left -= width;
        }
        Some(start + content.len())
    }

    pub fn range_of(&self, range: &Value) -> Option<Range<usize>> {
        let (start, end) = (self.offset(range.get("start")?)?, self.offset(range.get("end")?)?);
        Some(start..end.max(start))
    }

    /// Line and column of an offset.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let before = self.text.get(self.starts.get(line).copied().unwrap_or(0)..offset).unwrap_or_default();
        let column = match self.encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 => before.encode_utf16().count(),
        };
        (line, column)
    }

    pub fn position(&self, offset: usize) -> Value {
        let (line, character) = self.line_column(offset);
        json!({ "line": line, "character": character })
    }

    pub fn range(&self, range: &Range<usize>) -> Value {
        json!({ "start": self.position(range.start), "end": self.position(range.end) })
    }
}

/// The text after the changes of a `didChange`, in their order.
pub(super) fn changed(text: &str, changes: &[Value], encoding: Encoding) -> Option<String> {
    let mut text = text.to_owned();
    for change in changes {
        let new = change.get("text")?.as_str()?;
        match change.get("range").filter(|range| !range.is_null()) {
            Some(range) => {
                let range = Lines::new(&text, encoding).range_of(range)?;
                text.replace_range(range, new);
            }
            None => new.clone_into(&mut text),
        }
    }
    Some(text)
}

/// The path that a `file` URI names.
pub(super) fn path_of(uri: &str) -> Option<String> {
    let encoded = uri.strip_prefix("file://")?;
    let encoded = if encoded.starts_with('/') { encoded } else { encoded.split_once('/').map(|_| encoded)? };
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match (first, hex.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// The URI of an absolute path.
pub(super) fn uri_of(path: &str) -> String {
    let mut uri = String::from("file://");
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte as char),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
