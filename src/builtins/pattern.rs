//! Patterns of `like`. Imports nothing. (Those of `matches` are [`crate::vector::pattern`]'s.) Invariant: a pattern that is
//! accepted means the same in every engine.

/// Whether a `like` pattern is one: `\` stands only before `%`, `_` or `\`.
pub fn like_pattern(text: &str) -> Result<(), &'static str> {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\\' && !matches!(chars.next(), Some('%' | '_' | '\\')) {
            return Err(r"a backslash stands only before `%`, `_` or another backslash");
        }
    }
    Ok(())
}
