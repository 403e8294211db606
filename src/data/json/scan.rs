//! JSON text, token by token: exact, strict (RFC 8259), without recursion of its own. Names nothing. Invariant: the
//! position never leaves the text; whatever is skipped has been checked as strictly as what is read.

use std::borrow::Cow;

use super::lanes::{self, WINDOW};
use super::trail::{KEY_BYTES, Key};
use crate::data::parse::{self, digits_of_eight};
use crate::limits::JSON_DEPTH;
use crate::store::raw::Print;

/// Why a text is not JSON that we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not JSON, with the reason.
    Malformed(&'static str),
    /// The text ends too early.
    End,
    /// Nested beyond the limit.
    TooDeep,
    /// A key occurs twice in an object.
    DuplicateKey,
}

/// A number of few digits.
#[derive(Debug, Clone, Copy)]
pub struct Short<'a> {
    /// Its digits, without the point.
    pub digits: i64,
    /// How many of them stand behind the point.
    pub behind: u8,
    /// As it is written if it is whole and not negative.
    pub written: &'a str,
    /// The print of that.
    pub print: Print,
}

/// Powers of ten.
const TENS: [i64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// A place in a JSON text.
#[derive(Debug, Clone)]
pub struct Scanner<'a> {
    text: &'a str,
    /// The same bytes and what follows them, so that many can be looked at at once near the end of the text too.
    room: &'a [u8],
    /// The next byte.
    pub at: usize,
    /// How many objects and lists are open.
    pub depth: usize,
}

/// A number as it is written.
#[derive(Debug, Clone, Copy)]
pub struct Number<'a> {
    /// As it is written.
    pub written: &'a str,
    /// If it is short and has no exponent: its digits, and how many of them stand behind the point.
    pub short: Option<(i64, u8)>,
}

