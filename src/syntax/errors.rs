//! The texts of the 01 band: one constructor for each way a text can be wrong. Imports `diagnostics`, `limits`, `source`.
//! Invariant: raw names of grammar symbols never reach a text.

use crate::diagnostics::{Applicability, Code, Diagnostic, Edit, Fix};
use crate::limits;
use crate::source::Span;

/// SEG0101: something else must stand here.
pub fn unexpected(span: Span, found: &str, expected: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0101, format!("unexpected {found}"), span, format!("expected {expected}"))
}

/// SEG0101: `count(*)`, as SQL has it.
pub fn count_of_star(span: Span) -> Diagnostic {
    unexpected(span, "`*`", "a collection").with_help(
        "`count(C)` counts the elements of a collection, as in `count(commerce.purchases)` or `count(events)`; profiles \
         are counted by `segc run`",
    )
}

/// SEG0101: something must follow `after`, the last token of its line or before a brace (`closer`).
pub fn missing_after(span: Span, after: &str, expected: &str, closer: Option<&str>) -> Diagnostic {
    let label = match closer {
        Some(closer) => format!("`{closer}` follows this"),
        None => "the line ends after this".to_owned(),
    };
    Diagnostic::new(Code::SEG0101, format!("{expected} is missing after `{after}`"), span, label)
}

/// SEG0101: a word that is close to one of the language.
pub fn near_word(span: Span, found: &str, near: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0101, format!("unexpected `{found}`"), span, "")
        .with_help(format!("did you mean `{near}`?"))
        .with_fix(format!("write `{near}`"), span, near, Applicability::Unsafe)
}

/// SEG0101: the brace between the head of a declaration and its clauses; `gap` is the empty place behind the head.
pub fn missing_brace(head: Span, gap: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0101, "`{` is missing before the clauses", head, "the clauses follow this").with_fix(
        "write `{`",
        gap,
        " {",
        Applicability::Safe,
    )
}

/// SEG0101: a profile of a test without a name.
pub fn missing_name(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0101, "a name is missing after `profile`", span, "")
}

/// SEG0101: a condition inside the parentheses of a function over a collection.
pub fn condition_for_collection(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0101, "a collection stands here, not a condition", span, "this compares")
        .with_help("a condition on the elements follows `where`; a count is compared outside its parentheses")
}

/// SEG0101: a small word is missing; the fix writes it.
pub fn missing_word(span: Span, word: &str, before: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0101, format!("`{word}` is missing before `{before}`"), span, "").with_fix(
        format!("write `{word} {before}`"),
        span.at_start(),
        format!("{word} "),
        Applicability::Safe,
    )
}

/// SEG0101: `and` before a clause that stands by itself.
pub fn joined_clause(joiner: Span, clause: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0101, "`and` joins conditions, not clauses", joiner, format!("`{clause}` follows"))
        .with_help(format!("`{clause}` is a clause of its own and begins a line"))
        .with_fix("remove `and`", joiner, "", Applicability::Safe)
}

/// SEG0101: a word that is close to one that could stand here.
pub fn misspelled(span: Span, found: &str, expected: &str, near: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0101, format!("unexpected `{found}`"), span, format!("expected {expected}"))
        .with_help(format!("did you mean `{near}`?"))
        .with_fix(format!("write `{near}`"), span, near, Applicability::Unsafe)
}

/// SEG0101: a number and a word that is nearly a unit.
pub fn unknown_unit(span: Span, word: &str, near: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0101, format!("`{word}` is no unit of time"), span, "not a unit")
        .with_help(format!("did you mean `{near}`?"))
        .with_fix(format!("write `{near}`"), span, near, Applicability::Unsafe)
}

/// SEG0101: `in last` and then no duration.
pub fn missing_amount(span: Span, word: &str, negative: bool) -> Diagnostic {
    if word == "this" {
        return Diagnostic::new(Code::SEG0101, "a unit is missing after `this`", span, "this what?")
            .with_help("write `in this day`, `week`, `month`, `quarter` or `year`");
    }
    let message = format!("a duration such as `30 days` is missing after `{word}`");
    let diagnostic = Diagnostic::new(Code::SEG0101, message, span, "how long?");
    if negative {
        return diagnostic.with_help("a length has no sign: `in last` looks back, `in next` ahead");
    }
    diagnostic
}

