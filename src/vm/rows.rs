//! Making the rows of a domain: for each parent row a segment of rows, for each row its record. Invariant: rows are
//! ordered by parent row, and within one as the plan says.

use std::ops::Range;
use std::sync::Arc;

use super::TooManyRows;
use super::frame::Frame;
use super::run::Environment;
use crate::bytecode::Register;
use crate::plan::{DomainId, DomainKind};
use crate::store::{ChildTable, EventTable};
use crate::vector::kernels::lists::{run_ends, sorted_rows};
use crate::vector::{Bitmap, Buffer, Column, Data};

/// Rows of a parent that are written at once.
const FEW: usize = 8;

/// The rows of a domain.
pub(super) struct Rows<'d> {
    pub len: usize,
    /// The first parent row that they were made for.
    pub first: usize,
    /// For parent row `first + i` the rows `ends[i]..ends[i + 1]`.
    pub ends: Buffer<u32>,
    /// What the records are.
    pub source: Source<'d>,
    /// Which record each row has.
    pub record: Record<'d>,
    /// For groups: the rows of each.
    groups: Option<Arc<Groups>>,
}

/// Where the records of a domain stand.
#[derive(Clone)]
pub(super) enum Source<'d> {
    Profiles,
    Events,
    Child(&'d ChildTable),
    /// The elements of lists.
    Values(Arc<Column>),
    /// The keys of groups.
    Groups(Arc<Column>),
    Nothing,
}

/// The record of each row.
#[derive(Clone)]
pub(super) enum Record<'d> {
    /// Row `i` has record `start + i`.
    Range(u32),
    /// One by one.
    Rows(Buffer<u32>),
    /// All events of the block, in the order of [`EventTable::by_profile`].
    Ordered(&'d EventTable),
}

/// The rows of groups.
struct Groups {
    /// For group `i` the members `ends[i]..ends[i + 1]`.
    ends: Vec<u32>,
    /// Rows of the domain that was grouped.
    members: Vec<u32>,
}

/// [`Record`] as a slice, for loops.
#[derive(Clone, Copy)]
pub(super) enum RecordView<'r> {
    Range(u32),
    Rows(&'r [u32]),
}

impl RecordView<'_> {
    #[inline]
    pub fn get(self, row: usize) -> u32 {
        match self {
            RecordView::Range(start) => start.saturating_add(row as u32),
            RecordView::Rows(rows) => rows.get(row).copied().unwrap_or(u32::MAX),
        }
    }
}

impl Record<'_> {
    pub fn get(&self, row: usize) -> u32 {
        self.view().get(row)
    }

    #[inline]
    pub fn view(&self) -> RecordView<'_> {
        match self {
            Record::Range(start) => RecordView::Range(*start),
            Record::Rows(rows) => RecordView::Rows(rows),
            Record::Ordered(events) => RecordView::Rows(&events.by_profile),
        }
    }
}

impl<'d> Rows<'d> {
    /// All profiles of a block.
    pub fn profiles(len: usize) -> Rows<'d> {
        let (source, record) = (Source::Profiles, Record::Range(0));
        Rows { len, first: 0, ends: vec![0, len as u32].into(), source, record, groups: None }
    }

    /// No rows for any parent row.
    fn none(range: Range<usize>) -> Rows<'d> {
        let (source, record) = (Source::Nothing, Record::Range(0));
        Rows { len: 0, first: range.start, ends: vec![0; range.len() + 1].into(), source, record, groups: None }
    }

    /// Rows whose records stand one behind the other: segments of a table by what they belong to.
    fn run(range: Range<usize>, source: Source<'d>, segment: impl Fn(usize) -> Range<u32>) -> Rows<'d> {
        let start = if range.is_empty() { 0 } else { segment(range.start).start };
        let mut ends = Vec::with_capacity(range.len() + 1);
        ends.push(0);
        let mut end = 0;
        for row in range.clone() {
            end = end.max(segment(row).end.saturating_sub(start));
            ends.push(end);
        }
        let ends = ends.into();
        Rows { len: end as usize, first: range.start, ends, source, record: Record::Range(start), groups: None }
    }

    /// The parent row of each row.
    pub fn parents(&self) -> Vec<u32> {
        let mut parents = Vec::with_capacity(self.len + FEW);
        for (&end, parent) in self.ends.iter().skip(1).zip(self.first as u32..) {
            // Most have few rows: so many are written without a question how many there are.
            parents.extend_from_slice(&[parent; FEW]);
            if end as usize > parents.len() {
                parents.resize(end as usize, parent);
            }
            parents.truncate(end as usize);
        }
        parents
    }
}

/// A segment by its offsets; empty where there are none.
fn segment(offsets: &[u32], at: usize) -> Range<u32> {
    match (offsets.get(at), offsets.get(at.wrapping_add(1))) {
        (Some(&from), Some(&to)) => from..to,
        _ => 0..0,
    }
}

/// Rows as they are made.
pub(super) struct Maker {
    first: usize,
    ends: Vec<u32>,
    records: Vec<u32>,
    limit: usize,
}

