//! Lambdas written `x -> …`, and what is said with them. Invariant: a parameter is named once in a query's text.

use super::tree::{BinaryOp, Expr, Ident};

/// `x -> body`, `(x, y) -> body`
pub(super) fn arrow(params: &[String], body: &str) -> String {
    let space = if body.starts_with('\n') { "" } else { " " };
    match params {
        [one] => format!("{one} ->{space}{body}"),
        all => format!("({}) ->{space}{body}", all.join(", ")),
    }
}

/// A list of structs in the order of some of their fields.
pub(super) fn sorted(list: Expr, keys: &[Ident]) -> Expr {
    let (left, right) = (Ident::generated("left_row"), Ident::generated("right_row"));
    let mut branches = Vec::new();
    for key in keys {
        let of = |row: &Ident| Expr::Var(row.clone()).field(key);
        branches.push((of(&left).binary(BinaryOp::Lt, of(&right)), Expr::int(-1)));
        branches.push((of(&left).binary(BinaryOp::Gt, of(&right)), Expr::int(1)));
    }
    let compared = Expr::Case { branches, otherwise: Some(Box::new(Expr::int(0))) };
    Expr::call("array_sort", [list, Expr::Lambda { params: vec![left, right], body: Box::new(compared) }])
}
