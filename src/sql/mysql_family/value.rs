//! Literals, and values in and out of JSON. Invariant: JSON's null is never a value: it is read as SQL's.

use std::fmt::Write as _;

use super::{Product, time};
use crate::sql::dialect::{Built, Unsupported};
use crate::sql::tree::{BinaryOp, Expr, Ident, Literal, SqlType};
use crate::sql::{print_expr, quote};

/// Characters of a name, which are of the Basic Multilingual Plane.
const NAME_CHARACTERS: usize = 64;

/// A text; by its bytes where a backslash or a disguised character is in it, since whether a backslash escapes is a matter
/// of the session.
pub(super) fn text_literal(text: &str) -> String {
    if quote::is_plain(text) && !text.contains('\\') {
        return quote::single_quoted(text);
    }
    let mut out = String::from("_utf8mb4 X'");
    text.bytes().for_each(|byte| out.push_str(&format!("{byte:02X}")));
    out + "'"
}

/// A text that is compared by code points, trailing blanks included.
pub(in crate::sql) fn collated<P: Product>(text: Expr) -> Expr {
    match text {
        Expr::Literal(_) | Expr::Collate { .. } => text,
        text => Expr::Collate { expr: Box::new(text), collation: P::COLLATION },
    }
}

/// Whether an expression is so short that it may be written several times.
pub(in crate::sql) fn short(value: &Expr) -> bool {
    !print_expr::is_longer(value, 8)
}

/// A column, or what is at a path in it.
pub(super) fn stored<P: Product>(base: Expr, fields: &[Ident], ty: &SqlType) -> Built {
    match &base {
        Expr::Column { column, .. } => can_be_called(column)?,
        _ => P::can_read(ty)?,
    }
    if !fields.is_empty() {
        return Ok(member::<P>(base, fields, ty));
    }
    Ok(match base {
        column @ Expr::Column { .. } => {
            if *ty == SqlType::Text {
                collated::<P>(column)
            } else {
                column
            }
        }
        json => of_json::<P>(json, ty),
    })
}

/// Whether an expression is of what tables hold alone, and of nothing that was put together for the query.
pub(super) fn is_of_table(expr: &Expr) -> bool {
    let mut made = false;
    expr.walk(&mut |part| {
        made |= match part {
            Expr::Column { column, .. } => matches!(column, Ident::Generated(_)),
            Expr::Var(_) | Expr::Query(_) | Expr::Exists(_) | Expr::Aggregate { .. } => true,
            _ => false,
        };
    });
    !made
}

/// Whether a column can have this name.
fn can_be_called(column: &Ident) -> Result<(), Unsupported> {
    if let Ident::Physical(name) = column {
        let fits = name.chars().count() <= NAME_CHARACTERS && name.chars().all(|c| u32::from(c) <= 0xffff);
        // At its beginning an alias loses them, and at its end no column may have them.
        let is_bare = |c: char| c == ' ' || c.is_ascii_control();
        if !fits || name.starts_with(is_bare) || name.ends_with(is_bare) {
            let what = "a name of more than 64 characters, with one beyond U+FFFF, or with a blank or a control \
                        character at its end";
            return Err(Unsupported(what.to_owned()));
        }
    }
    Ok(())
}

/// What is at a path of names below a JSON value.
pub(super) fn member<P: Product>(base: Expr, fields: &[Ident], ty: &SqlType) -> Expr {
    at::<P>(base, &path_of::<P>(fields), ty)
}

/// The JSON that is at a path of names below a JSON value, its null as well.
pub(super) fn json_at<P: Product>(base: Expr, fields: &[Ident]) -> Expr {
    Expr::call("JSON_EXTRACT", [base, Expr::text(path_of::<P>(fields))])
}

/// A path of names.
fn path_of<P: Product>(fields: &[Ident]) -> String {
    let steps = fields.iter().map(|field| step::<P>(field.text()));
    std::iter::once("$".to_owned()).chain(steps).collect()
}

/// A name in a path.
fn step<P: Product>(name: &str) -> String {
    let mut step = String::from(".\"");
    for (number, c) in name.chars().enumerate() {
        match c {
            '"' | '\\' => step.extend(['\\', c]),
            c if c.is_ascii_control() || (number == 0 && c == '-' && P::ESCAPES_MINUS) => {
                let _ = write!(step, "\\u{:04x}", u32::from(c));
            }
            c => step.push(c),
        }
    }
    step + "\""
}

