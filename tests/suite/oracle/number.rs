//! Exact fractions.

use std::cmp::Ordering;

/// `top / bottom`, reduced, `bottom` above 0. Digit bounds of the checked program keep both within 128 bits; a program
/// for which they do not is a fault that the tests want to see, so arithmetic panics on overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    top: i128,
    bottom: i128,
}

impl Ratio {
    pub fn new(top: i128, bottom: i128) -> Ratio {
        assert!(bottom != 0, "a ratio over 0");
        let sign = if bottom < 0 { -1 } else { 1 };
        let shared = greatest_divisor(top, bottom).max(1) * sign;
        Ratio { top: top / shared, bottom: bottom / shared }
    }

    pub fn int(value: i128) -> Ratio {
        Ratio { top: value, bottom: 1 }
    }

    /// `unscaled / 10^scale`
    pub fn decimal(unscaled: i128, scale: u8) -> Ratio {
        Ratio::new(unscaled, 10i128.pow(u32::from(scale)))
    }

    /// A number as JSON or a person writes it: `-12.50`, `1e3`.
    pub fn read(text: &str) -> Option<Ratio> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let unscaled: i128 = format!("{whole}{fraction}").parse().ok()?;
        let exponent = exponent - fraction.len() as i32;
        let power = 10i128.checked_pow(exponent.unsigned_abs())?;
        Some(if exponent < 0 { Ratio::new(unscaled, power) } else { Ratio::int(unscaled.checked_mul(power)?) })
    }

    pub fn add(self, other: Ratio) -> Ratio {
        self.checked_add(other).expect("digit bounds")
    }

    /// The sum; `None` beyond 128 bits.
    pub fn checked_add(self, other: Ratio) -> Option<Ratio> {
        let shared = greatest_divisor(self.bottom, other.bottom);
        let (a, b) = (other.bottom / shared, self.bottom / shared);
        let top = self.top.checked_mul(a)?.checked_add(other.top.checked_mul(b)?)?;
        Some(Ratio::new(top, self.bottom.checked_mul(a)?))
    }

    pub fn negate(self) -> Ratio {
        Ratio { top: -self.top, bottom: self.bottom }
    }

    pub fn sub(self, other: Ratio) -> Ratio {
        self.add(other.negate())
    }

    pub fn mul(self, other: Ratio) -> Ratio {
        self.checked_mul(other).expect("digit bounds")
    }

    /// The product; `None` beyond 128 bits.
    pub fn checked_mul(self, other: Ratio) -> Option<Ratio> {
        let (a, b) = (Ratio::new(self.top, other.bottom), Ratio::new(other.top, self.bottom));
        Some(Ratio::new(a.top.checked_mul(b.top)?, a.bottom.checked_mul(b.bottom)?))
    }

    /// Whether it is a number of at most 38 digits, so many of them after the point.
    pub fn has_at_most_38_digits(self, scale: u8) -> bool {
        let unscaled = self.checked_mul(Ratio::int(10i128.pow(u32::from(scale))));
        unscaled.is_some_and(|unscaled| unscaled.trunc().unsigned_abs() < 10u128.pow(38))
    }

    pub fn div(self, other: Ratio) -> Option<Ratio> {
        (other.top != 0).then(|| self.mul(Ratio::new(other.bottom, other.top)))
    }

    pub fn is_negative(self) -> bool {
        self.top < 0
    }

    /// The largest whole number that is not above.
    pub fn floor(self) -> i128 {
        self.top.div_euclid(self.bottom)
    }

    pub fn ceil(self) -> i128 {
        -self.negate().floor()
    }

    /// Toward zero.
    pub fn trunc(self) -> i128 {
        self.top / self.bottom
    }

    /// To a number of fractional digits, half away from zero.
    pub fn round(self, digits: u32) -> Ratio {
        let scale = 10i128.pow(digits);
        let (whole, rest) = (self.trunc(), self.sub(Ratio::int(self.trunc())));
        // The part behind the point alone is scaled: it is below 1.
        let scaled = rest.mul(Ratio::int(scale));
        let half = Ratio::new(if scaled.is_negative() { -1 } else { 1 }, 2);
        Ratio::int(whole).add(Ratio::new(scaled.add(half).trunc(), scale))
    }

    /// The double nearest to it.
    pub fn float(self) -> f64 {
        let mut scale = 0;
        let mut power = 1i128;
        while power % self.bottom != 0 {
            power *= 10;
            scale += 1;
        }
        let unscaled = self.top.checked_mul(power / self.bottom).expect("digit bounds");
        format!("{unscaled}e-{scale}").parse().expect("a number")
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Ratio) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    /// Whole parts first, then what is left over, turned upside down: no product, so nothing overflows.
    fn cmp(&self, other: &Ratio) -> Ordering {
        let by_whole = self.floor().cmp(&other.floor());
        let left = |r: &Ratio| r.top.rem_euclid(r.bottom);
        match (left(self), left(other)) {
            _ if by_whole != Ordering::Equal => by_whole,
            (0, 0) => Ordering::Equal,
            (0, _) => Ordering::Less,
            (_, 0) => Ordering::Greater,
            (a, b) => Ratio { top: other.bottom, bottom: b }.cmp(&Ratio { top: self.bottom, bottom: a }),
        }
    }
}

fn greatest_divisor(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.abs()
}

#[test]
fn fractions_are_compared_and_rounded_exactly() {
    let r = |text: &str| Ratio::read(text).unwrap();
    assert_eq!(r("-12.50"), Ratio::new(-25, 2));
    assert_eq!(r("1e3"), Ratio::int(1000));
    assert_eq!(r("0.1").add(r("0.2")), r("0.3"));
    let mut sorted =
        [r("-2.5"), Ratio::new(1, 3), r("0.333333333333"), r("-2.51"), Ratio::int(0), Ratio::int(i128::MAX)];
    sorted.sort();
    assert_eq!(
        sorted,
        [r("-2.51"), r("-2.5"), Ratio::int(0), r("0.333333333333"), Ratio::new(1, 3), Ratio::int(i128::MAX)]
    );
    for (value, digits, rounded) in
        [("2.5", 0, "3"), ("-2.5", 0, "-3"), ("2.449", 1, "2.4"), ("-0.05", 1, "-0.1"), ("0.04", 1, "0")]
    {
        assert_eq!(r(value).round(digits), r(rounded), "{value}");
    }
    assert_eq!(Ratio::new(2, 3).round(12), r("0.666666666667"));
    assert_eq!((r("-0.5").floor(), r("-0.5").ceil(), r("-1.5").trunc()), (-1, 0, -1));
    assert_eq!(r("0.1").float(), 0.1);
}
