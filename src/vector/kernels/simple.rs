//! Sums, differences and products where every row has a result: without a test for each. Invariant: what is found here is
//! what [`super::numbers`] finds row by row; where a row may have no result, nothing is found.

use super::Datum;
use super::numbers::Arithmetic;
use crate::types::Ty;
use crate::vector::wide::wide;
use crate::vector::{Buffer, Data};

/// `a op b` of `len` rows; `scales` are those of the operands and of the result.
pub(super) fn arithmetic(op: Arithmetic, a: &Datum, b: &Datum, scales: [u8; 3], ty: &Ty, len: usize) -> Option<Data> {
    match (a.data(), b.data(), ty) {
        (Data::Int(x), Data::Int(y), Ty::Int | Ty::Timestamp | Ty::Duration) => {
            ints(op, (a, x), (b, y), len).map(Data::Int)
        }
        (Data::Float(x), Data::Float(y), Ty::Float) => floats(op, (a, x), (b, y), len).map(Data::Float),
        (Data::Int(x), Data::Int(y), Ty::Decimal(_)) => exact(op, (a, x), (b, y), scales, len),
        (Data::Int(x), Data::Decimal(y), Ty::Decimal(_)) => exact(op, (a, x), (b, y), scales, len),
        (Data::Decimal(x), Data::Int(y), Ty::Decimal(_)) => exact(op, (a, x), (b, y), scales, len),
        (Data::Decimal(x), Data::Decimal(y), Ty::Decimal(_)) => exact(op, (a, x), (b, y), scales, len),
        _ => None,
    }
}

/// An argument and its values.
type Values<'a, T> = (&'a Datum, &'a [T]);

fn ints(op: Arithmetic, a: Values<'_, i64>, b: Values<'_, i64>, len: usize) -> Option<Buffer<i64>> {
    match op {
        Arithmetic::Add => on_rows(a, b, len, i64::overflowing_add),
        Arithmetic::Sub => on_rows(a, b, len, i64::overflowing_sub),
        Arithmetic::Mul => on_rows(a, b, len, i64::overflowing_mul),
        Arithmetic::Div | Arithmetic::IntDiv | Arithmetic::Rem => None,
    }
}

fn floats(op: Arithmetic, a: Values<'_, f64>, b: Values<'_, f64>, len: usize) -> Option<Buffer<f64>> {
    // There is one zero, and nothing that is not finite.
    let finite = |value: f64| (value + 0.0, !value.is_finite());
    match op {
        Arithmetic::Add => on_rows(a, b, len, |x, y| finite(x + y)),
        Arithmetic::Sub => on_rows(a, b, len, |x, y| finite(x - y)),
        Arithmetic::Mul => on_rows(a, b, len, |x, y| finite(x * y)),
        Arithmetic::Div => on_rows(a, b, len, |x, y| finite(x / y)),
        Arithmetic::IntDiv | Arithmetic::Rem => None,
    }
}

/// Of exact numbers whose digits fit 64 bits, so that no sum or product of two has more than 38 digits.
fn exact<A: Copy + Into<i128>, B: Copy + Into<i128>>(
    op: Arithmetic,
    a: Values<'_, A>,
    b: Values<'_, B>,
    [a_scale, b_scale, scale]: [u8; 3],
    len: usize,
) -> Option<Data> {
    let digits = |x: A, y: B| {
        let (x, y): (i128, i128) = (x.into(), y.into());
        let (low_x, low_y) = (x as i64, y as i64);
        (low_x, low_y, (x != low_x.into()) | (y != low_y.into()))
    };
    let same = a_scale == scale && b_scale == scale;
    let values = match op {
        Arithmetic::Add if same => on_rows(a, b, len, |x, y| {
            let (x, y, large) = digits(x, y);
            (i128::from(x) + i128::from(y), large)
        }),
        Arithmetic::Sub if same => on_rows(a, b, len, |x, y| {
            let (x, y, large) = digits(x, y);
            (i128::from(x) - i128::from(y), large)
        }),
        Arithmetic::Mul if a_scale.checked_add(b_scale) == Some(scale) => on_rows(a, b, len, |x, y| {
            let (x, y, large) = digits(x, y);
            (i128::from(x) * i128::from(y), large)
        }),
        Arithmetic::Add
        | Arithmetic::Sub
        | Arithmetic::Mul
        | Arithmetic::Div
        | Arithmetic::IntDiv
        | Arithmetic::Rem => None,
    };
    values.map(Data::Decimal)
}

/// A function of each row's values that also says where it has no result; `None` if it has none on any row.
fn on_rows<A: Copy, B: Copy, T>(
    (a, x): Values<'_, A>,
    (b, y): Values<'_, B>,
    len: usize,
    value: impl Fn(A, B) -> (T, bool) + Copy,
) -> Option<Buffer<T>> {
    let (x, y) = (x.get(..if a.is_constant() { 1 } else { len })?, y.get(..if b.is_constant() { 1 } else { len })?);
    let (values, lost) = match (a.is_constant(), x, b.is_constant(), y) {
        (true, &[x], false, y) => wide!(collect(y.iter().map(|&y| value(x, y)))),
        (false, x, true, &[y]) => wide!(collect(x.iter().map(|&x| value(x, y)))),
        (false, x, false, y) => wide!(collect(x.iter().zip(y).map(|(&x, &y)| value(x, y)))),
        _ => return None,
    };
    (!lost).then(|| values.into())
}

#[inline(always)]
fn collect<T>(values: impl Iterator<Item = (T, bool)>) -> (Vec<T>, bool) {
    let mut any = false;
    let values = values.map(|(value, lost)| {
        any |= lost;
        value
    });
    (values.collect(), any)
}
