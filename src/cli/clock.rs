//! The instant of a run: what was asked for, else the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Failure;
use crate::vector::time::{self, Zone};

/// The instant that `--now` names, in microseconds since 1970-01-01 UTC; the clock's without it. A bare date is its start
/// in the zone, a time without an offset is a time of the zone.
pub(super) fn now(text: Option<&str>, zone: &str) -> Result<i64, Failure> {
    let Some(text) = text else {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).map(|elapsed| elapsed.as_micros());
        return elapsed.ok().and_then(|micros| i64::try_from(micros).ok()).ok_or_else(|| {
            Failure::new("the clock of this machine is before 1970; give `--now`")
        });
    };
    let zone = Zone::new(zone).unwrap_or_else(Zone::utc);
    parse(text, &zone).ok_or_else(|| {
        Failure::new(format!(
            "`--now {text}` is not an instant; write 2026-11-23T12:00:00Z, 2026-11-23T12:00:00+01:00, \
             2026-11-23T12:00:00 or 2026-11-23"
        ))
    })
}

/// `YYYY-MM-DD`, with `THH:MM`, `:SS`, a fraction and an offset as they come.
fn parse(text: &str, zone: &Zone) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let days = time::days(i32::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)?;
    if rest.is_empty() {
        return Some(zone.start_of_day(days));
    }
    let rest = rest.strip_prefix(['T', ' '])?;
    let offset_at = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (clock, offset) = rest.split_at(offset_at);
    let time_of_day = time_of_day(clock)?;
    match offset {
        "" => Some(zone.instant(days, time_of_day)),
        "Z" | "z" => Some(i64::from(days) * crate::types::MICROS_PER_DAY + time_of_day),
        _ => {
            let sign = if offset.starts_with('-') { -1 } else { 1 };
            let (hours, minutes) = offset[1..].split_once(':')?;
            let seconds = (digits(hours, 2)? * 60 + digits(minutes, 2)?) * 60;
            let micros = i64::from(days) * crate::types::MICROS_PER_DAY + time_of_day;
            Some(micros - sign * seconds * crate::types::MICROS_PER_SECOND)
        }
    }
}

/// Microseconds since midnight.
fn time_of_day(clock: &str) -> Option<i64> {
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let second = parts.next().map_or(Some(0), |second| digits(second, 2))?;
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = if fraction.is_empty() {
        0
    } else {
        let kept = fraction.get(..fraction.len().min(6))?;
        digits(kept, kept.len())? * 10i64.pow(6 - kept.len() as u32)
    };
    Some(((hour * 60 + minute) * 60 + second) * crate::types::MICROS_PER_SECOND + micros)
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<i64> {
    if text.len() == count && text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}
