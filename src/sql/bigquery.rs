//! BigQuery (GoogleSQL), by its documentation; no engine was at hand, so that its queries are parsed only. What walks
//! through a list is a subquery ([`list`]); a map is a list of entries, and no list is null: a column of lists that lacks
//! a value has the empty one. Invariant: as [`Dialect`] says.

mod list;
mod literal;

use super::dialect::{Abilities, Built, Case, Dialect, Limits, Part, Unsupported};
use super::tree::{BinaryOp, Expr, Ident, Literal, Order, SqlType};
use super::type_names::{Brackets, Decimal, Nested, TypeNames};
use super::{calendar, fold, midnight, quote, text};
use crate::types::CalendarUnit;
use crate::vector::pattern::Pattern;
use crate::vector::time::Zone;

/// BigQuery.
#[derive(Debug, Clone, Copy)]
pub struct BigQuery;

/// Types with digits are for columns: a conversion has none, and `BIGNUMERIC` has 38 digits on both sides of the point.
static TYPES: TypeNames = TypeNames {
    bool: "BOOL",
    int32: "INT64",
    int: "INT64",
    wide_int: "BIGNUMERIC",
    decimal: Decimal::Any("BIGNUMERIC"),
    float: "FLOAT64",
    text: "STRING",
    date: "DATE",
    timestamp: "TIMESTAMP",
    local_timestamp: "DATETIME",
    nullable: ["", ""],
    nested: Nested::Typed(Brackets {
        list: ["ARRAY<", ">"],
        map: ["ARRAY<STRUCT<`key` STRING, `value` ", ">>"],
        object: ["STRUCT<", ">"],
        field: " ",
    }),
};