/// SEG0101: a title where the name belongs.
pub fn title_for_name(span: Span, name: &str, has_title: bool) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::SEG0101, "a name is missing", span, "a name stands without quotes");
    if has_title {
        return diagnostic.with_help("a name comes first, then a title in quotes if there is one").with_fix(
            format!("write the name `{name}` before it"),
            span.at_start(),
            format!("{name} "),
            Applicability::Unsafe,
        );
    }
    diagnostic.with_fix(format!("write `{name}`"), span, name, Applicability::Unsafe)
}

/// SEG0101: several words, or words with dashes, where a name belongs.
pub fn name_of_words(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0101, "a name is one word", span, "letters, digits and `_` make a name").with_fix(
        format!("write `{name}`"),
        span,
        name,
        Applicability::Unsafe,
    )
}

/// SEG0101: a `param` or parameter without its type.
pub fn missing_type(name: Span, text: &str, ty: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::SEG0101, format!("`{text}` has no type"), name, "of what type?");
    match ty {
        Some(ty) => {
            diagnostic.with_fix(format!("write `{text}: {ty}`"), name.at_end(), format!(": {ty}"), Applicability::Safe)
        }
        None => diagnostic.with_help(format!("say what it may be: `{text}: int`, `{text}: duration`")),
    }
}

/// SEG0101: `segment x = condition`; `equals` is the place of `=`, `condition` what follows it.
pub fn segment_without_braces(equals: Span, condition: Span) -> Diagnostic {
    let mut diagnostic =
        Diagnostic::new(Code::SEG0101, "a segment has its clauses in braces", equals, "the braces should begin here");
    let edit = |span, text: &str| Edit { span, text: text.to_owned() };
    diagnostic.fixes.push(Fix {
        title: "write `{ where … }`".to_owned(),
        edits: vec![edit(equals, "{ where"), edit(condition.at_end(), " }")],
        applicability: Applicability::Safe,
    });
    diagnostic
}

/// SEG0101: `x in ("a", "b")`
pub fn list_in_parentheses(opener: Span, closer: Option<Span>) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(Code::SEG0101, "a list stands in brackets", opener, "`[` should stand here");
    if let Some(closer) = closer {
        let edit = |span, text: &str| Edit { span, text: text.to_owned() };
        diagnostic.fixes.push(Fix {
            title: "write `[…]`".to_owned(),
            edits: vec![edit(opener, "["), edit(closer, "]")],
            applicability: Applicability::Safe,
        });
    }
    diagnostic
}

/// SEG0101: `map[key]`
pub fn unquoted_key(span: Span, key: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0101, "the key of a map stands in quotes", span, "").with_fix(
        format!("write `\"{key}\"`"),
        span,
        format!("\"{key}\""),
        Applicability::Unsafe,
    )
}

/// SEG0102: a bracket that nothing closes.
pub fn unclosed_bracket(span: Span, bracket: &str, closer: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0102, format!("`{bracket}` is never closed"), span, format!("no `{closer}` for this"))
}

/// SEG0103: a closing bracket without an opening one.
pub fn stray_closer(span: Span, bracket: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0103, format!("nothing is open for `{bracket}` to close"), span, "").with_fix(
        format!("remove `{bracket}`"),
        span,
        "",
        Applicability::Unsafe,
    )
}

/// SEG0103: a bracket closed by one of another kind.
pub fn wrong_closer(span: Span, found: &str, opener: Span, expected: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0103, format!("`{found}` stands where `{expected}` belongs"), span, "")
        .with_label(opener, format!("this is closed by `{expected}`"))
        .with_fix(format!("write `{expected}`"), span, expected, Applicability::Unsafe)
}

/// SEG0104: a string or quoted name that its line does not end.
pub fn unterminated(span: Span, what: &str, quote: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0104, format!("this {what} has no closing {quote}"), span, "")
        .with_help(format!("a {what} ends on the line where it begins"))
}

