//! Identifiers and literals as text: the only place where text of users becomes text of SQL. Imports nothing of the
//! tree. Invariant: what is read back by the database is the given text, whatever it holds; U+0000 alone is refused
//! earlier, because not every database can hold it.

use super::dialect::Wild;

/// `"name"` with quotes doubled.
pub fn double_quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The parts of a table's name as people write it: between dots, and in quotes where a part has a dot itself, or begins with a
/// quote: `crm."customers.2026"`. Within quotes a quote is doubled. None of what is no such name.
pub fn name_parts(name: &str) -> Option<Vec<String>> {
    let (mut parts, mut rest) = (Vec::new(), name);
    loop {
        let (part, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_part(quoted)?,
            None => {
                let (part, behind) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
                (part.to_owned(), behind)
            }
        };
        if part.is_empty() {
            return None;
        }
        parts.push(part);
        match behind.strip_prefix('.') {
            Some(next) => rest = next,
            None if behind.is_empty() => return Some(parts),
            None => return None,
        }
    }
}

/// A part up to its closing quote, and what is behind that.
fn quoted_part(text: &str) -> Option<(String, &str)> {
    let (mut part, mut rest) = (String::new(), text);
    loop {
        let (before, behind) = rest.split_once('"')?;
        part.push_str(before);
        match behind.strip_prefix('"') {
            Some(more) => {
                part.push('"');
                rest = more;
            }
            None => return Some((part, behind)),
        }
    }
}

/// `'text'` with quotes doubled and nothing else changed: standard SQL.
pub fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Between marks, with backslashes and marks escaped by a backslash, and disguised characters by their bytes.
pub fn backslashed(text: &str, mark: char) -> String {
    let mut out = String::from(mark);
    for piece in pieces(text) {
        match piece {
            Piece::Plain(text) => {
                out.push_str(&text.replace('\\', "\\\\").replace(mark, &format!("\\{mark}")));
            }
            Piece::Character('\n') => out.push_str("\\n"),
            Piece::Character('\r') => out.push_str("\\r"),
            Piece::Character('\t') => out.push_str("\\t"),
            Piece::Character(c) => {
                let mut bytes = [0; 4];
                c.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
            }
        }
    }
    out.push(mark);
    out
}

/// Between marks, with backslashes and marks escaped by a backslash; disguised characters, and others that the database
/// would take for something else, by their number in four digits.
pub fn numbered(text: &str, mark: char, others: &[char]) -> String {
    let mut out = String::from(mark);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == '\\' || c == mark => out.extend(['\\', c]),
            // All of them have four digits.
            c if others.contains(&c) || is_disguised(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(mark);
    out
}

/// A `like` pattern in SQL, where `escape` stands before what is no wildcard.
pub fn like_pattern(pattern: &[Wild], escape: char) -> String {
    let mut like = String::new();
    for part in pattern {
        match part {
            Wild::Text(text) => text.chars().for_each(|c| {
                if matches!(c, '%' | '_') || c == escape {
                    like.push(escape);
                }
                like.push(c);
            }),
            Wild::One => like.push('_'),
            Wild::Any => like.push('%'),
        }
    }
    like
}

/// A `like` pattern as a regular expression for the whole text.
pub fn wild_regex(pattern: &[Wild]) -> String {
    let mut regex = String::from(r"\A(?s:");
    for part in pattern {
        match part {
            Wild::Text(text) => regex.push_str(&plain_regex(text)),
            Wild::One => regex.push('.'),
            Wild::Any => regex.push_str(".*"),
        }
    }
    regex + r")\z"
}

/// A pattern with its characters themselves in place of their numbers, which not every engine can read.
pub fn raw_regex(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let number = escape.strip_prefix("\\x{").and_then(|tail| tail.split_once('}'));
        let character = number.and_then(|(digits, _)| char::from_u32(u32::from_str_radix(digits, 16).ok()?));
        if let (Some(c), Some((_, tail))) = (character, number) {
            out.push(c);
            rest = tail;
            continue;
        }
        let length = 1 + escape.chars().nth(1).map_or(0, char::len_utf8);
        out.push_str(&escape[..length]);
        rest = &escape[length..];
    }
    out.push_str(rest);
    out
}

/// A text as a regular expression for just that.
pub fn plain_regex(text: &str) -> String {
    text.chars().map(escaped).collect()
}

