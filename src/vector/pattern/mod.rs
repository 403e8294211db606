//! The regular expressions of `matches` and `capture`: a subset of RE2 that every engine can be made to agree on. Parsed
//! here into a tree, from which each dialect prints its own spelling, and compiled for the VM. Unanchored; `\d \w \s` are
//! ASCII; `.` is any code point but a line feed; `^` and `$` are the ends of the text. Refused: look-around, back
//! references, `\b`, flags, Unicode classes, repeats above the limit. Invariant: what parses also compiles within the
//! size limit, or [`Pattern::compile`] says so.

use std::sync::OnceLock;

use crate::limits;
use crate::vector::text::lower_char;

mod print;

/// A parsed regular expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// Its tree.
    pub root: Node,
    /// How many capturing groups it has.
    pub groups: u32,
}

/// A part of a regular expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Matches the empty text.
    Empty,
    /// One code point.
    Char(char),
    /// `.`: any code point but a line feed.
    Any,
    /// `[a-z]`, `\d`
    Class(Class),
    /// `^`, `\A`
    Start,
    /// `$`, `\z`
    End,
    /// `(…)`, or `(?:…)` without an index.
    Group(Option<u32>, Box<Node>),
    /// One behind the other.
    Concat(Vec<Node>),
    /// The first that matches.
    Alternate(Vec<Node>),
    /// A repetition.
    Repeat {
        /// What is repeated.
        node: Box<Node>,
        /// At least so often.
        min: u32,
        /// At most so often.
        max: Option<u32>,
        /// As few as possible.
        lazy: bool,
    },
}

/// A set of code points.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Class {
    /// The set is all others.
    pub negated: bool,
    /// Ranges, both ends included.
    pub ranges: Vec<(char, char)>,
}

/// Why a text is not a pattern of the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    /// Byte in the pattern.
    pub at: usize,
    /// What is wrong, as a phrase.
    pub problem: &'static str,
}

type Result<T> = std::result::Result<T, PatternError>;

/// How deep groups may nest.
const DEPTH: usize = 64;
const DIGIT: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const SPACE: &[(char, char)] = &[('\t', '\n'), ('\x0C', '\r'), (' ', ' ')];

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Pattern> {
        if text.len() > limits::REGEX_BYTES {
            return Err(PatternError { at: limits::REGEX_BYTES, problem: "the pattern is too long" });
        }
        let mut parser = Parser { text, at: 0, groups: 0 };
        let root = parser.alternation(0)?;
        match parser.peek() {
            None => Ok(Pattern { root, groups: parser.groups }),
            Some(_) => Err(parser.error("this `)` closes no group")),
        }
    }

    /// The pattern that matches folded texts where this one, both sides folded, should.
    pub fn fold(&self) -> Pattern {
        Pattern { root: fold(&self.root), groups: self.groups }
    }

    /// The pattern in which only one group captures what it matches, and none for 0.
    pub fn capturing(&self, group: u32) -> Pattern {
        Pattern { root: capturing(&self.root, group), groups: u32::from(group > 0) }
    }

    /// Whether the longest match is the first that is found: there is one way to go on, or the longest comes first.
    pub fn is_longest(&self) -> bool {
        is_longest(&self.root)
    }

    /// The pattern with every class spelled out, in the syntax that RE2 and this tool's own engine share.
    pub fn print(&self) -> String {
        print::print(&self.root)
    }

    /// The pattern ready to match.
    pub fn compile(&self) -> Result<Matcher> {
        let built = regex::RegexBuilder::new(&self.print()).size_limit(limits::REGEX_COMPILED_BYTES).build();
        built.map(|regex| Matcher { regex }).map_err(|_| PatternError { at: 0, problem: "the pattern is too large" })
    }
}

