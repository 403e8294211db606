//! Arithmetic on ints, decimals and floats. Total: overflow, division by zero and what is not finite are absent.
//! Invariant: a decimal result has at most 38 digits and the scale asked for.

use super::{Datum, collect, simple, valid_in_all};
use crate::types::Ty;
use crate::vector::{Bitmap, Buffer, Column, Data, decimal};

/// An operation on two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// Product.
    Mul,
    /// Quotient: of exact numbers a decimal, rounded half away from zero.
    Div,
    /// Quotient truncated toward zero, an int.
    IntDiv,
    /// What the truncated quotient leaves, with the sign of the dividend.
    Rem,
}

/// The digits after the point of a type's values.
pub fn scale(ty: &Ty) -> u8 {
    if let Ty::Decimal(digits) = ty { digits.scale } else { 0 }
}

/// `a op b` as a value of type `ty`; `types` are those of the operands.
pub fn arithmetic(op: Arithmetic, a: &Datum, b: &Datum, types: [&Ty; 2], ty: &Ty, len: usize) -> Column {
    let valid = valid_in_all(&[a, b], len);
    if let Some(data) = simple::arithmetic(op, a, b, [scale(types[0]), scale(types[1]), scale(ty)], ty, len) {
        return Column { data, valid };
    }
    match (a.data(), b.data(), ty) {
        (Data::Int(x), Data::Int(y), Ty::Int | Ty::Timestamp | Ty::Duration) => {
            let (x, y) = (at_rows(a, x), at_rows(b, y));
            let (values, valid) = collect(len, valid, |row| ints(op, x(row), y(row)));
            Column { data: Data::Int(values.into()), valid }
        }
        (Data::Float(x), Data::Float(y), _) => floats(op, a, x, b, y, ty, valid, len),
        (x, y, _) => match (unscaled(x), unscaled(y)) {
            (Some(x), Some(y)) => {
                let scales = [scale(types[0]), scale(types[1]), scale(ty)];
                let (values, valid) =
                    collect(len, valid, |row| decimals(op, x.get(a.at(row)), y.get(b.at(row)), scales));
                exact(values, valid, ty)
            }
            _ => Column::absent(ty, len),
        },
    }
}

/// The value of each row of an argument with these values.
fn at_rows<T: Copy>(argument: &Datum, values: &[T]) -> impl Fn(usize) -> T {
    let step = usize::from(!argument.is_constant());
    move |row| values[row * step]
}

/// The unscaled digits of exact numbers.
#[derive(Clone, Copy)]
enum Digits<'a> {
    Int(&'a [i64]),
    Decimal(&'a [i128]),
}

impl Digits<'_> {
    fn get(self, row: usize) -> i128 {
        match self {
            Digits::Int(v) => i128::from(v[row]),
            Digits::Decimal(v) => v[row],
        }
    }
}

fn unscaled(data: &Data) -> Option<Digits<'_>> {
    match data {
        Data::Int(v) => Some(Digits::Int(v)),
        Data::Decimal(v) => Some(Digits::Decimal(v)),
        _ => None,
    }
}

/// Unscaled digits as a decimal, or as ints where they fit.
fn exact(values: Vec<i128>, valid: Option<Bitmap>, ty: &Ty) -> Column {
    match ty {
        Ty::Decimal(_) => Column { data: Data::Decimal(values.into()), valid },
        Ty::Int => {
            let (ints, valid) = collect(values.len(), valid, |row| i64::try_from(values[row]).ok());
            Column { data: Data::Int(ints.into()), valid }
        }
        _ => Column::absent(ty, values.len()),
    }
}

fn ints(op: Arithmetic, a: i64, b: i64) -> Option<i64> {
    match op {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Sub => a.checked_sub(b),
        Arithmetic::Mul => a.checked_mul(b),
        Arithmetic::Div => decimal::divide(i128::from(a), 0, i128::from(b), 0, 0).and_then(|v| i64::try_from(v).ok()),
        Arithmetic::IntDiv => a.checked_div(b),
        // The one overflow, MIN % -1, has the remainder 0.
        Arithmetic::Rem => (b != 0).then(|| a.wrapping_rem(b)),
    }
}

fn decimals(op: Arithmetic, a: i128, b: i128, [a_scale, b_scale, scale]: [u8; 3]) -> Option<i128> {
    let aligned = |v: i128, from: u8| decimal::rescale(v, from, scale);
    match op {
        Arithmetic::Add => decimal::fit(aligned(a, a_scale)?.checked_add(aligned(b, b_scale)?)?),
        Arithmetic::Sub => decimal::fit(aligned(a, a_scale)?.checked_sub(aligned(b, b_scale)?)?),
        Arithmetic::Mul => decimal::rescale(decimal::multiply(a, b)?, a_scale.checked_add(b_scale)?, scale),
        Arithmetic::Div => decimal::divide(a, a_scale, b, b_scale, scale),
        Arithmetic::IntDiv => decimal::rescale(decimal::int_divide(a, a_scale, b, b_scale)?, 0, scale),
        Arithmetic::Rem => decimal::rescale(decimal::remainder(a, a_scale, b, b_scale)?, a_scale.max(b_scale), scale),
    }
}

