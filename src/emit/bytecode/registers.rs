//! Gives virtual registers real ones, by linear scan: a register is free again behind the last instruction that reads
//! it. The registers of a fold's body come behind all those of the code around it, so that the body leaves them alone.
//! Invariant: results live to the end.

use rustc_hash::FxHashMap;

use crate::bytecode::{Code, Instruction, Register, Yield};
use crate::plan::{DomainId, NodeId, Renumber};

/// Code with real registers, and where the results are.
pub(super) fn allocate(instructions: Vec<Instruction>, results: Vec<Register>) -> (Code, Vec<Register>) {
    let mut places = Places::default();
    let code = allocate_code(instructions, &results, &mut places, 0);
    let results = results.into_iter().map(|register| places.real(register)).collect();
    (code, results)
}

/// The real register of each virtual one.
#[derive(Default)]
struct Places(FxHashMap<Register, Register>);

impl Places {
    fn real(&self, register: Register) -> Register {
        self.0.get(&register).copied().unwrap_or(register)
    }
}

impl Renumber for Places {
    fn node(&mut self, id: NodeId) -> NodeId {
        self.real(id)
    }

    fn domain(&mut self, id: DomainId) -> DomainId {
        id
    }
}

fn allocate_code(instructions: Vec<Instruction>, results: &[Register], places: &mut Places, base: u32) -> Code {
    let mut last: FxHashMap<Register, usize> = FxHashMap::default();
    for (index, instruction) in instructions.iter().enumerate() {
        reads(instruction, &mut |register| {
            last.insert(register, index);
        });
    }
    last.extend(results.iter().map(|&register| (register, usize::MAX)));
    let mut pool = Pool { base, used: 0, free: Vec::new() };
    let mut code: Vec<Instruction> = Vec::with_capacity(instructions.len());
    for (index, mut instruction) in instructions.into_iter().enumerate() {
        let mut dying = Vec::new();
        reads(&instruction, &mut |register| dying.push(register));
        dying.sort_unstable();
        dying.dedup();
        dying.retain(|register| last.get(register) == Some(&index));
        // A body's own registers have no place yet, and those of the code around are not ours to give away.
        let dying: Vec<Register> =
            dying.iter().filter_map(|register| places.0.get(register)).copied().filter(|real| real.0 >= base).collect();
        let define = |register: &mut Register, places: &mut Places, pool: &mut Pool| {
            let real = pool.take();
            places.0.insert(*register, real);
            // Nobody reads it: the next one may have its place.
            if !last.contains_key(register) {
                pool.free.push(real);
            }
            *register = real;
        };
        match &mut instruction {
            Instruction::Rows { inputs, .. } => {
                inputs.iter_mut().for_each(|register| *register = places.real(*register));
                pool.free.extend(dying);
            }
            Instruction::Set { to, op, .. } => {
                *op = op.renumbered(places);
                pool.free.extend(dying);
                define(to, places, &mut pool);
            }
            // The body is given registers later, when all of this code's are known.
            Instruction::Fold { yields, .. } => {
                for each in yields {
                    define(&mut each.to, places, &mut pool);
                }
                pool.free.extend(dying);
            }
        }
        code.push(instruction);
    }
    // A body reads the registers around it as they were when it was reached, so their places are found again.
    replay(&mut code, places, base, pool.used);
    Code { base, registers: pool.used, instructions: code }
}

fn replay(code: &mut [Instruction], places: &mut Places, base: u32, used: u32) {
    for instruction in code {
        if let Instruction::Fold { body, yields, .. } = instruction {
            let from: Vec<Register> = yields.iter().map(|each| each.from).collect();
            let inner = std::mem::take(&mut body.instructions);
            *body = allocate_code(inner, &from, places, base + used);
            for Yield { from, .. } in yields {
                *from = places.real(*from);
            }
        }
    }
}

/// Free real registers.
struct Pool {
    base: u32,
    used: u32,
    free: Vec<Register>,
}

impl Pool {
    fn take(&mut self) -> Register {
        self.free.pop().unwrap_or_else(|| {
            self.used += 1;
            NodeId(self.base + self.used - 1)
        })
    }
}

/// Calls a function with every register that an instruction reads, those that bodies read included.
fn reads(instruction: &Instruction, f: &mut dyn FnMut(Register)) {
    match instruction {
        Instruction::Rows { inputs, .. } => inputs.iter().for_each(|&register| f(register)),
        Instruction::Set { op, .. } => op.inputs().into_iter().for_each(f),
        Instruction::Fold { body, .. } => body.instructions.iter().for_each(|inner| reads(inner, f)),
    }
}
