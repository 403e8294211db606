//! Civil time: days, calendar units and time zones over plain integers, for columns and for constants alike. The only
//! place that names the time zone library. Days count from 1970-01-01, instants are microseconds since 1970-01-01 UTC,
//! both in the proleptic Gregorian calendar. Invariant: every function is total; a step out of the years 1 to 9999 is
//! `None`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::types::{CalendarUnit, Duration, MICROS_PER_DAY, MICROS_PER_SECOND};

/// A civil day taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// The year.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// The day 0001-01-01.
pub const FIRST_DAY: i32 = -719_162;
/// The day 9999-12-31.
pub const LAST_DAY: i32 = 2_932_896;
/// Days after which the calendar, weekdays and the rules of all zones repeat: 400 years.
const CYCLE_DAYS: i64 = 146_097;
const CYCLE: i64 = CYCLE_DAYS * MICROS_PER_DAY;

/// Year, month and day of a day.
pub fn civil(days: i32) -> Civil {
    // Years are counted from 1 March, so that the leap day is the last of its year.
    let z = i64::from(days) + 719_468;
    let (era, of_era) = (z.div_euclid(CYCLE_DAYS), z.rem_euclid(CYCLE_DAYS));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Civil { year: year as i32, month: month as u8, day: day as u8 }
}

