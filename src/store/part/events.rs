//! The events of a block: found first, and checked when they are read: only what is read, piece by piece. Invariant: rows
//! that have been checked satisfy the invariants of [`EventTable`], whatever is in the file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::check;
use super::chunk::{PIECE, UNSOUND};
use super::directory::Array;
use super::read::{Part, Wanted};
use crate::plan::{FieldPath, FieldStep};
use crate::store::access::Plain;
use crate::store::fault::Fault;
use crate::store::reads::{EventReads, Types};
use crate::store::{Ends, EventTable, NO_ROW, Scale, Slots, Space, Table, TypeRange};
use crate::types::Ty;
use crate::vector::wide::wide;
use crate::vector::{Buffer, Column, Data};

impl Part {
    /// The events of a block, not checked.
    pub(super) fn events(
        &self,
        index: usize,
        profiles: usize,
        rows: usize,
        wanted: &Wanted,
    ) -> Result<EventTable, Fault> {
        let time: Buffer<i64> = self.array(index, Array::Time, rows)?;
        let mut table = Table { rows, columns: BTreeMap::new() };
        if wanted.time {
            let path: FieldPath = [FieldStep::Field(crate::schema::TIMESTAMP.into())].into();
            table.columns.insert(path, Column { data: Data::Int(time.clone()), valid: None });
        }
        let mut events = EventTable {
            table,
            types: self.types(index, profiles, rows)?,
            profile: self.array(index, Array::Profile, rows)?,
            time,
            rank: self.array(index, Array::Rank, rows)?,
            by_profile_offsets: vec![0; profiles + 1].into(),
            ..EventTable::default()
        };
        if wanted.by_profile {
            events.by_profile_offsets = self.array(index, Array::ByProfileOffsets, profiles + 1)?;
            events.by_profile = self.array(index, Array::ByProfile, rows)?;
            events.by_profile_time = self.array(index, Array::ByProfileTime, rows)?;
        }
        let mut slots = Slots {
            scale: Scale::of(&events.types),
            rows: self.array(index, Array::Slots, rows)?,
            in_order: Buffer::default(),
        };
        if wanted.by_profile {
            slots.in_order = self.array(index, Array::SlotsInOrder, rows)?;
            events.ends = Some(Ends {
                times: self.array(index, Array::EndTimes, 2 * profiles)?,
                rows: self.array(index, Array::EndRows, 2 * profiles)?,
                shared: self.array(index, Array::EndsShared, 2 * profiles)?,
            });
        }
        events.slots = Some(slots);
        Ok(events)
    }

    fn array<T: Plain>(&self, index: usize, array: Array, len: usize) -> Result<Buffer<T>, Fault> {
        let fault = |what: &'static str| self.broken(Some(index), array, what);
        let values: Buffer<T> = self.placed(index, array)?.values().map_err(fault)?;
        if values.len() == len { Ok(values) } else { Err(fault("it has another length than it should")) }
    }

    /// The ranges of the types, which follow each other and fill all rows; their offsets are not checked.
    pub(super) fn types(
        &self,
        index: usize,
        profiles: usize,
        rows: usize,
    ) -> Result<BTreeMap<Arc<str>, TypeRange>, Fault> {
        let fault = |what: &'static str| self.broken(Some(index), Array::Types, what);
        let ranges: Buffer<i64> = self.parts(index, Array::Types)?.values().map_err(fault)?;
        let wrong = || fault("its ranges do not follow each other");
        if !ranges.len().is_multiple_of(5) {
            return Err(wrong());
        }
        let offsets: Buffer<u32> = self.array(index, Array::TypeOffsets, ranges.len() / 5 * (profiles + 1))?;
        let mut types = BTreeMap::new();
        let (mut next, mut last) = (0, -1);
        for (i, range) in ranges.chunks_exact(5).enumerate() {
            let [number, start, end, from, to] = *range else { return Err(wrong()) };
            let name = usize::try_from(number).ok().and_then(|n| self.directory.types.get(n)).ok_or_else(wrong)?;
            let own = offsets.slice(i * (profiles + 1), profiles + 1);
            let bounds = u32::try_from(start).ok().zip(u32::try_from(end).ok()).ok_or_else(wrong)?;
            if number <= last || bounds.0 != next || bounds.1 < bounds.0 {
                return Err(wrong());
            }
            (next, last) = (bounds.1, number);
            types.insert(name.clone(), TypeRange { rows: bounds.0..bounds.1, offsets: own, times: (from, to) });
        }
        if next as usize == rows { Ok(types) } else { Err(wrong()) }
    }

    /// Checks what is read of the events of a block.
    pub(in crate::store) fn check_events(
        &self,
        index: usize,
        wanted: &Wanted,
        events: &EventTable,
        reads: &EventReads,
    ) -> Result<(), Fault> {
        if !wanted.events {
            return Ok(());
        }
        self.check_offsets(index, events, &reads.offsets)?;
        let profiles = self.directory.blocks.get(index).map_or(0, |block| block.profiles as usize);
        self.check_rows(index, Array::Time, reads.times.rows(events), |rows| check::instants(&events.time[rows]))?;
        self.check_rows(index, Array::Rank, reads.ranks.rows(events), |_| true)?;
        self.check_rows(index, Array::Profile, reads.profiles.rows(events), |rows| {
            check::below(&events.profile[rows], profiles)
        })?;
        self.check_rows(index, Array::Slots, reads.slots.rows(events), |_| true)?;
        if wanted.by_profile {
            self.check_order(index, events, reads)?;
        }
        wanted.columns.iter().try_for_each(|(column, ty)| self.check_column(index, (*column, ty), events, reads))
    }

