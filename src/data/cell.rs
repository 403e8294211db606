//! One value of the data as one value of a column: the table of what each type accepts from each form that formats have.
//! Names `parse`. Invariant: every reader goes through [`convert`], so that formats cannot differ.

use std::fmt::Write as _;

use rustc_hash::FxHashSet;

use super::parse::{self, Exact, Moment, NotExact};
use super::report::Kind;
use crate::project::EpochUnit;
use crate::store::raw::RawValue;
use crate::types::{BUCKETS, Digits, MICROS_PER_DAY, Ty};
use crate::vector::time::Zone;

/// What a column accepts.
#[derive(Debug, Clone)]
pub enum Cell {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `decimal`
    Decimal(Digits),
    /// `float`, within bounds for the propensity scales
    Float(f64, f64),
    /// `string`
    Text,
    /// An enum; the values that it lists, `None` if open
    Enum(Option<FxHashSet<Box<str>>>),
    /// `date`
    Date,
    /// `timestamp`
    Timestamp,
    /// `bucket`
    Bucket,
    /// An object or a map: whether there is one
    Presence,
}

impl Cell {
    /// What a type accepts; for lists the elements.
    pub fn of(ty: &Ty) -> Cell {
        match ty {
            Ty::List(element) => Cell::of(element),
            Ty::Bool => Cell::Bool,
            Ty::Int | Ty::Duration => Cell::Int,
            Ty::Decimal(digits) => Cell::Decimal(*digits),
            Ty::Float => Cell::Float(f64::MIN, f64::MAX),
            Ty::Probability => Cell::Float(0.0, 1.0),
            Ty::Score => Cell::Float(0.0, 100.0),
            Ty::Percentile => Cell::Float(1.0, 100.0),
            Ty::String => Cell::Text,
            Ty::Enum(values) => {
                let listed = || values.values.iter().map(|(value, _)| value.as_str().into()).collect();
                Cell::Enum((!values.open).then(listed))
            }
            Ty::Date => Cell::Date,
            Ty::Timestamp => Cell::Timestamp,
            Ty::Bucket => Cell::Bucket,
            Ty::Map(_) | Ty::Object(_) | Ty::Error => Cell::Presence,
        }
    }

    /// Whether it makes of everything what another makes of it.
    pub fn reads_as(&self, other: &Cell) -> bool {
        matches!(
            (self, other),
            (Cell::Timestamp, Cell::Timestamp) | (Cell::Text | Cell::Enum(_), Cell::Text | Cell::Enum(_))
        )
    }

    /// What it is called in a report.
    fn name(&self) -> &'static str {
        match self {
            Cell::Bool => "a bool",
            Cell::Int => "an integer",
            Cell::Decimal(_) | Cell::Float(..) => "a number",
            Cell::Text | Cell::Enum(_) => "a text",
            Cell::Date => "a date",
            Cell::Timestamp => "a timestamp",
            Cell::Bucket => "a bucket",
            Cell::Presence => "an object",
        }
    }
}

/// What is agreed on the timestamps of a set of files.
#[derive(Debug, Clone, Default)]
pub struct TimeRules {
    /// The zone of those that tell none.
    pub zone: Option<Zone>,
    /// What integers count.
    pub unit: Option<EpochUnit>,
}

