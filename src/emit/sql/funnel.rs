//! Sequences of events of different types, of which nothing is asked but their order and at most how long all of them take:
//! one aggregate over a profile's events, where the database has a function for that. The other forms of sequences read
//! the events once for each step where a named query is run anew for each place that reads it.
//!
//! Invariant: of simultaneous events none comes after another. The key by which the function orders them is a number of
//! the time and, behind it, of the step, the last step first.

use super::scope::{Row, Scope};
use super::unit::PROFILE_ID;
use super::{Emitter, Result};
use crate::plan::{DomainId, NodeId, SequenceStep};
use crate::sql::tree::{BinaryOp, Item};
use crate::sql::{Expr, Ident, Select};

/// 0001-01-01, before which there is no instant, and the end of 9999, in microseconds since 1970.
const FIRST_INSTANT: i64 = -62_135_596_800_000_000;
const LAST_INSTANT: i64 = 253_402_300_800_000_000;
/// No key is larger, nor a time that a funnel may take.
const MAX_KEY: i64 = 1 << 62;

/// A step of a funnel.
pub(super) struct FunnelStep {
    /// The events that it may be, without filters.
    pub events: DomainId,
    /// A domain besides that stands for its row.
    pub row: DomainId,
    /// What is asked of it.
    pub conditions: Vec<NodeId>,
}

impl Emitter<'_> {
    /// The profiles with independent steps one after the other, if these are a funnel.
    pub(super) fn sequence_funnel(&mut self, steps: &[SequenceStep]) -> Result<Option<Select>> {
        let plain = |step: &SequenceStep| !step.negated && step.times <= 1 && step.at_least.is_none_or(|gap| gap <= 0);
        let within = match steps {
            [_, second] => second.within,
            all if all.iter().all(|step| step.within.is_none()) => None,
            _ => return Ok(None),
        };
        if !steps.iter().all(plain) {
            return Ok(None);
        }
        let funnel: Vec<FunnelStep> = steps
            .iter()
            .map(|step| FunnelStep {
                events: self.base(step.events),
                row: self.base(step.events),
                conditions: step.mask.into_iter().flat_map(|mask| self.conjuncts(mask)).collect(),
            })
            .collect();
        self.funnel(&funnel, within)
    }

    /// The profiles with an event of each step, each later than the one before, the last at most `within` after the first.
    /// None if the steps are no funnel, or the database has none.
    pub(super) fn funnel(&mut self, steps: &[FunnelStep], within: Option<i64>) -> Result<Option<Select>> {
        let Some(types) = self.types_of_steps(steps) else { return Ok(None) };
        let count = steps.len() as i64;
        let conditions: Vec<&[NodeId]> = steps.iter().map(|step| step.conditions.as_slice()).collect();
        let bounds = self.bounds_from_first(&conditions);
        // Times from 1970 on are no negative numbers.
        let since = bounds.iter().find(|bound| bound.is_lower()).map_or(FIRST_INSTANT, |bound| bound.micros().min(0));
        let as_key = |micros: i64| micros.checked_mul(count).filter(|key| *key <= MAX_KEY);
        let longest = within.unwrap_or(LAST_INSTANT - FIRST_INSTANT);
        let (Some(longest), Some(_)) = (as_key(longest), as_key(LAST_INSTANT - since)) else { return Ok(None) };

        let event = Ident::generated("e");
        let mut frame = self.events_frame(&event);
        let row = Row::Event(event.clone());
        let of_step = |step: &FunnelStep| Scope::default().with(step.row, row.clone()).with(step.events, row.clone());
        for step in steps {
            if self.event_id(&of_step(step), step.events)?.is_some() {
                return Ok(None);
            }
        }
        let time = self.time_of(&event)?;
        let bounds: Vec<Expr> = bounds.into_iter().map(|bound| bound.over(time.clone())).collect();
        let (mut tests, mut places) = (Vec::new(), Vec::new());
        for (at, (step, event_type)) in steps.iter().zip(&types).enumerate() {
            let is_type = Expr::and(self.of_type(&event, Some(event_type))?);
            let mut all = vec![is_type.clone()];
            for &node in &step.conditions {
                // A row for which any of the conditions is null counts for none of them.
                let test = self.predicate(&mut frame, &of_step(step), node)?.never_null();
                all.extend(test.conjuncts().into_iter().filter(|test| !bounds.contains(test)));
            }
            tests.push(Expr::and(all));
            places.push((is_type, Expr::int(count - 1 - at as i64)));
        }
        // The scan asks for the types, so that what is of no other step is of the last.
        let otherwise = places.pop().map(|(_, place)| Box::new(place));
        let place = Expr::Case { branches: places, otherwise };
        let micros = self.dialect.micros(time)?;
        let micros = if since < 0 { micros.binary(BinaryOp::Sub, Expr::int(since)) } else { micros };
        let key = micros.binary(BinaryOp::Mul, Expr::int(count)).binary(BinaryOp::Add, place);
        let reached = self.dialect.agg_funnel(longest, key, tests)?;
        let id = self.profile_id(&frame)?;
        let mut filter = self.of_types(&event, &types.iter().map(String::as_str).collect::<Vec<_>>())?;
        filter.extend(bounds);
        let mut select = Select {
            items: vec![Item { expr: id.clone(), alias: Some(Ident::generated(PROFILE_ID)) }],
            filter,
            group_by: vec![id],
            having: vec![reached],
            ..Select::default()
        };
        self.finish(frame, &mut select)?;
        Ok(Some(select))
    }

    /// The types of the steps' events, if each has another and there are not too many.
    fn types_of_steps(&self, steps: &[FunnelStep]) -> Option<Vec<String>> {
        let mut types: Vec<String> = Vec::new();
        for step in steps {
            let event_type = self.event_type_of(step.events)?;
            if types.iter().any(|known| **known == *event_type) {
                return None;
            }
            types.push(event_type.to_string());
        }
        (2..=self.dialect.longest_funnel()).contains(&types.len()).then_some(types)
    }
}
