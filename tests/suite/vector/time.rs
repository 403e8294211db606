//! Civil time against the time zone library, day by day.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use segc::types::{CalendarUnit, Duration, MICROS_PER_DAY};
use segc::vector::time::{self, Civil, Zone};

const ZONES: [&str; 6] =
    ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe", "America/Sao_Paulo"];
const HOUR: i64 = 3_600_000_000;

fn all_days() -> std::ops::Range<i32> {
    time::days(1999, 1, 1).unwrap()..time::days(2031, 1, 1).unwrap()
}

fn jiff_date(days: i32) -> jiff::civil::Date {
    let at = time::civil(days);
    jiff::civil::date(at.year as i16, at.month as i8, at.day as i8)
}

fn jiff_instant(zone: &TimeZone, at: DateTime) -> i64 {
    zone.to_ambiguous_timestamp(at).compatible().unwrap().as_microsecond()
}

fn at_time(days: i32, time_of_day: i64) -> DateTime {
    let nanos = time_of_day % 1_000_000 * 1000;
    let seconds = time_of_day / 1_000_000;
    jiff_date(days).at((seconds / 3600) as i8, (seconds / 60 % 60) as i8, (seconds % 60) as i8, nanos as i32)
}

#[test]
fn days_and_civil_dates_are_inverse_over_all_years() {
    let mut expected = Civil { year: 1, month: 1, day: 1 };
    for days in time::FIRST_DAY..=time::LAST_DAY {
        assert_eq!(time::civil(days), expected, "{days}");
        assert_eq!(time::days(expected.year, expected.month, expected.day), Some(days));
        expected.day += 1;
        if expected.day > time::month_length(expected.year, expected.month) {
            expected = Civil { year: expected.year, month: expected.month + 1, day: 1 };
        }
        if expected.month > 12 {
            expected = Civil { year: expected.year + 1, month: 1, day: 1 };
        }
    }
    assert_eq!(expected.year, 10_000);
    for (year, month, day) in [(2023, 2, 29), (2024, 2, 30), (2024, 13, 1), (2024, 0, 1), (0, 1, 1), (10_000, 1, 1)] {
        assert_eq!(time::days(year, month, day), None);
    }
    time::civil(i32::MIN);
    time::civil(i32::MAX);
}

#[test]
fn weekdays_months_and_units_agree_with_the_library() {
    for days in all_days() {
        let date = jiff_date(days);
        assert_eq!(time::weekday(days) as i8, date.weekday().to_monday_one_offset());
        for months in [-25, -12, -3, -1, 0, 1, 2, 11, 12, 13, 48] {
            let moved = date.checked_add(Span::new().months(months)).unwrap();
            assert_eq!(time::add_months(days, months).map(jiff_date), Some(moved), "{date} + {months} months");
        }
        let into = i32::from(time::weekday(days)) - 1;
        assert_eq!(time::start_of_unit(CalendarUnit::Week, days, 1), days - into);
        assert_eq!(time::start_of_unit(CalendarUnit::Week, days, 7), days - (into + 1) % 7);
        assert_eq!(jiff_date(time::start_of_unit(CalendarUnit::Month, days, 1)), date.first_of_month());
        assert_eq!(jiff_date(time::start_of_unit(CalendarUnit::Year, days, 1)), date.first_of_year());
        let quarter = time::start_of_unit(CalendarUnit::Quarter, days, 1);
        assert!(quarter <= days && days < time::add_units(quarter, CalendarUnit::Quarter, 1).unwrap());
        assert_eq!(time::quarter(quarter), time::quarter(days));
    }
    assert_eq!(time::add_months(time::LAST_DAY, 1), None);
    assert_eq!(time::add_months(time::FIRST_DAY, -1), None);
    assert_eq!(time::add_units(0, CalendarUnit::Year, i32::MAX), None);
    assert_eq!(time::add_days(0, i64::MAX), None);
}

#[test]
fn offsets_and_days_of_instants_agree_with_the_library() {
    for name in ZONES {
        let (ours, theirs) = (Zone::new(name).unwrap(), TimeZone::get(name).unwrap());
        let mut cursor = ours.cursor();
        let first = i64::from(all_days().start) * MICROS_PER_DAY;
        let last = i64::from(all_days().end) * MICROS_PER_DAY;
        let mut at = first;
        while at < last {
            let library = theirs.to_datetime(Timestamp::from_microsecond(at).unwrap());
            assert_eq!(jiff_date(ours.date_of(at)), library.date(), "{name} {at}");
            assert_eq!(ours.hour(at) as i8, library.hour(), "{name} {at}");
            assert_eq!(cursor.local(at), at + ours.offset(at));
            at += 3 * HOUR + 1_800_000_000;
        }
    }
}

