//! Lambdas written `x -> …`, and what Spark and Trino say with them, whose functions have nearly the same names.
//! Invariant: null where a list is.

use super::tree::{BinaryOp, Expr, Ident, Literal, SqlType};

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

/// The elements of the lists of a list; one null list would make all of it null.
pub(super) fn flattened(list: Expr) -> Expr {
    let inner = Ident::generated("inner_list");
    let present = Expr::lambda(&inner, Expr::Var(inner.clone()).is_present());
    Expr::call("flatten", [Expr::call("filter", [list, present])])
}

/// A list in ascending order; structs by their fields.
pub(super) fn ascending(list: Expr, element: &SqlType) -> Expr {
    match element {
        SqlType::Struct(fields) => sorted(list, &fields.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()),
        _ => Expr::call("array_sort", [list]),
    }
}

/// The sum of a list by a function that folds it; `rest` are that function's last arguments.
pub(super) fn sum(fold: &'static str, list: Expr, element: &SqlType, rest: Vec<Expr>) -> Expr {
    let ty = match element {
        SqlType::Float => SqlType::Float,
        // One digit less than all, so that a sum of two keeps those after the point.
        SqlType::Decimal { scale, .. } => SqlType::Decimal { precision: 37, scale: *scale },
        _ => SqlType::Decimal { precision: 37, scale: 0 },
    };
    let (sum, item) = (Ident::generated("so_far"), Ident::generated("number"));
    let body = Expr::Var(sum.clone()).binary(BinaryOp::Add, Expr::Var(item.clone())).cast(ty.clone());
    let step = Expr::Lambda { params: vec![sum, item], body: Box::new(body) };
    let args = [list, Expr::int(0).cast(ty), step];
    Expr::call(fold, args.into_iter().chain(rest).collect::<Vec<_>>())
}

/// The mean of a list of doubles, by its sum and its length.
pub(super) fn mean(sum: Expr, length: Expr) -> Expr {
    sum.binary(BinaryOp::Div, length.cast(SqlType::Float).null_if(Expr::Literal(Literal::Float(0.0))))
}
