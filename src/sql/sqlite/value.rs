//! Literals, and values in and out of JSON. Invariant: JSON's null is never a value: it is read as SQL's.

use crate::sql::dialect::{Built, Unsupported};
use crate::sql::literal;
use crate::sql::quote::{self, Piece};
use crate::sql::tree::{BinaryOp, Expr, Ident, Literal, SqlType};

/// A constant.
pub(super) fn literal(value: &Literal) -> String {
    match value {
        Literal::Bool(true) => "TRUE".to_owned(),
        Literal::Bool(false) => "FALSE".to_owned(),
        Literal::Int(i64::MIN) => "(-9223372036854775807 - 1)".to_owned(),
        Literal::Int(value) => value.to_string(),
        Literal::Decimal { unscaled, scale, .. } => literal::digits(*unscaled, *scale),
        Literal::Float(value) => format!("{:e}", value + 0.0),
        Literal::Text(text) => text_literal(text),
        Literal::Date(days) => match literal::date(*days) {
            Some(text) => format!("'{text}'"),
            None => "NULL".to_owned(),
        },
        Literal::Timestamp(micros) => micros.to_string(),
        Literal::LocalTimestamp(micros) => {
            super::time::civil_text(*micros).map_or("NULL".to_owned(), |text| format!("'{text}'"))
        }
    }
}

/// Disguised characters are written as their numbers, so that a literal is what it looks like.
fn text_literal(text: &str) -> String {
    if quote::is_plain(text) {
        return quote::single_quoted(text);
    }
    let pieces = quote::pieces(text);
    // A concatenation may not be nested deep: long texts are built of as few parts as JSON allows.
    let mut out = String::from("json_extract('\"");
    for piece in pieces {
        match piece {
            Piece::Plain(text) => out.push_str(&text.replace('\\', "\\\\").replace('"', "\\\"").replace('\'', "''")),
            Piece::Character(c) => {
                let mut units = [0; 2];
                c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
            }
        }
    }
    out.push_str("\"', '$')");
    out
}

/// The type of a stored value; more than that where it is a text that is not written as dates and civil times are here,
/// and would be compared with them all the same.
pub(super) fn told_type(value: &Expr, read_as: &SqlType) -> Expr {
    let plain = Expr::call("typeof", [value.clone()]);
    let from = |at: i64| Expr::call("substr", [value.clone(), Expr::int(at)]);
    let cut = |at: i64, length: i64| Expr::call("substr", [value.clone(), Expr::int(at), Expr::int(length)]);
    // Once days are counted a day that a month lacks becomes another one; what is no date at all is null.
    let stays = |name, text: Expr| Expr::call(name, [text.clone(), Expr::text("+0 days")]).eq(text);
    let (is_written_so, told) = match read_as {
        SqlType::Date => (stays("date", value.clone()), "text that is no date like 2026-11-23"),
        SqlType::LocalTimestamp => {
            // Without the fraction, which is rounded to milliseconds.
            let seconds = Expr::call("replace", [cut(1, 19), Expr::text("T"), Expr::text(" ")]);
            let digits = from(21).binary(BinaryOp::Other("GLOB"), Expr::text("*[^0-9]*")).negate();
            let fraction = Expr::and([cut(20, 1).eq(Expr::text(".")), digits]);
            let fraction = Expr::or([from(20).eq(Expr::text("")), fraction]);
            let written = Expr::and([stays("datetime", seconds), fraction]);
            (written, "text that is no time like 2026-11-23 11:00:00.25")
        }
        SqlType::Decimal { precision, scale } => {
            let fits = fits(value, *precision, *scale);
            // What is no text and not null, and no such decimal.
            let other = Expr::and([is_one_of(&plain, &["integer", "real"]), fits.is_not_true()]);
            return Expr::choose(other, Expr::text("numbers of more digits than the schema has, or than 15"), plain);
        }
        _ => return plain,
    };
    let other = Expr::and([plain.clone().eq(Expr::text("text")), is_written_so.is_not_true()]);
    Expr::choose(other, Expr::text(told), plain)
}

/// Whether a number is a decimal of some digits.
pub(super) fn fits(number: &Expr, precision: u8, scale: u8) -> Expr {
    let units = in_units(number.clone(), scale);
    let end = Expr::Literal(Literal::Float(10f64.powi(i32::from(precision.min(15)))));
    let unit = Expr::Literal(Literal::Float(10f64.powi(i32::from(scale))));
    let short = Expr::call("abs", [units.clone()]).binary(BinaryOp::Lt, end);
    Expr::and([short, units.binary(BinaryOp::Div, unit).eq(number.clone())])
}

fn is_one_of(text: &Expr, all: &[&str]) -> Expr {
    Expr::In { expr: Box::new(text.clone()), list: all.iter().map(|one| Expr::text(*one)).collect() }
}

/// A column, or what is at a path in it.
pub(super) fn stored(base: Expr, fields: &[Ident], ty: &SqlType) -> Built {
    let Some((last, path)) = fields.split_last() else {
        let value = match base {
            Expr::Column { .. } => base,
            base => of_json(super::list::element(base), ty),
        };
        return counted(value, ty);
    };
    let base = super::list::element(base);
    let object = path.iter().fold(base, |base, field| match path_text(field.text()) {
        Some(path) => base.binary(BinaryOp::Other("->"), path),
        None => super::list::value_of(base, Expr::text(field.text()), &SqlType::object()),
    });
    counted(member(object, last.text(), ty), ty)
}

