//! The JSON under a schema: reading with a limit of depth, and finding again in the text what was found in the tree.
//! Names serde_json and `limits`. Invariant: no text makes it recurse deeper than [`JSON_DEPTH`].

use std::ops::Range;

use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use crate::limits::{JSON_DEPTH, SCHEMA_FILE_BYTES};

/// Why a text is not a schema file.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// Not JSON: why, and at which byte.
    Syntax(String, usize),
    /// A key that an object has twice, and at which byte it stands again.
    Repeated(String, usize),
    /// Nested too deeply, from this byte on.
    TooDeep(usize),
    /// Longer than [`SCHEMA_FILE_BYTES`].
    TooLong,
}

/// Reads a text.
pub(super) fn parse(text: &str) -> Result<Value, Unreadable> {
    if text.len() > SCHEMA_FILE_BYTES {
        return Err(Unreadable::TooLong);
    }
    if let Some(at) = too_deep(text) {
        return Err(Unreadable::TooDeep(at));
    }
    let value = serde_json::from_str(text).map_err(|error| {
        let line_start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let mut at = (line_start + error.column().saturating_sub(1)).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        Unreadable::Syntax(message, at)
    })?;
    match repeated_key(text) {
        Some((key, at)) => Err(Unreadable::Repeated(key, at)),
        None => Ok(value),
    }
}

/// The first key that an object of a JSON text has twice, and the byte at which it stands again.
fn repeated_key(text: &str) -> Option<(String, usize)> {
    // The keys of each object around; an array has none.
    let mut open: Vec<Option<FxHashSet<&str>>> = Vec::new();
    let mut is_key = false;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => open.push(Some(FxHashSet::default())),
            b'[' => open.push(None),
            b'}' | b']' => drop(open.pop()),
            b'"' => {
                let end = string_end(bytes, at);
                if let (true, Some(Some(keys))) = (is_key, open.last_mut()) {
                    let key = text.get(at..end)?;
                    // Keys with escapes may be spelt in several ways.
                    if !keys.insert(key) {
                        return Some((serde_json::from_str(key).ok()?, at));
                    }
                }
                at = end - 1;
            }
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            is_key = matches!(byte, b'{' | b',');
        }
        at += 1;
    }
    None
}

/// One past the end of the string that begins at a byte.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'"' => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The byte at which brackets first nest too deeply.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > JSON_DEPTH {
                    return Some(at);
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// The value under a JSON pointer, `/a/b~1c/0`, with percent escapes as a URI's fragment may have them.
pub(super) fn at_pointer<'a>(root: &'a Value, pointer: &str) -> Option<&'a Value> {
    if pointer.is_empty() {
        return Some(root);
    }
    root.pointer(pointer).or_else(|| root.pointer(&percent_decoded(pointer)?))
}

fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |byte: u8| char::from(byte).to_digit(16);
        match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                bytes.push((hex(*high)? * 16 + hex(*low)?) as u8);
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// What tells one object of a tree from another: where it lies in memory, while the tree lives.
pub(super) fn identity(node: &Map<String, Value>) -> usize {
    std::ptr::from_ref(node).addr()
}

/// The steps from the root down to an object of its tree.
pub(super) fn path_to(root: &Value, node: &Map<String, Value>) -> Option<Vec<String>> {
    match root {
        Value::Object(map) if identity(map) == identity(node) => Some(Vec::new()),
        Value::Object(map) => map.iter().find_map(|(key, value)| {
            let mut path = path_to(value, node)?;
            path.insert(0, key.clone());
            Some(path)
        }),
        Value::Array(values) => values.iter().enumerate().find_map(|(index, value)| {
            let mut path = path_to(value, node)?;
            path.insert(0, index.to_string());
            Some(path)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// A path as a JSON pointer.
pub(super) fn pointer(path: &[String]) -> String {
    path.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect()
}

/// The bytes of the key (of the element, in an array) that a path of a readable text ends at; the first byte of the
/// text for an empty path.
pub(super) fn locate(text: &str, path: &[String]) -> Range<usize> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    scan.space();
    let mut found = scan.at..(scan.at + 1).min(text.len());
    for step in path {
        match scan.enter(text, step) {
            Some(range) => found = range,
            None => break,
        }
    }
    found
}

/// A walk over the text of a readable JSON.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Over a string, from quote to quote.
    fn string(&mut self) -> Range<usize> {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.bytes.len());
        start..self.at
    }

    /// Over a whole value.
    fn value(&mut self) -> Range<usize> {
        let start = self.at;
        let mut depth = 0usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string();
                    if depth == 0 {
                        break;
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 0 => break,
                b'}' | b']' => depth -= 1,
                b',' if depth == 0 => break,
                _ => {}
            }
            self.at += 1;
            if depth == 0 && matches!(byte, b'}' | b']') {
                break;
            }
        }
        start..self.at
    }

    /// Into a member or an element of the value that begins here; the bytes of its key or of the element.
    fn enter(&mut self, text: &str, step: &str) -> Option<Range<usize>> {
        let object = match self.peek()? {
            b'{' => true,
            b'[' => false,
            _ => return None,
        };
        self.at += 1;
        for index in 0usize.. {
            self.space();
            if matches!(self.peek()?, b'}' | b']') {
                return None;
            }
            let mut key = self.at..self.at;
            let mut hit = index.to_string() == step;
            if object {
                key = self.string();
                hit = serde_json::from_str::<String>(text.get(key.clone())?).is_ok_and(|k| k == step);
                self.space();
                self.at += 1; // the colon
                self.space();
            }
            let start = self.at;
            let value = self.value();
            if hit {
                self.at = start;
                return Some(if object { key } else { value });
            }
            self.space();
            if self.peek()? == b',' {
                self.at += 1;
            }
        }
        None
    }
}
