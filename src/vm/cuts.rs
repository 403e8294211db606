//! The runs of events that lie between instants, by profile. Invariant: of events that are in the order of their times,
//! as those of a data set are, a run has exactly the events of the window.

use std::ops::Range;

use super::frame::Frame;
use super::rows::{Record, Rows};
use super::run::Environment;
use super::times::Times;
use super::windows::{Instant, Mask};
use crate::bytecode::Register;
use crate::plan::DomainId;
use crate::vector::wide::{less, within};
use crate::vector::{Bitmap, Buffer, Segments};

/// Where the events of each profile are cut by an instant.
#[derive(Debug, Clone)]
pub(super) enum Cut {
    /// All are behind it.
    Starts,
    /// All are before it.
    Ends,
    /// The first row behind it.
    At(Buffer<u32>),
}

/// For each profile a run of rows of a domain.
pub(super) struct Runs {
    starts: Buffer<u32>,
    ends: Buffer<u32>,
}

impl Runs {
    #[inline]
    pub fn segments(&self) -> Segments<'_> {
        Segments::new(&self.starts, &self.ends)
    }

    /// The rows of a profile.
    #[inline]
    pub fn of_profile(&self, profile: usize) -> std::ops::Range<u32> {
        match (self.starts.get(profile), self.ends.get(profile)) {
            (Some(&start), Some(&end)) => start..end.max(start),
            _ => 0..0,
        }
    }
}

/// A cut is found from another if not more events of a profile lie between than this: one costs about as much as what is
/// asked of each profile when all events are counted.
const BETWEEN: u64 = 1;

/// Moves a cut event by event in each profile.
fn walked(from: &[u32], profiles: Segments<'_>, times: &Times<'_>, instant: i64, forwards: bool) -> Vec<u32> {
    let bound = times.bound(instant);
    let is_before = |row: u32| times.is_before(row as usize, bound);
    let each = from.iter().zip(profiles.starts()).zip(profiles.ends());
    let walk = |((&from, &start), &end): ((&u32, &u32), &u32)| {
        let mut row = from;
        while forwards && row < end && is_before(row) {
            row += 1;
        }
        while !forwards && row > start && !is_before(row - 1) {
            row -= 1;
        }
        row
    };
    each.map(walk).collect()
}

