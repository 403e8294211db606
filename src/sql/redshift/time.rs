//! Civil times and calendars. Invariant: the engine's own zones are asked only where a civil time comes once.

use crate::sql::dialect::Part;
use crate::sql::midnight;
use crate::sql::tree::{BinaryOp, Expr, Literal, SqlType};
use crate::vector::time::Zone;

/// Microseconds in a minute.
const MINUTE: i64 = 60_000_000;

/// An instant on the clocks of a zone, or what these show as an instant.
pub(super) fn in_zone(time: Expr, zone: &str) -> Expr {
    time.binary(BinaryOp::Other("AT TIME ZONE"), Expr::text(zone))
}

/// A date or time some units later, as a time.
pub(super) fn later(unit: &'static str, by: Expr, time: Expr) -> Expr {
    Expr::call("dateadd", [Expr::words(unit), by, time])
}

/// Microseconds since 1970.
pub(super) fn micros(instant: Expr) -> Expr {
    let epoch = Expr::Literal(Literal::LocalTimestamp(0));
    Expr::call("datediff", [Expr::words("MICROSECOND"), epoch, in_zone(instant, "UTC")])
}

/// The instant of microseconds since 1970, by numbers of 32 bits.
pub(super) fn instant(micros: Expr) -> Expr {
    let minutes = micros.clone().binary(BinaryOp::IntDiv("/"), Expr::int(MINUTE)).cast(SqlType::Int32);
    let rest = micros.binary(BinaryOp::Rem, Expr::int(MINUTE)).cast(SqlType::Int32);
    let minute = later("MINUTE", minutes, Expr::Literal(Literal::LocalTimestamp(0)));
    in_zone(later("MICROSECOND", rest, minute), "UTC")
}

pub(super) fn part(part: Part, value: Expr) -> Expr {
    let extract = |part| Expr::Extract { part, from: Box::new(value) }.cast(SqlType::Int);
    if part != Part::Weekday {
        return extract(part.name());
    }
    // A Sunday is 0 there.
    let since_monday = extract("dow").binary(BinaryOp::Add, Expr::int(6)).binary(BinaryOp::Rem, Expr::int(7));
    since_monday.binary(BinaryOp::Add, Expr::int(1))
}

/// The first instant of a day.
pub(super) fn start_of_day(date: Expr, zone: &Zone) -> Expr {
    let midnight = in_zone(date.clone().cast(SqlType::LocalTimestamp), zone.name());
    midnight::told(midnight, &date, zone)
}
