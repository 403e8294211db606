//! Pairs of a partial match and an event that may come later, or lie in between. Invariant: events of a profile are
//! gone through in their order, in which rank and time ascend together.

use std::ops::Range;

use super::TooManyRows;
use super::frame::Frame;
use super::rows::{Maker, Rows, Source};
use super::run::Environment;
use crate::bytecode::Register;
use crate::plan::DomainId;
use crate::vector::Bitmap;

/// From when a gap is measured, and how long it may be.
pub(super) struct Gap {
    pub since: DomainId,
    pub within: Option<i64>,
    pub at_least: Option<i64>,
}

/// The events that count, by profile.
pub(super) struct Candidates<'d> {
    times: &'d [i64],
    ranks: &'d [u32],
    profiles: &'d [u16],
    /// Records in the order of (profile, timestamp, id).
    records: Vec<u32>,
    /// For profile `first + i` the records `ends[i]..ends[i + 1]`.
    ends: Vec<u32>,
    first: usize,
}

impl Candidates<'_> {
    pub fn of_profile(&self, profile: usize) -> &[u32] {
        let index = profile.wrapping_sub(self.first);
        match (self.ends.get(index), self.ends.get(index.wrapping_add(1))) {
            (Some(&from), Some(&to)) => &self.records[from as usize..to as usize],
            _ => &[],
        }
    }

    pub fn time(&self, record: u32) -> i64 {
        self.times.get(record as usize).copied().unwrap_or(0)
    }

    pub fn rank(&self, record: u32) -> u32 {
        self.ranks.get(record as usize).copied().unwrap_or(0)
    }

    /// The first of the records that is later than an event, and at least so long after an instant.
    pub fn first_after(&self, records: &[u32], after: u32, since: i64, at_least: Option<i64>) -> usize {
        let rank = self.rank(after);
        let later = records.partition_point(|&record| self.rank(record) <= rank);
        match at_least {
            None => later,
            Some(gap) => {
                let earliest = i128::from(since) + i128::from(gap);
                later.max(records.partition_point(|&record| i128::from(self.time(record)) < earliest))
            }
        }
    }

    /// How many of the records are at most so long after an instant.
    pub fn count_within(&self, records: &[u32], since: i64, within: Option<i64>) -> usize {
        let Some(gap) = within else { return records.len() };
        let latest = i128::from(since) + i128::from(gap);
        records.partition_point(|&record| i128::from(self.time(record)) <= latest)
    }
}

impl<'d> Environment<'_, 'd> {
    /// The events of a domain that satisfy a mask, by profile; those of `profiles` alone, where they are given.
    pub fn candidates(
        &self,
        events: DomainId,
        mask: Option<Register>,
        profiles: Option<&Bitmap>,
        frame: &Frame<'_, 'd>,
    ) -> Candidates<'d> {
        let bounds = frame.bounds(self.loaded, DomainId::PROFILES, events);
        let mask = self.mask(mask, frame.len(events), frame);
        let mut records = Vec::new();
        let mut ends = Vec::with_capacity(bounds.at.len());
        ends.push(0);
        if let Some(rows) = frame.rows(events) {
            let record = rows.record.view();
            let wanted = profiles.map(Bitmap::view);
            for (index, pair) in bounds.at.windows(2).enumerate() {
                if wanted.is_some_and(|wanted| !wanted.get(bounds.first + index)) {
                    ends.push(records.len() as u32);
                    continue;
                }
                let (from, to) = (pair[0] as usize, pair[1] as usize);
                match &mask {
                    None => records.extend((from..to).map(|row| record.get(row))),
                    Some(mask) => records.extend(mask.ones_in(from, to).map(|row| record.get(row))),
                }
                ends.push(records.len() as u32);
            }
        }
        let events = &self.block().events;
        let (times, ranks, profiles) = (&*events.time, &*events.rank, &*events.profile);
        Candidates { times, ranks, profiles, records, ends, first: bounds.first }
    }

    /// The record of the event of a domain above each parent row.
    fn event_above<'a>(
        &'a self,
        parent: DomainId,
        above: DomainId,
        frame: &'a Frame<'_, 'd>,
    ) -> impl Fn(usize) -> u32 + 'a {
        let row_above = self.above(parent, above, frame);
        let rows = frame.rows(above);
        move |row| rows.map_or(u32::MAX, |rows| rows.record.get(row_above(row)))
    }

    fn make_pairs(
        &self,
        parent: DomainId,
        candidates: &Candidates<'d>,
        anchor: impl Fn(usize) -> u32,
        choose: impl Fn(usize, &[u32]) -> Range<usize>,
        frame: &Frame<'_, 'd>,
    ) -> Result<Rows<'d>, TooManyRows> {
        let range = frame.range(parent);
        let mut maker = Maker::new(&range, frame.limit);
        for row in range {
            let profile = candidates.profiles.get(anchor(row) as usize);
            let records = profile.map_or(&[][..], |&profile| candidates.of_profile(profile as usize));
            let chosen = choose(row, records);
            maker.segment(records.get(chosen).unwrap_or_default().iter().copied())?;
        }
        Ok(maker.finish(Source::Events))
    }

    /// The events later than that of `after`, in a gap since that of another.
    pub fn make_later(
        &self,
        parent: DomainId,
        (events, mask): (DomainId, Option<Register>),
        after: DomainId,
        gap: Gap,
        frame: &Frame<'_, 'd>,
    ) -> Result<Rows<'d>, TooManyRows> {
        let candidates = self.candidates(events, mask, None, frame);
        let after = self.event_above(parent, after, frame);
        let since = self.event_above(parent, gap.since, frame);
        let choose = |row: usize, records: &[u32]| {
            let from = candidates.time(since(row));
            let start = candidates.first_after(records, after(row), from, gap.at_least);
            start..candidates.count_within(records, from, gap.within).max(start)
        };
        self.make_pairs(parent, &candidates, &after, choose, frame)
    }

    /// The events before that of `before`, and later than that of `after`.
    pub fn make_between(
        &self,
        parent: DomainId,
        (events, mask): (DomainId, Option<Register>),
        after: Option<DomainId>,
        before: DomainId,
        at_least: Option<i64>,
        frame: &Frame<'_, 'd>,
    ) -> Result<Rows<'d>, TooManyRows> {
        let candidates = self.candidates(events, mask, None, frame);
        let before = self.event_above(parent, before, frame);
        let after = after.map(|after| self.event_above(parent, after, frame));
        let choose = |row: usize, records: &[u32]| {
            let start = match &after {
                None => 0,
                Some(after) => {
                    let after = after(row);
                    candidates.first_after(records, after, candidates.time(after), at_least)
                }
            };
            let limit = candidates.rank(before(row));
            start..records.partition_point(|&record| candidates.rank(record) < limit).max(start)
        };
        self.make_pairs(parent, &candidates, &before, choose, frame)
    }
}
