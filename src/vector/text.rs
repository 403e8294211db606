//! What the language does with texts, one text at a time. Positions count code points. Invariant: nothing here depends
//! on a locale; case maps one code point to one.

use std::borrow::Cow;

/// What `ignoring case` makes of both sides, and what `lower` gives: each code point in its simple lower case.
pub fn fold(text: &str) -> Cow<'_, str> {
    map_chars(text, lower_char)
}

/// Each code point in its simple upper case.
pub fn upper(text: &str) -> Cow<'_, str> {
    map_chars(text, upper_char)
}

/// A code point in its simple lower case.
pub fn lower_char(c: char) -> char {
    // The only one whose full lower case is two code points, and its simple lower case another.
    if c == '\u{130}' { 'i' } else { single(c.to_lowercase(), c) }
}

/// A code point in its simple upper case.
pub fn upper_char(c: char) -> char {
    // Greek with iota subscript has a full upper case of two code points and a simple one, its title case; what else has
    // a full one of several has no simple one.
    let simple = match u32::from(c) {
        code @ (0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7) => char::from_u32(code + 8),
        code @ (0x1fb3 | 0x1fc3 | 0x1ff3) => char::from_u32(code + 9),
        _ => None,
    };
    simple.unwrap_or_else(|| single(c.to_uppercase(), c))
}

fn single(mut mapped: impl Iterator<Item = char>, otherwise: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => otherwise,
    }
}

fn map_chars(text: &str, map: impl Fn(char) -> char) -> Cow<'_, str> {
    if text.chars().all(|c| map(c) == c) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(map).collect())
}

/// Without U+0020 at both ends.
pub fn trim(text: &str) -> &str {
    text.trim_matches(' ')
}

/// `length` code points from the `start`th, counted from 1. A start below 1 counts as 1, a length below 0 as 0.
pub fn substring(text: &str, start: i64, length: i64) -> &str {
    let skip = usize::try_from(start.saturating_sub(1)).unwrap_or(0);
    let take = usize::try_from(length).unwrap_or(0);
    let rest = skip_chars(text, skip);
    &rest[..rest.len() - skip_chars(rest, take).len()]
}

fn skip_chars(text: &str, count: usize) -> &str {
    match text.char_indices().nth(count) {
        Some((at, _)) => &text[at..],
        None => "",
    }
}

/// Every occurrence from the left replaced; an empty `from` changes nothing.
pub fn replace(text: &str, from: &str, to: &str) -> String {
    if from.is_empty() { text.to_string() } else { text.replace(from, to) }
}

/// What follows the last `@`, in ASCII lower case; `None` without `@` or with nothing behind it.
pub fn email_domain(text: &str) -> Option<String> {
    let (_, domain) = text.rsplit_once('@')?;
    (!domain.is_empty()).then(|| domain.to_ascii_lowercase())
}

/// The part of a URL behind `//`.
fn after_slashes(text: &str) -> Option<&str> {
    text.split_once("//").map(|(_, rest)| rest)
}

fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or("")
}

/// Between `//` and the next `/`, `?`, `#` or `:`, without user info, in ASCII lower case; `None` without `//`.
pub fn url_host(text: &str) -> Option<String> {
    let authority = authority(after_slashes(text)?);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(host.split(':').next().unwrap_or("").to_ascii_lowercase())
}

/// From the first `/` behind the host up to `?` or `#`, `/` when empty; `None` without `//` unless the text begins with
/// `/`.
pub fn url_path(text: &str) -> Option<&str> {
    let path = match after_slashes(text) {
        Some(rest) => &rest[authority(rest).len()..],
        None if text.starts_with('/') => text,
        None => return None,
    };
    let path = path.split(['?', '#']).next().unwrap_or("");
    Some(if path.is_empty() { "/" } else { path })
}

/// A compiled `like` pattern: `%` any text, `_` any code point, `\` before a character takes it as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Like {
    tokens: Vec<LikeToken>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LikeToken {
    Char(char),
    One,
    Many,
}

impl Like {
    /// The pattern; a `\` at the end stands for itself.
    pub fn new(pattern: &str) -> Like {
        let mut tokens = Vec::new();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '%' => LikeToken::Many,
                '_' => LikeToken::One,
                '\\' => LikeToken::Char(chars.next().unwrap_or('\\')),
                other => LikeToken::Char(other),
            });
        }
        tokens.dedup_by(|a, b| *a == LikeToken::Many && *b == LikeToken::Many);
        Like { tokens }
    }

    /// Whether the whole text matches. After a mismatch only the last `%` is extended, so time is at most the product of
    /// the lengths.
    pub fn matches(&self, text: &str) -> bool {
        let (mut rest, mut at) = (text.chars(), 0);
        let mut resume: Option<(std::str::Chars<'_>, usize)> = None;
        loop {
            match self.tokens.get(at) {
                Some(LikeToken::Many) => {
                    at += 1;
                    resume = Some((rest.clone(), at));
                    continue;
                }
                token => {
                    let next = rest.next();
                    match (token, next) {
                        (None, None) => return true,
                        (Some(LikeToken::One), Some(_)) => {
                            at += 1;
                            continue;
                        }
                        (Some(LikeToken::Char(expected)), Some(c)) if *expected == c => {
                            at += 1;
                            continue;
                        }
                        (Some(_), None) => return false,
                        _ => {}
                    }
                }
            }
            let Some((from, token)) = &mut resume else { return false };
            if from.next().is_none() {
                return false;
            }
            (rest, at) = (from.clone(), *token);
        }
    }
}