fn capturing(node: &Node, group: u32) -> Node {
    let all = |nodes: &[Node]| nodes.iter().map(|node| capturing(node, group)).collect();
    match node {
        Node::Empty | Node::Char(_) | Node::Any | Node::Class(_) | Node::Start | Node::End => node.clone(),
        Node::Group(index, inner) => {
            Node::Group(index.filter(|index| *index == group).map(|_| 1), Box::new(capturing(inner, group)))
        }
        Node::Concat(items) => Node::Concat(all(items)),
        Node::Alternate(items) => Node::Alternate(all(items)),
        Node::Repeat { node, min, max, lazy } => {
            Node::Repeat { node: Box::new(capturing(node, group)), min: *min, max: *max, lazy: *lazy }
        }
    }
}

fn is_longest(node: &Node) -> bool {
    match node {
        Node::Empty | Node::Char(_) | Node::Any | Node::Class(_) | Node::Start | Node::End => true,
        Node::Group(_, inner) => is_longest(inner),
        Node::Concat(items) => items.iter().all(is_longest),
        Node::Alternate(_) => false,
        Node::Repeat { node, max, lazy, .. } => {
            let single = matches!(**node, Node::Char(_) | Node::Any | Node::Class(_));
            !lazy && single && (max.is_none() || *max == Some(1))
        }
    }
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Matcher {
    regex: regex::Regex,
}

impl Matcher {
    /// Whether the pattern matches somewhere in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// What a group (0 is the whole) holds in the first match.
    pub fn capture<'t>(&self, text: &'t str, group: usize) -> Option<&'t str> {
        self.regex.captures(text)?.get(group).map(|found| found.as_str())
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    groups: u32,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.text[self.at..].starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    fn error(&self, problem: &'static str) -> PatternError {
        PatternError { at: self.at, problem }
    }

    fn alternation(&mut self, depth: usize) -> Result<Node> {
        let mut branches = vec![self.concatenation(depth)?];
        while self.eat("|") {
            branches.push(self.concatenation(depth)?);
        }
        Ok(if branches.len() == 1 { branches.remove(0) } else { Node::Alternate(branches) })
    }

    fn concatenation(&mut self, depth: usize) -> Result<Node> {
        let mut items = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            let at = self.at;
            let atom = self.atom(depth)?;
            items.push(self.repetition(atom, at)?);
        }
        Ok(match items.len() {
            0 => Node::Empty,
            1 => items.remove(0),
            _ => Node::Concat(items),
        })
    }

    fn repetition(&mut self, atom: Node, at: usize) -> Result<Node> {
        let start = self.at;
        let (min, max) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => self.bounds()?,
            _ => return Ok(atom),
        };
        if self.at == start {
            self.next();
        }
        if matches!(atom, Node::Start | Node::End | Node::Empty) {
            return Err(PatternError { at, problem: "there is nothing to repeat" });
        }
        let lazy = self.eat("?");
        if matches!(self.peek(), Some('*' | '+' | '?' | '{')) {
            return Err(self.error("a repetition cannot be repeated without a group"));
        }
        Ok(Node::Repeat { node: Box::new(atom), min, max, lazy })
    }

    fn bounds(&mut self) -> Result<(u32, Option<u32>)> {
        self.next();
        let min = self.count()?;
        let max = match self.eat(",") {
            false => Some(min),
            true if self.peek() == Some('}') => None,
            true => Some(self.count()?),
        };
        if !self.eat("}") {
            return Err(self.error("a repetition is written `{2}`, `{2,}` or `{2,5}`"));
        }
        if max.is_some_and(|max| max < min) {
            return Err(self.error("the upper bound of the repetition is below the lower"));
        }
        Ok((min, max))
    }

    fn count(&mut self) -> Result<u32> {
        let digits = self.text[self.at..].bytes().take_while(u8::is_ascii_digit).count();
        let text = &self.text[self.at..self.at + digits];
        if text.is_empty() {
            return Err(self.error("a repetition is written `{2}`, `{2,}` or `{2,5}`"));
        }
        match text.parse::<u32>() {
            Ok(count) if count as usize <= limits::REGEX_REPEAT => {
                self.at += digits;
                Ok(count)
            }
            _ => Err(self.error("more repetitions than every engine allows (255)")),
        }
    }

    fn atom(&mut self, depth: usize) -> Result<Node> {
        let at = self.at;
        let refuse = |problem| Err(PatternError { at, problem });
        match self.next() {
            Some('.') => Ok(Node::Any),
            Some('^') => Ok(Node::Start),
            Some('$') => Ok(Node::End),
            Some('(') => self.group(at, depth),
            Some('[') => self.class(at).map(Node::Class),
            Some('\\') => self.escape(at),
            Some('*' | '+' | '?' | '{') => refuse("there is nothing to repeat"),
            Some('\0') => refuse("a text never holds U+0000"),
            Some(c) => Ok(Node::Char(c)),
            None => Ok(Node::Empty),
        }
    }

    fn group(&mut self, at: usize, depth: usize) -> Result<Node> {
        let refuse = |problem| Err(PatternError { at, problem });
        if depth >= DEPTH {
            return refuse("groups are nested too deep");
        }
        let index = if self.eat("?:") {
            None
        } else if self.text[self.at..].starts_with("?=") || self.text[self.at..].starts_with("?!") {
            return refuse("look-ahead is not supported");
        } else if self.text[self.at..].starts_with("?<=") || self.text[self.at..].starts_with("?<!") {
            return refuse("look-behind is not supported");
        } else if self.peek() == Some('?') {
            return refuse("flags and named groups are not supported");
        } else {
            self.groups += 1;
            Some(self.groups)
        };
        let inner = self.alternation(depth + 1)?;
        if !self.eat(")") {
            return refuse("this group is not closed");
        }
        Ok(Node::Group(index, Box::new(inner)))
    }

    fn escape(&mut self, at: usize) -> Result<Node> {
        if let Some(class) = self.class_escape() {
            return Ok(Node::Class(class));
        }
        let refuse = |problem| Err(PatternError { at, problem });
        match self.peek() {
            Some('A') => {
                self.next();
                Ok(Node::Start)
            }
            Some('z') => {
                self.next();
                Ok(Node::End)
            }
            Some('b' | 'B') => refuse("word boundaries mean something else in every engine and are not supported"),
            Some('1'..='9') => refuse("back references are not supported"),
            Some('p' | 'P') => refuse("Unicode classes are not supported"),
            _ => self.char_escape(at).map(Node::Char),
        }
    }

    fn class_escape(&mut self) -> Option<Class> {
        let (negated, ranges) = match self.peek()? {
            'd' => (false, DIGIT),
            'D' => (true, DIGIT),
            'w' => (false, WORD),
            'W' => (true, WORD),
            's' => (false, SPACE),
            'S' => (true, SPACE),
            _ => return None,
        };
        self.next();
        Some(Class { negated, ranges: ranges.to_vec() })
    }

    /// The character behind a backslash.
    fn char_escape(&mut self, at: usize) -> Result<char> {
        let refuse = |problem| Err(PatternError { at, problem });
        match self.next() {
            Some('n') => Ok('\n'),
            Some('t') => Ok('\t'),
            Some('r') => Ok('\r'),
            Some('f') => Ok('\x0C'),
            Some('v') => Ok('\x0B'),
            Some('x') => self.hexadecimal(at),
            Some(c) if c.is_ascii_punctuation() || c == ' ' => Ok(c),
            Some(_) => refuse("this escape is not supported"),
            None => refuse("a backslash at the end escapes nothing"),
        }
    }

    fn hexadecimal(&mut self, at: usize) -> Result<char> {
        let braced = self.eat("{");
        let limit = if braced { 6 } else { 2 };
        let count = self.text[self.at..].bytes().take_while(u8::is_ascii_hexdigit).take(limit).count();
        let digits = &self.text[self.at..self.at + count];
        let value = u32::from_str_radix(digits, 16).ok().filter(|&v| v != 0).and_then(char::from_u32);
        self.at += count;
        let complete = if braced { self.eat("}") } else { count == 2 };
        match value {
            Some(c) if complete => Ok(c),
            _ => Err(PatternError { at, problem: "a code point is written `\\x41` or `\\x{1F600}`" }),
        }
    }

    fn class(&mut self, at: usize) -> Result<Class> {
        let negated = self.eat("^");
        let mut ranges = Vec::new();
        let mut first = true;
        loop {
            let here = self.at;
            match self.peek() {
                None => return Err(PatternError { at, problem: "this `[` is not closed" }),
                Some(']') if !first => {
                    self.next();
                    return Ok(Class { negated, ranges });
                }
                Some('[') if self.text[self.at..].starts_with("[:") => {
                    return Err(self.error("POSIX classes are not supported"));
                }
                _ => {}
            }
            first = false;
            match self.class_item()? {
                Item::Class(class) => ranges.extend(positive(&class)),
                Item::Char(low) => {
                    let is_range = self.peek() == Some('-') && !self.text[self.at..].starts_with("-]");
                    if !is_range {
                        ranges.push((low, low));
                        continue;
                    }
                    self.next();
                    match self.class_item()? {
                        Item::Char(high) if low <= high => ranges.push((low, high)),
                        _ => return Err(PatternError { at: here, problem: "this range has no characters" }),
                    }
                }
            }
        }
    }

    fn class_item(&mut self) -> Result<Item> {
        let at = self.at;
        match self.next() {
            Some('\\') => match self.class_escape() {
                Some(class) => Ok(Item::Class(class)),
                None => self.char_escape(at).map(Item::Char),
            },
            Some(c) if c != '\0' => Ok(Item::Char(c)),
            _ => Err(PatternError { at, problem: "this `[` is not closed" }),
        }
    }
}

