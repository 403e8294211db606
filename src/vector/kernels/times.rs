//! Civil time over columns of dates and timestamps. Invariant: a timestamp is read in the zone given.

use super::{Datum, collect, valid_in_all};
use crate::types::{CalendarUnit, Duration, MICROS_PER_DAY, MICROS_PER_SECOND, Ty};
use crate::vector::time::{self, Zone};
use crate::vector::{Column, Data};

/// A number read from the day of a date, or of a timestamp in the zone.
pub fn of_day(value: &Datum, zone: &Zone, len: usize, part: impl Fn(i32) -> i64) -> Column {
    let values = match value.data() {
        Data::Date(v) => {
            let v: &[i32] = v;
            (0..len).map(|row| part(v[value.at(row)])).collect()
        }
        Data::Int(v) if value.is_constant() => vec![part(zone.date_of(v[0])); len].into(),
        Data::Int(v) => zone.days(v).into_iter().map(part).collect(),
        _ => return Column::absent(&Ty::Int, len),
    };
    Column { data: Data::Int(values), valid: value.valid(len) }
}

/// The hour of timestamps, 0 to 23.
pub fn hour(value: &Datum, zone: &Zone, len: usize) -> Column {
    let Data::Int(v) = value.data() else { return Column::absent(&Ty::Int, len) };
    let mut cursor = zone.cursor();
    let values = (0..len).map(|row| i64::from(time::hour_of_local(cursor.local(v[value.at(row)])))).collect();
    Column { data: Data::Int(values), valid: value.valid(len) }
}

/// The civil day of timestamps; a date is its own.
pub fn date(value: &Datum, zone: &Zone, len: usize) -> Column {
    let days = match value.data() {
        Data::Date(_) => return value.expand(len),
        Data::Int(v) if value.is_constant() => vec![zone.date_of(v[0]); len],
        Data::Int(v) => zone.days(v),
        _ => return Column::absent(&Ty::Date, len),
    };
    Column { data: Data::Date(days.into()), valid: value.valid(len) }
}

/// The begin of the calendar unit that holds a date, or a timestamp.
pub fn start_of(unit: CalendarUnit, value: &Datum, zone: &Zone, week_start: u8, len: usize) -> Column {
    let data = match value.data() {
        Data::Date(v) => {
            Data::Date((0..len).map(|row| time::start_of_unit(unit, v[value.at(row)], week_start)).collect())
        }
        Data::Int(v) => {
            let mut cursor = zone.cursor();
            // Neighbours are mostly of one unit.
            let mut last: Option<(i32, i64)> = None;
            let mut begin = |instant: i64| {
                let day = time::start_of_unit(unit, time::day_of_local(cursor.local(instant)), week_start);
                match last {
                    Some((known, begin)) if known == day => begin,
                    _ => {
                        let begin = zone.start_of_day(day);
                        last = Some((day, begin));
                        begin
                    }
                }
            };
            Data::Int((0..len).map(|row| begin(v[value.at(row)])).collect())
        }
        _ => return Column::absent(&Ty::Timestamp, len),
    };
    Column { data, valid: value.valid(len) }
}

/// Whole years between dates.
pub fn age(from: &Datum, to: &Datum, len: usize) -> Column {
    let (Data::Date(x), Data::Date(y)) = (from.data(), to.data()) else { return Column::absent(&Ty::Int, len) };
    let (x, y): (&[i32], &[i32]) = (x, y);
    let values = (0..len).map(|row| time::age(x[from.at(row)], y[to.at(row)])).collect();
    Column { data: Data::Int(values), valid: valid_in_all(&[from, to], len) }
}

/// `(b - a) div unit` of timestamps in microseconds; of dates `(b - a) div (unit div one day)`.
pub fn between(a: &Datum, b: &Datum, unit: i64, len: usize) -> Column {
    let valid = valid_in_all(&[a, b], len);
    let (values, valid) = match (a.data(), b.data()) {
        (Data::Date(x), Data::Date(y)) => {
            let days = (unit / MICROS_PER_DAY).max(1);
            let value = |row: usize| Some((i64::from(y[b.at(row)]) - i64::from(x[a.at(row)])) / days);
            collect(len, valid, value)
        }
        (Data::Int(x), Data::Int(y)) => {
            collect(len, valid, |row| y[b.at(row)].checked_sub(x[a.at(row)])?.checked_div(unit))
        }
        _ => return Column::absent(&Ty::Int, len),
    };
    Column { data: Data::Int(values.into()), valid }
}

/// Microseconds of the units that [`between`] counts.
pub const MINUTE: i64 = 60 * MICROS_PER_SECOND;
/// An hour.
pub const HOUR: i64 = 60 * MINUTE;
/// A week of 168 hours.
pub const WEEK: i64 = 7 * MICROS_PER_DAY;

/// A timestamp plus (minus, if `negative`) exact microseconds, or a date plus the whole days in them.
pub fn add(value: &Datum, duration: &Datum, negative: bool, ty: &Ty, len: usize) -> Column {
    let valid = valid_in_all(&[value, duration], len);
    let Data::Int(micros) = duration.data() else { return Column::absent(ty, len) };
    match value.data() {
        Data::Int(v) => {
            let (values, valid) = collect(len, valid, |row| {
                let (at, by) = (v[value.at(row)], micros[duration.at(row)]);
                if negative { at.checked_sub(by) } else { at.checked_add(by) }
            });
            Column { data: Data::Int(values.into()), valid }
        }
        Data::Date(v) => {
            let (values, valid) = collect(len, valid, |row| {
                let days = micros[duration.at(row)] / MICROS_PER_DAY;
                time::add_days(v[value.at(row)], if negative { -days } else { days })
            });
            Column { data: Data::Date(values.into()), valid }
        }
        _ => Column::absent(ty, len),
    }
}

/// Dates moved by a calendar duration: months first, clamped to the month's last day, then days.
pub fn add_calendar(value: &Datum, duration: Duration, negative: bool, len: usize) -> Column {
    let Data::Date(v) = value.data() else { return Column::absent(&Ty::Date, len) };
    let sign = if negative { -1 } else { 1 };
    let days = i64::from(duration.days) + duration.micros / MICROS_PER_DAY;
    let (values, valid) = collect(len, value.valid(len), |row| {
        let day = time::add_months(v[value.at(row)], duration.months.checked_mul(sign)?)?;
        time::add_days(day, days * i64::from(sign))
    });
    Column { data: Data::Date(values.into()), valid }
}

/// `a - b` of timestamps, or of dates (a day counts 24 hours): exact microseconds.
pub fn difference(a: &Datum, b: &Datum, len: usize) -> Column {
    let valid = valid_in_all(&[a, b], len);
    let (values, valid) = match (a.data(), b.data()) {
        (Data::Int(x), Data::Int(y)) => collect(len, valid, |row| x[a.at(row)].checked_sub(y[b.at(row)])),
        (Data::Date(x), Data::Date(y)) => {
            collect(len, valid, |row| (i64::from(x[a.at(row)]) - i64::from(y[b.at(row)])).checked_mul(MICROS_PER_DAY))
        }
        _ => return Column::absent(&Ty::Duration, len),
    };
    Column { data: Data::Int(values.into()), valid }
}
