//! Instants that are stored otherwise: as civil times, which show the clocks of a zone and tell no offset, or as counts
//! since 1970. A comparison with a constant is one of the raw column, so that partitions out of it are not read; elsewhere
//! the instant is built of what the dialect has. Invariant: both agree with [`Zone::instant`], by which civil times of
//! files are read.

use super::dialect::{Built, Dialect, Unsupported};
use super::tree::{BinaryOp, Cte, Expr, Literal, Query, Select, SqlType};
use crate::vector::time::Zone;

/// How the instants of a table are stored, those within its lists, maps and objects too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Times {
    /// As the dialect has instants.
    #[default]
    Native,
    /// As what the clocks of a zone show: of an hour that they show twice the first is meant, and what they skip is as much
    /// later as the gap is long.
    Civil(Zone),
    /// As whole numbers, counted since 1970; the microseconds that one of them stands for.
    Counts(i64),
}

impl Times {
    /// A type of the schema as it is stored.
    pub fn stored(&self, ty: &SqlType) -> SqlType {
        match self {
            Times::Native => ty.clone(),
            Times::Civil(_) => ty.clone().with_instants_as(&SqlType::LocalTimestamp),
            Times::Counts(_) => ty.clone().with_instants_as(&SqlType::Int),
        }
    }

    /// The instant of what is stored.
    fn instant(&self, stored: Expr, dialect: &dyn Dialect) -> Built {
        match self {
            Times::Native => Ok(stored),
            Times::Civil(zone) => dialect.of_local(stored, zone),
            Times::Counts(1) => dialect.instant(stored),
            Times::Counts(unit) => dialect.instant(stored.binary(BinaryOp::Mul, Expr::int(*unit))),
        }
    }
}

/// A query without [`Expr::Instant`].
pub fn built(query: Query, dialect: &dyn Dialect) -> Result<Query, Unsupported> {
    let mut refused = None;
    let mut build = |expr| match expr {
        Expr::Instant { stored, times } => times.instant(*stored, dialect).unwrap_or_else(|unsupported| {
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

/// A test of an instant as one of what is stored, where there is one.
fn over_raw(expr: Expr, dialect: &dyn Dialect) -> Expr {
    match expr {
        Expr::IsNull { expr, negated } => match *expr {
            Expr::Instant { stored, .. } => Expr::IsNull { expr: stored, negated },
            other => Expr::IsNull { expr: Box::new(other), negated },
        },
        Expr::Binary { op, left, right } => match (*left, *right) {
            (Expr::Instant { stored, times }, Expr::Literal(Literal::Timestamp(micros))) => {
                let raw = match &times {
                    Times::Native => None,
                    Times::Civil(zone) => compared(&stored, op, micros, zone, dialect),
                    Times::Counts(unit) => {
                        in_units(op, micros, *unit).map(|(op, count)| stored.clone().binary(op, Expr::int(count)))
                    }
                };
                raw.unwrap_or_else(|| {
                    let instant = Expr::Instant { stored, times };
                    instant.binary(op, Expr::Literal(Literal::Timestamp(micros)))
                })
            }
            (left, right) => left.binary(op, right),
        },
        other => other,
    }
}

/// The comparison of a count that is true where that of its instant with a constant is; none for equality with an instant
/// that no count stands for.
fn in_units(op: BinaryOp, micros: i64, unit: i64) -> Option<(BinaryOp, i64)> {
    let below = micros.div_euclid(unit);
    let is_whole = micros.rem_euclid(unit) == 0;
    match op {
        BinaryOp::Ge | BinaryOp::Lt => Some((op, below + i64::from(!is_whole))),
        BinaryOp::Gt | BinaryOp::Le => Some((op, below)),
        BinaryOp::Eq | BinaryOp::Ne => is_whole.then_some((op, below)),
        // No comparison.
        _ => None,
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
        // No comparison.
        _ => None,
    }
}