enum Item {
    Char(char),
    Class(Class),
}

/// The ranges of a class, those of its complement if it is negated.
pub fn positive(class: &Class) -> Vec<(char, char)> {
    if !class.negated {
        return class.ranges.clone();
    }
    let mut sorted = class.ranges.clone();
    sorted.sort_unstable();
    let mut gaps = Vec::new();
    let mut next = 0u32;
    for (low, high) in sorted {
        push_scalars(&mut gaps, next, u32::from(low));
        next = next.max(u32::from(high) + 1);
    }
    push_scalars(&mut gaps, next, 0x11_0000);
    gaps
}

/// The code points from `from` up to but not `to`, without the surrogates.
fn push_scalars(ranges: &mut Vec<(char, char)>, from: u32, to: u32) {
    for (low, high) in [(from, to.min(0xD800)), (from.max(0xE000), to)] {
        if low < high {
            ranges.extend(char::from_u32(low).zip(char::from_u32(high - 1)));
        }
    }
}

fn fold(node: &Node) -> Node {
    match node {
        Node::Char(c) => Node::Char(lower_char(*c)),
        Node::Class(class) => {
            let mut ranges = class.ranges.clone();
            for &(from, to) in cased() {
                if class.ranges.iter().any(|&(low, high)| (low..=high).contains(&from)) {
                    ranges.push((to, to));
                }
            }
            Node::Class(Class { negated: class.negated, ranges })
        }
        Node::Group(index, inner) => Node::Group(*index, Box::new(fold(inner))),
        Node::Concat(items) => Node::Concat(items.iter().map(fold).collect()),
        Node::Alternate(items) => Node::Alternate(items.iter().map(fold).collect()),
        Node::Repeat { node, min, max, lazy } => {
            Node::Repeat { node: Box::new(fold(node)), min: *min, max: *max, lazy: *lazy }
        }
        Node::Empty | Node::Any | Node::Start | Node::End => node.clone(),
    }
}

/// Every code point that folding changes, with what it becomes. They do not occur in folded texts, so that a class may
/// keep them.
fn cased() -> &'static [(char, char)] {
    static CASED: OnceLock<Vec<(char, char)>> = OnceLock::new();
    CASED.get_or_init(|| ('\0'..=char::MAX).map(|c| (c, lower_char(c))).filter(|(c, lower)| c != lower).collect())
}
