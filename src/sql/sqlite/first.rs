//! The value of the first or the last of some rows: the smallest, or the largest, of texts that begin with the keys and
//! end in the value as JSON. Invariant: such texts are in the order of the keys.

use crate::sql::dialect::{Built, Unsupported};
use crate::sql::tree::{BinaryOp, Expr, Order, SqlType};

/// Above all instants; added to one, or less one, it has no sign.
const ABOVE: i64 = 1 << 62;

/// A number without a sign in so many digits.
fn padded(number: Expr) -> Expr {
    Expr::call("printf", [Expr::text("%020d"), number])
}

/// A text, or an integer, in characters that are ordered as it is; what follows it begins with a blank, which is before
/// all of them.
fn ordered(key: Expr) -> Expr {
    let half = |shifted: Expr| padded(shifted);
    let high = key.clone().binary(BinaryOp::Other(">>"), Expr::int(32)).binary(BinaryOp::Add, Expr::int(1 << 31));
    let low = key.clone().binary(BinaryOp::Other("&"), Expr::int(0xffff_ffff));
    let is_text = Expr::call("typeof", [key.clone()]).eq(Expr::text("text"));
    Expr::choose(is_text, Expr::call("hex", [key]), half(high).binary(BinaryOp::Concat, half(low)))
}

/// A value as JSON that holds all its digits.
fn json(value: Expr) -> Expr {
    let is_float = Expr::call("typeof", [value.clone()]).eq(Expr::text("real"));
    let digits = Expr::call("printf", [Expr::text("%!.17g"), value.clone()]);
    Expr::choose(is_float, digits, Expr::call("json_quote", [value]))
}

pub(super) fn agg_first(value: Expr, ty: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
    let mut keys = order_by.into_iter();
    let Some(time) = keys.next() else { return Err(Unsupported("the first of events in no order".to_owned())) };
    let rest: Vec<Order> = keys.collect();
    let mixed = rest.iter().any(|order| order.descending != time.descending);
    if mixed && !time.descending {
        return Err(Unsupported("an order of mixed directions".to_owned()));
    }
    if *ty == SqlType::Float && rest.iter().any(|order| order.expr == value) {
        let what = "the smallest of simultaneous values that are not exact numbers";
        return Err(Unsupported(what.to_owned()));
    }
    let shift = if mixed { BinaryOp::Sub } else { BinaryOp::Add };
    let mut text = padded(Expr::int(ABOVE).binary(shift, time.expr));
    for order in rest {
        text = text.binary(BinaryOp::Concat, ordered(order.expr));
    }
    text = text.binary(BinaryOp::Concat, Expr::text(" ")).binary(BinaryOp::Concat, json(value));
    let name = if time.descending && !mixed { "max" } else { "min" };
    let chosen = Expr::aggregate(name, [text], filter);
    let from = Expr::call("instr", [chosen.clone(), Expr::text(" ")]).binary(BinaryOp::Add, Expr::int(1));
    let found = Expr::text("[").binary(BinaryOp::Concat, Expr::call("substr", [chosen, from]));
    let list = found.binary(BinaryOp::Concat, Expr::text("]"));
    Ok(Expr::call("json_extract", [list, Expr::text("$[0]")]))
}