/// A character of a regular expression that stands for itself.
fn escaped(c: char) -> String {
    if c.is_ascii_punctuation() { format!("\\{c}") } else { c.to_string() }
}

/// Whether a text is fit to stand raw in a literal: on one line of a review, in the order it is read.
pub fn is_plain(text: &str) -> bool {
    !text.chars().any(is_disguised)
}

/// Line breaks, other controls, and the characters that change the order in which text is shown.
pub fn is_disguised(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Runs of plain text and disguised characters, in order.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if is_disguised(c) {
            pieces.push(Piece::Character(c));
            rest = &rest[c.len_utf8()..];
        } else {
            let end = rest.find(is_disguised).unwrap_or(rest.len());
            pieces.push(Piece::Plain(&rest[..end]));
            rest = &rest[end..];
        }
    }
    pieces
}

/// A part of a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that may stand raw.
    Plain(&'a str),
    /// A character that is written as its number.
    Character(char),
}

/// A line of a comment: one line, no characters that disguise text.
pub fn comment_line(text: &str) -> String {
    text.chars().map(|c| if is_disguised(c) { '\u{fffd}' } else { c }).collect()
}

/// A name for something made here, out of a name of the user's: `commerce.productViews` gives `product_views`.
/// Lower-case ASCII letters, digits and underscores, at most 40, beginning with a letter.
pub fn generated_name(name: &str, fallback: &str) -> String {
    let last = name.rsplit(['.', '/', ':']).next().unwrap_or(name);
    let mut out = String::new();
    let mut after_lower = false;
    for c in last.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && after_lower {
                out.push('_');
            }
            after_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
            out.push(c.to_ascii_lowercase());
        } else {
            after_lower = false;
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
        }
    }
    out.truncate(40);
    let out = out.trim_matches('_');
    match out.chars().next() {
        Some(c) if c.is_ascii_alphabetic() && !RESERVED.contains(&out) => out.to_owned(),
        Some(c) if c.is_ascii_alphabetic() => format!("{out}_{fallback}"),
        _ => fallback.to_owned(),
    }
}

/// Words that some database reserves; a generated name is none of them.
const RESERVED: &[&str] = &[
    "add",
    "all",
    "alter",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "at",
    "attach",
    "authorization",
    "begin",
    "between",
    "both",
    "by",
    "call",
    "case",
    "cast",
    "check",
    "cluster",
    "collate",
    "column",
    "commit",
    "connect",
    "constraint",
    "create",
    "cross",
    "cube",
    "current",
    "cursor",
    "database",
    "date",
    "day",
    "declare",
    "default",
    "deferrable",
    "delete",
    "desc",
    "describe",
    "distinct",
    "do",
    "drop",
    "else",
    "end",
    "escape",
    "except",
    "exclude",
    "exists",
    "explain",
    "external",
    "extract",
    "false",
    "fetch",
    "filter",
    "final",
    "first",
    "following",
    "for",
    "foreign",
    "format",
    "from",
    "full",
    "function",
    "glob",
    "grant",
    "group",
    "grouping",
    "groups",
    "having",
    "hour",
    "ilike",
    "if",
    "ignore",
    "in",
    "index",
    "initially",
    "inner",
    "insert",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "key",
    "kill",
    "lambda",
    "last",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "lines",
    "lookup",
    "map",
    "match",
    "merge",
    "minute",
    "minus",
    "month",
    "natural",
    "new",
    "no",
    "not",
    "notnull",
    "null",
    "nulls",
    "of",
    "off",
    "offset",
    "old",
    "on",
    "only",
    "open",
    "option",
    "or",
    "order",
    "outer",
    "over",
    "overlaps",
    "partition",
    "pivot",
    "placing",
    "position",
    "preceding",
    "primary",
    "proto",
    "qualify",
    "range",
    "rank",
    "references",
    "return",
    "returning",
    "revoke",
    "right",
    "rollback",
    "rollup",
    "row",
    "rows",
    "sample",
    "second",
    "select",
    "semi",
    "session",
    "set",
    "settings",
    "show",
    "similar",
    "some",
    "start",
    "struct",
    "summarize",
    "symmetric",
    "system",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "top",
    "trailing",
    "treat",
    "trigger",
    "true",
    "unbounded",
    "union",
    "unique",
    "unnest",
    "unpivot",
    "update",
    "use",
    "user",
    "using",
    "value",
    "values",
    "variadic",
    "view",
    "when",
    "where",
    "window",
    "with",
    "within",
    "year",
];
