//! The diagnostics of this phase, one function per code.

use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;

/// A construct that the target cannot express exactly.
pub fn not_in_target(target: &str, what: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0501, format!("`{target}` cannot express {what} exactly"), span, "this segment needs it")
        .with_help("`segc run` evaluates it")
}

/// A number with more digits than the target has.
pub fn too_many_digits(target: &str, digits: u32, limit: u8, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0502,
        format!("an exact number of {digits} digits does not fit the {limit} digits of `{target}`"),
        span,
        "computed in this segment",
    )
    .with_help("fields with fewer digits (`scale`, `maximum` in the schema) or `round(…)` make it smaller")
}

/// A query beyond what the target takes.
pub fn query_too_large(target: &str, bytes: usize, limit: usize, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0503,
        format!("the query would have {bytes} bytes; `{target}` takes {limit}"),
        span,
        "of this segment",
    )
    .with_help("definitions are written out where they are used; splitting the segment makes it smaller")
}

/// A segment beyond what a program may hold for it.
pub fn program_too_large(limit: usize, span: Span) -> Diagnostic {
    let message = format!("the segment needs more than {limit} instructions");
    Diagnostic::new(Code::SEG0510, message, span, "this segment")
        .with_help("several segments, used by this one, have each their own limit")
}

/// Choices of events inside choices of events, deeper than is run.
pub fn program_too_deep(limit: usize, span: Span) -> Diagnostic {
    let message = format!("collections that read each other's elements are nested more than {limit} deep");
    Diagnostic::new(Code::SEG0510, message, span, "in this segment, or in one beside it")
        .with_help("a `sequence` says the same of events that follow each other")
}

/// A query whose expressions are nested beyond what databases take.
pub fn query_too_deep(target: &str, depth: u32, limit: u32, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0503,
        format!("the query would nest {depth} operations; `{target}` takes {limit}"),
        span,
        "of this segment",
    )
    .with_help("definitions and other segments are written out where they are used")
    .with_help("`segc run` evaluates it")
}
