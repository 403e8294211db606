//! Sequences whose steps do not refer to each other's events: one pass over the sorted events of each step.
//!
//! For each positive step the set of events that a match of all steps so far can end with is kept. An event `q` of the
//! set leads to a contiguous run of events of the next step: later than `q`, within the gap, and before too many excluded
//! events have come; every bound of the run moves forward with `q`. So the next set is a union of runs, and whether a
//! match exists at all is whether the last set is empty. Of `N times` the events before the last are the earliest ones
//! possible, which leaves the most room. Invariant: linear in the number of events, but for binary searches.

use std::ops::Range;

use super::cuts::Runs;
use super::frame::Frame;
use super::load::Set;
use super::pairs::{Candidates, Records};
use super::run::Environment;
use super::windows::Mask;
use crate::plan::{DomainId, SequenceStep};
use crate::vector::Bitmap;
use crate::vector::kernels::reduce;

/// A step with its events.
struct Step<'s, 'd> {
    step: &'s SequenceStep,
    events: Candidates<'d>,
}

/// A positive step, with the excluded ones before it: those of an interval of their own, and those that reach up to it.
struct Positive<'a, 's, 'd> {
    step: &'a Step<'s, 'd>,
    intervals: Vec<&'a Step<'s, 'd>>,
    between: Vec<&'a Step<'s, 'd>>,
}

impl<'d> Environment<'_, 'd> {
    /// The profiles that match a sequence.
    pub fn sequence(&self, set: &Set<'_>, steps: &[SequenceStep], frame: &Frame<'_, 'd>) -> Bitmap {
        let profiles = frame.len(DomainId::PROFILES);
        let masks = steps.iter().enumerate().map(|(number, step)| {
            let alone = Mask { rest: step.mask, ..Mask::default() };
            let given = set.masks.get(number).and_then(Option::as_ref).unwrap_or(&alone);
            self.masked(step.events, given, frame)
        });
        let masks: Vec<(Runs, Option<Bitmap>)> = masks.collect();
        // Most profiles lack one of the events.
        let having = |(runs, mask): &(Runs, Option<Bitmap>)| reduce::any(mask.as_ref(), runs.segments());
        let positive = steps.iter().zip(&masks).filter(|(step, _)| !step.negated);
        let able = positive.map(|(_, mask)| having(mask)).reduce(|a, b| a.and(&b));
        let able = able.unwrap_or_else(|| Bitmap::filled(profiles, false));
        let steps = steps.iter().zip(masks).map(|(step, mask)| {
            let events = self.candidates_in(step.events, mask, &able, frame);
            Step { step, events }
        });
        let steps: Vec<Step<'_, 'd>> = steps.collect();
        if steps.iter().all(|step| !step.step.negated && step.step.times == 1) {
            let since = steps.iter().find_map(|step| step.step.span.as_ref()).map_or(0, |span| span.step as usize);
            let mut chain = Chain { since, ..Chain::default() };
            return Bitmap::from_words(chain.words(&steps, &able), profiles);
        }
        let mut positives: Vec<Positive<'_, '_, 'd>> = Vec::new();
        let mut excluded = Vec::new();
        for step in &steps {
            if step.step.negated {
                excluded.push(step);
                continue;
            }
            // Before the first positive step there is nothing to measure an interval from.
            let measured = !positives.is_empty();
            let (intervals, between) = std::mem::take(&mut excluded)
                .into_iter()
                .partition(|e: &&Step<'_, '_>| measured && e.step.within.is_some());
            positives.push(Positive { step, intervals, between });
        }
        let now = self.loaded.program.now;
        let mut words = vec![0u64; profiles.div_ceil(64)];
        let mut room = Room::default();
        for profile in able.ones().filter(|&profile| room.matches(&positives, &excluded, profile, now)) {
            words[profile / 64] |= 1 << (profile % 64);
        }
        Bitmap::from_words(words, profiles)
    }
}

/// Sequences of single events without exclusions. Of the events that a step can follow, the last one before it leaves the
/// shortest gap and the most room for `within`; the last one that is far enough away for `at least` is as good as any
/// before. So each step is a merge of two runs. The same event has the latest start of those that spans are measured from,
/// since starts ascend with the events that they lead to.
#[derive(Default)]
struct Chain {
    reached: Vec<Reached>,
    next: Vec<Reached>,
    /// The step that spans are measured from.
    since: usize,
}

