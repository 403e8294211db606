//! What takes DataFusion more than a function: values named once, civil times, exact sums, the places of a list's elements,
//! regular expressions. Invariant: as the methods of [`Dialect`](crate::sql::Dialect) of the same names say.

use crate::sql::dialect::{Built, Case, Unsupported};
use crate::sql::fold;
use crate::sql::tree::{BinaryOp, Expr, Ident, Literal, SqlType};
use crate::vector::pattern::Pattern;
use crate::vector::time::Zone;

/// A field of a struct; a point behind a parameter of a lambda would begin a column.
pub(super) fn field(base: Expr, field: &Ident) -> Expr {
    Expr::Index { base: Box::new(base), index: Box::new(Expr::text(field.text())) }
}

/// An expression of a value that is computed once, however often it names it: as the parameter of a lambda, since a
/// subquery could not name what is around it.
pub(super) fn once(value: Expr, body: impl FnOnce(Expr) -> Expr) -> Expr {
    if matches!(value, Expr::Column { .. } | Expr::Var(_) | Expr::Literal(_)) {
        return body(value);
    }
    // Of two lambdas within each other that have one name, both have one value.
    let name = format!("{value:?}")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let name = Ident::generated(&format!("once_{name:016x}"));
    named(value, &name, body(Expr::Var(name.clone())))
}

/// An expression in which a name stands for a value.
fn named(value: Expr, name: &Ident, body: Expr) -> Expr {
    first(Expr::call("array_transform", [Expr::List(vec![value]), Expr::lambda(name, body)]))
}

fn first(list: Expr) -> Expr {
    Expr::Index { base: Box::new(list), index: Box::new(Expr::int(1)) }
}

pub(super) fn fold(text: Expr, case: Case, exact: bool) -> Expr {
    let letter = Ident::generated("letter");
    let by_letter = |text: Expr, folded: Expr| {
        let letters = Expr::call("string_to_array", [text, Expr::words("NULL")]);
        let folded = Expr::call("array_transform", [letters, Expr::lambda(&letter, folded)]);
        Expr::call("array_to_string", [folded, Expr::text("")])
    };
    let one = || Expr::Var(letter.clone());
    match case {
        Case::Lower if !exact => Expr::call("lower", [text]),
        Case::Upper if !exact => Expr::call("upper", [text]),
        Case::Lower => {
            let pairs = fold::LOWER_FROM.chars().zip(fold::LOWER_TO.chars());
            let repaired = pairs.fold(text, |text, (from, to)| {
                Expr::call("replace", [text, Expr::text(from.to_string()), Expr::text(to.to_string())])
            });
            Expr::call("lower", [repaired])
        }
        Case::Upper => {
            let (from, to) = fold::greek();
            let greek = Expr::call("translate", [one(), Expr::text(from), Expr::text(to)]);
            by_letter(text, Expr::choose(fold::has_full_upper(&letter), greek, Expr::call("upper", [one()])))
        }
        Case::AsciiLower => {
            let from = one().binary(BinaryOp::Ge, Expr::text("A"));
            let to = one().binary(BinaryOp::Le, Expr::text("Z"));
            by_letter(text, Expr::choose(Expr::and([from, to]), Expr::call("lower", [one()]), one()))
        }
    }
}

/// A pattern in the syntax of the engine, whose classes are Unicode's unless they are spelled out. With a group, that one
/// alone captures.
pub(super) fn regex(pattern: &str, group: Option<u32>) -> Result<String, Unsupported> {
    let (flags, pattern) = match pattern.strip_prefix("(?i)") {
        Some(pattern) => ("(?i)", pattern),
        None => ("", pattern),
    };
    let parsed = Pattern::parse(pattern).map_err(|_| Unsupported("this regular expression".to_owned()))?;
    let parsed = group.map_or_else(|| parsed.clone(), |group| parsed.capturing(group));
    Ok(format!("{flags}{}", parsed.print()))
}

/// Whether a pattern of the engine matches somewhere.
pub(super) fn matches(text: Expr, pattern: String) -> Expr {
    Expr::call("regexp_like", [text, Expr::text(pattern)])
}

