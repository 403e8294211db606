//! Literals, and values in and out of `jsonb`. Invariant: JSON's null is never a value: it is read as SQL's.

use crate::sql::dialect::{Built, Unsupported};
use crate::sql::literal;
use crate::sql::quote::{self, Piece};
use crate::sql::tree::{BinaryOp, Expr, Ident, Literal, SqlType};

/// Bytes of a name; the engine cuts longer ones off.
const NAME_BYTES: usize = 63;

/// A constant.
pub(super) fn literal(value: &Literal) -> String {
    match value {
        Literal::Bool(true) => "TRUE".to_owned(),
        Literal::Bool(false) => "FALSE".to_owned(),
        Literal::Int(i64::MIN) => "CAST('-9223372036854775808' AS BIGINT)".to_owned(),
        Literal::Int(value) => value.to_string(),
        Literal::Decimal { unscaled, scale, .. } => literal::digits(*unscaled, *scale),
        Literal::Float(value) => format!("CAST('{}' AS DOUBLE PRECISION)", float_text(*value)),
        Literal::Text(text) => text_literal(text),
        Literal::Date(days) => match literal::date(*days) {
            Some(text) => format!("DATE '{text}'"),
            None => format!("(DATE '1970-01-01' + {days})"),
        },
        Literal::Timestamp(micros) => match literal::timestamp(*micros) {
            Some(text) => format!("TIMESTAMPTZ '{text}+00'"),
            None => format!("(TIMESTAMPTZ '1970-01-01 00:00:00+00' + {micros} * INTERVAL '1 microsecond')"),
        },
        Literal::LocalTimestamp(micros) => match literal::timestamp(*micros) {
            Some(text) => format!("TIMESTAMP '{text}'"),
            None => format!("(TIMESTAMP '1970-01-01 00:00:00' + {micros} * INTERVAL '1 microsecond')"),
        },
    }
}

fn float_text(value: f64) -> String {
    let plain = value == 0.0 || (1e-5..1e15).contains(&value.abs());
    // Adding zero makes -0 the 0 that the language prints.
    if plain { format!("{}", value + 0.0) } else { format!("{value:e}") }
}

/// Disguised characters are escaped, so that a literal is what it looks like.
fn text_literal(text: &str) -> String {
    if quote::is_plain(text) {
        return quote::single_quoted(text);
    }
    let mut out = String::from("U&'");
    for piece in quote::pieces(text) {
        match piece {
            Piece::Plain(text) => out.push_str(&text.replace('\\', "\\\\").replace('\'', "''")),
            Piece::Character(c) => match u32::from(c) {
                code @ ..=0xffff => out.push_str(&format!("\\{code:04x}")),
                code => out.push_str(&format!("\\+{code:06x}")),
            },
        }
    }
    out.push('\'');
    out
}

/// A text that is compared by code points.
pub(super) fn by_code_point(text: Expr) -> Expr {
    Expr::Collate { expr: Box::new(text), collation: "\"C\"" }
}

/// A column, or what is at a path in it.
pub(super) fn stored(base: Expr, fields: &[Ident], ty: &SqlType) -> Built {
    if let Expr::Column { column: Ident::Physical(name), .. } = &base
        && name.len() > NAME_BYTES
    {
        return Err(Unsupported(format!("a name of more than {NAME_BYTES} bytes")));
    }
    let Some((last, path)) = fields.split_last() else {
        return Ok(if matches!(base, Expr::Column { .. }) { base } else { of_json(base, ty) });
    };
    let object = path.iter().fold(base, |base, field| base.binary(BinaryOp::Other("->"), Expr::text(field.text())));
    Ok(member(object, Expr::text(last.text()), ty))
}

/// A member of an object, or an element of a list by its position from 0 on.
pub(super) fn member(base: Expr, key: Expr, ty: &SqlType) -> Expr {
    if is_nested(ty) {
        return without_null(base.binary(BinaryOp::Other("->"), key));
    }
    of_text(base.binary(BinaryOp::Other("->>"), key), ty)
}

/// A JSON value as a value of a type.
pub(super) fn of_json(json: Expr, ty: &SqlType) -> Expr {
    if is_nested(ty) {
        return without_null(json);
    }
    of_text(json.binary(BinaryOp::Other("#>>"), Expr::text("{}")), ty)
}

fn of_text(text: Expr, ty: &SqlType) -> Expr {
    match ty {
        SqlType::Text => text,
        // All the digits that are there.
        SqlType::Decimal { .. } => text.cast(SqlType::WideInt),
        ty => text.cast(ty.clone()),
    }
}

fn without_null(json: Expr) -> Expr {
    json.null_if(Expr::text("null").cast(SqlType::object()))
}

pub(super) fn is_nested(ty: &SqlType) -> bool {
    matches!(ty, SqlType::List(_) | SqlType::Map(_) | SqlType::Struct(_))
}

/// A number as another type; null where it does not fit.
pub(super) fn narrowed(number: Expr, to: &SqlType) -> Built {
    let within = |low: Expr, high: Expr, to: SqlType| {
        Expr::with([number.clone()], |[number]| {
            let above = number.clone().binary(BinaryOp::Ge, low);
            let below = number.clone().binary(BinaryOp::Le, high);
            number.cast(to).when(Expr::and([above, below]))
        })
    };
    match to {
        SqlType::Int => Ok(within(Expr::int(i64::MIN), Expr::int(i64::MAX), SqlType::Int)),
        // Days: dates beyond are not the language's.
        SqlType::Int32 => Ok(within(Expr::int(-4_000_000), Expr::int(4_000_000), SqlType::Int32)),
        SqlType::Decimal { precision, scale } => {
            let limit = 10i128.checked_pow(u32::from(precision - scale)).unwrap_or(i128::MAX);
            let limit = Expr::Literal(Literal::Decimal { unscaled: limit, precision: 39, scale: 0 });
            let rounded = Expr::call("round", [number, Expr::int(i64::from(*scale))]);
            Ok(Expr::with([rounded], |[number]| {
                let small = Expr::call("abs", [number.clone()]).binary(BinaryOp::Lt, limit);
                number.when(small)
            }))
        }
        _ => Err(Unsupported("a number of this type".to_owned())),
    }
}
