//! `sequence(step then step)`. Imports `aggregate` and `window`. Invariant: a step's filter sees the events of earlier
//! positive steps, by their `as` names only.

use super::aggregate::collection_failed;
use super::checker::{Checker, Needs};
use super::errors;
use crate::hir::{Expr, ExprKind, Sequence, SequenceStep, Source};
use crate::source::Span;
use crate::syntax::ast;
use crate::types::Ty;

impl Checker<'_> {
    /// A sequence of events.
    pub fn sequence(&mut self, steps: &[ast::Step], span: Span) -> Expr {
        let before = self.scope.subjects.len();
        let names_before = self.step_names.len();
        self.step_names.extend(steps.iter().filter_map(|s| s.collection.alias.as_ref()).map(|a| a.node.clone()));
        let mut made = Vec::with_capacity(steps.len());
        let mut failed = false;
        let mut positive_before = false;
        for step in steps {
            match self.step(step, positive_before) {
                Some(step) => made.push(step),
                None => failed = true,
            }
            positive_before |= !step.negated;
        }
        self.scope.subjects.truncate(before);
        self.step_names.truncate(names_before);
        let all_read = steps.iter().all(|s| !matches!(s.collection.source, ast::Source::Error(_)));
        if !positive_before && all_read {
            self.report(errors::no_positive_step(span));
            failed = true;
        }
        if failed {
            return Expr::predicate(ExprKind::Error, span);
        }
        Expr::predicate(ExprKind::Sequence(Sequence { steps: made }), span)
    }

    fn step(&mut self, step: &ast::Step, positive_before: bool) -> Option<SequenceStep> {
        let times = match &step.times {
            Some(times) => self.times(times),
            None => Some(1),
        };
        for (gap, word) in [(&step.within, "within"), (&step.after_at_least, "after at least")] {
            if let (Some(gap), false) = (gap, positive_before) {
                self.report(errors::gap_without_step(word, gap.span, step.negated));
            }
        }
        let within = step.within.as_ref().map(|gap| self.gap(gap));
        let after_at_least = step.after_at_least.as_ref().map(|gap| self.gap(gap));
        // Only the step itself sees its event by bare names; later steps by the `as` name.
        let opened = self.open(&step.collection, |checker| checker.scope.subjects.last().cloned());
        if let (false, Some(mut bound)) = (step.negated, opened.inner)
            && bound.alias.is_some()
        {
            bound.bare = false;
            self.scope.subjects.push(bound);
        }
        if collection_failed(&opened.collection) {
            return None;
        }
        if !matches!(opened.collection.source, Source::Events { .. }) {
            self.report(errors::step_is_no_event(step.collection.span, &opened.subject));
            return None;
        }
        if !positive_before && (within.is_some() || after_at_least.is_some()) {
            return None;
        }
        Some(SequenceStep {
            negated: step.negated,
            times: times?,
            collection: opened.collection,
            within: transpose(within)?.map(Box::new),
            after_at_least: transpose(after_at_least)?.map(Box::new),
            span: step.span,
        })
    }

    fn times(&mut self, times: &ast::Spanned<String>) -> Option<u32> {
        let count = self.count(times, "`times`")?;
        match u32::try_from(count) {
            Ok(count) if count <= MAX_TIMES => Some(count),
            _ => {
                self.report(errors::too_many_times(MAX_TIMES, times.span));
                None
            }
        }
    }

    /// The gap between two events: exact, since it is counted from an event.
    fn gap(&mut self, gap: &ast::Expr) -> Option<Expr> {
        let length = self.length(gap)?;
        if length.ty.ty != Ty::Duration || !self.duration_is(&length, Needs { exact: true, ..Needs::default() }) {
            return None;
        }
        Some(length)
    }
}

/// The most repetitions of a step.
const MAX_TIMES: u32 = 1_000;

/// A gap that failed makes the step fail; one that is not there does not.
fn transpose(gap: Option<Option<Expr>>) -> Option<Option<Expr>> {
    match gap {
        None => Some(None),
        Some(Some(gap)) => Some(Some(gap)),
        Some(None) => None,
    }
}
