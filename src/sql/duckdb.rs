//! DuckDB from 1.3 on (lambdas written `lambda x: …`). Invariant: as [`Dialect`] says; each spelling here has been run on
//! the engine.

mod fold;
mod literal;

use literal::{decimal, local_timestamp, text_literal, timestamp};

use super::dialect::{Built, Case, Dialect, Limits};
use super::midnight::{self, Ambiguous};
use super::stored_types::{Castable, StoredTypes, Teller};
use super::tree::{BinaryOp, Expr, Ident, Literal, Order, SqlType};
use super::type_names::{Brackets, Decimal, Nested, TypeNames};
use super::{calendar, quote};
use crate::types::CalendarUnit;
use crate::vector::time::Zone;

/// DuckDB.
#[derive(Debug, Clone, Copy)]
pub struct DuckDb;

static TYPES: TypeNames = TypeNames {
    bool: "BOOLEAN",
    int32: "INTEGER",
    int: "BIGINT",
    wide_int: "HUGEINT",
    decimal: Decimal::Sized("DECIMAL"),
    float: "DOUBLE",
    text: "VARCHAR",
    date: "DATE",
    timestamp: "TIMESTAMPTZ",
    local_timestamp: "TIMESTAMP",
    nullable: ["", ""],
    nested: Nested::Typed(Brackets {
        list: ["", "[]"],
        map: ["MAP(VARCHAR, ", ")"],
        object: ["STRUCT(", ")"],
        field: " ",
    }),
};

static STORED_TYPES: StoredTypes = StoredTypes {
    teller: Teller::OfNone("typeof"),
    bool: &["BOOLEAN"],
    int: &["BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT"],
    unsigned: &["UBIGINT"],
    decimal: &["DECIMAL(%,{})"],
    float: &["DOUBLE"],
    text: &["VARCHAR"],
    uuid: &["UUID"],
    date: &["DATE"],
    timestamp: &["TIMESTAMP WITH TIME ZONE"],
    local_timestamp: &["TIMESTAMP"],
    nested: &[],
    around: &[["", ""]],
    has_times_beyond: true,
    collates: true,
    cast: Castable {
        int: &["HUGEINT", "UHUGEINT", "DECIMAL(%,0)"],
        decimal: &[
            "HUGEINT",
            "BIGINT",
            "INTEGER",
            "SMALLINT",
            "TINYINT",
            "UBIGINT",
            "UINTEGER",
            "USMALLINT",
            "UTINYINT",
        ],
        float: &["FLOAT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT"],
        text: &[
            "ENUM(%",
            "UUID",
            "HUGEINT",
            "BIGINT",
            "INTEGER",
            "SMALLINT",
            "TINYINT",
            "UBIGINT",
            "UINTEGER",
            "USMALLINT",
            "UTINYINT",
        ],
        date: &[],
        timestamp: &[],
        local_timestamp: &["TIMESTAMP_S", "TIMESTAMP_MS"],
    },
};

