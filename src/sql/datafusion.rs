//! DataFusion from 54 on, with the parser of DuckDB's dialect (which knows lambdas) and the session's zone UTC. A lambda
//! takes one parameter, a subquery cannot open a list of the query around it, and decimals of 38 digits may silently
//! become longer: [`parts`] has what that takes. Invariant: as [`Dialect`] says; each spelling here has been run on the
//! engine.

mod literal;
mod parts;

use super::calendar;
use super::dialect::{Built, Case, Dialect, Limits, Part, Unsupported, Wild};
use super::fold;
use super::lambda;
use super::midnight::{self, Ambiguous};
use super::quote;
use super::stored_types::{Castable, StoredTypes, Teller};
use super::tree::{BinaryOp, Expr, Ident, JoinKind, Literal, Order, SqlType};
use super::type_names::{Brackets, Decimal, Nested, TypeNames};
use crate::types::CalendarUnit;
use crate::vector::time::Zone;

/// DataFusion.
#[derive(Debug, Clone, Copy)]
pub struct DataFusion;

static TYPES: TypeNames = TypeNames {
    bool: "BOOLEAN",
    int32: "INT",
    int: "BIGINT",
    wide_int: "DECIMAL(38, 0)",
    decimal: Decimal::Sized("DECIMAL"),
    float: "DOUBLE",
    text: "VARCHAR",
    date: "DATE",
    timestamp: "TIMESTAMP(6) WITH TIME ZONE",
    local_timestamp: "TIMESTAMP(6)",
    nullable: ["", ""],
    nested: Nested::Typed(Brackets {
        list: ["", "[]"],
        map: ["MAP(VARCHAR, ", ")"],
        object: ["STRUCT(", ")"],
        field: " ",
    }),
};

static STORED_TYPES: StoredTypes = StoredTypes {
    teller: Teller::OfNone("arrow_typeof"),
    bool: &["Boolean"],
    int: &["Int64", "Int32", "Int16", "Int8", "UInt32", "UInt16", "UInt8"],
    unsigned: &[],
    decimal: &["Decimal128(%, {})"],
    float: &["Float64"],
    text: &["Utf8", "LargeUtf8", "Utf8View"],
    uuid: &[],
    date: &["Date32"],
    timestamp: &["Timestamp(µs, %)"],
    local_timestamp: &["Timestamp(µs)"],
    nested: &[],
    around: &[["", ""]],
    has_times_beyond: false,
    collates: false,
    cast: Castable {
        int: &[],
        decimal: &["Int64", "Int32", "Int16", "Int8", "UInt32", "UInt16", "UInt8"],
        float: &["Float32", "Int32", "Int16", "Int8", "UInt32", "UInt16", "UInt8"],
        text: &["Dictionary(%, Utf8)", "Int64", "Int32", "Int16", "Int8", "UInt32", "UInt16", "UInt8"],
        date: &[],
        timestamp: &["Timestamp(s, %)", "Timestamp(ms, %)"],
        local_timestamp: &["Timestamp(s)", "Timestamp(ms)"],
    },
};

