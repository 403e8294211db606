//! The first days of calendar units where an engine has a function that cuts a date down to one. Invariant: weeks begin
//! on the day that was asked for, though the engine's begin on Monday.

use super::dialect::{Built, Dialect};
use super::tree::Expr;
use crate::types::CalendarUnit;

/// The first day of the unit that holds a date, out of what cuts a date to the unit of a name.
pub(super) fn start_of(
    dialect: &dyn Dialect,
    unit: CalendarUnit,
    date: Expr,
    week_start: u8,
    cut: impl Fn(&'static str, Expr) -> Expr,
) -> Built {
    Ok(match unit {
        CalendarUnit::Day => date,
        CalendarUnit::Week if week_start <= 1 => cut("week", date),
        CalendarUnit::Week => {
            // Moved so that the week's first day falls on a Monday, and back.
            let days = i64::from(week_start - 1);
            let monday = cut("week", dialect.add_days(date, Expr::int(-days))?);
            dialect.add_days(monday, Expr::int(days))?
        }
        CalendarUnit::Month => cut("month", date),
        CalendarUnit::Quarter => cut("quarter", date),
        CalendarUnit::Year => cut("year", date),
    })
}
