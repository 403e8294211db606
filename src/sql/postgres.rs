//! PostgreSQL from 14 on. Lists, maps and objects are `jsonb`; there are no lambdas, so that what walks through a list is
//! a subquery ([`list`]). Texts are ordered with the collation `"C"`, by code points, whatever the database's own.
//! Invariant: as [`Dialect`] says; each spelling here has been run on the engine.

mod fold;
mod json;
mod list;
mod pattern;
mod stored_types;
mod value;

use super::dialect::{Built, Case, Dialect, Limits, Part, Unsupported, Wild};
use super::midnight::{self, Ambiguous};
use super::stored_json::StoredJson;
use super::stored_types::StoredTypes;
use super::tree::{BinaryOp, Expr, Ident, Literal, Order, SqlType};
use super::type_names::{Decimal, Nested, TypeNames};
use super::{calendar, float, quote};
use crate::types::CalendarUnit;
use crate::vector::time::Zone;

/// PostgreSQL.
#[derive(Debug, Clone, Copy)]
pub struct Postgres;

static TYPES: TypeNames = TypeNames {
    bool: "BOOLEAN",
    int32: "INTEGER",
    int: "BIGINT",
    wide_int: "NUMERIC",
    decimal: Decimal::Sized("NUMERIC"),
    float: "DOUBLE PRECISION",
    text: "TEXT",
    date: "DATE",
    timestamp: "TIMESTAMPTZ",
    local_timestamp: "TIMESTAMP",
    nullable: ["", ""],
    nested: Nested::Untyped("JSONB"),
};

