//! What code reads of the events of each block, so that a store's rows are checked right before, and a file's other rows are
//! left out. Invariant: every access of the evaluator to an array of events is named here, by the instruction that does it
//! or one before.

use std::sync::Arc;

use super::load::is_time;
use super::windows::Uses;
use crate::bytecode::{Code, Instruction, Program};
use crate::plan::{DomainId, DomainKind, FieldPath, Op, origin};
use crate::store::EventReads;

/// What a program reads.
pub fn event_reads(program: &Program) -> EventReads {
    let mut all = EventReads::default();
    program.levels.iter().for_each(|level| all.extend(&together(program, &level.code, &[])));
    all
}

/// What a level reads. `uses` tells of instructions what a time that they read is read for, where it is not all.
pub(super) fn together(program: &Program, code: &Code, uses: &[Uses]) -> EventReads {
    let mut walk = Walk { program, reads: EventReads::default(), uses: Uses::ALL, closely: &EventReads::default() };
    for (at, instruction) in code.instructions.iter().enumerate() {
        walk.uses = uses.get(at).copied().unwrap_or(Uses::ALL);
        walk.instruction(instruction, false);
    }
    walk.reads
}

/// Of what a level reads [together] what each instruction reads that none before it does; `None` if that is nothing. Times that
/// anything reads are read where they are cut, if that is earlier.
pub(super) fn in_turn(program: &Program, code: &Code, uses: &[Uses], all: &EventReads) -> Vec<Option<EventReads>> {
    let mut known = EventReads::default();
    let mut of = |(at, instruction): (usize, &Instruction)| {
        let uses = uses.get(at).copied().unwrap_or(Uses::ALL);
        let mut walk = Walk { program, reads: EventReads::default(), uses, closely: all };
        walk.instruction(instruction, false);
        let new = walk.reads.without(&known);
        known.extend(&new);
        (new != EventReads::default()).then_some(new)
    };
    code.instructions.iter().enumerate().map(&mut of).collect()
}

/// Whether the times of events that are cut are read.
pub(super) fn reads_times(reads: &EventReads, event_type: Option<&Arc<str>>) -> bool {
    event_type.map_or(reads.times_in_order, |name| reads.times.has(name))
}

struct Walk<'p> {
    program: &'p Program,
    reads: EventReads,
    /// What a time is read for.
    uses: Uses,
    /// What is read of times anywhere.
    closely: &'p EventReads,
}

impl Walk<'_> {
    fn instruction(&mut self, instruction: &Instruction, in_fold: bool) {
        match instruction {
            Instruction::Rows { domain, .. } => self.rows(*domain, in_fold),
            Instruction::Set { domain, op: Op::Column(path), .. } => self.column(*domain, path, in_fold),
            Instruction::Set { op: Op::Sequence(steps), .. } => {
                steps.iter().for_each(|step| self.order(step.events));
            }
            Instruction::Set { .. } => {}
            Instruction::Fold { body, .. } => body.instructions.iter().for_each(|inner| self.instruction(inner, true)),
        }
    }

    /// The type of the events that a domain's rows have as records, where they have; the inner `None` is all types.
    fn events(&self, domain: DomainId) -> Option<Option<Arc<str>>> {
        match &self.program.domains.get(origin(&self.program.domains, domain).0 as usize)?.kind {
            DomainKind::Events { event_type } => Some(event_type.clone()),
            _ => None,
        }
    }

    /// Whether its rows are all events in the order of profile and time, so that no list of rows is looked at.
    fn is_whole(&self, domain: DomainId, in_fold: bool) -> bool {
        let found = self.program.domains.get(domain.0 as usize);
        let whole = |kind: &DomainKind| matches!(kind, DomainKind::Events { event_type: None });
        !in_fold && found.is_some_and(|found| whole(&found.kind) && found.parent == Some(DomainId::PROFILES))
    }

    fn rows(&mut self, domain: DomainId, in_fold: bool) {
        let Some(found) = self.program.domains.get(domain.0 as usize) else { return };
        match &found.kind {
            DomainKind::Events { event_type: Some(name) } => self.reads.offsets.add(Some(name)),
            DomainKind::Events { event_type: None } => {
                self.reads.in_order = true;
                self.reads.by_profile |= !self.is_whole(domain, in_fold);
            }
            DomainKind::Later { .. } | DomainKind::Between { .. } => {
                found.kind.domains().into_iter().chain(found.parent).for_each(|domain| self.order(domain));
            }
            DomainKind::Filter { .. }
            | DomainKind::Groups { .. }
            | DomainKind::Members { .. }
            | DomainKind::Elements { .. }
            | DomainKind::Entries { .. } => {
                let above = found.kind.domains().into_iter().chain(found.parent);
                let listed = above.into_iter().any(|domain| self.events(domain) == Some(None));
                self.reads.by_profile |= listed;
            }
            DomainKind::Profiles | DomainKind::Values { .. } => {}
        }
    }

    /// What events are compared by: which comes first.
    fn order(&mut self, domain: DomainId) {
        let Some(event_type) = self.events(domain) else { return };
        self.reads.times.add(event_type.as_ref());
        self.reads.ranks.add(event_type.as_ref());
        self.reads.profiles.add(event_type.as_ref());
        self.reads.by_profile |= event_type.is_none();
    }

    fn column(&mut self, domain: DomainId, path: &FieldPath, in_fold: bool) {
        let Some(event_type) = self.events(domain) else { return };
        if !is_time(path) {
            // The rows of ends are known.
            self.reads.by_profile |= event_type.is_none() && self.uses.read;
            self.reads.ends |= self.uses.ends;
            self.reads.columns.entry(path.clone()).or_default().add(event_type.as_ref());
        } else if self.is_whole(domain, in_fold) {
            self.reads.slots_in_order |= self.uses.cut;
            self.reads.ends |= self.uses.ends;
            self.reads.times_in_order |= self.uses.read || self.closely.times_in_order;
        } else {
            self.reads.by_profile |= event_type.is_none();
            if self.uses.read || reads_times(self.closely, event_type.as_ref()) {
                self.reads.times.add(event_type.as_ref());
            }
            if self.uses.cut {
                // Cuts are moved by the profiles of events.
                self.reads.slots.add(event_type.as_ref());
                self.reads.profiles.add(event_type.as_ref());
            }
        }
    }
}
