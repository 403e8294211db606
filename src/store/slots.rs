//! Times of events in 16 bits: the span between the earliest and the latest event of a block is divided into slots of equal
//! length. Windows are cut by these, a quarter of the bytes; only of events in the slot of a cut itself the time is looked
//! at, of a million profiles in a year about one event for each block and cut. Kept by stores alone: to divide the times of
//! data that is in memory costs as much as two cuts.
//! Invariant: of two times of a block the later one has no earlier slot.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::TypeRange;
use crate::vector::Buffer;

/// The slots of the events of a block.
#[derive(Debug, Clone)]
pub struct Slots {
    /// How times become slots.
    pub scale: Scale,
    /// That of each row.
    pub rows: Buffer<u16>,
    /// The same in the order of [`super::EventTable::by_profile`].
    pub in_order: Buffer<u16>,
}

/// How the times of a block become slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// The earliest time, microseconds since 1970-01-01 UTC.
    first: i64,
    /// A slot has two to this power microseconds.
    shift: u32,
}

impl Scale {
    /// The finest one for all events of a block.
    pub fn of(types: &BTreeMap<Arc<str>, TypeRange>) -> Scale {
        let times = types.values().map(|range| range.times);
        let (first, last) = times.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or_default();
        let bits = u64::BITS - last.abs_diff(first).leading_zeros();
        Scale { first, shift: bits.saturating_sub(u16::BITS) }
    }

    /// The slot of a time; of one before all events the first, of one behind them the last.
    #[inline]
    pub fn slot(self, time: i64) -> u16 {
        let since = if time > self.first { time.abs_diff(self.first) } else { 0 };
        u16::try_from(since >> self.shift).unwrap_or(u16::MAX)
    }

    /// The slots of times.
    pub fn slots(self, times: &[i64]) -> Vec<u16> {
        times.iter().map(|&time| self.slot(time)).collect()
    }
}
