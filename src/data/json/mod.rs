//! JSON records, one a line, into columns: one pass over the text, only what is needed, no tree. Names `sink`, `shape`.
//! Invariant: a value is read by the place it stands at; two places for one value (a map's key that is asked for by
//! itself and as an entry) read it twice.

use super::cell::Scalar;
use super::report::Kind;
use super::shape::{Node, Shape};
use super::sink::{Form, Sink};
use crate::limits::JSON_RECORD_BYTES;

pub mod lanes;
pub mod scan;
mod trail;

pub use scan::Short;
use scan::{Fault, Number, Scanner};
pub use trail::{Trail, Trails};

/// What is said of a record that is not whole.
const CUT: &str = "the file ends within this record";

/// Reads the lines of a piece of a file. `last` tells that the file ends here.
pub fn lines<'s>(shape: &'s Shape, file: u32, piece: &[u8], last: bool) -> Sink<'s> {
    let mut sink = Sink::new(shape, file);
    // Checked as a whole, which is fast; line by line only if something is wrong.
    let whole = std::str::from_utf8(piece).ok();
    let mut start = 0;
    let mut breaks = memchr::memchr_iter(b'\n', piece);
    while start < piece.len() {
        let found = breaks.next();
        let end = found.unwrap_or(piece.len());
        let text = match whole {
            Some(whole) => Ok(&whole[start..end]),
            None => std::str::from_utf8(&piece[start..end]),
        };
        let cut = last && found.is_none();
        if end - start > JSON_RECORD_BYTES {
            sink.reject(Kind::TooLong, "longer than 1 MiB");
        } else {
            match text {
                Ok(text) => line(&mut sink, Scanner::of_line(text, &piece[start..]), cut),
                // Within a character, too, a file may be cut off.
                Err(fault) if cut && fault.error_len().is_none() => sink.reject(Kind::Truncated, CUT),
                Err(_) => sink.reject(Kind::InvalidUtf8, "not UTF-8"),
            }
        }
        sink.line += 1;
        start = end + 1;
    }
    sink
}

fn line(sink: &mut Sink<'_>, mut scanner: Scanner<'_>, cut: bool) {
    if scanner.at_end() {
        return;
    }
    let fault = match record(sink, &mut scanner) {
        Ok(()) => return sink.end_record(),
        Err(fault) => fault,
    };
    let column = scanner.at + 1;
    match fault {
        Fault::End if cut => sink.reject(Kind::Truncated, CUT),
        Fault::End => sink.reject(Kind::Malformed, "the line ends within the record"),
        Fault::Malformed(reason) => sink.reject(Kind::Malformed, &format!("{reason} (byte {column})")),
        Fault::TooDeep => sink.reject(Kind::TooDeep, "nested deeper than 64"),
        Fault::DuplicateKey => sink.reject(Kind::DuplicateKey, &format!("a key occurs twice (byte {column})")),
    }
}

/// One object; nothing may follow it.
fn record(sink: &mut Sink<'_>, scanner: &mut Scanner<'_>) -> Result<(), Fault> {
    if scanner.peek()? != b'{' {
        return Err(Fault::Malformed("a record is an object"));
    }
    object(sink, scanner, 0)?;
    if scanner.at_end() { Ok(()) } else { Err(Fault::Malformed("something follows the record")) }
}

/// Reads one JSON value at a place: a cell of another format that holds JSON.
pub fn embedded(sink: &mut Sink<'_>, node: usize, text: &str) -> Result<(), Fault> {
    let mut scanner = Scanner::new(text);
    value(sink, &mut scanner, node, false)?;
    if scanner.at_end() { Ok(()) } else { Err(Fault::Malformed("something follows the value")) }
}

/// A value at a place; `element` tells that it is an element of the list there. Returns whether something was taken.
fn value(sink: &mut Sink<'_>, scanner: &mut Scanner<'_>, at: usize, element: bool) -> Result<bool, Fault> {
    let shape = sink.shape;
    let node = &shape.nodes[at];
    let scalar = match scanner.peek()? {
        b'{' if node.takes_object() && (element || !node.list) => {
            sink.open_object(node);
            object(sink, scanner, at)?;
            return Ok(true);
        }
        b'{' => {
            scanner.skip()?;
            sink.wrong(node, "an object", element);
            return Ok(false);
        }
        b'[' => return list(sink, scanner, at, element),
        b'"' => {
            let text = scanner.string()?;
            if !node.list || element {
                return Ok(sink.scalar(node, Scalar::Text(&text)));
            }
            sink.wrong(node, &format!("\"{text}\""), false);
            return Ok(false);
        }
        b'-' | b'0'..=b'9' => match scanner.number()? {
            Number { written, short: Some((digits, behind)) } => Scalar::Short(digits, behind, written),
            Number { written, .. } => Scalar::Number(written),
        },
        b'n' if scanner.take_null() => return Ok(false),
        _ => match scanner.word()? {
            None => return Ok(false),
            Some(b) => Scalar::Bool(b),
        },
    };
    if node.list && !element {
        sink.wrong(node, "a scalar", false);
        return Ok(false);
    }
    Ok(sink.scalar(node, scalar))
}