impl<'a> Scanner<'a> {
    /// At the start of a text.
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text, room: text.as_bytes(), at: 0, depth: 0 }
    }

    /// At the start of a line; `room` begins with it, and goes on with the byte that ends it.
    pub fn of_line(text: &'a str, room: &'a [u8]) -> Scanner<'a> {
        Scanner { text, room, at: 0, depth: 0 }
    }

    /// What is there and behind, in the line and beyond it, if there is so much.
    #[inline]
    fn window<const BYTES: usize>(&self, at: usize) -> Option<&'a [u8; BYTES]> {
        self.room.get(at..)?.first_chunk()
    }

    /// The next byte.
    #[inline]
    pub fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is not white space.
    #[inline]
    pub fn peek(&mut self) -> Result<u8, Fault> {
        while let Some(byte) = self.byte() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                _ => return Ok(byte),
            }
        }
        Err(Fault::End)
    }

    /// Whether only white space is left.
    pub fn at_end(&mut self) -> bool {
        self.peek().is_err()
    }

    fn eat(&mut self, byte: u8, reason: &'static str) -> Result<(), Fault> {
        if self.peek()? != byte {
            return Err(Fault::Malformed(reason));
        }
        self.at += 1;
        Ok(())
    }

    /// Enters an object or a list.
    pub fn enter(&mut self) -> Result<(), Fault> {
        self.at += 1;
        self.depth += 1;
        if self.depth > JSON_DEPTH { Err(Fault::TooDeep) } else { Ok(()) }
    }

    /// At an object's start or after one of its values: moves to the next key, or passes the object's end and is false.
    pub fn find_key(&mut self, first: bool) -> Result<bool, Fault> {
        match self.peek()? {
            b'}' => {
                self.at += 1;
                self.depth -= 1;
                return Ok(false);
            }
            b',' if !first => self.at += 1,
            _ if !first => return Err(Fault::Malformed("a comma or `}` is missing")),
            _ => {}
        }
        match self.peek()? {
            b'"' => Ok(true),
            _ => Err(Fault::Malformed("a key is missing")),
        }
    }

    /// Whether the text goes on with `written`; if so, that is passed.
    pub fn take(&mut self, written: &str) -> bool {
        let goes_on = self.text.as_bytes()[self.at..].starts_with(written.as_bytes());
        self.at += if goes_on { written.len() } else { 0 };
        goes_on
    }

    /// What was passed since a position, as it is written.
    pub fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    /// Passes a key of which it is known how it is written, colon included, with the comma before it unless it is the
    /// `first`. Only what is written without white space is passed.
    #[inline]
    pub fn take_key(&mut self, first: bool, key: &Key) -> bool {
        let comma = usize::from(!first);
        let Some(window) = self.window::<KEY_BYTES>(self.at + comma) else { return false };
        // A key ends before the line does: it has no line break.
        let is_next = key.is_at(window) && (first || self.room[self.at] == b',');
        self.at += if is_next { comma + key.length } else { 0 };
        is_next
    }

    /// Passes the colon behind a key.
    pub fn colon(&mut self) -> Result<(), Fault> {
        self.eat(b':', "a colon is missing")
    }

    /// At a list's start or after one of its elements: whether another follows; the end is passed.
    pub fn next_element(&mut self, first: bool) -> Result<bool, Fault> {
        match self.peek()? {
            b']' if first => {}
            b']' => {}
            b',' if !first => {
                self.at += 1;
                self.peek()?;
                return Ok(true);
            }
            _ if first => return Ok(true),
            _ => return Err(Fault::Malformed("a comma or `]` is missing")),
        }
        self.at += 1;
        self.depth -= 1;
        Ok(false)
    }

    /// Passes a `null`.
    #[inline]
    pub fn take_null(&mut self) -> bool {
        let is_null = self.text.as_bytes()[self.at..].first_chunk() == Some(b"null");
        self.at += if is_null { 4 } else { 0 };
        is_null
    }

    /// `true`, `false` or `null`.
    pub fn word(&mut self) -> Result<Option<bool>, Fault> {
        let (word, value) = match self.byte() {
            Some(b't') => ("true", Some(true)),
            Some(b'f') => ("false", Some(false)),
            Some(b'n') => ("null", None),
            Some(_) => return Err(Fault::Malformed("a value is missing")),
            None => return Err(Fault::End),
        };
        if self.take(word) {
            return Ok(value);
        }
        let cut = word.as_bytes().starts_with(&self.text.as_bytes()[self.at..]);
        Err(if cut { Fault::End } else { Fault::Malformed("a value is missing") })
    }

    /// A number.
    #[inline]
    pub fn number(&mut self) -> Result<Number<'a>, Fault> {
        let start = self.at;
        let negative = self.byte() == Some(b'-');
        if negative {
            self.at += 1;
        }
        let mut digits = 0;
        match self.byte() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(&mut digits),
            Some(_) => return Err(Fault::Malformed("not a number")),
            None => return Err(Fault::End),
        }
        let mut behind = 0;
        if self.byte() == Some(b'.') {
            self.at += 1;
            let point = self.at;
            self.some_digits(&mut digits)?;
            behind = self.at - point;
        }
        // So many digits do not overflow; signs and points count as digits here.
        let mut is_short = self.at - start <= 18;
        if matches!(self.byte(), Some(b'e' | b'E')) {
            is_short = false;
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits(&mut digits)?;
        }
        let short = is_short.then(|| (if negative { -digits } else { digits }, behind as u8));
        Ok(Number { written: &self.text[start..self.at], short })
    }

    /// A number of few digits without an exponent: nothing is passed if it is another, or none at all.
    #[inline]
    pub fn short_number(&mut self) -> Option<Short<'a>> {
        let negative = self.byte() == Some(b'-');
        let start = self.at + usize::from(negative);
        let window: &[u8; WINDOW] = self.window(start)?;
        let (before, mut digits) = digits_of_eight(*window.first_chunk()?);
        // Eight may be more, and nothing but digits stands behind a zero in front of others.
        if before == 0 || before == 8 || (window[0] == b'0' && before > 1) {
            return None;
        }
        let (mut end, mut behind) = (start + before, 0);
        if window[before] == b'.' {
            let (count, fraction) = digits_of_eight(*self.window(end + 1)?);
            if count == 0 || count == 8 {
                return None;
            }
            digits = digits * TENS[count] as u64 + fraction;
            behind = count;
            end += 1 + count;
        }
        if end > self.text.len() || matches!(self.room.get(end), Some(b'e' | b'E')) {
            return None;
        }
        self.at = end;
        let digits = if negative { -(digits as i64) } else { digits as i64 };
        let written = &self.text[start..start + before];
        Some(Short { digits, behind: behind as u8, written, print: Print::short(window, before) })
    }

    /// Passes digits, which are added behind those before them.
    #[inline]
    fn digits(&mut self, all: &mut i64) {
        while let Some(window) = self.window(self.at) {
            let (count, digits) = digits_of_eight(*window);
            *all = all.wrapping_mul(TENS[count]).wrapping_add(digits as i64);
            self.at += count;
            if count < window.len() {
                return;
            }
        }
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            *all = all.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.at += 1;
        }
    }

    fn some_digits(&mut self, all: &mut i64) -> Result<(), Fault> {
        match self.byte() {
            Some(b'0'..=b'9') => {
                self.digits(all);
                Ok(())
            }
            Some(_) => Err(Fault::Malformed("digits are missing")),
            None => Err(Fault::End),
        }
    }

    /// A text of few bytes without escapes, and its print, at its opening quote; nothing is passed if it is another.
    #[inline]
    pub fn short_string(&mut self) -> Option<(&'a str, Print)> {
        let start = self.at + 1;
        let window = self.window::<WINDOW>(start)?;
        let length = lanes::run(window);
        if length == WINDOW || window[length] != b'"' {
            return None;
        }
        self.at = start + length + 1;
        Some((&self.text[start..start + length], Print::short(window, length)))
    }

    /// An instant as it is mostly written, at its opening quote; nothing is passed if it is something else.
    #[inline]
    pub fn instant(&mut self) -> Option<i64> {
        let start = self.at + 1;
        let (micros, length) = parse::usual_start(self.window(start)?)?;
        let end = start + length;
        if self.room.get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        Some(micros)
    }

    /// A text without escapes, at its opening quote; nothing is passed if it is another.
    #[inline]
    fn plain_string(&mut self) -> Option<&'a str> {
        let start = self.at + 1;
        let end = self.run_end(start)?;
        if self.room[end] != b'"' {
            return None;
        }
        self.at = end + 1;
        Some(&self.text[start..end])
    }

    /// A text, at its opening quote.
    pub fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        if let Some(text) = self.plain_string() {
            return Ok(Cow::Borrowed(text));
        }
        let start = self.at + 1;
        self.plain_run(start)?;
        let mut owned = self.text[start..self.at].to_owned();
        loop {
            // At a quote or a backslash: `plain_run` stops at nothing else.
            if self.byte() == Some(b'"') {
                self.at += 1;
                return Ok(Cow::Owned(owned));
            }
            owned.push(self.escape()?);
            let from = self.at;
            self.plain_run(from)?;
            owned.push_str(&self.text[from..self.at]);
        }
    }

    /// Moves to the next quote or backslash.
    fn plain_run(&mut self, from: usize) -> Result<(), Fault> {
        self.at = self.run_end(from).ok_or(Fault::End)?;
        if self.room[self.at] < 0x20 { Err(Fault::Malformed("a control character in a text")) } else { Ok(()) }
    }

    /// Where a run of text that stands for itself ends: at a quote, a backslash or a control character of the text.
    #[inline]
    fn run_end(&self, from: usize) -> Option<usize> {
        let mut at = from;
        while let Some(window) = self.window(at) {
            let run = lanes::run(window);
            at += run;
            if run < WINDOW {
                // The line's own end is a control character too.
                return (at < self.text.len()).then_some(at);
            }
        }
        let rest = self.text.as_bytes().get(at..)?;
        rest.iter().position(|&b| lanes::is_stop(b)).map(|n| at + n)
    }

    fn escape(&mut self) -> Result<char, Fault> {
        self.at += 1;
        let byte = self.byte().ok_or(Fault::End)?;
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(Fault::Malformed("an unknown escape in a text")),
        })
    }

    fn unicode(&mut self) -> Result<char, Fault> {
        const LONE: Fault = Fault::Malformed("half a surrogate pair in a text");
        let high = self.hex()?;
        if !(0xd800..0xe000).contains(&high) {
            return char::from_u32(high).ok_or(LONE);
        }
        if high >= 0xdc00 || !self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            return Err(LONE);
        }
        self.at += 2;
        let low = self.hex()?;
        if !(0xdc00..0xe000).contains(&low) {
            return Err(LONE);
        }
        char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)).ok_or(LONE)
    }

    fn hex(&mut self) -> Result<u32, Fault> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = char::from(self.byte().ok_or(Fault::End)?);
            value = value * 16 + digit.to_digit(16).ok_or(Fault::Malformed("an unknown escape in a text"))?;
            self.at += 1;
        }
        Ok(value)
    }

    /// Passes over a value, checking it.
    pub fn skip(&mut self) -> Result<(), Fault> {
        match self.peek()? {
            b'{' => {
                self.enter()?;
                let mut first = true;
                while self.find_key(first)? {
                    self.skip_string()?;
                    self.colon()?;
                    self.skip()?;
                    first = false;
                }
            }
            b'[' => {
                self.enter()?;
                let mut first = true;
                while self.next_element(first)? {
                    self.skip()?;
                    first = false;
                }
            }
            b'"' => self.skip_string()?,
            b'-' | b'0'..=b'9' => {
                self.number()?;
            }
            _ => {
                self.word()?;
            }
        }
        Ok(())
    }

    fn skip_string(&mut self) -> Result<(), Fault> {
        let mut from = self.at + 1;
        loop {
            self.plain_run(from)?;
            if self.byte() == Some(b'"') {
                self.at += 1;
                return Ok(());
            }
            self.escape()?;
            from = self.at;
        }
    }
}
