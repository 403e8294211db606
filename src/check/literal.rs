//! Literals as written to constants: ranges and digits, calendar dates, offsets, units. Imports `types` and `errors`.
//! Invariant: a constant that comes out is inside the ranges of the language (64 bits, 38 digits, years 1 to 9999).

use super::checker::Checker;
use super::errors;
use crate::hir::Expr;
use crate::limits;
use crate::source::Span;
use crate::syntax::ast::Literal;
use crate::types::{Digits, Duration, MAX_DIGITS, MICROS_PER_SECOND, Ty, Value};

/// The longest duration in days and months: 10,000 years. Windows beyond it see everything.
const MAX_MONTHS: i64 = 12 * 10_000;
const MAX_DAYS: i64 = 366 * 10_000;
const MAX_MICROS: i64 = MAX_DAYS * crate::types::MICROS_PER_DAY;

impl Checker<'_> {
    /// A literal; `negative` if a minus sign stands before it.
    pub fn literal(&mut self, literal: &Literal, negative: bool, span: Span) -> Expr {
        let made = match literal {
            Literal::Bool(value) => Ok((Value::Bool(*value), Ty::Bool)),
            Literal::Int(text) => int(text, negative, span),
            Literal::Decimal(text) => decimal(text, negative)
                .map(number)
                .ok_or(())
                .map_err(|()| errors::invalid_number(text, "a decimal has at most 38 digits", span)),
            Literal::String(text) => string(text, span),
            Literal::Date(text) => {
                date(text).map(|d| (Value::Date(d), Ty::Date)).map_err(|why| errors::invalid_date(text, why, span))
            }
            Literal::Timestamp(text) => timestamp(text)
                .map(|t| (Value::Timestamp(t), Ty::Timestamp))
                .map_err(|why| errors::invalid_timestamp(text, why, span)),
            Literal::Duration { amount, unit } => duration(amount, unit, negative, span),
        };
        match made {
            Ok((value, ty)) => Expr::literal(value, ty, span),
            Err(diagnostic) => {
                self.report(diagnostic);
                Expr::error(span)
            }
        }
    }
}

type Made = Result<(Value, Ty), crate::diagnostics::Diagnostic>;

fn int(text: &str, negative: bool, span: Span) -> Made {
    let digits = plain(text);
    let signed = if negative { format!("-{digits}") } else { digits };
    match signed.parse::<i64>() {
        Ok(value) => Ok((Value::Int(value), Ty::Int)),
        Err(_) => Err(errors::invalid_number(text, "an `int` has 64 bits: at most 9223372036854775807", span)),
    }
}

/// Without the underscores that group digits.
fn plain(text: &str) -> String {
    text.chars().filter(|c| *c != '_').collect()
}

