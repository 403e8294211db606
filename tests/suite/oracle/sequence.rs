//! Sequences, by trying every choice of events.

use segc::hir::{Expr, Sequence, SequenceStep};

use super::expr::{Element, Scope};
use super::value::exact;
use super::{Event, V};

/// The events matched so far by the positive step before, and where an excluded step looks from.
#[derive(Clone, Copy)]
struct Last<'e, 'a>(Option<&'e Event<'a>>);

impl<'e, 'a> Scope<'e, 'a> {
    /// Whether some choice of events fits.
    pub fn sequence(&self, sequence: &Sequence) -> bool {
        self.fits(&sequence.steps, Last(None), &[])
    }

    /// Whether the remaining steps fit after `last`; `excluded` are the steps since then that look up to the next event.
    fn fits(&self, steps: &[SequenceStep], last: Last<'e, 'a>, excluded: &[&SequenceStep]) -> bool {
        let Some((step, rest)) = steps.split_first() else {
            return excluded.iter().all(|step| self.is_missing(step, last, None, None));
        };
        if step.negated {
            return match (self.gap(&step.within), last.0) {
                (Some(within), Some(event)) => {
                    let end = event.time + within;
                    end <= self.world.now
                        && self.is_missing(step, last, None, Some(end))
                        && self.fits(rest, last, excluded)
                }
                _ => self.fits(rest, last, &[excluded, &[step]].concat()),
            };
        }
        self.repeats(step, step.times, rest, last, last, excluded)
    }

    /// Chooses the events of a positive step, one turn after the other. The gaps of all turns count from `since`.
    fn repeats(
        &self,
        step: &SequenceStep,
        turns: u32,
        rest: &[SequenceStep],
        since: Last<'e, 'a>,
        last: Last<'e, 'a>,
        excluded: &[&SequenceStep],
    ) -> bool {
        if turns == 0 {
            return self.fits(rest, last, &[]);
        }
        self.person.events.iter().any(|event| {
            let chosen = Element::Event(event);
            is_later(event, last.0)
                && self.gap_holds(step, since.0, event)
                && self.is_of(step, event)
                && excluded.iter().all(|excluded| self.is_missing(excluded, last, Some(event), None))
                && self.with(step.collection.binder, &chosen).repeats(
                    step,
                    turns - 1,
                    rest,
                    since,
                    Last(Some(event)),
                    &[],
                )
        })
    }

    /// Whether fewer than `times` events of an excluded step lie after `last`, before `next`, and up to `end`; without
    /// either, up to now.
    fn is_missing(&self, step: &SequenceStep, last: Last<'e, 'a>, next: Option<&Event>, end: Option<i64>) -> bool {
        let at_least = self.gap(&step.after_at_least);
        let until = end.or(next.is_none().then_some(self.world.now));
        let found = self.person.events.iter().filter(|event| {
            is_later(event, last.0)
                && next.is_none_or(|next| event.order < next.order)
                && until.is_none_or(|until| event.time <= until)
                && last.0.zip(at_least).is_none_or(|(last, gap)| event.time >= last.time + gap)
                && self.is_of(step, event)
        });
        found.count() < step.times as usize
    }

    fn is_of(&self, step: &SequenceStep, event: &'e Event<'a>) -> bool {
        let segc::hir::Source::Events { event_type, .. } = &step.collection.source else { panic!("steps are events") };
        event_type.as_ref().is_none_or(|name| **name == *event.kind)
            && self.counts(&step.collection, &Element::Event(event))
    }

    fn gap_holds(&self, step: &SequenceStep, since: Option<&Event>, event: &Event) -> bool {
        let Some(since) = since else { return true };
        let passed = event.time - since.time;
        self.gap(&step.within).is_none_or(|most| passed <= most)
            && self.gap(&step.after_at_least).is_none_or(|least| passed >= least)
    }

    fn gap(&self, gap: &Option<Box<Expr>>) -> Option<i64> {
        match self.value(gap.as_ref()?)? {
            V::Span(gap) => Some(exact(gap)),
            other => panic!("{other:?} is no duration"),
        }
    }
}

fn is_later(event: &Event, last: Option<&Event>) -> bool {
    last.is_none_or(|last| event.order > last.order)
}
