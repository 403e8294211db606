//! What takes ClickHouse more than a function: case letter by letter, tuples with names, wide decimals, ordered lists.
//! Invariant: as the methods of [`Dialect`] of the same names say.

use crate::sql::clickhouse::ClickHouse;
use crate::sql::dialect::{Built, Case, Dialect, Running, Unsupported};
use crate::sql::fold;
use crate::sql::tree::{BinaryOp, Expr, Ident, Order, SqlType};

pub(super) fn fold(text: Expr, case: Case, exact: bool) -> Built {
    Ok(match case {
        Case::Lower if !exact => Expr::call("lowerUTF8", [text]),
        Case::Lower => {
            let translated = [text, Expr::text(fold::LOWER_FROM), Expr::text(fold::LOWER_TO)];
            Expr::call("lowerUTF8", [Expr::call("translateUTF8", translated)])
        }
        Case::Upper if !exact => Expr::call("upperUTF8", [text]),
        Case::Upper => {
            let c = Ident::generated("letter");
            let upper = Expr::call("upperUTF8", [Expr::Var(c.clone())]);
            let (from, to) = fold::greek();
            let greek = Expr::call("translateUTF8", [Expr::Var(c.clone()), Expr::text(from), Expr::text(to)]);
            let letters = Expr::call("extractAll", [text.clone(), Expr::text("(?s).")]);
            let folded = Expr::choose(fold::has_full_upper(&c), greek, upper);
            let folded = Expr::call("arrayMap", [Expr::lambda(&c, folded), letters]);
            Expr::call("arrayStringConcat", [folded]).when(text.is_present())
        }
        Case::AsciiLower => Expr::call("lower", [text]),
    })
}

pub(super) fn pack(fields: Vec<(Ident, Expr, SqlType)>) -> Built {
    // The names of a tuple's elements are given by a conversion; the type of an object is that of its expression.
    let mut ty = vec![Expr::text("Tuple(")];
    for (at, (name, value, _)) in fields.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        ty.push(Expr::text(format!("{comma}{} ", ClickHouse.quoted(name.text()))));
        ty.push(Expr::call("toTypeName", [value.clone()]));
    }
    ty.push(Expr::text(")"));
    let known: Option<Vec<(Ident, SqlType)>> =
        fields.iter().map(|(name, _, ty)| (!ty.holds_objects()).then(|| (name.clone(), ty.clone()))).collect();
    let values: Vec<Expr> = fields.into_iter().map(|(_, value, _)| value).collect();
    let tuple = Expr::call("tuple", values);
    Ok(match known {
        Some(fields) => tuple.cast(SqlType::Struct(fields)),
        None => Expr::call("CAST", [tuple, Expr::call("concat", ty)]),
    })
}

pub(super) fn guarded(arithmetic: Expr, ty: &SqlType) -> Built {
    let one = Expr::call("toDecimal256", [Expr::text("1"), Expr::int(0)]);
    let wide = match arithmetic {
        Expr::Binary { op: op @ BinaryOp::Mul, left, right } => one.binary(BinaryOp::Mul, *left).binary(op, *right),
        Expr::Binary { op, left, right } => {
            one.clone().binary(BinaryOp::Mul, *left).binary(op, one.binary(BinaryOp::Mul, *right))
        }
        other => other,
    };
    fitting(wide, ty)
}

pub(super) fn narrowed(number: Expr, from: &SqlType, to: &SqlType) -> Built {
    match (from, to) {
        (SqlType::Decimal { .. }, SqlType::Int) => {
            Ok(Expr::call("accurateCastOrNull", [number.cast(SqlType::WideInt), Expr::text("Int64")]))
        }
        (SqlType::Decimal { scale: given, .. }, SqlType::Decimal { scale, .. }) => {
            let rounded = if given > scale { ClickHouse.round(number, *scale)? } else { number };
            let wide = Expr::call("toDecimal256", [rounded, Expr::int(i64::from(*scale))]);
            fitting(wide, to)
        }
        (_, SqlType::Decimal { scale, .. }) => {
            let wide = Expr::call("toDecimal256", [number, Expr::int(i64::from(*scale))]);
            fitting(wide, to)
        }
        (_, to) => {
            let name = if *to == SqlType::Int32 { "Int32" } else { "Int64" };
            Ok(Expr::call("accurateCastOrNull", [number, Expr::text(name)]))
        }
    }
}

