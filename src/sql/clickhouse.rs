//! ClickHouse from 26.3 on. Objects are `Nullable(Tuple)`, lists and maps cannot be null there: an absent one is stored
//! as the empty one. Invariant: as [`Dialect`] says; each spelling here has been run on the engine.

mod literal;
mod parts;
mod types;

use parts::{reduced, signed};

use super::dialect::{Abilities, Built, Case, Dialect, Limits, Part, Running, Unsupported};
use super::fold;
use super::lambda;
use super::midnight::{self, Ambiguous};
use super::quote;
use super::stored_types::StoredTypes;
use super::tree::{BinaryOp, Expr, Ident, Literal, Order, SqlType};
use super::type_names::TypeNames;
use crate::types::CalendarUnit;
use crate::vector::time::Zone;

/// ClickHouse.
#[derive(Debug, Clone, Copy)]
pub struct ClickHouse;

impl Dialect for ClickHouse {
    fn name(&self) -> &'static str {
        "clickhouse"
    }

    fn limits(&self) -> Limits {
        // `max_query_size`; Decimal128 wraps silently, so that nothing is left to the width of a result.
        Limits {
            text_bytes: 262_144,
            in_list: 10_000,
            digits: 38,
            narrow_digits: 18,
            quotient_digits: 38,
            product_scale: 38,
        }
    }

    fn abilities(&self) -> Abilities {
        Abilities { null_lists: false, peer_frames: false, bare_names: false, ..Abilities::STANDARD }
    }

    fn prelude(&self) -> Vec<&'static str> {
        vec![]
    }

    fn settings(&self) -> Option<&'static str> {
        Some(
            "SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1, session_timezone = 'UTC', \
             prefer_column_name_to_alias = 1, cast_keep_nullable = 0, transform_null_in = 0",
        )
    }

    fn runs_named_again(&self) -> bool {
        true
    }

    fn thins_by_membership(&self) -> bool {
        true
    }

    fn longest_funnel(&self) -> usize {
        parts::LONGEST_FUNNEL
    }

    fn agg_funnel(&self, within: i64, key: Expr, conditions: Vec<Expr>) -> Built {
        Ok(parts::agg_funnel(within, key, conditions))
    }

    fn quoted(&self, name: &str) -> String {
        quote::backslashed(name, '`')
    }

    fn literal(&self, literal: &Literal) -> String {
        literal::literal(literal)
    }

    fn null(&self, ty: &SqlType) -> String {
        match ty {
            SqlType::List(_) | SqlType::Map(_) => format!("defaultValueOfTypeName('{}')", escaped_type(self, ty)),
            ty => format!("CAST(NULL AS {})", self.type_name(ty)),
        }
    }

    fn type_names(&self) -> &'static TypeNames {
        &types::TYPES
    }

    fn stored_types(&self) -> Option<&'static StoredTypes> {
        Some(&types::STORED_TYPES)
    }

    fn column_type(&self, ty: &SqlType, required: bool) -> String {
        let name = self.type_name(ty);
        let bare = name.strip_prefix("Nullable(").and_then(|rest| rest.strip_suffix(')')).filter(|_| required);
        bare.map_or_else(|| name.clone(), str::to_owned)
    }

    fn kept_in_order(&self, columns: &[String]) -> Option<String> {
        Some(format!("ENGINE = MergeTree ORDER BY ({})", columns.join(", ")))
    }

    fn lambda(&self, params: &[String], body: &str) -> String {
        lambda::arrow(params, body)
    }

    fn struct_literal(&self, fields: &[(String, String)]) -> String {
        let values: Vec<&str> = fields.iter().map(|(_, value)| value.as_str()).collect();
        format!("tuple({})", values.join(", "))
    }

    fn list_literal(&self, items: &[String]) -> String {
        format!("[{}]", items.join(", "))
    }

    fn unnest(&self, list: &str, alias: &str, column: &str, place: Option<&str>) -> String {
        match place {
            None => format!("(SELECT arrayJoin({list}) AS {column}) AS {alias}"),
            Some(place) => {
                let pairs = format!("arrayJoin(arrayZip({list}, arrayEnumerate({list}))) AS pair");
                format!("(SELECT pair.1 AS {column}, pair.2 AS {place} FROM (SELECT {pairs})) AS {alias}")
            }
        }
    }

    fn pack(&self, fields: Vec<(Ident, Expr, SqlType)>) -> Built {
        parts::pack(fields)
    }

    fn field(&self, packed: Expr, field: &Ident, _: &SqlType) -> Built {
        Ok(match packed {
            Expr::Var(_) | Expr::Column { .. } | Expr::Field { .. } => packed.field(field),
            other => Expr::call("tupleElement", [other, Expr::text(field.text())]),
        })
    }

    fn fold(&self, text: Expr, case: Case, exact: bool) -> Built {
        parts::fold(text, case, exact)
    }

    fn odd_letters(&self, case: Case) -> Vec<char> {
        fold::odd_letters(case)
    }

    fn trim(&self, text: Expr) -> Built {
        Ok(Expr::call("trimBoth", [text, Expr::text(" ")]))
    }

    fn text_length(&self, text: Expr) -> Built {
        Ok(signed(Expr::call("lengthUTF8", [text])))
    }

    fn substring(&self, text: Expr, start: Expr, length: Option<Expr>) -> Built {
        Ok(Expr::call("substringUTF8", [Some(text), Some(start), length].into_iter().flatten().collect::<Vec<_>>()))
    }

    fn replace(&self, text: Expr, from: Expr, to: Expr) -> Built {
        Ok(Expr::call("replaceAll", [text, from, to]))
    }

    fn split(&self, text: Expr, separator: Expr) -> Built {
        if !matches!(separator, Expr::Literal(_)) {
            return Err(Unsupported("`split` by a separator that is not a literal".to_owned()));
        }
        let list = Expr::call("splitByString", [separator, text.clone()]);
        self.list_when(list, text.is_present(), &SqlType::Text)
    }

    fn contains(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("position", [text, part]).binary(BinaryOp::Gt, Expr::int(0)))
    }

    fn starts_with(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("startsWith", [text, part]))
    }

    fn ends_with(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("endsWith", [text, part]))
    }

    fn matches(&self, text: Expr, pattern: &str) -> Built {
        Ok(Expr::call("match", [text, Expr::text(pattern)]))
    }

    fn capture(&self, text: Expr, pattern: &str, group: u32) -> Built {
        let matched = self.matches(text.clone(), pattern)?;
        let args = [text, Expr::text(pattern), Expr::int(i64::from(group))];
        Ok(Expr::call("regexpExtract", args).when(matched))
    }

    fn md5(&self, text: Expr) -> Built {
        Ok(Expr::call("lower", [Expr::call("hex", [Expr::call("MD5", [text])])]))
    }

    fn is_finite(&self, float: Expr) -> Built {
        Ok(Expr::call("isFinite", [float]))
    }

    fn sign(&self, float: Expr) -> Built {
        Ok(Expr::call("sign", [float]).cast(SqlType::Float))
    }

    fn decimal_to_float(&self, decimal: Expr, precision: u8) -> Built {
        // The digits over a power of ten are exact up to 15 digits; the reading of text always is.
        let digits = if precision <= 15 { decimal } else { Expr::call("toString", [decimal]) };
        Ok(Expr::call("toFloat64", [digits]))
    }

    fn operand(&self, decimal: Expr, precision: u8, scale: u8) -> Built {
        // Those of many digits could not be brought to one scale to be compared.
        if precision <= 28 {
            return Ok(decimal);
        }
        Ok(Expr::call("toDecimal256", [decimal, Expr::int(i64::from(scale))]))
    }

    fn guarded(&self, arithmetic: Expr, ty: &SqlType) -> Built {
        parts::guarded(arithmetic, ty)
    }

    fn narrowed(&self, number: Expr, from: &SqlType, to: &SqlType) -> Built {
        parts::narrowed(number, from, to)
    }

    fn wide_to_decimal(&self, wide: Expr) -> Expr {
        // There is no cast from its integers of 128 bits.
        Expr::call("toDecimal128", [wide, Expr::int(0)])
    }

    fn int_div(&self, left: Expr, right: Expr) -> Built {
        Ok(Expr::call("intDiv", [left, right]))
    }

    fn branch(&self, value: Expr, ty: &SqlType) -> Built {
        // Decimals with other digits after the point have no common type there.
        Ok(if matches!(ty, SqlType::Decimal { .. }) { value.cast(ty.clone()) } else { value })
    }

    fn micros(&self, instant: Expr) -> Built {
        Ok(Expr::call("toUnixTimestamp64Micro", [instant]))
    }

    fn instant(&self, micros: Expr) -> Built {
        Ok(Expr::call("fromUnixTimestamp64Micro", [micros.cast(SqlType::Int), Expr::text("UTC")]))
    }

    fn local(&self, instant: Expr, zone: &Zone) -> Built {
        Ok(Expr::call("toTimeZone", [instant, Expr::text(zone.name())]))
    }

    fn of_local(&self, local: Expr, zone: &Zone) -> Built {
        // A civil time is kept as the instant at which the clocks of UTC show it.
        if *zone == Zone::utc() {
            return Ok(local);
        }
        // The engine reads what the clocks skip as if they had been changed already; the offset that holds then is the one
        // from before.
        let name = || Expr::text(zone.name());
        let near = Expr::call("toDateTime64", [Expr::call("toString", [local.clone()]), Expr::int(6), name()]);
        let seconds = Expr::call("toInt64", [Expr::call("timezoneOffset", [near])]);
        let ahead = seconds.binary(BinaryOp::Mul, Expr::int(1_000_000));
        self.instant(self.micros(local)?.binary(BinaryOp::Sub, ahead))
    }

    fn date(&self, local: Expr) -> Built {
        Ok(Expr::call("toDate32", [local]))
    }

    fn part(&self, part: Part, value: Expr) -> Built {
        let name = match part {
            Part::Year => "toYear",
            Part::Quarter => "toQuarter",
            Part::Month => "toMonth",
            Part::Day => "toDayOfMonth",
            Part::Weekday => "toDayOfWeek",
            Part::Hour => "toHour",
        };
        Ok(Expr::call("toInt64", [Expr::call(name, [value])]))
    }

    fn start_of(&self, unit: CalendarUnit, date: Expr, week_start: u8) -> Built {
        // The functions made for it know the years 1900 to 2299 only.
        let of = |name| Expr::call("toInt64", [Expr::call(name, [date.clone()])]);
        let back = |days: Expr| self.add_days(date.clone(), Expr::int(1).binary(BinaryOp::Sub, days));
        match unit {
            CalendarUnit::Day => Ok(date),
            CalendarUnit::Week => {
                let since = of("toDayOfWeek").binary(BinaryOp::Add, Expr::int(7 - i64::from(week_start.max(1))));
                back(since.binary(BinaryOp::Rem, Expr::int(7)).binary(BinaryOp::Add, Expr::int(1)))
            }
            CalendarUnit::Month => back(of("toDayOfMonth")),
            CalendarUnit::Quarter => {
                let months = of("toMonth").binary(BinaryOp::Sub, Expr::int(1)).binary(BinaryOp::Rem, Expr::int(3));
                let first = Expr::call("addMonths", [date.clone(), Expr::Negative(Box::new(months))]);
                let day = Expr::call("toInt64", [Expr::call("toDayOfMonth", [first.clone()])]);
                self.add_days(first, Expr::int(1).binary(BinaryOp::Sub, day))
            }
            CalendarUnit::Year => back(of("toDayOfYear")),
        }
    }

    fn start_of_day(&self, date: Expr, zone: &Zone) -> Built {
        let midnight = Expr::call("toDateTime64", [date.clone(), Expr::int(6), Expr::text(zone.name())]);
        let earlier = |micros| Expr::call("subtractMicroseconds", [midnight.clone(), Expr::int(micros)]);
        Ok(midnight::corrected(midnight.clone(), &date, zone, Ambiguous::Earlier, earlier))
    }

    fn add_days(&self, date: Expr, days: Expr) -> Built {
        Ok(Expr::call("addDays", [date, days]))
    }

    fn add_months(&self, date: Expr, months: i32) -> Built {
        Ok(Expr::call("addMonths", [date, Expr::int(i64::from(months))]))
    }

    fn days_between(&self, from: Expr, to: Expr) -> Built {
        let number = |date| Expr::call("toInt64", [Expr::call("toInt32", [date])]);
        Ok(number(to).binary(BinaryOp::Sub, number(from)))
    }

    fn empty_list(&self, element: &SqlType) -> Built {
        if element.holds_objects() {
            return Err(Unsupported("an empty list of objects".to_owned()));
        }
        Ok(Expr::List(vec![]).cast(SqlType::List(Box::new(element.clone()))))
    }

    fn list_when(&self, list: Expr, condition: Expr, _: &SqlType) -> Built {
        let none = Expr::call("arrayResize", [list.clone(), Expr::int(0)]);
        Ok(Expr::call("if", [condition.is_true(), list, none]))
    }

    fn list_length(&self, list: Expr) -> Built {
        Ok(signed(Expr::call("length", [list])))
    }

    fn list_filter(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        let places = (params.len() > 1).then(|| Expr::call("arrayEnumerate", [list.clone()]));
        let lambda = Expr::Lambda { params, body: Box::new(body) };
        Ok(Expr::call("arrayFilter", [Some(lambda), Some(list), places].into_iter().flatten().collect::<Vec<_>>()))
    }

    fn list_exists(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        let places = (params.len() > 1).then(|| Expr::call("arrayEnumerate", [list.clone()]));
        let lambda = Expr::Lambda { params, body: Box::new(body) };
        Ok(Expr::call("arrayExists", [Some(lambda), Some(list), places].into_iter().flatten().collect::<Vec<_>>()))
    }

    fn list_transform(&self, list: Expr, params: Vec<Ident>, body: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("arrayMap", [Expr::Lambda { params, body: Box::new(body) }, list]))
    }

    fn list_flatten(&self, list: Expr) -> Built {
        Ok(Expr::call("arrayFlatten", [list]))
    }

    fn list_distinct(&self, list: Expr) -> Built {
        Ok(Expr::call("arrayDistinct", [list]))
    }

    fn list_sort(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("arraySort", [list]))
    }

    fn searches_past_nulls(&self) -> bool {
        true
    }

    fn list_contains(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        // The engine looks for a null element.
        let found = Expr::call("has", [list, element.clone()]);
        Ok(if let Expr::Literal(_) = element { found } else { found.when(element.is_present()) })
    }

    fn list_position(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("indexOf", [list, element]))
    }

    fn list_overlaps(&self, a: Expr, b: Expr) -> Built {
        Ok(Expr::call("hasAny", [a, b]))
    }

    fn list_includes(&self, a: Expr, b: Expr) -> Built {
        Ok(Expr::call("hasAll", [a, b]))
    }

    fn list_concat(&self, a: Expr, b: Expr) -> Built {
        Ok(Expr::call("arrayConcat", [a, b]))
    }

    fn list_sum(&self, list: Expr, element: &SqlType) -> Built {
        let list = match element {
            SqlType::Int => {
                let item = Ident::generated("number");
                let wide = Expr::Var(item.clone()).cast(SqlType::WideInt);
                Expr::call("arrayMap", [Expr::lambda(&item, wide), list])
            }
            _ => list,
        };
        Ok(reduced("sumOrNull", list))
    }

    fn list_mean(&self, list: Expr) -> Built {
        Ok(reduced("avgOrNull", list))
    }

    fn list_min(&self, list: Expr, _: &SqlType) -> Built {
        Ok(reduced("minOrNull", list))
    }

    fn list_max(&self, list: Expr, _: &SqlType) -> Built {
        Ok(reduced("maxOrNull", list))
    }

    fn list_first(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("arrayElementOrNull", [list, Expr::int(1)]))
    }

    fn list_last(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("arrayElementOrNull", [list, Expr::int(-1)]))
    }

    fn map_get(&self, map: Expr, key: Expr, value: &SqlType) -> Built {
        let found = Expr::Index { base: Box::new(map.clone()), index: Box::new(key.clone()) };
        Ok(match value {
            SqlType::List(_) | SqlType::Map(_) => found,
            _ => found.when(Expr::call("mapContains", [map, key])),
        })
    }

    fn map_entries(&self, map: Expr) -> Built {
        let (key, value) = (Ident::generated("key"), Ident::generated("value"));
        let entry = self.pack(vec![
            (Ident::physical("key"), Expr::Var(key.clone()), SqlType::object()),
            (Ident::physical("value"), Expr::Var(value.clone()), SqlType::object()),
        ])?;
        let lambda = Expr::Lambda { params: vec![key, value], body: Box::new(entry) };
        Ok(Expr::call("arrayMap", [lambda, Expr::call("mapKeys", [map.clone()]), Expr::call("mapValues", [map])]))
    }

    fn by_time(&self, aggregate: Running, value: Expr, time: Expr, partition: Expr, until: i64) -> Built {
        parts::by_time(aggregate, value, time, partition, until)
    }

    fn agg_count(&self, value: Option<Expr>, distinct: bool, filter: Vec<Expr>) -> Built {
        let (name, args) = if distinct { ("uniqExact", value) } else { ("count", value) };
        Ok(signed(Expr::aggregate(name, args.into_iter().collect::<Vec<_>>(), filter)))
    }

    fn agg_list(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        parts::agg_list(value, order_by, filter)
    }

    fn agg_map(&self, key: Expr, value: Expr) -> Built {
        let all = |expr| Expr::aggregate("groupArray", [expr], vec![]);
        Ok(Expr::call("mapFromArrays", [all(key), all(value)]))
    }

    fn agg_sum(&self, value: Expr, ty: &SqlType, filter: Vec<Expr>) -> Built {
        let value = if *ty == SqlType::Int { value.cast(SqlType::WideInt) } else { value };
        Ok(Expr::aggregate("sum", [value], filter))
    }

    fn agg_first(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        parts::agg_first(value, order_by, filter)
    }
}

fn escaped_type(dialect: &ClickHouse, ty: &SqlType) -> String {
    dialect.type_name(ty).replace('\\', "\\\\").replace('\'', "\\'")
}