/// A scalar in one of the forms that formats have.
#[derive(Debug, Clone, Copy)]
pub enum Scalar<'a> {
    /// A boolean.
    Bool(bool),
    /// A number as text in JSON's form.
    Number(&'a str),
    /// The same, already taken apart: digits without the point, how many of them are behind it, and the text.
    Short(i64, u8, &'a str),
    /// A quoted text.
    Text(&'a str),
    /// A cell of a CSV file: a text, a number or a boolean, as the column wants.
    Word(&'a str),
    /// A binary integer.
    Int(i128),
    /// A binary floating-point number.
    Float(f64),
    /// A decimal: unscaled digits and scale.
    Decimal(i128, i8),
    /// Days since 1970-01-01.
    Date(i32),
    /// An instant, microseconds.
    Instant(i64),
    /// A timestamp without offset: microseconds since 1970-01-01 as if UTC.
    Local(i64),
}

/// Why a value is absent: kind, and the value or the reason as text.
pub type Refused = (Kind, String);

/// Buffer for text that is made on the way.
pub type Scratch = String;

/// Converts a value. `scratch` holds text that had to be made.
pub fn convert<'a>(
    cell: &Cell,
    scalar: Scalar<'a>,
    rules: &TimeRules,
    scratch: &'a mut Scratch,
) -> Result<RawValue<'a>, Refused> {
    if let Scalar::Short(digits, behind, written) = scalar {
        let value = short(cell, digits, behind, written);
        return value.map_or_else(|| convert(cell, Scalar::Number(written), rules, scratch), Ok);
    }
    match cell {
        Cell::Bool => boolean(scalar).map(RawValue::Bool).ok_or_else(|| wrong(cell, scalar)),
        Cell::Int => int(cell, scalar).map(RawValue::Int),
        Cell::Decimal(digits) => decimal(cell, scalar, *digits).map(RawValue::Decimal),
        Cell::Float(low, high) => float(cell, scalar, *low, *high).map(RawValue::Float),
        Cell::Text | Cell::Enum(_) => text(cell, scalar, scratch).map(RawValue::Text),
        Cell::Date => date(cell, scalar).map(RawValue::Date),
        Cell::Timestamp => timestamp(cell, scalar, rules).map(RawValue::Int),
        Cell::Bucket => bucket(cell, scalar).map(RawValue::Bucket),
        Cell::Presence => Err(wrong(cell, scalar)),
    }
}

/// A number of few digits, where it is plain what a column makes of it.
#[inline]
fn short<'a>(cell: &Cell, digits: i64, behind: u8, written: &'a str) -> Option<RawValue<'a>> {
    match cell {
        Cell::Int if behind == 0 => Some(RawValue::Int(digits)),
        Cell::Float(low, high) => short_float(digits, behind, *low, *high).map(RawValue::Float),
        Cell::Decimal(to) => {
            let factor = 10i128.checked_pow(u32::from(to.scale.checked_sub(behind)?))?;
            let value = i128::from(digits).checked_mul(factor)?;
            (value.unsigned_abs() < 10u128.pow(u32::from(to.precision.min(38)))).then_some(RawValue::Decimal(value))
        }
        Cell::Text | Cell::Enum(_) if behind == 0 && !written.starts_with('-') => Some(RawValue::Text(written)),
        _ => None,
    }
}

/// Powers of ten that doubles have exactly.
const TENS: [f64; 19] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

/// A number of few digits as a double within bounds, where a division gives the one that is nearest to it.
#[inline]
pub fn short_float(digits: i64, behind: u8, low: f64, high: f64) -> Option<f64> {
    // Both are exact then, so that the quotient is rounded once.
    let is_exact = digits.unsigned_abs() <= 1 << 53;
    let value = digits as f64 / TENS.get(usize::from(behind))?;
    (is_exact && low <= value && value <= high).then_some(value)
}

fn shown(scalar: Scalar<'_>) -> String {
    match scalar {
        Scalar::Bool(b) => format!("`{b}`"),
        Scalar::Number(t) | Scalar::Short(_, _, t) => format!("`{t}`"),
        Scalar::Text(t) | Scalar::Word(t) => format!("\"{t}\""),
        Scalar::Int(n) => format!("`{n}`"),
        Scalar::Float(x) => format!("`{x}`"),
        Scalar::Decimal(n, scale) => format!("`{n}e{}`", -i32::from(scale)),
        Scalar::Date(days) => format!("`{}`", crate::plan::value_text(&crate::types::Value::Date(days))),
        Scalar::Instant(at) => format!("`{}`", instant(at)),
        Scalar::Local(at) => format!("`{}`", instant(at).trim_end_matches('Z')),
    }
}

fn instant(micros: i64) -> String {
    crate::plan::value_text(&crate::types::Value::Timestamp(micros))
}

fn wrong(cell: &Cell, scalar: Scalar<'_>) -> Refused {
    (Kind::WrongType, format!("{} is not {}", shown(scalar), cell.name()))
}

fn boolean(scalar: Scalar<'_>) -> Option<bool> {
    match scalar {
        Scalar::Bool(b) => Some(b),
        Scalar::Word("true" | "True" | "TRUE" | "1") => Some(true),
        Scalar::Word("false" | "False" | "FALSE" | "0") => Some(false),
        _ => None,
    }
}

/// A number exactly; `None` for what is no number.
fn exact(scalar: Scalar<'_>) -> Option<Result<Exact, NotExact>> {
    match scalar {
        Scalar::Number(text) | Scalar::Short(_, _, text) | Scalar::Word(text) => Some(parse::exact(text)),
        Scalar::Int(n) => Some(Ok(Exact { digits: n, exponent: 0 })),
        Scalar::Decimal(n, scale) => Some(Ok(trimmed(n, scale))),
        // The shortest text of a whole double that has all whole numbers around it is that number.
        Scalar::Float(x) if x.trunc() == x && x.abs() < EXACT => Some(Ok(Exact { digits: x as i128, exponent: 0 })),
        Scalar::Float(x) if x.is_finite() => Some(parse::exact(&shortest(x))),
        _ => None,
    }
}

