//! Civil time, by the time zone library alone.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, ZonedDateTime};
use segc::types::{CalendarUnit, Duration};

pub fn read_instant(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(|t| t.as_microsecond())
}

pub fn read_day(text: &str) -> Option<i32> {
    text.parse::<Date>().ok().map(day_number)
}

pub fn day_number(date: Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.until(date).expect("in the calendar").get_days()
}

pub fn day(number: i32) -> Date {
    jiff::civil::date(1970, 1, 1).checked_add(number.days()).expect("in the calendar")
}

pub fn zoned(micros: i64, zone: &TimeZone) -> ZonedDateTime {
    Timestamp::from_microsecond(micros).expect("in the calendar").to_zoned_datetime(zone.clone())
}

/// The civil day of an instant.
pub fn day_of(micros: i64, zone: &TimeZone) -> i32 {
    day_number(zoned(micros, zone).date())
}

/// The first instant of a civil day.
pub fn start_of_day(number: i32, zone: &TimeZone) -> i64 {
    let start = day(number).to_zoned_datetime(zone.clone()).and_then(|t| t.start_of_day());
    start.expect("in the calendar").timestamp().as_microsecond()
}

/// An instant moved by calendar steps at its local time, then by the exact part.
pub fn moved(micros: i64, by: Duration, negative: bool, zone: &TimeZone) -> Option<i64> {
    let mut steps = Span::new().months(by.months).days(by.days);
    if negative {
        steps = steps.negate();
    }
    let there = zoned(micros, zone).checked_add(steps).ok()?.timestamp().as_microsecond();
    let there = if negative { there.checked_sub(by.micros) } else { there.checked_add(by.micros) };
    there.filter(|t| Timestamp::from_microsecond(*t).is_ok())
}

/// A day moved by calendar steps.
pub fn moved_day(number: i32, by: Duration, negative: bool) -> Option<i32> {
    let steps = Span::new().months(by.months).days(by.days);
    let there = if negative { day(number).checked_sub(steps) } else { day(number).checked_add(steps) };
    there.ok().map(day_number)
}

/// The first day of the unit that holds a day.
pub fn start_of(unit: CalendarUnit, number: i32, week_start: u8) -> i32 {
    let date = day(number);
    let first = |month: i8| jiff::civil::date(date.year(), month, 1);
    match unit {
        CalendarUnit::Day => number,
        CalendarUnit::Week => {
            let begins = Weekday::from_monday_one_offset(week_start as i8).expect("1 to 7");
            (number - 6..=number).find(|n| day(*n).weekday() == begins).expect("one of seven days")
        }
        CalendarUnit::Month => day_number(first(date.month())),
        CalendarUnit::Quarter => day_number(first([1, 1, 1, 4, 4, 4, 7, 7, 7, 10, 10, 10][date.month() as usize - 1])),
        CalendarUnit::Year => day_number(first(1)),
    }
}

/// The first day of the unit a number of units later; `first` is the first day of one.
pub fn units_later(unit: CalendarUnit, first: i32, count: i32) -> i32 {
    let step = match unit {
        CalendarUnit::Day => count.days(),
        CalendarUnit::Week => count.weeks(),
        CalendarUnit::Month => count.months(),
        CalendarUnit::Quarter => (count * 3).months(),
        CalendarUnit::Year => count.years(),
    };
    day_number(day(first).checked_add(step).expect("in the calendar"))
}

/// The anniversary of a day in a year; 29 February falls on 1 March where there is none.
pub fn anniversary(number: i32, year: i16) -> i32 {
    let date = day(number);
    let there = Date::new(year, date.month(), date.day());
    day_number(there.unwrap_or_else(|_| jiff::civil::date(year, 3, 1)))
}

#[test]
fn steps_are_civil_and_clamp() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let at = |text: &str| read_instant(text).unwrap();
    let by = |months, days, hours: i64| Duration { months, days, micros: hours * 3_600_000_000 };
    // The night to 29 March 2026 has 23 hours.
    assert_eq!(moved(at("2026-03-29T12:00:00+02:00"), by(0, 1, 0), true, &zone), Some(at("2026-03-28T12:00:00+01:00")));
    assert_eq!(
        moved(at("2026-03-29T12:00:00+02:00"), by(0, 0, 24), true, &zone),
        Some(at("2026-03-28T11:00:00+01:00"))
    );
    assert_eq!(moved(at("2026-03-31T00:00:00+02:00"), by(1, 0, 0), true, &zone), Some(at("2026-02-28T00:00:00+01:00")));
    let day = |text: &str| read_day(text).unwrap();
    assert_eq!(start_of(CalendarUnit::Week, day("2026-11-23"), 1), day("2026-11-23"));
    assert_eq!(start_of(CalendarUnit::Week, day("2026-11-23"), 7), day("2026-11-22"));
    assert_eq!(start_of(CalendarUnit::Quarter, day("2026-11-23"), 1), day("2026-10-01"));
    assert_eq!(anniversary(day("2000-02-29"), 2026), day("2026-03-01"));
    assert_eq!(day_of(at("2026-11-22T23:00:00Z"), &zone), day("2026-11-23"));
}
