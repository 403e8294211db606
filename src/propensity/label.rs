//! How far a prediction looks ahead, and the cut-offs at which the past is looked at. Names `hir` and time zones.
//! Invariant: the label window of every cut-off has closed by the `now` of the training.

use super::model::DataRange;
use crate::hir::walk::{children, collection_children};
use crate::hir::{Collection, Expr, ExprKind, Module, Source, Training, Window};
use crate::types::{Duration, MICROS_PER_DAY, Value};
use crate::vector::time::Zone;

/// History before the first cut-off, at least.
const HISTORY_DAYS: i64 = 90;
/// Cut-offs, at most, where the declaration says nothing.
const CUTOFFS: usize = 24;

/// The longest window ahead of a prediction; why there is none otherwise.
pub fn horizon(module: &Module, predict: &Expr) -> Result<Duration, String> {
    let mut reach = Reach { module, longest: None, open: false };
    reach.expr(predict);
    match reach.longest {
        _ if reach.open => Err("`predict` looks ahead without end; write `in next 30 days`".to_owned()),
        Some(longest) => Ok(longest),
        None => Err("`predict` has no window `in next …`".to_owned()),
    }
}

struct Reach<'a> {
    module: &'a Module,
    longest: Option<Duration>,
    open: bool,
}

impl Reach<'_> {
    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::InWindow { window, .. } => self.window(window),
            ExprKind::FromNow { negative: false, duration } => self.duration(duration),
            ExprKind::Let(id, _) => {
                if let Some(definition) = self.module.lets.get(id.0 as usize) {
                    self.expr(&definition.body);
                }
            }
            ExprKind::Segment(id) => {
                if let Some(segment) = self.module.segments.get(id.0 as usize) {
                    self.expr(&segment.condition);
                }
            }
            ExprKind::Aggregate { collection, .. } => self.collection(collection),
            ExprKind::Sequence(sequence) => sequence.steps.iter().for_each(|step| self.collection(&step.collection)),
            _ => {}
        }
        children(expr, &mut |child| self.expr(child));
    }

    fn collection(&mut self, collection: &Collection) {
        collection.window.iter().for_each(|window| self.window(window));
        match &collection.source {
            Source::Events { via, .. } => {
                for id in via {
                    if let Some(event) = self.module.events.get(id.0 as usize) {
                        event.collection.window.iter().for_each(|window| self.window(window));
                        collection_children(&event.collection, &mut |child| self.expr(child));
                    }
                }
            }
            Source::Top { of, .. } | Source::Groups { of, .. } => self.collection(of),
            Source::List(_) | Source::Entries(_) | Source::Values(_) | Source::Members(_) => {}
        }
    }

    fn window(&mut self, window: &Window) {
        match window {
            Window::Next(duration) => self.duration(duration),
            Window::After(_) | Window::Between(..) => self.open = true,
            Window::Last(_) | Window::This(_) | Window::Previous { .. } | Window::On(_) | Window::Before(_) => {}
        }
    }

    fn duration(&mut self, expr: &Expr) {
        let value = match &expr.kind {
            ExprKind::Literal(value) => value,
            ExprKind::Param(id) => match self.module.params.get(id.0 as usize) {
                Some(param) => &param.value,
                None => return,
            },
            // A length that a definition's parameter says: its calls are not followed.
            _ => {
                self.open = true;
                return;
            }
        };
        if let Value::Duration(duration) = value {
            let longer = self.longest.is_none_or(|longest| about(*duration) > about(longest));
            if longer {
                self.longest = Some(*duration);
            }
        }
    }
}

/// Microseconds, months as 30 days: to compare lengths.
pub fn about(duration: Duration) -> i64 {
    (i64::from(duration.months) * 30 + i64::from(duration.days)) * MICROS_PER_DAY + duration.micros
}

/// The cut-offs of a training at `now` over data that begins at an instant. The last label window ends with the last
/// midnight before `now`.
pub fn cutoffs(
    training: &Training,
    horizon: Duration,
    zone: &Zone,
    now: i64,
    begins: i64,
) -> Result<DataRange, String> {
    let too_short = || "the history is too short: no label window has closed after 90 days of history".to_owned();
    let midnight = zone.start_of_day(zone.date_of(now));
    let test = zone.add(midnight, horizon, true).ok_or_else(too_short)?;
    let every = training.cutoffs.map_or(horizon, |cutoffs| cutoffs.every);
    let earliest = match training.cutoffs {
        Some(cutoffs) => zone.add(midnight, cutoffs.over, true).ok_or_else(too_short)?.max(begins),
        None => begins + HISTORY_DAYS * MICROS_PER_DAY,
    };
    let mut found = Vec::new();
    // The label windows of the training end before the test begins.
    let mut next = zone.add(test, horizon, true);
    while let Some(cutoff) = next
        && cutoff >= earliest
        && (training.cutoffs.is_some() || found.len() < CUTOFFS)
    {
        found.push(cutoff);
        next = zone.add(cutoff, every, true);
    }
    if found.is_empty() {
        return Err(too_short());
    }
    found.reverse();
    Ok(DataRange { now, cutoffs: found, test, horizon: about(horizon), rows: 0, positives: 0 })
}