/// An event that the steps so far can end with.
#[derive(Debug, Clone, Copy)]
struct Reached {
    record: u32,
    time: i64,
    /// The time of the event that spans are measured from.
    start: i64,
}

impl Chain {
    /// The bits of the profiles that match, of those that have all events.
    fn words(&mut self, steps: &[Step<'_, '_>], able: &Bitmap) -> Vec<u64> {
        let mut words = vec![0u64; able.len().div_ceil(64)];
        for profile in able.ones() {
            if self.matches(steps, profile) {
                words[profile / 64] |= 1 << (profile % 64);
            }
        }
        words
    }

    fn matches(&mut self, steps: &[Step<'_, '_>], profile: usize) -> bool {
        let Some((first, rest)) = steps.split_first() else { return false };
        let starts = first.events.of_profile(profile);
        // The events of the first step are all reached; they are looked at where they stand.
        let start = |at: usize| {
            let record = starts.get(at)?;
            let time = first.events.time(record);
            Some(Reached { record, time, start: time })
        };
        for (step, at) in rest.iter().zip(1..) {
            let records = step.events.of_profile(profile).iter();
            let reached = |at: usize| self.reached.get(at).copied();
            // Of the last step one event is enough.
            let enough = if at == rest.len() { 1 } else { usize::MAX };
            self.next.clear();
            match at {
                1 => self.next.extend(follow_each(start, step, records, at == self.since).take(enough)),
                _ => self.next.extend(follow_each(reached, step, records, at == self.since).take(enough)),
            }
            std::mem::swap(&mut self.reached, &mut self.next);
            if self.reached.is_empty() {
                return false;
            }
        }
        !rest.is_empty() || starts.len() > 0
    }
}

/// The events of the next step that can follow one of those reached; spans are measured from them if they start here.
fn follow_each<'a>(
    reached: impl Fn(usize) -> Option<Reached> + 'a,
    next: &'a Step<'_, '_>,
    records: impl Iterator<Item = u32> + 'a,
    starts: bool,
) -> impl Iterator<Item = Reached> + 'a {
    let events = &next.events;
    // Later events are some time later: a gap below zero is one of zero.
    let most = |gap: Option<i64>| gap.map_or(u64::MAX, |gap| gap.max(0).unsigned_abs());
    let (within, span) = (most(next.step.within), most(next.step.span.as_ref().map(|span| span.within)));
    let at_least = next.step.at_least.map_or(0, |gap| gap.max(0).unsigned_abs());
    // Ranks tell simultaneous events apart.
    let precedes = move |last: Reached, record: u32, time: i64| {
        last.time <= time
            && (last.time < time || events.rank(last.record) < events.rank(record))
            && time.abs_diff(last.time) >= at_least
    };
    // The last of those reached that the event can follow; and the first that it cannot, whose number is `open`.
    let (mut before, mut open) = (None, 0);
    let mut following = reached(open);
    records.filter_map(move |record| {
        let time = events.time(record);
        while let Some(last) = following
            && precedes(last, record, time)
        {
            before = following;
            open += 1;
            following = reached(open);
        }
        let last: Reached = before?;
        let follows = time.abs_diff(last.time) <= within && time.abs_diff(last.start) <= span;
        follows.then_some(Reached { record, time, start: if starts { time } else { last.start } })
    })
}

/// Room for what is found of a profile, so that none is asked for again for each.
#[derive(Default)]
struct Room {
    /// The events that the steps so far can end with.
    reached: Vec<u32>,
    next: Vec<u32>,
    /// See [`Repeats`].
    classes: Vec<u32>,
}

