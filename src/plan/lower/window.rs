//! Windows to comparisons with constants. Every window of a run is a constant interval, computed here once in the
//! project's zone; only `before`, `after`, `between` and `on` may have bounds that differ by row.

use super::{Lowerer, Scope};
use crate::builtins::{Func, Test};
use crate::hir::{Expr, Window};
use crate::plan::NodeId;
use crate::types::{CalendarUnit, Duration, Ty, Value};
use crate::vector::time;

impl Lowerer<'_> {
    /// The tests, all of which are true where a date or timestamp lies in a window.
    pub(super) fn window_tests(&mut self, value: NodeId, window: &Window, scope: &Scope) -> Vec<NodeId> {
        let is_date = self.graph.get(value).ty.ty == Ty::Date;
        match window {
            Window::Last(length) | Window::Next(length) => {
                let past = matches!(window, Window::Last(_));
                let length = self.expr(length, scope);
                let Some(length) = self.graph.constant_duration(length) else { return vec![self.graph.bool(false)] };
                let here = if is_date { self.date(self.today) } else { self.timestamp(self.now) };
                let there = if is_date { self.moved_date(length, past) } else { self.moved_now(length, past) };
                let (after, until) = if past { (there, Some(here)) } else { (Some(here), there) };
                [(Test::Gt, after), (Test::Le, until)]
                    .into_iter()
                    .filter_map(|(op, bound)| bound.map(|bound| self.graph.test(op, vec![value, bound])))
                    .collect()
            }
            Window::This(unit) => self.in_units(value, is_date, *unit, 0, 1),
            Window::Previous { count, unit } => self.in_units(value, is_date, *unit, -(*count as i32), 0),
            Window::On(day) => {
                let day = self.expr(day, scope);
                vec![self.since_start_of(value, day), self.until_end_of(value, day)]
            }
            Window::Before(bound) => {
                let bound = self.bound(bound, is_date, scope);
                vec![self.before(value, bound)]
            }
            Window::After(bound) => {
                let bound = self.bound(bound, is_date, scope);
                vec![self.after(value, bound)]
            }
            Window::Between(low, high) => {
                let (low, high) = (self.bound(low, is_date, scope), self.bound(high, is_date, scope));
                vec![self.since_start_of(value, low), self.until_end_of(value, high)]
            }
        }
    }

    /// A bound; beside a date, a timestamp counts as its civil day.
    fn bound(&mut self, bound: &Expr, is_date: bool, scope: &Scope) -> NodeId {
        let node = self.expr(bound, scope);
        if is_date { self.as_date(node) } else { node }
    }

    /// The civil day of a timestamp; a date is its own.
    pub(super) fn as_date(&mut self, node: NodeId) -> NodeId {
        if let Some(Value::Timestamp(instant)) = self.graph.constant(node) {
            let day = self.zone.date_of(*instant);
            return self.date(day);
        }
        match self.graph.get(node).ty.ty {
            Ty::Timestamp => self.graph.call(Func::DateOf, vec![node], Ty::Date),
            _ => node,
        }
    }

    /// `value >= bound`, or not before the start of the bound's day.
    fn since_start_of(&mut self, value: NodeId, bound: NodeId) -> NodeId {
        self.against_day(value, bound, Test::Ge, 0, Test::Ge)
    }

    /// `value <= bound`, or before the end of the bound's day.
    fn until_end_of(&mut self, value: NodeId, bound: NodeId) -> NodeId {
        self.against_day(value, bound, Test::Le, 1, Test::Lt)
    }

    fn before(&mut self, value: NodeId, bound: NodeId) -> NodeId {
        self.against_day(value, bound, Test::Lt, 0, Test::Lt)
    }

    fn after(&mut self, value: NodeId, bound: NodeId) -> NodeId {
        self.against_day(value, bound, Test::Gt, 1, Test::Ge)
    }

    /// `value op bound` where both are dates or both timestamps. A timestamp against a constant day is compared by
    /// `instant_op` with the start of the day `offset` days later; against a day that differs by row, by its own day.
    fn against_day(&mut self, value: NodeId, bound: NodeId, op: Test, offset: i32, instant_op: Test) -> NodeId {
        let mixed = self.graph.get(value).ty.ty == Ty::Timestamp && self.graph.get(bound).ty.ty == Ty::Date;
        if !mixed {
            return self.graph.test(op, vec![value, bound]);
        }
        if let Some(Value::Date(day)) = self.graph.constant(bound) {
            let start = self.zone.start_of_day(day + offset);
            let start = self.timestamp(start);
            return self.graph.test(instant_op, vec![value, start]);
        }
        let day = self.as_date(value);
        self.graph.test(op, vec![day, bound])
    }

    /// In whole calendar units, counted from the one that holds today.
    fn in_units(&mut self, value: NodeId, is_date: bool, unit: CalendarUnit, from: i32, to: i32) -> Vec<NodeId> {
        let (start, end) = self.units(unit, from, to);
        let (start, end) = if is_date {
            (self.date(start), self.date(end))
        } else {
            let (start, end) = (self.zone.start_of_day(start), self.zone.start_of_day(end));
            (self.timestamp(start), self.timestamp(end))
        };
        vec![self.graph.test(Test::Ge, vec![value, start]), self.graph.test(Test::Lt, vec![value, end])]
    }

    /// The first day of the unit `from` units after the current one, and of the one `to` units after it.
    pub(super) fn units(&self, unit: CalendarUnit, from: i32, to: i32) -> (i32, i32) {
        let current = time::start_of_unit(unit, self.today, self.module.settings.week_start);
        let moved =
            |count| time::add_units(current, unit, count).unwrap_or(if count < 0 { i32::MIN } else { i32::MAX });
        (moved(from), moved(to))
    }

    fn moved_now(&mut self, length: Duration, past: bool) -> Option<NodeId> {
        self.zone.add(self.now, length, past).map(|instant| self.timestamp(instant))
    }

    fn moved_date(&mut self, length: Duration, past: bool) -> Option<NodeId> {
        self.moved_today(length, past).map(|day| self.date(day))
    }

    /// Today moved by a duration; `None` beyond the calendar.
    pub(super) fn moved_today(&self, length: Duration, past: bool) -> Option<i32> {
        let sign = if past { -1 } else { 1 };
        let day = time::add_months(self.today, length.months * sign)?;
        time::add_days(day, i64::from(length.days * sign))
    }
}
