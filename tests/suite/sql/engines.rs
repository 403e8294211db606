//! What every engine makes of literals, names, case folding, civil time and the first instants of days. One test per
//! engine, since some of them take long to start.

use std::collections::HashMap;

use segc::sql::dialect::{Case, Part};
use segc::sql::tree::{Item, Literal, Source, SqlType, Table as From};
use segc::sql::{self, Dialect, Expr, Ident, Query, Select};
use segc::types::CalendarUnit;
use segc::vector::time::{self, Zone};
use serde_json::{Value as Json, json};

use super::engine::hostile;
use crate::conformance::engine::Engine;
use crate::oracle::text;

#[test]
fn clickhouse_reads_what_was_written() {
    reads_what_was_written("clickhouse");
}

#[test]
#[ignore = "not yet seen to its end: Spark is listed as parsed until it is"]
fn spark_reads_what_was_written() {
    reads_what_was_written("spark");
}

fn reads_what_was_written(dialect: &str) {
    let mut engine = Engine::start(dialect);
    texts(&mut engine);
    names(&mut engine);
    literals(&mut engine);
    folding(&mut engine);
    zones(&mut engine);
    engine.report("hostile texts and names, literals, case of every code point, civil times, first instants of days");
}

fn select(dialect: &dyn Dialect, items: Vec<Expr>, from: Option<&str>) -> String {
    let items = items.into_iter().map(|expr| Item { expr, alias: None }).collect();
    let alias = Ident::generated("t");
    let from = from.map(|name| From { source: Source::Named(vec![Ident::physical(name)]), alias });
    sql::print(&Query { comment: vec![], ctes: vec![], body: Select { items, from, ..Select::default() } }, dialect)
}

fn column(name: &str) -> Expr {
    Expr::column(&Ident::generated("t"), &Ident::physical(name))
}

/// A table made of columns.
fn load(engine: &mut Engine, name: &str, columns: &[(&str, SqlType)], rows: Vec<Json>) {
    let folder = tempfile::tempdir().unwrap();
    let columns: Vec<(Ident, SqlType)> = columns.iter().map(|(name, ty)| (Ident::physical(name), ty.clone())).collect();
    engine.load_table(name, &columns, &rows, folder.path());
}

fn texts(engine: &mut Engine) {
    let texts = hostile();
    assert!(texts.len() >= 200, "{}", texts.len());
    for chunk in texts.chunks(40) {
        let query = select(engine.dialect(), chunk.iter().map(|text| Expr::text(text.as_str())).collect(), None);
        let rows = engine.rows(&query).unwrap_or_else(|error| panic!("{error}\n{query}"));
        let read: Vec<&str> = rows[0].iter().map(|value| value.as_str().unwrap()).collect();
        assert_eq!(read, chunk);
    }
}

fn names(engine: &mut Engine) {
    let names: Vec<String> =
        hostile().into_iter().filter(|name| name.len() < 1000 && !name.trim().is_empty()).collect();
    assert!(names.len() >= 200, "{}", names.len());
    for (at, chunk) in names.chunks(40).enumerate() {
        let values: Vec<Item> = chunk
            .iter()
            .enumerate()
            .map(|(number, name)| Item { expr: Expr::int(number as i64), alias: Some(Ident::physical(name)) })
            .collect();
        let inner = Select { items: values, ..Select::default() };
        let from = From { source: Source::Select(Box::new(inner)), alias: Ident::physical(&names[at]) };
        let of = |name: &String| Item {
            expr: Expr::column(&Ident::physical(&names[at]), &Ident::physical(name)),
            alias: Some(Ident::physical(name)),
        };
        let items = chunk.iter().map(of).collect();
        let body = Select { items, from: Some(from), ..Select::default() };
        let query = sql::print(&Query { comment: vec![], ctes: vec![], body }, engine.dialect());
        let rows = engine.rows(&query).unwrap_or_else(|error| panic!("{error}\n{query}"));
        let expected: Vec<Json> = (0..chunk.len()).map(|number| json!(number)).collect();
        assert_eq!(rows, [expected], "{query}");
    }
}

fn literals(engine: &mut Engine) {
    let dialect = engine.dialect();
    let mut tests: Vec<(String, Expr)> = Vec::new();
    for micros in [-1, 0, 1_764_000_000_123_456, 253_402_300_799_999_999, -62_135_596_800_000_000] {
        let literal = Expr::Literal(Literal::Timestamp(micros));
        tests.push((format!("instant {micros}"), dialect.micros(literal.clone()).unwrap().eq(Expr::int(micros))));
        tests.push((format!("instant of {micros}"), dialect.instant(Expr::int(micros)).unwrap().eq(literal)));
    }
    for days in [0, -1, 20_000, -719_162, 2_932_896] {
        let from = Expr::Literal(Literal::Date(0));
        let days_between = dialect.days_between(from, Expr::Literal(Literal::Date(days))).unwrap();
        tests.push((format!("date {days}"), days_between.eq(Expr::int(i64::from(days)))));
    }
    for value in [0.1, -1e300, 5e-324, 9.2e18, 0.0, 1.0, 123_456.789, f64::MAX, 1e-7, 1.0 / 3.0] {
        let read = Expr::text(format!("{value:e}")).cast(SqlType::Float);
        tests.push((format!("double {value:e}"), Expr::Literal(Literal::Float(value)).eq(read)));
    }
    for value in [i64::MIN, i64::MAX, 0, -1, 2_147_483_648, 9_007_199_254_740_993] {
        let read = Expr::text(value.to_string()).cast(SqlType::Int);
        tests.push((format!("int {value}"), Expr::int(value).eq(read)));
    }
    for (unscaled, precision, scale) in [(5, 1, 2), (-12_345, 5, 2), (10i128.pow(37) + 1, 38, 2), (1, 1, 0)] {
        let precision = precision.max(scale);
        let read = Expr::text(format!("{unscaled}e-{scale}"));
        let digits = sql::SqlType::Decimal { precision: 38, scale };
        let literal = Expr::Literal(Literal::Decimal { unscaled, precision, scale });
        tests.push((format!("decimal {unscaled}"), literal.cast(digits.clone()).eq(read.cast(digits))));
    }
    let query = select(dialect, tests.iter().map(|(_, test)| test.clone()).collect(), None);
    let rows = engine.rows(&query).unwrap_or_else(|error| panic!("{error}\n{query}"));
    for ((name, _), value) in tests.iter().zip(&rows[0]) {
        assert!(*value == json!(true) || *value == json!(1), "{name} is read as another value: {value}");
    }
}