#[allow(clippy::too_many_arguments)]
fn floats(
    op: Arithmetic,
    a: &Datum,
    x: &[f64],
    b: &Datum,
    y: &[f64],
    ty: &Ty,
    valid: Option<Bitmap>,
    len: usize,
) -> Column {
    let (x, y) = (at_rows(a, x), at_rows(b, y));
    let value = |row: usize| {
        let (x, y) = (x(row), y(row));
        finite(match op {
            Arithmetic::Add => x + y,
            Arithmetic::Sub => x - y,
            Arithmetic::Mul => x * y,
            Arithmetic::Div => x / y,
            Arithmetic::IntDiv => (x / y).trunc(),
            Arithmetic::Rem => x % y,
        })
    };
    if *ty == Ty::Int {
        let (values, valid) = collect(len, valid, |row| value(row).and_then(to_int));
        return Column { data: Data::Int(values.into()), valid };
    }
    let (values, valid) = collect(len, valid, value);
    Column { data: Data::Float(values.into()), valid }
}

/// A double; NaN and infinities do not exist, and there is one zero.
pub fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value + 0.0)
}

/// A whole double as an int; `None` beyond 64 bits.
fn to_int(value: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (-LIMIT..LIMIT).contains(&value).then_some(value as i64)
}

/// `-a`
pub fn negate(a: &Datum, ty: &Ty, len: usize) -> Column {
    unary(a, ty, len, i64::checked_neg, |v| Some(-v), |v| v.checked_neg())
}

/// `abs(a)`
pub fn abs(a: &Datum, ty: &Ty, len: usize) -> Column {
    unary(a, ty, len, i64::checked_abs, |v| Some(v.abs()), |v| v.checked_abs())
}

fn unary(
    a: &Datum,
    ty: &Ty,
    len: usize,
    int: impl Fn(i64) -> Option<i64>,
    float: impl Fn(f64) -> Option<f64>,
    exact: impl Fn(i128) -> Option<i128>,
) -> Column {
    let valid = a.valid(len);
    let (data, valid) = match a.data() {
        Data::Int(v) => with(collect(len, valid, |row| int(v[a.at(row)])), Data::Int),
        Data::Float(v) => with(collect(len, valid, |row| float(v[a.at(row)]).and_then(finite)), Data::Float),
        Data::Decimal(v) => with(collect(len, valid, |row| exact(v[a.at(row)])), Data::Decimal),
        _ => return Column::absent(ty, len),
    };
    Column { data, valid }
}

fn with<T>((values, valid): (Vec<T>, Option<Bitmap>), data: impl Fn(Buffer<T>) -> Data) -> (Data, Option<Bitmap>) {
    (data(values.into()), valid)
}

/// How a number loses digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To so many digits after the point, half away from zero.
    Digits(u8),
    /// To the next whole number below.
    Floor,
    /// To the next whole number above.
    Ceil,
}

/// A number rounded, as a value of type `ty`; `from` is the type of the number.
pub fn round(a: &Datum, rounding: Rounding, from: &Ty, ty: &Ty, len: usize) -> Column {
    let valid = a.valid(len);
    match a.data() {
        Data::Float(v) => {
            let value = |row: usize| finite(round_float(v[a.at(row)], rounding));
            match ty {
                Ty::Int => {
                    let (values, valid) = collect(len, valid, |row| value(row).and_then(to_int));
                    Column { data: Data::Int(values.into()), valid }
                }
                _ => {
                    let (values, valid) = collect(len, valid, value);
                    Column { data: Data::Float(values.into()), valid }
                }
            }
        }
        data => match unscaled(data) {
            Some(digits) => {
                let (from, to) = (scale(from), scale(ty));
                let (values, valid) = collect(len, valid, |row| round_exact(digits.get(a.at(row)), rounding, from, to));
                exact(values, valid, ty)
            }
            None => Column::absent(ty, len),
        },
    }
}

