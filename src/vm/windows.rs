//! Windows without a predicate for each row: the events of a profile stand in the order of their times, so that those of
//! a window are a run of them, found once for each instant. Decided when a program is loaded: a mask that only reductions
//! and sequences read becomes the instants between which its rows lie, and a predicate of all else.
//! Invariant: a mask that anything else reads is computed as before.

use rustc_hash::{FxHashMap, FxHashSet};

use super::load::{Action, Step, Window, is_time};
use crate::bytecode::{Code, Instruction, Register};
use crate::plan::{DomainId, Op, Reduction};

/// The rows of a domain of events that a mask keeps.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Mask {
    /// The instant from which on they are; an index into [`super::load::Piece::cuts`].
    pub from: Option<usize>,
    /// The instant before which they are.
    pub until: Option<usize>,
    /// The predicate besides.
    pub rest: Option<Register>,
}

/// An instant that the events of a domain are cut at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Instant {
    pub domain: DomainId,
    /// The type of the domain's events; `None` for all.
    pub event_type: Option<std::sync::Arc<str>>,
    /// Microseconds since 1970-01-01 UTC; the first of those behind the cut.
    pub instant: i64,
    /// Whether the times of these events are read for something else too.
    pub is_read: bool,
}

/// How a predicate is read.
#[derive(Debug, Clone, Copy)]
enum Use {
    /// As the mask of a reduction, or of the step of a sequence with this number.
    Mask {
        at: usize,
        step: usize,
    },
    /// By a conjunction of the same domain.
    Item {
        conjunction: usize,
    },
    Other,
}

/// What the events' field of a register is read for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Uses {
    /// Of a time: to cut events at instants.
    pub cut: bool,
    /// To pick the values of the first or last events of profiles.
    pub ends: bool,
    /// For anything else.
    pub read: bool,
}

impl Uses {
    pub const ALL: Uses = Uses { cut: true, ends: false, read: true };
}

/// A predicate that may be a mask.
struct Definition {
    at: usize,
    domain: DomainId,
    /// For a conjunction: its registers, with the definitions that they hold.
    items: Vec<(Register, Option<usize>)>,
    uses: Vec<Use>,
}

