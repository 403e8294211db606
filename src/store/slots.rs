//! Times of events in 16 bits: the span between the earliest and the latest event of a block is divided into slots of equal
//! length. Windows are cut by these, a quarter of the bytes; only of events in the slot of a cut itself the time is looked
//! at, of a year's events of 2,048 profiles about two for each cut. Kept by stores alone: to divide the times of data that is
//! in memory costs as much as two cuts.
//! Invariant: of two times of a block the later one has no earlier slot.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::TypeRange;
use crate::types::MICROS_PER_DAY;
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
    /// When the first slot begins, microseconds since 1970-01-01 UTC, a multiple of the length.
    pub first: i64,
    /// Microseconds of a slot.
    pub length: i64,
}

/// Microseconds of the finest slots, of which 2^8 are a quarter of an hour.
const FINEST: i64 = MICROS_PER_DAY / 96 / 256;
/// How many of the finest slots make longer ones: up to a quarter of an hour, of which the offsets of time zones are
/// multiples, so that no such slot has parts of two civil days; then what divides a day.
const COUNTS: [i64; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3072, 6144, 12_288, 24_576];

impl Scale {
    /// The finest one for all events of a block.
    pub fn of(types: &BTreeMap<Arc<str>, TypeRange>) -> Scale {
        let times = types.values().map(|range| range.times);
        let (first, last) = times.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or_default();
        let fits = |length: &i64| last.abs_diff(first) / length.unsigned_abs() < u64::from(u16::MAX);
        let days = (1..24).map(|power| MICROS_PER_DAY << power);
        let length = COUNTS.map(|count| count * FINEST).into_iter().chain(days).find(fits).unwrap_or(i64::MAX);
        Scale { first: first.saturating_sub(first.rem_euclid(length)), length }
    }

    /// The slot of a time; of one before all events the first, of one behind them the last.
    #[inline]
    pub fn slot(self, time: i64) -> u16 {
        let since = if time > self.first { time.abs_diff(self.first) } else { 0 };
        u16::try_from(since / self.length.unsigned_abs()).unwrap_or(u16::MAX)
    }

    /// The slots of times.
    pub fn slots(self, times: &[i64]) -> Vec<u16> {
        times.iter().map(|&time| self.slot(time)).collect()
    }
}
