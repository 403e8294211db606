//! What takes Spark more than a function: case letter by letter, ordered lists, rounding of doubles.
//! Invariant: as the methods of [`Dialect`] of the same names say.

use crate::sql::dialect::{Built, Case, Dialect};
use crate::sql::spark::SPARK;
use crate::sql::tree::{BinaryOp, Expr, Ident, Literal, Order, SqlType};
use crate::sql::{fold, lambda};

pub(super) fn fold(text: Expr, case: Case, exact: bool) -> Built {
    let translate = |text, from: &str, to: &str| Expr::call("translate", [text, Expr::text(from), Expr::text(to)]);
    Ok(match case {
        Case::Lower if !exact => Expr::call("lower", [text]),
        Case::Lower => Expr::call("lower", [translate(text, fold::LOWER_FROM, fold::LOWER_TO)]),
        Case::Upper if !exact => Expr::call("upper", [text]),
        Case::Upper => {
            let c = Ident::generated("letter");
            let (from, to) = fold::greek();
            let greek = translate(Expr::Var(c.clone()), &from, &to);
            let upper = Expr::call("upper", [Expr::Var(c.clone())]);
            let letters = Expr::call("regexp_extract_all", [text, Expr::text("(?s)(.)"), Expr::int(1)]);
            let folded = Expr::choose(fold::has_full_upper(&c), greek, upper);
            Expr::call("array_join", [Expr::call("transform", [letters, Expr::lambda(&c, folded)]), Expr::text("")])
        }
        Case::AsciiLower => translate(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"),
    })
}

pub(super) fn agg_list(value: Expr, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
    if order_by.is_empty() {
        return Ok(Expr::aggregate("collect_list", [value], filter));
    }
    let keys: Vec<Ident> = (1..=order_by.len()).map(|at| Ident::generated(&format!("key_{at}"))).collect();
    let held = Ident::generated("held");
    let mut fields: Vec<(Ident, Expr)> = keys.iter().cloned().zip(order_by.into_iter().map(|o| o.expr)).collect();
    fields.push((held.clone(), value));
    let rows = Expr::aggregate("collect_list", [Expr::Struct(fields)], filter);
    let row = Ident::generated("ordered");
    let taken = Expr::lambda(&row, Expr::Var(row.clone()).field(&held));
    Ok(Expr::call("transform", [lambda::sorted(rows, &keys), taken]))
}

pub(super) fn agg_first(value: Expr, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
    let descending = order_by.first().is_some_and(|order| order.descending);
    let mixed = order_by.iter().any(|order| order.descending != descending);
    let mut keys = Vec::new();
    for (at, order) in order_by.into_iter().enumerate() {
        // Of mixed orders the first key is an instant: turned round it goes with the others.
        let backwards = mixed && at == 0;
        keys.push(if backwards { Expr::Negative(Box::new(SPARK.micros(order.expr)?)) } else { order.expr });
    }
    let key = if keys.len() == 1 { keys.remove(0) } else { Expr::call("struct", keys) };
    Ok(Expr::aggregate(if descending && !mixed { "max_by" } else { "min_by" }, [value, key], filter))
}

/// `floor` and `ceil`: of a double a number of 64 bits, where it fits; larger ones have no fraction.
pub(super) fn whole(name: &'static str, number: Expr, ty: &SqlType) -> Built {
    if *ty != SqlType::Float {
        return Ok(Expr::call(name, [number]));
    }
    let small = Expr::call("abs", [number.clone()]).binary(BinaryOp::Lt, Expr::Literal(Literal::Float(9e15)));
    Ok(Expr::choose(small, Expr::call(name, [number.clone()]).cast(SqlType::Float), number))
}

/// Whether two lists have a common element. Of decimals that are written out each by itself: they have types of their own,
/// and functions of two lists want lists of one type.
pub(super) fn overlaps(a: Expr, b: Expr) -> Expr {
    match (a, b) {
        (list, Expr::List(items)) | (Expr::List(items), list) if has_decimals(&items) => {
            Expr::or(items.into_iter().map(|item| contains(&list, item)))
        }
        (a, b) => Expr::call("arrays_overlap", [a, b]),
    }
}

/// Whether `a` has every element of `b`.
pub(super) fn includes(a: Expr, b: Expr) -> Expr {
    match (a, b) {
        (list, Expr::List(items)) if has_decimals(&items) => {
            Expr::and(items.into_iter().map(|item| contains(&list, item)))
        }
        (Expr::List(list), b) if has_decimals(&list) => {
            let item = Ident::generated("element");
            let is_one = Expr::In { expr: Box::new(Expr::Var(item.clone())), list };
            Expr::call("forall", [b, Expr::lambda(&item, is_one)])
        }
        (a, b) => Expr::call("array_size", [Expr::call("array_except", [b, a])]).eq(Expr::int(0)),
    }
}

fn contains(list: &Expr, item: Expr) -> Expr {
    Expr::call("array_contains", [list.clone(), item])
}

fn has_decimals(items: &[Expr]) -> bool {
    items.iter().any(|item| matches!(item, Expr::Literal(Literal::Decimal { .. })))
}
