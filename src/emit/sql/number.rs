//! Arithmetic. Invariant: an `int` result is computed in a wide integer and narrowed, a `float` result is tested once for
//! being finite, and a `decimal` result has the digits that its type says.

use super::scope::{Frame, Scope};
use super::{Emitter, Failure, Result, sql_type};
use crate::builtins::{Func, Test};
use crate::plan::{NodeId, Op};
use crate::sql::tree::{BinaryOp, Literal};
use crate::sql::{Expr, SqlType};
use crate::types::{Digits, Ty, Value};

/// Digits of a quotient behind the point.
const QUOTIENT_SCALE: u32 = 12;

impl Emitter<'_> {
    /// `+`, `-`, `*`, `/`, `div`, `%` of two numbers of one kind.
    pub(super) fn arithmetic(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        func: Func,
        args: [NodeId; 2],
        ty: &Ty,
    ) -> Result<Expr> {
        if self.is_float(args[0]) || self.is_float(args[1]) {
            let raw = self.float_arithmetic(frame, scope, func, args)?;
            return if func == Func::IntDiv { self.float_to_int(raw) } else { self.finite(raw) };
        }
        let written = [self.written_digits(args[0]), self.written_digits(args[1])];
        let a = self.value(frame, scope, args[0])?;
        let b = self.value(frame, scope, args[1])?;
        let op = match func {
            Func::Add => BinaryOp::Add,
            Func::Sub => BinaryOp::Sub,
            Func::Mul => BinaryOp::Mul,
            Func::Div => return self.quotient(a, b, args),
            _ => return self.whole_division(func, a, b, args, ty),
        };
        let Ty::Decimal(digits) = ty else {
            return self.narrowed_int(wide(a).binary(op, b));
        };
        let [x, y] = written;
        let needed = if func == Func::Mul { x.precision + y.precision } else { x.precision.max(y.precision) + 1 };
        let limit = self.dialect.limits().digits;
        let product_scale = x.scale + y.scale;
        if digits.scale > limit {
            return Err(Failure::TooManyDigits(u32::from(digits.scale)));
        }
        if func == Func::Mul && product_scale > self.dialect.limits().product_scale.max(x.scale).max(y.scale) {
            return Err(Failure::Unsupported(format!(
                "a product of decimals with {product_scale} digits after the point"
            )));
        }
        let narrow = self.dialect.limits().narrow_digits;
        let (a, b) = (self.operand(args[0], a)?, self.operand(args[1], b)?);
        let widths = [self.written_width(args[0]), self.written_width(args[1])];
        let wanted = if func == Func::Mul { widths[0] + widths[1] } else { widths[0].max(widths[1]) + 1 };
        let a = if wanted > narrow && narrow < limit && widths.iter().all(|width| *width <= narrow) {
            a.cast(SqlType::Decimal { precision: narrow + 1, scale: x.scale })
        } else {
            a
        };
        let expr = a.binary(op, b);
        Ok(if needed > limit { self.dialect.guarded(expr, &sql_type(ty))? } else { expr })
    }

    /// The digits that an engine gives a decimal: a literal without a point is a 32-bit integer at least.
    fn written_width(&self, id: NodeId) -> u8 {
        let digits = self.written_digits(id);
        if digits.scale == 0 { digits.precision.max(10) } else { digits.precision }
    }

    /// Floats, not yet tested for being finite: NaN and infinities stay such through sums and products.
    fn float_arithmetic(&mut self, frame: &mut Frame, scope: &Scope, func: Func, args: [NodeId; 2]) -> Result<Expr> {
        let a = self.raw_float(frame, scope, args[0])?;
        if matches!(func, Func::Div | Func::IntDiv | Func::Rem) {
            // A quotient by an infinity would be finite.
            let b = self.value(frame, scope, args[1])?.null_if(Expr::Literal(Literal::Float(0.0)));
            return match func {
                Func::Div => Ok(self.dialect.float_arithmetic(BinaryOp::Div, a, b)?),
                Func::Rem => Ok(self.dialect.float_arithmetic(BinaryOp::Rem, a, b)?),
                _ => Ok(self.dialect.trunc(self.dialect.float_arithmetic(BinaryOp::Div, a, b)?)?),
            };
        }
        let b = self.raw_float(frame, scope, args[1])?;
        let op = match func {
            Func::Add => BinaryOp::Add,
            Func::Sub => BinaryOp::Sub,
            _ => BinaryOp::Mul,
        };
        Ok(self.dialect.float_arithmetic(op, a, b)?)
    }

    fn raw_float(&mut self, frame: &mut Frame, scope: &Scope, id: NodeId) -> Result<Expr> {
        match &self.node(id).op {
            Op::Call { func: func @ (Func::Add | Func::Sub | Func::Mul), args } if self.is_float(id) => {
                match args.as_slice() {
                    [a, b] => self.float_arithmetic(frame, scope, *func, [*a, *b]),
                    _ => self.value(frame, scope, id),
                }
            }
            Op::Gather(inner) => self.raw_float(frame, scope, *inner),
            Op::Column(path) if self.is_float(id) => {
                self.record_path(frame, scope, self.node(id).domain, path, &SqlType::Float)
            }
            _ => self.value(frame, scope, id),
        }
    }

    /// The comparison of a float that is stored with a constant, as one of the raw column, and of the other end of what such
    /// a number may be: engines differ in whether NaN is above all numbers or compares with none. None for others.
    pub(super) fn float_test(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        op: Test,
        left: NodeId,
        right: NodeId,
    ) -> Result<Option<Expr>> {
        let (mut column, op) = match op {
            Test::Gt => (left, BinaryOp::Gt),
            Test::Ge => (left, BinaryOp::Ge),
            Test::Lt => (left, BinaryOp::Lt),
            Test::Le => (left, BinaryOp::Le),
            _ => return Ok(None),
        };
        while let Op::Gather(inner) = &self.node(column).op {
            column = *inner;
        }
        let node = self.node(column);
        let (Op::Column(path), Some((low, high)), &Op::Const(Value::Float(constant))) =
            (&node.op, float_range(&node.ty.ty), &self.node(right).op)
        else {
            return Ok(None);
        };
        let stored = self.record_path(frame, scope, node.domain, path, &SqlType::Float)?;
        let than = |op, value| stored.clone().binary(op, Expr::Literal(Literal::Float(value)));
        let mut all = vec![than(op, constant)];
        if !self.layout.finite_floats {
            all.push(match op {
                BinaryOp::Gt | BinaryOp::Ge => than(BinaryOp::Le, high),
                _ => than(BinaryOp::Ge, low),
            });
        }
        Ok(Some(Expr::and(all)))
    }

    fn float_to_int(&self, float: Expr) -> Result<Expr> {
        let small = self.dialect.abs(float.clone())?.binary(BinaryOp::Lt, Expr::Literal(Literal::Float(9.2e18)));
        Ok(self.dialect.narrowed(float, &SqlType::Float, &SqlType::Int)?.when(small))
    }

    /// `a / b` with 12 digits behind the point, half away from zero.
    fn quotient(&mut self, a: Expr, b: Expr, args: [NodeId; 2]) -> Result<Expr> {
        let [x, y] = args.map(|arg| self.digits(arg));
        let up = QUOTIENT_SCALE + u32::from(y.scale);
        let (top_power, bottom_power) = match up.checked_sub(u32::from(x.scale)) {
            Some(power) => (power, 0),
            None => (0, u32::from(x.scale) - up),
        };
        // Twice the dividend plus the divisor must fit.
        let [x_written, y_written] = args.map(|arg| self.written_digits(arg));
        let limit = u32::from(self.dialect.limits().digits);
        let needed = (unscaled_digits(x_written, x) + top_power).max(unscaled_digits(y_written, y) + bottom_power) + 1;
        if needed > limit || needed > u32::from(self.dialect.limits().quotient_digits) {
            return Err(Failure::TooManyDigits(needed));
        }
        let top = scaled(unscaled(a, x), top_power);
        let abs_top = self.dialect.abs(top.clone())?;
        let twice = |expr: Expr| Expr::int(2).binary(BinaryOp::Mul, expr);
        let negative_top = top.binary(BinaryOp::Lt, Expr::int(0));
        let constant = self.constant_digits(args[1], y.scale).and_then(|value| {
            let value = value.checked_mul(10i128.checked_pow(bottom_power)?)?;
            i64::try_from(value).ok().filter(|value| *value != 0 && value.unsigned_abs() < 1 << 62)
        });
        let (rounded, negative) = match constant {
            Some(bottom) => {
                let (half, whole) = (Expr::int(bottom.abs()), Expr::int(2 * bottom.abs()));
                let rounded = self.dialect.int_div(twice(abs_top).binary(BinaryOp::Add, half), whole)?;
                (rounded, if bottom > 0 { negative_top } else { negative_top.negate() })
            }
            None => {
                let bottom = scaled(unscaled(b, y), bottom_power).null_if(Expr::int(0));
                let abs_bottom = self.dialect.abs(bottom.clone())?;
                let top = twice(abs_top).binary(BinaryOp::Add, abs_bottom.clone());
                let rounded = self.dialect.int_div(top, twice(abs_bottom))?;
                (rounded, negative_top.binary(BinaryOp::Ne, bottom.binary(BinaryOp::Lt, Expr::int(0))))
            }
        };
        let signed = Expr::choose(negative, Expr::Negative(Box::new(rounded.clone())), rounded);
        Ok(self.rescaled(signed, QUOTIENT_SCALE as u8))
    }

    /// `div` and `%` of exact numbers.
    fn whole_division(&mut self, func: Func, a: Expr, b: Expr, args: [NodeId; 2], ty: &Ty) -> Result<Expr> {
        let [x, y] = args.map(|arg| self.digits(arg));
        let [x_written, y_written] = args.map(|arg| self.written_digits(arg));
        let scale = x.scale.max(y.scale);
        let (x_power, y_power) = (u32::from(scale - x.scale), u32::from(scale - y.scale));
        let needed = (unscaled_digits(x_written, x) + x_power).max(unscaled_digits(y_written, y) + y_power);
        if needed > u32::from(self.dialect.limits().quotient_digits) {
            return Err(Failure::TooManyDigits(needed));
        }
        let top = scaled(unscaled(a, x), x_power);
        let constant = self.constant_digits(args[1], scale).and_then(|value| i64::try_from(value).ok());
        let bottom = match constant {
            Some(bottom) if bottom != 0 => Expr::int(bottom),
            Some(_) => return Ok(Expr::Null(sql_type(ty))),
            None => scaled(unscaled(b, y), y_power).null_if(Expr::int(0)),
        };
        if func == Func::IntDiv {
            return self.narrowed_int(self.dialect.int_div(top, bottom)?);
        }
        let rest = top.binary(BinaryOp::Rem, bottom);
        Ok(match ty {
            Ty::Decimal(_) if scale > 0 => self.rescaled(rest, scale),
            Ty::Decimal(_) => self.dialect.wide_to_decimal(rest),
            _ => self.narrowed_int(rest)?,
        })
    }

    /// A wide integer as a decimal with some digits behind the point: multiplied by the smallest such number, which moves
    /// the point and nothing else.
    fn rescaled(&self, value: Expr, scale: u8) -> Expr {
        self.dialect.wide_to_decimal(value).binary(BinaryOp::Mul, smallest(scale))
    }

    /// A wide integer as one of 64 bits.
    fn narrowed_int(&self, wide: Expr) -> Result<Expr> {
        Ok(self.dialect.narrowed(wide, &SqlType::WideInt, &SqlType::Int)?)
    }

    /// The digits of a constant as an integer at some scale.
    fn constant_digits(&self, id: NodeId, scale: u8) -> Option<i128> {
        match &self.node(id).op {
            Op::Const(Value::Int(value)) => i128::from(*value).checked_mul(10i128.checked_pow(u32::from(scale))?),
            Op::Const(Value::Decimal { unscaled, scale: own }) => {
                unscaled.checked_mul(10i128.checked_pow(u32::from(scale.checked_sub(*own)?))?)
            }
            Op::Gather(inner) => self.constant_digits(*inner, scale),
            _ => None,
        }
    }

    /// Functions of one number.
    pub(super) fn rounding(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        func: Func,
        args: &[NodeId],
        ty: &Ty,
    ) -> Result<Expr> {
        let Some(&arg) = args.first() else { return Err(Failure::Unsupported("a function of nothing".to_owned())) };
        let dialect = self.dialect;
        let value = self.value(frame, scope, arg)?;
        let digits = match args.get(1) {
            Some(&digits) => self.literal_int(digits)?,
            None => 0,
        };
        let digits = u8::try_from(digits).unwrap_or(u8::MAX);
        match &self.node(arg).ty.ty {
            Ty::Int => Ok(match func {
                Func::Neg => self.narrowed_int(Expr::Negative(Box::new(wide(value))))?,
                Func::Abs => self.narrowed_int(dialect.abs(wide(value))?)?,
                _ => value,
            }),
            Ty::Decimal(from) => {
                let result = match func {
                    Func::Neg => return Ok(Expr::Negative(Box::new(value))),
                    Func::Abs => return Ok(dialect.abs(value)?),
                    Func::Floor => dialect.floor(value, &self.type_of(arg))?,
                    Func::Ceil => dialect.ceil(value, &self.type_of(arg))?,
                    _ if digits >= from.scale && *ty != Ty::Int => return Ok(value),
                    _ => dialect.round(value, digits)?,
                };
                Ok(dialect.narrowed(result, &sql_type(&self.node(arg).ty.ty), &sql_type(ty))?)
            }
            _ => match func {
                Func::Neg => Ok(Expr::Negative(Box::new(value))),
                Func::Abs => Ok(dialect.abs(value)?),
                Func::Floor => Ok(dialect.floor(value, &SqlType::Float)?),
                Func::Ceil => Ok(dialect.ceil(value, &SqlType::Float)?),
                _ => self.round_float(value, digits),
            },
        }
    }

    /// Half away from zero by the one formula that every engine computes alike.
    fn round_float(&mut self, value: Expr, digits: u8) -> Result<Expr> {
        let power = Expr::Literal(Literal::Float(10f64.powi(i32::from(digits))));
        let half = Expr::Literal(Literal::Float(0.5));
        let magnitude =
            self.dialect.float_arithmetic(BinaryOp::Mul, self.dialect.abs(value.clone())?, power.clone())?;
        let magnitude = self.dialect.float_arithmetic(BinaryOp::Add, magnitude, half)?;
        let whole = self.dialect.floor(magnitude, &SqlType::Float)?;
        let signed = self.dialect.sign(value)?.binary(BinaryOp::Mul, whole);
        self.finite(signed.binary(BinaryOp::Div, power))
    }

    /// The smallest or largest of several values.
    pub(super) fn extreme(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        largest: bool,
        args: &[NodeId],
        ty: &Ty,
    ) -> Result<Expr> {
        let mut values = Vec::new();
        let mut present = Vec::new();
        for &arg in args {
            let value = self.value(frame, scope, arg)?;
            if self.nullable(arg) {
                present.push(value.clone().is_present());
            }
            values.push(self.dialect.branch(self.picked(arg, value)?, &sql_type(ty))?);
        }
        let value = if largest { self.dialect.greatest(values)? } else { self.dialect.least(values)? };
        Ok(if present.is_empty() { value } else { value.when(Expr::and(present)) })
    }

    /// A widening.
    pub(super) fn convert(&mut self, frame: &mut Frame, scope: &Scope, arg: NodeId, ty: &Ty) -> Result<Expr> {
        let value = self.value(frame, scope, arg)?;
        let from = self.node(arg).ty.ty.clone();
        self.converted(value, &from, ty)
    }

    fn converted(&mut self, value: Expr, from: &Ty, to: &Ty) -> Result<Expr> {
        Ok(match (from, to) {
            (Ty::Int, Ty::Decimal(digits)) => {
                let fits = digits.precision.saturating_sub(digits.scale) >= 19;
                if fits {
                    value.cast(sql_type(to))
                } else {
                    self.dialect.narrowed(value, &SqlType::Int, &sql_type(to))?
                }
            }
            (Ty::Int, Ty::Float) => value.cast(SqlType::Float),
            (Ty::Decimal(from), Ty::Decimal(digits)) => {
                let fits = digits.precision - digits.scale >= from.precision.saturating_sub(from.scale);
                let from = SqlType::Decimal { precision: from.precision, scale: from.scale };
                if fits { value.cast(sql_type(to)) } else { self.dialect.narrowed(value, &from, &sql_type(to))? }
            }
            (Ty::Decimal(from), Ty::Float) => self.dialect.decimal_to_float(value, from.precision)?,
            (Ty::List(from), Ty::List(to)) if sql_type(from) != sql_type(to) => {
                let item = self.names.fresh("item");
                let (from, to) = ((**from).clone(), (**to).clone());
                let element = self.dialect.element(Expr::Var(item.clone()), &sql_type(&from))?;
                let converted = self.converted(element, &from, &to)?;
                self.dialect.list_transform(value, vec![item], converted, &sql_type(&to))?
            }
            _ => value,
        })
    }

    fn is_float(&self, id: NodeId) -> bool {
        matches!(self.node(id).ty.ty, Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile)
    }

    /// The digits of an exact number.
    fn digits(&self, id: NodeId) -> Digits {
        match self.node(id).ty.ty {
            Ty::Decimal(digits) => digits,
            _ => Digits { precision: 19, scale: 0 },
        }
    }

    /// A value as an operand of arithmetic or a comparison.
    pub(super) fn operand(&self, id: NodeId, value: Expr) -> Result<Expr> {
        if !matches!(self.node(id).ty.ty, Ty::Decimal(_)) {
            return Ok(value);
        }
        let used = self.written_digits(id);
        Ok(self.dialect.operand(value, used.precision, used.scale)?)
    }

    /// The digits that a number can have: of a constant those it has.
    fn written_digits(&self, id: NodeId) -> Digits {
        match &self.node(id).op {
            Op::Const(Value::Decimal { unscaled, scale }) => {
                let (mut unscaled, mut scale) = (unscaled.unsigned_abs(), *scale);
                while scale > 0 && unscaled % 10 == 0 {
                    (unscaled, scale) = (unscaled / 10, scale - 1);
                }
                let digits = unscaled.checked_ilog10().map_or(1, |log| log as u8 + 1);
                Digits { precision: digits.max(scale), scale }
            }
            Op::Gather(inner) => self.written_digits(*inner),
            // A widening adds no digits.
            Op::Call { func: Func::Convert, args } => match args.first() {
                Some(&arg) if matches!(self.node(arg).ty.ty, Ty::Int | Ty::Decimal(_)) => {
                    let (used, ty) = (self.written_digits(arg), self.digits(id));
                    let scale = ty.scale.max(used.scale);
                    Digits { precision: (used.precision + scale - used.scale).min(ty.precision), scale }
                }
                _ => self.digits(id),
            },
            _ => self.digits(id),
        }
    }

    /// The integer that a node always is.
    pub(super) fn literal_int(&self, id: NodeId) -> Result<i64> {
        match &self.node(id).op {
            Op::Const(Value::Int(value)) => Ok(*value),
            Op::Const(Value::Decimal { unscaled, scale: 0 }) => Ok(i64::try_from(*unscaled).unwrap_or(i64::MAX)),
            Op::Gather(inner) => self.literal_int(*inner),
            _ => Err(Failure::Unsupported("a number that is not a literal".to_owned())),
        }
    }
}

