//! Makes text that people wrote fit to be printed: what could move the cursor, reorder a line, end it or vanish is
//! shown as `\u{202e}`. Names only `std`. Invariant: the escaped text has no character that [`is_unsafe`] names, and
//! text without one is returned as it is.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a terminal or a CI log could act on this character, or show nothing for it. Line feed and tab count: a
/// caller that prints whole source lines excepts them with [`escape_into`].
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// The text on one line, with every unsafe character spelt out: for messages, names and paths.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) { escape_into(&mut out, c) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Spells one character as `\u{…}`.
pub fn escape_into(out: &mut String, c: char) {
    // Writing to a `String` cannot fail.
    let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
}

/// JSON text in which every unsafe character is a JSON escape, so that the value is kept and the log is not forged.
/// Such characters occur only inside JSON strings; the line feeds between them stay.
pub fn json(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| is_unsafe(c) && c != '\n') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) && c != '\n' {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}
