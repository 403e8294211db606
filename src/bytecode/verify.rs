//! Whether a program is well formed: one pass over the code, counted and bounded. It is for errors and cost; memory is
//! safe without it. Invariant: in an accepted program every operand is defined, of the right domain and type, before it
//! is read, and all rows that an instruction goes over have been made.

use std::fmt;

use rustc_hash::FxHashMap;

use super::signature;
use super::{Code, Instruction, Level, Program, Register, is_below};
use crate::builtins::{Func, Test};
use crate::limits::{FOLDS, INSTRUCTIONS_PER_SEGMENT, NESTING};
use crate::plan::{DomainId, DomainKind, Op, SequenceStep};
use crate::types::{Ty, Type, Value};
use crate::vector::select::Kind;
use crate::vector::time::Zone;

/// What is wrong with a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The instruction, counted through the whole program, if it is one's.
    pub instruction: Option<usize>,
    /// What is wrong, as a phrase.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.instruction {
            Some(at) => write!(f, "instruction {at}: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

pub(super) type Checked<T> = Result<T, String>;

/// Domains below domains, at most.
const DEPTH: u32 = 4096;

/// Checks a whole program.
pub fn verify(program: &Program) -> Result<(), Fault> {
    let whole = |problem: String| Fault { instruction: None, problem };
    header(program).map_err(whole)?;
    let mut count = 0;
    for (index, level) in program.levels.iter().enumerate() {
        let mut checker = Checker { program, level: index, scopes: Vec::new(), at: count };
        checker.level(level).map_err(|problem| Fault { instruction: Some(checker.at), problem })?;
        count = checker.at;
    }
    if program.needs != program.collect_needs() {
        return Err(whole("the list of columns is not what the code reads".into()));
    }
    Ok(())
}

fn ensure(holds: bool, problem: &str) -> Checked<()> {
    if holds { Ok(()) } else { Err(problem.to_string()) }
}

fn header(program: &Program) -> Checked<()> {
    let limit = INSTRUCTIONS_PER_SEGMENT.saturating_mul(program.segments.len().max(1));
    ensure(program.size() <= limit, "too many instructions")?;
    ensure(program.domains.len() <= limit, "too many domains")?;
    ensure(Zone::new(&program.settings.zone).is_some(), "the time zone is unknown")?;
    ensure((1..=7).contains(&program.settings.week_start), "the first day of the week is not a weekday")?;
    let mut depths: Vec<(u32, usize)> = Vec::with_capacity(program.domains.len());
    for (index, domain) in program.domains.iter().enumerate() {
        let id = DomainId(index as u32);
        let depth = match domain.parent {
            None => (0, 0),
            Some(parent) if parent < id => depths[parent.0 as usize],
            Some(_) => return Err(format!("the parent of d{index} comes behind it")),
        };
        let below = matches!(domain.kind, DomainKind::Elements { .. } | DomainKind::Entries { .. });
        let depth = (depth.0 + u32::from(index > 0), depth.1 + usize::from(below));
        ensure(depth.0 <= DEPTH && depth.1 <= NESTING, "domains are nested too deep")?;
        depths.push(depth);
        domain_kind(program, id).map_err(|problem| format!("d{index}: {problem}"))?;
    }
    ensure(!program.domains.is_empty(), "there is no domain of profiles")?;
    let mut seen = vec![false; program.segments.len()];
    for output in program.levels.iter().flat_map(|level| &level.outputs) {
        match seen.get_mut(output.segment as usize) {
            Some(seen) if !*seen => *seen = true,
            _ => return Err("an output is of no segment, or of one that has another".into()),
        }
    }
    ensure(seen.iter().all(|&seen| seen), "a segment has no output")
}

/// Whether a domain's parts fit together. The domains before it have been checked.
fn domain_kind(program: &Program, id: DomainId) -> Checked<()> {
    let domain = &program.domains[id.0 as usize];
    ensure(super::shape(&domain.kind) == domain.kind, "its inputs are not numbered in order")?;
    let Some(parent) = domain.parent else {
        return ensure(id == DomainId::PROFILES && domain.kind == DomainKind::Profiles, "it has no parent");
    };
    ensure(domain.kind.domains().iter().all(|&other| other < id), "it reads a domain that comes behind it")?;
    let above = |of: DomainId| of == parent || is_below(&program.domains, parent, of);
    let is_event_above = |of: DomainId| above(of) && program.holds_events(of);
    match &domain.kind {
        DomainKind::Profiles => Err("there is one domain of profiles, the first".into()),
        DomainKind::Events { .. } | DomainKind::Values { .. } | DomainKind::Filter { .. } => Ok(()),
        DomainKind::Elements { of, path } => {
            ensure(above(*of) && has_record(program, *of) && !path.is_empty(), "its list is not in a record above it")
        }
        DomainKind::Entries { of, path } => {
            let nested = matches!(program.origin_kind(*of), Some(DomainKind::Entries { .. }));
            ensure(
                above(*of) && has_record(program, *of) && (nested || !path.is_empty()),
                "its map is not in a record above it",
            )
        }
        DomainKind::Groups { of, .. } => {
            ensure(is_below(&program.domains, *of, parent), "it groups rows that are not below its parent")
        }
        DomainKind::Members { groups } => {
            let is_groups = matches!(program.domains[groups.0 as usize].kind, DomainKind::Groups { .. });
            ensure(above(*groups) && is_groups, "its groups are not above it")
        }
        DomainKind::Later { events, after, since, .. } => {
            ensure(is_event_run(program, *events), "its candidates are not the events of the profiles")?;
            ensure(is_event_above(*after) && is_event_above(*since), "it follows no event above it")
        }
        DomainKind::Between { events, after, before, .. } => {
            ensure(is_event_run(program, *events), "its candidates are not the events of the profiles")?;
            ensure(is_event_above(*before) && after.is_none_or(is_event_above), "it is beside no event above it")
        }
    }
}

fn has_record(program: &Program, domain: DomainId) -> bool {
    crate::plan::record_space(&program.domains, domain).is_some()
}

/// Whether the rows of a domain are events of the profiles in their order: [`DomainKind::Events`] and filters.
pub(super) fn is_event_run(program: &Program, domain: DomainId) -> bool {
    let (mut here, mut events) = (domain, false);
    while let Some(domain) = program.domains.get(here.0 as usize) {
        match (&domain.kind, domain.parent) {
            (DomainKind::Filter { .. }, Some(parent)) if parent < here => here = parent,
            (DomainKind::Events { .. }, Some(parent)) if !events && parent < here => {
                events = true;
                here = parent;
            }
            (DomainKind::Profiles, None) => return events,
            _ => return false,
        }
    }
    false
}

/// What is defined in a piece of code.
struct Scope {
    over: Option<DomainId>,
    code: (u32, u32),
    registers: FxHashMap<Register, Defined>,
    /// The domains whose rows have been made, with the type of the values of a list or of the keys of groups.
    rows: FxHashMap<DomainId, Option<Ty>>,
}

#[derive(Clone)]
struct Defined {
    domain: DomainId,
    ty: Type,
    /// For the rows of a chunk only: may be yielded, but not read.
    partial: bool,
    /// The value, where it is a constant.
    constant: Option<Value>,
}

struct Checker<'a> {
    program: &'a Program,
    level: usize,
    scopes: Vec<Scope>,
    at: usize,
}

