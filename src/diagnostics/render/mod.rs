//! Diagnostics to text, one file a format. May import `diagnostics`, `limits` and `source`. Invariant: whatever an author can
//! write into a source line, a name or a path comes out escaped ([`escape`]), so that no input can forge the output
//! of a terminal or a CI log.

use super::{Diagnostic, Severity};
use crate::limits;
use crate::source::Sources;

pub mod escape;
mod github;
mod gitlab;
mod json;
mod junit;
mod position;
mod rdjson;
mod sarif;
mod short;
mod text;

/// The path of what is in no file, in formats that ask for one.
const NO_FILE: &str = "seg.toml";

/// A way to write diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// With source lines, for people.
    #[default]
    Text,
    /// `path:line:column: error[SEG0203]: message`, one line each.
    Short,
    /// The stable machine-readable contract of [`json`].
    Json,
    /// The entries of [`json`], one a line.
    JsonLines,
    /// Workflow commands of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// JUnit XML.
    Junit,
    /// SARIF 2.1.0.
    Sarif,
    /// The Reviewdog Diagnostic Format.
    Rdjson,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 9] = [
        Format::Text,
        Format::Short,
        Format::Json,
        Format::JsonLines,
        Format::Github,
        Format::Gitlab,
        Format::Junit,
        Format::Sarif,
        Format::Rdjson,
    ];

    /// What the command line calls it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Short => "short",
            Format::Json => "json",
            Format::JsonLines => "json-lines",
            Format::Github => "github",
            Format::Gitlab => "gitlab",
            Format::Junit => "junit",
            Format::Sarif => "sarif",
            Format::Rdjson => "rdjson",
        }
    }

    /// What it is, in a help text.
    pub fn meaning(self) -> &'static str {
        match self {
            Format::Text => "With source lines, for people",
            Format::Short => "One line each",
            Format::Json => "One JSON document, a stable contract",
            Format::JsonLines => "One JSON object a line",
            Format::Github => "Annotations of GitHub Actions",
            Format::Gitlab => "GitLab's code quality report",
            Format::Junit => "JUnit XML",
            Format::Sarif => "SARIF 2.1.0, for code scanning",
            Format::Rdjson => "Reviewdog's format",
        }
    }
}

/// How to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenderOptions {
    /// Whether ANSI colours are wanted; only [`Format::Text`] has any.
    pub color: bool,
    /// At most this many diagnostics are written, errors before warnings before notes; the summary counts all.
    pub max: usize,
}

impl Default for RenderOptions {
    fn default() -> Self {
        RenderOptions { color: false, max: limits::DIAGNOSTICS }
    }
}

/// Writes the diagnostics in the order given, with a summary. Empty where there is nothing to say, save for the formats
/// that are whole documents always.
pub fn render(format: Format, diagnostics: &[Diagnostic], sources: &Sources, options: RenderOptions) -> String {
    let shown = select(diagnostics, options.max);
    match format {
        Format::Text => with_summary(text::render(&shown, sources, options.color), diagnostics, shown.len()),
        Format::Short => with_summary(short::render(&shown, sources), diagnostics, shown.len()),
        Format::Json => json::render(&shown, sources, Counts::of(diagnostics), diagnostics.len() - shown.len()),
        Format::JsonLines => json::lines(&shown, sources),
        Format::Github => github::render(&shown, sources),
        Format::Gitlab => gitlab::render(&shown, sources),
        Format::Junit => junit::render(&shown, sources),
        Format::Sarif => sarif::render(&shown, sources),
        Format::Rdjson => rdjson::render(&shown, sources),
    }
}

/// `3 errors, 1 warning`; empty where there are none.
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let counts = Counts::of(diagnostics);
    let parts: Vec<String> = [(counts.errors, "error"), (counts.warnings, "warning"), (counts.notes, "note")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}{}", if n == 1 { "" } else { "s" }))
        .collect();
    parts.join(", ")
}

/// How many there are of each severity.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl Counts {
    fn of(diagnostics: &[Diagnostic]) -> Counts {
        let mut counts = Counts::default();
        for diagnostic in diagnostics {
            match diagnostic.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Note => counts.notes += 1,
            }
        }
        counts
    }
}

/// The diagnostics to show: all, or the `max` worst, in the order given.
fn select(diagnostics: &[Diagnostic], max: usize) -> Vec<&Diagnostic> {
    let mut order: Vec<usize> = (0..diagnostics.len()).collect();
    if order.len() > max {
        order.sort_by_key(|&i| (std::cmp::Reverse(diagnostics[i].severity), i));
        order.truncate(max);
        order.sort_unstable();
    }
    order.into_iter().map(|i| &diagnostics[i]).collect()
}

fn with_summary(mut out: String, diagnostics: &[Diagnostic], shown: usize) -> String {
    if diagnostics.len() > shown {
        out.push_str(&format!("and {} more\n", diagnostics.len() - shown));
    }
    let summary = summary(diagnostics);
    if !summary.is_empty() {
        out.push_str(&summary);
        out.push('\n');
    }
    out
}

/// The word for a severity in every format.
fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
