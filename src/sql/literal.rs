//! Constants in digits, as every database reads them. Invariant: nothing is rounded.

use crate::types::MICROS_PER_DAY;
use crate::vector::time;

/// `unscaled / 10^scale` in digits.
pub(super) fn digits(unscaled: i128, scale: u8) -> String {
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = usize::from(scale) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// `2026-11-23`; none for years that are not 1 to 9999.
pub(super) fn date(days: i32) -> Option<String> {
    let date = time::civil(days);
    (1..=9999).contains(&date.year).then(|| format!("{:04}-{:02}-{:02}", date.year, date.month, date.day))
}

/// `2026-11-23 11:00:00.5` in UTC; none for years that are not 1 to 9999.
pub(super) fn timestamp(micros: i64) -> Option<String> {
    let date = date(i32::try_from(micros.div_euclid(MICROS_PER_DAY)).ok()?)?;
    let of_day = micros.rem_euclid(MICROS_PER_DAY);
    let (seconds, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:06}") };
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    Some(format!("{date} {hour:02}:{minute:02}:{second:02}{fraction}"))
}

/// With an exponent, which makes it a double.
pub(super) fn float(value: f64) -> String {
    let plain = value == 0.0 || (1e-5..1e15).contains(&value.abs());
    // Adding zero makes -0 the 0 that the language prints.
    if plain { format!("{}e0", value + 0.0) } else { format!("{value:e}") }
}
