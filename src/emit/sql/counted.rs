//! Exact decimals where they are integers of their type's smallest unit ([`Abilities::counts_decimals`]). Invariant: the
//! value of a decimal is such an integer of 64 bits (or 2^63, as the double that it is), by its [bound](super::magnitude) and
//! not by luck; what could be larger is refused, unless it is only compared with what is smaller.
//!
//! [`Abilities::counts_decimals`]: crate::sql::dialect::Abilities

use super::magnitude::{INTEGERS, digits_of, power, times_power};
use super::scope::{Frame, Scope};
use super::{Emitter, Failure, Result, sql_type};
use crate::builtins::{Func, Test};
use crate::plan::{NodeId, Op, Reduction};
use crate::sql::tree::{BinaryOp, Literal};
use crate::sql::{Expr, SqlType};
use crate::types::{Digits, Ty, Value};

/// Integers below are told from what does not fit 64 bits, also where that was rounded.
const FAR_BELOW: u128 = 1 << 62;
/// A thousand such integers, as many as may be added, are far less than the difference of those two.
const SMALL: u128 = 1 << 50;
/// Digits of a quotient after the point.
const QUOTIENT_SCALE: u8 = 12;

/// An exact number as it is counted.
struct Units {
    /// How many, exactly if that fits 64 bits; else a double, as large as it should be but for its last digits.
    value: Expr,
    /// What they are not more than.
    bound: u128,
    /// The unit: one in so many digits after the point.
    scale: u8,
}

impl Units {
    /// The same in a smaller unit.
    fn in_unit(self, scale: u8) -> Result<Units> {
        let (value, bound) = rescaled(self.value, self.bound, scale, self.scale)?;
        Ok(Units { value, bound, scale })
    }
}