    /// The same of what stands in the order of profiles and times.
    fn check_order(&self, index: usize, events: &EventTable, reads: &EventReads) -> Result<(), Fault> {
        let all = |read: bool| if read { Types::All.rows(events) } else { Vec::new() };
        if reads.in_order {
            let (offsets, rows) = (&events.by_profile_offsets, events.table.rows as u32);
            self.check_rows(index, Array::ByProfileOffsets, std::iter::once(0..offsets.len()).collect(), |_| true)?;
            if !check::ascending(offsets, 0, rows) {
                return Err(self.broken(Some(index), Array::ByProfileOffsets, UNSOUND));
            }
        }
        let (times, bound) = (&events.by_profile_time, events.table.rows);
        self.check_rows(index, Array::ByProfileTime, all(reads.times_in_order), |rows| check::instants(&times[rows]))?;
        self.check_rows(index, Array::SlotsInOrder, all(reads.slots_in_order), |_| true)?;
        if let Some(ends) = events.ends.as_ref().filter(|_| reads.ends) {
            let all = || std::iter::once(0..ends.rows.len()).collect();
            self.check_rows(index, Array::EndTimes, all(), |at| check::instants(&ends.times[at]))?;
            self.check_rows(index, Array::EndRows, all(), |at| {
                let rows = &ends.rows[at];
                wide!(rows.iter().fold(true, |ok, &row| ok & ((row as usize) < bound || row == NO_ROW)))
            })?;
            self.check_rows(index, Array::EndsShared, all(), |_| true)?;
        }
        self.check_rows(index, Array::ByProfile, all(reads.by_profile), |rows| {
            check::below(&events.by_profile[rows], bound)
        })
    }

    /// Checks the time of one event, by its row or by its place in the order of profiles and times, with those of its piece.
    pub(in crate::store) fn check_time(
        &self,
        index: usize,
        events: &EventTable,
        at: usize,
        in_order: bool,
    ) -> Result<(), Fault> {
        let (array, times) = match in_order {
            true => (Array::ByProfileTime, &events.by_profile_time),
            false => (Array::Time, &events.time),
        };
        let piece = at / PIECE * PIECE..(at / PIECE + 1).saturating_mul(PIECE).min(times.len());
        self.check_rows(index, array, vec![piece], |rows| check::instants(&times[rows]))
    }

    fn check_column(
        &self,
        index: usize,
        (column, ty): (usize, &Ty),
        events: &EventTable,
        reads: &EventReads,
    ) -> Result<(), Fault> {
        let Some(spec) = self.directory.columns.get(column) else { return Ok(()) };
        // Lists have been checked as a whole.
        let later = spec.space == Space::Events && !spec.list;
        let types = reads.columns.get(&spec.path).filter(|_| later);
        let (Some(types), Some(found)) = (types, events.table.columns.get(&spec.path)) else { return Ok(()) };
        let values = Column::present(found.data.clone());
        self.check_rows(index, Array::Column(column), types.rows(events), |rows| {
            check::fits(&values.slice(rows.start, rows.len()), ty)
        })
    }

    /// The offsets of each type that is read.
    fn check_offsets(&self, index: usize, events: &EventTable, types: &Types) -> Result<(), Fault> {
        let mut first = 0;
        let places = events.types.iter().map(|(name, range)| {
            let own = first..first + range.offsets.len();
            first = own.end;
            (name, range, own)
        });
        let read: Vec<_> = places.filter(|(name, ..)| types.has(name)).collect();
        self.check_rows(index, Array::TypeOffsets, read.iter().map(|(.., own)| own.clone()).collect(), |_| true)?;
        let ascend = |range: &TypeRange| check::ascending(&range.offsets, range.rows.start, range.rows.end);
        match read.iter().all(|(_, range, _)| ascend(range)) {
            true => Ok(()),
            false => Err(self.broken(Some(index), Array::TypeOffsets, UNSOUND)),
        }
    }

    /// Checks rows of an array: that they are those that were written, and what else they must be.
    fn check_rows(
        &self,
        index: usize,
        array: Array,
        mut rows: Vec<Range<usize>>,
        sound: impl Fn(Range<usize>) -> bool,
    ) -> Result<(), Fault> {
        if rows.is_empty() {
            return Ok(());
        }
        let fault = |what: &'static str| self.broken(Some(index), array, what);
        let parts = self.placed(index, array)?;
        // Types that are neighbours share pieces.
        rows.sort_unstable_by_key(|rows| rows.start);
        let mut checked = 0;
        for rows in rows {
            let end = rows.end.next_multiple_of(PIECE);
            parts.check(rows, checked, &sound).map_err(fault)?;
            checked = checked.max(end);
        }
        Ok(())
    }
}
