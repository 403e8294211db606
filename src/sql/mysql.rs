//! MySQL from 8.0.17 on, as one of [its family](super::mysql_family), by its documentation; no engine was at hand, so that
//! its queries are parsed only. JSON is a type of its own there. Its reader takes numbers of more than 15 digits for
//! others that are near, so that none is read from what has been through it. Invariant: as [`Dialect`](super::Dialect)
//! says.

mod fold;
mod pattern;

use super::dialect::{Built, Case, Unsupported, Wild};
use super::mysql_family::Product;
use super::mysql_family::value::{collated, is_nested};
use super::tree::{Expr, SqlType};
use super::type_names::{Decimal, Nested, TypeNames};

/// MySQL.
#[derive(Debug, Clone, Copy)]
pub struct MySql;

/// Digits of a number that JSON's reader keeps.
const JSON_DIGITS: u8 = 15;

impl Product for MySql {
    const NAME: &'static str = "mysql";
    const COLLATION: &'static str = "utf8mb4_0900_bin";
    const SCALE: u8 = 30;
    const LAST: &'static str = "$[last]";
    const ESCAPES_MINUS: bool = false;
    const TYPES: &'static TypeNames = &TypeNames {
        bool: "UNSIGNED",
        int32: "SIGNED",
        int: "SIGNED",
        wide_int: "DECIMAL(65, 0)",
        decimal: Decimal::Sized("DECIMAL"),
        float: "DOUBLE",
        text: "CHAR",
        date: "DATE",
        timestamp: "DATETIME(6)",
        local_timestamp: "DATETIME(6)",
        nullable: ["", ""],
        nested: Nested::Untyped("JSON"),
    };
    const PRELUDE: &'static [&'static str] = &[
        "SET NAMES utf8mb4 COLLATE utf8mb4_0900_bin",
        "SET time_zone = '+00:00'",
        "SET group_concat_max_len = 1073741824",
    ];

    fn session_checks() -> Vec<(&'static str, Expr)> {
        vec![]
    }

    fn create_table_as(name: &str) -> String {
        format!("DROP TABLE IF EXISTS {name};\nCREATE TABLE {name} AS")
    }

    fn can_read(ty: &SqlType) -> Result<(), Unsupported> {
        match ty {
            SqlType::Float => Err(Unsupported("a number that is not exact, in a list or a map,".to_owned())),
            SqlType::Decimal { precision: 0..=JSON_DIGITS, .. } => Ok(()),
            SqlType::Decimal { .. } | SqlType::WideInt => {
                Err(Unsupported("a number of more than 15 digits, in a list or a map,".to_owned()))
            }
            SqlType::Bool
            | SqlType::Int32
            | SqlType::Int
            | SqlType::Text
            | SqlType::Date
            | SqlType::Timestamp
            | SqlType::LocalTimestamp
            | SqlType::List(_)
            | SqlType::Map(_)
            | SqlType::Struct(_) => Ok(()),
        }
    }

    fn can_compare(element: &SqlType) -> Result<(), Unsupported> {
        match element {
            SqlType::Decimal { .. } => Err(Unsupported("a search in a list of decimals".to_owned())),
            other => Self::can_read(other),
        }
    }

    fn scalar(json: Expr) -> Expr {
        Expr::call("JSON_UNQUOTE", [Self::without_null(json)])
    }

    fn scalar_at(json: Expr, path: Expr) -> Expr {
        Self::scalar(Expr::call("JSON_EXTRACT", [json, path]))
    }

    fn without_null(json: Expr) -> Expr {
        json.null_if(constant("null"))
    }

    fn truth(text: Expr) -> Expr {
        // Out of a column it is a number.
        Expr::In { expr: Box::new(text), list: vec![Expr::text("true"), Expr::text("1")] }
    }

    fn packed(value: Expr, ty: &SqlType) -> Expr {
        // As a text, which may go through the reader.
        if !is_nested(ty) && Self::can_read(ty).is_err() { value.cast(SqlType::Text) } else { value }
    }

    fn json(text: Expr) -> Expr {
        text.cast(SqlType::object())
    }

    fn json_text(json: Expr) -> Expr {
        collated::<Self>(json.cast(SqlType::Text))
    }

    fn list_of(list: Expr) -> Expr {
        Expr::List(vec![list])
    }

    fn map_key(key: Expr) -> Expr {
        // Keys of JSON are compared by its own collation.
        if let Expr::Collate { expr, .. } = key { *expr } else { key }
    }

    fn same(a: Expr, b: Expr) -> Expr {
        // The number of another spelling is equal as JSON; the date that was a text, as that.
        Expr::or([a.clone().eq(b.clone()), key(a).eq(key(b))])
    }

    fn once(value: Expr, _: &SqlType, body: impl FnOnce(Expr) -> Expr) -> Expr {
        Expr::with([value], |[value]| body(value))
    }

    fn odd_letters(case: Case) -> Vec<char> {
        fold::odd_letters(case)
    }

    fn date(local: Expr) -> Expr {
        // A conversion may round to the next day.
        Expr::call("DATE", [local])
    }

    fn like(text: Expr, wild: &[Wild]) -> Built {
        Ok(pattern::like(collated::<Self>(text), wild))
    }

    fn matches(text: Expr, pattern: &str) -> Built {
        pattern::matches(collated::<Self>(text), pattern)
    }

    fn group(text: Expr, pattern: &str, group: u32) -> Built {
        pattern::group(collated::<Self>(text), pattern, group)
    }

    fn url_host(url: Expr) -> Built {
        Ok(pattern::url_host(collated::<Self>(url)))
    }
}

/// JSON that is written out.
fn constant(json: &str) -> Expr {
    Expr::text(json).cast(SqlType::object())
}

/// The text of a scalar. A truth value out of a column is a number.
fn key(json: Expr) -> Expr {
    let truth = |value: &str, number: &str| (json.clone().eq(constant(value)), constant(number));
    let branches = vec![truth("false", "0"), truth("true", "1")];
    let json = Expr::Case { branches, otherwise: Some(Box::new(json)) };
    collated::<MySql>(Expr::call("JSON_UNQUOTE", [json]))
}
