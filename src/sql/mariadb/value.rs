//! Literals, and values in and out of JSON. Invariant: JSON's null is never a value: it is read as SQL's.

use std::fmt::Write as _;

use super::{list, time};
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
pub(super) fn collated(text: Expr) -> Expr {
    match text {
        Expr::Literal(_) | Expr::Collate { .. } => text,
        text => Expr::Collate { expr: Box::new(text), collation: "utf8mb4_nopad_bin" },
    }
}

/// Whether an expression is so short that it may be written several times.
pub(super) fn short(value: &Expr) -> bool {
    !print_expr::is_longer(value, 8)
}

/// A column, or what is at a path in it.
pub(super) fn stored(base: Expr, fields: &[Ident], ty: &SqlType) -> Built {
    if let Expr::Column { column: Ident::Physical(name), .. } = &base {
        let fits = name.chars().count() <= NAME_CHARACTERS && name.chars().all(|c| u32::from(c) <= 0xffff);
        // At its beginning an alias loses them, and at its end no column may have them.
        let is_bare = |c: char| c == ' ' || c.is_ascii_control();
        if !fits || name.starts_with(is_bare) || name.ends_with(is_bare) {
            let what = "a name of more than 64 characters, with one beyond U+FFFF, or with a blank or a control \
                        character at its end";
            return Err(Unsupported(what.to_owned()));
        }
    }
    if !fields.is_empty() {
        return member(base, fields, ty);
    }
    Ok(match base {
        column @ Expr::Column { .. } => {
            if *ty == SqlType::Text {
                collated(column)
            } else {
                column
            }
        }
        json => of_json(json, ty),
    })
}

/// What is at a path of names below a JSON value.
pub(super) fn member(base: Expr, fields: &[Ident], ty: &SqlType) -> Built {
    let path: String = fields.iter().map(|field| step(field.text())).collect();
    Ok(at(base, &format!("${path}"), ty))
}

/// A name in a path. One that begins with a minus is not found as it is.
fn step(name: &str) -> String {
    let mut step = String::from(".\"");
    for (number, c) in name.chars().enumerate() {
        match c {
            '"' | '\\' => step.extend(['\\', c]),
            c if c.is_ascii_control() || (number == 0 && c == '-') => {
                let _ = write!(step, "\\u{:04x}", u32::from(c));
            }
            c => step.push(c),
        }
    }
    step + "\""
}

/// The path to a name that is given as JSON.
pub(super) fn path_to(name: Expr) -> Expr {
    let escaped = Expr::call("REPLACE", [collated(name), Expr::text("\"-"), Expr::text("\"\\u002d")]);
    Expr::text("$.").binary(BinaryOp::Concat, escaped)
}

/// What is at a path below a JSON value.
pub(super) fn at(base: Expr, path: &str, ty: &SqlType) -> Expr {
    at_path(base, Expr::text(path), ty)
}

/// What is below a key that is computed.
pub(super) fn at_key(map: Expr, key: Expr, ty: &SqlType) -> Expr {
    at_path(map, path_to(Expr::call("JSON_QUOTE", [key])), ty)
}

fn at_path(base: Expr, path: Expr, ty: &SqlType) -> Expr {
    if is_nested(ty) {
        return without_null(Expr::call("JSON_EXTRACT", [base, path]));
    }
    of_text(Expr::call("JSON_VALUE", [base, path]), ty)
}

/// A JSON value as a value of a type.
pub(super) fn of_json(json: Expr, ty: &SqlType) -> Expr {
    if is_nested(ty) { without_null(json) } else { of_text(Expr::call("JSON_VALUE", [json, Expr::text("$")]), ty) }
}

/// The text of a scalar as a value of a type.
fn of_text(text: Expr, ty: &SqlType) -> Expr {
    match ty {
        SqlType::Text => collated(text),
        SqlType::Timestamp => timestamp(text),
        ty => text.cast(ty.clone()),
    }
}

/// An instant of a text: that of UTC as it is packed here, or with `Z` or an offset behind it.
fn timestamp(text: Expr) -> Expr {
    if !short(&text) {
        return list::once(text, |json| of_json(json, &SqlType::Timestamp));
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

fn without_null(json: Expr) -> Expr {
    json.null_if(Expr::text("null"))
}

fn is_nested(ty: &SqlType) -> bool {
    matches!(ty, SqlType::List(_) | SqlType::Map(_) | SqlType::Struct(_))
}

/// A value as one that a JSON function takes for what it is: JSON in a column is a text to them.
pub(super) fn packed(value: Expr, ty: &SqlType) -> Expr {
    if is_nested(ty) { Expr::call("JSON_EXTRACT", [value, Expr::text("$")]) } else { value }
}

/// A value as JSON.
pub(super) fn to_json(value: Expr) -> Expr {
    Expr::call("JSON_EXTRACT", [Expr::call("JSON_ARRAY", [value]), Expr::text("$[0]")])
}

/// What is the same text of the same values, however the JSON of a scalar is spelled. A truth value out of a column is a
/// number.
pub(super) fn key(json: Expr) -> Expr {
    let truth = |value: &str, number: &str| (json.clone().eq(Expr::text(value)), Expr::text(number));
    let branches = vec![truth("false", "0"), truth("true", "1")];
    let json = Expr::Case { branches, otherwise: Some(Box::new(json)) };
    collated(Expr::call("JSON_VALUE", [Expr::call("JSON_NORMALIZE", [json]), Expr::text("$")]))
}

/// The parts between separators: in JSON's text of the whole, the separator becomes the end of a part and the beginning of
/// the next. It has nothing in it that an escape of JSON has.
pub(super) fn split(text: Expr, separator: Expr) -> Built {
    let plain = |c: char| !c.is_ascii_alphanumeric() && !c.is_control() && !"\"\\/".contains(c);
    match &separator {
        Expr::Literal(Literal::Text(literal)) if literal.chars().all(plain) => {
            let quoted =
                Expr::call("REPLACE", [collated(Expr::call("JSON_QUOTE", [text])), separator, Expr::text("\",\"")]);
            Ok(Expr::call("CONCAT", [Expr::text("["), quoted, Expr::text("]")]))
        }
        _ => Err(Unsupported(
            "`split` by a separator that is not a literal, or has letters, digits or slashes".to_owned(),
        )),
    }
}
