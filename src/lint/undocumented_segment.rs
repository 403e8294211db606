//! A segment that says nowhere in words whom it is for. Silent unless its level says otherwise.

use crate::diagnostics::{Code, Diagnostic};

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let bare = context.segments().filter(|segment| segment.title.is_empty() && segment.docs.is_empty());
    found.extend(bare.map(|segment| {
        let message = format!("the segment `{}` has neither a title nor documentation", segment.name);
        Diagnostic::new(Code::SEG0626, message, segment.span, "for whom, and why?")
            .with_help("write a line that begins with `///` above it")
    }));
}
