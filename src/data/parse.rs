//! Exact readings of numbers, dates and timestamps from text. Names `vector::time` for the calendar. Invariant: total, and
//! strict: a text is either of the one accepted form or nothing.

use crate::types::{MICROS_PER_DAY, MICROS_PER_SECOND};
use crate::vector::time;

/// A timestamp as its text tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// With an offset: microseconds since 1970-01-01 UTC.
    Instant(i64),
    /// Without: day and microsecond of that day.
    Local(i32, i64),
}

fn digits(bytes: &[u8], from: usize, count: usize) -> Option<u32> {
    let mut value = 0;
    for &byte in bytes.get(from..from + count)? {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + u32::from(byte - b'0');
    }
    Some(value)
}

/// `2026-11-23`: days since 1970-01-01.
pub fn date(text: &str) -> Option<i32> {
    (text.len() == 10).then(|| day(text.as_bytes()))?
}

/// The day that the first ten bytes name.
fn day(bytes: &[u8]) -> Option<i32> {
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let (year, month, day) = (digits(bytes, 0, 4)?, digits(bytes, 5, 2)?, digits(bytes, 8, 2)?);
    time::days(year as i32, month as u8, day as u8)
}

/// `2026-11-23T10:00:00.25+01:00`: seconds may be left out, the fraction is cut to microseconds, a space may stand for the
/// `T`; `Z`, `+01:00`, `+0100`, `+01` or no offset. `:60` and `24:00` do not exist. A date alone is its first moment.
pub fn timestamp(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    if let Some(micros) = usual(bytes) {
        return Some(Moment::Instant(micros));
    }
    let day = day(bytes)?;
    if bytes.len() == 10 {
        return Some(Moment::Local(day, 0));
    }
    if !matches!(bytes[10], b'T' | b't' | b' ') || bytes.get(13) != Some(&b':') {
        return None;
    }
    let (hour, minute) = (digits(bytes, 11, 2)?, digits(bytes, 14, 2)?);
    let mut at = 16;
    let mut second = 0;
    let mut fraction = 0;
    if bytes.get(at) == Some(&b':') {
        second = digits(bytes, at + 1, 2)?;
        at += 3;
        if matches!(bytes.get(at), Some(b'.' | b',')) {
            let length = bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
            if length == 0 {
                return None;
            }
            let kept = length.min(6);
            fraction = digits(bytes, at + 1, kept)? * 10u32.pow(6 - kept as u32);
            at += 1 + length;
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    let of_day = seconds * MICROS_PER_SECOND + i64::from(fraction);
    if at == bytes.len() {
        return Some(Moment::Local(day, of_day));
    }
    let micros = i64::from(day) * MICROS_PER_DAY + of_day - offset(&bytes[at..])?;
    in_years(micros).then_some(Moment::Instant(micros))
}

/// `2026-11-23T10:00:00.25Z`, with at most six digits behind the point, as most writers have it, without a look at each
/// byte. `None` for all else, which may be right as well.
#[inline]
pub fn usual(bytes: &[u8]) -> Option<i64> {
    let mut window = [0; USUAL_BYTES];
    window.get_mut(..bytes.len())?.copy_from_slice(bytes);
    usual_start(&window).filter(|&(_, length)| length == bytes.len()).map(|(micros, _)| micros)
}

/// At most so many bytes are such an instant.
pub const USUAL_BYTES: usize = 28;

/// The same where a text begins so, and how many bytes that are.
#[inline]
pub fn usual_start(window: &[u8; USUAL_BYTES]) -> Option<(i64, usize)> {
    let [date, of_day, end] = [window.first_chunk()?, window[8..].first_chunk()?, window[11..].first_chunk()?];
    let date = pairs(date, u64::from_le_bytes(*b"0000-00-"), 0xff00_00ff_0000_0000)?;
    let of_day = pairs(of_day, u64::from_le_bytes(*b"00T00:00"), 0x0000_ff00_00ff_0000)?;
    let end = pairs(end, u64::from_le_bytes(*b"00:00:00"), 0x0000_ff00_00ff_0000)?;
    let (fraction, length) = match window[19] {
        b'Z' => (0, 20),
        b'.' => {
            const SCALES: [u64; 7] = [0, 100_000, 10_000, 1_000, 100, 10, 1];
            let (count, digits) = digits_of_eight(*window[20..].first_chunk()?);
            let is_end = (1..=6).contains(&count) && window[20 + count] == b'Z';
            is_end.then(|| (digits * SCALES[count], 21 + count))?
        }
        _ => return None,
    };
    let (hour, minute, second) = (of_day[3], of_day[6], end[6]);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let day = time::days(i32::from(date[0]) * 100 + i32::from(date[2]), date[5], of_day[0])?;
    let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
    Some((i64::from(day) * MICROS_PER_DAY + seconds * MICROS_PER_SECOND + fraction as i64, length))
}

/// The numbers of two digits that begin at each of eight bytes, where a pattern has zeros; the `others` must be as they
/// are there.
#[inline]
fn pairs(bytes: &[u8; 8], pattern: u64, others: u64) -> Option<[u8; 8]> {
    // A digit differs from the zero by its value, what is as it should be by nothing.
    let differs = u64::from_le_bytes(*bytes) ^ pattern;
    (beyond_nine(differs) | (differs & others) == 0)
        .then(|| differs.wrapping_mul(10).wrapping_add(differs >> 8).to_le_bytes())
}

/// The highest bit of each byte that is more than 9.
#[inline]
fn beyond_nine(bytes: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    // Beyond 9 the sum has the highest bit, beyond 127 the byte itself.
    (((bytes & (ONES * 0x7f)) + ONES * 0x76) | bytes) & (ONES << 7)
}

/// How many of eight bytes are digits, before the first that is none, and the number that they make.
#[inline]
pub fn digits_of_eight(bytes: [u8; 8]) -> (usize, u64) {
    let digits = u64::from_le_bytes(bytes) ^ u64::from_le_bytes(*b"00000000");
    let count = beyond_nine(digits).trailing_zeros() as usize / 8;
    if count == 0 {
        return (0, 0);
    }
    // Zeros in front; then neighbours are put together: digits, pairs, fours.
    let digits = digits << (64 - 8 * count);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let high = (pairs & 0xff_0000_00ff).wrapping_mul(100 + (1_000_000 << 32));
    let low = (pairs >> 16 & 0xff_0000_00ff).wrapping_mul(1 + (10_000 << 32));
    (count, high.wrapping_add(low) >> 32)
}

/// Whether an instant lies in the years 1 to 9999 of UTC.
#[inline]
pub fn in_years(micros: i64) -> bool {
    const FIRST: i64 = time::FIRST_DAY as i64 * MICROS_PER_DAY;
    const END: i64 = (time::LAST_DAY as i64 + 1) * MICROS_PER_DAY;
    (FIRST..END).contains(&micros)
}

/// Microseconds east of UTC.
fn offset(bytes: &[u8]) -> Option<i64> {
    let sign = match bytes {
        [b'Z' | b'z'] => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let (hours, minutes) = match bytes.len() {
        3 => (digits(bytes, 1, 2)?, 0),
        5 => (digits(bytes, 1, 2)?, digits(bytes, 3, 2)?),
        6 if bytes[3] == b':' => (digits(bytes, 1, 2)?, digits(bytes, 4, 2)?),
        _ => return None,
    };
    (hours <= 23 && minutes <= 59).then(|| sign * i64::from(hours * 3600 + minutes * 60) * MICROS_PER_SECOND)
}

/// A number taken apart: `digits * 10^exponent`, without zeros at the end. Any length of text; `None` if it is not a
/// number in JSON's form (a leading `+` or zeros too are accepted here) or has more than 38 digits that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exact {
    /// All digits as an integer, with the sign.
    pub digits: i128,
    /// By which power of ten they are to be multiplied.
    pub exponent: i32,
}

/// Why a text is no [`Exact`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotExact {
    /// Not a number.
    Form,
    /// More digits than a decimal can have.
    Digits,
}

/// Reads a number exactly.
pub fn exact(text: &str) -> Result<Exact, NotExact> {
    let bytes = text.as_bytes();
    let (negative, mut at) = match bytes.first() {
        Some(b'-') => (true, 1),
        Some(b'+') => (false, 1),
        _ => (false, 0),
    };
    let (mut value, mut zeros, mut exponent) = (0i128, 0u32, 0i64);
    let (mut seen, mut after_point, mut overflow) = (0usize, false, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => {
                seen += 1;
                exponent -= i64::from(after_point);
                if byte == b'0' {
                    zeros += 1;
                } else {
                    // Zeros are held back until a digit follows, so that those at the end cost nothing.
                    let scaled = 10i128.checked_pow(zeros + 1).filter(|_| value != 0);
                    let scaled = if value == 0 { Some(0) } else { scaled.and_then(|p| value.checked_mul(p)) };
                    match scaled.and_then(|v| v.checked_add(i128::from(byte - b'0'))) {
                        Some(v) => value = v,
                        None => overflow = true,
                    }
                    zeros = 0;
                }
            }
            b'.' if !after_point && seen > 0 => after_point = true,
            b'e' | b'E' if seen > 0 => break,
            _ => return Err(NotExact::Form),
        }
        at += 1;
    }
    if seen == 0 || bytes.get(at.wrapping_sub(1)) == Some(&b'.') {
        return Err(NotExact::Form);
    }
    if at < bytes.len() {
        exponent += written_exponent(&bytes[at + 1..]).ok_or(NotExact::Form)?;
    }
    if value == 0 {
        return Ok(Exact { digits: 0, exponent: 0 });
    }
    exponent += i64::from(zeros);
    if overflow || value.unsigned_abs() >= 10u128.pow(38) {
        return Err(NotExact::Digits);
    }
    let exponent = i32::try_from(exponent).map_err(|_| NotExact::Digits)?;
    Ok(Exact { digits: if negative { -value } else { value }, exponent })
}