impl Emitter<'_> {
    fn counts(&self) -> bool {
        self.dialect.abilities().counts_decimals
    }

    /// Whether a value of the database's type is such an integer.
    pub(super) fn is_counted(&self, ty: &SqlType) -> bool {
        self.counts() && matches!(ty, SqlType::Decimal { .. })
    }

    /// The digits of a decimal that is such an integer; none of another type.
    pub(super) fn counted(&self, ty: &Ty) -> Option<Digits> {
        match ty {
            Ty::Decimal(digits) if self.is_counted(&sql_type(ty)) => Some(*digits),
            _ => None,
        }
    }

    /// Whether values of a type are such integers, or lists of them.
    pub(super) fn holds_counted(&self, ty: &Ty) -> bool {
        match ty {
            Ty::List(element) => self.holds_counted(element),
            ty => self.counted(ty).is_some(),
        }
    }

    /// A value among others of a type.
    pub(super) fn value_as(&mut self, frame: &mut Frame, scope: &Scope, id: NodeId, ty: &Ty) -> Result<Expr> {
        match self.counted(ty) {
            Some(digits) => self.at_scale(frame, scope, id, digits.scale),
            None => self.value(frame, scope, id),
        }
    }

    /// A function of exact numbers that are counted; none if it is another.
    pub(super) fn counted_call(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        func: Func,
        args: &[NodeId],
        ty: &Ty,
    ) -> Result<Option<Expr>> {
        if !self.counts() {
            return Ok(None);
        }
        let exact = |this: &Self| args.iter().all(|&arg| this.scale(arg).is_some());
        Ok(Some(match (func, args, ty) {
            (Func::Add | Func::Sub | Func::Mul, _, Ty::Decimal(_)) => return self.small(frame, scope, func, args, ty),
            (Func::Div, &[a, b], Ty::Decimal(_)) => self.counted_quotient(frame, scope, a, b)?,
            (Func::IntDiv | Func::Rem, &[a, b], _) if exact(self) => {
                self.counted_division(frame, scope, func, [a, b], ty)?
            }
            (Func::MinOf | Func::MaxOf, _, Ty::Decimal(digits)) => {
                let values: Result<Vec<Expr>> =
                    args.iter().map(|&arg| self.at_scale(frame, scope, arg, digits.scale)).collect();
                let values = values?;
                let largest = func == Func::MaxOf;
                let nullable = args.iter().zip(&values).filter(|(arg, _)| self.nullable(**arg));
                let present: Vec<Expr> = nullable.map(|(_, value)| value.clone().is_present()).collect();
                let found = if largest { self.dialect.greatest(values)? } else { self.dialect.least(values)? };
                if present.is_empty() { found } else { found.when(Expr::and(present)) }
            }
            (Func::Convert, &[arg], _) => {
                let from = self.node(arg).ty.ty.clone();
                if !self.holds_counted(&from) && !self.holds_counted(ty) {
                    return Ok(None);
                }
                let value = self.value(frame, scope, arg)?;
                self.counted_conversion(value, self.magnitude(arg), &from, ty)?
            }
            (Func::Neg | Func::Abs | Func::Round | Func::Floor | Func::Ceil, &[arg, ..], _) => {
                let Ty::Decimal(from) = self.node(arg).ty.ty else { return Ok(None) };
                let value = self.value(frame, scope, arg)?;
                match func {
                    Func::Neg => Expr::Negative(Box::new(value)),
                    Func::Abs => self.dialect.abs(value)?,
                    _ => self.counted_rounding(func, value, arg, from, ty)?,
                }
            }
            _ => return Ok(None),
        }))
    }

    /// A sum, a difference or a product that fits.
    fn small(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        func: Func,
        args: &[NodeId],
        ty: &Ty,
    ) -> Result<Option<Expr>> {
        let &[a, b] = args else { return Ok(None) };
        let found = self.combined(frame, scope, func, [a, b])?;
        let found = found.in_unit(scale_of(ty).unwrap_or(0))?;
        fits(found.bound)?;
        Ok(Some(found.value))
    }

    /// A sum, a difference or a product.
    fn combined(&mut self, frame: &mut Frame, scope: &Scope, func: Func, [a, b]: [NodeId; 2]) -> Result<Units> {
        let (x, y) = (self.units_of(frame, scope, a)?, self.units_of(frame, scope, b)?);
        if func == Func::Mul {
            let bound = x.bound.saturating_mul(y.bound);
            return Ok(Units { value: x.value.binary(BinaryOp::Mul, y.value), bound, scale: x.scale + y.scale });
        }
        let op = if func == Func::Add { BinaryOp::Add } else { BinaryOp::Sub };
        let scale = x.scale.max(y.scale);
        let (x, y) = (x.in_unit(scale)?, y.in_unit(scale)?);
        // What is too large was rounded, and the difference of two such numbers could be anything.
        if x.bound.max(y.bound) > INTEGERS && x.bound.min(y.bound) > SMALL {
            return Err(Failure::TooManyDigits(digits_of(x.bound.max(y.bound))));
        }
        Ok(Units { bound: x.bound.saturating_add(y.bound), value: x.value.binary(op, y.value), scale })
    }

    /// An exact number in the largest unit that it is known to have, not yet in that of its type.
    fn units_of(&mut self, frame: &mut Frame, scope: &Scope, id: NodeId) -> Result<Units> {
        let node = self.node(id);
        let Some(own) = scale_of(&node.ty.ty) else { return Err(unequal_scales()) };
        let found = match (&node.op, &node.ty.ty) {
            (Op::Gather(inner), _) => return self.units_of(frame, scope, *inner),
            (Op::Const(Value::Decimal { unscaled, scale }), _) => {
                let (mut unscaled, mut scale) = (*unscaled, *scale);
                while scale > 0 && unscaled % 10 == 0 {
                    (unscaled, scale) = (unscaled / 10, scale - 1);
                }
                let value =
                    self.counted_constant(&Value::Decimal { unscaled, scale }, Digits { precision: 38, scale })?;
                Some(Units { value, bound: unscaled.unsigned_abs(), scale })
            }
            (Op::Call { func, args }, Ty::Decimal(to)) => match (func, args.as_slice()) {
                (Func::Add | Func::Sub | Func::Mul, &[a, b]) => Some(self.combined(frame, scope, *func, [a, b])?),
                (Func::Neg, &[arg]) => {
                    let Units { value, bound, scale } = self.units_of(frame, scope, arg)?;
                    Some(Units { value: Expr::Negative(Box::new(value)), bound, scale })
                }
                (Func::Convert, &[arg]) => self.widened(frame, scope, arg, *to)?,
                _ => None,
            },
            _ => None,
        };
        let Some(found) = found else {
            if let (Op::Reduce { from, mask, reduction }, Ty::Decimal(_)) = (&node.op, &node.ty.ty) {
                let value = self.reduce(frame, scope, id, *from, *mask, reduction)?;
                return Ok(Units { value, bound: self.magnitude(id), scale: own });
            }
            return Ok(Units { value: self.value(frame, scope, id)?, bound: self.magnitude(id), scale: own });
        };
        // Beyond its type's digits a number is absent.
        match node.ty.ty {
            Ty::Decimal(digits)
                if found.bound > INTEGERS
                    && found.bound >= power(digits.precision.saturating_sub(own - found.scale.min(own))) =>
            {
                Err(Failure::TooManyDigits(digits_of(found.bound)))
            }
            _ => Ok(found),
        }
    }

    /// A number that is widened to some digits, in its own unit; none where it could be too large and is an integer.
    fn widened(&mut self, frame: &mut Frame, scope: &Scope, id: NodeId, to: Digits) -> Result<Option<Units>> {
        let Some(scale) = self.scale(id).filter(|scale| *scale <= to.scale) else { return Ok(None) };
        let limit = times_power(power(to.precision - to.scale), scale);
        let bound = self.magnitude(id);
        if bound >= limit && bound <= INTEGERS + 1 {
            return Ok(None);
        }
        let found = self.units_of(frame, scope, id)?;
        let limit = times_power(power(to.precision - to.scale), found.scale);
        Ok(Some(match found.bound < limit {
            true => found,
            false => Units { value: within(found.value, limit), bound: limit - 1, ..found },
        }))
    }

    /// A comparison where an operand is a decimal that is counted; none if it is another test.
    pub(super) fn counted_test(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        op: Test,
        args: &[NodeId],
    ) -> Result<Option<Expr>> {
        let &[left, right] = args else { return Ok(None) };
        let types = [left, right].map(|arg| self.node(arg).ty.ty.clone());
        if !types.iter().any(|ty| self.holds_counted(ty)) {
            return Ok(None);
        }
        if self.scale(left).is_none() || self.scale(right).is_none() {
            // Elements are compared as they are.
            let [x, y] = types.map(|ty| if let Ty::List(element) = ty { scale_of(&element) } else { scale_of(&ty) });
            return if x == y { Ok(None) } else { Err(unequal_scales()) };
        }
        let (a, b) = (self.units_of(frame, scope, left)?, self.units_of(frame, scope, right)?);
        let scale = a.scale.max(b.scale);
        let (a, b) = (a.in_unit(scale)?, b.in_unit(scale)?);
        let (low, high) = (a.bound.min(b.bound), a.bound.max(b.bound));
        if high > INTEGERS && low >= FAR_BELOW {
            return Err(Failure::TooManyDigits(digits_of(high)));
        }
        self.binary_test(op, a.value, b.value).map(Some)
    }

    /// What a reduction gives, if it is an integer: a sum that is only compared need not be.
    pub(super) fn can_hold_reduced(&self, id: NodeId, reduction: &Reduction) -> Result<()> {
        let is_sum = matches!(reduction, Reduction::Sum(_));
        if is_sum && self.counted(&self.node(id).ty.ty).is_some() { fits(self.magnitude(id)) } else { Ok(()) }
    }

    /// What is added up, if it can be: the engine tells of a sum that does not fit only where all of it are integers.
    pub(super) fn can_sum(&self, id: NodeId) -> Result<()> {
        if self.counts() && self.scale(id).is_some() && !self.is_integer(id) {
            fits(self.magnitude(id))
        } else {
            Ok(())
        }
    }

    /// An exact number with so many digits after the point.
    pub(super) fn at_scale(&mut self, frame: &mut Frame, scope: &Scope, id: NodeId, scale: u8) -> Result<Expr> {
        let value = self.value(frame, scope, id)?;
        let (value, bound) = rescaled(value, self.magnitude(id), scale, self.scale(id).unwrap_or(scale))?;
        if self.scale(id).is_some_and(|own| own != scale) {
            fits(bound)?;
        }
        Ok(value)
    }

    /// The digits after the point of an exact number.
    pub(super) fn scale(&self, id: NodeId) -> Option<u8> {
        scale_of(&self.node(id).ty.ty)
    }

    /// A constant of a decimal type.
    pub(super) fn counted_constant(&self, value: &Value, to: Digits) -> Result<Expr> {
        let (unscaled, scale) = match value {
            Value::Decimal { unscaled, scale } => (*unscaled, *scale),
            Value::Int(value) => (i128::from(*value), 0),
            _ => return Err(unequal_scales()),
        };
        let by = |power: u8| 10i128.checked_pow(u32::from(power)).unwrap_or(i128::MAX);
        let unscaled = match to.scale.checked_sub(scale) {
            Some(up) => unscaled.saturating_mul(by(up)),
            None if unscaled % by(scale - to.scale) == 0 => unscaled / by(scale - to.scale),
            None => return Err(unequal_scales()),
        };
        fits(unscaled.unsigned_abs())?;
        Ok(Expr::int(i64::try_from(unscaled).unwrap_or(i64::MAX)))
    }

    fn counted_conversion(&mut self, value: Expr, bound: u128, from: &Ty, to: &Ty) -> Result<Expr> {
        Ok(match (from, to) {
            (Ty::Int | Ty::Decimal(_), Ty::Decimal(digits)) => {
                let scale = scale_of(from).unwrap_or(0);
                let limit = times_power(power(digits.precision - digits.scale), scale);
                let fitting = if bound < limit { value } else { within(value, limit) };
                if digits.scale == scale {
                    return Ok(fitting);
                }
                let (value, bound) = rescaled(fitting, bound.min(limit - 1), digits.scale, scale)?;
                fits(bound)?;
                value
            }
            (Ty::Decimal(digits), Ty::Float) => {
                // Both are exact as doubles, so that their quotient is the nearest.
                if bound > 1 << 53 || digits.scale > 22 {
                    let what = "a decimal of more than 15 digits as a number that is not exact";
                    return Err(Failure::Unsupported(what.to_owned()));
                }
                let unit = Expr::Literal(Literal::Float(10f64.powi(i32::from(digits.scale))));
                value.cast(SqlType::Float).binary(BinaryOp::Div, unit)
            }
            (Ty::List(from), Ty::List(to)) if from != to => {
                let item = self.names.fresh("item");
                let element = self.dialect.element(Expr::Var(item.clone()), &sql_type(from))?;
                let converted = self.counted_conversion(element, super::magnitude::of_type(from), from, to)?;
                self.dialect.list_transform(value, vec![item], converted, &sql_type(to))?
            }
            _ => value,
        })
    }

    /// `round`, `floor` and `ceil`.
    fn counted_rounding(&self, func: Func, value: Expr, arg: NodeId, from: Digits, ty: &Ty) -> Result<Expr> {
        let to = scale_of(ty).unwrap_or(0);
        let Some(cut @ 1..) = from.scale.checked_sub(to) else { return Ok(value) };
        let unit = int_power(cut)?;
        let op = |value: Expr, op, by: i64| value.binary(op, Expr::int(by));
        let signed = |value: &Expr| op(value.clone(), BinaryOp::Lt, 0);
        if func == Func::Round {
            fits(self.magnitude(arg).saturating_add(power(cut) / 2))?;
            let moved = |by| op(value.clone(), by, unit / 2);
            let moved = Expr::choose(signed(&value), moved(BinaryOp::Sub), moved(BinaryOp::Add));
            return Ok(self.dialect.int_div(moved, Expr::int(unit))?);
        }
        let whole = self.dialect.int_div(value.clone(), Expr::int(unit))?;
        let rest = op(value, BinaryOp::Rem, unit);
        let (wrong, by) =
            if func == Func::Floor { (BinaryOp::Lt, BinaryOp::Sub) } else { (BinaryOp::Gt, BinaryOp::Add) };
        Ok(whole.binary(by, Expr::choose(op(rest, wrong, 0), Expr::int(1), Expr::int(0))))
    }

    /// `a / b` with 12 digits behind the point, half away from zero.
    fn counted_quotient(&mut self, frame: &mut Frame, scope: &Scope, a: NodeId, b: NodeId) -> Result<Expr> {
        let [x, y] = [a, b].map(|arg| self.scale(arg).unwrap_or(0));
        let up = QUOTIENT_SCALE + y;
        let (top_scale, bottom_scale) = if up >= x { (up, y) } else { (x, x - QUOTIENT_SCALE) };
        let bounds = (self.magnitude_at(a, top_scale), self.magnitude_at(b, bottom_scale));
        fits(bounds.0.saturating_mul(2).saturating_add(bounds.1))?;
        fits(bounds.1.saturating_mul(2))?;
        let top = self.at_scale(frame, scope, a, top_scale)?;
        let bottom = self.at_scale(frame, scope, b, bottom_scale)?.null_if(Expr::int(0));
        let twice = |expr: Expr| Expr::int(2).binary(BinaryOp::Mul, expr);
        let negative = |expr: Expr| expr.binary(BinaryOp::Lt, Expr::int(0));
        let (abs_top, abs_bottom) = (self.dialect.abs(top.clone())?, self.dialect.abs(bottom.clone())?);
        let rounded =
            self.dialect.int_div(twice(abs_top).binary(BinaryOp::Add, abs_bottom.clone()), twice(abs_bottom))?;
        let opposed = negative(top).binary(BinaryOp::Ne, negative(bottom));
        Ok(Expr::choose(opposed, Expr::Negative(Box::new(rounded.clone())), rounded))
    }

    /// `div` and `%`.
    fn counted_division(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        func: Func,
        [a, b]: [NodeId; 2],
        ty: &Ty,
    ) -> Result<Expr> {
        let scale = self.scale(a).max(self.scale(b)).unwrap_or(0);
        for arg in [a, b] {
            if !self.is_integer(arg) {
                fits(self.magnitude(arg))?;
            }
        }
        let top = self.at_scale(frame, scope, a, scale)?;
        let bottom = self.at_scale(frame, scope, b, scale)?.null_if(Expr::int(0));
        if func == Func::IntDiv {
            let whole = self.dialect.int_div(top, bottom)?;
            return Ok(self.dialect.narrowed(whole, &SqlType::WideInt, &SqlType::Int)?);
        }
        let rest = top.binary(BinaryOp::Rem, bottom);
        Ok(rescaled(rest, self.magnitude_at(b, scale), scale_of(ty).unwrap_or(0), scale)?.0)
    }
}