fn trimmed(mut digits: i128, scale: i8) -> Exact {
    let mut exponent = -i32::from(scale);
    while digits != 0 && digits % 10 == 0 {
        digits /= 10;
        exponent += 1;
    }
    Exact { digits, exponent }
}

/// Up to here doubles hold all whole numbers.
const EXACT: f64 = (1u64 << 53) as f64;

/// The decimal of so many digits that a double was written as: of two decimals of up to 15 digits, no more than one reads
/// as the same double, so that one which does is the shortest.
fn near(x: f64, to: Digits) -> Option<i128> {
    const FEW: f64 = 1e15;
    let scale = TENS.get(usize::from(to.scale))?;
    let digits = (x * scale).round();
    let fits = digits.abs() < TENS.get(usize::from(to.precision)).map_or(FEW, |all| all.min(FEW));
    (fits && digits / scale == x).then_some(digits as i128)
}

/// The shortest text that reads back as the same double.
fn shortest(x: f64) -> String {
    format!("{x:e}")
}

fn int(cell: &Cell, scalar: Scalar<'_>) -> Result<i64, Refused> {
    if let Scalar::Number(text) | Scalar::Word(text) = scalar {
        // The ordinary case, without the detour.
        if text.len() <= 18
            && !text.starts_with('+')
            && let Ok(n) = text.parse()
        {
            return Ok(n);
        }
    }
    match exact(scalar).map(|number| number.map(Exact::integer)) {
        Some(Ok(Ok(n))) => Ok(n),
        Some(Ok(Err(true)) | Err(NotExact::Form)) | None => {
            Err(not_finite(scalar).unwrap_or_else(|| wrong(cell, scalar)))
        }
        Some(Ok(Err(false)) | Err(NotExact::Digits)) => Err((Kind::OutOfRange, shown(scalar))),
    }
}

fn not_finite(scalar: Scalar<'_>) -> Option<Refused> {
    match scalar {
        Scalar::Float(x) if !x.is_finite() => Some((Kind::NotANumber, shown(scalar))),
        Scalar::Word("NaN" | "nan" | "inf" | "-inf" | "Infinity" | "-Infinity" | "+inf") => {
            Some((Kind::NotANumber, shown(scalar)))
        }
        _ => None,
    }
}

fn decimal(cell: &Cell, scalar: Scalar<'_>, to: Digits) -> Result<i128, Refused> {
    if let Scalar::Float(x) = scalar
        && let Some(digits) = near(x, to)
    {
        return Ok(digits);
    }
    let number = match scalar {
        // A decimal is often written as text, so that no reader makes a double of it.
        Scalar::Text(text) => Some(parse::exact(text)),
        _ => exact(scalar),
    };
    let exact = match number {
        Some(Ok(exact)) => exact,
        Some(Err(NotExact::Digits)) => return Err((Kind::TooManyDigits, shown(scalar))),
        Some(Err(NotExact::Form)) | None => return Err(not_finite(scalar).unwrap_or_else(|| wrong(cell, scalar))),
    };
    if let Scalar::Float(_) = scalar {
        return exact.rounded(to.precision, to.scale).ok_or_else(|| (Kind::OutOfRange, shown(scalar)));
    }
    exact
        .scaled(to.precision, to.scale)
        .map_err(|after_point| (if after_point { Kind::TooManyDigits } else { Kind::OutOfRange }, shown(scalar)))
}

fn float(cell: &Cell, scalar: Scalar<'_>, low: f64, high: f64) -> Result<f64, Refused> {
    let value = match scalar {
        Scalar::Number(text) => text.parse().ok(),
        Scalar::Word(text) if parse::exact(text) != Err(NotExact::Form) => text.parse().ok(),
        Scalar::Int(n) => Some(n as f64),
        Scalar::Float(x) => Some(x),
        Scalar::Decimal(n, scale) => format!("{n}e{}", -i32::from(scale)).parse().ok(),
        _ => None,
    };
    match value {
        None => Err(not_finite(scalar).unwrap_or_else(|| wrong(cell, scalar))),
        Some(x) if !f64::is_finite(x) => {
            let kind = if matches!(scalar, Scalar::Float(_)) { Kind::NotANumber } else { Kind::OutOfRange };
            Err((kind, shown(scalar)))
        }
        Some(x) if x < low || x > high => Err((Kind::OutOfRange, shown(scalar))),
        // Minus zero is zero: engines differ in what they make of it.
        Some(x) => Ok(x + 0.0),
    }
}

