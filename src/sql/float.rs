//! Arithmetic of doubles that never raises an error, for engines that raise one where a result overflows, or where a
//! product or quotient that is not zero becomes zero. Invariant: the value is what IEEE arithmetic gives, null where that is not
//! finite.
//!
//! Whether a result overflows is found out on a smaller scale: multiplying by a power of two rounds nothing as long as no
//! number becomes subnormal.

use super::dialect::{Built, Unsupported};
use super::tree::{BinaryOp, Expr, Literal, SqlType};

/// The result out of operands that are written once, or several times where an engine says how short they must be.
pub(super) fn arithmetic(op: BinaryOp, left: Expr, right: Expr, short: Option<fn(&Expr) -> bool>) -> Built {
    let result = |[a, b]: [Expr; 2]| match op {
        BinaryOp::Add | BinaryOp::Sub => sum(op, a, b),
        BinaryOp::Mul => product(a, b),
        _ => quotient(a, b),
    };
    match (op, short) {
        (BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div, None) => Ok(Expr::with([left, right], result)),
        (BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div, Some(short))
            if short(&left) && short(&right) =>
        {
            Ok(result([left, right]))
        }
        (BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div, Some(_)) => {
            Err(Unsupported("arithmetic of numbers that are not exact, of results of such,".to_owned()))
        }
        _ => Err(Unsupported("the remainder of numbers that are not exact".to_owned())),
    }
}

fn float(value: f64) -> Expr {
    Expr::Literal(Literal::Float(value))
}

fn power(exponent: i32) -> Expr {
    float(2f64.powi(exponent))
}

fn abs(value: &Expr) -> Expr {
    Expr::call("abs", [value.clone()])
}

fn times(value: Expr, factor: Expr) -> Expr {
    value.binary(BinaryOp::Mul, factor)
}

fn less(left: Expr, right: Expr) -> Expr {
    left.binary(BinaryOp::Lt, right)
}

/// The sum or difference; small operands cannot overflow.
fn sum(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    let large = power(1000);
    let small = Expr::and([less(abs(&a), large.clone()), less(abs(&b), large)]);
    // Beside a large number, one below 1 changes nothing.
    let scaled = |value: &Expr| {
        let shrunk = times(value.clone(), power(-10));
        Expr::choose(less(abs(value), float(1.0)), float(0.0), shrunk)
    };
    let total = scaled(&a).binary(op, scaled(&b));
    let fits = less(Expr::call("abs", [total]), power(1014));
    let result = a.binary(op, b);
    Expr::Case { branches: vec![(small, result.clone()), (fits, result)], otherwise: None }
}

/// The product: it can overflow only of factors of at least 1, and underflow only of factors below.
fn product(a: Expr, b: Expr) -> Expr {
    let one = || float(1.0);
    let result = times(a.clone(), b.clone());
    let zero = Expr::or([a.clone().eq(float(0.0)), b.clone().eq(float(0.0))]);
    // Of two numbers of at least 2^-500 the product is far from zero.
    let tiny = Expr::or([less(abs(&a), power(-500)), less(abs(&b), power(-500))]);
    let both_small = Expr::and([less(abs(&a), one()), less(abs(&b), one()), tiny]);
    let enlarged = times(times(abs(&a), power(520)), times(abs(&b), power(520)));
    // Half of the smallest double, and less, rounds to zero.
    let vanishes = enlarged.binary(BinaryOp::Le, power(-35));
    let both_large = Expr::and([less(one(), abs(&a)), less(one(), abs(&b))]);
    let reduced = times(times(abs(&a), power(-520)), times(abs(&b), power(-520)));
    let overflows = reduced.binary(BinaryOp::Ge, power(-16));
    let small = Expr::choose(vanishes, float(0.0), result.clone());
    let large = result.clone().when(overflows.negate());
    let branches = vec![(zero, float(0.0)), (both_small, small), (both_large, large)];
    Expr::Case { branches, otherwise: Some(Box::new(result)) }
}

/// The quotient; the divisor is not zero.
fn quotient(a: Expr, b: Expr) -> Expr {
    let one = || float(1.0);
    let result = a.clone().binary(BinaryOp::Div, b.clone());
    let zero = a.clone().eq(float(0.0));
    let grows = Expr::and([less(one(), abs(&a)), less(abs(&b), one())]);
    let shrunk = times(abs(&a), power(-520));
    // 2^1025 and more, which the quotient of the scaled numbers could not hold either.
    let far_beyond = shrunk.clone().binary(BinaryOp::Ge, times(abs(&b), power(505)));
    let reduced = shrunk.binary(BinaryOp::Div, times(abs(&b), power(520)));
    let fits = less(reduced, power(-16));
    let large = Expr::Case {
        branches: vec![(far_beyond, Expr::Null(SqlType::Float)), (fits, result.clone())],
        otherwise: None,
    };
    let shrinks = Expr::and([less(abs(&a), one()), less(one(), abs(&b))]);
    // At most 2^-1075, half of the smallest double.
    let vanishes = times(abs(&a), power(520)).binary(BinaryOp::Le, times(abs(&b), power(-555)));
    let small = Expr::choose(vanishes, float(0.0), result.clone());
    let branches = vec![(zero, float(0.0)), (grows, large), (shrinks, small)];
    Expr::Case { branches, otherwise: Some(Box::new(result)) }
}