impl Checker<'_> {
    fn level(&mut self, level: &Level) -> Checked<()> {
        ensure(level.code.base == 0, "the first register is not 0")?;
        self.open(None, &level.code)?;
        self.code(&level.code)?;
        for output in &level.outputs {
            let condition = self.read(output.condition)?;
            ensure(
                condition.domain == DomainId::PROFILES && condition.ty.ty == Ty::Bool,
                "a segment's condition is not a predicate over the profiles",
            )?;
            if let Some(rank) = &output.rank {
                let key = self.read(rank.key)?;
                ensure(
                    key.domain == DomainId::PROFILES && Kind::of(&key.ty.ty).is_some_and(|kind| kind != Kind::List),
                    "a segment is not ranked by a value of the profiles",
                )?;
            }
        }
        self.scopes.pop();
        Ok(())
    }

    fn open(&mut self, over: Option<DomainId>, code: &Code) -> Checked<()> {
        let yields: usize = code
            .instructions
            .iter()
            .map(|instruction| match instruction {
                Instruction::Rows { .. } => 0,
                Instruction::Set { .. } => 1,
                Instruction::Fold { yields, .. } => yields.len(),
            })
            .sum();
        ensure(code.registers as usize <= yields, "there are more registers than results")?;
        let end = code.base.checked_add(code.registers).ok_or("the registers have no numbers")?;
        let mut rows = FxHashMap::default();
        if over.is_none() {
            rows.insert(DomainId::PROFILES, None);
        }
        self.scopes.push(Scope { over, code: (code.base, end), registers: FxHashMap::default(), rows });
        Ok(())
    }

    fn code(&mut self, code: &Code) -> Checked<()> {
        for instruction in &code.instructions {
            self.instruction(instruction)?;
            self.at += 1;
        }
        Ok(())
    }

    fn instruction(&mut self, instruction: &Instruction) -> Checked<()> {
        match instruction {
            Instruction::Rows { domain, inputs } => self.rows(*domain, inputs),
            Instruction::Set { to, domain, op, ty } => {
                let partial = self.set(*domain, op, ty)?;
                let constant = if let Op::Const(value) = op { Some(value.clone()) } else { None };
                self.define(*to, Defined { domain: *domain, ty: ty.clone(), partial, constant })
            }
            Instruction::Fold { over, body, yields } => {
                self.visible(*over)?;
                ensure(self.is_here(*over), "a fold is over rows outside of the chunk")?;
                ensure(self.scopes.len() < FOLDS, "folds are nested too deep")?;
                let behind = self.scopes.last().is_some_and(|scope| body.base >= scope.code.1);
                ensure(behind, "the registers of a body are not behind those around it")?;
                self.at += 1;
                self.open(Some(*over), body)?;
                self.code(body)?;
                self.at -= 1;
                let scope = self.scopes.pop();
                for each in yields {
                    let found = scope.as_ref().and_then(|scope| scope.registers.get(&each.from)).cloned();
                    let from = found.ok_or("a fold yields a register that its body does not define")?;
                    ensure(from.partial, "a fold yields what is no reduction into its domain")?;
                    self.define(each.to, Defined { partial: false, ..from })?;
                }
                Ok(())
            }
        }
    }

    fn define(&mut self, to: Register, defined: Defined) -> Checked<()> {
        let Some(scope) = self.scopes.last_mut() else { return Err("there is no code".into()) };
        ensure((scope.code.0..scope.code.1).contains(&to.0), "a result has no register here")?;
        scope.registers.insert(to, defined);
        Ok(())
    }

    /// A register that an operation may read here.
    fn read(&self, register: Register) -> Checked<Defined> {
        for scope in self.scopes.iter().rev() {
            if let Some(defined) = scope.registers.get(&register) {
                ensure(!defined.partial, "a register holds the rows of one chunk only")?;
                ensure(self.reaches(defined.domain, scope), "a register is of rows outside of the chunk")?;
                return Ok(defined.clone());
            }
        }
        Err(format!("register {} is read before it is defined", register.0))
    }

    /// Whether the rows of a domain in a scope are those of the innermost scope too.
    fn reaches(&self, domain: DomainId, scope: &Scope) -> bool {
        let inner = self.scopes.iter().rev().take_while(|inner| !std::ptr::eq(*inner, scope));
        inner.filter_map(|inner| inner.over).all(|over| !is_below(&self.program.domains, domain, over))
    }

    /// The type of the values of a domain whose rows have been made where the innermost code can go over them.
    fn visible(&self, domain: DomainId) -> Checked<Option<Ty>> {
        for scope in self.scopes.iter().rev() {
            if let Some(ty) = scope.rows.get(&domain) {
                ensure(self.reaches(domain, scope), "rows outside of the chunk are gone over")?;
                return Ok(ty.clone());
            }
        }
        Err(format!("the rows of d{} have not been made", domain.0))
    }

    /// Whether the innermost code computes values for the rows of a domain.
    fn is_here(&self, domain: DomainId) -> bool {
        let over = self.scopes.last().and_then(|scope| scope.over);
        over.is_none_or(|over| is_below(&self.program.domains, domain, over))
    }

    fn rows(&mut self, id: DomainId, inputs: &[Register]) -> Checked<()> {
        let Some(domain) = self.program.domains.get(id.0 as usize) else {
            return Err("there is no such domain".into());
        };
        let Some(parent) = domain.parent else { return Err("the profiles are always there".into()) };
        ensure(self.is_here(id), "rows are made that are not below the fold")?;
        self.visible(parent)?;
        let again = self.scopes.last().is_some_and(|scope| scope.rows.contains_key(&id));
        ensure(!again, "the rows of a domain are made twice")?;
        let kind = &domain.kind;
        for other in kind.domains() {
            self.visible(other)?;
        }
        ensure(inputs.len() == kind.inputs().len(), "the number of inputs is wrong")?;
        let inputs = inputs.iter().map(|&register| self.read(register)).collect::<Checked<Vec<_>>>()?;
        let mask_of = |index: usize, of: DomainId| {
            let mask = &inputs[index];
            ensure(mask.domain == of && mask.ty.ty == Ty::Bool, "the mask is no predicate over the rows it keeps")
        };
        let mut ty = None;
        match kind {
            DomainKind::Values { .. } => {
                let Ty::List(element) = &inputs[0].ty.ty else { return Err("the values are those of no list".into()) };
                ensure(inputs[0].domain == parent, "the list is not of the parent's rows")?;
                ty = Some((**element).clone());
            }
            DomainKind::Filter { .. } => mask_of(0, parent)?,
            DomainKind::Groups { of, mask, .. } => {
                if mask.is_some() {
                    mask_of(0, *of)?;
                }
                let key = inputs.last().ok_or("there is no key")?;
                let is_key = Kind::of(&key.ty.ty).is_some_and(|kind| kind != Kind::List);
                ensure(key.domain == *of && is_key, "the key is not of the rows that are grouped")?;
                ty = Some(key.ty.ty.clone());
            }
            DomainKind::Later { events, mask: Some(_), .. } | DomainKind::Between { events, mask: Some(_), .. } => {
                mask_of(0, *events)?;
            }
            DomainKind::Profiles
            | DomainKind::Events { .. }
            | DomainKind::Elements { .. }
            | DomainKind::Entries { .. }
            | DomainKind::Members { .. }
            | DomainKind::Later { .. }
            | DomainKind::Between { .. } => {}
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.rows.insert(id, ty);
        }
        Ok(())
    }

    /// Checks an operation; whether its result is for the rows of a chunk only.
    fn set(&mut self, domain: DomainId, op: &Op, ty: &Type) -> Checked<bool> {
        self.visible(domain)?;
        let over = self.scopes.last().and_then(|scope| scope.over);
        let partial = over == Some(domain);
        let reduces = matches!(op, Op::Reduce { .. });
        ensure(self.is_here(domain) || (partial && reduces), "an operation is not over the rows of the chunk")?;
        ensure(Kind::of(&ty.ty).is_some(), "the result has a type that registers do not hold")?;
        for other in op.domains() {
            self.visible(other)?;
        }
        match op {
            Op::Column(path) | Op::Related { path, .. } => {
                ensure(path.len() <= NESTING, "the path is too long")?;
            }
            Op::Gather(register) => {
                let from = self.read(*register)?;
                let above = is_below(&self.program.domains, domain, from.domain);
                ensure(above, "a value is moved from a domain that is not above")?;
                ensure(signature::same(&from.ty.ty, &ty.ty), "a value is moved to another type")?;
                return Ok(partial);
            }
            Op::Reduce { from, .. } => {
                ensure(is_below(&self.program.domains, *from, domain), "the reduced rows are not below the result's")?;
                ensure(self.is_here(*from), "the reduced rows are not those of the chunk")?;
                return self.operands(op, *from, ty).map(|()| partial);
            }
            Op::Top { parent, .. } => {
                ensure(is_below(&self.program.domains, domain, *parent), "rows are ranked within no domain above")?;
                let inside = over.is_none_or(|over| over == *parent || is_below(&self.program.domains, *parent, over));
                ensure(inside, "rows are ranked across chunks")?;
            }
            Op::Sequence(steps) => {
                ensure(domain == DomainId::PROFILES, "a sequence is not over the profiles")?;
                for step in steps.iter() {
                    ensure(step.times >= 1, "a step is to occur zero times")?;
                    ensure(is_event_run(self.program, step.events), "a step is not of the profiles' events")?;
                    if let Some(mask) = step.mask {
                        let mask = self.read(mask)?;
                        let fits = mask.domain == step.events && mask.ty.ty == Ty::Bool;
                        ensure(fits, "the mask of a step is no predicate over its events")?;
                    }
                }
                ensure(spans_fit(steps), "a step is measured from another than an earlier one, or not from it alone")?;
                return ensure(*ty == Type::BOOL, "a sequence is a predicate").map(|()| partial);
            }
            Op::Membership(segment) => {
                let earlier = self.program.levels[..self.level].iter().flat_map(|level| &level.outputs);
                ensure(
                    domain == DomainId::PROFILES && earlier.into_iter().any(|output| output.segment == *segment),
                    "membership is of no segment of an earlier level",
                )?;
            }
            Op::Sample { .. } | Op::ProfileId => {
                ensure(domain == DomainId::PROFILES, "an operation is not over the profiles")?;
            }
            Op::Const(_)
            | Op::Absent
            | Op::Key
            | Op::Test { .. }
            | Op::Call { .. }
            | Op::List(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Not(_)
            | Op::If { .. }
            | Op::Default { .. }
            | Op::IsPresent(_) => {}
        }
        self.operands(op, domain, ty).map(|()| partial)
    }

    /// Checks that operands are of a domain, and their types.
    fn operands(&self, op: &Op, domain: DomainId, ty: &Type) -> Checked<()> {
        let (mut types, mut constants) = (Vec::new(), Vec::new());
        for register in op.inputs() {
            let operand = self.read(register)?;
            ensure(operand.domain == domain, "an operand is of another domain")?;
            types.push(operand.ty.ty);
            constants.push(operand.constant);
        }
        if let Op::Test { op: Test::Matches, .. } | Op::Call { func: Func::Capture, .. } = op {
            let compiles =
                matches!(&constants[..], [_, Some(Value::String(text)), ..] if signature::pattern_compiles(text));
            ensure(compiles, "a pattern is no constant, or not one of the language")?;
        }
        signature::check(op, &types.iter().collect::<Vec<_>>(), ty)
    }
}

/// Whether the spans of a sequence are all of one step before them, and all steps are of single events then.
fn spans_fit(steps: &[SequenceStep]) -> bool {
    let mut spans = steps.iter().enumerate().filter_map(|(at, step)| Some((at, step.span.as_ref()?.step)));
    let Some((_, since)) = spans.clone().next() else { return true };
    spans.all(|(at, step)| step == since && (step as usize) < at)
        && steps.iter().all(|step| !step.negated && step.times == 1)
}
