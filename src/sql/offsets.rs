//! The clocks of a zone as numbers, for engines that know no zones, or not of all years: how far they are ahead of UTC, and
//! when that changes. Invariant: exact from 1900 to 2200, by the zone data of the compiler.

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
    let noon = |day: i64| day * MICROS_PER_DAY;
    let days = runs(|day| zone.offset(noon(i64::from(day))));
    let exact = |(day, after): (i64, i64)| {
        let (mut from, mut to) = (noon(day - 1), noon(day));
        while to - from > 1 {
            let middle = from + (to - from) / 2;
            if zone.offset(middle) == after { to = middle } else { from = middle }
        }
        (to, after)
    };
    Steps { first: days.first, changes: days.changes.into_iter().map(exact).collect() }
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
    runs(|day| i64::from(day) * MICROS_PER_DAY - zone.start_of_day(day))
}

/// What changes from day to day.
fn runs(of: impl Fn(i32) -> i64) -> Steps {
    let (start, end) = (time::days(1900, 1, 1).unwrap_or(0), time::days(2200, 1, 1).unwrap_or(0));
    let first = of(start);
    let (mut known, mut changes) = (first, Vec::new());
    for day in start..end {
        let value = of(day);
        if value != known {
            changes.push((i64::from(day), value));
            known = value;
        }
    }
    Steps { first, changes }
}
