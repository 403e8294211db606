//! CSV (RFC 4180) into columns. Names `sink`, `shape` and, for cells that hold JSON, `json`. Invariant: an empty cell is
//! absent, quoted or not, since writers do not agree on the difference.

use super::cell::Scalar;
use super::report::Kind;
use super::shape::Shape;
use super::sink::Sink;
use super::{errors, json};
use crate::diagnostics::words;
use crate::limits::CSV_RECORD_BYTES;

/// What the cells of a file are.
#[derive(Debug, Clone)]
pub struct Header {
    /// For each column the places that it fills.
    places: Vec<Vec<usize>>,
    delimiter: u8,
    /// Paths that no column fills, and why.
    pub missing: Vec<(String, String)>,
}

/// Where the last complete record of a buffer ends.
pub fn end_of_records(buffer: &[u8], delimiter: u8) -> Option<usize> {
    let mut end = None;
    let mut at = 0;
    while let Some(next) = after_record(buffer, at, delimiter) {
        end = Some(next);
        at = next;
    }
    end
}

/// The first byte after the record that begins at `at`; `None` if it does not end in the buffer.
fn after_record(buffer: &[u8], mut at: usize, delimiter: u8) -> Option<usize> {
    loop {
        if buffer.get(at) == Some(&b'"') {
            at += 1;
            loop {
                at += buffer[at..].iter().position(|&b| b == b'"')? + 1;
                if buffer.get(at) != Some(&b'"') {
                    break;
                }
                at += 1;
            }
        }
        at += buffer[at..].iter().position(|&b| b == delimiter || b == b'\n')? + 1;
        if buffer[at - 1] == b'\n' {
            return Some(at);
        }
    }
}

/// The cells of a record that is cut off from its line break.
fn cells<'a>(record: &'a str, delimiter: u8, into: &mut Vec<std::borrow::Cow<'a, str>>) -> Result<(), &'static str> {
    into.clear();
    let bytes = record.as_bytes();
    let mut at = 0;
    loop {
        if bytes.get(at) == Some(&b'"') {
            let start = at + 1;
            let mut doubled = false;
            at = start;
            loop {
                let Some(length) = bytes[at..].iter().position(|&b| b == b'"') else {
                    return Err("a quote is never closed");
                };
                at += length;
                if bytes.get(at + 1) != Some(&b'"') {
                    break;
                }
                doubled = true;
                at += 2;
            }
            let text = &record[start..at];
            into.push(if doubled { text.replace("\"\"", "\"").into() } else { text.into() });
            at += 1;
        } else {
            let length = bytes[at..].iter().position(|&b| b == delimiter).unwrap_or(bytes.len() - at);
            into.push(record[at..at + length].into());
            at += length;
        }
        match bytes.get(at) {
            None => return Ok(()),
            Some(&b) if b == delimiter => at += 1,
            Some(_) => return Err("something follows a closing quote"),
        }
    }
}

/// The records of a text one by one, the header too.
pub struct Rows<'a> {
    text: &'a str,
    delimiter: u8,
}

impl<'a> Rows<'a> {
    /// All records of a text.
    pub fn new(text: &'a str, delimiter: u8) -> Rows<'a> {
        Rows { text, delimiter }
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Vec<std::borrow::Cow<'a, str>>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.text.is_empty() {
            let (record, length) = split(self.text.as_bytes(), self.delimiter);
            // Cut at line breaks only, which are characters of their own.
            let record = &self.text[..record.len()];
            self.text = &self.text[length..];
            if !record.is_empty() {
                let mut row = Vec::new();
                return Some(cells(record, self.delimiter, &mut row).map(|()| row));
            }
        }
        None
    }
}

/// The record that begins at the first byte, without its line break, and where the next one begins.
fn split(bytes: &[u8], delimiter: u8) -> (&[u8], usize) {
    let next = after_record(bytes, 0, delimiter).unwrap_or(bytes.len());
    let record = &bytes[..next];
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    (record.strip_suffix(b"\r").unwrap_or(record), next)
}

