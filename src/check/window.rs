//! Windows of time on collections and values, `ago` and `from now`, and what a duration must be where it is used.
//! Imports `compare`. Invariant: the length of a window is a constant, and more than nothing.

use super::checker::{Checker, Needs};
use super::compare::day_of;
use super::errors;
use super::names::DefKind;
use super::source::event_name;
use crate::builtins::Test;
use crate::hir::{Expr, ExprKind, Window, rebind};
use crate::source::Span;
use crate::syntax::ast::{self, WindowKind};
use crate::types::{CalendarUnit, Duration, Ty, Type, Value};

/// The calendar units with their words.
pub(super) const CALENDAR: [(&str, CalendarUnit); 5] = [
    ("day", CalendarUnit::Day),
    ("week", CalendarUnit::Week),
    ("month", CalendarUnit::Month),
    ("quarter", CalendarUnit::Quarter),
    ("year", CalendarUnit::Year),
];

impl Checker<'_> {
    /// `30 days ago`, `7 days from now`
    pub fn moved_now(&mut self, duration: &ast::Expr, negative: bool, span: Span) -> Expr {
        let Some(duration) = self.length(duration) else { return Expr::error(span) };
        let kind = ExprKind::FromNow { duration: Box::new(duration), negative };
        Expr { kind, ty: Type::required(Ty::Timestamp), span }
    }

    /// A duration that is the same for every profile, and more than nothing.
    pub fn length(&mut self, expr: &ast::Expr) -> Option<Expr> {
        if let ast::ExprKind::Path(path) = &expr.kind
            && path.steps.is_empty()
            && let Some((unit, _)) = CALENDAR.iter().find(|(word, _)| path.root.node.trim_end_matches('s') == *word)
            && self.names.find(&path.root.node).is_none()
            && self.scope.locals.iter().all(|local| local.name != path.root.node)
        {
            self.report(errors::bare_unit(unit, path.span));
            return None;
        }
        let value = self.expr(expr, None);
        match value.ty.ty {
            Ty::Error => None,
            Ty::Duration if !self.is_constant(&value) => {
                self.report(errors::varying_length(&value));
                None
            }
            Ty::Duration => self.duration_is(&value, Needs { positive: true, ..Needs::default() }).then_some(value),
            _ => {
                self.report(errors::not_a_duration(&value));
                None
            }
        }
    }

    /// Whether an expression is the same for every profile.
    pub fn is_constant(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Param(_) => true,
            // The arguments for parameters of type `duration` are constants.
            ExprKind::Local(_) => expr.ty.ty == Ty::Duration,
            ExprKind::Let(id, args) => {
                args.iter().all(|arg| self.is_constant(arg))
                    && self.lets[id.0 as usize].as_ref().is_some_and(|l| self.is_constant(&l.body))
            }
            _ => false,
        }
    }

    /// Whether a constant duration is what its place needs; reported if not. What a parameter of a `let` needs is
    /// asked of the arguments.
    pub fn duration_is(&mut self, expr: &Expr, needs: Needs) -> bool {
        let value = match &expr.kind {
            ExprKind::Literal(Value::Duration(duration)) => *duration,
            ExprKind::Param(id) => match self.params[id.0 as usize].as_ref().map(|p| &p.value) {
                Some(Value::Duration(duration)) => *duration,
                _ => return true,
            },
            ExprKind::Let(id, _) => match self.lets[id.0 as usize].as_ref().map(|l| l.body.clone()) {
                Some(body) if !matches!(body.kind, ExprKind::Local(_)) => return self.duration_is(&body, needs),
                _ => return true,
            },
            ExprKind::Local(index) => {
                if let Some(id) = self.current_let
                    && let Some(known) = self.needs[id.0 as usize].get_mut(*index)
                {
                    known.positive |= needs.positive;
                    known.exact |= needs.exact;
                    known.whole_days |= needs.whole_days;
                }
                return true;
            }
            _ => return true,
        };
        let Duration { months, days, micros } = value;
        let positive = months >= 0 && days >= 0 && micros >= 0 && value != Duration::default();
        if needs.positive && !positive {
            self.report(errors::empty_length(value == Duration::default(), expr.span));
            return false;
        }
        if needs.exact && months != 0 {
            self.report(errors::inexact_duration(expr.span));
            return false;
        }
        if needs.whole_days && micros != 0 {
            self.report(errors::hours_on_a_date(expr.span));
            return false;
        }
        true
    }

    /// A window; what its bounds name is looked for outside of the collection.
    pub fn window(&mut self, window: &ast::Window) -> Option<Window> {
        Some(match &window.kind {
            WindowKind::Last(length) => Window::Last(Box::new(self.length(length)?)),
            WindowKind::Next(length) => Window::Next(Box::new(self.length(length)?)),
            WindowKind::This(unit) => match CALENDAR.iter().find(|(word, _)| *word == unit.node) {
                Some((_, unit)) => Window::This(*unit),
                None => {
                    if !unit.node.is_empty() {
                        self.report(errors::unknown_calendar_unit(unit));
                    }
                    return None;
                }
            },
            WindowKind::Previous(length) => self.previous(length)?,
            WindowKind::On(day) => {
                let day = self.expr(day, None);
                match day.ty.ty {
                    Ty::Error => return None,
                    Ty::Date => Window::On(Box::new(day)),
                    _ => {
                        self.report(errors::not_a_day(&day));
                        return None;
                    }
                }
            }
            WindowKind::Before(bound) => Window::Before(Box::new(self.bound(bound)?)),
            WindowKind::After(bound) => Window::After(Box::new(self.bound(bound)?)),
            WindowKind::Between(low, high) => {
                let (low, high) = (self.bound(low), self.bound(high));
                Window::Between(Box::new(low?), Box::new(high?))
            }
        })
    }

    /// `previous 3 months`: the count and the unit as written.
    fn previous(&mut self, length: &ast::Expr) -> Option<Window> {
        let mut inner = length;
        while let ast::ExprKind::Paren(e) = &inner.kind {
            inner = e;
        }
        if let ast::ExprKind::Path(path) = &inner.kind
            && path.steps.is_empty()
            && let Some((_, unit)) = CALENDAR.iter().find(|(word, _)| *word == path.root.node)
        {
            return Some(Window::Previous { count: 1, unit: *unit });
        }
        let ast::ExprKind::Literal(ast::Literal::Duration { amount, unit }) = &inner.kind else {
            let value = self.expr(length, None);
            if !value.is_error() {
                self.report(errors::previous_needs_units(value.span));
            }
            return None;
        };
        let value = self.expr(inner, None);
        if value.is_error() || !self.duration_is(&value, Needs { positive: true, ..Needs::default() }) {
            return None;
        }
        let singular = unit.strip_suffix('s').unwrap_or(unit);
        let count = amount.replace('_', "").parse::<u32>().ok();
        match (count, CALENDAR.iter().find(|(word, _)| *word == singular)) {
            (Some(count), Some((_, unit))) => Some(Window::Previous { count, unit: *unit }),
            _ => {
                self.report(errors::previous_needs_units(value.span));
                None
            }
        }
    }

    fn bound(&mut self, bound: &ast::Expr) -> Option<Expr> {
        let value = self.expr(bound, None);
        match value.ty.ty {
            Ty::Error => None,
            Ty::Date | Ty::Timestamp => Some(value),
            _ => {
                self.report(errors::not_a_moment(&value, "the bound of a window"));
                None
            }
        }
    }

    /// `a in last 30 days`, `a before b`, `a between b and c`
    pub fn time_test(&mut self, expr: &ast::Expr) -> Expr {
        match &expr.kind {
            ast::ExprKind::InWindow { negated, value, window, ignoring_year } => {
                if let ast::ExprKind::Path(path) = &value.kind
                    && let Some(event) = self.event_beside_window(path)
                {
                    self.report(errors::event_in_window(&event, *negated, path.span, window.span));
                    return Expr::error(expr.span);
                }
                let value = self.expr(value, None);
                let window_span = window.span;
                let Some(made) = self.window(window) else { return Expr::error(expr.span) };
                if value.is_error() {
                    return Expr::error(expr.span);
                }
                if *ignoring_year && matches!(made, Window::Before(_) | Window::After(_)) {
                    self.report(errors::anniversary_order(window_span));
                    return Expr::error(expr.span);
                }
                self.in_window(value, made, *negated, *ignoring_year, expr.span)
            }
            ast::ExprKind::Between { negated, value, low, high, ignoring_year } => {
                self.between(value, [low, high], *negated, *ignoring_year, expr.span)
            }
            _ => Expr::error(expr.span),
        }
    }

    /// The event type or custom event that stands where the date or timestamp of a window should.
    fn event_beside_window(&self, path: &ast::Path) -> Option<String> {
        if self.scope.innermost().is_some_and(|bound| bound.name(&path.root.node, &self.schema).is_some()) {
            return None;
        }
        let custom = path.steps.is_empty()
            && self
                .names
                .find(&path.root.node)
                .is_some_and(|def| matches!(self.names.defs[def.0].kind, DefKind::Event(_)));
        if custom {
            return Some(path.root.node.clone());
        }
        event_name(path).filter(|name| self.schema.event_types.contains_key(name))
    }

    /// A date or timestamp in a window.
    pub fn in_window(&mut self, value: Expr, window: Window, negated: bool, ignoring_year: bool, span: Span) -> Expr {
        let value = match value.ty.ty {
            Ty::Timestamp if ignoring_year => day_of(value),
            Ty::Date | Ty::Timestamp => value,
            _ => {
                let diagnostic = match (&value.ty.ty, ignoring_year) {
                    (_, true) => errors::year_needs_date(&value),
                    _ => errors::window_on_no_time(&value),
                };
                self.report(diagnostic);
                return Expr::error(span);
            }
        };
        let window = if value.ty.ty == Ty::Date { on_days(window) } else { window };
        Expr::predicate(ExprKind::InWindow { value: Box::new(value), window, negated, ignoring_year }, span)
    }

    fn between(
        &mut self,
        value: &ast::Expr,
        bounds: [&ast::Expr; 2],
        negated: bool,
        ignoring_year: bool,
        span: Span,
    ) -> Expr {
        let value = self.expr(value, None);
        let hint = value.ty.ty.clone();
        let [low, high] = bounds.map(|bound| self.expr(bound, Some(&hint)));
        if value.is_error() || low.is_error() || high.is_error() {
            return Expr::error(span);
        }
        if matches!(value.ty.ty, Ty::Date | Ty::Timestamp) {
            for bound in [&low, &high] {
                if !matches!(bound.ty.ty, Ty::Date | Ty::Timestamp) {
                    self.report(errors::mismatched(&value, bound, bound.span));
                    return Expr::error(span);
                }
            }
            return self.in_window(value, Window::Between(Box::new(low), Box::new(high)), negated, ignoring_year, span);
        }
        if ignoring_year {
            self.report(errors::year_needs_date(&value));
            return Expr::error(span);
        }
        if !self.is_ordered(&value, "`between`") {
            return Expr::error(span);
        }
        self.between_values(value, low, high, negated, span)
    }

    /// `low <= value and value <= high`; negated, one of the opposites with all three present.
    fn between_values(&mut self, value: Expr, low: Expr, high: Expr, negated: bool, span: Span) -> Expr {
        let again = rebind(&value, &mut || self.fresh_binder());
        let (at_low, at_high) = (low.span, high.span);
        let Some((value, low)) = self.unify(value, low, at_low) else { return Expr::error(span) };
        let Some((again, high)) = self.unify(again, high, at_high) else { return Expr::error(span) };
        let absents: Vec<Expr> = [&low, &high].into_iter().filter(|e| negated && e.ty.optional).cloned().collect();
        let (below, above) = if negated { (Test::Lt, Test::Gt) } else { (Test::Ge, Test::Le) };
        let tests = vec![Expr::test(below, vec![value, low], span), Expr::test(above, vec![again, high], span)];
        if !negated {
            return Expr::predicate(ExprKind::And(tests), span);
        }
        let outside = Expr::predicate(ExprKind::Or(tests), span);
        if absents.is_empty() {
            return outside;
        }
        let mut all = vec![outside];
        for bound in absents {
            let copy = rebind(&bound, &mut || self.fresh_binder());
            all.push(Expr::predicate(ExprKind::IsPresent(Box::new(copy)), span));
        }
        Expr::predicate(ExprKind::And(all), span)
    }
}

/// Beside a date, a bound that is a timestamp counts as its civil day.
fn on_days(window: Window) -> Window {
    let day = |bound: Box<Expr>| if bound.ty.ty == Ty::Timestamp { Box::new(day_of(*bound)) } else { bound };
    match window {
        Window::Before(bound) => Window::Before(day(bound)),
        Window::After(bound) => Window::After(day(bound)),
        Window::Between(low, high) => Window::Between(day(low), day(high)),
        Window::Last(_) | Window::Next(_) | Window::This(_) | Window::Previous { .. } | Window::On(_) => window,
    }
}
