//! Sequences. Where no step refers to another's event, the whole is one operation over sorted runs. Else partial matches
//! become domains: each positive step extends them by the later events that fit, each excluded step drops those that
//! have an event in between.

use super::collection::{Rows, conjuncts};
use super::{Lowerer, Scope};
use crate::builtins::Test;
use crate::hir::walk::Uses;
use crate::hir::{BinderId, Expr, Sequence, SequenceStep, Source};
use crate::plan::{self, DomainId, DomainKind, NodeId, Op, Reduction};
use crate::types::{Ty, Type, Value};

/// A step with its gaps as microseconds and its own conditions as a mask over the profiles' events.
struct Step<'s> {
    step: &'s SequenceStep,
    events: DomainId,
    mask: Option<NodeId>,
    within: Option<i64>,
    at_least: Option<i64>,
    /// Conditions that refer to earlier steps or to subjects outside the sequence.
    correlated: Vec<&'s Expr>,
}

/// The partial matches so far.
struct Matches {
    /// One row per partial match.
    domain: DomainId,
    /// The ancestor (or itself) whose record is the last event; `None` before the first positive step.
    last: Option<DomainId>,
}

impl Lowerer<'_> {
    /// A sequence as a predicate over the outermost subject that it depends on.
    pub(super) fn sequence(&mut self, sequence: &Sequence, scope: &Scope) -> NodeId {
        let mut uses = Uses::default();
        for step in &sequence.steps {
            uses.collection(&step.collection);
        }
        let parent = self.reach(&uses, scope);
        let steps: Vec<Step> = sequence.steps.iter().map(|step| self.step(step, sequence, scope)).collect();
        if parent == DomainId::PROFILES && steps.iter().all(|step| step.correlated.is_empty()) {
            return self.uncorrelated(&steps);
        }
        self.correlated(&steps, parent, scope)
    }

    fn uncorrelated(&mut self, steps: &[Step]) -> NodeId {
        let steps = steps.iter().map(|step| plan::SequenceStep {
            negated: step.step.negated,
            times: step.step.times,
            events: step.events,
            mask: step.mask,
            within: step.within,
            at_least: step.at_least,
            span: None,
        });
        self.graph.node(Op::Sequence(steps.collect()), DomainId::PROFILES, Type::BOOL)
    }

    /// Lowers what a step says of its own events.
    fn step<'s>(&mut self, step: &'s SequenceStep, sequence: &Sequence, scope: &Scope) -> Step<'s> {
        let collection = &step.collection;
        let others: Vec<BinderId> =
            sequence.steps.iter().map(|s| s.collection.binder).filter(|&b| b != collection.binder).collect();
        let (own, correlated): (Vec<&Expr>, Vec<&Expr>) =
            conjuncts(collection.filter.as_deref()).into_iter().partition(|condition| {
                let mut uses = Uses::default();
                uses.expr(condition);
                let outside = uses
                    .free()
                    .filter(|&subject| subject != collection.binder)
                    .any(|subject| others.contains(&subject) || self.domain_of(subject) != DomainId::PROFILES);
                !outside && uses.locals.is_empty()
            });
        let unfiltered = crate::hir::Collection { filter: None, ..collection.clone() };
        let rows = self.collection_under(&unfiltered, DomainId::PROFILES, scope);
        let mut tests: Vec<NodeId> = rows.mask.into_iter().collect();
        if looks_up_to_now(step, sequence) {
            tests.extend(self.not_after_now(rows.domain));
        }
        tests.extend(own.into_iter().map(|condition| self.expr(condition, scope)));
        let mask = self.mask(tests, rows.domain);
        let within = step.within.as_deref().and_then(|gap| self.gap(gap, scope));
        let at_least = step.after_at_least.as_deref().and_then(|gap| self.gap(gap, scope));
        Step { step, events: rows.domain, mask, within, at_least, correlated }
    }

    /// A constant gap in exact microseconds.
    fn gap(&mut self, gap: &Expr, scope: &Scope) -> Option<i64> {
        let node = self.expr(gap, scope);
        self.graph.constant_duration(node)?.exact_micros()
    }

    fn correlated(&mut self, steps: &[Step], parent: DomainId, scope: &Scope) -> NodeId {
        let mut matches = Matches { domain: parent, last: None };
        let mut pending: Vec<&Step> = Vec::new();
        for step in steps {
            if step.step.negated {
                match (step.within, matches.last) {
                    (Some(within), Some(last)) => self.exclude_within(&mut matches, step, last, within, scope),
                    _ => pending.push(step),
                }
                continue;
            }
            let since = matches.last;
            for turn in 0..step.step.times {
                let before = matches.last;
                self.extend(&mut matches, step, since, scope);
                if turn == 0 {
                    for excluded in pending.drain(..) {
                        self.exclude_between(&mut matches, excluded, before, scope);
                    }
                }
            }
        }
        if let Some(last) = matches.last {
            for excluded in pending {
                self.exclude_later(&mut matches, excluded, last, scope);
            }
        }
        let op = Op::Reduce { from: matches.domain, mask: None, reduction: Reduction::Any };
        self.graph.node(op, parent, Type::BOOL)
    }

    /// Extends each partial match by each event that may come next.
    fn extend(&mut self, matches: &mut Matches, step: &Step, since: Option<DomainId>, scope: &Scope) {
        let found = match (matches.last, since) {
            (Some(after), Some(since)) => {
                let kind = self.later(step, after, since, step.within);
                self.graph.domain(Some(matches.domain), kind)
            }
            (Some(after), None) => {
                // A repeat of the first step: no gap to measure.
                let kind = DomainKind::Later {
                    events: step.events,
                    mask: step.mask,
                    after,
                    since: after,
                    within: None,
                    at_least: None,
                };
                self.graph.domain(Some(matches.domain), kind)
            }
            (None, _) => self.first(matches.domain, step, scope),
        };
        self.subjects.insert(step.step.collection.binder, found);
        let tests = step.correlated.iter().map(|condition| self.expr(condition, scope)).collect();
        let domain = self.filter(found, tests);
        self.subjects.insert(step.step.collection.binder, domain);
        *matches = Matches { domain, last: Some(domain) };
    }

    /// The first positive step's events under the parent.
    fn first(&mut self, parent: DomainId, step: &Step, scope: &Scope) -> DomainId {
        if parent == DomainId::PROFILES {
            return match step.mask {
                Some(mask) => self.graph.domain(Some(step.events), DomainKind::Filter { mask }),
                None => step.events,
            };
        }
        let correlated: Vec<&Expr> = step.correlated.clone();
        let own = conjuncts(step.step.collection.filter.as_deref())
            .into_iter()
            .filter(|condition| !correlated.iter().any(|other| std::ptr::eq(*other, *condition)))
            .collect::<Vec<_>>();
        let unfiltered = crate::hir::Collection { filter: None, ..step.step.collection.clone() };
        let rows = self.collection_under(&unfiltered, parent, scope);
        let mut tests: Vec<NodeId> = rows.mask.into_iter().collect();
        tests.extend(own.into_iter().map(|condition| self.expr(condition, scope)));
        self.filter(rows.domain, tests)
    }

    fn later(&self, step: &Step, after: DomainId, since: DomainId, within: Option<i64>) -> DomainKind {
        DomainKind::Later { events: step.events, mask: step.mask, after, since, within, at_least: step.at_least }
    }

    /// Keeps the partial matches whose interval has ended by now without the excluded event.
    fn exclude_within(&mut self, matches: &mut Matches, step: &Step, last: DomainId, within: i64, scope: &Scope) {
        let kind = self.later(step, last, last, Some(within));
        let absent = self.fewer(matches.domain, kind, step, scope);
        let time = self.event_time(matches.domain);
        let ended = match self.now.checked_sub(within) {
            Some(latest) => {
                let latest = self.timestamp(latest);
                self.graph.test(Test::Le, vec![time, latest])
            }
            None => self.graph.bool(false),
        };
        self.keep(matches, vec![absent, ended]);
    }

    /// Keeps those without the excluded event between the events of two positive steps.
    fn exclude_between(&mut self, matches: &mut Matches, step: &Step, after: Option<DomainId>, scope: &Scope) {
        let kind = DomainKind::Between {
            events: step.events,
            mask: step.mask,
            after,
            before: matches.domain,
            at_least: step.at_least,
        };
        let absent = self.fewer(matches.domain, kind, step, scope);
        self.keep(matches, vec![absent]);
    }

    /// Keeps those without the excluded event after the last positive step.
    fn exclude_later(&mut self, matches: &mut Matches, step: &Step, last: DomainId, scope: &Scope) {
        let kind = self.later(step, last, last, None);
        let absent = self.fewer(matches.domain, kind, step, scope);
        self.keep(matches, vec![absent]);
    }

    /// Fewer than `times` events of a kind for each partial match.
    fn fewer(&mut self, parent: DomainId, kind: DomainKind, step: &Step, scope: &Scope) -> NodeId {
        let domain = self.graph.domain(Some(parent), kind);
        self.subjects.insert(step.step.collection.binder, domain);
        let tests = step.correlated.iter().map(|condition| self.expr(condition, scope)).collect();
        let mask = self.mask(tests, domain);
        let rows = Rows { parent, domain, mask };
        if step.step.times == 1 {
            let some = self.reduce(&rows, Reduction::Any, Type::BOOL);
            return self.graph.not(some);
        }
        let count = self.reduce(&rows, Reduction::Count, Type::required(Ty::Int));
        let times = self.graph.literal(Value::Int(i64::from(step.step.times)), Ty::Int);
        self.graph.test(Test::Lt, vec![count, times])
    }

    /// Drops the partial matches that fail a test. The last event stays the record of the rows.
    fn keep(&mut self, matches: &mut Matches, tests: Vec<NodeId>) {
        matches.domain = self.filter(matches.domain, tests);
        if matches.last.is_some() {
            matches.last = Some(matches.domain);
        }
    }

    fn collection_under(&mut self, collection: &crate::hir::Collection, parent: DomainId, scope: &Scope) -> Rows {
        debug_assert!(matches!(collection.source, Source::Events { .. }));
        self.rows(collection, parent, scope)
    }
}

/// Whether an excluded step has neither a gap nor a step behind it that ends its interval: then now does, whatever its
/// window sees.
fn looks_up_to_now(step: &SequenceStep, sequence: &Sequence) -> bool {
    let behind = sequence.steps.iter().skip_while(|other| !std::ptr::eq(*other, step));
    step.negated && step.within.is_none() && behind.skip(1).all(|other| other.negated)
}
