//! Spark from 4.0 on, in ANSI mode and with the session's zone UTC, and Databricks, which speaks the same. Invariant: as
//! [`Dialect`] says; the functions here have been tried on Spark 4.3 one by one.

mod literal;
mod parts;

use super::calendar;
use super::dialect::{Abilities, Built, Case, Dialect, Limits, Part, Unsupported};
use super::fold;
use super::lambda;
use super::midnight::{self, Ambiguous};
use super::quote;
use super::stored_types::{Castable, StoredTypes, Teller};
use super::tree::{BinaryOp, Expr, Ident, Literal, Order, SqlType};
use super::type_names::{Brackets, Decimal, Nested, TypeNames};
use crate::types::CalendarUnit;
use crate::vector::time::Zone;

/// Spark or Databricks.
#[derive(Debug, Clone, Copy)]
pub struct Spark {
    name: &'static str,
    prelude: &'static [&'static str],
}

/// Apache Spark.
pub const SPARK: Spark =
    Spark { name: "spark", prelude: &["SET spark.sql.ansi.enabled = true", "SET TIME ZONE 'UTC'"] };

/// Databricks.
pub const DATABRICKS: Spark = Spark { name: "databricks", prelude: &["SET ANSI_MODE = true", "SET TIME ZONE 'UTC'"] };

static TYPES: TypeNames = TypeNames {
    bool: "BOOLEAN",
    int32: "INT",
    int: "BIGINT",
    wide_int: "DECIMAL(38, 0)",
    decimal: Decimal::Sized("DECIMAL"),
    float: "DOUBLE",
    text: "STRING",
    date: "DATE",
    timestamp: "TIMESTAMP",
    local_timestamp: "TIMESTAMP_NTZ",
    nullable: ["", ""],
    nested: Nested::Typed(Brackets {
        list: ["ARRAY<", ">"],
        map: ["MAP<STRING, ", ">"],
        object: ["STRUCT<", ">"],
        field: ": ",
    }),
};

static STORED_TYPES: StoredTypes = StoredTypes {
    teller: Teller::OfNone("typeof"),
    bool: &["boolean"],
    int: &["bigint", "int", "smallint", "tinyint"],
    unsigned: &[],
    decimal: &["decimal(%,{})"],
    float: &["double"],
    text: &["string"],
    uuid: &[],
    date: &["date"],
    timestamp: &["timestamp"],
    local_timestamp: &["timestamp_ntz"],
    nested: &[],
    around: &[["", ""]],
    has_times_beyond: false,
    collates: false,
    cast: Castable {
        int: &["decimal(%,0)"],
        decimal: &["bigint", "int", "smallint", "tinyint"],
        float: &["float", "int", "smallint", "tinyint"],
        text: &["bigint", "int", "smallint", "tinyint"],
        date: &[],
        timestamp: &[],
        local_timestamp: &[],
    },
};

