//! Values since an instant: of what is computed of each event and then only counted, how many different ones are in
//! windows, is computed of the events since the earliest window begins. Decided when a program is loaded. Invariant: what
//! anything else reads is computed of all events.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::cuts::Runs;
use super::frame::Frame;
use super::late::reads;
use super::load::{Action, Set, Step, is_time};
use super::run::Environment;
use super::windows::{Instant, Mask};
use crate::builtins::Func;
use crate::bytecode::{Code, Instruction, Register};
use crate::plan::{DomainId, FieldPath, Op, Reduction};
use crate::vector::kernels::Datum;
use crate::vector::kernels::reduce::{self, Steps};
use crate::vector::{Column, Data, Segments};

/// A function of a field of events, for those who count its values.
pub(super) struct Since<'p> {
    call: Set<'p>,
    path: &'p FieldPath,
    /// The earliest instant that a window of those who count begins with; an index into [`super::load::Piece::cuts`].
    cut: usize,
}

/// The values of the events since an instant.
pub(super) struct Recent {
    /// For each profile the first of these rows of the domain, and their place among the values.
    starts: Vec<u32>,
    places: Vec<u32>,
    values: Column,
    /// Where the values change, if they ascend.
    steps: Option<Steps>,
}

/// What is known of an instruction that calls a function of a field.
struct Call<'p> {
    at: usize,
    to: Register,
    domain: DomainId,
    path: &'p FieldPath,
    /// Those who count its values; `None` once something else reads it.
    counts: Option<Vec<usize>>,
}

/// Gives those who count values the function that these are of, and leaves the call of it for all events out.
pub(super) fn values<'p>(code: &'p Code, kept: &FxHashSet<Register>, cuts: &[Instant], steps: &mut [Step<'p>]) {
    for call in calls(code, kept, cuts, steps) {
        let counts = call.counts.unwrap_or_default();
        let windows = counts.iter().filter_map(|&at| window(&steps[at])).filter_map(|mask| mask.from);
        let Some(cut) = windows.min_by_key(|&cut| cuts[cut].instant) else { continue };
        let Action::Set(set) = std::mem::replace(&mut steps[call.at].action, Action::Later) else { continue };
        let since = Arc::new(Since { call: *set, path: call.path, cut });
        for at in counts {
            if let Action::Set(set) = &mut steps[at].action {
                set.since = Some(since.clone());
            }
        }
    }
}