fn round_exact(value: i128, rounding: Rounding, from: u8, to: u8) -> Option<i128> {
    let whole = |adjust: fn(i128) -> i128| {
        let unit = decimal::power(u32::from(from))?;
        let (quotient, rest) = (value / unit, value % unit);
        decimal::rescale(quotient.checked_add(adjust(rest.signum()))?, 0, to)
    };
    match rounding {
        Rounding::Digits(digits) if digits >= from => decimal::rescale(value, from, to),
        Rounding::Digits(digits) => decimal::rescale(decimal::rescale(value, from, digits)?, digits, to),
        Rounding::Floor => whole(|sign| sign.min(0)),
        Rounding::Ceil => whole(|sign| sign.max(0)),
    }
}

fn round_float(value: f64, rounding: Rounding) -> f64 {
    match rounding {
        Rounding::Floor => value.floor(),
        Rounding::Ceil => value.ceil(),
        Rounding::Digits(digits) => {
            let unit = 10f64.powi(i32::from(digits));
            let scaled = value.abs() * unit;
            // From 2^52 on every double is whole.
            if scaled >= 4_503_599_627_370_496.0 {
                return value;
            }
            ((scaled + 0.5).floor() / unit).copysign(value)
        }
    }
}

/// A conversion from one type to another: to a decimal of other digits, to a float, lists element by element. Text, enums
/// and values of one kind stay as they are.
pub fn convert(a: &Datum, from: &Ty, ty: &Ty, len: usize) -> Column {
    let rows = a.column().len();
    let column = convert_column(a.column(), from, ty, rows);
    match a {
        Datum::Column(_) => column,
        Datum::Constant(_) => column.repeat(len),
    }
}

fn convert_column(column: &Column, from: &Ty, ty: &Ty, len: usize) -> Column {
    let valid = column.valid.clone();
    match (&column.data, from, ty) {
        // The largest int with so many more digits still fits.
        (Data::Int(v), Ty::Int, Ty::Decimal(digits)) if digits.scale < 20 => {
            let factor = 10i128.pow(digits.scale.into());
            Column { data: Data::Decimal(v.iter().map(|&v| i128::from(v) * factor).collect()), valid }
        }
        (Data::Int(v), Ty::Int, Ty::Decimal(digits)) => {
            let (values, valid) = collect(len, valid, |row| decimal::rescale(i128::from(v[row]), 0, digits.scale));
            Column { data: Data::Decimal(values.into()), valid }
        }
        (Data::Int(v), Ty::Int, Ty::Float) => {
            Column { data: Data::Float(v.iter().map(|&v| v as f64).collect()), valid }
        }
        (Data::Decimal(v), Ty::Decimal(x), Ty::Decimal(y)) if x.scale != y.scale || y.precision < x.precision => {
            // Fewer digits than the type before had: what has more is absent.
            let end = 10u128.pow(u32::from(y.precision));
            let narrowed = |row: usize| decimal::rescale(v[row], x.scale, y.scale).filter(|v| v.unsigned_abs() < end);
            let (values, valid) = collect(len, valid, narrowed);
            Column { data: Data::Decimal(values.into()), valid }
        }
        (Data::Decimal(v), Ty::Decimal(x), Ty::Float) => {
            let values = v.iter().map(|&v| decimal::to_float(v, x.scale)).collect();
            Column { data: Data::Float(values), valid }
        }
        (Data::Decimal(v), Ty::Decimal(x), Ty::Int) => {
            let (values, valid) = collect(len, valid, |row| i64::try_from(decimal::rescale(v[row], x.scale, 0)?).ok());
            Column { data: Data::Int(values.into()), valid }
        }
        (Data::List { offsets, values }, Ty::List(x), Ty::List(y)) => {
            let items = convert_column(values, x, y, values.len());
            // Elements that do not fit the type are dropped with their rows, as absent ones are.
            let rows: Vec<u32> = (0..len).flat_map(|row| offsets[row]..offsets[row + 1]).collect();
            let first = offsets.first().copied().unwrap_or(0);
            let ends = offsets.iter().map(|end| end - first).collect();
            Column { data: super::choose::list_of(ends, &items, &rows), valid }
        }
        (data, _, ty) if Some(data.kind()) == crate::vector::select::Kind::of(ty) => column.clone(),
        _ => Column::absent(ty, len),
    }
}

/// The smallest (`largest`: the largest) of the arguments, absent where one is.
pub fn extreme(args: &[Datum], largest: bool, ty: &Ty, len: usize) -> Column {
    use super::compare::{Comparison, compare};
    let Some((first, rest)) = args.split_first() else { return Column::absent(ty, len) };
    let op = if largest { Comparison::Ge } else { Comparison::Le };
    let mut best = first.expand(len);
    for arg in rest {
        let current = Datum::Column(best);
        let keep = compare(op, &current, arg, len);
        let both = valid_in_all(&[&current, arg], len);
        best = super::choose::select(&keep, &current, arg, ty, len);
        if let Some(both) = both {
            best = best.only(&both);
        }
    }
    best
}
