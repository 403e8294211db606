//! Identifiers and literals as text: the only place where text of users becomes text of SQL. Imports nothing of the
//! tree. Invariant: what is read back by the database is the given text, whatever it holds; U+0000 alone is refused
//! earlier, because not every database can hold it.

/// `"name"` with quotes doubled.
pub fn double_quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `'text'` with quotes doubled and nothing else changed: standard SQL.
pub fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
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
