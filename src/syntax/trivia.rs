//! What the tree leaves out: comments and blank lines, in the order of the text, for the formatter and for
//! documentation. Imports `source` only. Invariant: comments are sorted and do not overlap.

use crate::source::Span;

/// A comment from its slashes to the end of its line, the line break excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands; trailing blanks are not part of it.
    pub span: Span,
    /// Whether nothing but blanks stands before it on its line.
    pub own_line: bool,
    /// Whether it is documentation: `///`, but not `////`.
    pub doc: bool,
}

/// The comments and blank lines of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trivia {
    /// In the order of the text.
    pub comments: Vec<Comment>,
    /// The offset of the beginning of each line that is empty or blank, in the order of the text.
    pub blank_lines: Vec<u32>,
}

impl Trivia {
    /// The comments that begin at or after `start` and before `end`.
    pub fn comments_between(&self, start: u32, end: u32) -> &[Comment] {
        let from = self.comments.partition_point(|c| c.span.start < start);
        let to = self.comments.partition_point(|c| c.span.start < end);
        self.comments.get(from..to).unwrap_or_default()
    }

    /// Whether a blank line begins at or after `start` and before `end`.
    pub fn blank_line_between(&self, start: u32, end: u32) -> bool {
        let from = self.blank_lines.partition_point(|&at| at < start);
        self.blank_lines.get(from).is_some_and(|&at| at < end)
    }

    /// The text of the `///` block that ends on the line above `offset`, slashes and one blank taken off each line;
    /// absent where there is none. `text` is the file's text, `offset` the beginning of an item or clause.
    pub fn docs_before(&self, offset: u32, text: &str) -> Option<String> {
        let mut next = offset as usize;
        let mut lines = Vec::new();
        let end = self.comments.partition_point(|c| c.span.start < offset);
        for comment in self.comments.get(..end).unwrap_or_default().iter().rev() {
            let between = text.get(comment.span.end as usize..next).unwrap_or("x");
            if !comment.doc || !comment.own_line || !is_one_line_break(between) {
                break;
            }
            let line = text.get(comment.span.range()).unwrap_or_default().trim_start_matches('/');
            lines.push(line.strip_prefix(' ').unwrap_or(line));
            next = comment.span.start as usize;
        }
        lines.reverse();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

/// Whether a text between two tokens is blank and breaks the line exactly once.
fn is_one_line_break(text: &str) -> bool {
    text.bytes().filter(|b| *b == b'\n').count() == 1 && text.trim_matches([' ', '\t', '\r', '\n']).is_empty()
}