/// The path to a name that is given as JSON.
pub(super) fn path_to<P: Product>(name: Expr) -> Expr {
    let name = collated::<P>(name);
    let escaped = match P::ESCAPES_MINUS {
        true => Expr::call("REPLACE", [name, Expr::text("\"-"), Expr::text("\"\\u002d")]),
        false => name,
    };
    Expr::text("$.").binary(BinaryOp::Concat, escaped)
}

/// What is at a path below a JSON value.
pub(super) fn at<P: Product>(base: Expr, path: &str, ty: &SqlType) -> Expr {
    at_path::<P>(base, Expr::text(path), ty)
}

/// What is below a key that is computed.
pub(super) fn at_key<P: Product>(map: Expr, key: Expr, ty: &SqlType) -> Expr {
    at_path::<P>(map, path_to::<P>(Expr::call("JSON_QUOTE", [key])), ty)
}

fn at_path<P: Product>(base: Expr, path: Expr, ty: &SqlType) -> Expr {
    if is_nested(ty) {
        return P::without_null(Expr::call("JSON_EXTRACT", [base, path]));
    }
    of_text::<P>(P::scalar_at(base, path), ty)
}

/// A JSON value as a value of a type.
pub(in crate::sql) fn of_json<P: Product>(json: Expr, ty: &SqlType) -> Expr {
    if is_nested(ty) { P::without_null(json) } else { of_text::<P>(P::scalar(json), ty) }
}

/// The text of a scalar as a value of a type.
pub(in crate::sql) fn of_text<P: Product>(text: Expr, ty: &SqlType) -> Expr {
    match ty {
        SqlType::Text => collated::<P>(text),
        SqlType::Timestamp => timestamp::<P>(text),
        SqlType::Bool => P::truth(text),
        ty => text.cast(ty.clone()),
    }
}

/// An instant of a text: that of UTC as it is packed here, or with `Z` or an offset behind it.
fn timestamp<P: Product>(text: Expr) -> Expr {
    if !short(&text) {
        return P::once(text, &SqlType::Text, timestamp::<P>);
    }
    let local = SqlType::LocalTimestamp;
    let ends = |length| Expr::call("RIGHT", [text.clone(), Expr::int(length)]);
    let without = |length| {
        let rest = Expr::call("CHAR_LENGTH", [text.clone()]).binary(BinaryOp::Sub, Expr::int(length));
        Expr::call("LEFT", [text.clone(), rest]).cast(local.clone())
    };
    let utc = ends(1).eq(Expr::text("Z"));
    let has_offset = ends(6).binary(BinaryOp::Other("REGEXP"), Expr::text("^[-+][0-9]{2}:[0-9]{2}$"));
    let seconds = Expr::call("TIME_TO_SEC", [ends(5)]);
    let ahead = Expr::call("LEFT", [ends(6), Expr::int(1)]).eq(Expr::text("+"));
    let by = Expr::choose(ahead, Expr::Negative(Box::new(seconds.clone())), seconds);
    Expr::Case {
        branches: vec![(utc, without(1)), (has_offset, time::later("SECOND", by, without(6)))],
        otherwise: Some(Box::new(text.clone().cast(local.clone()))),
    }
}

pub(in crate::sql) fn is_nested(ty: &SqlType) -> bool {
    matches!(ty, SqlType::List(_) | SqlType::Map(_) | SqlType::Struct(_))
}

/// A value of a type as JSON.
pub(in crate::sql) fn to_json<P: Product>(value: Expr, ty: &SqlType) -> Expr {
    Expr::call("JSON_EXTRACT", [Expr::call("JSON_ARRAY", [P::packed(value, ty)]), Expr::text("$[0]")])
}

/// The parts between separators: in JSON's text of the whole, the separator becomes the end of a part and the beginning of
/// the next. It has nothing in it that an escape of JSON has.
pub(super) fn split<P: Product>(text: Expr, separator: Expr) -> Built {
    let plain = |c: char| !c.is_ascii_alphanumeric() && !c.is_control() && !"\"\\/".contains(c);
    match &separator {
        Expr::Literal(Literal::Text(literal)) if literal.chars().all(plain) => {
            let quoted = Expr::call(
                "REPLACE",
                [collated::<P>(Expr::call("JSON_QUOTE", [text])), separator, Expr::text("\",\"")],
            );
            Ok(P::json(Expr::call("CONCAT", [Expr::text("["), quoted, Expr::text("]")])))
        }
        _ => Err(Unsupported(
            "`split` by a separator that is not a literal, or has letters, digits or slashes".to_owned(),
        )),
    }
}