fn folding(engine: &mut Engine) {
    let letters = ('\u{1}'..=char::MAX).map(|c| json!({ "c": c.to_string() })).collect();
    load(engine, "letters", &[("c", SqlType::Text)], letters);
    let dialect = engine.dialect();
    let mut changed = |case, exact| -> HashMap<String, String> {
        let folded = dialect.fold(column("c"), case, exact).unwrap();
        let query = select(dialect, vec![column("c"), folded.clone()], Some("letters"));
        let different = select(dialect, vec![column("c").binary(sql::tree::BinaryOp::Ne, folded)], None);
        // The condition is printed by the same printer, between the keyword and whatever ends a query.
        let condition = different.strip_prefix("SELECT ").unwrap();
        let (query, settings) = match dialect.settings() {
            Some(settings) => (query.split(settings).next().unwrap(), settings),
            None => (query.as_str(), ""),
        };
        let condition = condition.split(settings).next().filter(|_| !settings.is_empty()).unwrap_or(condition);
        let rows = engine.rows(&format!("{query} WHERE {condition} {settings}")).unwrap();
        rows.iter().map(|row| (row[0].as_str().unwrap().to_owned(), row[1].as_str().unwrap().to_owned())).collect()
    };
    for case in [Case::Lower, Case::Upper, Case::AsciiLower] {
        let folded = changed(case, true);
        for c in '\u{1}'..=char::MAX {
            let letter = c.to_string();
            let expected = match case {
                Case::Lower => text::lower(&letter),
                Case::Upper => text::upper(&letter),
                Case::AsciiLower => letter.to_ascii_lowercase(),
            };
            assert_eq!(folded.get(&letter).unwrap_or(&letter), &expected, "{case:?} of U+{:04X}", u32::from(c));
        }
        let odd = dialect.odd_letters(case);
        let own = changed(case, false);
        for c in own.keys().chain(folded.keys()) {
            let (own, exact) = (own.get(c).unwrap_or(c), folded.get(c).unwrap_or(c));
            let all = [c.as_str(), own, exact].concat();
            assert!(own == exact || all.chars().all(|c| odd.contains(&c)), "{c:?} gives {own:?}, not {exact:?}");
        }
    }
}

const ZONES: [&str; 9] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
];

/// Up to the day from which on the engine's table of zones may be older than the compiler's.
fn zones(engine: &mut Engine) {
    let (first, last) = (time::days(1998, 1, 1).unwrap(), time::days(2026, 1, 1).unwrap());
    let days: Vec<Json> = (first..last)
        .map(|n| {
            let civil = time::civil(n);
            json!({ "n": n, "d": format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day) })
        })
        .collect();
    load(engine, "days", &[("n", SqlType::Int), ("d", SqlType::Date)], days);
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
    for row in engine.rows(&select(dialect, items, Some("days"))).unwrap() {
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
        let rows = engine.rows(&query).unwrap_or_else(|error| panic!("{error}\n{query}"));
        assert_eq!(rows.len(), (last - first) as usize);
        for row in rows {
            let day = row[0].as_i64().unwrap() as i32;
            assert_eq!(row[1].as_i64(), Some(zone.start_of_day(day)), "{name}, {:?}", time::civil(day));
        }
        civil_times(engine, &zone, first, last);
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
    load(engine, "instants", &[("m", SqlType::Int)], instants);
    let dialect = engine.dialect();
    let local = dialect.local(dialect.instant(column("m")).unwrap(), zone).unwrap();
    let date = dialect.date(local.clone()).unwrap();
    let items = vec![
        column("m"),
        dialect.part(Part::Hour, local).unwrap(),
        dialect.days_between(Expr::Literal(Literal::Date(0)), date).unwrap(),
    ];
    let query = select(dialect, items, Some("instants"));
    for row in engine.rows(&query).unwrap_or_else(|error| panic!("{error}\n{query}")) {
        let micros = row[0].as_i64().unwrap();
        assert_eq!(row[1].as_i64(), Some(i64::from(zone.hour(micros))), "hour of {micros} in {}", zone.name());
        assert_eq!(row[2].as_i64(), Some(i64::from(zone.date_of(micros))), "date of {micros} in {}", zone.name());
    }
}
