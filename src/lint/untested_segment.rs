//! A segment that no `test` names. Silent unless its level says otherwise.

use crate::diagnostics::{Code, Diagnostic};

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let module = context.module;
    let mut tested = vec![false; module.segments.len()];
    for expect in module.tests.iter().flat_map(|test| &test.expects) {
        if let Some(tested) = tested.get_mut(expect.segment.0 as usize) {
            *tested = true;
        }
    }
    let untested = module.segments.iter().zip(tested).filter(|(_, tested)| !tested);
    found.extend(untested.map(|(segment, _)| {
        let message = format!("no test expects anything of the segment `{}`", segment.name);
        Diagnostic::new(Code::SEG0629, message, segment.span, "not tested")
            .with_help("write a `test` with one profile that is in and one that is not")
    }));
}
