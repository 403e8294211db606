//! The first and the last event of each profile, so that what they have is read without the order of all events. Kept by
//! stores alone: of data in memory that order is at hand. Invariant: they are those of
//! [`by_profile`](super::EventTable::by_profile), and a profile without events has none.

use super::EventTable;
use crate::vector::Buffer;
use crate::vector::select::ABSENT;

/// The first events of all profiles of a block, then their last ones.
#[derive(Debug, Clone, Default)]
pub struct Ends {
    /// Their times; 0 of none.
    pub times: Buffer<i64>,
    /// Their rows; [`NO_ROW`] of none.
    pub rows: Buffer<u32>,
    /// 1 where another event of the profile has the same time.
    pub shared: Buffer<u8>,
}

/// The row of the first event of a profile without events.
pub const NO_ROW: u32 = ABSENT;

impl Ends {
    /// Those of a block's events.
    pub fn of(events: &EventTable) -> Ends {
        let profiles = events.by_profile_offsets.windows(2);
        let (times, rows) = (&events.by_profile_time, &events.by_profile);
        let ends = |last: bool| {
            profiles.clone().map(move |pair| {
                let places = pair[0] as usize..pair[1] as usize;
                let (end, next) = match last {
                    false => (places.start, places.start + 1),
                    true => (places.end.wrapping_sub(1), places.end.wrapping_sub(2)),
                };
                match places.contains(&end) {
                    true => (times[end], rows[end], places.contains(&next) && times[next] == times[end]),
                    false => (0, NO_ROW, false),
                }
            })
        };
        let all = || ends(false).chain(ends(true));
        Ends {
            times: all().map(|end| end.0).collect(),
            rows: all().map(|end| end.1).collect(),
            shared: all().map(|end| u8::from(end.2)).collect(),
        }
    }
}
