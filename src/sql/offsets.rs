//! The clocks of a zone as numbers, for engines that know no zones, or not of all years: how far they are ahead of UTC, and
//! when that changes. Invariant: exact from 1900 to 2200, by the zone data of the compiler.

use std::collections::BTreeSet;

use crate::types::MICROS_PER_DAY;
use crate::vector::time::{self, Zone};

/// A number that changes at some points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Steps {
    /// Before the first change.
    pub first: i64,
    /// From where on it is another, in ascending order.
    pub changes: Vec<(i64, i64)>,
}

/// Microseconds that clocks are ahead of UTC, by instants.
pub(super) fn of_instants(zone: &Zone) -> Steps {
    let (first, last) = (start() * MICROS_PER_DAY, end() * MICROS_PER_DAY);
    let (first, changes) = zone.changes(first, last).unwrap_or((zone.offset(first), vec![]));
    let mut offset = first;
    let after = |(at, by): (i64, i64)| {
        offset += by;
        (at, offset)
    };
    Steps { first, changes: changes.into_iter().map(after).collect() }
}

/// The same by what the clocks show, in microseconds. What they skip is read with the offset before, and so is what they
/// show twice.
pub(super) fn of_civil_times(zone: &Zone) -> Steps {
    let Steps { first, changes } = of_instants(zone);
    let mut before = first;
    let shown = |(at, after): (i64, i64)| {
        let shown = at + before.max(after);
        before = after;
        (shown, after)
    };
    Steps { first, changes: changes.into_iter().map(shown).collect() }
}

/// Microseconds that clocks are ahead of UTC when a day begins, by days since 1970.
pub(super) fn of_days(zone: &Zone) -> Steps {
    let ahead = |day: i64| day * MICROS_PER_DAY - zone.start_of_day(i32::try_from(day).unwrap_or(i32::MAX));
    let first = ahead(start());
    let (mut known, mut changes) = (first, Vec::new());
    // A civil day is at most one off the day of UTC, and the first that begins after a change one more.
    let near = |(at, _): (i64, i64)| (-1..=2).map(move |by| at.div_euclid(MICROS_PER_DAY) + by);
    let days: BTreeSet<i64> = of_instants(zone).changes.into_iter().flat_map(near).collect();
    for day in days.range(start()..end()) {
        let value = ahead(*day);
        if value != known {
            changes.push((*day, value));
            known = value;
        }
    }
    Steps { first, changes }
}

fn start() -> i64 {
    i64::from(time::days(1900, 1, 1).unwrap_or(0))
}

fn end() -> i64 {
    i64::from(time::days(2200, 1, 1).unwrap_or(0))
}