impl Dialect for DataFusion {
    fn name(&self) -> &'static str {
        "datafusion"
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
        // What the last turns off fails on two joined tables, and on lambdas over fields.
        vec![
            "SET datafusion.sql_parser.dialect = 'duckdb'",
            "SET datafusion.execution.time_zone = 'UTC'",
            "SET datafusion.optimizer.enable_leaf_expression_pushdown = false",
        ]
    }

    fn joins_one_row(&self) -> JoinKind {
        // A lambda over the rows of a product of tables is moved into the product, where the engine fails.
        JoinKind::Left
    }

    fn can_define(&self, ty: &SqlType) -> Result<(), Unsupported> {
        match ty {
            SqlType::Map(_) => Err(Unsupported("a map as a column of a table that is made".to_owned())),
            SqlType::List(element) => self.can_define(element),
            SqlType::Struct(fields) => fields.iter().try_for_each(|(_, ty)| self.can_define(ty)),
            _ => Ok(()),
        }
    }

    fn quoted(&self, name: &str) -> String {
        quote::double_quoted(name)
    }

    fn literal(&self, literal: &Literal) -> String {
        literal::literal(literal)
    }

    fn type_names(&self) -> &'static TypeNames {
        &TYPES
    }

    fn stored_types(&self) -> Option<&'static StoredTypes> {
        Some(&STORED_TYPES)
    }

    fn lambda(&self, params: &[String], body: &str) -> String {
        lambda::arrow(params, body)
    }

    fn struct_literal(&self, fields: &[(String, String)]) -> String {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{value} AS {name}")).collect();
        format!("struct({})", fields.join(", "))
    }

    fn list_literal(&self, items: &[String]) -> String {
        // Brackets may not hold the parameter of a lambda.
        format!("make_array({})", items.join(", "))
    }

    fn unnest(&self, list: &str, alias: &str, column: &str, _: Option<&str>) -> String {
        format!("unnest({list}) AS {alias}({column})")
    }

    fn stored(&self, base: Expr, fields: &[Ident], _: &SqlType) -> Built {
        Ok(fields.iter().fold(base, parts::field))
    }

    fn pack(&self, fields: Vec<(Ident, Expr, SqlType)>) -> Built {
        let args: Vec<Expr> =
            fields.into_iter().flat_map(|(name, value, _)| [Expr::text(name.text()), value]).collect();
        Ok(Expr::call("named_struct", args))
    }

    fn field(&self, packed: Expr, field: &Ident, _: &SqlType) -> Built {
        Ok(parts::field(packed, field))
    }

    fn fold(&self, text: Expr, case: Case, exact: bool) -> Built {
        Ok(parts::fold(text, case, exact))
    }

    fn odd_letters(&self, case: Case) -> Vec<char> {
        fold::odd_letters(case)
    }

    fn trim(&self, text: Expr) -> Built {
        Ok(Expr::call("btrim", [text, Expr::text(" ")]))
    }

    fn text_length(&self, text: Expr) -> Built {
        Ok(Expr::call("character_length", [text]).cast(SqlType::Int))
    }

    fn substring(&self, text: Expr, start: Expr, length: Option<Expr>) -> Built {
        Ok(Expr::call("substr", [Some(text), Some(start), length].into_iter().flatten().collect::<Vec<_>>()))
    }

    fn split(&self, text: Expr, separator: Expr) -> Built {
        // The engine makes no part of the empty text.
        let parts = Expr::call("string_to_array", [text.clone(), separator]);
        Ok(Expr::choose(text.clone().eq(Expr::text("")), Expr::List(vec![text]), parts))
    }

    fn contains(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("contains", [text, part]))
    }

    fn ends_with(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("ends_with", [text, part]))
    }

    fn like(&self, text: Expr, pattern: &[Wild]) -> Built {
        Ok(parts::matches(text, quote::wild_regex(pattern)))
    }

    fn matches(&self, text: Expr, pattern: &str) -> Built {
        Ok(parts::matches(text, parts::regex(pattern, None)?))
    }

    fn capture(&self, text: Expr, pattern: &str, group: u32) -> Built {
        // The list of what the groups hold leaves out those that took no part: there is one group at most.
        Ok(parts::captured(text, parts::regex(pattern, Some(group))?))
    }

    fn url_host(&self, url: Expr) -> Built {
        Ok(parts::captured(url, r"\A(?s:.*?)//(?:[^/?#]*@)?([^/?#@:]*)".to_owned()))
    }

    fn with_one_zero(&self, float: Expr) -> Expr {
        // Sorting puts minus zero before zero.
        float.binary(BinaryOp::Add, Expr::Literal(Literal::Float(0.0)))
    }

    fn is_finite(&self, float: Expr) -> Built {
        // NaN is above infinity.
        Ok(Expr::call("abs", [float]).binary(BinaryOp::Le, Expr::Literal(Literal::Float(f64::MAX))))
    }

    fn sign(&self, float: Expr) -> Built {
        Ok(Expr::call("signum", [float]))
    }

    fn decimal_to_float(&self, decimal: Expr, precision: u8) -> Built {
        // The engine divides the digits by a power of ten, which is exact up to 15 digits; its reading of text always is.
        Ok(if precision <= 15 { decimal } else { decimal.cast(SqlType::Text) }.cast(SqlType::Float))
    }

    fn guarded(&self, arithmetic: Expr, ty: &SqlType) -> Built {
        parts::guarded(arithmetic, ty)
    }

    fn narrowed(&self, number: Expr, _: &SqlType, to: &SqlType) -> Built {
        Ok(parts::fitting(number, to))
    }

    fn int_div(&self, left: Expr, right: Expr) -> Built {
        Ok(parts::int_div(left, right))
    }

    fn branch(&self, value: Expr, ty: &SqlType) -> Built {
        // The common type of decimals may have fewer digits before the point.
        Ok(if matches!(ty, SqlType::Decimal { .. }) { value.cast(ty.clone()) } else { value })
    }

    fn micros(&self, instant: Expr) -> Built {
        // Those of tables may count other units.
        Ok(instant.cast(SqlType::Timestamp).cast(SqlType::Int))
    }

    fn instant(&self, micros: Expr) -> Built {
        Ok(micros.cast(SqlType::Timestamp))
    }

    fn local(&self, instant: Expr, zone: &Zone) -> Built {
        Ok(Expr::call("to_local_time", [Expr::call("arrow_cast", [instant, parts::in_zone(zone)])]))
    }

    fn of_local(&self, local: Expr, zone: &Zone) -> Built {
        Ok(parts::once(local, |local| parts::of_local(&local, zone)))
    }

    fn part(&self, part: Part, value: Expr) -> Built {
        Ok(Expr::call("date_part", [Expr::text(part.name()), value]).cast(SqlType::Int))
    }

    fn start_of(&self, unit: CalendarUnit, date: Expr, week_start: u8) -> Built {
        calendar::start_of(self, unit, date, week_start, parts::first_day)
    }

    fn start_of_day(&self, date: Expr, zone: &Zone) -> Built {
        Ok(parts::once(date, |date| {
            let midnight = parts::of_local(&date.clone().cast(SqlType::LocalTimestamp), zone);
            let micros = |instant: Expr| instant.cast(SqlType::Int);
            let earlier = |by| micros(midnight.clone()).binary(BinaryOp::Sub, Expr::int(by)).cast(SqlType::Timestamp);
            midnight::corrected(midnight.clone(), &date, zone, Ambiguous::Earlier, earlier)
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
        Ok(date.binary(BinaryOp::Add, Expr::words(format!("INTERVAL '{months} month'"))))
    }

    fn days_between(&self, from: Expr, to: Expr) -> Built {
        // The difference of dates is a length of time to one part of the engine and a number to another.
        let number = |date: Expr| date.cast(SqlType::Int32).cast(SqlType::Int);
        Ok(number(to).binary(BinaryOp::Sub, number(from)))
    }

    fn list_length(&self, list: Expr) -> Built {
        Ok(Expr::call("array_length", [list]).cast(SqlType::Int))
    }

    fn list_filter(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        Ok(parts::filter(list, params, body))
    }

    fn list_exists(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        Ok(match body {
            Expr::Literal(Literal::Bool(true)) => self.list_length(list)?.binary(BinaryOp::Gt, Expr::int(0)),
            body => parts::exists(list, params, body),
        })
    }

    fn list_transform(&self, list: Expr, params: Vec<Ident>, body: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("array_transform", [list, Expr::Lambda { params, body: Box::new(body) }]))
    }

    fn list_flatten(&self, list: Expr) -> Built {
        Ok(Expr::call("flatten", [list]))
    }

    fn list_sort(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("array_sort", [list]))
    }

    fn searches_past_nulls(&self) -> bool {
        true
    }

    fn list_contains(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        Ok(parts::contains(list, element))
    }

    fn list_position(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("array_position", [list, element]).cast(SqlType::Int))
    }

    fn list_overlaps(&self, a: Expr, b: Expr) -> Built {
        Ok(parts::of_present("array_has_any", a, b))
    }

    fn list_includes(&self, a: Expr, b: Expr) -> Built {
        Ok(parts::of_present("array_has_all", a, b))
    }

    fn list_concat(&self, a: Expr, b: Expr) -> Built {
        Ok(parts::of_present("array_concat", a, b))
    }

    fn list_sum(&self, list: Expr, element: &SqlType) -> Built {
        match element {
            SqlType::Float => Ok(Expr::call("array_sum", [list])),
            SqlType::Int => Ok(parts::sum(list)),
            _ => Err(Unsupported("the sum of a list of decimals".to_owned())),
        }
    }

    fn list_mean(&self, list: Expr) -> Built {
        Ok(Expr::call("array_avg", [list]))
    }

    fn list_first(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::Index { base: Box::new(list), index: Box::new(Expr::int(1)) })
    }

    fn list_last(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::Index { base: Box::new(list), index: Box::new(Expr::int(-1)) })
    }

    fn map_get(&self, map: Expr, key: Expr, _: &SqlType) -> Built {
        // Brackets hold constants only.
        let (base, index) = match key {
            Expr::Literal(_) => (map, key),
            key => (Expr::call("map_extract", [map, key]), Expr::int(1)),
        };
        Ok(Expr::Index { base: Box::new(base), index: Box::new(index) })
    }

    fn agg_list(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        Ok(Expr::Aggregate { name: "array_agg", args: vec![value], distinct: false, order_by, filter })
    }

    fn agg_map(&self, key: Expr, value: Expr) -> Built {
        let all = |expr| Expr::aggregate("array_agg", [expr], vec![]);
        Ok(Expr::call("map", [all(key), all(value)]))
    }

    fn agg_sum(&self, value: Expr, ty: &SqlType, filter: Vec<Expr>) -> Built {
        Ok(parts::agg_sum(value, ty, filter))
    }

    fn agg_first(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        Ok(Expr::Aggregate { name: "first_value", args: vec![value], distinct: false, order_by, filter })
    }
}
