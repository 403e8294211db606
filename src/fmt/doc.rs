//! The document algebra: what could be written in several ways, and the printer that chooses by the width of the
//! page (after Wadler and Prettier). Knows nothing of the language. Invariant: nothing follows a comment on its line,
//! and no line ends in a blank.

use std::borrow::Cow;

/// A piece of a document.
#[derive(Debug)]
pub(super) enum Doc<'s> {
    /// Text without a line break.
    Text(Cow<'s, str>),
    /// A comment. It has no width: it never makes what stands before it break. Whoever pushes it sees to it that a
    /// [`Doc::Hard`] comes next; `trailing` ones are set off by a blank.
    Comment { text: &'s str, trailing: bool },
    /// A blank where the group fits, else a line break.
    Line,
    /// Nothing where the group fits, else a line break.
    SoftLine,
    /// A line break always, with an empty line where `blank`.
    Hard { blank: bool },
    /// Text that stands only where the group is broken.
    IfBroken(&'static str),
    /// Lines of one group are all blanks or all breaks. `broken` ones contain a hard line or were asked to break.
    Group { content: Vec<Doc<'s>>, broken: bool },
    /// Line breaks within are indented by so many more columns.
    Indent { columns: usize, content: Vec<Doc<'s>>, broken: bool },
}

impl Doc<'_> {
    fn breaks(&self) -> bool {
        match self {
            Doc::Hard { .. } => true,
            Doc::Group { broken, .. } | Doc::Indent { broken, .. } => *broken,
            Doc::Text(_) | Doc::Comment { .. } | Doc::Line | Doc::SoftLine | Doc::IfBroken(_) => false,
        }
    }
}

/// Puts a document together from left to right.
#[derive(Debug)]
pub(super) struct Builder<'s> {
    /// The document so far, and above it every part that is begun and not ended.
    stack: Vec<Vec<Doc<'s>>>,
}

impl<'s> Builder<'s> {
    /// An empty document.
    pub(super) fn new() -> Self {
        Builder { stack: vec![Vec::new()] }
    }

    /// Adds a piece.
    pub(super) fn push(&mut self, doc: Doc<'s>) {
        if let Some(top) = self.stack.last_mut() {
            top.push(doc);
        }
    }

    /// Begins a part that [`Builder::end_group`] or [`Builder::end_indent`] ends.
    pub(super) fn begin(&mut self) {
        self.stack.push(Vec::new());
    }

    /// Makes a group of the part begun last; `force` breaks it even where it fits.
    pub(super) fn end_group(&mut self, force: bool) {
        let content = self.stack.pop().unwrap_or_default();
        let broken = force || content.iter().any(Doc::breaks);
        self.push(Doc::Group { content, broken });
    }

    /// Indents the part begun last.
    pub(super) fn end_indent(&mut self, columns: usize) {
        let content = self.stack.pop().unwrap_or_default();
        let broken = content.iter().any(Doc::breaks);
        self.push(Doc::Indent { columns, content, broken });
    }

    /// The text of the document, no line longer than `width` columns where that can be helped.
    pub(super) fn print(self, width: usize) -> String {
        let docs: Vec<Doc> = self.stack.into_iter().flatten().collect();
        let mut printer = Printer { out: String::new(), column: 0, indent: None, width };
        printer.run(&docs);
        printer.out
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Flat,
    Broken,
}

#[derive(Clone, Copy)]
struct Task<'d, 's> {
    indent: usize,
    mode: Mode,
    doc: &'d Doc<'s>,
}

struct Printer {
    out: String,
    column: usize,
    /// The blanks still to write on a line that has nothing yet.
    indent: Option<usize>,
    width: usize,
}

impl Printer {
    fn run(&mut self, docs: &[Doc]) {
        let mut tasks: Vec<Task> = docs.iter().rev().map(|doc| Task { indent: 0, mode: Mode::Broken, doc }).collect();
        while let Some(task) = tasks.pop() {
            let Task { indent, mode, doc } = task;
            match doc {
                Doc::Text(text) => self.text(text),
                Doc::Comment { text, trailing } => {
                    if *trailing {
                        self.text(" ");
                    }
                    self.text(text);
                }
                Doc::Line if mode == Mode::Flat => self.text(" "),
                Doc::SoftLine if mode == Mode::Flat => {}
                Doc::Line | Doc::SoftLine => self.line_break(indent, false),
                Doc::Hard { blank } => self.line_break(indent, *blank),
                Doc::IfBroken(text) if mode == Mode::Broken => self.text(text),
                Doc::IfBroken(_) => {}
                Doc::Group { content, broken } => {
                    let flat = !broken && (mode == Mode::Flat || self.fits(content, &tasks));
                    let mode = if flat { Mode::Flat } else { Mode::Broken };
                    tasks.extend(content.iter().rev().map(|doc| Task { indent, mode, doc }));
                }
                Doc::Indent { columns, content, .. } => {
                    let indent = indent + columns;
                    tasks.extend(content.iter().rev().map(|doc| Task { indent, mode, doc }));
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(indent) = self.indent.take() {
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.column = indent;
        }
        self.out.push_str(text);
        self.column += columns(text);
    }

    fn line_break(&mut self, indent: usize, blank: bool) {
        // Padding and separators may stand before a break.
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push_str(if blank { "\n\n" } else { "\n" });
        self.indent = Some(indent);
        self.column = indent;
    }

    /// Whether `content` on this line, with what must follow it there, is within the width.
    fn fits(&self, content: &[Doc], rest: &[Task]) -> bool {
        let mut left = self.width.checked_sub(self.column);
        let mut docs: Vec<(&Doc, Mode)> = content.iter().rev().map(|doc| (doc, Mode::Flat)).collect();
        let mut rest = rest.iter().rev();
        while let Some(room) = left {
            let next = docs.pop().or_else(|| rest.next().map(|task| (task.doc, task.mode)));
            let Some((doc, mode)) = next else { return true };
            match doc {
                Doc::Text(text) => left = room.checked_sub(columns(text)),
                Doc::Comment { .. } | Doc::Hard { .. } => return true,
                Doc::Line | Doc::SoftLine if mode == Mode::Broken => return true,
                Doc::Line => left = room.checked_sub(1),
                Doc::SoftLine => {}
                Doc::IfBroken(text) if mode == Mode::Broken => left = room.checked_sub(columns(text)),
                Doc::IfBroken(_) => {}
                Doc::Group { content, .. } | Doc::Indent { content, .. } => {
                    docs.extend(content.iter().rev().map(|doc| (doc, mode)));
                }
            }
        }
        false
    }
}

fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}
