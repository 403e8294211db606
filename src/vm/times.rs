//! The times of events as windows are cut by: in slots of 16 bits where a store has them, and then looked at themselves only
//! where the slot does not tell. Invariant: an answer is that of the times, whatever it is found by.

use std::cell::{OnceCell, RefCell};
use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::store::{Block, EventTable, Fault, PIECE, Scale};
use crate::types::MICROS_PER_DAY;
use crate::vector::Bitmap;
use crate::vector::time::Zone;
use crate::vector::wide::{Rough, less, rough, within};

/// What was looked at closely, of one block.
#[derive(Default)]
pub(super) struct Looked {
    /// The pieces of times that have been checked, and whether they are in the order of profiles and times.
    pieces: RefCell<FxHashSet<(bool, usize)>>,
    /// The first fault that was found.
    pub fault: OnceCell<Fault>,
}

impl Looked {
    /// Whether what is going to be read is sound; what comes of a block with a fault is not looked at any more.
    pub fn is_sound(&self, found: Result<(), Fault>) -> bool {
        if let Err(fault) = found {
            self.fault.get_or_init(|| fault);
        }
        self.fault.get().is_none()
    }
}

/// The times of the rows of a domain of events of the profiles, in their order.
pub(super) struct Times<'a> {
    exact: &'a [i64],
    slots: Option<(&'a [u16], Scale)>,
    /// Where the first row stands in the block.
    start: usize,
    /// Whether that is in the order of profiles and times.
    in_order: bool,
    /// The block, unless times have been checked.
    unchecked: Option<&'a Block>,
    looked: &'a Looked,
}

/// An instant that times are compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    instant: i64,
    /// What [`Times::rough`] is compared with.
    pub rough: i64,
}

impl<'a> Times<'a> {
    /// Of all events of a block in the order of profiles and times.
    pub fn in_order(events: &'a EventTable, unchecked: Option<&'a Block>, looked: &'a Looked) -> Times<'a> {
        let slots = events.slots.as_ref().map(|slots| (&*slots.in_order, slots.scale));
        Times { exact: &events.by_profile_time, slots, start: 0, in_order: true, unchecked, looked }
    }

    /// Of some rows of the events of a block.
    pub fn of_rows(
        events: &'a EventTable,
        rows: Range<usize>,
        unchecked: Option<&'a Block>,
        looked: &'a Looked,
    ) -> Times<'a> {
        let exact = events.time.get(rows.clone()).unwrap_or_default();
        let slots = events.slots.as_ref();
        let slots = slots.map(|slots| (slots.rows.get(rows.clone()).unwrap_or_default(), slots.scale));
        Times { exact, slots, start: rows.start, in_order: false, unchecked, looked }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.exact.len()
    }

    /// The time of a row, or its slot: of two times the later one's is no less.
    #[inline]
    pub fn rough(&self, row: usize) -> Option<i64> {
        match self.slots {
            None => self.exact.get(row).copied(),
            Some((slots, _)) => slots.get(row).map(|&slot| slot.into()),
        }
    }

    /// An instant to compare with.
    pub fn bound(&self, instant: i64) -> Bound {
        let rough = self.slots.map_or(instant, |(_, scale)| scale.slot(instant).into());
        Bound { instant, rough }
    }

    /// Whether a row is before an instant.
    #[inline]
    pub fn is_before(&self, row: usize, bound: Bound) -> bool {
        let rough = self.rough(row);
        rough.is_some_and(|rough| rough < bound.rough || (rough == bound.rough && self.is_closely_before(row, bound)))
    }

    /// The same of a row that is not before it by its slot, but has the same.
    #[inline]
    pub fn is_closely_before(&self, row: usize, bound: Bound) -> bool {
        self.slots.is_some() && self.exact(row).is_some_and(|time| time < bound.instant)
    }

    /// The rows before an instant.
    pub fn before(&self, instant: i64) -> Bitmap {
        let Some((slots, scale)) = self.slots else {
            return Bitmap::from_words(less(self.exact, instant), self.len());
        };
        let slot = scale.slot(instant);
        self.closely(rough(slots, &(0..slot), [slot; 2]), &(i64::MIN..instant))
    }

    /// The rows from one instant on, and before another.
    pub fn between(&self, instants: &Range<i64>) -> Bitmap {
        let Some((slots, scale)) = self.slots else {
            return Bitmap::from_words(within(self.exact, instants), self.len());
        };
        let edges = [scale.slot(instants.start), scale.slot(instants.end)];
        self.closely(rough(slots, &(edges[0].saturating_add(1)..edges[1]), edges), instants)
    }

    /// With those rows at the edges that are in a range.
    fn closely(&self, mut found: Rough, instants: &Range<i64>) -> Bitmap {
        for (word, mut edge) in found.edges {
            while edge != 0 {
                let bit = edge.trailing_zeros();
                edge &= edge - 1;
                let row = word * 64 + bit as usize;
                if self.exact(row).is_some_and(|time| instants.contains(&time)) {
                    found.words[word] |= 1 << bit;
                }
            }
        }
        Bitmap::from_words(found.words, self.len())
    }

    /// For each of some rows an instant of the same civil day as its time.
    pub fn of_the_day(&self, rows: &[u32], zone: &Zone) -> Vec<i64> {
        match self.slots.filter(|(_, scale)| are_of_one_day(*scale, zone)) {
            Some((slots, Scale { first, length })) => {
                let slot = |row: u32| slots.get(row as usize).map_or(0, |&slot| i64::from(slot));
                rows.iter().map(|&row| first.saturating_add(slot(row).saturating_mul(length))).collect()
            }
            None => rows.iter().map(|&row| self.exact(row as usize).unwrap_or(0)).collect(),
        }
    }

    /// The time of a row, checked if that has not been done.
    fn exact(&self, row: usize) -> Option<i64> {
        if let (Some(block), Some(_)) = (self.unchecked, self.slots) {
            let at = self.start + row;
            let is_new = self.looked.pieces.borrow_mut().insert((self.in_order, at / PIECE));
            if is_new && !self.looked.is_sound(block.check_time(at, self.in_order)) {
                return None;
            }
        }
        self.exact.get(row).copied()
    }
}

/// Whether no slot has parts of two civil days.
fn are_of_one_day(scale: Scale, zone: &Zone) -> bool {
    let end = scale.first.saturating_add(scale.length.saturating_mul(u16::MAX.into()));
    let fits = |micros: i64| micros % scale.length == 0;
    let changes = zone.changes(scale.first, end);
    let all = |(offset, changes): (i64, Vec<(i64, i64)>)| {
        fits(offset) && changes.iter().all(|&(start, by)| fits(start) && fits(by))
    };
    fits(MICROS_PER_DAY) && changes.is_some_and(all)
}