impl Room {
    fn matches(
        &mut self,
        positives: &[Positive<'_, '_, '_>],
        trailing: &[&Step<'_, '_>],
        profile: usize,
        now: i64,
    ) -> bool {
        let Some((first, rest)) = positives.split_first() else { return false };
        self.starts(first, profile);
        for next in rest {
            if self.reached.is_empty() {
                return false;
            }
            self.follow(next, profile, now);
        }
        self.reached.iter().any(|&last| trailing.iter().all(|step| stays_away(step, last, profile, now)))
    }

    /// The events that the first positive step can end with.
    fn starts(&mut self, first: &Positive<'_, '_, '_>, profile: usize) {
        let candidates = &first.step.events;
        let records = candidates.of_profile(profile);
        let limits = first.between.iter().filter_map(|step| limit(step, profile, 0));
        let open = open_until(candidates, records, limits.min(), records.len());
        let repeats = Repeats::new(candidates, records, first.step.step.times, &mut self.classes);
        self.reached.clear();
        if let Some(run) = repeats.ends(0..open, first.step.step.times, records.len()) {
            self.reached.extend(records.part(run).iter());
        }
    }

    /// The events that the next positive step can end with, after one of those reached.
    fn follow(&mut self, next: &Positive<'_, '_, '_>, profile: usize, now: i64) {
        let candidates = &next.step.events;
        let records = candidates.of_profile(profile);
        let step = next.step.step;
        let repeats = Repeats::new(candidates, records, step.times, &mut self.classes);
        self.next.clear();
        let mut done = 0;
        for &last in &self.reached {
            if !next.intervals.iter().all(|excluded| stays_away(excluded, last, profile, now)) {
                continue;
            }
            let time = candidates.time(last);
            let start = candidates.first_after(records, last, time, step.at_least);
            let latest = candidates.count_within(records, time, step.within);
            let limits = next.between.iter().filter_map(|excluded| {
                let others = excluded.events.of_profile(profile);
                limit(excluded, profile, excluded.events.first_after(others, last, time, excluded.step.at_least))
            });
            let open = open_until(candidates, records, limits.min(), latest);
            if let Some(run) = repeats.ends(start..open.max(start), step.times, latest) {
                let from = run.start.max(done);
                if from < run.end {
                    self.next.extend(records.part(from..run.end).iter());
                    done = run.end;
                }
            }
        }
        std::mem::swap(&mut self.reached, &mut self.next);
    }
}

/// The rank behind which the next positive event would come too late: that of the event that makes the excluded step,
/// counted from the `from`th of its events. `None` if that never comes.
fn limit(excluded: &Step<'_, '_>, profile: usize, from: usize) -> Option<u32> {
    let stop = from.checked_add(excluded.step.times as usize)?.checked_sub(1)?;
    excluded.events.of_profile(profile).get(stop).map(|record| excluded.events.rank(record))
}

/// How many of the records, of the first `latest`, are not later than a limit.
fn open_until(candidates: &Candidates<'_>, records: Records<'_>, limit: Option<u32>, latest: usize) -> usize {
    match limit {
        None => latest,
        Some(limit) => latest.min(records.partition_point(|record| candidates.rank(record) <= limit)),
    }
}

/// Whether fewer events of an excluded step than it takes come after an event: in its interval, which must have ended,
/// or up to the end of all.
fn stays_away(excluded: &Step<'_, '_>, last: u32, profile: usize, now: i64) -> bool {
    let (step, events) = (excluded.step, &excluded.events);
    let time = events.time(last);
    let ended = step.within.is_none_or(|within| i128::from(time) + i128::from(within) <= i128::from(now));
    let records = events.of_profile(profile);
    let from = events.first_after(records, last, time, step.at_least);
    let to = events.count_within(records, time, step.within);
    ended && to.saturating_sub(from) < step.times as usize
}

/// Choosing several events, each strictly later than the one before: simultaneous ones count once.
struct Repeats<'r> {
    /// The number of different instants up to each event; not counted where one event is enough.
    classes: &'r [u32],
}

impl<'r> Repeats<'r> {
    fn new(candidates: &Candidates<'_>, records: Records<'_>, times: u32, classes: &'r mut Vec<u32>) -> Repeats<'r> {
        classes.clear();
        if times != 1 {
            let mut class = 0;
            let mut last = None;
            classes.extend(records.iter().map(|record| {
                let rank = candidates.rank(record);
                if last != Some(rank) {
                    class += 1;
                    last = Some(rank);
                }
                class
            }));
        }
        Repeats { classes }
    }

    /// The run of events that the last of `times` choices can be, if the first is in a run and the last before `latest`.
    fn ends(&self, first: Range<usize>, times: u32, latest: usize) -> Option<Range<usize>> {
        if first.is_empty() || times == 0 {
            return None;
        }
        if times == 1 {
            return Some(first);
        }
        let wanted = self.classes.get(first.start)?.checked_add(times - 1)?;
        let start = self.classes.partition_point(|&class| class < wanted);
        (start < latest).then_some(start..latest)
    }
}