/// A decimal constant; `None` beyond 38 digits.
pub(super) fn decimal(text: &str, negative: bool) -> Option<(i128, u8)> {
    let text = plain(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits: String = whole.trim_start_matches('0').chars().chain(fraction.chars()).collect();
    if digits.len() > MAX_DIGITS as usize || fraction.len() > MAX_DIGITS as usize {
        return None;
    }
    let unscaled: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    Some((if negative { -unscaled } else { unscaled }, fraction.len() as u8))
}

fn number((unscaled, scale): (i128, u8)) -> (Value, Ty) {
    (Value::Decimal { unscaled, scale }, Ty::Decimal(digits_of(unscaled, scale)))
}

/// The digits that a constant has.
pub(super) fn digits_of(unscaled: i128, scale: u8) -> Digits {
    let digits = unscaled.unsigned_abs().checked_ilog10().map_or(1, |log| log as u8 + 1);
    Digits { precision: digits.max(scale).max(1), scale }
}

fn string(text: &str, span: Span) -> Made {
    if text.len() > limits::STRING_LITERAL_BYTES {
        return Err(errors::too_large_string(text.len(), span));
    }
    if text.contains('\0') {
        return Err(errors::nul_in_string(span));
    }
    Ok((Value::String(text.into()), Ty::String))
}

/// Days since 1970-01-01 of a `YYYY-MM-DD`, or what is wrong with it.
pub(super) fn date(text: &str) -> Result<i32, &'static str> {
    let mut parts = text.splitn(3, '-');
    let mut next = |length: usize| -> Option<u32> {
        let part = parts.next()?;
        (part.len() == length && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (next(4), next(2), next(2)) else {
        return Err("a date is written `2026-11-23`");
    };
    if year == 0 {
        return Err("years go from 0001 to 9999");
    }
    if !(1..=12).contains(&month) {
        return Err("months go from 01 to 12");
    }
    if day == 0 || day > days_in_month(year, month) {
        return Err("the month does not have this day");
    }
    Ok(days_from_civil(year as i32, month as i32, day as i32))
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(if year.is_multiple_of(100) { 400 } else { 4 }) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The days since 1970-01-01 of a day of the proleptic Gregorian calendar: years counted from March, so that the
/// leap day is the last of its year.
fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Microseconds since 1970-01-01 UTC of an RFC 3339 timestamp, or what is wrong with it.
pub(super) fn timestamp(text: &str) -> Result<i64, &'static str> {
    const FORM: &str = "a timestamp is written `2026-11-23T10:00:00Z`, or with an offset such as `+01:00`";
    let (day, rest) = text.split_once(['T', 't']).ok_or(FORM)?;
    let day = date(day)?;
    let split = rest.find(['Z', 'z', '+', '-']).ok_or("the offset is missing: `Z` or one such as `+01:00`")?;
    let (time, offset) = rest.split_at(split);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let parts: Vec<Option<i64>> = clock.split(':').map(two_digits).collect();
    let (hour, minute, second) = match parts[..] {
        [Some(h), Some(m)] => (h, m, 0),
        [Some(h), Some(m), Some(s)] => (h, m, s),
        _ => return Err(FORM),
    };
    if hour > 23 || minute > 59 || second > 59 {
        return Err("a time goes from 00:00:00 to 23:59:59");
    }
    if fraction.len() > 6 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err("a second has at most 6 digits after the point");
    }
    let micros: i64 = format!("{fraction:0<6}").parse().map_err(|_| FORM)?;
    let offset = offset_seconds(offset).ok_or("an offset goes from `-18:00` to `+18:00`, or is `Z`")?;
    let seconds = i64::from(day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    Ok(seconds * MICROS_PER_SECOND + micros)
}

fn two_digits(text: &str) -> Option<i64> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn offset_seconds(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    let seconds = hours * 3_600 + minutes * 60;
    (minutes < 60 && seconds <= 18 * 3_600).then_some(sign * seconds)
}

/// The units of durations, singular; an `s` may follow.
pub(super) const UNITS: [&str; 8] = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"];

fn duration(amount: &str, unit: &str, negative: bool, span: Span) -> Made {
    let singular = unit.strip_suffix('s').unwrap_or(unit);
    let Ok(amount) = plain(amount).parse::<i64>() else {
        return Err(errors::fractional_duration(amount, unit, span));
    };
    let amount = if negative { -amount } else { amount };
    let part = |factor: i64, limit: i64| -> Result<i64, crate::diagnostics::Diagnostic> {
        match amount.checked_mul(factor) {
            Some(value) if value.abs() <= limit => Ok(value),
            _ => Err(errors::too_long_duration(span)),
        }
    };
    let months = |factor| Ok(Duration { months: part(factor, MAX_MONTHS)? as i32, ..Duration::default() });
    let days = |factor| Ok(Duration { days: part(factor, MAX_DAYS)? as i32, ..Duration::default() });
    let exact =
        |seconds: i64| Ok(Duration { micros: part(seconds * MICROS_PER_SECOND, MAX_MICROS)?, ..Duration::default() });
    let value: Result<Duration, crate::diagnostics::Diagnostic> = match singular {
        "second" => exact(1),
        "minute" => exact(60),
        "hour" => exact(3_600),
        "day" => days(1),
        "week" => days(7),
        "month" => months(1),
        "quarter" => months(3),
        "year" => months(12),
        _ => return Err(errors::unknown_unit(unit, span)),
    };
    value.map(|d| (Value::Duration(d), Ty::Duration))
}

/// Whether a text is written like a duration.
pub(super) fn is_duration(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(amount, unit)| duration_of(amount, unit, false).is_some())
}

/// A duration, `None` where it is none or too long.
pub(super) fn duration_of(amount: &str, unit: &str, negative: bool) -> Option<Duration> {
    match duration(amount, unit, negative, Span::default()) {
        Ok((Value::Duration(duration), _)) => Some(duration),
        _ => None,
    }
}
