//! Trino, by its documentation; no engine was at hand, so that its queries are parsed only. Rows of unknown objects have
//! no names there: what needs them is refused. Invariant: as [`Dialect`] says.

mod literal;

use super::dialect::{Abilities, Built, Case, Dialect, Limits, Part, Running, Unsupported, Wild};
use super::fold;
use super::lambda;
use super::quote;
use super::tree::{BinaryOp, Expr, Ident, Literal, Order, SqlType};
use super::window;
use crate::types::CalendarUnit;
use crate::vector::time::Zone;

/// Trino.
#[derive(Debug, Clone, Copy)]
pub struct Trino;

impl Dialect for Trino {
    fn name(&self) -> &'static str {
        "trino"
    }

    fn limits(&self) -> Limits {
        Limits { text_bytes: 1_000_000, in_list: 10_000, digits: 38, narrow_digits: 38, quotient_digits: 38 }
    }

    fn abilities(&self) -> Abilities {
        Abilities { null_lists: true, peer_frames: true, filter_clause: true, is_true: false }
    }

    fn prelude(&self) -> Vec<&'static str> {
        vec!["SET TIME ZONE 'UTC'"]
    }

    fn settings(&self) -> Option<&'static str> {
        None
    }

    fn quoted(&self, name: &str) -> String {
        quote::double_quoted(name)
    }

    fn literal(&self, literal: &Literal) -> String {
        literal::literal(literal)
    }

    fn null(&self, ty: &SqlType) -> String {
        format!("CAST(NULL AS {})", self.type_name(ty))
    }

    fn type_name(&self, ty: &SqlType) -> String {
        match ty {
            SqlType::Bool => "BOOLEAN".to_owned(),
            SqlType::Int32 => "INTEGER".to_owned(),
            SqlType::Int => "BIGINT".to_owned(),
            SqlType::WideInt => "DECIMAL(38, 0)".to_owned(),
            SqlType::Decimal { precision, scale } => format!("DECIMAL({precision}, {scale})"),
            SqlType::Float => "DOUBLE".to_owned(),
            SqlType::Text => "VARCHAR".to_owned(),
            SqlType::Date => "DATE".to_owned(),
            SqlType::Timestamp => "TIMESTAMP(6) WITH TIME ZONE".to_owned(),
            SqlType::LocalTimestamp => "TIMESTAMP(6)".to_owned(),
            SqlType::List(element) => format!("ARRAY({})", self.type_name(element)),
            SqlType::Map(value) => format!("MAP(VARCHAR, {})", self.type_name(value)),
            SqlType::Struct(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, ty)| format!("{} {}", self.quoted(name.text()), self.type_name(ty)))
                    .collect();
                format!("ROW({})", fields.join(", "))
            }
        }
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

    fn stored(&self, base: Expr, fields: &[Ident], _: &SqlType) -> Built {
        Ok(fields.iter().fold(base, Expr::field))
    }

    fn element(&self, element: Expr, _: &SqlType) -> Built {
        Ok(element)
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

    fn field(&self, packed: Expr, field: &Ident, _: &SqlType) -> Built {
        Ok(packed.field(field))
    }

    fn by_code_point(&self, text: Expr) -> Built {
        Ok(text)
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
        // An empty text would be found between all letters.
        let replaced = Expr::call("replace", [text.clone(), from.clone(), to]);
        Ok(match &from {
            Expr::Literal(Literal::Text(from)) if from.is_empty() => text,
            Expr::Literal(_) => replaced,
            _ => Expr::choose(from.eq(Expr::text("")), text, replaced),
        })
    }

    fn split(&self, text: Expr, separator: Expr) -> Built {
        Ok(Expr::call("split", [text, separator]))
    }

    fn contains(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("strpos", [text, part]).binary(BinaryOp::Gt, Expr::int(0)))
    }

    fn starts_with(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("starts_with", [text, part]))
    }

    fn ends_with(&self, text: Expr, part: Expr) -> Built {
        let turned = |text| Expr::call("reverse", [text]);
        Ok(Expr::call("starts_with", [turned(text), turned(part)]))
    }

    fn like(&self, text: Expr, pattern: &[Wild]) -> Built {
        self.matches(text, &quote::wild_regex(pattern))
    }

    fn matches(&self, text: Expr, pattern: &str) -> Built {
        Ok(Expr::call("regexp_like", [text, Expr::text(quote::raw_regex(pattern))]))
    }

    fn capture(&self, text: Expr, pattern: &str, group: u32) -> Built {
        let pattern = Expr::text(quote::raw_regex(pattern));
        Ok(Expr::call("regexp_extract", [text, pattern, Expr::int(i64::from(group))]))
    }

    fn url_host(&self, url: Expr) -> Built {
        self.capture(url, r"\A(?s:.*?)//(?:[^/?#]*@)?([^/?#@:]*)", 1)
    }

    fn md5(&self, text: Expr) -> Built {
        let bytes = Expr::call("md5", [Expr::call("to_utf8", [text])]);
        Ok(Expr::call("lower", [Expr::call("to_hex", [bytes])]))
    }

    fn float_arithmetic(&self, op: BinaryOp, left: Expr, right: Expr) -> Built {
        Ok(left.binary(op, right))
    }

    fn is_finite(&self, float: Expr) -> Built {
        Ok(Expr::call("is_finite", [float]))
    }

    fn round(&self, number: Expr, digits: u8) -> Built {
        Ok(Expr::call("round", [number, Expr::int(i64::from(digits))]))
    }

    fn floor(&self, number: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("floor", [number]))
    }

    fn ceil(&self, number: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("ceiling", [number]))
    }

    fn abs(&self, number: Expr) -> Built {
        Ok(Expr::call("abs", [number]))
    }

    fn trunc(&self, float: Expr) -> Built {
        Ok(Expr::call("truncate", [float]))
    }

    fn sign(&self, float: Expr) -> Built {
        Ok(Expr::call("sign", [float]))
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

    fn narrowed(&self, number: Expr, _: &SqlType, to: &SqlType) -> Built {
        Ok(Expr::Cast { expr: Box::new(number), ty: to.clone(), function: "TRY_CAST" })
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

    fn least(&self, values: Vec<Expr>) -> Built {
        Ok(Expr::call("least", values))
    }

    fn greatest(&self, values: Vec<Expr>) -> Built {
        Ok(Expr::call("greatest", values))
    }

    fn micros(&self, instant: Expr) -> Built {
        // Seconds as a double, which has room for microseconds in the years 1700 to 2240.
        let seconds = Expr::call("to_unixtime", [instant]);
        let micros = seconds.binary(BinaryOp::Mul, Expr::Literal(Literal::Float(1e6)));
        Ok(Expr::call("round", [micros]).cast(SqlType::Int))
    }

    fn instant(&self, micros: Expr) -> Built {
        let nanos = micros.cast(SqlType::WideInt).binary(BinaryOp::Mul, Expr::int(1000));
        Ok(Expr::call("from_unixtime_nanos", [nanos]).cast(SqlType::Timestamp))
    }

    fn local(&self, instant: Expr, zone: &Zone) -> Built {
        Ok(Expr::call("at_timezone", [instant, Expr::text(zone.name())]))
    }

    fn date(&self, local: Expr) -> Built {
        Ok(local.cast(SqlType::Date))
    }

    fn part(&self, part: Part, value: Expr) -> Built {
        let name = match part {
            Part::Year => "year",
            Part::Quarter => "quarter",
            Part::Month => "month",
            Part::Day => "day",
            Part::Weekday => "day_of_week",
            Part::Hour => "hour",
        };
        Ok(Expr::call(name, [value]))
    }

    fn start_of(&self, unit: CalendarUnit, date: Expr, week_start: u8) -> Built {
        let trunc = |unit: &str, date: Expr| Expr::call("date_trunc", [Expr::text(unit), date]);
        Ok(match unit {
            CalendarUnit::Day => date,
            CalendarUnit::Week if week_start <= 1 => trunc("week", date),
            CalendarUnit::Week => {
                // Moved so that the week's first day falls on a Monday, and back.
                let days = i64::from(week_start - 1);
                let monday = trunc("week", self.add_days(date, Expr::int(-days))?);
                self.add_days(monday, Expr::int(days))?
            }
            CalendarUnit::Month => trunc("month", date),
            CalendarUnit::Quarter => trunc("quarter", date),
            CalendarUnit::Year => trunc("year", date),
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

    fn list_when(&self, list: Expr, condition: Expr, _: &SqlType) -> Built {
        Ok(list.when(condition))
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

    fn list_transform(&self, list: Expr, params: Vec<Ident>, body: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("transform", [list, Expr::Lambda { params, body: Box::new(body) }]))
    }

    fn list_flatten(&self, list: Expr) -> Built {
        // One null list makes all of it null.
        let inner = Ident::generated("inner_list");
        let present = Expr::lambda(&inner, Expr::Var(inner.clone()).is_present());
        Ok(Expr::call("flatten", [Expr::call("filter", [list, present])]))
    }

    fn list_distinct(&self, list: Expr) -> Built {
        Ok(Expr::call("array_distinct", [list]))
    }

    fn list_sort(&self, list: Expr, element: &SqlType) -> Built {
        Ok(match element {
            SqlType::Struct(fields) => {
                lambda::sorted(list, &fields.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>())
            }
            _ => Expr::call("array_sort", [list]),
        })
    }

    fn list_contains(&self, list: Expr, element: Expr) -> Built {
        Ok(Expr::call("contains", [list, element]))
    }

    fn list_position(&self, list: Expr, element: Expr) -> Built {
        Ok(Expr::call("array_position", [list, element]))
    }

    fn list_overlaps(&self, a: Expr, b: Expr) -> Built {
        Ok(Expr::call("arrays_overlap", [a, b]))
    }

    fn list_includes(&self, a: Expr, b: Expr) -> Built {
        let missing = Expr::call("cardinality", [Expr::call("array_except", [b, a])]);
        Ok(missing.eq(Expr::int(0)))
    }

    fn list_concat(&self, a: Expr, b: Expr) -> Built {
        Ok(Expr::call("concat", [a, b]))
    }

    fn list_sum(&self, list: Expr, element: &SqlType) -> Built {
        let ty = match element {
            SqlType::Float => SqlType::Float,
            // One digit less than all, so that a sum of two keeps those after the point.
            SqlType::Decimal { scale, .. } => SqlType::Decimal { precision: 37, scale: *scale },
            _ => SqlType::Decimal { precision: 37, scale: 0 },
        };
        let (sum, item) = (Ident::generated("so_far"), Ident::generated("number"));
        let body = Expr::Var(sum.clone()).binary(BinaryOp::Add, Expr::Var(item.clone())).cast(ty.clone());
        let step = Expr::Lambda { params: vec![sum, item], body: Box::new(body) };
        let total = Ident::generated("total");
        let all = Expr::lambda(&total, Expr::Var(total.clone()));
        Ok(Expr::call("reduce", [list, Expr::int(0).cast(ty), step, all]))
    }

    fn list_mean(&self, list: Expr) -> Built {
        let count = Expr::call("cardinality", [list.clone()]).cast(SqlType::Float);
        let sum = self.list_sum(list, &SqlType::Float)?;
        Ok(sum.binary(BinaryOp::Div, count.null_if(Expr::Literal(Literal::Float(0.0)))))
    }

    fn list_min(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("array_min", [list]))
    }

    fn list_max(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("array_max", [list]))
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

    fn by_time(&self, aggregate: Running, value: Expr, time: Expr, partition: Expr, until: i64) -> Built {
        Ok(window::by_time(aggregate, value, time, partition, until))
    }

    fn agg_count(&self, value: Option<Expr>, distinct: bool, filter: Vec<Expr>) -> Built {
        Ok(Expr::Aggregate { name: "count", args: value.into_iter().collect(), distinct, order_by: vec![], filter })
    }

    fn agg_list(&self, value: Expr, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        Ok(Expr::Aggregate { name: "array_agg", args: vec![value], distinct: false, order_by, filter })
    }

    fn agg_map(&self, key: Expr, value: Expr) -> Built {
        Ok(Expr::aggregate("map_agg", [key, value], vec![]))
    }

    fn agg_sum(&self, value: Expr, ty: &SqlType, filter: Vec<Expr>) -> Built {
        let value = if *ty == SqlType::Int { value.cast(SqlType::WideInt) } else { value };
        Ok(Expr::aggregate("sum", [value], filter))
    }

    fn agg_first(&self, value: Expr, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        Ok(Expr::call("element_at", [self.agg_list(value, order_by, filter)?, Expr::int(1)]))
    }
}