#[test]
fn days_begin_at_the_first_instant_of_the_day() {
    for name in ZONES {
        let (ours, theirs) = (Zone::new(name).unwrap(), TimeZone::get(name).unwrap());
        for days in all_days() {
            let begin = ours.start_of_day(days);
            assert_eq!(begin, jiff_instant(&theirs, jiff_date(days).at(0, 0, 0, 0)), "{name} {}", jiff_date(days));
            assert!(ours.date_of(begin) >= days && ours.date_of(begin - 1) < days, "{name} {}", jiff_date(days));
        }
    }
    // The library takes 01:00 here; the day began at 00:30, when 23:30 of the day before was skipped to it.
    let toronto = Zone::new("America/Toronto").unwrap();
    let day = time::days(1919, 3, 31).unwrap();
    assert_eq!(toronto.start_of_day(day), i64::from(day) * MICROS_PER_DAY + 4 * HOUR + HOUR / 2);
}

#[test]
fn local_times_in_gaps_are_later_and_in_overlaps_earlier() {
    for name in ZONES {
        let (ours, theirs) = (Zone::new(name).unwrap(), TimeZone::get(name).unwrap());
        for days in all_days() {
            for half_hours in [0, 1, 2, 3, 4, 5, 6, 47] {
                let time_of_day = half_hours * HOUR / 2 + 17_000_000;
                let expected = jiff_instant(&theirs, at_time(days, time_of_day));
                assert_eq!(ours.instant(days, time_of_day), expected, "{name} {} {half_hours}", jiff_date(days));
            }
        }
    }
    let berlin = Zone::new("Europe/Berlin").unwrap();
    let spring = time::days(2026, 3, 29).unwrap();
    let autumn = time::days(2026, 10, 25).unwrap();
    let utc = |day: i32, half_hours: i64| i64::from(day) * MICROS_PER_DAY + half_hours * HOUR / 2;
    assert_eq!(berlin.instant(spring, 5 * HOUR / 2), utc(spring, 3));
    assert_eq!(berlin.instant(autumn, 5 * HOUR / 2), utc(autumn, 1));
}

#[test]
fn civil_times_are_read_as_an_instant_or_a_later_one() {
    const STEP: i64 = HOUR / 4;
    for name in ["UTC", "Pacific/Apia", "Australia/Lord_Howe", "America/New_York", "Europe/Stockholm"] {
        let zone = Zone::new(name).unwrap();
        let changes: Vec<i64> = (-700_000..500_000)
            .filter(|hour| zone.offset(hour * HOUR) != zone.offset((hour + 1) * HOUR))
            .step_by(7)
            .chain([0, 5_000_000])
            .collect();
        for hour in changes {
            // Close by, and up to nine days away.
            let steps = (-8..=120).chain((-9..=9).map(|days| days * 96 + 5));
            for at in steps.map(|steps| hour * HOUR + steps * STEP).flat_map(|at| [at - 1, at]) {
                let ranges = zone.civil_since(at);
                assert!((1..=2).contains(&ranges.len()) && ranges.last().unwrap().1 == i64::MAX, "{name} {ranges:?}");
                let ends = ranges.iter().flat_map(|(from, end)| [from - 1, *from, *end - 1, *end]);
                let near = (-120..=120).map(|steps| at + steps * STEP).chain(ends.filter(|end| *end < i64::MAX / 2));
                for local in near {
                    let instant = zone.instant(time::day_of_local(local), local.rem_euclid(MICROS_PER_DAY));
                    let within = ranges.iter().any(|(from, end)| (*from..*end).contains(&local));
                    assert_eq!(within, instant >= at, "{name}: {local} for {at}, {ranges:?}");
                }
            }
        }
    }
}

#[test]
fn calendar_durations_keep_the_local_time() {
    let durations = [(0, 1, 0), (0, -1, 0), (0, 30, 0), (1, 0, 0), (-1, 0, 0), (12, 0, 0), (0, 0, HOUR), (1, 2, -HOUR)];
    for name in ZONES {
        let (ours, theirs) = (Zone::new(name).unwrap(), TimeZone::get(name).unwrap());
        for days in all_days().step_by(3) {
            for hour in [0, 2, 15] {
                let from = ours.instant(days, hour * HOUR);
                let zoned = Timestamp::from_microsecond(from).unwrap().to_zoned_datetime(theirs.clone());
                for (months, more_days, micros) in durations {
                    let expected = zoned
                        .checked_add(months.months())
                        .and_then(|at| at.checked_add(more_days.days()))
                        .and_then(|at| at.checked_add(micros.microseconds()))
                        .unwrap();
                    let duration = Duration { months, days: more_days, micros };
                    let ours = ours.add(from, duration, false);
                    // The library resolves a gap after the months and again after the days; we do once, after both.
                    if months == 0 || more_days == 0 {
                        assert_eq!(ours, Some(expected.timestamp().as_microsecond()), "{name} {zoned} {duration:?}");
                    }
                }
            }
        }
    }
    let berlin = Zone::new("Europe/Berlin").unwrap();
    let month = Duration { months: 1, ..Duration::default() };
    let last_of_march = berlin.instant(time::days(2026, 3, 31).unwrap(), 12 * HOUR);
    let moved = berlin.add(last_of_march, month, true).unwrap();
    assert_eq!(time::civil(berlin.date_of(moved)), Civil { year: 2026, month: 2, day: 28 });
    assert_eq!(berlin.add(i64::MAX, month, false), None);
    assert_eq!(berlin.add(0, Duration { months: i32::MIN, ..month }, true), None);
    assert_eq!(berlin.add(0, Duration { micros: i64::MIN, ..Duration::default() }, true), None);
}