/// What the one group of a pattern of the engine holds in the first match.
pub(super) fn captured(text: Expr, pattern: String) -> Expr {
    let matched = matches(text.clone(), pattern.clone());
    first(Expr::call("regexp_match", [text, Expr::text(pattern)])).or_else(Expr::text("")).when(matched)
}

/// Sums and differences of as many digits as a decimal of the engine has room for, then what fits.
pub(super) fn guarded(arithmetic: Expr, ty: &SqlType) -> Built {
    match (arithmetic, ty) {
        (Expr::Binary { op: op @ (BinaryOp::Add | BinaryOp::Sub), left, right }, SqlType::Decimal { scale, .. }) => {
            let long = |side: Expr| side.cast(SqlType::Decimal { precision: LONG, scale: *scale });
            Ok(fitting(long(*left).binary(op, long(*right)), ty))
        }
        _ => Err(Unsupported("arithmetic of decimals of more than 38 digits".to_owned())),
    }
}

/// The digits of the longest decimals.
const LONG: u8 = 76;

/// A number as one of a type, null where it does not fit. It is the element of a list: a comparison of a conversion is
/// made by the engine into one of what is converted, whatever the conversion loses.
pub(super) fn fitting(number: Expr, ty: &SqlType) -> Expr {
    first(Expr::List(vec![Expr::Cast { expr: Box::new(number), ty: ty.clone(), function: "TRY_CAST" }]))
}

pub(super) fn int_div(left: Expr, right: Expr) -> Expr {
    if !left.is_wide() && !right.is_wide() {
        return left.binary(BinaryOp::IntDiv("/"), right);
    }
    // The quotient of decimals has digits behind the point, for which there must be room; without a remainder they are
    // zero.
    let long = |side: Expr| side.cast(SqlType::Decimal { precision: LONG, scale: 0 });
    once(long(left), |left| {
        let right = long(right);
        let rest = left.clone().binary(BinaryOp::Rem, right.clone());
        left.binary(BinaryOp::Sub, rest).binary(BinaryOp::Div, right).cast(SqlType::WideInt)
    })
}

pub(super) fn agg_sum(value: Expr, ty: &SqlType, filter: Vec<Expr>) -> Expr {
    match ty {
        // A sum has ten digits more than what it is of.
        SqlType::Int => Expr::aggregate("sum", [value.cast(SqlType::Decimal { precision: 28, scale: 0 })], filter),
        SqlType::Decimal { precision, scale } if *precision > 28 => {
            let long = value.cast(SqlType::Decimal { precision: LONG - 10, scale: *scale });
            fitting(Expr::aggregate("sum", [long], filter), &SqlType::Decimal { precision: 38, scale: *scale })
        }
        _ => Expr::aggregate("sum", [value], filter),
    }
}

/// Whether a list has an element, decimals whatever their digits.
pub(super) fn contains(list: Expr, element: Expr) -> Expr {
    if matches!(&element, Expr::Literal(literal) if !matches!(literal, Literal::Decimal { .. })) {
        return Expr::call("array_has", [list, element]);
    }
    let item = Ident::generated("element_");
    let same = Expr::Var(item.clone()).eq(element.clone()).is_true();
    Expr::call("array_any_match", [list, Expr::lambda(&item, same)]).when(element.is_present())
}

/// The sum of a list of integers: the engine adds doubles, which hold the sums of their thirds exactly.
pub(super) fn sum(list: Expr) -> Expr {
    const THIRD: i64 = 1 << 22;
    let item = Ident::generated("number");
    let number = || Expr::Var(item.clone());
    once(list, |list| {
        let of = |part: Expr, unit: i64| {
            let parts = Expr::call("array_transform", [list.clone(), Expr::lambda(&item, part)]);
            Expr::call("array_sum", [parts]).cast(SqlType::WideInt).binary(BinaryOp::Mul, Expr::int(unit))
        };
        let over = |number: Expr, by| number.binary(BinaryOp::IntDiv("/"), Expr::int(by));
        let rest = |number: Expr, by| number.binary(BinaryOp::Rem, Expr::int(by));
        let high = of(over(number(), THIRD * THIRD), THIRD * THIRD);
        let middle = of(over(rest(number(), THIRD * THIRD), THIRD), THIRD);
        let low = of(rest(number(), THIRD), 1);
        high.binary(BinaryOp::Add, middle).binary(BinaryOp::Add, low)
    })
}

