//! Numbers: widening, and comparisons of exact ratios. `average(x) > 50` is `sum > 50 * count and count > 0`, and
//! `a / b > c` is `a > c * b` with the signs seen to, so that no engine's division takes part in a decision.

use super::{Lowerer, Scope};
use crate::builtins::{Func, Test};
use crate::hir::{Aggregate, Expr, ExprKind};
use crate::plan::NodeId;
use crate::types::{Digits, MAX_DIGITS, Ty, Value};

/// Digits that any `int` fits.
const INT_DIGITS: Digits = Digits { precision: 19, scale: 0 };

/// A quotient that is never computed.
pub(super) struct Ratio {
    numerator: NodeId,
    /// Not negative; the ratio is absent where it is 0.
    denominator: NodeId,
}

impl Lowerer<'_> {
    /// Widens a value; constants are widened here and now.
    pub(super) fn convert(&mut self, node: NodeId, ty: &Ty) -> NodeId {
        let from = self.graph.get(node).ty.ty.clone();
        if from == *ty {
            return node;
        }
        if let Some(value) = self.graph.constant(node).and_then(|value| widen(value, ty)) {
            return self.graph.literal(value, ty.clone());
        }
        self.graph.call(Func::Convert, vec![node], ty.clone())
    }

    /// Two numbers as one type in which both are exact (or as floats where one is).
    pub(super) fn unify(&mut self, a: NodeId, b: NodeId) -> (NodeId, NodeId) {
        let types = (self.graph.get(a).ty.ty.clone(), self.graph.get(b).ty.ty.clone());
        let ty = match types {
            (Ty::Float, _) | (_, Ty::Float) => Ty::Float,
            (Ty::Decimal(x), Ty::Decimal(y)) => Ty::Decimal(widest(x, y)),
            (Ty::Decimal(x), Ty::Int) | (Ty::Int, Ty::Decimal(x)) => Ty::Decimal(widest(x, INT_DIGITS)),
            _ => return (a, b),
        };
        (self.convert(a, &ty), self.convert(b, &ty))
    }

    /// A comparison; exact where an operand is a ratio.
    pub(super) fn compare(&mut self, op: Test, lhs: &Expr, rhs: &Expr, scope: &Scope) -> NodeId {
        let left = self.ratio(lhs, scope);
        let right = self.ratio(rhs, scope);
        if left.is_none() && right.is_none() {
            let (a, b) = (self.expr(lhs, scope), self.expr(rhs, scope));
            let (a, b) = if lhs.ty.ty.is_number() { self.unify(a, b) } else { (a, b) };
            return self.graph.test(op, vec![a, b]);
        }
        let mut conjuncts = Vec::new();
        let mut side = |this: &mut Self, ratio: &Option<Ratio>, expr: &Expr| match ratio {
            Some(ratio) => {
                let zero = this.graph.literal(Value::Int(0), Ty::Int);
                let (denominator, zero) = this.unify(ratio.denominator, zero);
                conjuncts.push(this.graph.test(Test::Gt, vec![denominator, zero]));
                ratio.numerator
            }
            None => this.expr(expr, scope),
        };
        let mut a = side(self, &left, lhs);
        let mut b = side(self, &right, rhs);
        if let Some(right) = right {
            a = self.multiply(a, right.denominator);
        }
        if let Some(left) = left {
            b = self.multiply(b, left.denominator);
        }
        let (a, b) = self.unify(a, b);
        conjuncts.push(self.graph.test(op, vec![a, b]));
        self.graph.and(conjuncts)
    }

    /// The quotient that an expression is, if it is one: an average or a division of exact numbers, also through the
    /// name of a definition.
    fn ratio(&mut self, expr: &Expr, scope: &Scope) -> Option<Ratio> {
        match &expr.kind {
            ExprKind::Aggregate { function: Aggregate::Average(value), collection } if value.ty.ty != Ty::Float => {
                let (numerator, denominator) = self.sum_and_count(value, collection, scope);
                Some(Ratio { numerator, denominator })
            }
            ExprKind::Call { func: Func::Div, args } if expr.ty.ty != Ty::Float => match args.as_slice() {
                [a, b] => {
                    let (a, b) = (self.expr(a, scope), self.expr(b, scope));
                    Some(self.positive_ratio(a, b))
                }
                _ => None,
            },
            ExprKind::Call { func: Func::Convert, args } if matches!(expr.ty.ty, Ty::Decimal(_)) => {
                self.ratio(args.first()?, scope)
            }
            ExprKind::Let(id, args) => {
                let definition = self.module.lets.get(id.0 as usize)?;
                let locals = args.iter().map(|arg| self.expr(arg, scope)).collect();
                self.ratio(&definition.body, &Scope { locals })
            }
            _ => None,
        }
    }

    /// `a / b` with the sign moved to the numerator.
    fn positive_ratio(&mut self, a: NodeId, b: NodeId) -> Ratio {
        let (a, b) = (self.exact(a), self.exact(b));
        let (a_ty, b_ty) = (self.graph.get(a).ty.ty.clone(), self.graph.get(b).ty.ty.clone());
        if let Some(Value::Decimal { unscaled: 1.., .. }) = self.graph.constant(b) {
            return Ratio { numerator: a, denominator: b };
        }
        let zero = self.graph.literal(Value::Decimal { unscaled: 0, scale: scale_of(&b_ty) }, b_ty.clone());
        let negative = self.graph.test(Test::Lt, vec![b, zero]);
        let negated = self.graph.call(Func::Neg, vec![a], a_ty.clone());
        let numerator = self.choose(negative, negated, a);
        let denominator = self.graph.call(Func::Abs, vec![b], b_ty);
        Ratio { numerator, denominator }
    }

    /// A number as a decimal, so that a product of two cannot overflow 64 bits.
    pub(super) fn exact(&mut self, node: NodeId) -> NodeId {
        match self.graph.get(node).ty.ty {
            Ty::Int => self.convert(node, &Ty::Decimal(INT_DIGITS)),
            _ => node,
        }
    }

    fn multiply(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let (a, b) = (self.exact(a), self.exact(b));
        match (self.graph.get(a).ty.ty.clone(), self.graph.get(b).ty.ty.clone()) {
            (Ty::Decimal(x), Ty::Decimal(y)) => {
                let digits =
                    Digits { precision: (x.precision + y.precision).min(MAX_DIGITS), scale: x.scale + y.scale };
                self.graph.call(Func::Mul, vec![a, b], Ty::Decimal(digits))
            }
            _ => self.graph.call(Func::Mul, vec![a, b], Ty::Float),
        }
    }
}

