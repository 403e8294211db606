//! The instant of a run: what was asked for, else the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Failure;
use crate::data::parse::{self, Moment};
use crate::types::{MICROS_PER_DAY, MICROS_PER_SECOND};
use crate::vector::time::Zone;

/// Bytes of a date without a time.
const DATE: usize = 10;

/// The instant that `--now` names, in microseconds since 1970-01-01 UTC; the clock's without it. A bare date is its start
/// in the zone, a time without an offset is a time of the zone that its clocks show once.
pub(super) fn now(text: Option<&str>, zone: &str) -> Result<i64, Failure> {
    let Some(text) = text else {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).map(|elapsed| elapsed.as_micros());
        return elapsed
            .ok()
            .and_then(|micros| i64::try_from(micros).ok())
            .ok_or_else(|| Failure::new("the clock of this machine is before 1970; give `--now`"));
    };
    let zone = Zone::new(zone).unwrap_or_else(Zone::utc);
    match parse::timestamp(text) {
        Some(Moment::Instant(micros)) => Ok(micros),
        Some(Moment::Local(day, _)) if text.len() == DATE => Ok(zone.start_of_day(day)),
        Some(Moment::Local(day, time)) => match zone.instants(day, time).as_slice() {
            [instant] => Ok(*instant),
            instants => Err(unclear(text, &zone, instants, zone.instant(day, time))),
        },
        None => Err(Failure::new(format!(
            "`--now {text}` is not an instant; write 2026-11-23T12:00:00Z, 2026-11-23T12:00:00+01:00, \
             2026-11-23T12:00:00 or 2026-11-23"
        ))),
    }
}

/// A local time that the clocks show never or twice: told with the offsets before and after the clocks are set.
fn unclear(text: &str, zone: &Zone, instants: &[i64], near: i64) -> Failure {
    let with = |at: i64| format!("{text}{}", offset(zone.offset(at)));
    let (why, before, after) = match instants {
        [first, .., last] => ("is there twice", with(*first), with(*last)),
        _ => ("is skipped", with(near - MICROS_PER_DAY), with(near)),
    };
    Failure::new(format!("`--now {text}` {why} when the clocks of {} are set; write {before} or {after}", zone.name()))
}

/// `+02:00`
fn offset(micros: i64) -> String {
    let minutes = micros / (60 * MICROS_PER_SECOND);
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}
