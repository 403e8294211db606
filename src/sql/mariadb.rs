//! MariaDB from 10.9 on, as one of [its family](super::mysql_family): JSON is text to it. Invariant: as
//! [`Dialect`](super::Dialect) says; each spelling here has been run on the engine.

mod fold;

pub(super) use fold::odd_letters;

use super::dialect::{Built, Case, Unsupported, Wild};
use super::mysql_family::value::{collated, is_nested, of_json};
use super::mysql_family::{Product, list};
use super::quote;
use super::tree::{BinaryOp, Expr, SqlType};
use super::type_names::{Decimal, Nested, TypeNames};

/// MariaDB.
#[derive(Debug, Clone, Copy)]
pub struct MariaDb;

impl Product for MariaDb {
    const NAME: &'static str = "mariadb";
    const COLLATION: &'static str = "utf8mb4_nopad_bin";
    const SCALE: u8 = 38;
    const LAST: &'static str = "$[-1]";
    const ESCAPES_MINUS: bool = true;
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
        nested: Nested::Untyped("CHAR"),
    };
    const PRELUDE: &'static [&'static str] = &[
        "SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin",
        "SET time_zone = '+00:00'",
        "SET group_concat_max_len = 1073741824",
    ];

    fn session_checks() -> Vec<(&'static str, Expr)> {
        let null = Expr::call("CONCAT", [Expr::text("a"), Expr::Null(SqlType::Text)]).is_null();
        vec![("sql_mode", null)]
    }

    fn create_table_as(name: &str) -> String {
        format!("CREATE OR REPLACE TABLE {name} AS")
    }

    fn can_read(_: &SqlType) -> Result<(), Unsupported> {
        Ok(())
    }

    fn can_compare(_: &SqlType) -> Result<(), Unsupported> {
        Ok(())
    }

    fn scalar(json: Expr) -> Expr {
        Self::scalar_at(json, Expr::text("$"))
    }

    fn scalar_at(json: Expr, path: Expr) -> Expr {
        Expr::call("JSON_VALUE", [json, path])
    }

    fn without_null(json: Expr) -> Expr {
        json.null_if(Expr::text("null"))
    }

    fn truth(text: Expr) -> Expr {
        text.cast(SqlType::Bool)
    }

    fn packed(value: Expr, ty: &SqlType) -> Expr {
        match ty {
            // JSON in a column is a text to the functions, what a function of theirs makes is none.
            _ if matches!(value, Expr::Call { name: "JSON_OBJECT", .. }) => value,
            ty if is_nested(ty) => Expr::call("JSON_EXTRACT", [value, Expr::text("$")]),
            // Of an instant the text has as many digits as its column, or its literal.
            SqlType::Timestamp | SqlType::LocalTimestamp => value.cast(ty.clone()),
            _ => value,
        }
    }

    fn json(text: Expr) -> Expr {
        text
    }

    fn json_text(json: Expr) -> Expr {
        json
    }

    fn list_of(list: Expr) -> Expr {
        list::in_brackets::<Self>(list)
    }

    fn map_key(key: Expr) -> Expr {
        key
    }

    fn same(a: Expr, b: Expr) -> Expr {
        key(a).eq(key(b))
    }

    fn once(value: Expr, ty: &SqlType, body: impl FnOnce(Expr) -> Expr) -> Expr {
        list::once(value, |json| body(of_json::<Self>(json, ty)))
    }

    fn odd_letters(case: Case) -> Vec<char> {
        fold::odd_letters(case)
    }

    fn date(local: Expr) -> Expr {
        local.cast(SqlType::Date)
    }

    fn like(text: Expr, pattern: &[Wild]) -> Built {
        Self::matches(text, &quote::wild_regex(pattern))
    }

    fn matches(text: Expr, pattern: &str) -> Built {
        let pattern = Expr::text(quote::raw_regex(pattern));
        Ok(collated::<Self>(text).binary(BinaryOp::Other("REGEXP"), pattern))
    }

    fn group(text: Expr, pattern: &str, group: u32) -> Built {
        // The first match and all around it, replaced by what the group holds.
        let all = format!("(?s)\\A.*?(?:{}).*\\z", quote::raw_regex(pattern));
        let args = [collated::<Self>(text), Expr::text(all), Expr::text(format!("\\{group}"))];
        Ok(Expr::call("REGEXP_REPLACE", args))
    }

    fn url_host(url: Expr) -> Built {
        let pattern = r"\A(?s:.*?)//(?:[^/?#]*@)?([^/?#@:]*)";
        Ok(Self::group(url.clone(), pattern, 1)?.when(Self::matches(url, pattern)?))
    }
}

/// What is the same text of the same values, however the JSON of a scalar is spelled. A truth value out of a column is a
/// number.
fn key(json: Expr) -> Expr {
    let truth = |value: &str, number: &str| (json.clone().eq(Expr::text(value)), Expr::text(number));
    let branches = vec![truth("false", "0"), truth("true", "1")];
    let json = Expr::Case { branches, otherwise: Some(Box::new(json)) };
    collated::<MariaDb>(MariaDb::scalar(Expr::call("JSON_NORMALIZE", [json])))
}
