//! Dates as `2026-11-23`, instants as microseconds, civil times as `2026-11-23 11:00:00`. The engine knows no zones: their
//! offsets are written out, from 1900 to 2200. Invariant: a date that is beyond the engine's years is null.

use crate::sql::dialect::Part;
use crate::sql::literal;
use crate::sql::tree::{BinaryOp, Expr, Literal, SqlType};
use crate::types::{CalendarUnit, MICROS_PER_DAY};
use crate::vector::time::{self, Zone};

const MICROS: i64 = 1_000_000;

/// Runs of days with the same value, each with the first day from which on it holds.
fn runs(of: impl Fn(i32) -> i64) -> Vec<(i32, i64)> {
    let (first, last) = (time::days(1900, 1, 1).unwrap_or(0), time::days(2200, 1, 1).unwrap_or(0));
    let mut runs: Vec<(i32, i64)> = Vec::new();
    for day in first..last {
        let value = of(day);
        if runs.last().is_none_or(|(_, known)| *known != value) {
            runs.push((day, value));
        }
    }
    runs
}

/// The value of the last run that has begun.
fn chosen(begun: impl Fn(i32) -> Expr, runs: &[(i32, i64)]) -> Expr {
    let Some((&(_, last), _)) = runs.split_last() else { return Expr::int(0) };
    let branches: Vec<(Expr, Expr)> = runs.windows(2).map(|pair| (begun(pair[1].0), Expr::int(pair[0].1))).collect();
    if branches.is_empty() {
        return Expr::int(last);
    }
    Expr::Case { branches, otherwise: Some(Box::new(Expr::int(last))) }
}

/// The civil time of an instant.
pub(super) fn local(instant: Expr, zone: &Zone) -> Expr {
    let transitions = transitions(zone);
    Expr::with([instant], |[instant]| {
        let mut branches: Vec<(Expr, Expr)> = Vec::new();
        let mut offset = zone.offset(i64::from(time::days(1900, 1, 1).unwrap_or(0)) * MICROS_PER_DAY);
        for (at, after) in transitions {
            branches.push((instant.clone().binary(BinaryOp::Lt, Expr::int(at)), Expr::int(offset)));
            offset = after;
        }
        let shift = if branches.is_empty() {
            Expr::int(offset)
        } else {
            Expr::Case { branches, otherwise: Some(Box::new(Expr::int(offset))) }
        };
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

/// The instants at which a zone's offset changes, with the offset after.
fn transitions(zone: &Zone) -> Vec<(i64, i64)> {
    let noon = |day: i32| i64::from(day) * MICROS_PER_DAY;
    let days = runs(|day| zone.offset(noon(day)));
    let change = |pair: &[(i32, i64)]| {
        let (mut before, mut after) = (noon(pair[1].0 - 1), noon(pair[1].0));
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if zone.offset(middle) == pair[1].1 { after = middle } else { before = middle }
        }
        (after, pair[1].1)
    };
    days.windows(2).map(change).collect()
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
    let transitions = transitions(zone);
    Expr::with([shown], |[shown]| {
        let mut offset = zone.offset(i64::from(time::days(1900, 1, 1).unwrap_or(0)) * MICROS_PER_DAY);
        let mut branches: Vec<(Expr, Expr)> = Vec::new();
        for (at, after) in transitions {
            // What the clocks skip is read with the offset before, and so is what they show twice.
            branches.push((shown.clone().binary(BinaryOp::Lt, Expr::int(at + offset.max(after))), Expr::int(offset)));
            offset = after;
        }
        let ahead = match branches.is_empty() {
            true => Expr::int(offset),
            false => Expr::Case { branches, otherwise: Some(Box::new(Expr::int(offset))) },
        };
        shown.binary(BinaryOp::Sub, ahead)
    })
}

/// The first instant of a day: its midnight in UTC less what the zone is ahead at its beginning.
pub(super) fn start_of_day(date: Expr, zone: &Zone) -> Expr {
    let ahead = runs(|day| i64::from(day) * MICROS_PER_DAY - zone.start_of_day(day));
    Expr::with([date], |[date]| {
        let before = |day: i32| date.clone().binary(BinaryOp::Lt, Expr::Literal(Literal::Date(day)));
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