/// SEG0105: a backslash and something that it does not go with.
pub fn invalid_escape(span: Span, escape: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::SEG0105, format!("`{escape}` is not an escape"), span, "")
        .with_help("the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{…}` with the number of a character");
    match escape.strip_prefix('\\') {
        Some(rest) if !rest.starts_with('u') => {
            diagnostic.with_fix("write the backslash itself", span, format!("\\\\{rest}"), Applicability::Unsafe)
        }
        _ => diagnostic,
    }
}

/// SEG0106: a character that begins nothing.
pub fn invalid_character(span: Span, character: char) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::SEG0106, format!("`{character}` has no meaning here"), span, "");
    match character {
        '@' => diagnostic.with_help("XDM's `@id` is written `_id`; any other name may stand in backquotes"),
        '`' => diagnostic.with_help("backquotes surround a name that is not a plain word"),
        _ => diagnostic,
    }
}

/// SEG0107: a character that no one can see.
pub fn hidden_character(span: Span, character: char, replacement: &str) -> Diagnostic {
    let number = format!("U+{:04X}", character as u32);
    let message = match character {
        c if c.is_whitespace() || matches!(c, '\u{200B}' | '\u{FEFF}') => {
            format!("this blank is {number}, not a plain space")
        }
        c if c.is_control() => format!("the control character {number} may not stand in source text"),
        _ => format!("the invisible character {number} makes text look like something else"),
    };
    let title = if replacement.is_empty() { "remove it".to_owned() } else { format!("write `{replacement}`") };
    Diagnostic::new(Code::SEG0107, message, span, "").with_fix(title, span, replacement, Applicability::Safe)
}

/// SEG0108: a number, date or duration that is not written as the language writes it.
pub fn malformed_literal(span: Span, found: &str, why: &str, write: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::SEG0108, format!("`{found}` {why}"), span, "");
    match write {
        Some(text) => diagnostic.with_fix(format!("write `{text}`"), span, text, Applicability::Safe),
        None => diagnostic,
    }
}

/// SEG0109: an operator of another language.
pub fn foreign_operator(span: Span, found: &str, write: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0109, format!("`{found}` is not an operator here"), span, format!("write `{write}`"))
        .with_fix(format!("write `{write}`"), span, write, Applicability::Safe)
}

/// SEG0110: a string in quotes of another language or of a word processor.
pub fn foreign_quotes(span: Span, write: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0110, "strings stand in double quotes", span, "these are other quotes").with_fix(
        format!("write `{write}`"),
        span,
        write,
        Applicability::Safe,
    )
}

/// SEG0110: a path without quotes.
pub fn unquoted_path(span: Span, write: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0110, "a path stands in double quotes", span, "").with_fix(
        format!("write `{write}`"),
        span,
        write,
        Applicability::Safe,
    )
}

/// SEG0111: a comment of another language.
pub fn foreign_comment(span: Span, mark: &str, write: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0111, "comments begin with `//`", span, format!("`{mark}` begins none")).with_fix(
        "write it with `//`",
        span,
        write,
        Applicability::Safe,
    )
}

/// SEG0112: a semicolon.
pub fn needless_terminator(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0112, "nothing is ended with `;`", span, "").with_fix(
        "remove it",
        span,
        "",
        Applicability::Safe,
    )
}

/// SEG0113: a word of another language, or one of ours in another case.
pub fn foreign_word(span: Span, found: &str, write: &str, is_certain: bool) -> Diagnostic {
    let message = if found.eq_ignore_ascii_case(write) {
        format!("`{found}` is written in small letters")
    } else {
        format!("`{found}` is not the word for this")
    };
    let applicability = if is_certain { Applicability::Safe } else { Applicability::Unsafe };
    Diagnostic::new(Code::SEG0113, message, span, format!("write `{write}`")).with_fix(
        format!("write `{write}`"),
        span,
        write,
        applicability,
    )
}

