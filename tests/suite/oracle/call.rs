//! Functions of values: absent when an argument is.

use std::cmp::Ordering;

use segc::builtins::Func;
use segc::hir::{Expr, ExprKind};
use segc::types::{CalendarUnit, Duration, Ty};

use super::aggregate::{distinct, finite};
use super::expr::Scope;
use super::value::exact;
use super::{Ratio, V, calendar, text};

impl Scope<'_, '_> {
    /// The value of a call; a quotient is exact.
    pub fn call(&self, func: Func, args: &[Expr], ty: &Ty) -> Option<V> {
        let from_now = matches!(args.first(), Some(Expr { kind: ExprKind::Now, .. }));
        let values = args.iter().map(|arg| self.value(arg)).collect::<Option<Vec<V>>>()?;
        match (func, values.as_slice()) {
            (Func::Add | Func::Sub | Func::Mul | Func::Div | Func::IntDiv | Func::Rem, [a, b]) => {
                arithmetic(func, a, b, ty)
            }
            (Func::Neg | Func::Abs | Func::Floor | Func::Ceil, [a]) => rounding(func, a, 0, ty),
            (Func::Round, [a]) => rounding(func, a, 0, ty),
            (Func::Round, [a, digits]) => rounding(func, a, digits.whole() as u32, ty),
            (Func::MinOf, all) => all.iter().cloned().map(|v| v.widened(ty)).min_by(|a, b| a.order(b)),
            (Func::MaxOf, all) => all.iter().cloned().map(|v| v.widened(ty)).max_by(|a, b| a.order(b)),
            (Func::AddDuration | Func::SubDuration, [V::Instant(at), V::Span(by)]) => {
                let negative = func == Func::SubDuration;
                let by = if from_now { *by } else { Duration { months: 0, days: 0, micros: exact(*by) } };
                calendar::moved(*at, by, negative, &self.world.zone).map(V::Instant)
            }
            (Func::AddDuration | Func::SubDuration, [V::Date(day), V::Span(by)]) => {
                calendar::moved_day(*day, *by, func == Func::SubDuration).map(V::Date)
            }
            (Func::Difference, [V::Instant(a), V::Instant(b)]) => {
                Some(V::Span(Duration { months: 0, days: 0, micros: a.checked_sub(*b)? }))
            }
            (func, values) => self.time_call(func, values).or_else(|| value_call(func, values))?,
        }
    }

    /// Functions of dates and timestamps; `None` for others.
    fn time_call(&self, func: Func, values: &[V]) -> Option<Option<V>> {
        let zone = &self.world.zone;
        let day = |value: &V| match value {
            V::Date(day) => *day,
            V::Instant(at) => calendar::day_of(*at, zone),
            other => panic!("{other:?} is no time"),
        };
        let date = |value: &V| calendar::day(day(value));
        let int = |value: i64| Some(V::int(value));
        Some(match (func, values) {
            (Func::Year, [t]) => int(date(t).year().into()),
            (Func::Quarter, [t]) => int((date(t).month() as i64 + 2) / 3),
            (Func::Month, [t]) => int(date(t).month().into()),
            (Func::Day, [t]) => int(date(t).day().into()),
            (Func::Weekday, [t]) => int(date(t).weekday().to_monday_one_offset().into()),
            (Func::Hour, [V::Instant(at)]) => int(calendar::zoned(*at, zone).hour().into()),
            (Func::DateOf, [t]) => Some(V::Date(day(t))),
            (Func::StartOf(unit), [t]) => Some(self.start_of(unit, t, day(t))),
            (Func::Age, [born, at]) => {
                let written = |value| {
                    let date = date(value);
                    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
                };
                int((written(at) - written(born)) / 10_000)
            }
            (Func::DaysBetween | Func::WeeksBetween, [V::Instant(a), V::Instant(b)]) => {
                let days = (b - a) / exact(Duration { months: 0, days: 1, micros: 0 });
                int(if func == Func::WeeksBetween { days / 7 } else { days })
            }
            (Func::DaysBetween, [a, b]) => int(i64::from(day(b)) - i64::from(day(a))),
            (Func::WeeksBetween, [a, b]) => int((i64::from(day(b)) - i64::from(day(a))) / 7),
            (Func::HoursBetween, [V::Instant(a), V::Instant(b)]) => int((b - a) / 3_600_000_000),
            (Func::MinutesBetween, [V::Instant(a), V::Instant(b)]) => int((b - a) / 60_000_000),
            (Func::SecondsBetween, [V::Instant(a), V::Instant(b)]) => int((b - a) / 1_000_000),
            _ => return None,
        })
    }

    fn start_of(&self, unit: CalendarUnit, value: &V, day: i32) -> V {
        let first = calendar::start_of(unit, day, self.world.module.settings.week_start);
        match value {
            V::Date(_) => V::Date(first),
            _ => V::Instant(calendar::start_of_day(first, &self.world.zone)),
        }
    }
}

/// A whole number is absent beyond 64 bits.
fn int(value: i128) -> Option<V> {
    i64::try_from(value).ok().map(V::int)
}

