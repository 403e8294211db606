//! Snowflake, by its documentation; no engine was at hand, so that its queries are parsed only. Lists, maps and objects
//! are `ARRAY` and `OBJECT` of values that tell their own types ([`value`]); the functions over lists take a lambda of
//! one parameter. Where the documentation does not say what the engine does, it is refused. Invariant: as [`Dialect`]
//! says.

mod pattern;
mod value;

use super::dialect::{Abilities, Built, Case, Dialect, Limits, Part, Unsupported, Wild};
use super::tree::{BinaryOp, Expr, Ident, Literal, Order, SqlType};
use super::type_names::{Brackets, Decimal, Nested, TypeNames};
use super::{calendar, fold, lambda, literal, midnight, quote, text, within};
use crate::types::CalendarUnit;
use crate::vector::time::Zone;

/// Snowflake.
#[derive(Debug, Clone, Copy)]
pub struct Snowflake;

static TYPES: TypeNames = TypeNames {
    bool: "BOOLEAN",
    int32: "NUMBER(10, 0)",
    int: "NUMBER(19, 0)",
    wide_int: "NUMBER(38, 0)",
    decimal: Decimal::Sized("NUMBER"),
    float: "FLOAT",
    text: "VARCHAR",
    date: "DATE",
    timestamp: "TIMESTAMP_LTZ(6)",
    local_timestamp: "TIMESTAMP_NTZ(6)",
    nullable: ["", ""],
    nested: Nested::Typed(Brackets { list: ["ARRAY", ""], map: ["OBJECT", ""], object: ["OBJECT", ""], field: "" }),
};

