//! A sequence of more than six steps: few profiles go all of the way in this order, and Adobe refuses it.

use crate::diagnostics::{Code, Diagnostic};
use crate::hir::ExprKind;

use super::Context;

/// What Adobe's segmentation takes.
const MOST: u64 = 6;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let ExprKind::Sequence(sequence) = &expr.kind else { return };
        let steps: u64 = sequence.steps.iter().map(|step| u64::from(step.times.max(1))).sum();
        if steps > MOST {
            let message = format!("the sequence has {steps} steps, more than {MOST}");
            let diagnostic = Diagnostic::new(Code::SEG0608, message, expr.span, "few profiles go all of this way")
                .with_help("keep the steps that tell the story, or ask for two shorter sequences");
            found.push(diagnostic);
        }
    });
}
