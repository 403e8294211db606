//! How large an exact number can be, in units of its type. Invariant: the true value, if there is one, is not further from
//! zero than its bound.

use super::Emitter;
use super::counted::scale_of;
use crate::builtins::Func;
use crate::plan::{NodeId, Op, Reduction};
use crate::sql::SqlType;
use crate::types::{Ty, Value};

/// The largest integer of 64 bits.
pub(super) const INTEGERS: u128 = i64::MAX as u128;
/// As many rows as a database file can have, and more than the elements or the letters of a text.
const ROWS: u128 = 20_000_000_000_000;
/// Digits of values, and beyond what their [sum](crate::sql::Dialect::agg_sum) is an error of the engine.
const SUMS: [(u8, u128); 2] = [(15, 1 << 53), (18, 1 << 60)];
/// The most digits of what is stored: the [canary](crate::emit::canary) tells of values that have more.
const STORED_DIGITS: u8 = 15;

impl Emitter<'_> {
    /// The bound of a number.
    pub(super) fn magnitude(&self, id: NodeId) -> u128 {
        let node = self.node(id);
        let own = scale_of(&node.ty.ty).unwrap_or(0);
        // What is not asked for here is held, and so an integer of 64 bits.
        let of_type = of_type(&node.ty.ty);
        let held = of_type.min(INTEGERS);
        let is_decimal = matches!(node.ty.ty, Ty::Decimal(_));
        let at = |id: NodeId| self.magnitude_at(id, own);
        let computed = match &node.op {
            Op::Const(Value::Int(value)) => u128::from(value.unsigned_abs()),
            Op::Const(Value::Decimal { unscaled, scale }) => {
                times_power(unscaled.unsigned_abs(), own.saturating_sub(*scale))
            }
            Op::Gather(inner) => self.magnitude(*inner),
            Op::Column(_) | Op::Related { .. } if is_decimal => power(STORED_DIGITS) - 1,
            Op::If { then, otherwise, .. } => at(*then).max(at(*otherwise)),
            Op::Default { value, default } => at(*value).max(at(*default)),
            Op::Reduce { reduction, .. } => match reduction {
                Reduction::Count | Reduction::CountDistinct(_) | Reduction::CountPresent(_) => ROWS,
                Reduction::Min(value) | Reduction::Max(value) => at(*value),
                Reduction::First { value, .. } | Reduction::Last { value, .. } => at(*value),
                Reduction::Sum(value) => match self.summed_type(*value) {
                    SqlType::Decimal { precision, .. } => {
                        SUMS.iter().find(|(digits, _)| precision <= *digits).map_or(of_type, |(_, end)| *end)
                    }
                    _ => held,
                },
                Reduction::Any | Reduction::Mean(_) | Reduction::List(_) => held,
            },
            Op::Call { func, args } => match (func, args.as_slice()) {
                (Func::Add | Func::Sub, &[a, b]) => at(a).saturating_add(at(b)),
                (Func::Mul, &[a, b]) => {
                    let scales = [a, b].map(|arg| scale_of(&self.node(arg).ty.ty).unwrap_or(0));
                    let product = self.magnitude(a).saturating_mul(self.magnitude(b));
                    times_power(product, own.saturating_sub(scales[0] + scales[1]))
                }
                (Func::Convert | Func::Neg | Func::Abs | Func::MinOf | Func::MaxOf, all) => {
                    all.iter().map(|&arg| at(arg)).max().unwrap_or(held)
                }
                (Func::Rem, &[_, b]) => at(b),
                (Func::Size | Func::Length, _) => ROWS,
                _ if scale_of(&node.ty.ty) == Some(0) => of_type.min(INTEGERS + 1),
                _ => held,
            },
            _ if scale_of(&node.ty.ty) == Some(0) => of_type.min(INTEGERS + 1),
            _ => held,
        };
        computed.min(of_type)
    }

    /// The type of what is added up; of decimals that are counted, with the digits that they can have.
    pub(super) fn summed_type(&self, id: NodeId) -> SqlType {
        match self.type_of(id) {
            SqlType::Decimal { precision, scale } if self.is_counted(&SqlType::Decimal { precision, scale }) => {
                let digits = digits_of(self.magnitude(id));
                SqlType::Decimal { precision: precision.min(u8::try_from(digits).unwrap_or(precision)), scale }
            }
            other => other,
        }
    }

    /// Whether a number is an integer of 64 bits for certain, by what it is where its bound does not say so.
    pub(super) fn is_integer(&self, id: NodeId) -> bool {
        let node = self.node(id);
        match &node.op {
            _ if node.ty.ty == Ty::Int || self.magnitude(id) <= INTEGERS => true,
            Op::Gather(inner) => self.is_integer(*inner),
            Op::Call { func: Func::Convert, args } => args.iter().all(|&arg| self.is_integer(arg)),
            _ => false,
        }
    }

    /// The bound of a number in the unit of so many digits after the point.
    pub(super) fn magnitude_at(&self, id: NodeId, scale: u8) -> u128 {
        let own = scale_of(&self.node(id).ty.ty).unwrap_or(scale);
        times_power(self.magnitude(id), scale.saturating_sub(own))
    }
}

/// The bound of all numbers of a type.
pub(super) fn of_type(ty: &Ty) -> u128 {
    match ty {
        Ty::Decimal(digits) => power(digits.precision) - 1,
        _ => INTEGERS + 1,
    }
}

/// `10^exponent`
pub(super) fn power(exponent: u8) -> u128 {
    10u128.checked_pow(u32::from(exponent)).unwrap_or(u128::MAX)
}

/// A bound times `10^exponent`.
pub(super) fn times_power(bound: u128, exponent: u8) -> u128 {
    bound.saturating_mul(power(exponent))
}

/// How many digits a bound has.
pub(super) fn digits_of(bound: u128) -> u32 {
    bound.checked_ilog10().map_or(1, |log| log + 1)
}
