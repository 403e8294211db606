//! What the compiler tells people: a [`Diagnostic`] has a code of the table in [`codes`], a message, labelled spans,
//! help and fixes. Text is made only in [`render`]. Invariant: every code has an explain page (`explain/SEG0203.md`),
//! or the crate does not compile.

use crate::source::Span;

pub mod codes;
pub mod explain;
pub mod fixes;
pub mod render;
pub mod suggest;
pub mod words;

pub use codes::Code;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; never fails a build.
    Note,
    /// Probably a mistake.
    Warning,
    /// The build fails.
    Error,
}

/// Something to tell the author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which rule; the table of codes gives name and explain page.
    pub code: Code,
    /// The code's default unless a lint level changed it.
    pub severity: Severity,
    /// What is wrong, one sentence, lower case, user text in backquotes.
    pub message: String,
    /// Where. The first primary label is the place the author should look at; empty for a fault without a place
    /// (a missing data file, say).
    pub labels: Vec<Label>,
    /// What to do about it, or what the language means here.
    pub help: Vec<String>,
    /// Changes that would mend it.
    pub fixes: Vec<Fix>,
}

/// A span with what is to be said there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there; may be empty.
    pub message: String,
    /// The place of the mistake, as opposed to a place that explains it.
    pub primary: bool,
}

/// A change that would mend a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does: "write `==`".
    pub title: String,
    /// Non-overlapping replacements.
    pub edits: Vec<Edit>,
    /// How sure it is.
    pub applicability: Applicability,
}

/// A replacement of a span by a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// How sure a fix is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Applicability {
    /// Keeps or restores the meaning; `check --fix` applies it.
    Safe,
    /// Probably what was meant, but it changes the meaning; applied only when asked.
    Unsafe,
}

impl Diagnostic {
    /// A diagnostic with the code's default severity and its place.
    pub fn new(code: Code, message: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: code.info().severity,
            message: message.into(),
            labels: vec![Label { span, message: label.into(), primary: true }],
            help: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// A diagnostic about something that is in no source file.
    pub fn without_place(code: Code, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: code.info().severity,
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Adds a place that explains the primary one.
    pub fn with_label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: message.into(), primary: false });
        self
    }

    /// Adds a line of help.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds a fix that replaces one span.
    pub fn with_fix(
        mut self,
        title: impl Into<String>,
        span: Span,
        text: impl Into<String>,
        applicability: Applicability,
    ) -> Self {
        self.fixes.push(Fix { title: title.into(), edits: vec![Edit { span, text: text.into() }], applicability });
        self
    }

    /// The place of the mistake, where there is one.
    pub fn primary(&self) -> Option<Span> {
        self.labels.iter().find(|l| l.primary).or(self.labels.first()).map(|l| l.span)
    }

    /// Whether it fails a build.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
