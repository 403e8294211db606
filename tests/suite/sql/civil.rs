//! Civil time on each engine: the dates, hours and first instants of days that a zone says, wherever its offset changes.
//! Invariant: up to the day from which on an engine's table of zones may be older than the compiler's.

use jiff::Timestamp;
use segc::sql::Expr;
use segc::sql::dialect::Part;
use segc::sql::tree::{Literal, SqlType};
use segc::types::CalendarUnit;
use segc::vector::time::{self, Zone};
use serde_json::{Value as Json, json};

use super::engine::{column, load, rows, select};
use crate::conformance::engine::Engine;

const ZONES: [&str; 10] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Kolkata",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
];

/// Days, their units, and their first instants.
pub(super) fn times_are_the_same(engine: &mut Engine) {
    let (first, last) = (time::days(1998, 1, 1).unwrap(), time::days(2026, 1, 1).unwrap());
    let days: Vec<Json> = (first..last)
        .map(|n| {
            let civil = time::civil(n);
            json!({ "n": n, "d": format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day) })
        })
        .collect();
    load(engine, "days", &[("n", SqlType::Int), ("d", SqlType::Date)], &days);
    let dialect = engine.dialect();
    let units = [CalendarUnit::Week, CalendarUnit::Month, CalendarUnit::Quarter, CalendarUnit::Year];
    let epoch = Expr::Literal(Literal::Date(0));
    let mut items = vec![column("n")];
    for unit in units {
        let start = dialect.start_of(unit, column("d"), 7).unwrap();
        items.push(dialect.days_between(epoch.clone(), start).unwrap());
    }
    let later = dialect.add_months(column("d"), -13).unwrap();
    items.push(dialect.days_between(epoch.clone(), later).unwrap());
    items.push(dialect.part(Part::Weekday, column("d")).unwrap());
    for row in rows(engine, &select(dialect, items, Some("days"))) {
        let day = row[0].as_i64().unwrap() as i32;
        for (unit, start) in units.iter().zip(&row[1..]) {
            assert_eq!(start.as_i64(), Some(i64::from(time::start_of_unit(*unit, day, 7))), "{unit:?} of {day}");
        }
        assert_eq!(row[5].as_i64(), time::add_months(day, -13).map(i64::from), "13 months before {day}");
        assert_eq!(row[6].as_i64(), Some(i64::from(time::weekday(day))), "weekday of {day}");
    }
    for name in ZONES {
        let zone = Zone::new(name).unwrap();
        let start = dialect.start_of_day(column("d"), &zone).unwrap();
        let query = select(dialect, vec![column("n"), dialect.micros(start).unwrap()], Some("days"));
        let rows = rows(engine, &query);
        assert_eq!(rows.len(), (last - first) as usize);
        for row in rows {
            let day = row[0].as_i64().unwrap() as i32;
            assert_eq!(row[1].as_i64(), Some(zone.start_of_day(day)), "{name}, {:?}", time::civil(day));
        }
        civil_times(engine, &zone, first, last);
        instants_of_civil_times(engine, &zone);
    }
}

/// Civil dates and hours around everything that changes the offset of a zone.
fn civil_times(engine: &mut Engine, zone: &Zone, first: i32, last: i32) {
    const HOUR: i64 = 3_600_000_000;
    let hours = i64::from(first) * 24..i64::from(last) * 24;
    let changes = hours.filter(|hour| zone.offset(hour * HOUR) != zone.offset((hour + 1) * HOUR));
    let around = changes.flat_map(|hour| (-3..=4).flat_map(move |by| [(hour + by) * HOUR - 1, (hour + by) * HOUR]));
    let sampled = (i64::from(first)..i64::from(last)).step_by(37).map(|day| day * 24 * HOUR + 12_345_678);
    let instants: Vec<Json> = around.chain(sampled).map(|micros| json!({ "m": micros })).collect();
    load(engine, "instants", &[("m", SqlType::Int)], &instants);
    let dialect = engine.dialect();
    let local = dialect.local(dialect.instant(column("m")).unwrap(), zone).unwrap();
    let date = dialect.date(local.clone()).unwrap();
    let items = vec![
        column("m"),
        dialect.part(Part::Hour, local).unwrap(),
        dialect.days_between(Expr::Literal(Literal::Date(0)), date).unwrap(),
    ];
    let query = select(dialect, items, Some("instants"));
    for row in rows(engine, &query) {
        let micros = row[0].as_i64().unwrap();
        assert_eq!(row[1].as_i64(), Some(i64::from(zone.hour(micros))), "hour of {micros} in {}", zone.name());
        assert_eq!(row[2].as_i64(), Some(i64::from(zone.date_of(micros))), "date of {micros} in {}", zone.name());
    }
}

/// The instants of civil times around everything that changes a zone's offset, and comparisons of them with constants.
fn instants_of_civil_times(engine: &mut Engine, zone: &Zone) {
    const QUARTER: i64 = 900_000_000;
    let dialect = engine.dialect();
    let of_day = |(year, month, day), hour: i64| {
        i64::from(time::days(year, month, day).unwrap()) * 96 * QUARTER + hour * 4 * QUARTER
    };
    let near: Vec<i64> = (of_day((1999, 1, 1), 0)..of_day((2026, 1, 1), 0))
        .step_by(QUARTER as usize)
        .filter(|at| [-8, 8].iter().any(|by| zone.offset(at - zone.offset(*at) + by * QUARTER) != zone.offset(*at)))
        .collect();
    let sampled = (1901..2026).step_by(3).map(|year| of_day((year, 7, 1), 5) + 123_456);
    let times: Vec<i64> = near.into_iter().step_by(3).flat_map(|at| [at - 1, at]).chain(sampled).collect();
    let Ok(instant) = dialect.of_local(column("c"), zone) else { return };
    let text = |at: i64| Timestamp::from_microsecond(at).unwrap().strftime("%Y-%m-%dT%H:%M:%S%.6f").to_string();
    let lines: Vec<Json> = times.iter().map(|at| json!({ "n": at, "c": text(*at) })).collect();
    load(engine, "civil", &[("n", SqlType::Int), ("c", SqlType::LocalTimestamp)], &lines);
    let query = select(dialect, vec![column("n"), dialect.micros(instant).unwrap()], Some("civil"));
    for row in rows(engine, &query) {
        let at = row[0].as_i64().unwrap();
        let expected = zone.instant(time::day_of_local(at), at.rem_euclid(96 * QUARTER));
        assert_eq!(row[1].as_i64(), Some(expected), "{} in {}", text(at), zone.name());
    }
}