/// How many digits the unscaled number of a type has at most, of which only some are used.
fn unscaled_digits(used: Digits, ty: Digits) -> u32 {
    u32::from(used.precision) + u32::from(ty.scale.saturating_sub(used.scale))
}

/// A 64-bit integer as a wide one.
fn wide(value: Expr) -> Expr {
    value.cast(SqlType::WideInt)
}

/// The digits of a decimal as a wide integer.
fn unscaled(value: Expr, digits: Digits) -> Expr {
    if digits.scale == 0 {
        return wide(value);
    }
    match value {
        // It was such an integer before: behind all its digits there may be no place for so many zeros.
        Expr::Binary { op: BinaryOp::Mul, left, right } if *right == smallest(digits.scale) => {
            left.cast(SqlType::WideInt)
        }
        value => value.binary(BinaryOp::Mul, power_of_ten(u32::from(digits.scale))).cast(SqlType::WideInt),
    }
}

/// The smallest number with so many digits behind the point.
fn smallest(scale: u8) -> Expr {
    Expr::Literal(Literal::Decimal { unscaled: 1, precision: 38, scale })
}

/// A wide integer times a power of ten.
fn scaled(value: Expr, power: u32) -> Expr {
    if power == 0 { value } else { value.binary(BinaryOp::Mul, power_of_ten(power)) }
}

