//! How a database that keeps lists, maps and objects as JSON tells what is in it: a table of concepts for each dialect, of
//! which the [canary](crate::emit::canary) builds its question. Invariant: of what a dialect says that it is read as a
//! value of a type, its queries read the value that a file of the same JSON has.

use super::dialect::{Built, Unsupported};
use super::tree::{BinaryOp, Expr, Ident, Literal, SqlType};
use crate::types::MAX_DIGITS;

/// JSON in columns. What stands in it is given by a column or an element of a list, and a path of fields below that.
#[derive(Debug, Clone, Copy)]
pub struct StoredJson {
    /// Whether what a column holds is JSON, where its type does not tell.
    pub is_json: Option<fn(Expr) -> Expr>,
    /// The kind of what is at a place, null where nothing is.
    pub kind: fn(&Expr, &[Ident]) -> Built,
    /// The kind of JSON's null.
    pub null: &'static str,
    /// The kind of lists.
    pub array: &'static str,
    /// The kind of maps and objects.
    pub object: &'static str,
    /// The values of a map, as a list.
    pub values: fn(Expr) -> Expr,
    /// What an instant is, as people are told.
    pub instant: &'static str,
    /// Whether a scalar of a kind, which is not null's, is read as a value of a type.
    pub is_read_as: fn(&Scalar<'_>, &SqlType) -> Built,
}

/// A scalar within JSON.
#[derive(Debug)]
pub struct Scalar<'a> {
    /// Its kind.
    pub kind: Expr,
    /// What it is in.
    pub base: &'a Expr,
    /// The path to it there.
    pub fields: &'a [Ident],
}

impl Scalar<'_> {
    /// Whether it is of one of some kinds.
    pub(super) fn is_of(&self, kinds: &[&str]) -> Expr {
        let list = kinds.iter().map(|kind| Expr::text(*kind)).collect();
        Expr::In { expr: Box::new(self.kind.clone()), list }
    }

    /// Whether it is a member of an object, so that no query compares it as JSON.
    pub(super) fn is_member(&self) -> bool {
        !self.fields.is_empty()
    }
}

/// A whole number, as text.
pub(super) const WHOLE: &str = "^-?[0-9]+$";
/// A number, as text.
pub(super) const NUMBER: &str = r"^-?[0-9]+(?:\.[0-9]+)?$";
/// The digits of an integer that fits into 64 bits, whatever they are.
const SAFE: u8 = 18;
/// A day.
pub(super) const DAY: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

/// A day and a time of it, and what may stand behind them.
pub(super) fn time(zone: &str) -> String {
    let day = DAY.trim_end_matches('$');
    format!(r"{day}[T ][0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]+)?)?{zone}$")
}

/// The pattern of most numbers of an exact type, as text, none of which is of no such type.
pub(super) fn short(ty: &SqlType) -> Result<String, Unsupported> {
    match ty {
        SqlType::Decimal { precision, scale } if scale < precision => {
            let behind = if *scale == 0 { String::new() } else { format!(r"(?:\.[0-9]{{1,{scale}}})?") };
            Ok(format!("^-?[0-9]{{1,{}}}{behind}$", precision - scale))
        }
        SqlType::Decimal { .. } => Ok("^0$".to_owned()),
        SqlType::Int32 | SqlType::Int | SqlType::WideInt => Ok(format!("^-?[0-9]{{1,{SAFE}}}$")),
        _ => Err(Unsupported("a number that is not exact".to_owned())),
    }
}

/// Whether a number, with all the digits that it has, is one of an exact type.
pub(super) fn fits(number: &Expr, ty: &SqlType) -> Built {
    let than = |op, bound: Literal| number.clone().binary(op, Expr::Literal(bound));
    match ty {
        SqlType::Decimal { precision, scale } => {
            let before = precision - scale;
            let end = |unscaled| Literal::Decimal { unscaled, precision: MAX_DIGITS, scale: 0 };
            let bound = 10i128.checked_pow(u32::from(before)).unwrap_or(i128::MAX);
            let rounded = Expr::call("round", [number.clone(), Expr::int(i64::from(*scale))]);
            Ok(Expr::and([than(BinaryOp::Lt, end(bound)), than(BinaryOp::Gt, end(-bound)), rounded.eq(number.clone())]))
        }
        SqlType::Int32 | SqlType::Int | SqlType::WideInt => {
            Ok(Expr::and([than(BinaryOp::Le, Literal::Int(i64::MAX)), than(BinaryOp::Ge, Literal::Int(i64::MIN))]))
        }
        _ => Err(Unsupported("a number that is not exact".to_owned())),
    }
}