impl Dialect for DuckDb {
    fn name(&self) -> &'static str {
        "duckdb"
    }

    fn limits(&self) -> Limits {
        Limits {
            text_bytes: 1 << 20,
            in_list: 10_000,
            digits: 38,
            narrow_digits: 18,
            quotient_digits: 38,
            product_scale: 38,
        }
    }

    fn prelude(&self) -> Vec<&'static str> {
        vec!["SET TimeZone = 'UTC'"]
    }

    fn create_table_as(&self, name: &str) -> String {
        format!("CREATE OR REPLACE TABLE {name} AS")
    }

    fn which(&self, [below, _, above]: [Expr; 3]) -> Expr {
        // The branches of a `CASE` are computed one by one, for the rows that are left.
        above.cast(SqlType::Int).binary(BinaryOp::Sub, below.cast(SqlType::Int))
    }

    fn quoted(&self, name: &str) -> String {
        quote::double_quoted(name)
    }

    fn literal(&self, literal: &Literal) -> String {
        match literal {
            Literal::Bool(true) => "TRUE".to_owned(),
            Literal::Bool(false) => "FALSE".to_owned(),
            Literal::Int(i64::MIN) => "CAST('-9223372036854775808' AS BIGINT)".to_owned(),
            Literal::Int(value) => value.to_string(),
            Literal::Decimal { unscaled, precision, scale } => decimal(*unscaled, *precision, *scale),
            Literal::Float(value) => super::literal::float(*value),
            Literal::Text(text) => text_literal(text),
            Literal::Date(days) => match super::literal::date(*days) {
                Some(text) => format!("DATE '{text}'"),
                None => format!("(DATE '1970-01-01' + {days})"),
            },
            Literal::Timestamp(micros) => timestamp(*micros),
            Literal::LocalTimestamp(micros) => local_timestamp(*micros),
        }
    }

    fn type_names(&self) -> &'static TypeNames {
        &TYPES
    }

    fn stored_types(&self) -> Option<&'static StoredTypes> {
        Some(&STORED_TYPES)
    }

    fn lambda(&self, params: &[String], body: &str) -> String {
        let space = if body.starts_with('\n') { "" } else { " " };
        format!("lambda {}:{space}{body}", params.join(", "))
    }

    fn struct_literal(&self, fields: &[(String, String)]) -> String {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name} := {value}")).collect();
        format!("struct_pack({})", fields.join(", "))
    }

    fn list_literal(&self, items: &[String]) -> String {
        format!("[{}]", items.join(", "))
    }

    fn unnest(&self, list: &str, alias: &str, column: &str, place: Option<&str>) -> String {
        match place {
            None => format!("unnest({list}) AS {alias}({column})"),
            Some(place) => format!("unnest({list}) WITH ORDINALITY AS {alias}({column}, {place})"),
        }
    }

    fn fold(&self, text: Expr, case: Case, exact: bool) -> Built {
        Ok(fold::fold(text, case, exact))
    }

    fn odd_letters(&self, case: Case) -> Vec<char> {
        fold::odd_letters(case)
    }

    fn trim(&self, text: Expr) -> Built {
        Ok(Expr::call("trim", [text, Expr::text(" ")]))
    }

    fn text_length(&self, text: Expr) -> Built {
        Ok(Expr::call("length", [text]))
    }

    fn substring(&self, text: Expr, start: Expr, length: Option<Expr>) -> Built {
        // The engine takes 32 bits for both; no text is longer.
        let within = |expr: Expr| match expr {
            Expr::Literal(Literal::Int(value)) => Expr::int(value.min(i64::from(u32::MAX))),
            other => other,
        };
        let args: Vec<Expr> = [Some(text), Some(within(start)), length.map(within)].into_iter().flatten().collect();
        Ok(Expr::call("substring", args))
    }

    fn split(&self, text: Expr, separator: Expr) -> Built {
        Ok(Expr::call("string_split", [text, separator]))
    }

    fn contains(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("contains", [text, part]))
    }

    fn ends_with(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("ends_with", [text, part]))
    }

    fn matches(&self, text: Expr, pattern: &str) -> Built {
        Ok(Expr::call("regexp_matches", [text, Expr::text(pattern)]))
    }

    fn capture(&self, text: Expr, pattern: &str, group: u32) -> Built {
        let matched = self.matches(text.clone(), pattern)?;
        let args = [text, Expr::text(pattern), Expr::int(i64::from(group))];
        Ok(Expr::call("regexp_extract", args).when(matched))
    }

    fn is_finite(&self, float: Expr) -> Built {
        Ok(Expr::call("isfinite", [float]))
    }

    fn sign(&self, float: Expr) -> Built {
        Ok(Expr::call("sign", [float]).cast(SqlType::Float))
    }

    fn decimal_to_float(&self, decimal: Expr, precision: u8) -> Built {
        // The engine divides the digits by a power of ten, which is exact up to 15 digits; its reading of text always is.
        Ok(if precision <= 15 { decimal } else { decimal.cast(SqlType::Text) }.cast(SqlType::Float))
    }

    fn guarded(&self, arithmetic: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("TRY", [arithmetic]))
    }

    fn int_div(&self, left: Expr, right: Expr) -> Built {
        Ok(left.binary(BinaryOp::IntDiv("//"), right))
    }

    fn micros(&self, instant: Expr) -> Built {
        Ok(Expr::call("epoch_us", [instant]))
    }

    fn instant(&self, micros: Expr) -> Built {
        Ok(Expr::call("make_timestamptz", [micros]))
    }

    fn local(&self, instant: Expr, zone: &Zone) -> Built {
        if *zone == Zone::utc() {
            // No zone to look up for each row.
            return Ok(Expr::call("make_timestamp", [self.micros(instant)?]));
        }
        Ok(Expr::call("timezone", [Expr::text(zone.name()), instant]))
    }

    fn of_local(&self, local: Expr, zone: &Zone) -> Built {
        if *zone == Zone::utc() {
            return self.instant(Expr::call("epoch_us", [local]));
        }
        let turned = |time| Expr::call("timezone", [Expr::text(zone.name()), time]);
        let instant = turned(local.clone());
        let earlier =
            |micros| instant.clone().binary(BinaryOp::Sub, Expr::call("to_microseconds", [Expr::int(micros)]));
        Ok(midnight::first_of_two(&instant, &local, zone, earlier, turned))
    }

    fn start_of(&self, unit: CalendarUnit, date: Expr, week_start: u8) -> Built {
        calendar::start_of(self, unit, date, week_start, |unit, date| {
            Expr::call("date_trunc", [Expr::text(unit), date]).cast(SqlType::Date)
        })
    }

    fn start_of_day(&self, date: Expr, zone: &Zone) -> Built {
        let local = date.clone().cast(SqlType::LocalTimestamp);
        let midnight = Expr::call("timezone", [Expr::text(zone.name()), local]);
        let earlier =
            |micros| midnight.clone().binary(BinaryOp::Sub, Expr::call("to_microseconds", [Expr::int(micros)]));
        Ok(midnight::corrected(midnight.clone(), &date, zone, Ambiguous::Later, earlier))
    }

    fn add_days(&self, date: Expr, days: Expr) -> Built {
        let days = match days {
            Expr::Literal(_) => days,
            days => self.narrowed(days, &SqlType::Int, &SqlType::Int32)?,
        };
        Ok(date.binary(BinaryOp::Add, days))
    }

    fn add_months(&self, date: Expr, months: i32) -> Built {
        let by = Expr::call("to_months", [Expr::int(i64::from(months))]);
        Ok(date.binary(BinaryOp::Add, by).cast(SqlType::Date))
    }

    fn list_length(&self, list: Expr) -> Built {
        Ok(Expr::call("len", [list]))
    }

    fn list_filter(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        Ok(Expr::call("list_filter", [list, Expr::Lambda { params, body: Box::new(body) }]))
    }

    fn list_exists(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        let list = match body {
            Expr::Literal(Literal::Bool(true)) => list,
            body => self.list_filter(list, params, body)?,
        };
        Ok(self.list_length(list)?.binary(BinaryOp::Gt, Expr::int(0)))
    }

    fn list_transform(&self, list: Expr, params: Vec<Ident>, body: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("list_transform", [list, Expr::Lambda { params, body: Box::new(body) }]))
    }

    fn list_flatten(&self, list: Expr) -> Built {
        Ok(Expr::call("flatten", [list]))
    }

    fn list_distinct(&self, list: Expr) -> Built {
        Ok(Expr::call("list_distinct", [list]))
    }

    fn list_sort(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("list_sort", [list]))
    }

    fn searches_past_nulls(&self) -> bool {
        true
    }

    fn list_contains(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("list_contains", [list, element]))
    }

    fn list_position(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("list_position", [list, element]))
    }

    fn list_overlaps(&self, a: Expr, b: Expr) -> Built {
        Ok(Expr::call("list_has_any", [a, b]))
    }

    fn list_includes(&self, a: Expr, b: Expr) -> Built {
        Ok(Expr::call("list_has_all", [a, b]))
    }

    fn list_concat(&self, a: Expr, b: Expr) -> Built {
        // The function takes a null list for an empty one, the operator does not.
        Ok(a.binary(BinaryOp::Concat, b))
    }

    fn list_sum(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("list_sum", [list]))
    }

    fn list_mean(&self, list: Expr) -> Built {
        Ok(Expr::call("list_avg", [list]))
    }

    fn list_min(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("list_min", [list]))
    }

    fn list_max(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("list_max", [list]))
    }

    fn list_first(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::Index { base: Box::new(list), index: Box::new(Expr::int(1)) })
    }

    fn list_last(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::Index { base: Box::new(list), index: Box::new(Expr::int(-1)) })
    }

    fn map_get(&self, map: Expr, key: Expr, _: &SqlType) -> Built {
        Ok(Expr::Index { base: Box::new(map), index: Box::new(key) })
    }

    fn agg_list(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        Ok(Expr::Aggregate { name: "list", args: vec![value], distinct: false, order_by, filter })
    }

    fn agg_map(&self, key: Expr, value: Expr) -> Built {
        let entry = Expr::Struct(vec![(Ident::generated("key"), key), (Ident::generated("value"), value)]);
        Ok(Expr::call("map_from_entries", [Expr::aggregate("list", [entry], vec![])]))
    }

    fn agg_first(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        let descending = order_by.first().is_some_and(|order| order.descending);
        if order_by.is_empty() || order_by.iter().any(|order| order.descending != descending) {
            return Ok(Expr::Aggregate { name: "first", args: vec![value], distinct: false, order_by, filter });
        }
        let mut keys: Vec<Expr> = order_by.into_iter().map(|order| order.expr).collect();
        let key = if keys.len() == 1 { keys.remove(0) } else { Expr::call("row", keys) };
        let name = if descending { "arg_max" } else { "arg_min" };
        Ok(Expr::Aggregate { name, args: vec![value, key], distinct: false, order_by: vec![], filter })
    }
}
