//! Values in and out of `ARRAY` and `OBJECT`, which hold values that tell their own types. Invariant: JSON's null is never
//! a value: it is read as SQL's.

use crate::sql::Dialect;
use crate::sql::dialect::{Built, Unsupported};
use crate::sql::snowflake::Snowflake;
use crate::sql::tree::{BinaryOp, Expr, Ident, Literal, Order, SqlType};

/// A column, or what is at a path in it.
pub(super) fn stored(base: Expr, fields: &[Ident], ty: &SqlType) -> Expr {
    let Some((last, path)) = fields.split_last() else {
        return if matches!(base, Expr::Column { .. }) { base } else { of_variant(base, ty) };
    };
    let object = path.iter().fold(base, |base, field| Expr::call("get", [base, Expr::text(field.text())]));
    member(object, Expr::text(last.text()), ty)
}

/// A member of an object, or an element of a list by its position from 0 on.
pub(super) fn member(base: Expr, key: Expr, ty: &SqlType) -> Expr {
    of_variant(Expr::call("get", [base, key]), ty)
}

/// What is stored as a value of a type.
pub(super) fn of_variant(variant: Expr, ty: &SqlType) -> Expr {
    let value = Expr::call("strip_null_value", [variant]);
    match ty {
        // Objects stay as they are: it is their members that are read.
        SqlType::Struct(_) => value,
        // All the digits that are there.
        SqlType::Decimal { scale, .. } => value.cast(SqlType::Decimal { precision: 38, scale: *scale }),
        ty => value.cast(ty.clone()),
    }
}

/// A lambda; of functions in functions the documentation does not tell whether the inner may name the outer's parameter.
pub(super) fn lambda(params: Vec<Ident>, body: Expr) -> Built {
    if params.len() > 1 {
        return Err(Unsupported("the places of a list's elements".to_owned()));
    }
    let mut nested = false;
    let body = body.rewritten(&mut |expr| {
        nested |= matches!(expr, Expr::Lambda { .. } | Expr::Query(_) | Expr::Exists(_));
        expr
    });
    if nested {
        return Err(Unsupported("a collection in a collection".to_owned()));
    }
    Ok(Expr::Lambda { params, body: Box::new(body) })
}

pub(super) fn contains(list: Expr, element: Expr) -> Built {
    if matches!(element, Expr::Literal(Literal::Text(_) | Literal::Int(_) | Literal::Bool(_))) {
        return Ok(Expr::call("array_contains", [Expr::call("to_variant", [element]), list]));
    }
    Err(Unsupported("a search for what is not a text, a whole number or a boolean that is written out".to_owned()))
}

/// Of dates and instants JSON has the text, which is no date to the functions that compare elements; whether they tell
/// numbers of several scales apart is not documented.
pub(super) fn can_compare(element: &SqlType) -> Result<(), Unsupported> {
    match element {
        SqlType::Text | SqlType::Bool | SqlType::Int32 | SqlType::Int => Ok(()),
        _ => Err(Unsupported("a search in lists of other than texts, whole numbers and booleans".to_owned())),
    }
}

pub(super) fn sum(list: Expr, element: &SqlType) -> Built {
    let ty = match element {
        SqlType::Float => return Err(Unsupported("the sum of a list of numbers that are not exact".to_owned())),
        SqlType::Decimal { scale, .. } => SqlType::Decimal { precision: 38, scale: *scale },
        _ => SqlType::WideInt,
    };
    let (sum, item) = (Ident::generated("so_far"), Ident::generated("number"));
    let number = of_variant(Expr::Var(item.clone()), &ty);
    let body = Expr::Var(sum.clone()).cast(ty.clone()).binary(BinaryOp::Add, number).cast(ty.clone());
    let step = Expr::Lambda { params: vec![sum, item], body: Box::new(body) };
    let some = Snowflake.list_length(list.clone())?.binary(BinaryOp::Gt, Expr::int(0));
    Ok(Expr::call("reduce", [list, Expr::int(0).cast(ty), step]).when(some))
}

pub(super) fn extreme(name: &'static str, list: Expr, element: &SqlType) -> Built {
    match element {
        SqlType::Int | SqlType::Int32 | SqlType::WideInt | SqlType::Decimal { .. } | SqlType::Float => {
            Ok(of_variant(Expr::call(name, [list]), element))
        }
        _ => Err(Unsupported("the smallest or largest of a list of what are no numbers".to_owned())),
    }
}

/// The entries of a map, of its keys.
pub(super) fn entries(map: Expr) -> Expr {
    let key = Ident::generated("map_key");
    let value = Expr::call("get", [map.clone(), Expr::Var(key.clone()).cast(SqlType::Text)]);
    let fields = [Expr::text("key"), Expr::Var(key.clone()), Expr::text("value"), value];
    let entry = Expr::lambda(&key, Expr::call("object_construct", fields));
    Expr::call("transform", [Expr::call("object_keys", [map]), entry])
}

/// Aggregate: the value whose keys come first: an instant and perhaps a text behind it, as one text that is ordered alike.
pub(super) fn first(value: Expr, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
    let (instant, text) = match <[Order; 2]>::try_from(order_by) {
        Ok([instant, text]) => (instant, Some(text)),
        Err(one) => match one.into_iter().next() {
            Some(instant) => (instant, None),
            None => return Err(Unsupported("the first in no order".to_owned())),
        },
    };
    let Some(text) = text else {
        let name = if instant.descending { "max_by" } else { "min_by" };
        return Ok(Expr::aggregate(name, [value, instant.expr], filter));
    };
    if text.expr == value {
        return Err(Unsupported("the first of events that have no ids".to_owned()));
    }
    let micros = Snowflake.micros(instant.expr)?;
    let backwards = instant.descending != text.descending;
    let micros = if backwards { Expr::Negative(Box::new(micros)) } else { micros };
    // Larger than every instant, so that all have as many digits.
    let digits = Expr::int(4_000_000_000_000_000_000).binary(BinaryOp::Add, micros).cast(SqlType::Text);
    let key = digits.binary(BinaryOp::Concat, text.expr);
    Ok(Expr::aggregate(if text.descending { "max_by" } else { "min_by" }, [value, key], filter))
}