impl Dialect for Spark {
    fn name(&self) -> &'static str {
        self.name
    }

    fn limits(&self) -> Limits {
        // A product of decimals has one digit more than its operands; a whole quotient 32 before its rounding.
        Limits {
            text_bytes: 1 << 20,
            in_list: 10_000,
            digits: 37,
            narrow_digits: 38,
            quotient_digits: 32,
            product_scale: 37,
        }
    }

    fn abilities(&self) -> Abilities {
        Abilities { peer_frames: false, ..Abilities::STANDARD }
    }

    fn prelude(&self) -> Vec<&'static str> {
        self.prelude.to_vec()
    }

    fn quoted(&self, name: &str) -> String {
        format!("`{}`", name.replace('`', "``"))
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
        // Those of tables have 64 bits.
        let whole = |item: &String| item.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit());
        let items: Vec<String> =
            items.iter().map(|item| if whole(item) { format!("{item}L") } else { item.clone() }).collect();
        format!("array({})", items.join(", "))
    }

    fn unnest(&self, list: &str, alias: &str, column: &str, place: Option<&str>) -> String {
        match place {
            None => format!("LATERAL (SELECT explode({list}) AS {column}) AS {alias}"),
            Some(place) => {
                let pairs = format!("SELECT posexplode({list}) AS (place, element)");
                format!("LATERAL (SELECT element AS {column}, place + 1 AS {place} FROM ({pairs})) AS {alias}")
            }
        }
    }

    fn fold(&self, text: Expr, case: Case, exact: bool) -> Built {
        parts::fold(text, case, exact)
    }

    fn odd_letters(&self, case: Case) -> Vec<char> {
        fold::odd_letters(case)
    }

    fn trim(&self, text: Expr) -> Built {
        Ok(Expr::call("btrim", [text, Expr::text(" ")]))
    }

    fn text_length(&self, text: Expr) -> Built {
        Ok(Expr::call("char_length", [text]))
    }

    fn substring(&self, text: Expr, start: Expr, length: Option<Expr>) -> Built {
        // The engine takes 32 bits for both; no text is longer.
        let small = |expr: Expr| match expr {
            Expr::Literal(Literal::Int(value)) => Ok(Expr::int(value.min(i64::from(i32::MAX)))),
            other => {
                let most = Expr::int(i64::from(i32::MAX));
                Ok::<Expr, Unsupported>(Expr::call("least", [other, most]).cast(SqlType::Int32))
            }
        };
        let mut args = vec![text, small(start)?];
        if let Some(length) = length {
            args.push(small(length)?);
        }
        Ok(Expr::call("substring", args))
    }

    fn split(&self, text: Expr, separator: Expr) -> Built {
        let Expr::Literal(Literal::Text(separator)) = separator else {
            return Err(Unsupported("`split` by a separator that is not a literal".to_owned()));
        };
        Ok(Expr::call("split", [text, Expr::text(quote::plain_regex(&separator)), Expr::int(-1)]))
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

    fn matches(&self, text: Expr, pattern: &str) -> Built {
        Ok(Expr::call("regexp_like", [text, Expr::text(pattern)]))
    }

    fn capture(&self, text: Expr, pattern: &str, group: u32) -> Built {
        let matched = self.matches(text.clone(), pattern)?;
        let args = [text, Expr::text(pattern), Expr::int(i64::from(group))];
        Ok(Expr::call("regexp_extract", args).when(matched))
    }

    fn is_finite(&self, float: Expr) -> Built {
        // NaN is larger than every number there.
        Ok(Expr::call("abs", [float]).binary(BinaryOp::Le, Expr::Literal(Literal::Float(f64::MAX))))
    }

    fn floor(&self, number: Expr, ty: &SqlType) -> Built {
        parts::whole("floor", number, ty)
    }

    fn ceil(&self, number: Expr, ty: &SqlType) -> Built {
        parts::whole("ceil", number, ty)
    }

    fn trunc(&self, float: Expr) -> Built {
        let negative = float.clone().binary(BinaryOp::Lt, Expr::Literal(Literal::Float(0.0)));
        let (up, down) = (self.ceil(float.clone(), &SqlType::Float)?, self.floor(float, &SqlType::Float)?);
        Ok(Expr::choose(negative, up, down))
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

    fn guarded(&self, _: Expr, _: &SqlType) -> Built {
        Err(Unsupported("arithmetic of decimals of more than 37 digits".to_owned()))
    }

    fn int_div(&self, left: Expr, right: Expr) -> Built {
        if !left.is_wide() && !right.is_wide() {
            return Ok(left.binary(BinaryOp::IntDiv("div"), right));
        }
        // That operator wraps at 64 bits; a quotient without a remainder has no fraction.
        let rest = left.clone().binary(BinaryOp::Rem, right.clone());
        let divided = Expr::call("try_divide", [left.binary(BinaryOp::Sub, rest), right]);
        Ok(divided.cast(SqlType::WideInt))
    }

    fn branch(&self, value: Expr, ty: &SqlType) -> Built {
        // The common type of decimals may have fewer digits after the point.
        Ok(if matches!(ty, SqlType::Decimal { .. }) { value.cast(ty.clone()) } else { value })
    }

    fn micros(&self, instant: Expr) -> Built {
        Ok(Expr::call("unix_micros", [instant]))
    }

    fn instant(&self, micros: Expr) -> Built {
        Ok(Expr::call("timestamp_micros", [micros]))
    }

    fn local(&self, instant: Expr, zone: &Zone) -> Built {
        Ok(Expr::call("from_utc_timestamp", [instant, Expr::text(zone.name())]))
    }

    fn of_local(&self, local: Expr, zone: &Zone) -> Built {
        let shown = local.cast(SqlType::Timestamp);
        Ok(if *zone == Zone::utc() { shown } else { Expr::call("to_utc_timestamp", [shown, Expr::text(zone.name())]) })
    }

    fn part(&self, part: Part, value: Expr) -> Built {
        if part == Part::Weekday {
            return Ok(Expr::call("weekday", [value]).binary(BinaryOp::Add, Expr::int(1)));
        }
        Ok(Expr::call(part.name(), [value]))
    }

    fn start_of(&self, unit: CalendarUnit, date: Expr, week_start: u8) -> Built {
        calendar::start_of(self, unit, date, week_start, |unit, date| Expr::call("trunc", [date, Expr::text(unit)]))
    }

    fn start_of_day(&self, date: Expr, zone: &Zone) -> Built {
        let local = date.clone().cast(SqlType::Timestamp);
        let midnight = Expr::call("to_utc_timestamp", [local, Expr::text(zone.name())]);
        let earlier = |micros| {
            let moved = Expr::call("unix_micros", [midnight.clone()]).binary(BinaryOp::Sub, Expr::int(micros));
            Expr::call("timestamp_micros", [moved])
        };
        Ok(midnight::corrected(midnight.clone(), &date, zone, Ambiguous::Earlier, earlier))
    }

    fn add_days(&self, date: Expr, days: Expr) -> Built {
        let days = match days {
            Expr::Literal(_) => days,
            days => self.narrowed(days, &SqlType::Int, &SqlType::Int32)?,
        };
        Ok(Expr::call("date_add", [date, days]))
    }

    fn add_months(&self, date: Expr, months: i32) -> Built {
        Ok(Expr::call("add_months", [date, Expr::int(i64::from(months))]))
    }

    fn days_between(&self, from: Expr, to: Expr) -> Built {
        Ok(Expr::call("datediff", [to, from]).cast(SqlType::Int))
    }

    fn list_length(&self, list: Expr) -> Built {
        Ok(Expr::call("array_size", [list]))
    }

    fn list_exists(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        if params.len() > 1 {
            let found = self.list_filter(list, params, body)?;
            return Ok(self.list_length(found)?.binary(BinaryOp::Gt, Expr::int(0)));
        }
        Ok(Expr::call("exists", [list, Expr::Lambda { params, body: Box::new(body) }]))
    }

    fn list_flatten(&self, list: Expr) -> Built {
        Ok(lambda::flattened(list))
    }

    fn list_sort(&self, list: Expr, element: &SqlType) -> Built {
        Ok(lambda::ascending(list, element))
    }

    fn list_contains(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("array_contains", [list, element]))
    }

    fn list_position(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        // The places of a lambda begin with 0.
        Ok(Expr::call("array_position", [list, element]).binary(BinaryOp::Sub, Expr::int(1)))
    }

    fn list_overlaps(&self, a: Expr, b: Expr) -> Built {
        Ok(parts::overlaps(a, b))
    }

    fn list_includes(&self, a: Expr, b: Expr) -> Built {
        Ok(parts::includes(a, b))
    }

    fn list_sum(&self, list: Expr, element: &SqlType) -> Built {
        Ok(lambda::sum("aggregate", list, element, vec![]))
    }

    fn list_mean(&self, list: Expr) -> Built {
        let length = self.list_length(list.clone())?;
        Ok(lambda::mean(self.list_sum(list, &SqlType::Float)?, length))
    }

    fn list_first(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("try_element_at", [list, Expr::int(1)]))
    }

    fn list_last(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("try_element_at", [list, Expr::int(-1)]))
    }

    fn map_get(&self, map: Expr, key: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("try_element_at", [map, key]))
    }

    fn agg_list(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        parts::agg_list(value, order_by, filter)
    }

    fn agg_map(&self, key: Expr, value: Expr) -> Built {
        let entry = Expr::Struct(vec![(Ident::generated("key"), key), (Ident::generated("value"), value)]);
        Ok(Expr::call("map_from_entries", [Expr::aggregate("collect_list", [entry], vec![])]))
    }

    fn agg_sum(&self, value: Expr, ty: &SqlType, filter: Vec<Expr>) -> Built {
        let value = if *ty == SqlType::Int { value.cast(SqlType::Decimal { precision: 28, scale: 0 }) } else { value };
        Ok(Expr::aggregate("sum", [value], filter))
    }

    fn agg_first(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        parts::agg_first(value, order_by, filter)
    }
}
