//! Days whose midnight databases resolve otherwise than the language: where a zone skips or repeats it.
//! Invariant: a day that is not named here begins at the instant that its midnight is.

use crate::types::MICROS_PER_DAY;
use crate::vector::time::{self, Zone};

/// How long after midnight a change of the offset is looked for.
const PROBE: i64 = 3 * 3_600_000_000;

/// Days, from 1900 to 2100, whose midnight is resolved later than the day begins, by how many microseconds too late,
/// where of two instants the later is taken, and a midnight that a zone skips is moved by the length of the gap, not to
/// its end.
pub(super) fn late(zone: &Zone) -> Vec<(i64, Vec<i32>)> {
    let mut late: Vec<(i64, Vec<i32>)> = Vec::new();
    let (first, last) = (time::days(1900, 1, 1).unwrap_or(0), time::days(2100, 1, 1).unwrap_or(0));
    for day in first..last {
        let local = i64::from(day) * MICROS_PER_DAY;
        let start = zone.start_of_day(day);
        let offset = zone.offset(start);
        let by = if start + offset == local {
            let after = zone.offset(start + PROBE);
            let twice = offset - after;
            if twice > 0 && zone.offset(start + twice) == after { twice } else { 0 }
        } else {
            local - zone.offset(start - 1) - start
        };
        if by > 0 {
            match late.iter_mut().find(|(other, _)| *other == by) {
                Some((_, days)) => days.push(day),
                None => late.push((by, vec![day])),
            }
        }
    }
    late
}
