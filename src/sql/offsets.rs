//! The clocks of a zone written out, for engines that know no zones, or not of all years: the offset from UTC as a search
//! among the instants at which it changes. Invariant: exact from 1900 to 2100, by the zone data of the compiler.

use super::tree::{BinaryOp, Expr, Literal};
use crate::types::MICROS_PER_DAY;
use crate::vector::time::{self, Zone};

/// Microseconds that the clocks of a zone are before UTC at an instant.
pub(super) fn at(instant: &Expr, zone: &Zone) -> Expr {
    let step = MICROS_PER_DAY / 2;
    let (first, last) = (day(1900) * 2, day(2100) * 2);
    let mut runs = vec![(first * step, zone.offset(first * step))];
    for half in first..last {
        let (mut from, mut to) = (half * step, (half + 1) * step);
        let offset = zone.offset(to);
        if zone.offset(from) == offset {
            continue;
        }
        while to - from > 1 {
            let middle = from + (to - from) / 2;
            if zone.offset(middle) == offset { to = middle } else { from = middle }
        }
        runs.push((to, offset));
    }
    searched(&runs, &|from| instant.clone().binary(BinaryOp::Lt, Expr::Literal(Literal::Timestamp(from))))
}

/// Microseconds that the clocks of a zone are before UTC when a civil day begins.
pub(super) fn of_day(date: &Expr, zone: &Zone) -> Expr {
    let offset = |day: i64| {
        let day = i32::try_from(day).unwrap_or(i32::MAX);
        i64::from(day) * MICROS_PER_DAY - zone.start_of_day(day)
    };
    let mut runs = vec![(day(1900), offset(day(1900)))];
    for day in day(1900)..day(2100) {
        let offset = offset(day);
        if runs.last().is_none_or(|(_, known)| *known != offset) {
            runs.push((day, offset));
        }
    }
    searched(&runs, &|from| {
        let from = i32::try_from(from).unwrap_or(i32::MAX);
        date.clone().binary(BinaryOp::Lt, Expr::Literal(Literal::Date(from)))
    })
}

fn day(year: i32) -> i64 {
    i64::from(time::days(year, 1, 1).unwrap_or(0))
}

/// The value of the last run that does not begin later; `before` tells whether what is looked for is before a run.
fn searched(runs: &[(i64, i64)], before: &dyn Fn(i64) -> Expr) -> Expr {
    match runs {
        [] => Expr::int(0),
        [(_, value)] => Expr::int(*value),
        runs => {
            let (left, right) = runs.split_at(runs.len() / 2);
            let from = right.first().map_or(0, |(from, _)| *from);
            Expr::choose(before(from), searched(left, before), searched(right, before))
        }
    }
}
