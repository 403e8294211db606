//! JSON text, token by token: exact, strict (RFC 8259), without recursion of its own. Names nothing. Invariant: the
//! position never leaves the text; whatever is skipped has been checked as strictly as what is read.

use std::borrow::Cow;

use crate::limits::JSON_DEPTH;

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

/// A place in a JSON text.
#[derive(Debug, Clone)]
pub struct Scanner<'a> {
    text: &'a str,
    /// The next byte.
    pub at: usize,
    /// How many objects and lists are open.
    pub depth: usize,
}

/// Whether a byte ends a run of text that stands for itself.
fn is_stop(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

/// The same for eight bytes at once: the lowest bit that is set lies in the first byte that ends the run. (Bits above it
/// may be borrowed: "Determine if a word has a byte less than n", in Anderson's Bit Twiddling Hacks.)
fn stops(bytes: [u8; 8]) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let word = u64::from_le_bytes(bytes);
    let below = |word: u64, bound: u8| word.wrapping_sub(ONES * u64::from(bound)) & !word;
    let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, 0x20) | is(b'"') | is(b'\\')) & (ONES << 7)
}

impl<'a> Scanner<'a> {
    /// At the start of a text.
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text, at: 0, depth: 0 }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is not white space.
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

    /// A number as it is written.
    pub fn number(&mut self) -> Result<&'a str, Fault> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        match self.byte() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            Some(_) => return Err(Fault::Malformed("not a number")),
            None => return Err(Fault::End),
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn digits(&mut self) {
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Result<(), Fault> {
        match self.byte() {
            Some(b'0'..=b'9') => {
                self.digits();
                Ok(())
            }
            Some(_) => Err(Fault::Malformed("digits are missing")),
            None => Err(Fault::End),
        }
    }

    /// A text, at its opening quote.
    pub fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        let start = self.at + 1;
        self.plain_run(start)?;
        if self.byte() == Some(b'"') {
            let text = &self.text[start..self.at];
            self.at += 1;
            return Ok(Cow::Borrowed(text));
        }
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
        let rest = &self.text.as_bytes()[from..];
        let (words, tail) = rest.as_chunks::<8>();
        let whole = words.iter().take_while(|word| stops(**word) == 0).count();
        let length = match words.get(whole) {
            Some(word) => Some(8 * whole + stops(*word).trailing_zeros() as usize / 8),
            None => tail.iter().position(|&b| is_stop(b)).map(|n| 8 * whole + n),
        };
        let length = length.ok_or(Fault::End)?;
        self.at = from + length;
        if rest[length] < 0x20 { Err(Fault::Malformed("a control character in a text")) } else { Ok(()) }
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
