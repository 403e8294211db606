//! What kernels rely on, checked when a chunk is read: one pass over each array while it is in cache. Invariant: nothing
//! here allocates by a number that it has not checked.

use crate::types::{MICROS_PER_DAY, Ty};
use crate::vector::codes::{Code, with_codes};
use crate::vector::time::{FIRST_DAY, LAST_DAY};
use crate::vector::wide::wide;
use crate::vector::{Column, Data};

/// Whether offsets ascend from one number to another.
pub(super) fn ascending(offsets: &[u32], first: u32, last: u32) -> bool {
    offsets.first() == Some(&first)
        && offsets.last() == Some(&last)
        && wide!(offsets.windows(2).fold(true, |ok, pair| ok & (pair[0] <= pair[1])))
}

/// Whether all are below a bound; nothing is below 0 but nothing.
pub(super) fn below<C: Code + Ord>(numbers: &[C], bound: usize) -> bool {
    let largest = || wide!(numbers.iter().fold(C::default(), |max, &n| max.max(n)));
    numbers.is_empty() || (largest().wide() as usize) < bound
}

/// The first and last instant of the years that dates may have, microseconds.
const INSTANTS: (i64, i64) = (FIRST_DAY as i64 * MICROS_PER_DAY, (LAST_DAY as i64 + 1) * MICROS_PER_DAY - 1);

/// Whether instants are of the years 1 to 9999.
pub(super) fn instants(times: &[i64]) -> bool {
    wide!(times.iter().fold(true, |ok, &t| ok & (t >= INSTANTS.0) & (t <= INSTANTS.1)))
}

/// Whether a column holds what its type may hold; codes are checked where the dictionary is known.
pub(super) fn fits(column: &Column, ty: &Ty) -> bool {
    match (&column.data, ty) {
        (Data::List { values, .. }, Ty::List(element)) => values.valid.is_none() && fits(values, element),
        (Data::Int(v), Ty::Timestamp) => instants(v),
        (Data::Int(_), Ty::Int | Ty::Duration) | (Data::Bool(_), Ty::Bool | Ty::Map(_) | Ty::Object(_) | Ty::Error) => {
            true
        }
        (Data::Decimal(v), Ty::Decimal(digits)) => {
            let bound = 10i128.pow(u32::from(digits.precision).min(38));
            v.iter().fold(true, |ok, &n| ok & (n < bound) & (n > -bound))
        }
        (Data::Float(v), Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile) => {
            wide!(v.iter().fold(true, |ok, x| ok & x.is_finite()))
        }
        (Data::Date(v), Ty::Date) => wide!(v.iter().fold(true, |ok, &d| ok & (FIRST_DAY..=LAST_DAY).contains(&d))),
        (Data::Bucket(v), Ty::Bucket) => v.iter().fold(true, |ok, &b| ok & (b <= 2)),
        (Data::Text { codes, dictionary }, Ty::String | Ty::Enum(_)) => {
            with_codes!(codes, codes => below(codes, dictionary.len().max(1)))
        }
        _ => false,
    }
}
