//! What is in the `jsonb` of a column. Invariant: what is told to be a number is cast to one, nothing else is.

use super::{pattern, value};
use crate::sql::dialect::{Built, Unsupported};
use crate::sql::stored_json::{self, DAY, NUMBER, Scalar, StoredJson, WHOLE};
use crate::sql::tree::{BinaryOp, Expr, Ident, SqlType};

pub(super) static JSON: StoredJson = StoredJson {
    is_json: None,
    kind,
    null: "null",
    array: "array",
    object: "object",
    values,
    instant: "instant like 2026-11-23T11:00:00Z",
    is_read_as,
};

fn kind(base: &Expr, fields: &[Ident]) -> Built {
    let json =
        fields.iter().fold(base.clone(), |json, field| json.binary(BinaryOp::Other("->"), Expr::text(field.text())));
    Ok(Expr::call("jsonb_typeof", [json]))
}

fn values(map: Expr) -> Expr {
    Expr::call("jsonb_path_query_array", [map, Expr::text("$.*")])
}

fn is_read_as(scalar: &Scalar<'_>, ty: &SqlType) -> Built {
    let stored = |ty: &SqlType| value::stored(scalar.base.clone(), scalar.fields, ty);
    let matches = |pattern: &str| pattern::matches(stored(&SqlType::Text)?, pattern);
    let fits = |ty: &SqlType| {
        let spelled = if let SqlType::Decimal { .. } = ty { Expr::bool(true) } else { matches(WHOLE)? };
        let fits = Expr::and([spelled, stored_json::fits(&stored(&SqlType::WideInt)?, ty)?]);
        Ok(Expr::or([matches(&stored_json::short(ty)?)?, fits]))
    };
    let (number, text) = (scalar.is_of(&["number"]), scalar.is_of(&["string"]));
    // A condition may be looked at before the one that stands before it, a branch may not.
    let either = |branches| Expr::Case { branches, otherwise: Some(Box::new(Expr::bool(false))) };
    match ty {
        SqlType::Bool => Ok(scalar.is_of(&["boolean"])),
        SqlType::Float => Ok(number),
        SqlType::Int32 | SqlType::Int | SqlType::WideInt => Ok(either(vec![(number, fits(ty)?)])),
        SqlType::Decimal { .. } => {
            let mut branches = vec![(number, fits(ty)?)];
            if scalar.is_member() {
                branches.push((Expr::and([text, matches(NUMBER)?]), fits(ty)?));
            }
            Ok(either(branches))
        }
        SqlType::Text => {
            let mut branches = vec![(text, Expr::bool(true))];
            if scalar.is_member() {
                branches.push((number, fits(&SqlType::Int)?));
            }
            Ok(either(branches))
        }
        SqlType::Date => Ok(Expr::and([text, matches(DAY)?])),
        SqlType::Timestamp => Ok(Expr::and([text, matches(&stored_json::time("(?:Z|[-+][0-9]{2}(?::?[0-9]{2})?)"))?])),
        SqlType::LocalTimestamp => {
            Ok(Expr::and([text, matches(&stored_json::time("(?:Z|[-+][0-9]{2}(?::?[0-9]{2})?)?"))?]))
        }
        SqlType::List(_) | SqlType::Map(_) | SqlType::Struct(_) => Err(Unsupported("no scalar".to_owned())),
    }
}