impl Dialect for BigQuery {
    fn name(&self) -> &'static str {
        "bigquery"
    }

    fn limits(&self) -> Limits {
        Limits {
            text_bytes: 1_000_000,
            in_list: 10_000,
            digits: 38,
            narrow_digits: 38,
            quotient_digits: 38,
            product_scale: 38,
        }
    }

    fn abilities(&self) -> Abilities {
        Abilities { null_lists: false, peer_frames: false, filter_clause: false, ..Abilities::STANDARD }
    }

    fn prelude(&self) -> Vec<&'static str> {
        // Every function that needs a zone is given one.
        vec![]
    }

    fn create_table_as(&self, name: &str) -> String {
        format!("CREATE OR REPLACE TABLE {name} AS")
    }

    fn function_of(&self, op: BinaryOp) -> Option<&'static str> {
        (op == BinaryOp::Rem).then_some("MOD")
    }

    fn quoted(&self, name: &str) -> String {
        quote::numbered(name, '`', &[])
    }

    fn literal(&self, literal: &Literal) -> String {
        literal::literal(literal)
    }

    fn type_names(&self) -> &'static TypeNames {
        &TYPES
    }

    fn column_type(&self, ty: &SqlType, required: bool) -> String {
        let name = self.type_name(ty);
        let repeated = matches!(ty, SqlType::List(_) | SqlType::Map(_));
        if required && !repeated { format!("{name} NOT NULL") } else { name }
    }

    fn kept_in_order(&self, columns: &[String]) -> Option<String> {
        Some(format!("CLUSTER BY {}", columns.join(", ")))
    }

    fn lambda(&self, _: &[String], body: &str) -> String {
        // No function takes one: what walks through a list is a subquery.
        body.to_owned()
    }

    fn struct_literal(&self, fields: &[(String, String)]) -> String {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{value} AS {name}")).collect();
        format!("STRUCT({})", fields.join(", "))
    }

    fn list_literal(&self, items: &[String]) -> String {
        format!("[{}]", items.join(", "))
    }

    fn unnest(&self, list: &str, _: &str, column: &str, place: Option<&str>) -> String {
        // The elements have no table of their own, and their places begin with 0: what asks for them adds 1.
        let place = place.map_or_else(String::new, |place| format!(" WITH OFFSET AS {place}"));
        format!("UNNEST({list}) AS {column}{place}")
    }

    fn fold(&self, text: Expr, case: Case, exact: bool) -> Built {
        Ok(fold::undocumented(text, case, exact))
    }

    fn odd_letters(&self, case: Case) -> Vec<char> {
        fold::doubtful_letters(case)
    }

    fn trim(&self, text: Expr) -> Built {
        Ok(Expr::call("trim", [text, Expr::text(" ")]))
    }

    fn text_length(&self, text: Expr) -> Built {
        Ok(Expr::call("char_length", [text]))
    }

    fn substring(&self, text: Expr, start: Expr, length: Option<Expr>) -> Built {
        Ok(Expr::call("substr", [Some(text), Some(start), length].into_iter().flatten().collect::<Vec<_>>()))
    }

    fn split(&self, text: Expr, separator: Expr) -> Built {
        Ok(Expr::call("split", [text, separator]))
    }

    fn contains(&self, text: Expr, part: Expr) -> Built {
        let found = Expr::call("strpos", [text.clone(), part.clone()]).binary(BinaryOp::Gt, Expr::int(0));
        Ok(text::contains(text, &part, found))
    }

    fn ends_with(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("ends_with", [text, part]))
    }

    fn matches(&self, text: Expr, pattern: &str) -> Built {
        Ok(Expr::call("regexp_contains", [text, Expr::text(pattern)]))
    }

    fn capture(&self, text: Expr, pattern: &str, group: u32) -> Built {
        // One group is all that a pattern may have.
        let parsed = Pattern::parse(pattern).map_err(|_| Unsupported("this regular expression".to_owned()))?;
        let captured = Expr::call("regexp_extract", [text.clone(), Expr::text(parsed.capturing(group).print())]);
        Ok(captured.or_else(Expr::text("")).when(self.matches(text, pattern)?))
    }

    fn url_host(&self, url: Expr) -> Built {
        Ok(Expr::call("regexp_extract", [url, Expr::text("//(?:[^/?#]*@)?([^/?#@:]*)")]))
    }

    fn md5(&self, text: Expr) -> Built {
        Ok(Expr::call("to_hex", [Expr::call("md5", [text])]))
    }

    fn is_finite(&self, float: Expr) -> Built {
        Ok(Expr::or([Expr::call("is_inf", [float.clone()]), Expr::call("is_nan", [float])]).negate())
    }

    fn float_arithmetic(&self, op: BinaryOp, left: Expr, right: Expr) -> Built {
        // The operators raise an error where the result is not finite.
        match safe(op) {
            Some(name) => Ok(Expr::call(name, [left, right])),
            None => Err(Unsupported("the remainder of numbers that are not exact".to_owned())),
        }
    }

    fn decimal_to_float(&self, decimal: Expr, _: u8) -> Built {
        // The reading of text is exact; what the other conversion rounds is not told.
        Ok(decimal.cast(SqlType::Text).cast(SqlType::Float))
    }

    fn guarded(&self, arithmetic: Expr, ty: &SqlType) -> Built {
        let Expr::Binary { op, left, right } = arithmetic else {
            return Err(Unsupported("arithmetic that may overflow".to_owned()));
        };
        let Some(name) = safe(op) else { return Err(Unsupported("a quotient that may overflow".to_owned())) };
        self.narrowed(Expr::call(name, [*left, *right]), ty, ty)
    }

    fn narrowed(&self, number: Expr, _: &SqlType, to: &SqlType) -> Built {
        let fitting = Expr::Cast { expr: Box::new(number), ty: to.clone(), function: "SAFE_CAST" };
        let SqlType::Decimal { precision, scale } = to else { return Ok(fitting) };
        let limit = 10i128.checked_pow(u32::from(precision - scale)).unwrap_or(i128::MAX);
        let limit = Expr::Literal(Literal::Decimal { unscaled: limit, precision: 39, scale: 0 });
        let rounded = Expr::call("round", [fitting, Expr::int(i64::from(*scale))]);
        Ok(list::once(rounded, |number| {
            let small = Expr::call("abs", [number.clone()]).binary(BinaryOp::Lt, limit);
            number.when(small)
        }))
    }

    fn int_div(&self, left: Expr, right: Expr) -> Built {
        Ok(Expr::call("div", [left, right]))
    }

    fn micros(&self, instant: Expr) -> Built {
        Ok(Expr::call("unix_micros", [instant]))
    }

    fn instant(&self, micros: Expr) -> Built {
        Ok(Expr::call("SAFE.timestamp_micros", [micros]))
    }

    fn local(&self, instant: Expr, zone: &Zone) -> Built {
        Ok(Expr::call("datetime", [instant, Expr::text(zone.name())]))
    }

    fn part(&self, part: Part, value: Expr) -> Built {
        let extracted = |part| Expr::Extract { part, from: Box::new(value) };
        if part != Part::Weekday {
            return Ok(extracted(part.name()));
        }
        // Weeks of the engine begin on Sunday, with 1.
        let moved = extracted("dayofweek").binary(BinaryOp::Add, Expr::int(5)).binary(BinaryOp::Rem, Expr::int(7));
        Ok(moved.binary(BinaryOp::Add, Expr::int(1)))
    }

    fn start_of(&self, unit: CalendarUnit, date: Expr, week_start: u8) -> Built {
        calendar::start_of(self, unit, date, week_start, |unit, date| {
            let unit = if unit == "week" { "isoweek" } else { unit };
            Expr::call("date_trunc", [date, Expr::words(unit.to_uppercase())])
        })
    }

    fn start_of_day(&self, date: Expr, zone: &Zone) -> Built {
        let midnight = Expr::call("timestamp", [date.clone(), Expr::text(zone.name())]);
        Ok(midnight::told(midnight, &date, zone))
    }

    fn add_days(&self, date: Expr, days: Expr) -> Built {
        let day = Expr::call("safe_add", [Expr::call("unix_date", [date]), days]);
        Ok(Expr::call("SAFE.date_from_unix_date", [day]))
    }

    fn add_months(&self, date: Expr, months: i32) -> Built {
        Ok(Expr::call("date_add", [date, Expr::words(format!("INTERVAL {months} MONTH"))]))
    }

    fn days_between(&self, from: Expr, to: Expr) -> Built {
        Ok(Expr::call("date_diff", [to, from, Expr::words("DAY")]))
    }

    fn empty_list(&self, element: &SqlType) -> Built {
        if element.holds_objects() {
            return Err(Unsupported("an empty list of objects".to_owned()));
        }
        Ok(Expr::List(vec![]).cast(SqlType::List(Box::new(element.clone()))))
    }

    fn list_when(&self, list: Expr, condition: Expr, _: &SqlType) -> Built {
        list::filter(list, vec![Ident::generated("kept_")], condition)
    }

    fn list_length(&self, list: Expr) -> Built {
        // One of a profile without a row is null.
        Ok(Expr::call("array_length", [list]).or_else(Expr::int(0)))
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

    fn list_contains(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        Ok(list::contains(list, element))
    }

    fn list_position(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        Ok(list::position(list, element))
    }

    fn list_overlaps(&self, a: Expr, b: Expr) -> Built {
        Ok(list::overlaps(a, b))
    }

    fn list_includes(&self, a: Expr, b: Expr) -> Built {
        Ok(list::includes(a, b))
    }

    fn list_concat(&self, a: Expr, b: Expr) -> Built {
        Ok(Expr::call("array_concat", [a, b]))
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
            _ => list::aggregate("min", list, &SqlType::Text),
        })
    }

    fn list_max(&self, list: Expr, element: &SqlType) -> Built {
        match element {
            SqlType::Struct(_) => Err(Unsupported("the largest of several objects".to_owned())),
            _ => Ok(list::aggregate("max", list, &SqlType::Text)),
        }
    }

    fn list_first(&self, list: Expr, _: &SqlType) -> Built {
        Ok(list::at(list, 0))
    }

    fn list_last(&self, list: Expr, _: &SqlType) -> Built {
        Ok(list::at(Expr::call("array_reverse", [list]), 0))
    }

    fn map_get(&self, map: Expr, key: Expr, _: &SqlType) -> Built {
        Ok(list::value_of(map, key))
    }

    fn map_entries(&self, map: Expr) -> Built {
        Ok(map)
    }

    fn agg_list(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        Ok(list::gathered(value, order_by, filter))
    }

    fn agg_map(&self, key: Expr, value: Expr) -> Built {
        let entry = Expr::Struct(vec![(Ident::physical("key"), key), (Ident::physical("value"), value)]);
        Ok(Expr::aggregate("array_agg", [entry], vec![]))
    }

    fn agg_sum(&self, value: Expr, ty: &SqlType, filter: Vec<Expr>) -> Built {
        let value = if *ty == SqlType::Int { value.cast(SqlType::WideInt) } else { value };
        Ok(Expr::aggregate("sum", [value], filter))
    }

    fn agg_first(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        Ok(list::at(list::gathered(value, order_by, filter), 0))
    }
}

/// The function that does what an operator does, and gives null in place of an error.
fn safe(op: BinaryOp) -> Option<&'static str> {
    match op {
        BinaryOp::Add => Some("safe_add"),
        BinaryOp::Sub => Some("safe_subtract"),
        BinaryOp::Mul => Some("safe_multiply"),
        BinaryOp::Div => Some("safe_divide"),
        _ => None,
    }
}
