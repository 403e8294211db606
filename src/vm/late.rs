//! Late values: a field of which only the first or last value of each profile is wanted is not read for all rows, but where
//! it is picked. Invariant: a field that anything else reads is read as before.

use rustc_hash::{FxHashMap, FxHashSet};

use super::load::{Action, Step, is_time};
use super::windows::Mask;
use crate::bytecode::{Code, Instruction, Program, Register};
use crate::plan::{DomainId, DomainKind, FieldPath, Op, Reduction};

/// What is known of an instruction that reads a field of the rows of a domain.
struct Field<'p> {
    domain: DomainId,
    path: &'p FieldPath,
    /// The reductions that pick from it; `None` once something else reads it.
    picks: Option<Vec<usize>>,
}

/// Tells the reductions of a code which fields they read themselves, and leaves the reading of these out.
pub(super) fn values<'p>(code: &'p Code, kept: &FxHashSet<Register>, steps: &mut [Step<'p>]) {
    for (at, field) in fields(code, kept) {
        let Some(picks) = field.picks.filter(|picks| !picks.is_empty()) else { continue };
        for pick in picks {
            if let Action::Set(set) = &mut steps[pick].action {
                set.late = Some(field.path);
            }
        }
        steps[at].action = Action::Later;
    }
}

/// The instructions that read a field, by their place in the code.
fn fields<'p>(code: &'p Code, kept: &FxHashSet<Register>) -> Vec<(usize, Field<'p>)> {
    let mut found: Vec<(usize, Field<'p>)> = Vec::new();
    // Which of them a register holds.
    let mut holds: FxHashMap<Register, usize> = FxHashMap::default();
    for (at, instruction) in code.instructions.iter().enumerate() {
        let picked = picked(instruction);
        reads(instruction, &mut |register| {
            let Some(field) = holds.get(&register).and_then(|&field| found.get_mut(field)) else { return };
            let picks = picked == Some((register, field.1.domain));
            match (&mut field.1.picks, picks) {
                (Some(all), true) => all.push(at),
                (known, _) => *known = None,
            }
        });
        match instruction {
            Instruction::Rows { .. } => {}
            Instruction::Fold { yields, .. } => holds.retain(|held, _| yields.iter().all(|each| each.to != *held)),
            Instruction::Set { to, domain, op, .. } => {
                holds.remove(to);
                if let Op::Column(path) = op {
                    holds.insert(*to, found.len());
                    found.push((at, Field { domain: *domain, path, picks: Some(Vec::new()) }));
                }
            }
        }
    }
    // What a kept register holds at the end; its number may have had other uses before.
    for field in kept.iter().filter_map(|register| holds.get(register)) {
        found[*field].1.picks = None;
    }
    found
}

/// Tells reductions that pick from all events of each profile, or from a window at that end of them, which field that is: the
/// times of these, or one that they read themselves.
pub(super) fn ends<'p>(program: &Program, code: &'p Code, steps: &mut [Step<'p>]) {
    let mut fields: FxHashMap<Register, (DomainId, &FieldPath)> = FxHashMap::default();
    for (instruction, step) in code.instructions.iter().zip(steps) {
        if let (Instruction::Set { domain: DomainId::PROFILES, op, .. }, Action::Set(set)) =
            (instruction, &mut step.action)
            && let Op::Reduce { from, mask, reduction } = op
            && let Reduction::First { value, ties } | Reduction::Last { value, ties } = reduction
            && is_all_events(program, *from)
            && (mask.is_none() || is_at_end(set.masks.first(), reduction))
        {
            let field = |register: &Register| fields.get(register).filter(|(of, _)| of == from).map(|(_, path)| *path);
            let by_time = ties.as_ref().is_none_or(|ties| field(ties).is_some_and(is_time));
            set.ends = field(value).filter(|path| by_time && (is_time(path) || set.late.is_some()));
        }
        match instruction {
            Instruction::Rows { .. } => {}
            Instruction::Fold { yields, .. } => fields.retain(|held, _| yields.iter().all(|each| each.to != *held)),
            Instruction::Set { to, domain, op, .. } => {
                fields.remove(to);
                if let Op::Column(path) = op {
                    fields.insert(*to, (*domain, path));
                }
            }
        }
    }
}

/// Whether a mask is a window whose first or last event mostly is that of all.
fn is_at_end(mask: Option<&Option<Mask>>, reduction: &Reduction) -> bool {
    let is_last = matches!(reduction, Reduction::Last { .. });
    mask.and_then(Option::as_ref).is_some_and(|mask| mask.rest.is_none() && (is_last || mask.from.is_none()))
}

/// Whether the rows of a domain are all events of each profile.
fn is_all_events(program: &Program, domain: DomainId) -> bool {
    program.domains.get(domain.0 as usize).is_some_and(|domain| {
        domain.parent == Some(DomainId::PROFILES) && matches!(domain.kind, DomainKind::Events { event_type: None })
    })
}

/// The register of which a reduction picks one value, and the domain of its rows.
fn picked(instruction: &Instruction) -> Option<(Register, DomainId)> {
    let Instruction::Set { op: Op::Reduce { from, mask, reduction }, .. } = instruction else { return None };
    match reduction {
        Reduction::First { value, ties } | Reduction::Last { value, ties } => {
            (*mask != Some(*value) && *ties != Some(*value)).then_some((*value, *from))
        }
        Reduction::Any
        | Reduction::Count
        | Reduction::CountDistinct(_)
        | Reduction::CountPresent(_)
        | Reduction::Sum(_)
        | Reduction::Min(_)
        | Reduction::Max(_)
        | Reduction::Mean(_)
        | Reduction::List(_) => None,
    }
}

/// Calls a function with every register that an instruction reads, those that bodies read included.
pub(super) fn reads(instruction: &Instruction, f: &mut dyn FnMut(Register)) {
    match instruction {
        Instruction::Rows { inputs, .. } => inputs.iter().for_each(|&register| f(register)),
        Instruction::Set { op, .. } => op.inputs().into_iter().for_each(f),
        Instruction::Fold { body, yields, .. } => {
            body.instructions.iter().for_each(|inner| reads(inner, f));
            yields.iter().for_each(|each| f(each.from));
        }
    }
}