/// What is stored as a value of a type: a decimal as an integer of its smallest unit. A double holds fifteen digits for
/// certain, and times a power of ten it is next to the integer that they are; [`told_type`] tells of values with more.
pub(super) fn counted(stored: Expr, ty: &SqlType) -> Built {
    match ty {
        SqlType::Decimal { precision: 19.., .. } => {
            Err(Unsupported("a stored decimal of more than 18 digits".to_owned()))
        }
        SqlType::Decimal { scale, .. } => Ok(in_units(stored, *scale)),
        // Its elements would have to be read one by one.
        SqlType::List(inner) if matches!(**inner, SqlType::List(_)) && holds_decimals(inner) => {
            Err(Unsupported("decimals in lists of lists".to_owned()))
        }
        _ => Ok(stored),
    }
}

fn holds_decimals(ty: &SqlType) -> bool {
    match ty {
        SqlType::Decimal { .. } => true,
        SqlType::List(inner) => holds_decimals(inner),
        _ => false,
    }
}

fn in_units(stored: Expr, scale: u8) -> Expr {
    let unit = 10i64.checked_pow(u32::from(scale)).unwrap_or(i64::MAX);
    let units = if unit == 1 { stored } else { stored.binary(BinaryOp::Mul, Expr::int(unit)) };
    Expr::call("round", [units]).cast(SqlType::Int)
}

/// A member in a path; none for a name that JSON may write in other ways, or that a path cannot hold.
pub(super) fn step(name: &str) -> Option<String> {
    let plain = name.chars().all(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '/'));
    plain.then(|| format!(".\"{name}\""))
}

/// A JSON path to a member.
fn path_text(name: &str) -> Option<Expr> {
    step(name).map(|step| Expr::text(format!("${step}")))
}

/// A member of an object.
pub(super) fn member(base: Expr, name: &str, ty: &SqlType) -> Expr {
    match path_text(name) {
        Some(path) => of_json(base.binary(BinaryOp::Other("->>"), path), ty),
        None => super::list::value_of(base, Expr::text(name), ty),
    }
}

/// A value that JSON held, as one of a type. The engine gives a number, a text, 0 or 1, or the text of what is nested.
pub(super) fn of_json(value: Expr, ty: &SqlType) -> Expr {
    match ty {
        // A number without a point is an integer.
        SqlType::Float => value.cast(SqlType::Float),
        _ => value,
    }
}

/// A value as an argument of a function that makes JSON of it.
pub(super) fn to_json(value: Expr, ty: &SqlType) -> Expr {
    match ty {
        SqlType::List(_) | SqlType::Map(_) | SqlType::Struct(_) => Expr::call("json", [value]),
        SqlType::Float => {
            let finite =
                Expr::call("abs", [value.clone()]).binary(BinaryOp::Le, Expr::Literal(Literal::Float(f64::MAX)));
            exact_number(value).when(finite)
        }
        _ => value,
    }
}

/// A double as JSON; the engine's own has 15 digits.
pub(super) fn exact_number(value: Expr) -> Expr {
    Expr::call("json", [Expr::call("printf", [Expr::text("%!.17g"), value])])
}

/// A double without its fraction; moved by one where what is cut off is on the wrong side.
pub(super) fn rounded(number: Expr, wrong: Option<BinaryOp>) -> Expr {
    Expr::with([number], |[number]| {
        let whole = number.clone().cast(SqlType::Int);
        let moved = match wrong {
            None => whole,
            Some(op) => {
                let by = if op == BinaryOp::Lt { BinaryOp::Sub } else { BinaryOp::Add };
                let off = number.clone().binary(op, whole.clone());
                whole.clone().binary(by, Expr::choose(off, Expr::int(1), Expr::int(0)))
            }
        };
        // From here on a double has no fraction.
        let small =
            Expr::call("abs", [number.clone()]).binary(BinaryOp::Lt, Expr::Literal(Literal::Float(2f64.powi(52))));
        Expr::choose(small, moved.cast(SqlType::Float), number)
    })
}

/// Aggregate: the sum. Integers are summed in halves, since the engine raises an error for a sum that does not fit; put
/// together, what does not fit becomes a double. Counted decimals of few digits are summed a thousandfold or eightfold,
/// so that the error comes early.
pub(super) fn sum(value: Expr, ty: &SqlType, filter: &[Expr]) -> Expr {
    let total = |value: Expr| Expr::aggregate("sum", [value], filter.to_vec());
    let times = match ty {
        SqlType::Decimal { precision: 0..=15, .. } => Some(1024),
        SqlType::Decimal { precision: 16..=18, .. } => Some(8),
        _ => None,
    };
    if let Some(times) = times.map(Expr::int) {
        return total(value.binary(BinaryOp::Mul, times.clone())).binary(BinaryOp::IntDiv("/"), times);
    }
    if !matches!(ty, SqlType::Int | SqlType::Decimal { .. }) {
        return total(value);
    }
    let low = total(value.clone().binary(BinaryOp::Other("&"), Expr::int(0xffff_ffff)));
    let high = total(value.binary(BinaryOp::Other(">>"), Expr::int(32)));
    let carried = high.binary(BinaryOp::Add, low.clone().binary(BinaryOp::Other(">>"), Expr::int(32)));
    let rest = low.binary(BinaryOp::Other("&"), Expr::int(0xffff_ffff));
    carried.binary(BinaryOp::Mul, Expr::int(1 << 32)).binary(BinaryOp::Add, rest)
}