impl<'d> Environment<'_, 'd> {
    /// The rows of a domain that a mask leaves to each profile, and which of them are in it; all if `None`.
    pub fn masked(&self, events: DomainId, given: &Mask, frame: &Frame<'_, 'd>) -> (Runs, Option<Bitmap>) {
        let at = frame.bounds(self.loaded, DomainId::PROFILES, events).at;
        let profiles = at.len().saturating_sub(1);
        let (mut starts, mut ends) = (at.slice(0, profiles), at.slice(1, profiles));
        let cut = |number: Option<usize>| number.map(|number| self.cut(number, frame));
        match cut(given.from) {
            None | Some(Cut::Starts) => {}
            Some(Cut::Ends) => starts = ends.clone(),
            Some(Cut::At(rows)) => starts = rows,
        }
        match cut(given.until) {
            None | Some(Cut::Ends) => {}
            // Whatever the other side is, nothing is left.
            Some(Cut::Starts) => ends = at.slice(0, profiles),
            Some(Cut::At(rows)) => ends = rows,
        }
        (Runs { starts, ends }, self.mask_of(given.rest, events, frame))
    }

    /// A predicate over the rows of a domain; `None` if all of them satisfy it.
    pub fn mask_of(&self, mask: Option<Register>, domain: DomainId, frame: &Frame<'_, 'd>) -> Option<Bitmap> {
        let datum = mask.and_then(|mask| frame.read(mask));
        if datum.is_some_and(|datum| datum.is_constant() && datum.truth(1).get(0)) {
            return None;
        }
        self.mask(mask, frame.len(domain), frame)
    }

    fn cut(&self, number: usize, frame: &Frame<'_, 'd>) -> Cut {
        frame.cut(number, |instant| self.find_cut(instant, frame))
    }

    fn find_cut(&self, cut: &Instant, frame: &Frame<'_, 'd>) -> Cut {
        let Some((first, last)) = self.times_of(cut.event_type.as_deref()) else { return Cut::Starts };
        if first >= cut.instant {
            return Cut::Starts;
        }
        if last < cut.instant {
            return Cut::Ends;
        }
        let Some(rows) = frame.rows(cut.domain) else { return Cut::Starts };
        let times = self.times(rows, cut);
        let segments = Segments::between(&rows.ends);
        let known = frame.nearest_cut(cut.domain, cut.instant);
        let known = known.as_ref().map(|(at, rows)| (*at, &**rows));
        let starts = Some((first, segments.starts()));
        let ends = last.checked_add(1).map(|behind| (behind, segments.ends()));
        let near = [starts, ends, known].into_iter().flatten().min_by_key(|(at, _)| at.abs_diff(cut.instant));
        let part = |at: i64| u128::from(at.abs_diff(cut.instant)) * times.len() as u128;
        let few = |at: i64| part(at) <= u128::from(last.abs_diff(first)) * u128::from(BETWEEN) * segments.len() as u128;
        if let Some((at, from)) = near
            && few(at)
        {
            return Cut::At(self.moved((at, from), cut, &times, rows).into());
        }
        let counts = times.before(cut.instant).counts(segments);
        Cut::At(segments.starts().iter().zip(counts).map(|(start, count)| start + count).collect())
    }

    /// A cut from that at another instant: each event between them moves that of its profile by one row.
    fn moved(&self, (at, from): (i64, &[u32]), cut: &Instant, times: &Times<'_>, events: &Rows<'d>) -> Vec<u32> {
        let forwards = at < cut.instant;
        let Record::Range(start) = events.record else {
            return walked(from, Segments::between(&events.ends), times, cut.instant, forwards);
        };
        // Few events of one type: those between are looked for among all.
        let profiles = self.block().events.profile.get(start as usize..).unwrap_or_default();
        let between = if forwards { at..cut.instant } else { cut.instant..at };
        let mut rows = from.to_vec();
        for event in times.between(&between).ones() {
            if let Some(row) = profiles.get(event).and_then(|&profile| rows.get_mut(usize::from(profile))) {
                *row = if forwards { row.saturating_add(1) } else { row.saturating_sub(1) };
            }
        }
        rows
    }

    /// The profiles that have an event in a window up to the end of the data, by the time of the last one alone; `None`
    /// for other masks.
    pub fn any_since(&self, events: DomainId, given: &Mask, frame: &Frame<'_, 'd>) -> Option<Bitmap> {
        let &Mask { from: Some(from), until, rest: None } = given else { return None };
        if let Some(until) = until.map(|until| frame.instant(until)) {
            let until = until?;
            let (_, last) = self.times_of(until.event_type.as_deref())?;
            if last >= until.instant {
                return None;
            }
        }
        let rows = frame.rows(events)?;
        let from = frame.instant(from)?;
        let (times, segments) = (self.times(rows, from), Segments::between(&rows.ends));
        let lasts = frame.lasts(events, || {
            let last = |rows: Range<usize>| rows.last().and_then(|row| times.rough(row)).unwrap_or(i64::MIN);
            segments.iter().map(last).collect()
        });
        let bound = times.bound(from.instant);
        let mut before = less(&lasts, bound.rough);
        for profile in
            Bitmap::from_words(within(&lasts, &(bound.rough..bound.rough.saturating_add(1))), lasts.len()).ones()
        {
            let last = segments.ends().get(profile).map_or(0, |&end| end as usize).checked_sub(1)?;
            before[profile / 64] |= u64::from(times.is_closely_before(last, bound)) << (profile % 64);
        }
        Some(Bitmap::from_words(before, lasts.len()).not())
    }

    /// The times of events of the profiles, as they are cut at an instant.
    pub fn times<'a>(&'a self, rows: &'a Rows<'d>, cut: &Instant) -> Times<'a> {
        let unchecked = (!cut.is_read).then(|| self.block());
        let rows = match &rows.record {
            Record::Ordered(events) => return Times::in_order(events, unchecked, &self.looked),
            Record::Range(start) => *start as usize..*start as usize + rows.len,
            // Never the rows of all events of a profile.
            Record::Rows(_) => 0..0,
        };
        Times::of_rows(&self.block().events, rows, unchecked, &self.looked)
    }

    /// The first and the last time of the block's events of a type, or of all.
    pub fn times_of(&self, event_type: Option<&str>) -> Option<(i64, i64)> {
        let types = &self.block().events.types;
        match event_type {
            Some(name) => Some(types.get(name)?.times),
            None => types.values().map(|range| range.times).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))),
        }
    }
}
