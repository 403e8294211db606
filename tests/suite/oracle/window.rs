//! Windows of time over dates and timestamps.

use std::cmp::Ordering;

use jiff::civil::Date;
use segc::hir::{Expr, Window};
use segc::types::{CalendarUnit, Duration};

use super::expr::Scope;
use super::path::whole_days;
use super::{V, calendar};

impl Scope<'_, '_> {
    /// Whether a date or timestamp lies in a window; `None` where a bound is absent.
    pub fn in_window(&self, value: &V, window: &Window, ignoring_year: bool) -> Option<bool> {
        if ignoring_year {
            return self.anniversary_in(value, window);
        }
        let compare = |bound: &V| self.compare(value, bound);
        Some(match window {
            Window::Last(length) => {
                let here = self.here(value);
                self.moved(&here, self.length(length)?, true).is_none_or(|from| compare(&from).is_gt())
                    && compare(&here).is_le()
            }
            Window::Next(length) => {
                let here = self.here(value);
                compare(&here).is_gt()
                    && self.moved(&here, self.length(length)?, false).is_none_or(|to| compare(&to).is_le())
            }
            Window::This(unit) => self.in_units(value, *unit, 0, 1),
            Window::Previous { count, unit } => self.in_units(value, *unit, -(*count as i32), 0),
            Window::On(day) => compare(&self.value(day)?).is_eq(),
            Window::Before(bound) => compare(&self.value(bound)?).is_lt(),
            Window::After(bound) => compare(&self.value(bound)?).is_gt(),
            Window::Between(low, high) => {
                let (low, high) = (self.value(low)?, self.value(high)?);
                compare(&low).is_ge() && compare(&high).is_le()
            }
        })
    }

    /// Now beside a timestamp, today beside a date.
    fn here(&self, value: &V) -> V {
        match value {
            V::Date(_) => V::Date(self.today()),
            _ => V::Instant(self.world.now),
        }
    }

    fn moved(&self, here: &V, by: Duration, negative: bool) -> Option<V> {
        match here {
            V::Date(day) => calendar::moved_day(*day, whole_days(by), negative).map(V::Date),
            V::Instant(at) => calendar::moved(*at, by, negative, &self.world.zone).map(V::Instant),
            other => panic!("{other:?} is no time"),
        }
    }

    fn length(&self, length: &Expr) -> Option<Duration> {
        match self.value(length)? {
            V::Span(length) => Some(length),
            other => panic!("{other:?} is no duration"),
        }
    }

    /// The first days of two units, counted from the one that holds today.
    fn units(&self, unit: CalendarUnit, from: i32, to: i32) -> (i32, i32) {
        let current = calendar::start_of(unit, self.today(), self.world.module.settings.week_start);
        (calendar::units_later(unit, current, from), calendar::units_later(unit, current, to))
    }

    fn in_units(&self, value: &V, unit: CalendarUnit, from: i32, to: i32) -> bool {
        let (start, end) = self.units(unit, from, to);
        let day = self.civil_day(value);
        start <= day && day < end
    }

    fn civil_day(&self, value: &V) -> i32 {
        match value {
            V::Date(day) => *day,
            V::Instant(at) => calendar::day_of(*at, &self.world.zone),
            other => panic!("{other:?} is no time"),
        }
    }

    /// Whether some day of the window is an anniversary. An open end reaches to the end of the bound's year.
    fn anniversary_in(&self, value: &V, window: &Window) -> Option<bool> {
        let day = self.civil_day(value);
        let today = self.today();
        let bound = |bound: &Expr| Some(self.civil_day(&self.value(bound)?));
        let in_year =
            |of: i32, month: i8, day: i8| calendar::day_number(Date::constant(calendar::day(of).year(), month, day));
        let (first, last) = match window {
            Window::Last(length) => (calendar::moved_day(today, self.length(length)?, true)? + 1, today),
            Window::Next(length) => (today + 1, calendar::moved_day(today, self.length(length)?, false)?),
            Window::This(unit) => {
                let (start, end) = self.units(*unit, 0, 1);
                (start, end - 1)
            }
            Window::Previous { count, unit } => {
                let (start, end) = self.units(*unit, -(*count as i32), 0);
                (start, end - 1)
            }
            Window::On(on) => (bound(on)?, bound(on)?),
            Window::Before(end) => (in_year(bound(end)?, 1, 1), bound(end)? - 1),
            Window::After(start) => (bound(start)? + 1, in_year(bound(start)?, 12, 31)),
            Window::Between(low, high) => (bound(low)?, bound(high)?),
        };
        let is_anniversary =
            |there: i32| calendar::anniversary(day, calendar::day(there).year()).cmp(&there) == Ordering::Equal;
        // Two whole years hold every anniversary; no need to walk further.
        Some((first..=last.min(first.saturating_add(800))).any(is_anniversary))
    }
}