/// Reads the header at the start of a file: what its columns are, and its bytes.
pub fn header(shape: &Shape, bytes: &[u8], delimiter: u8) -> Result<(Header, usize), String> {
    let (record, next) = split(bytes, delimiter);
    if record.len() > CSV_RECORD_BYTES {
        return Err("its header is longer than 1 MiB".to_owned());
    }
    let text = std::str::from_utf8(record).map_err(|_| "its header is not UTF-8".to_owned())?;
    if text.contains('\r') && !text.contains('"') {
        return Err("its lines end in carriage returns alone, not in line feeds".to_owned());
    }
    let mut names = Vec::new();
    cells(text, delimiter, &mut names).map_err(|reason| format!("{reason} in the header"))?;
    let mut known: Vec<(String, usize)> = Vec::new();
    shape.named_places(0, "", &mut known);
    let mut filled = vec![false; shape.nodes.len()];
    let mut places = Vec::with_capacity(names.len());
    for (i, name) in names.iter().enumerate() {
        let own: Vec<usize> = known.iter().filter(|(n, _)| n == name).map(|(_, place)| *place).collect();
        if !own.is_empty() && names[..i].contains(name) {
            return Err(format!("the header has the column `{name}` twice"));
        }
        own.iter().for_each(|&place| fill(shape, place, &mut filled));
        places.push(own);
    }
    if let Some((name, _)) = known.iter().find(|(_, place)| !filled[*place] && shape.must_have(*place)) {
        let lacks = errors::lacks_column(name, names.iter().map(|name| &**name));
        return Err(lacks + &other_delimiter(&names));
    }
    let lacks = |(_, place): &&(String, usize)| !filled[*place] && !shape.nodes[*place].slots.is_empty();
    let missing = known.iter().filter(lacks).map(|(name, place)| {
        let reason = errors::not_among("header", name, names.iter().map(|name| &**name));
        (shape.nodes[*place].path.clone(), reason)
    });
    Ok((Header { missing: missing.collect(), places, delimiter }, next))
}

/// Tells of a header that is one name what may separate its cells.
fn other_delimiter(names: &[std::borrow::Cow<'_, str>]) -> String {
    let [only] = names else { return String::new() };
    let found = [(';', ";"), ('\t', "\\t"), ('|', "|"), (',', ",")].into_iter().find(|(c, _)| only.contains(*c));
    found.map_or(String::new(), |(_, shown)| format!("; are its cells separated by `delimiter = \"{shown}\"`?"))
}

fn fill(shape: &Shape, place: usize, filled: &mut [bool]) {
    filled[place] = true;
    for (_, below) in &shape.nodes[place].fields {
        fill(shape, *below, filled);
    }
}

/// Reads the records of a piece of a file.
pub fn records<'s>(shape: &'s Shape, header: &Header, file: u32, piece: &[u8], last: bool) -> Sink<'s> {
    let mut sink = Sink::new(shape, file);
    let mut at = 0;
    let mut buffer = Vec::new();
    while at < piece.len() {
        let (record, length) = split(&piece[at..], header.delimiter);
        let cut = last && at + length == piece.len() && !piece.ends_with(b"\n");
        if record.len() > CSV_RECORD_BYTES {
            sink.reject(Kind::TooLong, "longer than 1 MiB");
        } else if !record.is_empty() {
            match std::str::from_utf8(record) {
                Ok(text) => one(&mut sink, header, text, cut, &mut buffer),
                Err(_) => sink.reject(Kind::InvalidUtf8, "not UTF-8"),
            }
        }
        sink.line += piece[at..at + length].iter().filter(|&&b| b == b'\n').count() as u64;
        at += length;
    }
    sink
}

fn one<'a>(
    sink: &mut Sink<'_>,
    header: &Header,
    text: &'a str,
    cut: bool,
    buffer: &mut Vec<std::borrow::Cow<'a, str>>,
) {
    let fault = cells(text, header.delimiter, buffer).err();
    if let Some(reason) = fault {
        let kind = if cut { Kind::Truncated } else { Kind::Malformed };
        return match text.matches('\n').count() {
            0 => sink.reject(kind, reason),
            lines => sink.reject(kind, &format!("{reason}; {} lost with it", words::are(lines as u64, "line"))),
        };
    }
    if buffer.len() != header.places.len() {
        let kind = if cut && buffer.len() < header.places.len() { Kind::Truncated } else { Kind::Malformed };
        return sink.reject(kind, &format!("{} cells where the header has {}", buffer.len(), header.places.len()));
    }
    for (text, places) in buffer.iter().zip(&header.places) {
        for &place in places {
            if let Err(reason) = cell(sink, place, text) {
                return sink.reject(Kind::Malformed, &reason);
            }
        }
    }
    sink.end_record();
}

fn cell(sink: &mut Sink<'_>, place: usize, text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    let shape = sink.shape;
    let node = &shape.nodes[place];
    if node.list || (node.takes_object() && !node.takes_scalar()) {
        if !text.starts_with(['[', '{']) {
            sink.wrong(node, &format!("\"{text}\""), false);
            return Ok(());
        }
        return json::embedded(sink, place, text).map_err(|_| format!("the cell of `{}` is not JSON", node.path));
    }
    sink.scalar(node, Scalar::Word(text));
    Ok(())
}