impl Maker {
    pub fn new(range: &Range<usize>, limit: usize) -> Maker {
        let mut ends = Vec::with_capacity(range.len() + 1);
        ends.push(0);
        Maker { first: range.start, ends, records: Vec::new(), limit }
    }

    /// The rows of the next parent row.
    pub fn segment(&mut self, records: impl Iterator<Item = u32>) -> Result<(), TooManyRows> {
        self.records.extend(records);
        if self.records.len() > self.limit {
            return Err(TooManyRows);
        }
        self.ends.push(self.records.len() as u32);
        Ok(())
    }

    pub fn finish(self, source: Source<'_>) -> Rows<'_> {
        let len = self.records.len();
        let record = Record::Rows(self.records.into());
        Rows { len, first: self.first, ends: self.ends.into(), source, record, groups: None }
    }
}

impl<'d> Environment<'_, 'd> {
    /// The rows of a domain whose inputs are registers.
    pub fn make(&self, id: DomainId, kind: &DomainKind, frame: &Frame<'_, 'd>) -> Result<Rows<'d>, TooManyRows> {
        let parent = self.loaded.parent(id);
        match kind {
            DomainKind::Profiles => Ok(Rows::profiles(self.block().ids.len())),
            DomainKind::Events { event_type } => self.make_events(parent, event_type.as_deref(), frame),
            DomainKind::Elements { of, .. } | DomainKind::Entries { of, .. } => {
                self.make_children(id, parent, *of, frame)
            }
            DomainKind::Values { list } => self.make_values(parent, *list, frame),
            DomainKind::Filter { mask } => self.make_filter(parent, *mask, frame),
            DomainKind::Groups { of, mask, key } => self.make_groups(parent, *of, *mask, *key, frame),
            DomainKind::Members { groups } => self.make_members(parent, *groups, frame),
            DomainKind::Later { events, mask, after, since, within, at_least } => {
                let gap = super::pairs::Gap { since: *since, within: *within, at_least: *at_least };
                self.make_later(parent, (*events, *mask), *after, gap, frame)
            }
            DomainKind::Between { events, mask, after, before, at_least } => {
                self.make_between(parent, (*events, *mask), *after, *before, *at_least, frame)
            }
        }
    }

    /// A predicate over all rows of a domain; `None` if there is no mask.
    pub fn mask(&self, mask: Option<Register>, len: usize, frame: &Frame<'_, 'd>) -> Option<Bitmap> {
        mask.map(|mask| frame.read(mask).map_or_else(|| Bitmap::filled(len, false), |datum| datum.truth(len)))
    }

    /// For each parent row the row of a domain above it, or of the parent itself.
    pub fn above<'a>(
        &'a self,
        parent: DomainId,
        above: DomainId,
        frame: &'a Frame<'_, 'd>,
    ) -> impl Fn(usize) -> usize + 'a {
        let map = (above != parent).then(|| frame.map(self.loaded, parent, above));
        move |row| match &map {
            None => row,
            Some(map) => map.get(row).map_or(usize::MAX, |&row| row as usize),
        }
    }

    fn make_events(
        &self,
        parent: DomainId,
        event_type: Option<&str>,
        frame: &Frame<'_, 'd>,
    ) -> Result<Rows<'d>, TooManyRows> {
        let events = &self.block().events;
        let range = frame.range(parent);
        let offsets: &[u32] = match event_type {
            Some(name) => events.types.get(name).map_or(&[], |range| &range.offsets),
            None => &events.by_profile_offsets,
        };
        if parent == DomainId::PROFILES
            && event_type.is_some()
            && let Some(ends) = offsets.get(range.start..=range.end)
            && let (Some(&start), true) = (ends.first(), ends.is_sorted())
        {
            let ends: Buffer<u32> = ends.iter().map(|end| end - start).collect();
            let (len, record) = (ends.last().map_or(0, |&end| end as usize), Record::Range(start));
            return Ok(Rows { len, first: range.start, ends, source: Source::Events, record, groups: None });
        }
        if parent == DomainId::PROFILES && event_type.is_some() {
            return Ok(Rows::run(range, Source::Events, |profile| segment(offsets, profile)));
        }
        if parent == DomainId::PROFILES && range == (0..self.block().ids.len()) {
            let (len, ends) = (events.by_profile.len(), events.by_profile_offsets.clone());
            let record = Record::Ordered(events);
            return Ok(Rows { len, first: 0, ends, source: Source::Events, record, groups: None });
        }
        let profile = self.above(parent, DomainId::PROFILES, frame);
        let mut maker = Maker::new(&range, frame.limit);
        for row in range {
            let rows = segment(offsets, profile(row));
            match event_type {
                Some(_) => maker.segment(rows)?,
                None => maker.segment(rows.filter_map(|at| events.by_profile.get(at as usize).copied()))?,
            }
        }
        Ok(maker.finish(Source::Events))
    }

    fn make_children(
        &self,
        id: DomainId,
        parent: DomainId,
        of: DomainId,
        frame: &Frame<'_, 'd>,
    ) -> Result<Rows<'d>, TooManyRows> {
        let range = frame.range(parent);
        let space = self.loaded.spaces.get(id.0 as usize).and_then(Option::as_ref);
        let child = space.and_then(|space| self.block().children.get(space));
        let (Some(child), Some(owner)) = (child, frame.rows(of)) else { return Ok(Rows::none(range)) };
        let elements = |record: u32| segment(&child.offsets, record as usize);
        if let (true, Record::Range(first)) = (of == parent, &owner.record) {
            return Ok(Rows::run(range, Source::Child(child), |row| elements(first.saturating_add(row as u32))));
        }
        let above = self.above(parent, of, frame);
        let mut maker = Maker::new(&range, frame.limit);
        for row in range {
            maker.segment(elements(owner.record.get(above(row))))?;
        }
        Ok(maker.finish(Source::Child(child)))
    }

    fn make_values(&self, parent: DomainId, list: Register, frame: &Frame<'_, 'd>) -> Result<Rows<'d>, TooManyRows> {
        let range = frame.range(parent);
        let Some(datum) = frame.read(list) else { return Ok(Rows::none(range)) };
        let column = datum.column();
        let Data::List { offsets, values } = &column.data else { return Ok(Rows::none(range)) };
        let mut maker = Maker::new(&range, frame.limit);
        for row in range {
            let at = datum.at(row);
            let present = column.is_present(at);
            maker.segment(if present { segment(offsets, at) } else { 0..0 })?;
        }
        Ok(maker.finish(Source::Values(Arc::new((**values).clone()))))
    }

    fn make_filter(&self, parent: DomainId, mask: Register, frame: &Frame<'_, 'd>) -> Result<Rows<'d>, TooManyRows> {
        let range = frame.range(parent);
        let Some(rows) = frame.rows(parent) else { return Ok(Rows::none(range)) };
        let bits = frame.read(mask).map_or_else(|| Bitmap::filled(rows.len, false), |datum| datum.truth(rows.len));
        let mut ends = Vec::with_capacity(range.len() + 1);
        let mut records = Vec::new();
        ends.push(0);
        let (bits, record) = (bits.view(), rows.record.view());
        for row in range.clone() {
            if bits.get(row) {
                records.push(record.get(row));
            }
            ends.push(records.len() as u32);
        }
        let (source, groups) = (rows.source.clone(), rows.groups.clone());
        let len = records.len();
        Ok(Rows { len, first: range.start, ends: ends.into(), source, record: Record::Rows(records.into()), groups })
    }

    fn make_groups(
        &self,
        parent: DomainId,
        of: DomainId,
        mask: Option<Register>,
        key: Register,
        frame: &Frame<'_, 'd>,
    ) -> Result<Rows<'d>, TooManyRows> {
        let range = frame.range(parent);
        let len = frame.len(of);
        let mask = self.mask(mask, len, frame);
        let Some(keys) = frame.read(key).map(|datum| datum.expand(len)) else { return Ok(Rows::none(range)) };
        let bounds = frame.bounds(self.loaded, parent, of);
        let mut groups = Groups { ends: vec![0], members: Vec::new() };
        let mut ends = vec![0];
        let mut first_rows = Vec::new();
        for row in range.clone() {
            let rows = bounds.get(row).filter(|&at| mask.as_ref().is_none_or(|mask| mask.get(at)));
            let sorted = sorted_rows(&keys, rows.map(|at| at as u32), false);
            let mut from = 0;
            for end in run_ends(&keys, &sorted) {
                first_rows.push(sorted[from as usize]);
                groups.ends.push(groups.members.len() as u32 + end);
                from = end;
            }
            groups.members.extend(sorted);
            ends.push(first_rows.len() as u32);
        }
        let source = Source::Groups(Arc::new(keys.take(&first_rows)));
        let (len, record, groups) = (first_rows.len(), Record::Range(0), Some(Arc::new(groups)));
        Ok(Rows { len, first: range.start, ends: ends.into(), source, record, groups })
    }

    fn make_members(&self, parent: DomainId, groups: DomainId, frame: &Frame<'_, 'd>) -> Result<Rows<'d>, TooManyRows> {
        let range = frame.range(parent);
        let grouped = match &self.loaded.domain(groups).kind {
            DomainKind::Groups { of, .. } => frame.rows(*of),
            _ => None,
        };
        let found = frame.rows(groups).and_then(|rows| rows.groups.as_ref());
        let (Some(rows), Some(found)) = (grouped, found) else { return Ok(Rows::none(range)) };
        let group = self.above(parent, groups, frame);
        let mut maker = Maker::new(&range, frame.limit);
        for row in range {
            let members = segment(&found.ends, group(row));
            let members = found.members.get(members.start as usize..members.end as usize).unwrap_or_default();
            maker.segment(members.iter().map(|&member| rows.record.get(member as usize)))?;
        }
        Ok(maker.finish(rows.source.clone()))
    }
}