pub(super) fn by_time(aggregate: Running, value: Expr, time: Expr, partition: Expr, until: i64) -> Built {
    // The offsets of a frame have 32 bits, microseconds do not: the rows of the partition are gathered.
    let pair = Ident::generated("other");
    let part = |at: i64| Expr::call("tupleElement", [Expr::Var(pair.clone()), Expr::int(at)]);
    let all = Expr::Window {
        function: Box::new(Expr::aggregate(
            "groupArray",
            [Expr::call("tuple", [time.clone(), value.clone()])],
            vec![value.is_present()],
        )),
        partition_by: vec![partition],
        order_by: vec![],
        frame: None,
    };
    let early = part(1).binary(BinaryOp::Le, time.binary(BinaryOp::Add, Expr::int(until)));
    Ok(match aggregate {
        Running::Count => signed(Expr::call("arrayCount", [Expr::lambda(&pair, early), all])),
        Running::Max => {
            let early = Expr::call("arrayFilter", [Expr::lambda(&pair, early), all]);
            reduced("maxOrNull", Expr::call("arrayMap", [Expr::lambda(&pair, part(2)), early]))
        }
    })
}

/// The most conditions of `windowFunnel`.
pub(super) const LONGEST_FUNNEL: usize = 32;

pub(super) fn agg_funnel(within: i64, key: Expr, conditions: Vec<Expr>) -> Expr {
    let count = Expr::int(conditions.len() as i64);
    let args = std::iter::once(Expr::call("toUInt64", [key])).chain(conditions).collect();
    Expr::Made { name: "windowFunnel", by: vec![Expr::words(within.to_string())], args }.eq(count)
}

pub(super) fn agg_list(value: Expr, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
    if order_by.is_empty() {
        return Ok(Expr::aggregate("groupArray", [value], filter));
    }
    let row = Ident::generated("ordered");
    let place = |at: i64| Expr::call("tupleElement", [Expr::Var(row.clone()), Expr::int(at)]);
    let count = order_by.len() as i64;
    let mut values: Vec<Expr> = order_by.into_iter().map(|order| order.expr).collect();
    values.push(value);
    let rows = Expr::aggregate("groupArray", [Expr::call("tuple", values)], filter);
    let keys: Vec<Expr> = (1..=count).map(place).collect();
    let sorted = Expr::call("arraySort", [Expr::lambda(&row, Expr::call("tuple", keys)), rows]);
    Ok(Expr::call("arrayMap", [Expr::lambda(&row, place(count + 1)), sorted]))
}

pub(super) fn agg_first(value: Expr, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
    let descending = order_by.first().is_some_and(|order| order.descending);
    let mut keys = Vec::new();
    for (at, order) in order_by.into_iter().enumerate() {
        keys.push(match order.descending == descending {
            true => order.expr,
            // The first key is an instant; turned round it goes with the others.
            false if at == 1 => return mixed_first(&ClickHouse, value, keys, order.expr, filter),
            false => return Err(Unsupported("an order of mixed directions".to_owned())),
        });
    }
    let key = if keys.len() == 1 { keys.remove(0) } else { Expr::call("tuple", keys) };
    Ok(Expr::aggregate(if descending { "argMax" } else { "argMin" }, [value, key], filter))
}

/// The value with the latest instant and, among those, the smallest second key.
fn mixed_first(dialect: &ClickHouse, value: Expr, keys: Vec<Expr>, second: Expr, filter: Vec<Expr>) -> Built {
    let Some(instant) = keys.into_iter().next() else { return Ok(value) };
    let backwards = Expr::Negative(Box::new(dialect.micros(instant)?));
    Ok(Expr::aggregate("argMin", [value, Expr::call("tuple", [backwards, second])], filter))
}

/// A wide decimal as one of a type, null where it has more digits.
fn fitting(wide: Expr, ty: &SqlType) -> Built {
    let SqlType::Decimal { precision, scale } = ty else {
        return Err(Unsupported("arithmetic that may overflow".to_owned()));
    };
    let digits = usize::from(precision - scale);
    let bound = Expr::call("toDecimal256", [Expr::text(format!("1{}", "0".repeat(digits))), Expr::int(0)]);
    let number = Ident::generated("number");
    let small = Expr::call("abs", [Expr::Var(number.clone())]).binary(BinaryOp::Lt, bound);
    // What is converted is looked at behind a null too.
    let none = Expr::call("toDecimal256", [Expr::text("0"), Expr::int(i64::from(*scale))]);
    let fits = Expr::choose(small.clone(), Expr::Var(number.clone()), none).cast(ty.clone());
    let kept = Expr::lambda(&number, fits.when(small));
    Ok(Expr::call("arrayElement", [Expr::call("arrayMap", [kept, Expr::List(vec![wide])]), Expr::int(1)]))
}

/// A count as a signed number: of an unsigned and a signed one the engine finds no common type.
pub(super) fn signed(count: Expr) -> Expr {
    Expr::call("toInt64", [count])
}

/// An aggregate over the elements of a list.
pub(super) fn reduced(name: &'static str, list: Expr) -> Expr {
    Expr::call("arrayReduce", [Expr::text(name), list])
}
