//! A program made ready to run: constants as columns, patterns compiled, sets hashed, and for each step which registers
//! and rows nobody reads any more behind it. Invariant: what a step drops is defined by the code that the step is in.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::late;
use super::reads;
use super::since::{self, Since};
use super::windows::{self, Instant, Mask};
use crate::builtins::Test;
use crate::builtins::kernels::{Prepared, prepare_call, prepare_test};
use crate::bytecode::{Code, Instruction, Output, Program, Register, bind};
use crate::plan::{Domain, DomainId, DomainKind, FieldPath, FieldStep, Op, Space, record_space};
use crate::schema::TIMESTAMP;
use crate::store::EventReads;
use crate::types::{Ty, Value};
use crate::vector::Column;
use crate::vector::kernels::Datum;
use crate::vector::time::Zone;

/// A program ready to run.
pub(super) struct Loaded<'p> {
    pub program: &'p Program,
    pub zone: Zone,
    /// The space of each domain's records.
    pub spaces: Vec<Option<Space>>,
    pub levels: Vec<Piece<'p>>,
}

/// Code ready to run.
pub(super) struct Piece<'p> {
    pub base: u32,
    pub registers: u32,
    pub steps: Vec<Step<'p>>,
    /// The types of the registers of a level at its end.
    types: FxHashMap<Register, Ty>,
    /// The instants that a level's events are cut at.
    pub cuts: Vec<Instant>,
}

/// An instruction with what becomes free behind it.
pub(super) struct Step<'p> {
    pub action: Action<'p>,
    /// In a level: what is read of events from here on, and was not before.
    pub reads: Option<EventReads>,
    pub drop_registers: Vec<Register>,
    pub drop_rows: Vec<DomainId>,
    /// Indices into [`Piece::cuts`].
    pub drop_cuts: Vec<usize>,
}

pub(super) enum Action<'p> {
    Rows {
        domain: DomainId,
        kind: DomainKind,
    },
    Set(Box<Set<'p>>),
    Fold {
        over: DomainId,
        body: Box<Piece<'p>>,
        yields: Vec<(Register, Register, Ty)>,
    },
    /// A field whose values are read later, of the rows that they are wanted of; a window that is a run of rows.
    Later,
}

/// An operation with what its constants make of it.
pub(super) struct Set<'p> {
    /// Unique in the program.
    pub id: usize,
    pub to: Register,
    pub domain: DomainId,
    pub op: &'p Op,
    pub ty: &'p Ty,
    /// The types of the operands.
    pub types: Vec<Ty>,
    /// The domain of the first operand.
    pub from: Option<DomainId>,
    pub prepared: Prepared,
    /// The result, where it is a constant.
    pub constant: Option<Datum>,
    /// The field of which a first or last value is taken, where nothing else reads its values.
    pub late: Option<&'p FieldPath>,
    /// The field that is picked of the first or last of all events of each profile.
    pub ends: Option<&'p FieldPath>,
    /// The comparison, where the time of an event is compared with a constant.
    pub window: Option<Window>,
    /// The masks of a reduction or of the steps of a sequence, where they are windows.
    pub masks: Vec<Option<Mask>>,
    /// What is computed of a conjunction, where it is not all.
    pub items: Option<Vec<Register>>,
    /// What computes the values that are counted, where only this and its like need them.
    pub since: Option<Arc<Since<'p>>>,
}

/// A comparison of the times of the events of a domain with an instant; microseconds since 1970-01-01 UTC.
pub(super) struct Window {
    pub event_type: Option<Arc<str>>,
    /// Not before this one.
    pub from: Option<i64>,
    /// Before this one.
    pub until: Option<i64>,
}

impl Loaded<'_> {
    pub fn domain(&self, id: DomainId) -> &Domain {
        &self.program.domains[id.0 as usize]
    }

    pub fn parent(&self, id: DomainId) -> DomainId {
        self.domain(id).parent.unwrap_or(DomainId::PROFILES)
    }

    /// The type of the key of a ranked output.
    pub fn rank_type(&self, output: &Output, piece: &Piece<'_>) -> Ty {
        let key = output.rank.as_ref().and_then(|rank| piece.types.get(&rank.key));
        key.cloned().unwrap_or(Ty::Bool)
    }
}

/// Whether a field of an event is its time.
pub(super) fn is_time(path: &FieldPath) -> bool {
    matches!(&**path, [FieldStep::Field(name)] if **name == *TIMESTAMP)
}

