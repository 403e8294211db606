//! Civil times that stand for instants: columns that show the clocks of a zone and tell no offset. A comparison with a
//! constant is one of the raw column with the civil times that the constant is there, so that partitions out of it are
//! not read; elsewhere the instant is built of what the dialect has. Invariant: both agree with [`Zone::instant`], by
//! which such values of files are read.

use super::dialect::{Dialect, Unsupported};
use super::tree::{BinaryOp, Cte, Expr, Literal, Query, Select, SqlType};
use crate::vector::time::Zone;

/// A query without [`Expr::Instant`].
pub fn built(query: Query, dialect: &dyn Dialect) -> Result<Query, Unsupported> {
    let mut refused = None;
    let mut build = |expr| match expr {
        Expr::Instant { local, zone } => dialect.of_local(*local, &zone).unwrap_or_else(|unsupported| {
            refused = Some(unsupported);
            Expr::Null(SqlType::Timestamp)
        }),
        other => other,
    };
    let mut raw = |expr| over_raw(expr, dialect);
    let mut select = |select: Select| select.rewritten(&mut raw).rewritten(&mut build);
    let ctes = query.ctes.into_iter().map(|cte| Cte { name: cte.name, select: select(cte.select) }).collect();
    let body = select(query.body);
    match refused {
        Some(unsupported) => Err(unsupported),
        None => Ok(Query { comment: query.comment, ctes, body }),
    }
}

/// A test of an instant as one of its civil time, where there is one.
fn over_raw(expr: Expr, dialect: &dyn Dialect) -> Expr {
    match expr {
        Expr::IsNull { expr, negated } => match *expr {
            Expr::Instant { local, .. } => Expr::IsNull { expr: local, negated },
            other => Expr::IsNull { expr: Box::new(other), negated },
        },
        Expr::Binary { op, left, right } => match (*left, *right) {
            (Expr::Instant { local, zone }, Expr::Literal(Literal::Timestamp(micros))) => {
                compared(&local, op, micros, &zone, dialect).unwrap_or_else(|| {
                    let instant = Expr::Instant { local, zone };
                    instant.binary(op, Expr::Literal(Literal::Timestamp(micros)))
                })
            }
            (left, right) => left.binary(op, right),
        },
        other => other,
    }
}

/// The comparison of a civil time that is true where that of its instant with a constant is; none for equality with an
/// instant that not exactly one civil time is read as.
fn compared(local: &Expr, op: BinaryOp, micros: i64, zone: &Zone, dialect: &dyn Dialect) -> Option<Expr> {
    let than = |op, at| dialect.compared_local(local.clone(), op, at);
    let (since, after) = (zone.civil_since(micros), zone.civil_since(micros.saturating_add(1)));
    // Both ends of what is read as the very instant.
    let only = match (since.as_slice(), after.as_slice()) {
        ([(from, _)], [(next, _)]) if *next == from + 1 => Some(*from),
        _ => None,
    };
    let at_least = |ranges: &[(i64, i64)]| match ranges {
        [(first, gap), (last, _)] => {
            Expr::and([than(BinaryOp::Ge, *first), Expr::or([than(BinaryOp::Lt, *gap), than(BinaryOp::Ge, *last)])])
        }
        ranges => than(BinaryOp::Ge, ranges.first().map_or(i64::MAX, |(from, _)| *from)),
    };
    let less = |ranges: &[(i64, i64)]| match ranges {
        [(first, gap), (last, _)] => {
            Expr::and([than(BinaryOp::Lt, *last), Expr::or([than(BinaryOp::Lt, *first), than(BinaryOp::Ge, *gap)])])
        }
        ranges => than(BinaryOp::Lt, ranges.first().map_or(i64::MAX, |(from, _)| *from)),
    };
    match op {
        BinaryOp::Eq | BinaryOp::Ne => only.map(|at| than(op, at)),
        BinaryOp::Ge => Some(at_least(&since)),
        BinaryOp::Lt => Some(less(&since)),
        BinaryOp::Gt => Some(only.map_or_else(|| at_least(&after), |at| than(op, at))),
        BinaryOp::Le => Some(only.map_or_else(|| less(&after), |at| than(op, at))),
        BinaryOp::Add
        | BinaryOp::Sub
        | BinaryOp::Mul
        | BinaryOp::Div
        | BinaryOp::Concat
        | BinaryOp::IntDiv(_)
        | BinaryOp::Rem
        | BinaryOp::Other(_) => None,
    }
}