/// A list at a place; none where it is an element of one itself.
fn list(sink: &mut Sink<'_>, scanner: &mut Scanner<'_>, at: usize, element: bool) -> Result<bool, Fault> {
    let shape = sink.shape;
    let node = &shape.nodes[at];
    if !node.list || element {
        scanner.skip()?;
        sink.wrong(node, "a list", element);
        return Ok(false);
    }
    sink.open_list(node);
    scanner.enter()?;
    let mut first = true;
    while scanner.next_element(first)? {
        first = false;
        let taken = value(sink, scanner, at, true)?;
        sink.end_element(node, taken);
    }
    Ok(true)
}

/// The fields of an object at a place, at its opening brace.
fn object(sink: &mut Sink<'_>, scanner: &mut Scanner<'_>, at: usize) -> Result<(), Fault> {
    let shape = sink.shape;
    let node = &shape.nodes[at];
    if !node.entries.is_empty() {
        return map(sink, scanner, node);
    }
    let mut trail = sink.trails.take(at);
    let read = fields(sink, scanner, node, &mut trail);
    sink.trails.put(at, trail);
    read
}

fn fields(sink: &mut Sink<'_>, scanner: &mut Scanner<'_>, node: &Node, trail: &mut Trail) -> Result<(), Fault> {
    let mut seen = Seen::default();
    scanner.enter()?;
    let (mut first, mut step) = (true, 0);
    loop {
        let field = match trail.expected(&mut step, first, scanner) {
            Some(field) => field,
            None if !scanner.find_key(first)? => return Ok(()),
            None => {
                let field = trail.field(&mut step, node, scanner)?;
                scanner.colon()?;
                field
            }
        };
        first = false;
        let Some((index, place)) = field else {
            scanner.skip()?;
            continue;
        };
        if !seen.insert(index) {
            return Err(Fault::DuplicateKey);
        }
        sink.meet(place);
        if !usual(sink, scanner, place) {
            value(sink, scanner, place, false)?;
        }
    }
}

/// Takes a value that is written as most are, where all columns take it as it is; else nothing is passed.
#[inline]
fn usual(sink: &mut Sink<'_>, scanner: &mut Scanner<'_>, place: usize) -> bool {
    match (scanner.byte(), sink.form(place)) {
        (Some(b'n'), _) => scanner.take_null(),
        (Some(b'"'), Form::Text) => {
            scanner.short_string().map(|(text, print)| sink.short_text(place, text, print)).is_some()
        }
        (Some(b'"'), Form::Instant) => scanner.instant().map(|micros| sink.int(place, micros)).is_some(),
        (Some(b'-' | b'0'..=b'9'), Form::Text | Form::Int | Form::Float(..)) => {
            let start = scanner.at;
            let taken = scanner.short_number().is_some_and(|number| sink.short_number(place, number));
            scanner.at = if taken { scanner.at } else { start };
            taken
        }
        _ => false,
    }
}

/// The entries of a map, at its opening brace; what is asked for by its key is a field too.
fn map(sink: &mut Sink<'_>, scanner: &mut Scanner<'_>, node: &Node) -> Result<(), Fault> {
    let mut seen = Seen::default();
    let mut keys: Vec<String> = Vec::new();
    scanner.enter()?;
    while scanner.find_key(keys.is_empty())? {
        let key = scanner.string()?;
        scanner.colon()?;
        let field = node.field(&key);
        if field.is_some_and(|(index, _)| !seen.insert(index)) {
            return Err(Fault::DuplicateKey);
        }
        let start = scanner.at;
        for &(table, place) in &node.entries {
            scanner.at = start;
            let taken = value(sink, scanner, place, false)?;
            sink.end_entry(table, &key, taken);
        }
        if let Some((_, place)) = field {
            sink.meet(place);
            scanner.at = start;
            value(sink, scanner, place, false)?;
        }
        keys.push(key.into_owned());
    }
    keys.sort_unstable();
    if keys.windows(2).any(|pair| pair[0] == pair[1]) { Err(Fault::DuplicateKey) } else { Ok(()) }
}

/// Which fields of an object have been seen.
#[derive(Debug, Default)]
struct Seen {
    low: u64,
    high: Vec<bool>,
}

impl Seen {
    /// False if it is in already.
    fn insert(&mut self, index: usize) -> bool {
        if index < 64 {
            let fresh = self.low >> index & 1 == 0;
            self.low |= 1 << index;
            return fresh;
        }
        let index = index - 64;
        if self.high.len() <= index {
            self.high.resize(index + 1, false);
        }
        !std::mem::replace(&mut self.high[index], true)
    }
}
