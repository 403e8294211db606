//! What is in the JSON of a column. Invariant: `json_each` tells the kind of an element beside its value, which is not JSON
//! any more.

use super::{list, value};
use crate::sql::dialect::{Built, Unsupported};
use crate::sql::stored_json::{Scalar, StoredJson};
use crate::sql::tree::{Expr, Ident, SqlType};

pub(super) static JSON: StoredJson = StoredJson {
    is_json: Some(is_json),
    kind,
    null: "null",
    array: "array",
    object: "object",
    // The table of elements is one of the values of a map, too.
    values: |map| map,
    instant: "integer of microseconds, as instants are here",
    is_read_as,
};

fn is_json(column: Expr) -> Expr {
    Expr::call("json_valid", [column]).eq(Expr::int(1))
}

fn kind(base: &Expr, fields: &[Ident]) -> Built {
    if let (Expr::Var(element), []) = (base, fields) {
        return Ok(list::kind_of_element(element));
    }
    let mut path = String::from("$");
    for field in fields {
        let step = value::step(field.text());
        path += &step.ok_or_else(|| Unsupported("a name that a path cannot hold".to_owned()))?;
    }
    let args = [list::element(base.clone())].into_iter().chain((!fields.is_empty()).then(|| Expr::text(path)));
    Ok(Expr::call("json_type", args.collect::<Vec<_>>()))
}

fn is_read_as(scalar: &Scalar<'_>, ty: &SqlType) -> Built {
    let value = || value::stored(scalar.base.clone(), scalar.fields, &SqlType::Text);
    // What [`value::told_type`] tells is the plain type where it is one of them.
    let told = |kinds: &[&str], types: &[&str]| {
        let list = types.iter().map(|ty| Expr::text(*ty)).collect();
        let told = Expr::In { expr: Box::new(value::told_type(&value()?, ty)), list };
        Ok(Expr::and([scalar.is_of(kinds), told]))
    };
    match ty {
        SqlType::Bool => Ok(scalar.is_of(&["true", "false"])),
        // An integer that does not fit is a double here.
        SqlType::Int32 | SqlType::Int | SqlType::WideInt | SqlType::Timestamp => told(&["integer"], &["integer"]),
        SqlType::Float => Ok(scalar.is_of(&["integer", "real"])),
        SqlType::Decimal { precision, scale } => {
            let fits = value::fits(&value()?, *precision, *scale);
            Ok(Expr::and([scalar.is_of(&["integer", "real"]), fits]))
        }
        SqlType::Text => Ok(scalar.is_of(&["text"])),
        SqlType::Date | SqlType::LocalTimestamp => told(&["text"], &["text"]),
        SqlType::List(_) | SqlType::Map(_) | SqlType::Struct(_) => Err(Unsupported("no scalar".to_owned())),
    }
}