/// The number after the `e`, clamped to what no decimal reaches.
fn written_exponent(bytes: &[u8]) -> Option<i64> {
    let (sign, digits) = match bytes {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits.iter().fold(0i64, |n, b| (n * 10 + i64::from(b - b'0')).min(1_000_000));
    Some(sign * value)
}

impl Exact {
    /// The value times `10^scale`, if that is an integer of at most `precision` digits; `Err(true)` if digits after the
    /// point are too many, `Err(false)` if those before it are.
    pub fn scaled(self, precision: u8, scale: u8) -> Result<i128, bool> {
        if self.digits == 0 {
            return Ok(0);
        }
        let shift = self.exponent.saturating_add(i32::from(scale));
        if shift < 0 {
            return Err(true);
        }
        let factor = 10i128.checked_pow(shift as u32).ok_or(false)?;
        let value = self.digits.checked_mul(factor).ok_or(false)?;
        let fits = value.unsigned_abs() < 10u128.pow(u32::from(precision.min(38)));
        if fits { Ok(value) } else { Err(false) }
    }

    /// The value times `10^scale` rounded half away from zero, if it has at most `precision` digits.
    pub fn rounded(self, precision: u8, scale: u8) -> Option<i128> {
        let shift = self.exponent.saturating_add(i32::from(scale));
        if shift >= 0 {
            return self.scaled(precision, scale).ok();
        }
        let Some(divisor) = 10i128.checked_pow(shift.unsigned_abs()) else { return Some(0) };
        let (quotient, rest) = (self.digits / divisor, self.digits % divisor);
        let up = rest.unsigned_abs() >= divisor.unsigned_abs() - rest.unsigned_abs();
        let value = quotient + if up { self.digits.signum() } else { 0 };
        (value.unsigned_abs() < 10u128.pow(u32::from(precision.min(38)))).then_some(value)
    }

    /// The value if it is an integer of 64 bits; `Err(true)` if it is no integer, `Err(false)` if it is too large.
    pub fn integer(self) -> Result<i64, bool> {
        let value = self.scaled(38, 0)?;
        i64::try_from(value).map_err(|_| false)
    }
}