impl Dialect for Snowflake {
    fn name(&self) -> &'static str {
        "snowflake"
    }

    fn limits(&self) -> Limits {
        // A product keeps twelve digits after the point, or as many as a factor has.
        Limits {
            text_bytes: 1_000_000,
            in_list: 10_000,
            digits: 38,
            narrow_digits: 38,
            quotient_digits: 37,
            product_scale: 12,
        }
    }

    fn abilities(&self) -> Abilities {
        Abilities { peer_frames: false, filter_clause: false, is_true: false, ..Abilities::STANDARD }
    }

    fn prelude(&self) -> Vec<&'static str> {
        vec!["ALTER SESSION SET TIMEZONE = 'UTC', TIMESTAMP_TYPE_MAPPING = 'TIMESTAMP_LTZ'"]
    }

    fn create_table_as(&self, name: &str) -> String {
        format!("CREATE OR REPLACE TABLE {name} AS")
    }

    fn orders_within_group(&self) -> bool {
        true
    }

    fn quoted(&self, name: &str) -> String {
        quote::double_quoted(name)
    }

    fn literal(&self, literal: &Literal) -> String {
        match literal {
            Literal::Bool(true) => "TRUE".to_owned(),
            Literal::Bool(false) => "FALSE".to_owned(),
            Literal::Int(value) => value.to_string(),
            Literal::Decimal { unscaled, scale, .. } => literal::digits(*unscaled, *scale),
            Literal::Float(value) => format!("CAST('{value:e}' AS FLOAT)"),
            Literal::Text(text) => quote::numbered(text, '\'', &[]),
            Literal::Date(days) => match literal::date(*days) {
                Some(text) => format!("DATE '{text}'"),
                None => format!("DATEADD(DAY, {days}, DATE '1970-01-01')"),
            },
            Literal::Timestamp(micros) => match literal::timestamp(*micros) {
                Some(text) => format!("CAST('{text} +00:00' AS TIMESTAMP_LTZ(6))"),
                None => format!("TO_TIMESTAMP_LTZ({micros}, 6)"),
            },
            Literal::LocalTimestamp(micros) => match literal::timestamp(*micros) {
                Some(text) => format!("CAST('{text}' AS TIMESTAMP_NTZ(6))"),
                None => format!("TO_TIMESTAMP_NTZ({micros}, 6)"),
            },
        }
    }

    fn type_names(&self) -> &'static TypeNames {
        &TYPES
    }

    fn type_name(&self, ty: &SqlType) -> String {
        // What lists, maps and objects hold is not said.
        match ty {
            SqlType::List(_) => "ARRAY".to_owned(),
            SqlType::Map(_) | SqlType::Struct(_) => "OBJECT".to_owned(),
            ty => super::type_names::spelled(&TYPES, ty, &quote::double_quoted),
        }
    }

    fn lambda(&self, params: &[String], body: &str) -> String {
        lambda::arrow(params, body)
    }

    fn struct_literal(&self, fields: &[(String, String)]) -> String {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}, {value}", quote::numbered(name, '\'', &[]))).collect();
        format!("OBJECT_CONSTRUCT({})", fields.join(", "))
    }

    fn list_literal(&self, items: &[String]) -> String {
        format!("ARRAY_CONSTRUCT({})", items.join(", "))
    }

    fn unnest(&self, list: &str, alias: &str, column: &str, place: Option<&str>) -> String {
        // Places begin with 0 there.
        let place = place.map_or_else(String::new, |place| format!(", index + 1 AS {place}"));
        format!("LATERAL (SELECT value AS {column}{place} FROM TABLE(FLATTEN(input => {list}))) AS {alias}")
    }

    fn stored(&self, base: Expr, fields: &[Ident], ty: &SqlType) -> Built {
        Ok(value::stored(base, fields, ty))
    }

    fn element(&self, element: Expr, ty: &SqlType) -> Built {
        Ok(value::of_variant(element, ty))
    }

    fn pack(&self, fields: Vec<(Ident, Expr, SqlType)>) -> Built {
        let fields = fields.into_iter().flat_map(|(name, value, _)| [Expr::text(name.text()), value]);
        Ok(Expr::call("object_construct", fields.collect::<Vec<_>>()))
    }

    fn field(&self, packed: Expr, field: &Ident, ty: &SqlType) -> Built {
        Ok(value::member(packed, Expr::text(field.text()), ty))
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
        Ok(Expr::call("length", [text]))
    }

    fn substring(&self, text: Expr, start: Expr, length: Option<Expr>) -> Built {
        Ok(Expr::call("substr", [Some(text), Some(start), length].into_iter().flatten().collect::<Vec<_>>()))
    }

    fn replace(&self, text: Expr, from: Expr, to: Expr) -> Built {
        Ok(text::replaced(text, from, to))
    }

    fn split(&self, text: Expr, separator: Expr) -> Built {
        Ok(Expr::call("split", [text, separator]))
    }

    fn contains(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("contains", [text, part]))
    }

    fn starts_with(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("startswith", [text, part]))
    }

    fn ends_with(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("endswith", [text, part]))
    }

    fn like(&self, text: Expr, wild: &[Wild]) -> Built {
        Ok(Expr::call("like", [text, Expr::text(quote::like_pattern(wild, '!')), Expr::text("!")]))
    }

    fn matches(&self, text: Expr, pattern: &str) -> Built {
        pattern::matches(text, pattern)
    }

    fn capture(&self, text: Expr, pattern: &str, group: u32) -> Built {
        pattern::capture(text, pattern, group)
    }

    fn url_host(&self, url: Expr) -> Built {
        self.capture(url, "//([^/?#]*@)?([^/?#@:]*)", 2)
    }

    fn is_finite(&self, float: Expr) -> Built {
        // NaN is above infinity.
        Ok(Expr::call("abs", [float]).binary(BinaryOp::Le, Expr::Literal(Literal::Float(f64::MAX))))
    }

    fn float_arithmetic(&self, _: BinaryOp, _: Expr, _: Expr) -> Built {
        Err(Unsupported("arithmetic of numbers that are not exact, whose overflow is not documented,".to_owned()))
    }

    fn decimal_to_float(&self, decimal: Expr, _: u8) -> Built {
        Ok(decimal.cast(SqlType::Text).cast(SqlType::Float))
    }

    fn guarded(&self, _: Expr, _: &SqlType) -> Built {
        Err(Unsupported("arithmetic of decimals of more than 38 digits".to_owned()))
    }

    fn narrowed(&self, number: Expr, from: &SqlType, to: &SqlType) -> Built {
        match from {
            SqlType::Float => Err(Unsupported("a number that is not exact as one that is".to_owned())),
            _ => within::fitting(number, to),
        }
    }

    fn int_div(&self, left: Expr, right: Expr) -> Built {
        // A quotient has six digits more and is rounded; one without a remainder needs no rounding.
        let rest = left.clone().binary(BinaryOp::Rem, right.clone());
        Ok(left.binary(BinaryOp::Sub, rest).binary(BinaryOp::Div, right).cast(SqlType::WideInt))
    }

    fn micros(&self, instant: Expr) -> Built {
        Ok(Expr::call("date_part", [Expr::words("EPOCH_MICROSECOND"), instant]))
    }

    fn instant(&self, micros: Expr) -> Built {
        Ok(Expr::call("to_timestamp_ltz", [micros, Expr::int(6)]))
    }

    fn local(&self, instant: Expr, zone: &Zone) -> Built {
        Ok(Expr::call("convert_timezone", [Expr::text(zone.name()), instant]).cast(SqlType::LocalTimestamp))
    }

    fn part(&self, part: Part, value: Expr) -> Built {
        Ok(Expr::call(if part == Part::Weekday { "dayofweekiso" } else { part.name() }, [value]))
    }

    fn start_of(&self, unit: CalendarUnit, date: Expr, week_start: u8) -> Built {
        calendar::start_of(self, unit, date, week_start, |unit, date| {
            if unit != "week" {
                return Expr::call("date_trunc", [Expr::text(unit), date]);
            }
            // On which day the engine's own weeks begin is a matter of the session.
            let back = Expr::int(1).binary(BinaryOp::Sub, Expr::call("dayofweekiso", [date.clone()]));
            Expr::call("dateadd", [Expr::words("DAY"), back, date])
        })
    }

    fn start_of_day(&self, date: Expr, zone: &Zone) -> Built {
        let local = date.clone().cast(SqlType::LocalTimestamp);
        let zones = [Expr::text(zone.name()), Expr::text("UTC"), local];
        let midnight = Expr::call("convert_timezone", zones).cast(SqlType::Timestamp);
        Ok(midnight::told(midnight, &date, zone))
    }

    fn add_days(&self, date: Expr, days: Expr) -> Built {
        let days = match days {
            Expr::Literal(_) => days,
            days => self.narrowed(days, &SqlType::Int, &SqlType::Int32)?,
        };
        Ok(Expr::call("dateadd", [Expr::words("DAY"), days, date]))
    }

    fn add_months(&self, date: Expr, months: i32) -> Built {
        Ok(Expr::call("dateadd", [Expr::words("MONTH"), Expr::int(i64::from(months)), date]))
    }

    fn days_between(&self, from: Expr, to: Expr) -> Built {
        Ok(Expr::call("datediff", [Expr::words("DAY"), from, to]))
    }

    fn empty_list(&self, _: &SqlType) -> Built {
        Ok(Expr::List(vec![]))
    }

    fn list_length(&self, list: Expr) -> Built {
        Ok(Expr::call("array_size", [list]))
    }

    fn list_filter(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        Ok(Expr::call("filter", [list, value::lambda(params, body)?]))
    }

    fn list_exists(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        let found = self.list_filter(list, params, body)?;
        Ok(self.list_length(found)?.binary(BinaryOp::Gt, Expr::int(0)))
    }

    fn list_transform(&self, list: Expr, params: Vec<Ident>, body: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("transform", [list, value::lambda(params, body)?]))
    }

    fn list_flatten(&self, list: Expr) -> Built {
        Ok(Expr::call("array_flatten", [list]))
    }

    fn list_sort(&self, _: Expr, _: &SqlType) -> Built {
        Err(Unsupported("the order of a list's elements, of which the documentation does not tell enough,".to_owned()))
    }

    fn can_compare(&self, element: &SqlType) -> Result<(), Unsupported> {
        value::can_compare(element)
    }

    fn list_contains(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        value::contains(list, element)
    }

    fn list_position(&self, _: Expr, _: Expr, _: &SqlType) -> Built {
        Err(Unsupported("the places of a list's elements".to_owned()))
    }

    fn list_overlaps(&self, a: Expr, b: Expr) -> Built {
        Ok(Expr::call("arrays_overlap", [a, b]))
    }

    fn list_includes(&self, a: Expr, b: Expr) -> Built {
        let missing = Expr::call("array_except", [Expr::call("array_distinct", [b]), a]);
        Ok(self.list_length(missing)?.eq(Expr::int(0)))
    }

    fn list_concat(&self, a: Expr, b: Expr) -> Built {
        Ok(Expr::call("array_cat", [a, b]))
    }

    fn list_sum(&self, list: Expr, element: &SqlType) -> Built {
        value::sum(list, element)
    }

    fn list_mean(&self, _: Expr) -> Built {
        Err(Unsupported("the mean of a list of numbers that are not exact".to_owned()))
    }

    fn list_min(&self, list: Expr, element: &SqlType) -> Built {
        value::extreme("array_min", list, element)
    }

    fn list_max(&self, list: Expr, element: &SqlType) -> Built {
        value::extreme("array_max", list, element)
    }

    fn list_first(&self, list: Expr, element: &SqlType) -> Built {
        Ok(value::member(list, Expr::int(0), element))
    }

    fn list_last(&self, list: Expr, element: &SqlType) -> Built {
        let last = self.list_length(list.clone())?.binary(BinaryOp::Sub, Expr::int(1));
        Ok(value::member(list, last, element))
    }

    fn map_get(&self, map: Expr, key: Expr, value: &SqlType) -> Built {
        Ok(value::member(map, key, value))
    }

    fn map_entries(&self, map: Expr) -> Built {
        Ok(value::entries(map))
    }

    fn agg_list(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        Ok(Expr::Aggregate { name: "array_agg", args: vec![value], distinct: false, order_by, filter })
    }

    fn agg_map(&self, key: Expr, value: Expr) -> Built {
        Ok(Expr::aggregate("object_agg", [key, value], vec![]))
    }

    fn agg_first(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        value::first(value, order_by, filter)
    }
}
