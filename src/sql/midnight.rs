//! When a civil day begins, where an engine resolves a midnight that a zone has twice, or not at all, to another
//! instant. Invariant: exact for days from 1900 to 2100.

use super::tree::{BinaryOp, Expr, Literal};
use crate::types::MICROS_PER_DAY;
use crate::vector::time::{self, Zone};

/// Which of two instants an engine takes for a civil time that comes twice. One that is skipped is moved by the length
/// of the gap by all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ambiguous {
    /// The first.
    Earlier,
    /// The second.
    Later,
}

/// The first instant of a day, out of what the engine makes of its midnight and of that some microseconds earlier.
pub(super) fn corrected(
    midnight: Expr,
    date: &Expr,
    zone: &Zone,
    rule: Ambiguous,
    earlier: impl Fn(i64) -> Expr,
) -> Expr {
    let mut branches: Vec<(Expr, Expr)> = Vec::new();
    for (late, days) in late(zone, rule) {
        let list = days.into_iter().map(|day| Expr::Literal(Literal::Date(day))).collect();
        branches.push((Expr::In { expr: Box::new(date.clone()), list }, earlier(late)));
    }
    if branches.is_empty() { midnight } else { Expr::Case { branches, otherwise: Some(Box::new(midnight)) } }
}

/// The first instant at which the clocks of a zone show a civil time, out of the one that an engine takes for it, which
/// is the last: an earlier one counts if the clocks show the same then. `move_back` takes some microseconds off the
/// instant, `shown` gives the civil time of one.
pub(super) fn first_of_two(
    instant: &Expr,
    local: &Expr,
    zone: &Zone,
    move_back: impl Fn(i64) -> Expr,
    shown: impl Fn(Expr) -> Expr,
) -> Expr {
    let mut branches = Vec::new();
    for (length, until) in zone.set_back() {
        let earlier = move_back(length);
        let same = shown(earlier.clone()).eq(local.clone());
        let last = until.map(|at| local.clone().binary(BinaryOp::Lt, Expr::Literal(Literal::LocalTimestamp(at))));
        branches.push((Expr::and(last.into_iter().chain([same])), earlier));
    }
    if branches.is_empty() {
        return instant.clone();
    }
    Expr::Case { branches, otherwise: Some(Box::new(instant.clone())) }
}

/// Days whose midnight the engine resolves later than the day begins, by how many microseconds too late.
pub(super) fn late(zone: &Zone, rule: Ambiguous) -> Vec<(i64, Vec<i32>)> {
    let mut late: Vec<(i64, Vec<i32>)> = Vec::new();
    let (first, last) = (time::days(1900, 1, 1).unwrap_or(0), time::days(2100, 1, 1).unwrap_or(0));
    for day in first..last {
        let by = resolved(zone, day, rule) - zone.start_of_day(day);
        if by > 0 {
            match late.iter_mut().find(|(other, _)| *other == by) {
                Some((_, days)) => days.push(day),
                None => late.push((by, vec![day])),
            }
        }
    }
    late
}

/// The first instant of a day where it is not known what an engine makes of a midnight that is not there once: those days
/// are told their instants.
pub(super) fn told(midnight: Expr, date: &Expr, zone: &Zone) -> Expr {
    let (first, last) = (time::days(1900, 1, 1).unwrap_or(0), time::days(2100, 1, 1).unwrap_or(0));
    let plain = |day: &i32| {
        let local = i64::from(*day) * MICROS_PER_DAY;
        let start = zone.start_of_day(*day);
        // The offset of hours before and after is that of midnight.
        let offset = zone.offset(start);
        start + offset == local && [-3, 3].iter().all(|hours| zone.offset(start + hours * HOUR) == offset)
    };
    let days = (first..last).filter(|day| !plain(day));
    let branch = |day: i32| {
        let instant = Expr::Literal(Literal::Timestamp(zone.start_of_day(day)));
        (date.clone().eq(Expr::Literal(Literal::Date(day))), instant)
    };
    let branches: Vec<(Expr, Expr)> = days.map(branch).collect();
    if branches.is_empty() { midnight } else { Expr::Case { branches, otherwise: Some(Box::new(midnight)) } }
}

const HOUR: i64 = 3_600_000_000;

/// The instant that an engine takes for a day's midnight.
fn resolved(zone: &Zone, day: i32, rule: Ambiguous) -> i64 {
    const PROBE: i64 = 3 * HOUR;
    let local = i64::from(day) * MICROS_PER_DAY;
    let start = zone.start_of_day(day);
    let offset = zone.offset(start);
    if start + offset != local {
        // Skipped: read with the offset from before.
        return local - zone.offset(start - 1);
    }
    let after = zone.offset(start + PROBE);
    let twice = offset - after;
    let again = twice > 0 && zone.offset(start + twice) == after;
    if again && rule == Ambiguous::Later { start + twice } else { start }
}