fn calls<'p>(code: &'p Code, kept: &FxHashSet<Register>, cuts: &[Instant], steps: &[Step<'p>]) -> Vec<Call<'p>> {
    let mut found: Vec<Call<'p>> = Vec::new();
    // Which of them a register holds, and which field.
    let mut holds: FxHashMap<Register, usize> = FxHashMap::default();
    let mut fields: FxHashMap<Register, (DomainId, &FieldPath)> = FxHashMap::default();
    for (at, instruction) in code.instructions.iter().enumerate() {
        reads(instruction, &mut |register| {
            let Some(call) = holds.get(&register).and_then(|&call| found.get_mut(call)) else { return };
            match &mut call.counts {
                Some(counts) if counts_in_window(instruction, &steps[at], call.to, call.domain) => counts.push(at),
                counts => *counts = None,
            }
        });
        match instruction {
            Instruction::Rows { .. } => {}
            Instruction::Fold { yields, .. } => {
                holds.retain(|held, _| yields.iter().all(|each| each.to != *held));
                fields.retain(|held, _| yields.iter().all(|each| each.to != *held));
            }
            Instruction::Set { to, domain, op, .. } => {
                let field = match op {
                    Op::Call { args, .. } if args.len() == 1 => fields.get(&args[0]).copied(),
                    _ => None,
                };
                holds.remove(to);
                fields.remove(to);
                if let Op::Column(path) = op
                    && cuts.iter().any(|cut| cut.domain == *domain && (cut.event_type.is_some() || is_time(path)))
                {
                    fields.insert(*to, (*domain, path));
                }
                if let Some((from, path)) = field.filter(|(from, _)| from == domain) {
                    holds.insert(*to, found.len());
                    found.push(Call { at, to: *to, domain: from, path, counts: Some(Vec::new()) });
                }
            }
        }
    }
    // What a kept register holds at the end; its number may have had other uses before.
    for call in kept.iter().filter_map(|register| holds.get(register)) {
        found[*call].counts = None;
    }
    found
}

/// Whether an instruction counts the different values of a register in a window that begins somewhere.
fn counts_in_window(instruction: &Instruction, step: &Step<'_>, register: Register, events: DomainId) -> bool {
    let Instruction::Set { domain: DomainId::PROFILES, op: Op::Reduce { from, mask, reduction }, .. } = instruction
    else {
        return false;
    };
    let counts = matches!(reduction, Reduction::CountDistinct(value) if *value == register);
    counts && *from == events && *mask != Some(register) && window(step).is_some()
}

/// The window of a reduction, if it is all of its mask and begins somewhere.
fn window<'s>(step: &'s Step<'_>) -> Option<&'s Mask> {
    let Action::Set(set) = &step.action else { return None };
    set.masks.first()?.as_ref().filter(|mask| mask.from.is_some() && mask.rest.is_none())
}

/// Whether an operation is the civil day of an instant.
pub(super) fn is_day(op: &Op) -> bool {
    matches!(op, Op::Call { func: Func::DateOf, .. })
}

impl<'d> Environment<'_, 'd> {
    /// How many distinct values events of a window have.
    pub fn count_since(&self, set: &Set<'_>, since: &Since<'_>, runs: &Runs, frame: &Frame<'_, 'd>) -> Column {
        let Op::Reduce { from, .. } = set.op else { return Column::absent(set.ty, runs.segments().len()) };
        let recent = frame.recent((since.call.to, since.call.id), || self.recent(since, *from, frame));
        let segments = runs.segments();
        let place = |row: u32, profile: usize| match (recent.starts.get(profile), recent.places.get(profile)) {
            (Some(start), Some(place)) => place + row.saturating_sub(*start),
            _ => 0,
        };
        let starts: Vec<u32> = segments.starts().iter().enumerate().map(|(i, &row)| place(row, i)).collect();
        let ends = starts.iter().zip(segments.lens()).map(|(start, len)| start + len).collect::<Vec<u32>>();
        let segments = Segments::new(&starts, &ends);
        match &recent.steps {
            Some(steps) => steps.distinct(segments),
            None => reduce::count_distinct(&recent.values, None, segments),
        }
    }

    fn recent(&self, since: &Since<'_>, events: DomainId, frame: &Frame<'_, 'd>) -> Recent {
        let window = Mask { from: Some(since.cut), ..Mask::default() };
        let (runs, _) = self.masked(events, &window, frame);
        let (starts, mut places, mut rows) = (runs.segments().starts().to_vec(), vec![0], Vec::new());
        for run in runs.segments().iter() {
            rows.extend(run.start as u32..run.end as u32);
            places.push(rows.len() as u32);
        }
        let field = Datum::Column(self.field_at(since, events, &rows, frame));
        let values = self.call(&since.call, &[field], rows.len()).expand(rows.len());
        let steps = Steps::new(&values, Segments::between(&places));
        Recent { starts, places, values, steps }
    }

    /// The field at rows of a domain; in place of times of which days are wanted some of the same days.
    fn field_at(&self, since: &Since<'_>, events: DomainId, at: &[u32], frame: &Frame<'_, 'd>) -> Column {
        let by_day = is_time(since.path) && is_day(since.call.op);
        match frame.instant(since.cut).zip(frame.rows(events)).filter(|_| by_day) {
            Some((cut, rows)) => {
                let times = self.times(rows, cut).of_the_day(at, &self.loaded.zone);
                Column::present(Data::Int(times.into()))
            }
            None => self.column(events, since.path, frame).take(at),
        }
    }
}
