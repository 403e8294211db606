//! The instant of a run: what was asked for, else the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Failure;
use crate::data::parse::{self, Moment};
use crate::vector::time::Zone;

/// The instant that `--now` names, in microseconds since 1970-01-01 UTC; the clock's without it. A bare date is its start
/// in the zone, a time without an offset is a time of the zone.
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
        Some(Moment::Local(day, time)) => Ok(zone.instant(day, time)),
        None => Err(Failure::new(format!(
            "`--now {text}` is not an instant; write 2026-11-23T12:00:00Z, 2026-11-23T12:00:00+01:00, \
             2026-11-23T12:00:00 or 2026-11-23"
        ))),
    }
}
