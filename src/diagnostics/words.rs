//! Counts in words. Imports nothing. Invariant: one of a thing is singular, any other number plural.

/// `1 segment`, `2 segments`, `0 batches`.
pub fn counted(count: u64, noun: &str) -> String {
    format!("{count} {}", of(count, noun))
}

/// `1 line is`, `2 lines are`.
pub fn are(count: u64, noun: &str) -> String {
    format!("{} {}", counted(count, noun), if count == 1 { "is" } else { "are" })
}

/// The noun as it follows a count.
pub fn of(count: u64, noun: &str) -> String {
    if count == 1 {
        return noun.to_owned();
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ if noun.ends_with("ch") || noun.ends_with(['s', 'x']) => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}
