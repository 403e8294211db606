//! Dates as `2026-11-23`, instants as microseconds, civil times as `2026-11-23 11:00:00`. The engine knows no zones: their
//! offsets are written out. Invariant: a date that is beyond the engine's years is null.

use crate::sql::dialect::Part;
use crate::sql::literal;
use crate::sql::offsets::{self, Steps};
use crate::sql::tree::{BinaryOp, Expr, Literal, SqlType};
use crate::types::CalendarUnit;
use crate::vector::time::{self, Zone};

const MICROS: i64 = 1_000_000;

/// The number of the last step that was made; `before` tells what is before one.
fn chosen(before: impl Fn(i64) -> Expr, steps: &Steps) -> Expr {
    let numbers = std::iter::once(steps.first).chain(steps.changes.iter().map(|(_, number)| *number));
    let branches: Vec<(Expr, Expr)> =
        steps.changes.iter().zip(numbers).map(|((at, _), number)| (before(*at), Expr::int(number))).collect();
    let last = Expr::int(steps.changes.last().map_or(steps.first, |(_, number)| *number));
    if branches.is_empty() { last } else { Expr::Case { branches, otherwise: Some(Box::new(last)) } }
}

/// The civil time of an instant.
pub(super) fn local(instant: Expr, zone: &Zone) -> Expr {
    let ahead = offsets::of_instants(zone);
    Expr::with([instant], |[instant]| {
        let shift = chosen(|at| instant.clone().binary(BinaryOp::Lt, Expr::int(at)), &ahead);
        let local = instant.binary(BinaryOp::Add, shift);
        Expr::with([local], |[local]| {
            // Down to whole seconds, below 1970 too.
            let fraction =
                local.clone().binary(BinaryOp::Rem, Expr::int(MICROS)).binary(BinaryOp::Add, Expr::int(MICROS));
            let fraction = fraction.binary(BinaryOp::Rem, Expr::int(MICROS));
            let seconds = local.binary(BinaryOp::Sub, fraction).binary(BinaryOp::IntDiv("/"), Expr::int(MICROS));
            Expr::call("datetime", [seconds, Expr::text("unixepoch")])
        })
    })
}

/// A civil time as the engine's functions write it, without the zeros at its end.
pub(super) fn civil_text(micros: i64) -> Option<String> {
    let text = literal::timestamp(micros)?;
    Some(if text.contains('.') { text.trim_end_matches('0').to_owned() } else { text })
}

/// The comparison of a civil time with a constant: of its text, of which all that mean one time begin with the shortest.
/// A condition on the bare column comes first, which an index can be searched by, and is as good for a `T` as for a
/// blank between date and time.
pub(super) fn compared(local: Expr, op: BinaryOp, micros: i64) -> Expr {
    let bound = |op: BinaryOp, at: i64| {
        let later = if op == BinaryOp::Ge { 0 } else { 1 };
        let day = Literal::Date(time::day_of_local(at) + later);
        let plain = Expr::call("replace", [local.clone(), Expr::text("T"), Expr::text(" ")]);
        let exact = plain.binary(op, Expr::Literal(Literal::LocalTimestamp(at)));
        Expr::and([local.clone().binary(op, Expr::Literal(day)), exact])
    };
    let next = micros.saturating_add(1);
    match op {
        BinaryOp::Ge | BinaryOp::Lt => bound(op, micros),
        BinaryOp::Gt => bound(BinaryOp::Ge, next),
        BinaryOp::Le => bound(BinaryOp::Lt, next),
        BinaryOp::Ne => Expr::or([bound(BinaryOp::Lt, micros), bound(BinaryOp::Ge, next)]),
        _ => Expr::and([bound(BinaryOp::Ge, micros), bound(BinaryOp::Lt, next)]),
    }
}