fn power_of_ten(power: u32) -> Expr {
    match 10i64.checked_pow(power) {
        Some(value) => Expr::int(value),
        None => Expr::Literal(Literal::Decimal {
            unscaled: 10i128.checked_pow(power).unwrap_or(i128::MAX),
            precision: (power + 1) as u8,
            scale: 0,
        })
        .cast(SqlType::WideInt),
    }
}

/// The least and the largest that a float of a type may be; what is beyond is absent. None for other types.
pub(super) fn float_range(ty: &Ty) -> Option<(f64, f64)> {
    match ty {
        Ty::Float => Some((f64::MIN, f64::MAX)),
        Ty::Probability => Some((0.0, 1.0)),
        Ty::Score => Some((0.0, 100.0)),
        Ty::Percentile => Some((1.0, 100.0)),
        _ => None,
    }
}

/// Conjuncts without the ends of a float's range that a nearer bound implies.
pub(super) fn without_implied(all: Vec<Expr>) -> Vec<Expr> {
    let bound = |expr: &Expr| match expr {
        Expr::Binary { op, left, right } => match (op, &**right) {
            (BinaryOp::Le | BinaryOp::Lt, Expr::Literal(Literal::Float(value))) => Some((left.clone(), true, *value)),
            (BinaryOp::Ge | BinaryOp::Gt, Expr::Literal(Literal::Float(value))) => Some((left.clone(), false, *value)),
            _ => None,
        },
        _ => None,
    };
    let bounds: Vec<_> = all.iter().map(bound).collect();
    let implied = |at: usize| {
        let Some((column, upper, value)) = &bounds[at] else { return false };
        let ends = [f64::MIN, f64::MAX, 0.0, 1.0, 100.0];
        let is_end = ends.contains(value) && matches!(&all[at], Expr::Binary { op: BinaryOp::Le | BinaryOp::Ge, .. });
        is_end
            && bounds.iter().enumerate().any(|(other, bound)| {
                let Some((same, also_upper, nearer)) = bound else { return false };
                let nearer = if *upper { nearer < value } else { nearer > value };
                other != at && same == column && also_upper == upper && nearer
            })
    };
    let kept: Vec<bool> = (0..all.len()).map(|at| !implied(at)).collect();
    all.into_iter().zip(kept).filter_map(|(expr, kept)| kept.then_some(expr)).collect()
}
