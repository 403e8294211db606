//! The formatter.

use segc::fmt::format;
use segc::source::FileId;
use segc::syntax;

mod comments;
mod generate;
mod layout;
mod stability;

/// The formatted text; the input has to be readable.
fn formatted(text: &str) -> String {
    let result = format(FileId(0), text);
    assert!(result.is_ok(), "{:#?}\n{text}", result.diagnostics);
    result.text
}

/// The tokens but commas, with the comments where they stand among them.
fn tokens_and_comments(text: &str) -> Vec<String> {
    let lexed = syntax::lex(FileId(0), text);
    let tokens = lexed.tokens.iter().filter(|lexeme| lexeme.token != syntax::token::Token::Comma).map(|lexeme| {
        let spelling = &text[lexeme.start as usize..lexeme.end as usize];
        let words = spelling.starts_with(|c: char| c.is_ascii_alphanumeric());
        let spelling =
            if words { spelling.split_whitespace().collect::<Vec<_>>().join(" ") } else { spelling.to_owned() };
        (lexeme.start, spelling)
    });
    let comments =
        lexed.trivia.comments.iter().map(|comment| (comment.span.start, text[comment.span.range()].to_owned()));
    let mut all: Vec<(u32, String)> = tokens.chain(comments).collect();
    all.sort();
    all.into_iter().map(|(_, text)| text).collect()
}

/// The first lines that differ, with what stands before them.
fn first_difference(a: &str, b: &str) -> String {
    let at = a.lines().zip(b.lines()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| text.lines().skip(at.saturating_sub(4)).take(8).collect::<Vec<_>>().join("\n");
    format!("line {}\n{}\n=======\n{}\n", at + 1, around(a), around(b))
}

/// Formats, and checks all that is promised of any file.
fn checked(text: &str) -> String {
    let once = formatted(text);
    let (before, after) = (tokens_and_comments(text), tokens_and_comments(&once));
    let moved = before.iter().zip(&after).position(|(a, b)| a != b);
    assert!(before == after, "moved or lost: {:?}\n{text}\n→\n{once}", moved.map(|at| (&before[at], &after[at])));
    let twice = formatted(&once);
    assert!(twice == once, "not stable: {}\n{once}", first_difference(&once, &twice));
    for line in once.lines() {
        assert_eq!(line.trim_end(), line, "blanks at the end of a line:\n{once}");
    }
    assert!(!once.contains("\n\n\n"), "two empty lines:\n{once}");
    assert!(once.is_empty() || (once.ends_with('\n') && !once.ends_with("\n\n")), "end of file:\n{once}");
    once
}
