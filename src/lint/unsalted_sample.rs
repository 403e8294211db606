//! `sample` without a salt takes the segment's name for one: renaming the segment draws another sample, in the middle of
//! an experiment.

use crate::diagnostics::{Applicability, Code, Diagnostic};

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for segment in context.segments() {
        let Some(sample) = &segment.sample else { continue };
        let text = context.sources.text(segment.whole);
        let Some(at) = text.rfind("sample") else { continue };
        if sample.salt != segment.name || text[at..].contains("salt") {
            continue;
        }
        let mut span = segment.whole;
        span.start += at as u32;
        span.end = span.start + "sample".len() as u32;
        let message = "without a salt, renaming the segment draws another sample";
        let mut diagnostic = Diagnostic::new(Code::SEG0625, message, span, "no `salt`");
        if let Some(percent) = text[at..].find('%') {
            let mut end = span;
            end.start += percent as u32 + 1;
            end.end = end.start;
            let salt = format!(" salt \"{}\"", segment.name);
            diagnostic = diagnostic.with_fix(format!("write{salt}"), end, salt, Applicability::Safe);
        }
        found.push(diagnostic);
    }
}