/// Gives reductions and sequences their masks, and leaves out what nobody needs any more. The instants that they are cut
/// at; each is forgotten behind the last step that needs it.
pub(super) fn masks(code: &Code, kept: &FxHashSet<Register>, steps: &mut [Step<'_>]) -> Vec<Instant> {
    let definitions = definitions(code, kept, steps);
    // Later definitions read earlier ones.
    let mut whole = vec![false; definitions.len()];
    for (index, definition) in definitions.iter().enumerate().rev() {
        let is_conjunction = !definition.items.is_empty();
        // A mask takes windows from its own conjunction only: one within it is computed, with its windows.
        let is_whole = |each: &Use| match each {
            Use::Mask { .. } => false,
            Use::Item { conjunction } => is_conjunction || whole[*conjunction],
            Use::Other => true,
        };
        let windows = definition.items.iter().filter_map(|(_, item)| *item);
        let has_window = windows.into_iter().any(|item| definitions[item].items.is_empty());
        whole[index] = definition.uses.iter().any(is_whole) || (is_conjunction && !has_window);
    }
    let mut cuts = Cuts::default();
    for (definition, whole) in definitions.iter().zip(&whole) {
        if let Some(mask) = mask_of(definition, &definitions, *whole, steps, &mut cuts) {
            definition.uses.iter().for_each(|each| give(*each, &mask, steps));
        }
    }
    for (definition, whole) in definitions.iter().zip(whole) {
        if !whole {
            leave_out(definition, &definitions, steps);
        }
    }
    forget(steps, &cuts.0);
    cuts.0
}

/// The windows, the conjunctions that read some, and who reads these.
fn definitions(code: &Code, kept: &FxHashSet<Register>, steps: &[Step<'_>]) -> Vec<Definition> {
    let mut found: Vec<Definition> = Vec::new();
    let mut holds: FxHashMap<Register, usize> = FxHashMap::default();
    for (at, instruction) in code.instructions.iter().enumerate() {
        let mut defined = None;
        match instruction {
            Instruction::Set { to, domain, op, .. } => {
                let window = window(&steps[at]).is_some();
                let items: Vec<(Register, Option<usize>)> = match op {
                    Op::And(items) => items.iter().map(|item| (*item, holds.get(item).copied())).collect(),
                    _ => Vec::new(),
                };
                let conjunction = items.iter().any(|(_, item)| item.is_some_and(|item| found[item].domain == *domain));
                for register in op.inputs() {
                    let Some(&index) = holds.get(&register) else { continue };
                    let uses = uses(at, op, register, *domain, found[index].domain, (conjunction, found.len()));
                    found[index].uses.extend(uses);
                }
                holds.remove(to);
                defined = (window || conjunction).then_some((*to, *domain, items));
            }
            Instruction::Rows { .. } | Instruction::Fold { .. } => {
                super::late::reads(instruction, &mut |register| {
                    if let Some(&index) = holds.get(&register) {
                        found[index].uses.push(Use::Other);
                    }
                });
                if let Instruction::Fold { yields, .. } = instruction {
                    holds.retain(|held, _| yields.iter().all(|each| each.to != *held));
                }
            }
        }
        if let Some((to, domain, items)) = defined {
            holds.insert(to, found.len());
            found.push(Definition { at, domain, items, uses: Vec::new() });
        }
    }
    // What a kept register holds at the end; its number may have had other uses before.
    for index in kept.iter().filter_map(|register| holds.get(register)) {
        found[*index].uses.push(Use::Other);
    }
    found
}

/// For each instruction what the values of its register are read for, once windows and [days](super::since) are left out of
/// the steps.
pub(super) fn uses_of_times(code: &Code, steps: &[Step<'_>]) -> Vec<Uses> {
    let mut uses = vec![Uses::default(); steps.len()];
    let mut holds: FxHashMap<Register, (usize, bool)> = FxHashMap::default();
    for (at, (instruction, step)) in code.instructions.iter().zip(steps).enumerate() {
        let is_left_out = matches!(step.action, Action::Later);
        super::late::reads(instruction, &mut |register| {
            if let Some(&(of, is_time)) = holds.get(&register) {
                let by_cuts = is_time && is_left_out && !is_function(instruction);
                let by_ends = matches!(&step.action, Action::Set(set) if set.ends.is_some());
                uses[of].ends |= by_ends;
                uses[of].cut |= is_left_out || window(step).is_some();
                uses[of].read |= !by_cuts && !by_ends;
            }
        });
        match instruction {
            Instruction::Set { to, op, .. } => {
                let is_time = matches!(op, Op::Column(path) if is_time(path));
                holds.insert(*to, (at, is_time));
            }
            Instruction::Fold { yields, .. } => holds.retain(|held, _| yields.iter().all(|each| each.to != *held)),
            Instruction::Rows { .. } => {}
        }
    }
    // What nobody reads, and what the bodies of folds read themselves.
    uses.iter_mut().filter(|uses| **uses == Uses::default()).for_each(|uses| *uses = Uses::ALL);
    uses
}

/// Whether an instruction computes of each time what only the time itself tells.
fn is_function(instruction: &Instruction) -> bool {
    matches!(instruction, Instruction::Set { op: op @ Op::Call { .. }, .. } if !super::since::is_day(op))
}

/// How an operation reads a register that holds a predicate over the events of a domain.
fn uses(
    at: usize,
    op: &Op,
    register: Register,
    domain: DomainId,
    events: DomainId,
    (conjunction, next): (bool, usize),
) -> Vec<Use> {
    match op {
        Op::And(_) if conjunction && domain == events => vec![Use::Item { conjunction: next }],
        Op::Reduce { from, mask, reduction } if *from == events && domain == DomainId::PROFILES => {
            let mask_only = *mask == Some(register) && !values(reduction).contains(&Some(register));
            vec![if mask_only { Use::Mask { at, step: 0 } } else { Use::Other }]
        }
        Op::Sequence(steps) => {
            let masks = steps.iter().enumerate().filter(|(_, step)| step.mask == Some(register));
            masks
                .map(|(number, step)| if step.events == events { Use::Mask { at, step: number } } else { Use::Other })
                .collect()
        }
        _ => vec![Use::Other],
    }
}

/// What a reduction reads besides its mask.
fn values(reduction: &Reduction) -> [Option<Register>; 2] {
    match reduction {
        Reduction::Any | Reduction::Count => [None, None],
        Reduction::CountDistinct(n)
        | Reduction::CountPresent(n)
        | Reduction::Sum(n)
        | Reduction::Min(n)
        | Reduction::Max(n)
        | Reduction::Mean(n)
        | Reduction::List(n) => [Some(*n), None],
        Reduction::First { value, ties } | Reduction::Last { value, ties } => [Some(*value), *ties],
    }
}

fn window<'s>(step: &'s Step<'_>) -> Option<&'s Window> {
    if let Action::Set(set) = &step.action { set.window.as_ref() } else { None }
}

/// The instants of all masks.
#[derive(Default)]
struct Cuts(Vec<Instant>);

impl Cuts {
    fn number(&mut self, domain: DomainId, window: &Window, instant: i64) -> usize {
        let cut = Instant { domain, event_type: window.event_type.clone(), instant, is_read: false };
        self.0.iter().position(|known| *known == cut).unwrap_or_else(|| {
            self.0.push(cut);
            self.0.len() - 1
        })
    }
}

/// The mask that a definition is; `None` for a conjunction that is computed as a whole.
fn mask_of(
    definition: &Definition,
    all: &[Definition],
    whole: bool,
    steps: &[Step<'_>],
    cuts: &mut Cuts,
) -> Option<Mask> {
    let alone = [(Register(u32::MAX), None)];
    let is_window = definition.items.is_empty();
    if whole && !is_window {
        return None;
    }
    let items = if is_window { &alone[..] } else { &definition.items };
    let (mut from, mut until, mut rest) = (i64::MIN, i64::MAX, false);
    let mut found = None;
    for (_, item) in items {
        let item = if is_window { Some(definition) } else { item.map(|item| &all[item]) };
        let window = item.filter(|item| item.domain == definition.domain).and_then(|item| window(&steps[item.at]));
        match window {
            Some(window) => {
                from = from.max(window.from.unwrap_or(i64::MIN));
                until = until.min(window.until.unwrap_or(i64::MAX));
                found = Some(window);
            }
            None => rest = true,
        }
    }
    let window = found?;
    let mut number =
        |instant: i64, open: i64| (instant != open).then(|| cuts.number(definition.domain, window, instant));
    let (from, until) = (number(from, i64::MIN), number(until, i64::MAX));
    let to = if let Action::Set(set) = &steps[definition.at].action { Some(set.to) } else { None };
    Some(Mask { from, until, rest: to.filter(|_| rest) })
}

fn give(each: Use, mask: &Mask, steps: &mut [Step<'_>]) {
    let Use::Mask { at, step } = each else { return };
    if let Action::Set(set) = &mut steps[at].action {
        let masks = match set.op {
            Op::Sequence(steps) => steps.len(),
            _ => 1,
        };
        set.masks.resize(masks, None);
        if let Some(place) = set.masks.get_mut(step) {
            *place = Some(mask.clone());
        }
    }
}

/// Of a conjunction only what is no window is computed, and a window not at all.
fn leave_out(definition: &Definition, all: &[Definition], steps: &mut [Step<'_>]) {
    let is_window = |item: &Option<usize>| {
        let item = item.map(|item| &all[item]).filter(|item| item.domain == definition.domain);
        item.is_some_and(|item| item.items.is_empty())
    };
    let rest = definition.items.iter().filter(|(_, item)| !is_window(item)).map(|(register, _)| *register);
    let rest: Vec<Register> = rest.collect();
    if rest.is_empty() {
        steps[definition.at].action = Action::Later;
    } else if let Action::Set(set) = &mut steps[definition.at].action {
        set.items = Some(rest);
    }
}

/// Says behind which step each cut is not needed any more: the last that reads it, or that finds the next cut of the same
/// events, since one is found fastest from another.
fn forget(steps: &mut [Step<'_>], cuts: &[Instant]) {
    let mut last = vec![None; cuts.len()];
    let mut latest: FxHashMap<DomainId, usize> = FxHashMap::default();
    for (at, step) in steps.iter().enumerate() {
        let Action::Set(set) = &step.action else { continue };
        for cut in set.masks.iter().flatten().flat_map(|mask| [mask.from, mask.until]).flatten() {
            if last[cut].replace(at).is_none()
                && let Some(before) = latest.insert(cuts[cut].domain, cut)
            {
                last[before] = Some(at);
            }
        }
    }
    for (cut, at) in last.into_iter().enumerate() {
        if let Some(at) = at {
            steps[at].drop_cuts.push(cut);
        }
    }
}