/// The instant of a civil time.
pub(super) fn instant_of(local: Expr, zone: &Zone) -> Expr {
    let cut = |from: i64, length: i64| Expr::call("substr", [local.clone(), Expr::int(from), Expr::int(length)]);
    let seconds = Expr::call("strftime", [Expr::text("%s"), cut(1, 19)]).cast(SqlType::Int);
    let digits = cut(21, 6).binary(BinaryOp::Concat, Expr::text("000000"));
    let fraction = Expr::call("substr", [digits, Expr::int(1), Expr::int(6)]).cast(SqlType::Int);
    let shown = seconds.binary(BinaryOp::Mul, Expr::int(MICROS)).binary(BinaryOp::Add, fraction);
    let ahead = offsets::of_civil_times(zone);
    Expr::with([shown], |[shown]| {
        let ahead = chosen(|at| shown.clone().binary(BinaryOp::Lt, Expr::int(at)), &ahead);
        shown.binary(BinaryOp::Sub, ahead)
    })
}

/// The first instant of a day: its midnight in UTC less what the zone is ahead at its beginning.
pub(super) fn start_of_day(date: Expr, zone: &Zone) -> Expr {
    let ahead = offsets::of_days(zone);
    Expr::with([date], |[date]| {
        let date_of = |day: i64| Expr::Literal(Literal::Date(i32::try_from(day).unwrap_or(i32::MAX)));
        let before = |day: i64| date.clone().binary(BinaryOp::Lt, date_of(day));
        let seconds = Expr::call("strftime", [Expr::text("%s"), date.clone()]).cast(SqlType::Int);
        let midnight = seconds.binary(BinaryOp::Mul, Expr::int(MICROS));
        midnight.binary(BinaryOp::Sub, chosen(before, &ahead))
    })
}

pub(super) fn part(part: Part, value: Expr) -> Expr {
    let number = |format: &str, value: Expr| Expr::call("strftime", [Expr::text(format), value]).cast(SqlType::Int);
    match part {
        Part::Year => number("%Y", value),
        Part::Month => number("%m", value),
        Part::Day => number("%d", value),
        Part::Hour => number("%H", value),
        Part::Quarter => {
            number("%m", value).binary(BinaryOp::Add, Expr::int(2)).binary(BinaryOp::IntDiv("/"), Expr::int(3))
        }
        Part::Weekday => {
            let since_monday =
                number("%w", value).binary(BinaryOp::Add, Expr::int(6)).binary(BinaryOp::Rem, Expr::int(7));
            since_monday.binary(BinaryOp::Add, Expr::int(1))
        }
    }
}

pub(super) fn start_of(unit: CalendarUnit, date: Expr, week_start: u8) -> Expr {
    let modified = |date: Expr, modifiers: &[&str]| {
        let modifiers = modifiers.iter().map(|modifier| Expr::text(*modifier));
        Expr::call("date", std::iter::once(date).chain(modifiers).collect::<Vec<_>>())
    };
    match unit {
        CalendarUnit::Day => date,
        // Forward to the day that weeks begin on, from six days before; Sunday is 0.
        CalendarUnit::Week => modified(date, &["-6 days", &format!("weekday {}", week_start % 7)]),
        CalendarUnit::Month => modified(date, &["start of month"]),
        CalendarUnit::Year => modified(date, &["start of year"]),
        CalendarUnit::Quarter => Expr::with([date], |[date]| {
            let month = part(Part::Month, date.clone()).binary(BinaryOp::Sub, Expr::int(1));
            let back = month.binary(BinaryOp::Rem, Expr::int(3));
            let by = Expr::text("-").binary(BinaryOp::Concat, back).binary(BinaryOp::Concat, Expr::text(" months"));
            Expr::call("date", [date, Expr::text("start of month"), by])
        }),
    }
}

/// A date moved by a number of a unit.
pub(super) fn add(date: Expr, count: Expr, unit: &str) -> Expr {
    let signed = Expr::call("printf", [Expr::text("%+d"), count]);
    Expr::call("date", [date, signed.binary(BinaryOp::Concat, Expr::text(unit))])
}

/// The engine lets the days that a month lacks run over into the next: the last day of the month is earlier then.
pub(super) fn add_months(date: Expr, months: i32) -> Expr {
    Expr::with([date], |[date]| {
        let month = |by: i32| Expr::text(format!("{by:+} months"));
        let first = Expr::text("start of month");
        let day = part(Part::Day, date.clone()).binary(BinaryOp::Sub, Expr::int(1));
        let start = Expr::call("date", [date.clone(), first.clone(), month(months)]);
        let last = Expr::call("date", [date, first, month(months + 1), Expr::text("-1 day")]);
        Expr::call("min", [add(start, day, " days"), last])
    })
}