/// The digits after the point of exact numbers.
pub(super) fn scale_of(ty: &Ty) -> Option<u8> {
    match ty {
        Ty::Int => Some(0),
        Ty::Decimal(digits) => Some(digits.scale),
        _ => None,
    }
}

/// What must be an integer of 64 bits.
fn fits(bound: u128) -> Result<()> {
    if bound > INTEGERS { Err(Failure::TooManyDigits(digits_of(bound))) } else { Ok(()) }
}

/// A value and its bound in a unit that is smaller by some powers of ten, or the same.
fn rescaled(value: Expr, bound: u128, to: u8, from: u8) -> Result<(Expr, u128)> {
    match to.checked_sub(from) {
        None => Err(unequal_scales()),
        Some(0) => Ok((value, bound)),
        Some(up) => {
            let unit = int_power(up)?;
            let value = match value {
                Expr::Literal(Literal::Int(value)) if value.checked_mul(unit).is_some() => Expr::int(value * unit),
                value => value.binary(BinaryOp::Mul, Expr::int(unit)),
            };
            Ok((value, times_power(bound, up)))
        }
    }
}

fn int_power(exponent: u8) -> Result<i64> {
    10i64.checked_pow(u32::from(exponent)).ok_or(Failure::TooManyDigits(u32::from(exponent) + 1))
}

/// A number that is nearer to zero than a power of ten; else null.
fn within(value: Expr, limit: u128) -> Expr {
    // A double that is rounded to one beyond 64 bits is taken for it.
    let end = |sign: i64| match i64::try_from(limit) {
        Ok(limit) => Expr::int(sign * limit),
        Err(_) => Expr::Literal(Literal::Float(sign as f64 * limit as f64)),
    };
    let (low, high) = (end(-1), end(1));
    Expr::with([value], |[value]| {
        let near = [value.clone().binary(BinaryOp::Gt, low), value.clone().binary(BinaryOp::Lt, high)];
        value.when(Expr::and(near))
    })
}

fn unequal_scales() -> Failure {
    Failure::Unsupported("decimals of different digits after the point in one list".to_owned())
}