/// A function of two lists, which would take one that is null for an empty one.
pub(super) fn of_present(name: &'static str, a: Expr, b: Expr) -> Expr {
    let present = Expr::and([a.clone().is_present(), b.clone().is_present()]);
    Expr::call(name, [a, b]).when(present)
}

pub(super) fn filter(list: Expr, params: Vec<Ident>, body: Expr) -> Expr {
    match params.as_slice() {
        [item, place] => {
            let pair = pair_of(place);
            let of_pair = of_pair(&pair, item, place, body);
            let kept = Expr::call("array_filter", [placed(list), Expr::lambda(&pair, of_pair)]);
            let element = field(Expr::Var(pair.clone()), &Ident::generated("1"));
            Expr::call("array_transform", [kept, Expr::lambda(&pair, element)])
        }
        _ => Expr::call("array_filter", [list, Expr::Lambda { params, body: Box::new(body) }]),
    }
}

pub(super) fn exists(list: Expr, params: Vec<Ident>, body: Expr) -> Expr {
    match params.as_slice() {
        [item, place] => {
            let pair = pair_of(place);
            let lambda = Expr::lambda(&pair, of_pair(&pair, item, place, body));
            Expr::call("array_any_match", [placed(list), lambda])
        }
        _ => Expr::call("array_any_match", [list, Expr::Lambda { params, body: Box::new(body) }]),
    }
}

/// A name for the pair of an element and its place, which is one of its own.
fn pair_of(place: &Ident) -> Ident {
    Ident::generated(&format!("{}_pair", place.text()))
}

/// The elements of a list with their places, as pairs.
fn placed(list: Expr) -> Expr {
    once(list, |list| {
        let length = Expr::call("array_length", [list.clone()]).cast(SqlType::Int);
        let places = Expr::call("range", [Expr::int(1), length.binary(BinaryOp::Add, Expr::int(1))]);
        Expr::call("arrays_zip", [list, places])
    })
}

/// The body of a lambda of an element and its place, of a pair of both.
fn of_pair(pair: &Ident, item: &Ident, place: &Ident, body: Expr) -> Expr {
    let part = |name| field(Expr::Var(pair.clone()), &Ident::generated(name));
    named(part("1"), item, named(part("2"), place, body))
}

/// The type of instants that are shown in a zone.
pub(super) fn in_zone(zone: &Zone) -> Expr {
    Expr::text(format!("Timestamp(us, \"{}\")", zone.name()))
}

/// The instant of a civil time. The engine finds none for one that comes twice or is skipped: the first of two, and what
/// a skipped one stands for, come as long after an earlier civil time as the clocks would show.
pub(super) fn of_local(local: &Expr, zone: &Zone) -> Expr {
    let read = |local: Expr| Expr::call("arrow_try_cast", [local, in_zone(zone)]).cast(SqlType::Timestamp);
    if zone.has_one_offset() {
        return read(local.clone());
    }
    // A day and more back, where the clocks skip a whole day.
    let from = |hours: i64| {
        let micros = hours * 3_600_000_000;
        let moved = |expr: Expr, op, ty: SqlType| expr.cast(SqlType::Int).binary(op, Expr::int(micros)).cast(ty);
        moved(read(moved(local.clone(), BinaryOp::Sub, SqlType::LocalTimestamp)), BinaryOp::Add, SqlType::Timestamp)
    };
    Expr::call("COALESCE", [read(local.clone()), from(3), from(27)])
}

/// The first day of a unit, out of the parts of a date: the engine's function for it counts nanoseconds, for which there
/// is no room in all years.
pub(super) fn first_day(unit: &'static str, date: Expr) -> Expr {
    once(date, |date| {
        let part = |name: &'static str| Expr::call("date_part", [Expr::text(name), date.clone()]);
        let month = match unit {
            "week" => {
                let since = part("isodow").binary(BinaryOp::Sub, Expr::int(1));
                return date.clone().binary(BinaryOp::Sub, since);
            }
            "month" => part("month"),
            "quarter" => part("quarter").binary(BinaryOp::Mul, Expr::int(3)).binary(BinaryOp::Sub, Expr::int(2)),
            _ => Expr::int(1),
        };
        Expr::call("make_date", [part("year"), month, Expr::int(1)])
    })
}