impl Dialect for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn limits(&self) -> Limits {
        Limits {
            text_bytes: 1 << 20,
            in_list: 10_000,
            digits: 38,
            narrow_digits: 38,
            quotient_digits: 38,
            product_scale: 38,
        }
    }

    fn prelude(&self) -> Vec<&'static str> {
        vec!["SET TimeZone = 'UTC'", "SET standard_conforming_strings = on"]
    }

    fn quoted(&self, name: &str) -> String {
        quote::double_quoted(name)
    }

    fn literal(&self, literal: &Literal) -> String {
        value::literal(literal)
    }

    fn type_names(&self) -> &'static TypeNames {
        &TYPES
    }

    fn stored_types(&self) -> Option<&'static StoredTypes> {
        Some(&stored_types::STORED_TYPES)
    }

    fn stored_json(&self) -> Option<&'static StoredJson> {
        Some(&json::JSON)
    }

    fn lambda(&self, _: &[String], body: &str) -> String {
        // No function takes one: what walks through a list is a subquery.
        body.to_owned()
    }

    fn struct_literal(&self, fields: &[(String, String)]) -> String {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}, {value}")).collect();
        format!("jsonb_build_object({})", fields.join(", "))
    }

    fn list_literal(&self, items: &[String]) -> String {
        format!("jsonb_build_array({})", items.join(", "))
    }

    fn unnest(&self, list: &str, alias: &str, column: &str, place: Option<&str>) -> String {
        match place {
            None => format!("jsonb_array_elements({list}) AS {alias}({column})"),
            Some(place) => format!("jsonb_array_elements({list}) WITH ORDINALITY AS {alias}({column}, {place})"),
        }
    }

    fn stored(&self, base: Expr, fields: &[Ident], ty: &SqlType) -> Built {
        value::stored(base, fields, ty)
    }

    fn stored_local(&self, base: Expr, fields: &[Ident], zone: &Zone) -> Built {
        // The text of JSON may tell an offset, which a civil time would lose.
        let in_json = !fields.is_empty() || !matches!(base, Expr::Column { .. });
        if !in_json {
            return self.stored(base, fields, &SqlType::LocalTimestamp);
        }
        if *zone != Zone::utc() {
            return Err(Unsupported("a timestamp without a zone within a JSON column".to_owned()));
        }
        // The session's zone is UTC.
        self.local(self.stored(base, fields, &SqlType::Timestamp)?, zone)
    }

    fn element(&self, element: Expr, ty: &SqlType) -> Built {
        Ok(value::of_json(element, ty))
    }

    fn pack(&self, fields: Vec<(Ident, Expr, SqlType)>) -> Built {
        let args: Vec<Expr> =
            fields.into_iter().flat_map(|(name, value, _)| [Expr::text(name.text()), value]).collect();
        Ok(Expr::call("jsonb_build_object", args))
    }

    fn field(&self, packed: Expr, field: &Ident, ty: &SqlType) -> Built {
        Ok(value::member(packed, Expr::text(field.text()), ty))
    }

    fn by_code_point(&self, text: Expr) -> Built {
        Ok(value::by_code_point(text))
    }

    fn fold(&self, text: Expr, case: Case, exact: bool) -> Built {
        Ok(fold::fold(text, case, exact))
    }

    fn odd_letters(&self, case: Case) -> Vec<char> {
        fold::odd_letters(case)
    }

    fn trim(&self, text: Expr) -> Built {
        Ok(Expr::call("btrim", [text, Expr::text(" ")]))
    }

    fn text_length(&self, text: Expr) -> Built {
        Ok(Expr::call("length", [text]))
    }

    fn substring(&self, text: Expr, start: Expr, length: Option<Expr>) -> Built {
        // The engine takes 32 bits for both; no text is longer.
        let most = i64::from(i32::MAX);
        let within = |expr: Expr| match expr {
            Expr::Literal(Literal::Int(value)) => Expr::int(value.min(most)),
            other => Expr::call("LEAST", [other, Expr::int(most)]).cast(SqlType::Int32),
        };
        let args: Vec<Expr> = [Some(text), Some(within(start)), length.map(within)].into_iter().flatten().collect();
        Ok(Expr::call("substr", args))
    }

    fn split(&self, text: Expr, separator: Expr) -> Built {
        // The engine makes no part of the empty text.
        Ok(Expr::with([text, separator], |[text, separator]| {
            let parts = Expr::call("to_jsonb", [Expr::call("string_to_array", [text.clone(), separator])]);
            Expr::choose(text.clone().eq(Expr::text("")), Expr::List(vec![text]), parts)
        }))
    }

    fn contains(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("strpos", [text, part]).binary(BinaryOp::Gt, Expr::int(0)))
    }

    fn ends_with(&self, text: Expr, part: Expr) -> Built {
        let end = |text, part: Expr, length| Expr::call("right", [text, length]).eq(part);
        Ok(match &part {
            Expr::Literal(Literal::Text(literal)) => {
                let length = Expr::int(i64::try_from(literal.chars().count()).unwrap_or(i64::MAX));
                end(text, part, length)
            }
            _ => Expr::with([text, part], |[text, part]| {
                let length = Expr::call("length", [part.clone()]);
                end(text, part, length)
            }),
        })
    }

    fn like(&self, text: Expr, pattern: &[Wild]) -> Built {
        let like = quote::like_pattern(pattern, '\\');
        Ok(value::by_code_point(text).binary(BinaryOp::Other("LIKE"), Expr::text(like)))
    }

    fn matches(&self, text: Expr, pattern: &str) -> Built {
        pattern::matches(text, pattern)
    }

    fn capture(&self, text: Expr, pattern: &str, group: u32) -> Built {
        pattern::capture(text, pattern, group)
    }

    fn url_host(&self, url: Expr) -> Built {
        Ok(pattern::url_host(url))
    }

    fn is_finite(&self, float: Expr) -> Built {
        // NaN is above infinity.
        Ok(Expr::call("abs", [float]).binary(BinaryOp::Lt, Expr::text("Infinity").cast(SqlType::Float)))
    }

    fn float_arithmetic(&self, op: BinaryOp, left: Expr, right: Expr) -> Built {
        float::arithmetic(op, left, right, None)
    }

    fn decimal_to_float(&self, decimal: Expr, _: u8) -> Built {
        Ok(decimal.cast(SqlType::Float))
    }

    fn guarded(&self, arithmetic: Expr, ty: &SqlType) -> Built {
        self.narrowed(arithmetic, ty, ty)
    }

    fn narrowed(&self, number: Expr, _: &SqlType, to: &SqlType) -> Built {
        value::narrowed(number, to)
    }

    fn int_div(&self, left: Expr, right: Expr) -> Built {
        Ok(Expr::call("div", [left, right]))
    }

    fn micros(&self, instant: Expr) -> Built {
        let seconds = Expr::Extract { part: "EPOCH", from: Box::new(instant) };
        Ok(seconds.binary(BinaryOp::Mul, Expr::int(1_000_000)).cast(SqlType::Int))
    }

    fn instant(&self, micros: Expr) -> Built {
        // Hours are exact whatever the session's zone; the rest is small enough for a double.
        Ok(Expr::with([micros], |[micros]| {
            let hour = Expr::int(3_600_000_000);
            let hours = Expr::call("div", [micros.clone(), hour.clone()]).cast(SqlType::Int32);
            let rest = micros.binary(BinaryOp::Rem, hour).cast(SqlType::Float);
            let seconds = rest.binary(BinaryOp::Div, Expr::int(1_000_000));
            let none = Expr::int(0);
            let parts = [none.clone(), none.clone(), none.clone(), none, hours, Expr::int(0), seconds];
            Expr::Literal(Literal::Timestamp(0)).binary(BinaryOp::Add, Expr::call("make_interval", parts))
        }))
    }

    fn local(&self, instant: Expr, zone: &Zone) -> Built {
        Ok(Expr::call("timezone", [Expr::text(zone.name()), instant]))
    }

    fn of_local(&self, local: Expr, zone: &Zone) -> Built {
        Ok(Expr::with([local], |[local]| {
            let turned = |time| Expr::call("timezone", [Expr::text(zone.name()), time]);
            let instant = turned(local.clone());
            let earlier = |micros| instant.clone().binary(BinaryOp::Sub, seconds(micros));
            midnight::first_of_two(&instant, &local, zone, earlier, turned)
        }))
    }

    fn part(&self, part: Part, value: Expr) -> Built {
        Ok(Expr::Extract { part: part.name(), from: Box::new(value) }.cast(SqlType::Int))
    }

    fn start_of(&self, unit: CalendarUnit, date: Expr, week_start: u8) -> Built {
        calendar::start_of(self, unit, date, week_start, |unit, date| {
            Expr::call("date_trunc", [Expr::text(unit), date.cast(SqlType::LocalTimestamp)]).cast(SqlType::Date)
        })
    }

    fn start_of_day(&self, date: Expr, zone: &Zone) -> Built {
        let late = midnight::late(zone, Ambiguous::Later);
        let name = Expr::text(zone.name());
        let begin = |date: Expr| Expr::call("timezone", [name.clone(), date.cast(SqlType::LocalTimestamp)]);
        if late.is_empty() {
            return Ok(begin(date));
        }
        Ok(Expr::with([date], |[date]| {
            let instant = begin(date.clone());
            let branch = |(late, days): (i64, Vec<i32>)| {
                let list = days.into_iter().map(|day| Expr::Literal(Literal::Date(day))).collect();
                let earlier = instant.clone().binary(BinaryOp::Sub, seconds(late));
                (Expr::In { expr: Box::new(date.clone()), list }, earlier)
            };
            let branches = late.into_iter().map(branch).collect();
            Expr::Case { branches, otherwise: Some(Box::new(instant.clone())) }
        }))
    }

    fn add_days(&self, date: Expr, days: Expr) -> Built {
        let days = match days {
            Expr::Literal(_) => days,
            days => self.narrowed(days, &SqlType::Int, &SqlType::Int32)?,
        };
        Ok(date.binary(BinaryOp::Add, days))
    }

    fn add_months(&self, date: Expr, months: i32) -> Built {
        let by = Expr::call("make_interval", [Expr::int(0), Expr::int(i64::from(months))]);
        Ok(date.binary(BinaryOp::Add, by).cast(SqlType::Date))
    }

    fn empty_list(&self, _: &SqlType) -> Built {
        Ok(list::empty())
    }

    fn list_length(&self, list: Expr) -> Built {
        Ok(Expr::call("jsonb_array_length", [list]))
    }

    fn list_filter(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        list::filter(list, params, body)
    }

    fn list_exists(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        list::exists(list, params, body)
    }

    fn list_transform(&self, list: Expr, params: Vec<Ident>, body: Expr, to: &SqlType) -> Built {
        list::transform(list, params, body, to)
    }

    fn list_flatten(&self, list: Expr) -> Built {
        Ok(list::flatten(list))
    }

    fn list_distinct(&self, list: Expr) -> Built {
        Ok(list::distinct(list))
    }

    fn list_sort(&self, list: Expr, element: &SqlType) -> Built {
        Ok(list::sort(list, element))
    }

    fn spells_anew(&self, element: &SqlType) -> bool {
        // In ISO 8601, with any offset, with a fraction or without.
        *element == SqlType::Timestamp
    }

    fn list_contains(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        Ok(list.binary(BinaryOp::Other("@>"), list::to_json(element)))
    }

    fn list_position(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        Ok(list::position(list, element))
    }

    fn list_overlaps(&self, a: Expr, b: Expr) -> Built {
        Ok(list::overlaps(a, b))
    }

    fn list_includes(&self, a: Expr, b: Expr) -> Built {
        Ok(a.binary(BinaryOp::Other("@>"), b))
    }

    fn list_concat(&self, a: Expr, b: Expr) -> Built {
        Ok(a.binary(BinaryOp::Concat, b))
    }

    fn list_sum(&self, list: Expr, element: &SqlType) -> Built {
        Ok(list::aggregate("sum", list, element))
    }

    fn list_mean(&self, list: Expr) -> Built {
        Ok(list::aggregate("avg", list, &SqlType::Float))
    }

    fn list_min(&self, list: Expr, element: &SqlType) -> Built {
        Ok(match element {
            SqlType::Struct(_) => list::least(list, element),
            _ => list::aggregate("min", list, element),
        })
    }

    fn list_max(&self, list: Expr, element: &SqlType) -> Built {
        match element {
            SqlType::Struct(_) => Err(Unsupported("the largest of several objects".to_owned())),
            _ => Ok(list::aggregate("max", list, element)),
        }
    }

    fn list_first(&self, list: Expr, element: &SqlType) -> Built {
        Ok(value::member(list, Expr::int(0), element))
    }

    fn list_last(&self, list: Expr, element: &SqlType) -> Built {
        Ok(value::member(list, Expr::int(-1), element))
    }

    fn map_get(&self, map: Expr, key: Expr, value: &SqlType) -> Built {
        // A number would be a position.
        let key = if matches!(key, Expr::Literal(_)) { key } else { key.cast(SqlType::Text) };
        Ok(value::member(map, key, value))
    }

    fn map_entries(&self, map: Expr) -> Built {
        Ok(Expr::call("jsonb_path_query_array", [map, Expr::text("$.keyvalue()")]))
    }

    fn agg_list(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        Ok(Expr::Aggregate { name: "jsonb_agg", args: vec![value], distinct: false, order_by, filter })
    }

    fn agg_map(&self, key: Expr, value: Expr) -> Built {
        Ok(Expr::aggregate("jsonb_object_agg", [key, value], vec![]))
    }

    fn agg_first(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        let all = Expr::Aggregate { name: "array_agg", args: vec![value], distinct: false, order_by, filter };
        Ok(Expr::Index { base: Box::new(all), index: Box::new(Expr::int(1)) })
    }
}

/// Microseconds as an interval of seconds.
fn seconds(micros: i64) -> Expr {
    let zero = || Expr::int(0);
    let seconds = Expr::Literal(Literal::Float(micros as f64 / 1e6));
    Expr::call("make_interval", [zero(), zero(), zero(), zero(), zero(), zero(), seconds])
}
