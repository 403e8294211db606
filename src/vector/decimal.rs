//! Exact decimals: an `i128` of unscaled digits whose scale is known from the type. At most 38 digits; what does not
//! fit is `None`. Invariant: rounding is half away from zero, and no intermediate result overflows silently.

/// The first number of digits that is too large: 10^38.
pub const LIMIT: u128 = 10u128.pow(38);

/// A number of at most 38 digits.
pub fn fit(value: i128) -> Option<i128> {
    (value.unsigned_abs() < LIMIT).then_some(value)
}

/// 10 to the power, up to 38.
pub fn power(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

/// `a * b` with a number of digits that fits.
pub fn multiply(a: i128, b: i128) -> Option<i128> {
    fit(a.checked_mul(b)?)
}

/// The same number with another scale, rounded where digits are dropped.
pub fn rescale(value: i128, from: u8, to: u8) -> Option<i128> {
    if to == from {
        return fit(value);
    }
    if to >= from {
        return multiply(value, power(u32::from(to - from))?).or((value == 0).then_some(0));
    }
    match power(u32::from(from - to)) {
        Some(divisor) => Some(round_div(value, divisor)),
        None => Some(0),
    }
}

/// `a / b` rounded half away from zero, for `b > 0`.
fn round_div(a: i128, b: i128) -> i128 {
    let (quotient, rest) = (a / b, a % b);
    if rest.unsigned_abs() >= b.unsigned_abs().div_ceil(2) { quotient + a.signum() } else { quotient }
}

/// `a / b` of scales `a_scale` and `b_scale` as a decimal of scale `scale`; `None` for `b == 0`.
pub fn divide(a: i128, a_scale: u8, b: i128, b_scale: u8, scale: u8) -> Option<i128> {
    let negative = (a < 0) != (b < 0);
    let shift = i32::from(scale) + i32::from(b_scale) - i32::from(a_scale);
    let (quotient, rest, divisor) = scaled_quotient(a.unsigned_abs(), b.unsigned_abs(), shift)?;
    let rounded = if rest >= divisor - rest { quotient.checked_add(1)? } else { quotient };
    signed(rounded, negative)
}

/// `a div b`: truncated toward zero, at scale 0; `None` for `b == 0`.
pub fn int_divide(a: i128, a_scale: u8, b: i128, b_scale: u8) -> Option<i128> {
    let negative = (a < 0) != (b < 0);
    let shift = i32::from(b_scale) - i32::from(a_scale);
    let (quotient, _, _) = scaled_quotient(a.unsigned_abs(), b.unsigned_abs(), shift)?;
    signed(quotient, negative)
}

/// `a % b` of scales `a_scale` and `b_scale` at the larger of them, with the sign of `a`; `None` for `b == 0`.
pub fn remainder(a: i128, a_scale: u8, b: i128, b_scale: u8) -> Option<i128> {
    if b == 0 {
        return None;
    }
    let magnitude = if a_scale >= b_scale {
        match multiply(b, power(u32::from(a_scale - b_scale))?) {
            Some(divisor) => a.unsigned_abs() % divisor.unsigned_abs(),
            // The divisor is larger than any number of 38 digits.
            None => a.unsigned_abs(),
        }
    } else {
        let factor = power(u32::from(b_scale - a_scale))?.unsigned_abs();
        let (high, low) = wide_product(a.unsigned_abs(), factor);
        wide_remainder(high, low, b.unsigned_abs())
    };
    signed(magnitude, a < 0)
}

/// The double nearest to a decimal.
pub fn to_float(value: i128, scale: u8) -> f64 {
    // Both are exact as doubles, so that one division rounds once.
    if value.unsigned_abs() < 1 << 53 && scale <= 22 {
        return value as f64 / 10f64.powi(i32::from(scale));
    }
    format!("{value}e-{scale}").parse().unwrap_or(0.0)
}

/// `trunc(a * 10^shift / b)` with the rest and the divisor of the last step, by which it is rounded.
fn scaled_quotient(a: u128, b: u128, shift: i32) -> Option<(u128, u128, u128)> {
    if b == 0 {
        return None;
    }
    if shift >= 0 {
        // More than 38 places up only 0 fits.
        let Some(factor) = power(shift.unsigned_abs()) else { return (a == 0).then_some((0, 0, b)) };
        let (high, low) = wide_product(a, factor.unsigned_abs());
        let (quotient, rest) = wide_quotient(high, low, b)?;
        return Some((quotient, rest, b));
    }
    // floor(a / (b * m)) is floor(floor(a / b) / m), and m is even, so the half is decided by the second step alone.
    let Some(divisor) = power(shift.unsigned_abs()) else { return Some((0, 0, b)) };
    let first = a / b;
    Some((first / divisor.unsigned_abs(), first % divisor.unsigned_abs(), divisor.unsigned_abs()))
}

fn signed(magnitude: u128, negative: bool) -> Option<i128> {
    let value = i128::try_from(magnitude).ok().and_then(fit)?;
    Some(if negative { -value } else { value })
}

/// The 256 bits of a product, high and low half.
fn wide_product(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let (mid1, mid2, low) = (a1 * b0, a0 * b1, a0 * b0);
    let carry = (low >> 64) + (mid1 & LOW) + (mid2 & LOW);
    (a1 * b1 + (mid1 >> 64) + (mid2 >> 64) + (carry >> 64), (carry << 64) | (low & LOW))
}

/// Quotient and remainder of 256 bits by 128; `None` if the quotient has more than 128 bits.
fn wide_quotient(high: u128, low: u128, divisor: u128) -> Option<(u128, u128)> {
    if high == 0 {
        return Some((low / divisor, low % divisor));
    }
    (high < divisor).then(|| long_division(high, low, divisor))
}

fn wide_remainder(high: u128, low: u128, divisor: u128) -> u128 {
    long_division(high % divisor, low, divisor).1
}

/// Bit by bit, for `high < divisor`.
fn long_division(high: u128, low: u128, divisor: u128) -> (u128, u128) {
    let (mut rest, mut quotient) = (high, 0u128);
    for bit in (0..128).rev() {
        let carry = rest >> 127 == 1;
        rest = (rest << 1) | (low >> bit & 1);
        if carry || rest >= divisor {
            rest = rest.wrapping_sub(divisor);
            quotient |= 1 << bit;
        }
    }
    (quotient, rest)
}
