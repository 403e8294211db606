//! The inside of a string literal: escapes to characters. Imports nothing. Invariant: decoding never fails; what cannot
//! be decoded is reported to the caller and left as it was written.

use std::ops::Range;

/// Decodes `\" \\ \n \t \u{…}`. Calls `invalid` with the byte range, inside `raw`, of each escape that means nothing.
pub fn decode(raw: &str, mut invalid: impl FnMut(Range<usize>)) -> String {
    if !raw.contains('\\') {
        return raw.to_owned();
    }
    let mut decoded = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        decoded.push_str(&rest[..at]);
        let start = raw.len() - rest.len() + at;
        rest = &rest[at..];
        let (character, length) = escape(rest);
        match character {
            Some(character) => decoded.push(character),
            None => {
                invalid(start..start + length);
                decoded.push_str(&rest[..length]);
            }
        }
        rest = &rest[length..];
    }
    decoded.push_str(rest);
    decoded
}

/// The character of the escape that `text` begins with, and its length in bytes.
fn escape(text: &str) -> (Option<char>, usize) {
    let mut chars = text.chars();
    chars.next();
    match chars.next() {
        Some('"') => (Some('"'), 2),
        Some('\\') => (Some('\\'), 2),
        Some('n') => (Some('\n'), 2),
        Some('t') => (Some('\t'), 2),
        Some('u') => unicode_escape(text),
        Some(other) => (None, 1 + other.len_utf8()),
        None => (None, 1),
    }
}

/// `\u{1F600}`: one to six hexadecimal digits of a character.
fn unicode_escape(text: &str) -> (Option<char>, usize) {
    let Some(body) = text.strip_prefix("\\u{") else {
        return (None, 2);
    };
    let digits = body.bytes().take_while(u8::is_ascii_hexdigit).count();
    if !(1..=6).contains(&digits) || body.as_bytes().get(digits) != Some(&b'}') {
        return (None, 3 + digits);
    }
    (u32::from_str_radix(&body[..digits], 16).ok().and_then(char::from_u32), digits + 4)
}

/// Writes `text` as a string literal, quotes included, in the form that [`decode`] reads back.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c == '\r' || is_hidden(c) => quoted.push_str(&format!("\\u{{{:X}}}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a character may not stand in source text: control characters other than tab and line breaks, and what no one
/// sees but the joiners that scripts and emoji are written with: blanks without width, marks of direction, fillers, tags.
/// Strings write them as `\u{…}`.
pub fn is_hidden(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
        || matches!(
            c,
            '\u{00AD}' | '\u{180E}' | '\u{200B}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}'
        )
        || matches!(c, '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{E0000}'..='\u{E007F}')
        || (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
}
