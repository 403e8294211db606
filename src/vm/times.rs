//! The times of events as windows are cut by: in slots of 16 bits where a store has them, and then looked at themselves only
//! where the slot does not tell. Invariant: an answer is that of the times, whatever it is found by.

use std::cell::{Cell, OnceCell};
use std::ops::Range;

use crate::store::{Block, EventTable, Fault, Scale};
use crate::vector::Bitmap;
use crate::vector::wide::{less, rough, within};

/// The times of the rows of a domain of events of the profiles, in their order.
pub(super) struct Times<'a> {
    exact: &'a [i64],
    slots: Option<(&'a [u16], Scale)>,
    /// Where the first row stands in the block.
    start: usize,
    /// Whether that is in the order of profiles and times.
    in_order: bool,
    block: &'a Block,
    /// The first fault that was found in what was looked at.
    fault: &'a OnceCell<Fault>,
    /// The rows of the block that were looked at last.
    checked: Cell<(usize, usize)>,
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
    pub fn in_order(block: &'a Block, events: &'a EventTable, fault: &'a OnceCell<Fault>) -> Times<'a> {
        let slots = events.slots.as_ref().map(|slots| (&*slots.in_order, slots.scale));
        let (exact, checked) = (&*events.by_profile_time, Cell::new((0, 0)));
        Times { exact, slots, start: 0, in_order: true, block, fault, checked }
    }

    /// Of some rows of the events of a block.
    pub fn of_rows(block: &'a Block, rows: Range<usize>, fault: &'a OnceCell<Fault>) -> Times<'a> {
        let exact = block.events.time.get(rows.clone()).unwrap_or_default();
        let slots = block.events.slots.as_ref();
        let slots = slots.map(|slots| (slots.rows.get(rows.clone()).unwrap_or_default(), slots.scale));
        Times { exact, slots, start: rows.start, in_order: false, block, fault, checked: Cell::new((0, 0)) }
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
        self.rough(row).is_some_and(|rough| rough < bound.rough || self.is_closely(row, rough, bound))
    }

    /// The same of a row whose slot may be that of the instant.
    #[inline]
    pub fn is_closely(&self, row: usize, rough: i64, bound: Bound) -> bool {
        self.slots.is_some() && rough == bound.rough && self.exact(row).is_some_and(|time| time < bound.instant)
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
    fn closely(&self, mut found: crate::vector::wide::Rough, instants: &Range<i64>) -> Bitmap {
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

    /// The time of a row, checked if that has not been done.
    #[cold]
    fn exact(&self, row: usize) -> Option<i64> {
        let at = self.start + row;
        let (from, to) = self.checked.get();
        if at < from || at >= to {
            match self.block.check_time(at, self.in_order) {
                Ok(rows) => self.checked.set((rows.start, rows.end)),
                Err(fault) => {
                    // The first one is told; the block's result is not looked at any more.
                    self.fault.get_or_init(|| fault);
                    return None;
                }
            }
        }
        self.exact.get(row).copied()
    }
}
