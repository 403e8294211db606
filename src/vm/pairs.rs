//! Pairs of a partial match and an event that may come later, or lie in between. Invariant: events of a profile are
//! gone through in their order, in which rank and time ascend together.

use std::ops::Range;

use super::TooManyRows;
use super::cuts::Runs;
use super::frame::Frame;
use super::rows::{self, Maker, Record, Rows};
use super::run::Environment;
use crate::bytecode::Register;
use crate::plan::DomainId;
use crate::vector::{Bitmap, Segments};

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
    records: Found<'d>,
}

/// The records of the events that count, in the order of (profile, timestamp, id).
enum Found<'d> {
    /// For each profile a run of the rows of a domain that has these records.
    Runs(Runs, Source<'d>),
    /// For profile `first + i` the records `ends[i]..ends[i + 1]`.
    Listed { records: Vec<u32>, ends: Vec<u32>, first: usize },
}

/// Which records the rows of a domain have.
enum Source<'d> {
    From(u32),
    Ordered(&'d [u32]),
}

/// Records in order.
#[derive(Debug, Clone, Copy)]
pub(super) enum Records<'r> {
    /// One behind the other.
    Run(u32, u32),
    /// One by one.
    Listed(&'r [u32]),
}

impl<'r> Records<'r> {
    #[inline]
    pub fn len(self) -> usize {
        match self {
            Records::Run(start, end) => (end - start) as usize,
            Records::Listed(records) => records.len(),
        }
    }

    #[inline]
    pub fn get(self, at: usize) -> Option<u32> {
        match self {
            Records::Run(start, end) => (at < (end - start) as usize).then(|| start + at as u32),
            Records::Listed(records) => records.get(at).copied(),
        }
    }

    /// A part of them; what lies outside is left out.
    pub fn part(self, range: Range<usize>) -> Records<'r> {
        let end = range.end.min(self.len());
        let start = range.start.min(end);
        match self {
            Records::Run(first, _) => Records::Run(first + start as u32, first + end as u32),
            Records::Listed(records) => Records::Listed(&records[start..end]),
        }
    }

    #[inline]
    pub fn iter(self) -> impl Iterator<Item = u32> + 'r {
        let (run, listed) = match self {
            Records::Run(start, end) => (start..end, &[][..]),
            Records::Listed(records) => (0..0, records),
        };
        run.chain(listed.iter().copied())
    }

    /// How many of the first satisfy what none behind them does.
    pub fn partition_point(self, holds: impl Fn(u32) -> bool) -> usize {
        match self {
            Records::Listed(records) => records.partition_point(|&record| holds(record)),
            Records::Run(start, end) => {
                let (mut low, mut high) = (start, end);
                while low < high {
                    let middle = low + (high - low) / 2;
                    if holds(middle) { low = middle + 1 } else { high = middle }
                }
                (low - start) as usize
            }
        }
    }
}

impl Candidates<'_> {
    #[inline]
    pub fn of_profile(&self, profile: usize) -> Records<'_> {
        match &self.records {
            Found::Runs(runs, source) => {
                let run = runs.of_profile(profile);
                match source {
                    Source::From(start) => Records::Run(start.saturating_add(run.start), start.saturating_add(run.end)),
                    Source::Ordered(records) => {
                        Records::Listed(records.get(run.start as usize..run.end as usize).unwrap_or_default())
                    }
                }
            }
            Found::Listed { records, ends, first } => {
                let index = profile.wrapping_sub(*first);
                match (ends.get(index), ends.get(index.wrapping_add(1))) {
                    (Some(&from), Some(&to)) => Records::Listed(&records[from as usize..to as usize]),
                    _ => Records::Listed(&[]),
                }
            }
        }
    }

    #[inline]
    pub fn time(&self, record: u32) -> i64 {
        self.times.get(record as usize).copied().unwrap_or(0)
    }

    #[inline]
    pub fn rank(&self, record: u32) -> u32 {
        self.ranks.get(record as usize).copied().unwrap_or(0)
    }

    /// The first of the records that is later than an event, and at least so long after an instant.
    pub fn first_after(&self, records: Records<'_>, after: u32, since: i64, at_least: Option<i64>) -> usize {
        let rank = self.rank(after);
        let later = records.partition_point(|record| self.rank(record) <= rank);
        match at_least {
            None => later,
            Some(gap) => {
                let earliest = i128::from(since) + i128::from(gap);
                later.max(records.partition_point(|record| i128::from(self.time(record)) < earliest))
            }
        }
    }

    /// How many of the records are at most so long after an instant.
    pub fn count_within(&self, records: Records<'_>, since: i64, within: Option<i64>) -> usize {
        let Some(gap) = within else { return records.len() };
        let latest = i128::from(since) + i128::from(gap);
        records.partition_point(|record| i128::from(self.time(record)) <= latest)
    }
}

