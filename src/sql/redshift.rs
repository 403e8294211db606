//! Redshift, by its documentation; no engine was at hand, so that its queries are parsed only. Texts are compared there as
//! if they had no trailing blanks, windows are of rows only, and of what its nested type `SUPER` does with numbers, or in
//! subqueries, little is told: that is refused. Invariant: as [`Dialect`] says.

mod literal;
mod text;
mod time;

use super::dialect::{Abilities, Built, Case, Dialect, Limits, Part, Running, Unsupported, Wild};
use super::tree::{BinaryOp, Expr, Ident, Literal, Order, SqlType};
use super::type_names::{Decimal, Nested, TypeNames};
use super::{calendar, lambda, quote, text as texts, within};
use crate::types::CalendarUnit;
use crate::vector::time::Zone;

/// Redshift.
#[derive(Debug, Clone, Copy)]
pub struct Redshift;

/// Bytes of a name.
const NAME_BYTES: usize = 127;

/// Digits of a number in an object that it has whether it is read as an exact one or not.
const JSON_DIGITS: u8 = 15;

static TYPES: TypeNames = TypeNames {
    bool: "BOOLEAN",
    int32: "INTEGER",
    int: "BIGINT",
    wide_int: "NUMERIC(38, 0)",
    decimal: Decimal::Sized("NUMERIC"),
    float: "DOUBLE PRECISION",
    // Without a length it would be cut at 256 bytes.
    text: "VARCHAR(65535)",
    date: "DATE",
    timestamp: "TIMESTAMPTZ",
    local_timestamp: "TIMESTAMP",
    nullable: ["", ""],
    nested: Nested::Untyped("SUPER"),
};