fn float(value: &V) -> f64 {
    match value {
        V::Float(value) => *value,
        other => other.number().float(),
    }
}

fn arithmetic(func: Func, a: &V, b: &V, ty: &Ty) -> Option<V> {
    if matches!(a, V::Float(_)) || matches!(b, V::Float(_)) {
        let (a, b) = (float(a), float(b));
        return match func {
            Func::Add => finite(a + b),
            Func::Sub => finite(a - b),
            Func::Mul => finite(a * b),
            Func::Div => (b != 0.0).then(|| a / b).and_then(finite),
            Func::Rem => (b != 0.0).then(|| a % b).and_then(finite),
            _ => (b != 0.0).then(|| (a / b).trunc()).filter(|q| q.abs() < 9.2e18).and_then(|q| int(q as i128)),
        };
    }
    let (a, b) = (a.number(), b.number());
    let result = match func {
        Func::Add => a.checked_add(b)?,
        Func::Sub => a.checked_add(b.negate())?,
        Func::Mul => a.checked_mul(b)?,
        Func::Div => a.div(b)?,
        Func::Rem => a.sub(b.mul(Ratio::int(a.div(b)?.trunc()))),
        _ => return int(a.div(b)?.trunc()),
    };
    match ty {
        Ty::Int => int(result.trunc()),
        Ty::Decimal(digits) if matches!(func, Func::Add | Func::Sub | Func::Mul) => {
            result.has_at_most_38_digits(digits.scale).then_some(V::Number(result))
        }
        _ => Some(V::Number(result)),
    }
}

fn rounding(func: Func, a: &V, digits: u32, ty: &Ty) -> Option<V> {
    if let V::Float(a) = a {
        let power = 10f64.powi(digits as i32);
        return finite(match func {
            Func::Neg => -a,
            Func::Abs => a.abs(),
            Func::Floor => a.floor(),
            Func::Ceil => a.ceil(),
            _ => ((a.abs() * power) + 0.5).floor().copysign(*a) / power,
        });
    }
    let a = a.number();
    let result = match func {
        Func::Neg => a.negate(),
        Func::Abs if a.is_negative() => a.negate(),
        Func::Abs => a,
        Func::Floor => Ratio::int(a.floor()),
        Func::Ceil => Ratio::int(a.ceil()),
        _ => a.round(digits),
    };
    if *ty == Ty::Int { int(result.trunc()) } else { Some(V::Number(result)) }
}

/// Functions of texts, lists and maps. The outer `None` means that there is no such function.
fn value_call(func: Func, values: &[V]) -> Option<Option<V>> {
    let text = |text: String| Some(V::Text(text));
    let has = |list: &V, value: &V| list.list().iter().any(|item| item.order(value) == Ordering::Equal);
    Some(match (func, values) {
        (Func::Lower, [a]) => text(text::lower(a.text())),
        (Func::Upper, [a]) => text(text::upper(a.text())),
        (Func::Trim, [a]) => text(a.text().trim_matches(' ').to_owned()),
        (Func::Length, [a]) => Some(V::int(a.text().chars().count() as i64)),
        (Func::Substring, [a, start]) => text(text::substring(a.text(), start.whole() as usize, usize::MAX)),
        (Func::Substring, [a, start, length]) => {
            text(text::substring(a.text(), start.whole() as usize, length.whole() as usize))
        }
        (Func::Replace, [a, from, to]) => text(text::replace(a.text(), from.text(), to.text())),
        (Func::Concat, all) => text(all.iter().map(V::text).collect()),
        (Func::Split, [a, by]) => Some(V::List(a.text().split(by.text()).map(|p| V::Text(p.to_owned())).collect())),
        (Func::Capture, [a, pattern, group]) => text::pattern(pattern.text(), false)
            .captures(a.text())
            .and_then(|found| found.get(group.whole() as usize).map(|group| V::Text(group.as_str().to_owned()))),
        (Func::EmailDomain, [a]) => text::email_domain(a.text()).map(V::Text),
        (Func::UrlHost, [a]) => text::url_host(a.text()).map(V::Text),
        (Func::UrlPath, [a]) => text::url_path(a.text()).map(V::Text),
        (Func::Size, [V::List(items)]) => Some(V::int(items.len() as i64)),
        (Func::Size, [V::Map(entries)]) => Some(V::int(entries.len() as i64)),
        (Func::Distinct, [a]) => Some(V::List(distinct(a.list().to_vec()))),
        (Func::Intersect, [a, b]) => {
            Some(V::List(distinct(a.list().iter().filter(|item| has(b, item)).cloned().collect())))
        }
        (Func::Union, [a, b]) => Some(V::List(distinct([a.list(), b.list()].concat()))),
        (Func::Keys, [V::Map(entries)]) => Some(V::List(entries.iter().map(|e| V::Text(e.0.clone())).collect())),
        (Func::Values, [V::Map(entries)]) => Some(V::List(entries.iter().map(|e| e.1.clone()).collect())),
        (func, values) => panic!("{func:?} of {values:?}"),
    })
}