impl<'d> Environment<'_, 'd> {
    /// The events of a domain that satisfy a mask, by profile.
    pub fn candidates(&self, events: DomainId, mask: Option<Register>, frame: &Frame<'_, 'd>) -> Candidates<'d> {
        let bounds = frame.bounds(self.loaded, DomainId::PROFILES, events);
        let mask = self.mask(mask, frame.len(events), frame);
        self.listed(bounds.first, Segments::between(&bounds.at), mask.as_ref(), events, frame)
    }

    /// The events of a step, by profile; where they are listed one by one, those of `profiles` alone.
    pub fn candidates_in(
        &self,
        events: DomainId,
        (runs, mask): (Runs, Option<Bitmap>),
        profiles: &Bitmap,
        frame: &Frame<'_, 'd>,
    ) -> Candidates<'d> {
        let source = match frame.rows(events).map(|rows| &rows.record) {
            Some(Record::Range(start)) => Some(Source::From(*start)),
            Some(Record::Ordered(events)) => Some(Source::Ordered(&events.by_profile)),
            Some(Record::Rows(_)) | None => None,
        };
        if let (Some(source), None) = (source, &mask) {
            return self.found(Found::Runs(runs, source));
        }
        let wanted = profiles.view();
        let (all, none) = (runs.segments(), |row: usize| !wanted.get(row));
        let starts = all.starts().iter().zip(all.ends()).enumerate();
        let starts: Vec<u32> = starts.map(|(row, (&start, &end))| if none(row) { end } else { start }).collect();
        self.listed(0, Segments::new(&starts, all.ends()), mask.as_ref(), events, frame)
    }

    fn listed(
        &self,
        first: usize,
        segments: Segments<'_>,
        mask: Option<&Bitmap>,
        events: DomainId,
        frame: &Frame<'_, 'd>,
    ) -> Candidates<'d> {
        let mut records = Vec::new();
        let mut ends = Vec::with_capacity(segments.len() + 1);
        ends.push(0);
        if let Some(rows) = frame.rows(events) {
            let record = rows.record.view();
            for segment in segments.iter() {
                match mask {
                    None => records.extend(segment.map(|row| record.get(row))),
                    Some(mask) => records.extend(mask.ones_in(segment.start, segment.end).map(|row| record.get(row))),
                }
                ends.push(records.len() as u32);
            }
        }
        self.found(Found::Listed { records, ends, first })
    }

    fn found(&self, records: Found<'d>) -> Candidates<'d> {
        let events = &self.block().events;
        Candidates { times: &events.time, ranks: &events.rank, profiles: &events.profile, records }
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
        choose: impl Fn(usize, Records<'_>) -> Range<usize>,
        frame: &Frame<'_, 'd>,
    ) -> Result<Rows<'d>, TooManyRows> {
        let range = frame.range(parent);
        let mut maker = Maker::new(&range, frame.limit);
        for row in range {
            let profile = candidates.profiles.get(anchor(row) as usize);
            let records = profile.map_or(Records::Listed(&[]), |&profile| candidates.of_profile(profile as usize));
            let chosen = choose(row, records);
            maker.segment(records.part(chosen).iter())?;
        }
        Ok(maker.finish(rows::Source::Events))
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
        let candidates = self.candidates(events, mask, frame);
        let after = self.event_above(parent, after, frame);
        let since = self.event_above(parent, gap.since, frame);
        let choose = |row: usize, records: Records<'_>| {
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
        let candidates = self.candidates(events, mask, frame);
        let before = self.event_above(parent, before, frame);
        let after = after.map(|after| self.event_above(parent, after, frame));
        let choose = |row: usize, records: Records<'_>| {
            let start = match &after {
                None => 0,
                Some(after) => {
                    let after = after(row);
                    candidates.first_after(records, after, candidates.time(after), at_least)
                }
            };
            let limit = candidates.rank(before(row));
            start..records.partition_point(|record| candidates.rank(record) < limit).max(start)
        };
        self.make_pairs(parent, &candidates, &before, choose, frame)
    }
}
