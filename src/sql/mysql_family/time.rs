//! Civil times and calendars. The clocks of zones are searched among numbers that are written out, since most servers have
//! no tables of zones. Invariant: a time that is none of the engine's is null.

use super::Product;
use super::value::short;
use crate::sql::calendar;
use crate::sql::dialect::{Built, Dialect};
use crate::sql::offsets::{self, Steps};
use crate::sql::tree::{BinaryOp, Expr, Literal, SqlType};
use crate::types::CalendarUnit;
use crate::vector::time::Zone;

/// A time some units later.
pub(super) fn later(unit: &'static str, by: Expr, time: Expr) -> Expr {
    Expr::call("TIMESTAMPADD", [Expr::words(unit), by, time])
}

/// Microseconds since 1970.
pub(super) fn micros(time: Expr) -> Expr {
    Expr::call("TIMESTAMPDIFF", [Expr::words("MICROSECOND"), Expr::Literal(Literal::Timestamp(0)), time])
}

/// The time of an instant on the clocks of a zone.
pub(super) fn local<P: Product>(instant: Expr, zone: &Zone) -> Expr {
    let ahead = offsets::of_instants(zone);
    shifted::<P>(instant, |instant| later("MICROSECOND", number(micros(instant.clone()), &ahead), instant))
}

/// What [`local`] does, turned round.
pub(super) fn instant<P: Product>(local: Expr, zone: &Zone) -> Expr {
    let ahead = offsets::of_civil_times(zone);
    shifted::<P>(local, |local| later("MICROSECOND", negative(number(micros(local.clone()), &ahead)), local))
}

/// The first instant of a day.
pub(super) fn start_of_day<P: Product>(date: Expr, zone: &Zone) -> Expr {
    let ahead = offsets::of_days(zone);
    shifted::<P>(date.cast(SqlType::LocalTimestamp), |midnight| {
        let day = Expr::call("DATEDIFF", [midnight.clone(), Expr::Literal(Literal::Date(0))]);
        later("MICROSECOND", negative(number(day, &ahead)), midnight)
    })
}

/// The first day of the unit that holds a date.
pub(super) fn start_of<P: Product>(dialect: &dyn Dialect, unit: CalendarUnit, date: Expr, week_start: u8) -> Built {
    let minus = |number: Expr, less: i64| number.binary(BinaryOp::Sub, Expr::int(less));
    calendar::start_of(dialect, unit, date, week_start, |unit, date| {
        once::<P>(date, |date| {
            let of = |name| Expr::call(name, [date.clone()]);
            let back = match unit {
                "week" => of("WEEKDAY"),
                "year" => minus(of("DAYOFYEAR"), 1),
                _ => minus(of("DAY"), 1),
            };
            let start = later("DAY", negative(back), date.clone()).cast(SqlType::Date);
            if unit != "quarter" {
                return start;
            }
            let months = minus(of("MONTH"), 1).binary(BinaryOp::Rem, Expr::int(3));
            later("MONTH", negative(months), start)
        })
    })
}

fn negative(number: Expr) -> Expr {
    Expr::Negative(Box::new(number))
}

/// The number of the last step that is not above a value: the engine searches by halves among constants.
fn number(value: Expr, steps: &Steps) -> Expr {
    if steps.changes.is_empty() {
        return Expr::int(steps.first);
    }
    let listed = |numbers: Vec<i64>| {
        let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
        Expr::words(texts.join(", "))
    };
    let points = listed(steps.changes.iter().map(|(at, _)| *at).collect());
    let numbers = listed(std::iter::once(steps.first).chain(steps.changes.iter().map(|(_, number)| *number)).collect());
    let place = Expr::call("INTERVAL", [value, points]).binary(BinaryOp::Add, Expr::int(1));
    // What is chosen is a text.
    Expr::call("ELT", [place, numbers]).cast(SqlType::Int)
}

/// A civil time moved by the [number] of a step, in a query of its own: `INTERVAL` of an aggregate, in a condition that the
/// engine moves into the grouped query, loses rows there.
fn shifted<P: Product>(time: Expr, body: impl FnOnce(Expr) -> Expr) -> Expr {
    P::once(time, &SqlType::LocalTimestamp, body)
}

/// An expression of a civil time that is written once, unless it is short.
fn once<P: Product>(time: Expr, body: impl FnOnce(Expr) -> Expr) -> Expr {
    if short(&time) { body(time) } else { shifted::<P>(time, body) }
}
