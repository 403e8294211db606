//! What is in the JSON of a column. Invariant: a text becomes a number without an error, so that no order of conditions
//! matters.

use super::{Product, value};
use crate::sql::dialect::{Built, Unsupported};
use crate::sql::stored_json::{self, DAY, NUMBER, Scalar, StoredJson, WHOLE};
use crate::sql::tree::{Expr, Ident, SqlType};

/// More digits after the point than a number may have; the rest of it is not looked at.
const MORE_DIGITS: u8 = 18;
/// Digits of a number.
const DIGITS: u8 = 65;

pub(super) const fn stored_json<P: Product>() -> StoredJson {
    StoredJson {
        is_json: Some(|column| Expr::call("JSON_VALID", [column])),
        kind: kind::<P>,
        null: "NULL",
        array: "ARRAY",
        object: "OBJECT",
        values: |map| Expr::call("JSON_EXTRACT", [map, Expr::text("$.*")]),
        instant: "instant like 2026-11-23T11:00:00Z",
        is_read_as: is_read_as::<P>,
    }
}

fn kind<P: Product>(base: &Expr, fields: &[Ident]) -> Built {
    let json = match fields {
        [] => base.clone(),
        _ => value::json_at::<P>(base.clone(), fields),
    };
    Ok(Expr::call("JSON_TYPE", [json]))
}

fn is_read_as<P: Product>(scalar: &Scalar<'_>, ty: &SqlType) -> Built {
    let text = || value::stored::<P>(scalar.base.clone(), scalar.fields, &SqlType::Text);
    let matches = |pattern: &str| P::matches(text()?, pattern);
    let fits = |ty: &SqlType| {
        let scale = match ty {
            SqlType::Decimal { scale, .. } => (scale + MORE_DIGITS).min(P::SCALE),
            _ => 0,
        };
        // `1e1` may be an integer to it, too.
        let spelled = if let SqlType::Decimal { .. } = ty { Expr::bool(true) } else { matches(WHOLE)? };
        let number = text()?.cast(SqlType::Decimal { precision: DIGITS, scale });
        let fits = Expr::and([spelled, stored_json::fits(&number, ty)?]);
        Ok(Expr::or([matches(&stored_json::short(ty)?)?, fits]))
    };
    let whole = |ty: &SqlType| Ok(Expr::and([scalar.is_of(&["INTEGER"]), fits(ty)?]));
    let numbers = ["INTEGER", "UNSIGNED INTEGER", "DOUBLE", "DECIMAL"];
    match ty {
        SqlType::Bool => Ok(scalar.is_of(&["BOOLEAN"])),
        SqlType::Float => Ok(scalar.is_of(&numbers)),
        SqlType::Int32 | SqlType::Int | SqlType::WideInt => whole(ty),
        SqlType::Decimal { .. } => {
            let number = scalar.is_of(&numbers);
            let spelled = Expr::and([scalar.is_of(&["STRING"]), matches(NUMBER)?]);
            let number = if scalar.is_member() { Expr::or([number, spelled]) } else { number };
            Ok(Expr::and([number, fits(ty)?]))
        }
        SqlType::Text => {
            let text = scalar.is_of(&["STRING"]);
            Ok(if scalar.is_member() { Expr::or([text, whole(&SqlType::Int)?]) } else { text })
        }
        SqlType::Date => Ok(Expr::and([scalar.is_of(&["STRING", "DATE"]), matches(DAY)?])),
        SqlType::Timestamp | SqlType::LocalTimestamp => {
            let pattern = stored_json::time("(?:Z|[-+][0-9]{2}:[0-9]{2})?");
            Ok(Expr::and([scalar.is_of(&["STRING", "DATETIME"]), matches(&pattern)?]))
        }
        SqlType::List(_) | SqlType::Map(_) | SqlType::Struct(_) => Err(Unsupported("no scalar".to_owned())),
    }
}