/// The day of a year, month and day; `None` for a day that the calendar does not have or out of the years 1 to 9999.
pub fn days(year: i32, month: u8, day: u8) -> Option<i32> {
    let fits = (1..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1 && day <= month_length(year, month);
    fits.then(|| days_unchecked(year, month, day))
}

fn days_unchecked(year: i32, month: u8, day: u8) -> i32 {
    let year = i64::from(year) - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let shifted = (i64::from(month) + 9) % 12;
    let of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    (era * CYCLE_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468) as i32
}

/// Whether a year has a 29 February.
pub fn is_leap_year(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days a month has; 0 for a month that does not exist.
pub fn month_length(year: i32, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap_year(year) => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}

/// ISO day of the week: Monday 1 to Sunday 7.
pub fn weekday(days: i32) -> u8 {
    (i64::from(days) + 3).rem_euclid(7) as u8 + 1
}

/// 1 to 4.
pub fn quarter(days: i32) -> u8 {
    (civil(days).month - 1) / 3 + 1
}

/// The same day of the month `months` later (earlier if negative); the last day of the month where that lacks the day.
pub fn add_months(days: i32, months: i32) -> Option<i32> {
    let from = civil(days);
    let count = i64::from(from.year) * 12 + i64::from(from.month) - 1 + i64::from(months);
    let year = i32::try_from(count.div_euclid(12)).ok()?;
    let month = count.rem_euclid(12) as u8 + 1;
    self::days(year, month, from.day.min(month_length(year, month).max(1)))
}

/// A number of calendar days later or earlier.
pub fn add_days(days: i32, count: i64) -> Option<i32> {
    let sum = i64::from(days).checked_add(count)?;
    i32::try_from(sum).ok().filter(|day| (FIRST_DAY..=LAST_DAY).contains(day))
}

/// A number of calendar units later (earlier if negative), months clamped as in [`add_months`].
pub fn add_units(days: i32, unit: CalendarUnit, count: i32) -> Option<i32> {
    match unit {
        CalendarUnit::Day => add_days(days, i64::from(count)),
        CalendarUnit::Week => add_days(days, i64::from(count) * 7),
        CalendarUnit::Month => add_months(days, count),
        CalendarUnit::Quarter => add_months(days, count.checked_mul(3)?),
        CalendarUnit::Year => add_months(days, count.checked_mul(12)?),
    }
}

/// The first day of the unit that holds a day. Weeks begin on `week_start`, an ISO weekday.
pub fn start_of_unit(unit: CalendarUnit, days: i32, week_start: u8) -> i32 {
    let at = civil(days);
    match unit {
        CalendarUnit::Day => days,
        CalendarUnit::Week => {
            let into = (i64::from(weekday(days)) - i64::from(week_start)).rem_euclid(7);
            days.saturating_sub(into as i32)
        }
        CalendarUnit::Month => days_unchecked(at.year, at.month, 1),
        CalendarUnit::Quarter => days_unchecked(at.year, (at.month - 1) / 3 * 3 + 1, 1),
        CalendarUnit::Year => days_unchecked(at.year, 1, 1),
    }
}

/// Whole years from one day to another: (yyyymmdd(to) - yyyymmdd(from)) div 10000. Someone born on 29 February is a
/// year older on 1 March of a common year.
pub fn age(from: i32, to: i32) -> i64 {
    let number = |days: i32| {
        let at = civil(days);
        i64::from(at.year) * 10_000 + i64::from(at.month) * 100 + i64::from(at.day)
    };
    (number(to) - number(from)) / 10_000
}

/// A time zone with all its transitions: offsets by binary search, or for a column by a [`Cursor`].
#[derive(Debug, Clone)]
pub struct Zone {
    name: Arc<str>,
    /// From when each offset holds, ascending; the first is the beginning of time.
    starts: Arc<[i64]>,
    /// Local time minus UTC, microseconds.
    offsets: Arc<[i64]>,
}

/// Two zones are equal if they have one name.
impl PartialEq for Zone {
    fn eq(&self, other: &Zone) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl Zone {
    /// The zone of an IANA name; `None` for an unknown name. The transitions are worked out once in a process.
    pub fn new(name: &str) -> Option<Zone> {
        static KNOWN: Mutex<BTreeMap<String, Zone>> = Mutex::new(BTreeMap::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zone) = known.get(name) {
            return Some(zone.clone());
        }
        let zone = Zone::work_out(name)?;
        known.insert(name.to_string(), zone.clone());
        Some(zone)
    }

    /// The names of all zones.
    pub fn names() -> Vec<String> {
        jiff::tz::db().available().map(|name| name.to_string()).collect()
    }

    fn work_out(name: &str) -> Option<Zone> {
        let zone = TimeZone::get(name).ok()?;
        let name = zone.iana_name()?.into();
        let first = i64::from(zone.to_offset(Timestamp::MIN).seconds()) * MICROS_PER_SECOND;
        let (mut starts, mut offsets) = (vec![i64::MIN], vec![first]);
        let mut last = first;
        for transition in zone.following(Timestamp::MIN) {
            let at = transition.timestamp().as_microsecond();
            if at >= PERIODIC_END {
                break;
            }
            let offset = i64::from(transition.offset().seconds()) * MICROS_PER_SECOND;
            if offset != last {
                starts.push(at);
                offsets.push(offset);
                last = offset;
            }
        }
        Some(Zone { name, starts: starts.into(), offsets: offsets.into() })
    }

    /// Coordinated Universal Time.
    pub fn utc() -> Zone {
        Zone { name: "UTC".into(), starts: [i64::MIN].into(), offsets: [0].into() }
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Local time minus UTC at an instant, microseconds.
    pub fn offset(&self, micros: i64) -> i64 {
        self.offsets[self.segment(fold_cycle(micros))]
    }

    /// The offset at the first of some instants, and from when it changes by how much up to the last; `None` where they
    /// reach behind the table.
    pub(crate) fn changes(&self, first: i64, last: i64) -> Option<(i64, Vec<(i64, i64)>)> {
        if fold_cycle(last) != last {
            return None;
        }
        let (from, to) = (self.segment(first), self.segment(last.max(first)));
        let by = |segment: usize| (self.starts[segment], self.offsets[segment] - self.offsets[segment - 1]);
        Some((self.offsets[from], (from + 1..=to).map(by).collect()))
    }

    /// For instants of a column: remembers the last transition, since neighbours are mostly near.
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor { zone: self, from: 1, to: 0, offset: 0 }
    }

    /// The civil day of an instant.
    pub fn date_of(&self, micros: i64) -> i32 {
        day_of_local(micros.saturating_add(self.offset(micros)))
    }

    /// The instant at which a civil day begins: the first whose civil day it is, or where the zone skips the day (or its
    /// midnight), the first instant after the gap.
    pub fn start_of_day(&self, days: i32) -> i64 {
        match self.resolve(i64::from(days).saturating_mul(MICROS_PER_DAY)) {
            Resolved::At(instant) => instant,
            Resolved::Gap { transition, .. } => transition,
        }
    }

    /// The instant of a civil day and a time of that day in microseconds. A time that occurs twice is the earlier, one
    /// that the zone skips is as much later as the gap is long.
    pub fn instant(&self, days: i32, time_of_day: i64) -> i64 {
        let local = i64::from(days).saturating_mul(MICROS_PER_DAY).saturating_add(time_of_day);
        match self.resolve(local) {
            Resolved::At(instant) => instant,
            Resolved::Gap { later, .. } => later,
        }
    }

    /// The civil times, in microseconds of the zone's clocks, that are [read](Zone::instant) as an instant or a later one:
    /// ranges without their ends, the last of which goes on for ever. There are two where the clocks skip times that
    /// are read as late as others behind the gap.
    pub fn civil_since(&self, micros: i64) -> Vec<(i64, i64)> {
        let folded = fold_cycle(micros);
        let reach = 2 * MICROS_PER_DAY;
        // From one of these civil times to the next, an instant is the civil time less a constant; the changes begin before
        // the earliest that is no change.
        let (first, last) =
            (self.segment(folded.saturating_sub(3 * reach)), self.segment(folded.saturating_add(reach)));
        let shown =
            |segment: usize| [self.offsets[segment - 1], self.offsets[segment]].map(|o| self.starts[segment] + o);
        let mut begins: Vec<i64> = (first + 1..=last).flat_map(shown).collect();
        begins.push(folded.saturating_sub(2 * reach));
        begins.sort_unstable();
        let mut ranges: Vec<(i64, i64)> = Vec::new();
        for (at, &begin) in begins.iter().enumerate() {
            let end = begins.get(at + 1).copied().unwrap_or(i64::MAX);
            let ahead = begin - self.instant(day_of_local(begin), begin.rem_euclid(MICROS_PER_DAY));
            let from = begin.max(folded.saturating_add(ahead));
            match ranges.last_mut() {
                _ if from >= end => {}
                Some(range) if range.1 == from => range.1 = end,
                _ => ranges.push((from, end)),
            }
        }
        let back = micros - folded;
        ranges.into_iter().map(|(from, end)| (from.saturating_add(back), end.saturating_add(back))).collect()
    }

    /// Whether its clocks were never changed.
    pub fn has_one_offset(&self) -> bool {
        self.starts.len() == 1
    }

    /// By how much the zone's clocks were ever set back, the longest first, each with the civil time up to which they
    /// showed times twice by it; those that go on for ever, with none.
    pub fn set_back(&self) -> Vec<(i64, Option<i64>)> {
        let mut lengths: Vec<(i64, Option<i64>)> = Vec::new();
        for segment in 1..self.starts.len() {
            let by = self.offsets[segment - 1] - self.offsets[segment];
            if by > 0 {
                let start = self.starts[segment];
                let until = (start < PERIODIC_START).then_some(start + self.offsets[segment - 1]);
                lengths.retain(|(length, _)| *length != by);
                lengths.push((by, until));
            }
        }
        lengths.sort_unstable_by_key(|(length, _)| -length);
        lengths
    }

    /// The instants at which the clocks of the zone show a civil day and a time of that day: none where they are set
    /// forward over it, two where they are set back, the earlier first.
    pub fn instants(&self, days: i32, time_of_day: i64) -> Vec<i64> {
        let local = i64::from(days).saturating_mul(MICROS_PER_DAY).saturating_add(time_of_day);
        let folded = fold_cycle(local);
        let reach = 2 * MICROS_PER_DAY;
        let near = self.segment(folded.saturating_sub(reach))..=self.segment(folded.saturating_add(reach));
        let shown = near.filter_map(|segment| {
            let candidate = folded.saturating_sub(self.offsets[segment]);
            let holds = self.starts[segment] <= candidate && candidate < self.end(segment);
            holds.then(|| candidate.saturating_add(local - folded))
        });
        shown.collect()
    }

    /// An instant moved by a duration, back if `negative`: months first (clamped to the month's last day), then days, at
    /// the same local time; then the exact part. `None` out of the years 1 to 9999.
    pub fn add(&self, micros: i64, duration: Duration, negative: bool) -> Option<i64> {
        let sign = if negative { -1 } else { 1 };
        let mut at = micros;
        if duration.months != 0 || duration.days != 0 {
            let local = micros.checked_add(self.offset(micros))?;
            let day = add_months(day_of_local(local), duration.months.checked_mul(sign)?)?;
            let day = add_days(day, i64::from(duration.days) * i64::from(sign))?;
            at = self.instant(day, local.rem_euclid(MICROS_PER_DAY));
        }
        let at = at.checked_add(duration.micros.checked_mul(i64::from(sign))?)?;
        (FIRST_DAY..=LAST_DAY).contains(&day_of_local(at)).then_some(at)
    }

    /// The hour of the day, 0 to 23.
    pub fn hour(&self, micros: i64) -> u8 {
        hour_of_local(micros.saturating_add(self.offset(micros)))
    }

    /// The instant at which the calendar unit that holds an instant begins.
    pub fn start_of(&self, unit: CalendarUnit, micros: i64, week_start: u8) -> i64 {
        self.start_of_day(start_of_unit(unit, self.date_of(micros), week_start))
    }

    fn segment(&self, micros: i64) -> usize {
        // The first start is the least of all, so at least one is not later.
        self.starts.partition_point(|&start| start <= micros).saturating_sub(1)
    }

    fn end(&self, segment: usize) -> i64 {
        self.starts.get(segment + 1).copied().unwrap_or(i64::MAX)
    }

    /// The instant of a local time, or the gap that it falls into.
    fn resolve(&self, local: i64) -> Resolved {
        let folded = fold_cycle(local);
        let back = local - folded;
        // Offsets are less than 27 hours, so the instant is within two days of the local time read as UTC.
        let reach = 2 * MICROS_PER_DAY;
        let first = self.segment(folded.saturating_sub(reach));
        let last = self.segment(folded.saturating_add(reach));
        for segment in first..=last {
            let candidate = folded.saturating_sub(self.offsets[segment]);
            let begins = segment == first || self.starts[segment] <= candidate;
            if begins && candidate < self.end(segment) {
                return Resolved::At(candidate.saturating_add(back));
            }
            // Past the end of this offset, and the next one begins only after: a gap.
            let next = segment + 1;
            if segment < last
                && candidate >= self.starts[next]
                && folded.saturating_sub(self.offsets[next]) < self.starts[next]
            {
                return Resolved::Gap {
                    transition: self.starts[next].saturating_add(back),
                    later: candidate.saturating_add(back),
                };
            }
        }
        Resolved::At(folded.saturating_sub(self.offsets[last]).saturating_add(back))
    }
}

/// Where a local time is.
enum Resolved {
    At(i64),
    Gap { transition: i64, later: i64 },
}

/// From here on every zone follows a rule that repeats each year, so that 400 years of transitions say all:
/// 2100-01-01 and 2500-01-01.
const PERIODIC_START: i64 = 47_482 * MICROS_PER_DAY;
/// The table is kept two days longer, for local times beside the seam.
const PERIODIC_END: i64 = PERIODIC_START + CYCLE + 4 * MICROS_PER_DAY;

fn fold_cycle(micros: i64) -> i64 {
    if micros < PERIODIC_START + CYCLE { micros } else { PERIODIC_START + (micros - PERIODIC_START) % CYCLE }
}

/// The civil day of a local time in microseconds.
pub fn day_of_local(local: i64) -> i32 {
    local.div_euclid(MICROS_PER_DAY) as i32
}

/// The hour of a local time in microseconds.
pub fn hour_of_local(local: i64) -> u8 {
    (local.rem_euclid(MICROS_PER_DAY) / (3600 * MICROS_PER_SECOND)) as u8
}

/// Looks up offsets of instants that are near each other.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    zone: &'a Zone,
    from: i64,
    to: i64,
    offset: i64,
}

impl Cursor<'_> {
    /// The local time of an instant, microseconds.
    pub fn local(&mut self, micros: i64) -> i64 {
        let folded = fold_cycle(micros);
        if folded < self.from || folded >= self.to {
            let segment = self.zone.segment(folded);
            self.from = self.zone.starts[segment];
            self.to = self.zone.end(segment);
            self.offset = self.zone.offsets[segment];
        }
        micros.saturating_add(self.offset)
    }
}
