//! The civil days of many instants at once. Invariant: the same days as [`Zone::date_of`] gives one by one, for instants of
//! the years that dates may have; for others some day.

use super::time::{Zone, day_of_local};
use super::wide::wide;
use crate::types::MICROS_PER_DAY;

/// So many changes of the offset are looked at for every instant; for more they are looked up one by one.
const FEW: usize = 4;

impl Zone {
    /// The civil day of each instant.
    pub fn days(&self, instants: &[i64]) -> Vec<i32> {
        let bounds = wide!(instants.iter().fold((i64::MAX, i64::MIN), |(low, high), &t| (low.min(t), high.max(t))));
        match self.changes(bounds.0, bounds.1) {
            Some((offset, changes)) if changes.len() <= FEW => {
                wide!(days_between_changes(instants, offset, &changes))
            }
            _ => {
                let mut cursor = self.cursor();
                instants.iter().map(|&instant| day_of_local(cursor.local(instant))).collect()
            }
        }
    }
}

#[inline(always)]
fn days_between_changes(instants: &[i64], offset: i64, changes: &[(i64, i64)]) -> Vec<i32> {
    match changes {
        [] => instants.iter().map(|&t| day(t.wrapping_add(offset))).collect(),
        [(start, by)] => {
            let local = |t: i64| t.wrapping_add(offset).wrapping_add(if t >= *start { *by } else { 0 });
            instants.iter().map(|&t| day(local(t))).collect()
        }
        _ => {
            let local = |t: i64| {
                let change =
                    changes.iter().fold(0i64, |sum, &(start, by)| sum.wrapping_add(if t >= start { by } else { 0 }));
                t.wrapping_add(offset).wrapping_add(change)
            };
            instants.iter().map(|&t| day(local(t))).collect()
        }
    }
}

/// A day is 2^13 times this many microseconds.
const EIGHTH: f64 = (MICROS_PER_DAY >> 13) as f64;
/// Adding this to a whole number of less than 52 bits makes the number the low bits of the float's representation.
const SHIFT: f64 = 6_755_399_441_055_744.0;

/// The day of a local time, in operations that a vector unit has. The quotient of whole numbers below 2^46 by one below
/// 2^24 is at least 2^-25 away from the next whole number where half a unit is added first, so that rounding cannot reach
/// it; what is subtracted makes the rounding to the nearest one a rounding down.
#[inline(always)]
fn day(local: i64) -> i32 {
    let units = f64::from_bits((local >> 13).wrapping_add(SHIFT.to_bits() as i64) as u64) - SHIFT;
    let day = (units + 0.5) * (1.0 / EIGHTH) - 0.5;
    (day + SHIFT).to_bits() as i32
}