#[test]
fn far_years_follow_the_rules_of_the_zone() {
    for name in ZONES {
        let (ours, theirs) = (Zone::new(name).unwrap(), TimeZone::get(name).unwrap());
        for year in [1, 1800, 1900, 1945, 2090, 2099, 2100, 2101, 2499, 2500, 2501, 2899, 2900, 4711, 9990] {
            let first = time::days(year, 1, 1).unwrap();
            for days in first - i32::from(year > 1) * 3..first + 370 {
                for hour in [0, 1, 2, 3, 12] {
                    let expected = jiff_instant(&theirs, at_time(days, hour * HOUR));
                    assert_eq!(ours.instant(days, hour * HOUR), expected, "{name} {} {hour}", jiff_date(days));
                    let library = theirs.to_datetime(Timestamp::from_microsecond(expected).unwrap());
                    assert_eq!(jiff_date(ours.date_of(expected)), library.date());
                }
            }
        }
    }
}

#[test]
fn extremes_do_not_overflow() {
    let zone = Zone::new("Pacific/Apia").unwrap();
    for instant in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX] {
        zone.start_of(CalendarUnit::Week, instant, 1);
        zone.hour(instant);
        zone.cursor().local(instant);
    }
    for days in [i32::MIN, i32::MAX] {
        zone.start_of_day(days);
        time::start_of_unit(CalendarUnit::Quarter, days, 3);
        time::age(days, 0);
    }
    assert!(Zone::new("Mars/Olympus").is_none());
    assert_eq!(Zone::new("UTC").unwrap(), Zone::utc());
}

#[test]
fn age_turns_on_the_first_of_march_for_leap_days() {
    let day = |year, month, day| time::days(year, month, day).unwrap();
    assert_eq!(time::age(day(2000, 2, 29), day(2023, 2, 28)), 22);
    assert_eq!(time::age(day(2000, 2, 29), day(2023, 3, 1)), 23);
    assert_eq!(time::age(day(2000, 2, 29), day(2024, 2, 29)), 24);
    assert_eq!(time::age(day(2000, 6, 15), day(2000, 6, 14)), 0);
    assert_eq!(time::age(day(2001, 6, 15), day(2000, 6, 14)), -1);
}

#[test]
fn days_of_many_instants_are_those_of_each() {
    for name in ZONES.iter().chain(&["UTC"]) {
        let zone = Zone::new(name).unwrap();
        // Around every midnight of a few years, and far away; in pieces with no, some and many changes of the offset.
        let near = |day: i32| {
            [-1, 0, 1, HOUR]
                .map(|by| i64::from(day) * MICROS_PER_DAY - zone.offset(i64::from(day) * MICROS_PER_DAY) + by)
        };
        let mut instants: Vec<i64> =
            (time::days(2022, 1, 1).unwrap()..time::days(2026, 1, 1).unwrap()).flat_map(near).collect();
        let ends = [time::FIRST_DAY, time::FIRST_DAY + 1, -1, 0, 1, time::LAST_DAY];
        instants.extend(
            ends.into_iter().flat_map(|day| [0, MICROS_PER_DAY - 1].map(|by| i64::from(day) * MICROS_PER_DAY + by)),
        );
        for size in [1, 63, 64, 700, instants.len()] {
            for piece in instants.chunks(size) {
                let expected: Vec<i32> = piece.iter().map(|&instant| zone.date_of(instant)).collect();
                assert!(zone.days(piece) == expected, "{name}, {size} from {}", piece[0]);
            }
        }
        let all: Vec<i64> = (time::FIRST_DAY..=time::LAST_DAY).map(|day| i64::from(day) * MICROS_PER_DAY).collect();
        assert!(zone.days(&all) == all.iter().map(|&instant| zone.date_of(instant)).collect::<Vec<i32>>(), "{name}");
    }
    let utc = Zone::utc();
    let days: Vec<i32> = (time::FIRST_DAY..=time::LAST_DAY).collect();
    for by in [0, 1, MICROS_PER_DAY / 2, MICROS_PER_DAY - 1] {
        let instants: Vec<i64> = days.iter().map(|&day| i64::from(day) * MICROS_PER_DAY + by).collect();
        assert!(utc.days(&instants) == days, "{by}");
    }
}
