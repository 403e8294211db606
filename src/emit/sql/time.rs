//! Functions of dates and instants. An instant's civil parts are those of the project's zone. Invariant: the event
//! table's timestamp is never wrapped in a function here for a window: windows are comparisons with constants already.

use super::scope::{Frame, Scope};
use super::{Emitter, Failure, Result};
use crate::builtins::Func;
use crate::plan::{NodeId, Op};
use crate::sql::Expr;
use crate::sql::dialect::Part;
use crate::sql::tree::{BinaryOp, Literal};
use crate::types::{CalendarUnit, Duration, MICROS_PER_DAY, MICROS_PER_SECOND, Ty, Value};
use crate::vector::time;

impl Emitter<'_> {
    /// A part of a date, or of an instant's civil time.
    pub(super) fn part(&mut self, frame: &mut Frame, scope: &Scope, part: Part, arg: NodeId) -> Result<Expr> {
        let value = self.value(frame, scope, arg)?;
        let civil = if self.is_instant(arg) { self.dialect.local(value, &self.zone)? } else { value };
        Ok(self.dialect.part(part, civil)?)
    }

    /// The civil day of a date or an instant.
    pub(super) fn day_of(&mut self, frame: &mut Frame, scope: &Scope, arg: NodeId) -> Result<Expr> {
        let value = self.value(frame, scope, arg)?;
        if !self.is_instant(arg) {
            return Ok(value);
        }
        Ok(self.dialect.date(self.dialect.local(value, &self.zone)?)?)
    }

    /// The beginning of the unit that holds a date or an instant.
    pub(super) fn start_of(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        unit: CalendarUnit,
        arg: NodeId,
    ) -> Result<Expr> {
        let day = self.day_of(frame, scope, arg)?;
        let start = self.dialect.start_of(unit, day, self.plan.settings.week_start)?;
        Ok(if self.is_instant(arg) { self.dialect.start_of_day(start, &self.zone)? } else { start })
    }

    /// Whole years from a date to another.
    pub(super) fn age(&mut self, frame: &mut Frame, scope: &Scope, born: NodeId, today: NodeId) -> Result<Expr> {
        let born = self.digits_of_date(frame, scope, born)?;
        let today = self.digits_of_date(frame, scope, today)?;
        Ok(self.dialect.int_div(today.binary(BinaryOp::Sub, born), Expr::int(10_000))?)
    }

    /// `yyyymmdd` as a number.
    fn digits_of_date(&mut self, frame: &mut Frame, scope: &Scope, arg: NodeId) -> Result<Expr> {
        let day = self.day_of(frame, scope, arg)?;
        if let Expr::Literal(Literal::Date(days)) = day {
            let date = time::civil(days);
            return Ok(Expr::int(i64::from(date.year) * 10_000 + i64::from(date.month) * 100 + i64::from(date.day)));
        }
        let part = |part, factor: i64| {
            let value = self.dialect.part(part, day.clone())?;
            Ok::<Expr, Failure>(if factor == 1 { value } else { value.binary(BinaryOp::Mul, Expr::int(factor)) })
        };
        let year = part(Part::Year, 10_000)?;
        Ok(year.binary(BinaryOp::Add, part(Part::Month, 100)?).binary(BinaryOp::Add, part(Part::Day, 1)?))
    }

    /// The difference of two dates or instants in whole units.
    pub(super) fn between(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        func: Func,
        from: NodeId,
        to: NodeId,
    ) -> Result<Expr> {
        let instants = self.is_instant(from) && self.is_instant(to);
        let difference = if instants {
            let (from, to) = (self.value(frame, scope, from)?, self.value(frame, scope, to)?);
            self.dialect.micros(to)?.binary(BinaryOp::Sub, self.dialect.micros(from)?)
        } else {
            let (from, to) = (self.day_of(frame, scope, from)?, self.day_of(frame, scope, to)?);
            self.dialect.days_between(from, to)?
        };
        let day = if instants { MICROS_PER_DAY } else { 1 };
        let unit = match func {
            Func::WeeksBetween => 7 * day,
            Func::HoursBetween => 3600 * MICROS_PER_SECOND,
            Func::MinutesBetween => 60 * MICROS_PER_SECOND,
            Func::SecondsBetween => MICROS_PER_SECOND,
            _ => day,
        };
        Ok(if unit == 1 { difference } else { self.dialect.int_div(difference, Expr::int(unit))? })
    }

    /// A date or an instant moved by a duration.
    pub(super) fn moved(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        value: NodeId,
        by: NodeId,
        negative: bool,
    ) -> Result<Expr> {
        let start = self.value(frame, scope, value)?;
        let op = if negative { BinaryOp::Sub } else { BinaryOp::Add };
        if self.is_instant(value) {
            let by = self.value(frame, scope, by)?;
            let micros = self.dialect.micros(start)?.binary(op, by);
            return Ok(self.dialect.instant(micros)?);
        }
        let sign = if negative { -1 } else { 1 };
        if let Some(duration) = self.constant_duration(by) {
            let mut date = start;
            if duration.months != 0 {
                date = self.dialect.add_months(date, duration.months * sign)?;
            }
            let days = i64::from(duration.days) + duration.micros / MICROS_PER_DAY;
            return Ok(if days == 0 {
                date
            } else {
                self.dialect.add_days(date, Expr::int(days * i64::from(sign)))?
            });
        }
        let days = self.dialect.int_div(self.value(frame, scope, by)?, Expr::int(MICROS_PER_DAY))?;
        let days = if negative { Expr::Negative(Box::new(days)) } else { days };
        Ok(self.dialect.add_days(start, days)?)
    }

    /// The exact time from one instant to another, as microseconds.
    pub(super) fn difference(&mut self, frame: &mut Frame, scope: &Scope, a: NodeId, b: NodeId) -> Result<Expr> {
        let (a, b) = (self.value(frame, scope, a)?, self.value(frame, scope, b)?);
        Ok(self.dialect.micros(a)?.binary(BinaryOp::Sub, self.dialect.micros(b)?))
    }

    fn is_instant(&self, id: NodeId) -> bool {
        self.node(id).ty.ty == Ty::Timestamp
    }

    fn constant_duration(&self, id: NodeId) -> Option<Duration> {
        match &self.node(id).op {
            Op::Const(Value::Duration(duration)) => Some(*duration),
            Op::Gather(inner) => self.constant_duration(*inner),
            _ => None,
        }
    }
}
