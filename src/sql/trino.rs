//! Trino, by its documentation; no engine was at hand, so that its queries are parsed only. Rows of unknown objects have
//! no names there: what needs them is refused. Invariant: as [`Dialect`] says.

mod literal;

use super::calendar;
use super::dialect::{Abilities, Built, Case, Dialect, Limits, Part, Unsupported};
use super::fold;
use super::lambda;
use super::quote;
use super::text;
use super::tree::{BinaryOp, Expr, Ident, Literal, Order, SqlType};
use super::type_names::{Brackets, Decimal, Nested, TypeNames};
use crate::types::CalendarUnit;
use crate::vector::time::Zone;

/// Trino.
#[derive(Debug, Clone, Copy)]
pub struct Trino;

static TYPES: TypeNames = TypeNames {
    bool: "BOOLEAN",
    int32: "INTEGER",
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
        list: ["ARRAY(", ")"],
        map: ["MAP(VARCHAR, ", ")"],
        object: ["ROW(", ")"],
        field: " ",
    }),
};

impl Dialect for Trino {
    fn name(&self) -> &'static str {
        "trino"
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
        Abilities { is_true: false, ..Abilities::STANDARD }
    }

    fn prelude(&self) -> Vec<&'static str> {
        vec!["SET TIME ZONE 'UTC'"]
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

    fn lambda(&self, params: &[String], body: &str) -> String {
        lambda::arrow(params, body)
    }

    fn struct_literal(&self, fields: &[(String, String)]) -> String {
        let values: Vec<&str> = fields.iter().map(|(_, value)| value.as_str()).collect();
        format!("ROW({})", values.join(", "))
    }

    fn list_literal(&self, items: &[String]) -> String {
        format!("ARRAY[{}]", items.join(", "))
    }

    fn unnest(&self, list: &str, alias: &str, column: &str, place: Option<&str>) -> String {
        match place {
            None => format!("UNNEST({list}) AS {alias} ({column})"),
            Some(place) => format!("UNNEST({list}) WITH ORDINALITY AS {alias} ({column}, {place})"),
        }
    }

    fn pack(&self, fields: Vec<(Ident, Expr, SqlType)>) -> Built {
        let (mut values, mut types) = (Vec::new(), Vec::new());
        for (name, value, ty) in fields {
            if ty.holds_objects() {
                return Err(Unsupported("an object among the fields of events that are gathered".to_owned()));
            }
            types.push((name.clone(), ty));
            values.push((name, value));
        }
        Ok(Expr::Struct(values).cast(SqlType::Struct(types)))
    }

    fn fold(&self, text: Expr, case: Case, exact: bool) -> Built {
        // The engine maps code point by code point; which letters it knows is its Java's affair.
        let (upper, lower): (String, String) = fold::newer_letters().unzip();
        let translate = |text, from: &str, to: &str| Expr::call("translate", [text, Expr::text(from), Expr::text(to)]);
        let name = if case == Case::Upper { "upper" } else { "lower" };
        let folded = Expr::call(name, [text.clone()]);
        Ok(match case {
            Case::Lower if exact => translate(folded, &upper, &lower),
            Case::Upper if exact => translate(folded, &lower, &upper),
            Case::Lower | Case::Upper => folded,
            Case::AsciiLower => translate(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"),
        })
    }

    fn odd_letters(&self, case: Case) -> Vec<char> {
        match case {
            Case::Lower | Case::Upper => fold::newer_letters().flat_map(|(upper, lower)| [upper, lower]).collect(),
            Case::AsciiLower => vec![],
        }
    }

    fn trim(&self, text: Expr) -> Built {
        Ok(Expr::call("regexp_replace", [text, Expr::text(r"\A +| +\z"), Expr::text("")]))
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
        Ok(Expr::call("strpos", [text, part]).binary(BinaryOp::Gt, Expr::int(0)))
    }

    fn ends_with(&self, text: Expr, part: Expr) -> Built {
        let turned = |text| Expr::call("reverse", [text]);
        Ok(Expr::call("starts_with", [turned(text), turned(part)]))
    }

    fn matches(&self, text: Expr, pattern: &str) -> Built {
        Ok(Expr::call("regexp_like", [text, Expr::text(quote::raw_regex(pattern))]))
    }

    fn capture(&self, text: Expr, pattern: &str, group: u32) -> Built {
        let pattern = Expr::text(quote::raw_regex(pattern));
        Ok(Expr::call("regexp_extract", [text, pattern, Expr::int(i64::from(group))]))
    }

    fn md5(&self, text: Expr) -> Built {
        let bytes = Expr::call("md5", [Expr::call("to_utf8", [text])]);
        Ok(Expr::call("lower", [Expr::call("to_hex", [bytes])]))
    }

    fn with_one_zero(&self, float: Expr) -> Expr {
        // Sorting puts minus zero before zero.
        float.binary(BinaryOp::Add, Expr::Literal(Literal::Float(0.0)))
    }

    fn is_finite(&self, float: Expr) -> Built {
        Ok(Expr::call("is_finite", [float]))
    }

    fn ceil(&self, number: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("ceiling", [number]))
    }

    fn trunc(&self, float: Expr) -> Built {
        Ok(Expr::call("truncate", [float]))
    }

    fn decimal_to_float(&self, decimal: Expr, precision: u8) -> Built {
        // The engine divides the digits by a power of ten, which is exact up to 15 digits; its reading of text always is.
        Ok(if precision <= 15 { decimal } else { decimal.cast(SqlType::Text) }.cast(SqlType::Float))
    }

    fn operand(&self, decimal: Expr, precision: u8, scale: u8) -> Built {
        Ok(match decimal {
            Expr::Literal(_) => decimal,
            other => other.cast(SqlType::Decimal { precision, scale }),
        })
    }

    fn guarded(&self, arithmetic: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("TRY", [arithmetic]))
    }

    fn int_div(&self, left: Expr, right: Expr) -> Built {
        if !left.is_wide() && !right.is_wide() {
            return Ok(left.binary(BinaryOp::IntDiv("/"), right));
        }
        // The quotient of decimals is rounded; one without a remainder needs no rounding.
        let rest = left.clone().binary(BinaryOp::Rem, right.clone());
        let divided = left.binary(BinaryOp::Sub, rest).binary(BinaryOp::Div, right);
        Ok(divided.cast(SqlType::WideInt))
    }

    fn branch(&self, value: Expr, ty: &SqlType) -> Built {
        // The common type of decimals may have fewer digits after the point.
        Ok(if matches!(ty, SqlType::Decimal { .. }) { value.cast(ty.clone()) } else { value })
    }

    fn micros(&self, instant: Expr) -> Built {
        // Seconds are doubles there, which have room for microseconds close to 1970 alone: whole ones are counted
        // apart, and the rest is moved to 1970.
        let epoch = Expr::Literal(Literal::Timestamp(0));
        let whole = Expr::call("date_diff", [Expr::text("second"), epoch, instant.clone()]);
        let back = Expr::Negative(Box::new(whole.clone()));
        let rest = Expr::call("to_unixtime", [Expr::call("date_add", [Expr::text("second"), back, instant])]);
        let rest = Expr::call("round", [rest.binary(BinaryOp::Mul, Expr::Literal(Literal::Float(1e6)))]);
        let million = Expr::int(1_000_000);
        Ok(whole.binary(BinaryOp::Mul, million).binary(BinaryOp::Add, rest.cast(SqlType::Int)))
    }

    fn instant(&self, micros: Expr) -> Built {
        let nanos = micros.cast(SqlType::WideInt).binary(BinaryOp::Mul, Expr::int(1000));
        Ok(Expr::call("from_unixtime_nanos", [nanos]).cast(SqlType::Timestamp))
    }

    fn local(&self, instant: Expr, zone: &Zone) -> Built {
        Ok(Expr::call("at_timezone", [instant, Expr::text(zone.name())]))
    }

    fn of_local(&self, local: Expr, zone: &Zone) -> Built {
        if !zone.has_one_offset() {
            return Err(Unsupported("a timestamp without a zone as an instant of clocks that are changed".to_owned()));
        }
        Ok(Expr::call("with_timezone", [local, Expr::text(zone.name())]))
    }

    fn part(&self, part: Part, value: Expr) -> Built {
        Ok(Expr::call(if part == Part::Weekday { "day_of_week" } else { part.name() }, [value]))
    }

    fn start_of(&self, unit: CalendarUnit, date: Expr, week_start: u8) -> Built {
        calendar::start_of(self, unit, date, week_start, |unit, date| {
            Expr::call("date_trunc", [Expr::text(unit), date])
        })
    }

    fn start_of_day(&self, _: Expr, _: &Zone) -> Built {
        Err(Unsupported("the first instant of a day".to_owned()))
    }

    fn add_days(&self, date: Expr, days: Expr) -> Built {
        Ok(Expr::call("date_add", [Expr::text("day"), days, date]))
    }

    fn add_months(&self, date: Expr, months: i32) -> Built {
        Ok(Expr::call("date_add", [Expr::text("month"), Expr::int(i64::from(months)), date]))
    }

    fn days_between(&self, from: Expr, to: Expr) -> Built {
        Ok(Expr::call("date_diff", [Expr::text("day"), from, to]))
    }

    fn empty_list(&self, element: &SqlType) -> Built {
        if element.holds_objects() {
            return Err(Unsupported("an empty list of objects".to_owned()));
        }
        Ok(Expr::List(vec![]).cast(SqlType::List(Box::new(element.clone()))))
    }

    fn list_length(&self, list: Expr) -> Built {
        Ok(Expr::call("cardinality", [list]))
    }

    fn list_filter(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        if params.len() > 1 {
            return Err(Unsupported("the places of a list's elements".to_owned()));
        }
        Ok(Expr::call("filter", [list, Expr::Lambda { params, body: Box::new(body) }]))
    }

    fn list_exists(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        if params.len() > 1 {
            return Err(Unsupported("the places of a list's elements".to_owned()));
        }
        Ok(Expr::call("any_match", [list, Expr::Lambda { params, body: Box::new(body) }]))
    }

    fn list_flatten(&self, list: Expr) -> Built {
        Ok(lambda::flattened(list))
    }

    fn list_sort(&self, list: Expr, element: &SqlType) -> Built {
        Ok(lambda::ascending(list, element))
    }

    fn list_contains(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("contains", [list, element]))
    }

    fn list_position(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("array_position", [list, element]))
    }

    fn list_includes(&self, a: Expr, b: Expr) -> Built {
        Ok(self.list_length(Expr::call("array_except", [b, a]))?.eq(Expr::int(0)))
    }

    fn list_sum(&self, list: Expr, element: &SqlType) -> Built {
        let total = Ident::generated("total");
        let as_it_is = Expr::lambda(&total, Expr::Var(total.clone()));
        Ok(lambda::sum("reduce", list, element, vec![as_it_is]))
    }

    fn list_mean(&self, list: Expr) -> Built {
        let length = self.list_length(list.clone())?;
        Ok(lambda::mean(self.list_sum(list, &SqlType::Float)?, length))
    }

    fn list_first(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("element_at", [list, Expr::int(1)]))
    }

    fn list_last(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("element_at", [list, Expr::int(-1)]))
    }

    fn map_get(&self, map: Expr, key: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("element_at", [map, key]))
    }

    fn map_entries(&self, _: Expr) -> Built {
        Err(Unsupported("the entries of a map".to_owned()))
    }

    fn agg_list(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        Ok(Expr::Aggregate { name: "array_agg", args: vec![value], distinct: false, order_by, filter })
    }

    fn agg_map(&self, key: Expr, value: Expr) -> Built {
        Ok(Expr::aggregate("map_agg", [key, value], vec![]))
    }

    fn agg_sum(&self, value: Expr, ty: &SqlType, filter: Vec<Expr>) -> Built {
        let value = if *ty == SqlType::Int { value.cast(SqlType::WideInt) } else { value };
        Ok(Expr::aggregate("sum", [value], filter))
    }

    fn agg_first(&self, value: Expr, ty: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        Ok(Expr::call("element_at", [self.agg_list(value, ty, order_by, filter)?, Expr::int(1)]))
    }
}