/// Makes a program ready.
pub(super) fn load(program: &Program) -> Loaded<'_> {
    let spaces = (0..program.domains.len()).map(|at| record_space(&program.domains, DomainId(at as u32))).collect();
    let mut loader = Loader { program, known: FxHashMap::default(), next: 0 };
    let levels = program
        .levels
        .iter()
        .map(|level| {
            let kept = level
                .outputs
                .iter()
                .flat_map(|output| std::iter::once(output.condition).chain(output.rank.iter().map(|rank| rank.key)))
                .collect();
            loader.known.clear();
            let mut piece = loader.piece(&level.code, &kept);
            piece.cuts = windows::masks(&level.code, &kept, &mut piece.steps);
            since::values(&level.code, &kept, &piece.cuts, &mut piece.steps);
            late::ends(program, &level.code, &mut piece.steps);
            let uses = windows::uses_of_times(&level.code, &piece.steps);
            let all = reads::together(program, &level.code, &uses);
            for cut in &mut piece.cuts {
                cut.is_read = reads::reads_times(&all, cut.event_type.as_ref());
            }
            let in_turn = reads::in_turn(program, &level.code, &uses, &all);
            piece.steps.iter_mut().zip(in_turn).for_each(|(step, reads)| step.reads = reads);
            piece.types = loader.known.iter().map(|(&register, known)| (register, known.ty.clone())).collect();
            piece
        })
        .collect();
    let zone = Zone::new(&program.settings.zone).unwrap_or_else(Zone::utc);
    Loaded { program, zone, spaces, levels }
}

/// What is known of a register.
struct Known {
    ty: Ty,
    domain: DomainId,
    /// The value, if it is a constant.
    value: Option<Value>,
    /// Whether it is the time of the events of its domain.
    is_time: bool,
}

struct Loader<'p> {
    program: &'p Program,
    /// What each register holds.
    known: FxHashMap<Register, Known>,
    next: usize,
}

impl<'p> Loader<'p> {
    fn piece(&mut self, code: &'p Code, kept: &FxHashSet<Register>) -> Piece<'p> {
        let mut steps: Vec<Step<'p>> = code
            .instructions
            .iter()
            .map(|instruction| {
                let action = match instruction {
                    Instruction::Rows { domain, inputs } => {
                        let kind = &self.program.domains[domain.0 as usize].kind;
                        Action::Rows { domain: *domain, kind: bind(kind, inputs) }
                    }
                    Instruction::Set { to, domain, op, ty } => {
                        Action::Set(Box::new(self.set(*to, *domain, op, &ty.ty)))
                    }
                    Instruction::Fold { over, body, yields } => {
                        let from = yields.iter().map(|each| each.from).collect();
                        let body = Box::new(self.piece(body, &from));
                        let yields = yields
                            .iter()
                            .map(|each| {
                                let ty = self.known.get(&each.from).map_or(Ty::Bool, |known| known.ty.clone());
                                self.known.insert(
                                    each.to,
                                    Known { ty: ty.clone(), domain: *over, value: None, is_time: false },
                                );
                                (each.from, each.to, ty)
                            })
                            .collect();
                        Action::Fold { over: *over, body, yields }
                    }
                };
                let (drop_registers, drop_rows, drop_cuts) = (Vec::new(), Vec::new(), Vec::new());
                Step { action, reads: None, drop_registers, drop_rows, drop_cuts }
            })
            .collect();
        late::values(code, kept, &mut steps);
        self.drops(code, kept, &mut steps);
        Piece { base: code.base, registers: code.registers, steps, types: FxHashMap::default(), cuts: Vec::new() }
    }

    fn set(&mut self, to: Register, domain: DomainId, op: &'p Op, ty: &'p Ty) -> Set<'p> {
        let inputs = op.inputs();
        let known = |register: &Register| self.known.get(register);
        let types: Vec<Ty> =
            inputs.iter().map(|register| known(register).map_or(Ty::Bool, |known| known.ty.clone())).collect();
        let refs: Vec<&Ty> = types.iter().collect();
        let values = || inputs.iter().map(|register| known(register)?.value.clone()).collect::<Vec<_>>();
        let prepared = match op {
            Op::Test { op, ignoring_case, .. } => prepare_test(*op, *ignoring_case, &values(), &refs),
            Op::Call { func, .. } => prepare_call(*func, &values()),
            _ => Prepared::Nothing,
        };
        let (value, constant) = match op {
            Op::Const(value) => (Some(value.clone()), Some(Datum::Constant(Column::constant(value, ty)))),
            Op::Absent => (None, Some(Datum::Constant(Column::absent(ty, 1)))),
            _ => (None, None),
        };
        let from = inputs.first().and_then(|register| self.known.get(register)).map(|known| known.domain);
        let window = self.window(op);
        let is_time = matches!(op, Op::Column(path) if is_time(path)) && self.event_type(domain).is_some();
        self.known.insert(to, Known { ty: ty.clone(), domain, value, is_time });
        self.next += 1;
        let (masks, items) = (Vec::new(), None);
        let (late, ends, since) = (None, None, None);
        Set {
            id: self.next,
            to,
            domain,
            op,
            ty,
            types,
            from,
            prepared,
            constant,
            late,
            ends,
            window,
            masks,
            items,
            since,
        }
    }