fn text<'a>(cell: &Cell, scalar: Scalar<'a>, scratch: &'a mut Scratch) -> Result<&'a str, Refused> {
    match scalar {
        Scalar::Text(text) | Scalar::Word(text) => {
            if memchr::memchr(0, text.as_bytes()).is_some() {
                Err((Kind::NulCharacter, shown(scalar)))
            } else {
                Ok(text)
            }
        }
        // Ids and codes are often written as numbers; an integer has one text, mostly the one that it is written with.
        Scalar::Number(text) if is_plain_integer(text) => Ok(text),
        Scalar::Number(_) | Scalar::Short(..) | Scalar::Int(_) | Scalar::Float(_) | Scalar::Decimal(..) => {
            let integer = exact(scalar).and_then(Result::ok).and_then(|e| e.scaled(38, 0).ok());
            let integer = integer.ok_or_else(|| not_finite(scalar).unwrap_or_else(|| wrong(cell, scalar)))?;
            scratch.clear();
            let _ = write!(scratch, "{integer}");
            Ok(scratch)
        }
        Scalar::Bool(_) | Scalar::Date(_) | Scalar::Instant(_) | Scalar::Local(_) => Err(wrong(cell, scalar)),
    }
}

/// Digits alone, without zeros in front, and few enough for any integer here.
fn is_plain_integer(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= 38 && bytes.iter().all(u8::is_ascii_digit) && (bytes.len() == 1 || bytes.first() != Some(&b'0'))
}

fn date(cell: &Cell, scalar: Scalar<'_>) -> Result<i32, Refused> {
    match scalar {
        Scalar::Text(text) | Scalar::Word(text) => parse::date(text).ok_or_else(|| (Kind::BadDate, shown(scalar))),
        Scalar::Date(days) => {
            if parse::in_years(i64::from(days).saturating_mul(MICROS_PER_DAY)) {
                Ok(days)
            } else {
                Err((Kind::BadDate, shown(scalar)))
            }
        }
        // A column of midnights without offset is how some writers keep dates.
        Scalar::Local(micros) if micros % MICROS_PER_DAY == 0 && parse::in_years(micros) => {
            Ok((micros / MICROS_PER_DAY) as i32)
        }
        Scalar::Local(_) => Err((Kind::BadDate, shown(scalar))),
        _ => Err(wrong(cell, scalar)),
    }
}

fn timestamp(cell: &Cell, scalar: Scalar<'_>, rules: &TimeRules) -> Result<i64, Refused> {
    let bad = |kind| (kind, shown(scalar));
    let moment = match scalar {
        Scalar::Word(text) if rules.unit.is_some() && parse::exact(text).is_ok() => return epoch(cell, scalar, rules),
        Scalar::Text(text) | Scalar::Word(text) => parse::timestamp(text).ok_or_else(|| bad(Kind::BadTimestamp))?,
        Scalar::Instant(micros) => Moment::Instant(micros),
        Scalar::Local(micros) => {
            if !parse::in_years(micros) {
                return Err(bad(Kind::BadTimestamp));
            }
            Moment::Local(micros.div_euclid(MICROS_PER_DAY) as i32, micros.rem_euclid(MICROS_PER_DAY))
        }
        Scalar::Date(days) => Moment::Local(days, 0),
        Scalar::Number(_) | Scalar::Short(..) | Scalar::Int(_) | Scalar::Float(_) | Scalar::Decimal(..) => {
            return epoch(cell, scalar, rules);
        }
        Scalar::Bool(_) => return Err(wrong(cell, scalar)),
    };
    let micros = match (moment, &rules.zone) {
        (Moment::Instant(micros), _) => micros,
        (Moment::Local(day, of_day), Some(zone)) => zone.instant(day, of_day),
        (Moment::Local(..), None) => return Err(bad(Kind::NoOffset)),
    };
    if parse::in_years(micros) { Ok(micros) } else { Err(bad(Kind::BadTimestamp)) }
}

/// A number that counts from 1970-01-01 UTC.
fn epoch(cell: &Cell, scalar: Scalar<'_>, rules: &TimeRules) -> Result<i64, Refused> {
    let Some(unit) = rules.unit else { return Err((Kind::NoUnit, shown(scalar))) };
    let count = int(cell, scalar).map_err(|(kind, reason)| match kind {
        Kind::WrongType => (Kind::BadTimestamp, reason),
        _ => (kind, reason),
    })?;
    count.checked_mul(unit.micros()).filter(|m| parse::in_years(*m)).ok_or_else(|| (Kind::BadTimestamp, shown(scalar)))
}

/// One of three words, written as they are in the language and in SQL.
fn bucket(cell: &Cell, scalar: Scalar<'_>) -> Result<u8, Refused> {
    let word = match scalar {
        Scalar::Text(text) | Scalar::Word(text) => BUCKETS.iter().position(|name| *name == text),
        _ => None,
    };
    word.map(|at| at as u8).ok_or_else(|| wrong(cell, scalar))
}