/// SEG0114: `null`; `write` replaces `fix_span` where the whole comparison is known.
pub fn null_literal(span: Span, fix: Option<(Span, &str)>) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::SEG0114, "there is no `null` value", span, "")
        .with_help("whether a value is there is asked with `is present` and `is absent`");
    match fix {
        Some((span, text)) => diagnostic.with_fix(format!("write `{}`", text.trim()), span, text, Applicability::Safe),
        None => diagnostic,
    }
}

/// SEG0113: `is empty`; what to write depends on what is asked.
pub fn is_empty(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0113, "`is empty` may mean two things", span, "which one?").with_help(
        "a list without elements is `none(list)`, an empty text is `== \"\"`, no value at all is `is absent`",
    )
}

/// SEG0115: two elements with nothing between them; `gap` is the empty place behind the first.
pub fn missing_comma(span: Span, gap: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0115, "a comma is missing before this", span, "").with_fix(
        "write `,`",
        gap,
        ",",
        Applicability::Safe,
    )
}

/// SEG0116: a dot and then no name.
pub fn missing_field_name(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0116, "a field name is missing after the dot", span, "")
}

/// SEG0117: a reserved word where a name belongs.
pub fn reserved_word(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0117, format!("`{word}` is a reserved word"), span, "a name belongs here")
        .with_help("a field or event type of this name is written in backquotes")
        .with_fix(format!("write `` `{word}` ``"), span, format!("`{word}`"), Applicability::Unsafe)
}

/// SEG0117: a clause written as if it were a function.
pub fn clause_as_function(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0117, "`sample` is a clause, no function", span, "it takes a part of the members")
        .with_help("it stands behind the condition: `segment NAME { where … sample 10% }`")
}

/// SEG0117: a clause that the language keeps for later.
pub fn kept_for_later(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0117, format!("`{word}` is kept for a later version of the language"), span, "")
}

/// SEG0118: `a < b < c`; `middle` is the text of `b`, `at` the second operator.
pub fn chained_comparison(at: Span, middle: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0118, "comparisons do not chain", at, "this compares a result that is true or false")
        .with_help("`x between a and b` includes both ends")
        .with_fix("compare twice", at.at_start(), format!("and {middle} "), Applicability::Unsafe)
}

/// SEG0119: deeper than the limit.
pub fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0119,
        format!("nested deeper than {} levels", limits::NESTING),
        span,
        "this is too deep inside",
    )
    .with_help("a `let` gives a name to a part of an expression")
}

/// SEG0120: a file larger than the limit.
pub fn file_too_large(span: Span, bytes: usize) -> Diagnostic {
    let message = format!("the file has {bytes} bytes, more than the {} that are read", limits::SOURCE_FILE_BYTES);
    Diagnostic::new(Code::SEG0120, message, span, "")
}

/// SEG0121: more tokens than the limit.
pub fn too_many_tokens(span: Span) -> Diagnostic {
    let message = format!("the file has more than {} tokens", limits::TOKENS);
    Diagnostic::new(Code::SEG0121, message, span, "the first that is too many")
}

/// SEG0122: a string longer than the limit.
pub fn string_too_long(span: Span, bytes: usize) -> Diagnostic {
    let message = format!("this string has {bytes} bytes, more than {}", limits::STRING_LITERAL_BYTES);
    Diagnostic::new(Code::SEG0122, message, span, "")
}

/// SEG0123: `if` and `then` without `else`.
pub fn missing_else(span: Span, label: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0123, "an `if` without `else`", span, label)
        .with_help("an `if` is an expression and needs a value for both cases")
}

/// SEG0124: a percentage as a value.
pub fn percent_sign(span: Span, found: &str, write: &str) -> Diagnostic {
    Diagnostic::new(Code::SEG0124, format!("`{found}` is not a number"), span, "`%` is the remainder of a division")
        .with_fix(format!("write `{write}`"), span, write, Applicability::Unsafe)
}

/// SEG0125: an element of a list by its number.
pub fn list_position(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0125, "lists have no positions", span, "only a string may stand here")
        .with_help("`first(field of list)` and `last(field of list)` take an end, `any(list where …)` looks for one")
}