fn scale_of(ty: &Ty) -> u8 {
    match ty {
        Ty::Decimal(digits) => digits.scale,
        _ => 0,
    }
}

/// Digits that hold every value of both.
fn widest(a: Digits, b: Digits) -> Digits {
    let scale = a.scale.max(b.scale);
    let whole = a.precision.saturating_sub(a.scale).max(b.precision.saturating_sub(b.scale));
    Digits { precision: (whole + scale).min(MAX_DIGITS), scale }
}

/// A constant as a wider type; `None` where it does not fit.
fn widen(value: &Value, ty: &Ty) -> Option<Value> {
    match (value, ty) {
        (Value::Int(v), Ty::Decimal(digits)) => Some(Value::Decimal {
            unscaled: i128::from(*v).checked_mul(power_of_ten(digits.scale)?)?,
            scale: digits.scale,
        }),
        (Value::Decimal { unscaled, scale }, Ty::Decimal(digits)) => {
            let up = power_of_ten(digits.scale.checked_sub(*scale)?)?;
            Some(Value::Decimal { unscaled: unscaled.checked_mul(up)?, scale: digits.scale })
        }
        (Value::Int(v), Ty::Float) => Some(Value::Float(*v as f64)),
        // The shortest text of a decimal read as a double is the double nearest to it.
        (Value::Decimal { unscaled, scale }, Ty::Float) => {
            format!("{unscaled}e-{scale}").parse().ok().filter(|v: &f64| v.is_finite()).map(Value::Float)
        }
        (Value::String(_), Ty::String) => Some(value.clone()),
        (Value::List(items), Ty::List(element)) => {
            items.iter().map(|item| widen(item, element)).collect::<Option<Vec<_>>>().map(Value::List)
        }
        _ => None,
    }
}

fn power_of_ten(exponent: u8) -> Option<i128> {
    10i128.checked_pow(u32::from(exponent))
}