impl Dialect for Redshift {
    fn name(&self) -> &'static str {
        "redshift"
    }

    fn limits(&self) -> Limits {
        Limits {
            text_bytes: 1 << 20,
            in_list: 10_000,
            digits: 38,
            narrow_digits: 38,
            quotient_digits: 38,
            product_scale: 0,
        }
    }

    fn abilities(&self) -> Abilities {
        Abilities { peer_frames: false, filter_clause: false, is_true: false, ..Abilities::STANDARD }
    }

    fn prelude(&self) -> Vec<&'static str> {
        vec!["SET timezone TO 'UTC'", "SET enable_case_sensitive_identifier TO TRUE"]
    }

    fn session_checks(&self) -> Vec<(&'static str, Expr)> {
        // Without it `"A"` is `a`, and what is not found in an object is null.
        let setting = "enable_case_sensitive_identifier";
        let on = ["on", "true"].map(Expr::text).to_vec();
        let minds_case = Expr::In { expr: Box::new(Expr::call("current_setting", [Expr::text(setting)])), list: on };
        vec![(setting, minds_case)]
    }

    fn can_hold(&self, ty: &SqlType) -> Result<(), Unsupported> {
        match ty {
            SqlType::List(_) => Err(no_list()),
            SqlType::Map(_) => Err(Unsupported("a map".to_owned())),
            SqlType::Struct(_) => Err(Unsupported("an object as a value".to_owned())),
            SqlType::Bool
            | SqlType::Int32
            | SqlType::Int
            | SqlType::WideInt
            | SqlType::Decimal { .. }
            | SqlType::Float
            | SqlType::Text
            | SqlType::Date
            | SqlType::Timestamp
            | SqlType::LocalTimestamp => Ok(()),
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

    fn lambda(&self, params: &[String], body: &str) -> String {
        lambda::arrow(params, body)
    }

    fn struct_literal(&self, fields: &[(String, String)]) -> String {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}, {value}")).collect();
        format!("OBJECT({})", fields.join(", "))
    }

    fn list_literal(&self, items: &[String]) -> String {
        format!("ARRAY({})", items.join(", "))
    }

    fn unnest(&self, list: &str, alias: &str, column: &str, _: Option<&str>) -> String {
        format!("{list} AS {alias}({column})")
    }

    fn stored(&self, base: Expr, fields: &[Ident], ty: &SqlType) -> Built {
        self.can_hold(ty)?;
        if let Expr::Column { column: Ident::Physical(name), .. } = &base
            && name.len() > NAME_BYTES
        {
            return Err(Unsupported(format!("a name of more than {NAME_BYTES} bytes")));
        }
        let value = if fields.is_empty() { base } else { in_object(base, fields, ty)? };
        Ok(if *ty == SqlType::Text { text::minding_case(value) } else { value })
    }

    fn by_code_point(&self, text: Expr) -> Built {
        Ok(text::ended(text))
    }

    fn can_frame_peers(&self) -> Result<(), Unsupported> {
        Err(rows_only())
    }

    fn counted_text(&self, text: Expr) -> Expr {
        text::ended(text)
    }

    fn compared_texts(&self, left: Expr, op: BinaryOp, right: Expr) -> Expr {
        text::compared(left, op, right)
    }

    fn is_one_of(&self, text: Expr, list: Vec<Expr>) -> Expr {
        text::is_one_of(text, list)
    }

    fn can_gather_texts(&self) -> Result<(), Unsupported> {
        Err(Unsupported("texts that are grouped, or the smallest of texts, where blanks at the end count,".to_owned()))
    }

    fn fold(&self, text: Expr, case: Case, exact: bool) -> Built {
        text::fold(text, case, exact)
    }

    fn odd_letters(&self, case: Case) -> Vec<char> {
        text::odd_letters(case)
    }

    fn trim(&self, text: Expr) -> Built {
        Ok(Expr::call("btrim", [text, Expr::text(" ")]))
    }

    fn text_length(&self, text: Expr) -> Built {
        Ok(text::length(text))
    }

    fn substring(&self, text: Expr, start: Expr, length: Option<Expr>) -> Built {
        Ok(text::substring(text, start, length))
    }

    fn replace(&self, text: Expr, from: Expr, to: Expr) -> Built {
        Ok(texts::replaced(text, from, to))
    }

    fn split(&self, _: Expr, _: Expr) -> Built {
        Err(no_list())
    }

    fn contains(&self, text: Expr, part: Expr) -> Built {
        let found = Expr::call("strpos", [text.clone(), part.clone()]).binary(BinaryOp::Gt, Expr::int(0));
        Ok(texts::contains(text, &part, found))
    }

    fn starts_with(&self, text: Expr, part: Expr) -> Built {
        let first = Expr::call("strpos", [text.clone(), part.clone()]).eq(Expr::int(1));
        Ok(texts::contains(text, &part, first))
    }

    fn ends_with(&self, text: Expr, part: Expr) -> Built {
        Ok(text::ends_with(text, part))
    }

    fn like(&self, text: Expr, pattern: &[Wild]) -> Built {
        text::like(self, text, pattern)
    }

    fn matches(&self, _: Expr, _: &str) -> Built {
        Err(Unsupported("a regular expression".to_owned()))
    }

    fn capture(&self, _: Expr, _: &str, _: u32) -> Built {
        Err(Unsupported("a regular expression".to_owned()))
    }

    fn is_finite(&self, float: Expr) -> Built {
        // Whether NaN is above all or not comparable comes to the same.
        Ok(Expr::call("abs", [float]).binary(BinaryOp::Le, Expr::Literal(Literal::Float(f64::MAX))))
    }

    fn float_arithmetic(&self, _: BinaryOp, _: Expr, _: Expr) -> Built {
        Err(Unsupported("arithmetic of numbers that are not exact, whose overflow is not documented,".to_owned()))
    }

    fn round(&self, _: Expr, _: u8) -> Built {
        Err(Unsupported("a number that is rounded, of which it is not documented where halves go,".to_owned()))
    }

    fn decimal_to_float(&self, decimal: Expr, _: u8) -> Built {
        Ok(decimal.cast(SqlType::Text).cast(SqlType::Float))
    }

    fn guarded(&self, _: Expr, _: &SqlType) -> Built {
        Err(Unsupported("arithmetic of decimals".to_owned()))
    }

    fn narrowed(&self, number: Expr, from: &SqlType, to: &SqlType) -> Built {
        match (from, to) {
            (SqlType::Float, _) => Err(Unsupported("a number that is not exact as one that is".to_owned())),
            (SqlType::Decimal { scale: 1.., .. }, _) | (_, SqlType::Decimal { .. }) => {
                Err(Unsupported("a number that is rounded, or of another scale,".to_owned()))
            }
            _ => within::fitting(number, to),
        }
    }

    fn int_div(&self, left: Expr, right: Expr) -> Built {
        if left.is_wide() || right.is_wide() {
            return Err(Unsupported("a quotient of numbers of more than 19 digits".to_owned()));
        }
        Ok(left.binary(BinaryOp::IntDiv("/"), right))
    }

    fn micros(&self, instant: Expr) -> Built {
        Ok(time::micros(instant))
    }

    fn instant(&self, micros: Expr) -> Built {
        Ok(time::instant(micros))
    }

    fn local(&self, instant: Expr, zone: &Zone) -> Built {
        Ok(time::in_zone(instant, zone.name()))
    }

    fn part(&self, part: Part, value: Expr) -> Built {
        Ok(time::part(part, value))
    }

    fn start_of(&self, unit: CalendarUnit, date: Expr, week_start: u8) -> Built {
        calendar::start_of(self, unit, date, week_start, |unit, date| {
            Expr::call("date_trunc", [Expr::text(unit), date.cast(SqlType::LocalTimestamp)]).cast(SqlType::Date)
        })
    }

    fn start_of_day(&self, date: Expr, zone: &Zone) -> Built {
        Ok(time::start_of_day(date, zone))
    }

    fn add_days(&self, date: Expr, days: Expr) -> Built {
        let days = match days {
            Expr::Literal(_) => days,
            days => self.narrowed(days, &SqlType::Int, &SqlType::Int32)?,
        };
        Ok(time::later("DAY", days, date).cast(SqlType::Date))
    }

    fn add_months(&self, date: Expr, months: i32) -> Built {
        Ok(time::later("MONTH", Expr::int(i64::from(months)), date).cast(SqlType::Date))
    }

    fn days_between(&self, from: Expr, to: Expr) -> Built {
        Ok(Expr::call("datediff", [Expr::words("DAY"), from, to]))
    }

    fn list_length(&self, _: Expr) -> Built {
        Err(no_list())
    }

    fn list_exists(&self, _: Expr, _: Vec<Ident>, _: Expr) -> Built {
        Err(no_list())
    }

    fn list_flatten(&self, _: Expr) -> Built {
        Err(no_list())
    }

    fn list_sort(&self, _: Expr, _: &SqlType) -> Built {
        Err(no_list())
    }

    fn list_contains(&self, _: Expr, _: Expr, _: &SqlType) -> Built {
        Err(no_list())
    }

    fn list_position(&self, _: Expr, _: Expr, _: &SqlType) -> Built {
        Err(no_list())
    }

    fn list_includes(&self, _: Expr, _: Expr) -> Built {
        Err(no_list())
    }

    fn list_sum(&self, _: Expr, _: &SqlType) -> Built {
        Err(no_list())
    }

    fn list_mean(&self, _: Expr) -> Built {
        Err(no_list())
    }

    fn list_first(&self, _: Expr, _: &SqlType) -> Built {
        Err(no_list())
    }

    fn list_last(&self, _: Expr, _: &SqlType) -> Built {
        Err(no_list())
    }

    fn map_get(&self, _: Expr, _: Expr, _: &SqlType) -> Built {
        Err(Unsupported("a map".to_owned()))
    }

    fn by_time(&self, _: Running, _: Expr, _: Expr, _: Expr, _: i64) -> Built {
        Err(rows_only())
    }

    fn agg_list(&self, _: Expr, _: &SqlType, _: Vec<Order>, _: Vec<Expr>) -> Built {
        Err(no_list())
    }

    fn agg_map(&self, _: Expr, _: Expr) -> Built {
        Err(Unsupported("a map".to_owned()))
    }

    fn agg_first(&self, _: Expr, _: &SqlType, _: Vec<Order>, _: Vec<Expr>) -> Built {
        Err(Unsupported("the first or last of several values".to_owned()))
    }
}

/// What is at a path in a column of the type `SUPER`, null where there is nothing.
fn in_object(column: Expr, fields: &[Ident], ty: &SqlType) -> Built {
    match ty {
        SqlType::Bool
        | SqlType::Int32
        | SqlType::Int
        | SqlType::Text
        | SqlType::Date
        | SqlType::Decimal { precision: 0..=JSON_DIGITS, .. } => {
            Ok(fields.iter().fold(column, Expr::field).cast(ty.clone()))
        }
        SqlType::WideInt
        | SqlType::Decimal { .. }
        | SqlType::Float
        | SqlType::Timestamp
        | SqlType::LocalTimestamp
        | SqlType::List(_)
        | SqlType::Map(_)
        | SqlType::Struct(_) => {
            Err(Unsupported("a time, or a number that is not exact or of more than 15 digits, in an object".to_owned()))
        }
    }
}

fn rows_only() -> Unsupported {
    Unsupported("a sequence, for which windows of other than rows are needed,".to_owned())
}

fn no_list() -> Unsupported {
    Unsupported("a list".to_owned())
}
