//! `ignoring year`: whether an anniversary of a date lies in a window. A day is compared as the number
//! `month * 100 + day`; 29 February counts as 1 March in years that lack it.

use super::{Lowerer, Scope};
use crate::builtins::{Func, Test};
use crate::hir::Window;
use crate::plan::NodeId;
use crate::types::{Ty, Value};
use crate::vector::time;

/// The first and the last day of any year as `month * 100 + day`.
const YEAR: (i64, i64) = (101, 1231);

impl Lowerer<'_> {
    /// Whether an anniversary of the value lies in the window, whose bounds are constants.
    pub(super) fn anniversary_in(&mut self, value: NodeId, window: &Window, scope: &Scope) -> NodeId {
        let day = self.as_date(value);
        let Some((first, last)) = self.interval(window, scope) else { return self.graph.bool(false) };
        if first > last {
            return self.graph.bool(false);
        }
        let (from, to) = (time::civil(first), time::civil(last));
        if to.year - from.year > 1 {
            return self.graph.is_present(day);
        }
        let years: Vec<NodeId> = (from.year..=to.year)
            .map(|year| {
                let low = if year == from.year { number(from.month, from.day) } else { YEAR.0 };
                let high = if year == to.year { number(to.month, to.day) } else { YEAR.1 };
                self.anniversary_between(day, year, low, high)
            })
            .collect();
        self.graph.or(years)
    }

    fn anniversary_between(&mut self, day: NodeId, year: i32, low: i64, high: i64) -> NodeId {
        let int = |this: &mut Self, value: i64| this.graph.literal(Value::Int(value), Ty::Int);
        let month = self.graph.call(Func::Month, vec![day], Ty::Int);
        let hundred = int(self, 100);
        let months = self.graph.call(Func::Mul, vec![month, hundred], Ty::Int);
        let day = self.graph.call(Func::Day, vec![day], Ty::Int);
        let mut number = self.graph.call(Func::Add, vec![months, day], Ty::Int);
        if !time::is_leap_year(year) {
            let (leap_day, first_of_march) = (int(self, 229), int(self, 301));
            let is_leap_day = self.graph.test(Test::Eq, vec![number, leap_day]);
            number = self.choose(is_leap_day, first_of_march, number);
        }
        let (low, high) = (int(self, low), int(self, high));
        let from = self.graph.test(Test::Ge, vec![number, low]);
        let to = self.graph.test(Test::Le, vec![number, high]);
        self.graph.and(vec![from, to])
    }

    /// The first and last day of a window; an open end reaches to the end of the bound's year. `None` if a bound is
    /// not a constant.
    fn interval(&mut self, window: &Window, scope: &Scope) -> Option<(i32, i32)> {
        match window {
            Window::Last(length) | Window::Next(length) => {
                let length = self.expr(length, scope);
                let length = self.graph.constant_duration(length)?;
                match window {
                    Window::Last(_) => Some((self.moved_today(length, true)? + 1, self.today)),
                    _ => Some((self.today + 1, self.moved_today(length, false)?)),
                }
            }
            Window::This(unit) => {
                let (start, end) = self.units(*unit, 0, 1);
                Some((start, end - 1))
            }
            Window::Previous { count, unit } => {
                let (start, end) = self.units(*unit, -(*count as i32), 0);
                Some((start, end - 1))
            }
            Window::On(day) => {
                let day = self.constant_day(day, scope)?;
                Some((day, day))
            }
            Window::Before(bound) => {
                let day = self.constant_day(bound, scope)?;
                Some((time::days(time::civil(day).year, 1, 1)?, day - 1))
            }
            Window::After(bound) => {
                let day = self.constant_day(bound, scope)?;
                Some((day + 1, time::days(time::civil(day).year, 12, 31)?))
            }
            Window::Between(low, high) => Some((self.constant_day(low, scope)?, self.constant_day(high, scope)?)),
        }
    }

    fn constant_day(&mut self, expr: &crate::hir::Expr, scope: &Scope) -> Option<i32> {
        let node = self.expr(expr, scope);
        let node = self.as_date(node);
        match self.graph.constant(node) {
            Some(Value::Date(day)) => Some(*day),
            _ => None,
        }
    }
}

fn number(month: u8, day: u8) -> i64 {
    i64::from(month) * 100 + i64::from(day)
}