    /// The type of a domain of events of the profiles; the inner `None` is all types.
    fn event_type(&self, domain: DomainId) -> Option<Option<Arc<str>>> {
        let domain = self.program.domains.get(domain.0 as usize)?;
        match &domain.kind {
            DomainKind::Events { event_type } if domain.parent == Some(DomainId::PROFILES) => Some(event_type.clone()),
            _ => None,
        }
    }

    fn window(&self, op: &Op) -> Option<Window> {
        let Op::Test { op, negated: false, args, .. } = op else { return None };
        let [time, instant] = args.as_slice() else { return None };
        let time = self.known.get(time).filter(|known| known.is_time)?;
        let Some(Value::Timestamp(instant)) = self.known.get(instant)?.value else { return None };
        let event_type = self.event_type(time.domain)?;
        let (from, until) = match op {
            Test::Gt => (Some(instant.checked_add(1)?), None),
            Test::Ge => (Some(instant), None),
            Test::Lt => (None, Some(instant)),
            Test::Le => (None, Some(instant.checked_add(1)?)),
            _ => return None,
        };
        Some(Window { event_type, from, until })
    }

    /// Finds the last step that reads each register and each domain's rows.
    fn drops(&self, code: &Code, kept: &FxHashSet<Register>, steps: &mut [Step<'p>]) {
        let mut registers: FxHashSet<Register> = FxHashSet::default();
        let mut rows: FxHashSet<DomainId> = FxHashSet::default();
        for (instruction, step) in code.instructions.iter().zip(steps).rev() {
            let mut used = Used::default();
            used.instruction(self.program, instruction);
            let defined: Vec<Register> = match instruction {
                Instruction::Rows { .. } => Vec::new(),
                Instruction::Set { to, .. } => vec![*to],
                Instruction::Fold { yields, .. } => yields.iter().map(|each| each.to).collect(),
            };
            // Before its definition a register holds another value, that has a last reader of its own.
            for to in &defined {
                registers.remove(to);
            }
            for register in used.registers {
                let mine = register.0 >= code.base && register.0 - code.base < code.registers;
                // What the result takes the place of need not be dropped, and kept ones may stay a little longer.
                let droppable = mine && !kept.contains(&register) && !defined.contains(&register);
                if registers.insert(register) && droppable {
                    step.drop_registers.push(register);
                }
            }
            for domain in used.domains {
                if rows.insert(domain) {
                    step.drop_rows.push(domain);
                }
            }
        }
    }
}

/// What an instruction reads, its body included.
#[derive(Default)]
struct Used {
    registers: Vec<Register>,
    domains: FxHashSet<DomainId>,
}

impl Used {
    fn instruction(&mut self, program: &Program, instruction: &Instruction) {
        match instruction {
            Instruction::Rows { domain, inputs } => {
                self.registers.extend(inputs);
                self.domain(program, *domain);
                let kind = program.domains.get(domain.0 as usize).map(|domain| domain.kind.domains());
                kind.into_iter().flatten().for_each(|domain| self.domain(program, domain));
            }
            Instruction::Set { domain, op, .. } => {
                self.registers.extend(op.inputs());
                self.domain(program, *domain);
                op.domains().into_iter().for_each(|domain| self.domain(program, domain));
            }
            Instruction::Fold { over, body, .. } => {
                self.domain(program, *over);
                body.instructions.iter().for_each(|inner| self.instruction(program, inner));
            }
        }
    }

    /// A domain and all that lead from its rows to others: those above it, and for members those that were grouped.
    fn domain(&mut self, program: &Program, domain: DomainId) {
        let mut open = vec![domain];
        while let Some(domain) = open.pop() {
            if domain == DomainId::PROFILES || !self.domains.insert(domain) {
                continue;
            }
            let Some(found) = program.domains.get(domain.0 as usize) else { continue };
            open.extend(found.parent);
            if let DomainKind::Members { groups } = &found.kind
                && let Some(DomainKind::Groups { of, .. }) = program.domains.get(groups.0 as usize).map(|g| &g.kind)
            {
                open.push(*of);
            }
        }
    }
}
