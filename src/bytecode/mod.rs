//! Compiled programs as data: the plan made linear, with registers. Straight-line code without jumps or loops, since
//! domains carry the nesting: an instruction computes one value per row of a domain. [`Instruction::Fold`] is the one
//! structured instruction: it runs its body over chunks of a domain's rows, so that pairs of rows never need more memory
//! than a chunk's. [`mod@encode`] and [`mod@decode`] are the binary form, [`verify`] says whether a program is well
//! formed, [`list`] prints it. Names the plan's operations, in which a node id is a register here.
//!
//! Invariant: a verified program runs on any data set without a panic; a value that the data do not hold is absent.

pub mod decode;
pub mod encode;
mod listing;
mod signature;
pub mod verify;

pub use crate::plan::NodeId as Register;
pub use decode::decode;
pub use encode::{MAGIC, encode};
pub use listing::list;
pub use verify::{Fault, verify};

use crate::hir::Settings;
use crate::plan::{Domain, DomainId, DomainKind, NodeId, Op, RankPlan, Renumber};
use crate::plan::{Needs, origin, record_space};
use crate::types::Type;

/// A compiled project.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// The version of the compiler that made it.
    pub compiler: String,
    /// The fingerprint of the schema that it was compiled against.
    pub schema: [u8; 32],
    /// The instant of the run, microseconds since 1970-01-01 UTC.
    pub now: i64,
    /// Zone, week start, event ids.
    pub settings: Settings,
    /// What it reads.
    pub needs: Needs,
    /// The row sets, parents first. What a kind reads is numbered from 0; the registers are in [`Instruction::Rows`].
    pub domains: Vec<Domain>,
    /// What is asked for.
    pub segments: Vec<Segment>,
    /// One piece of code per level, each complete in itself.
    pub levels: Vec<Level>,
}

/// A segment of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// The digest of its definition's source, all that it uses included.
    pub definition: [u8; 32],
}

/// The segments that are computed in one pass over the blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The instructions; its registers begin at 0.
    pub code: Code,
    /// The segments' results.
    pub outputs: Vec<Output>,
}

/// Where a segment's result is at the end of a level's code.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// Index into [`Program::segments`].
    pub segment: u32,
    /// A predicate over the profiles.
    pub condition: Register,
    /// `rank`; its key is a register over the profiles.
    pub rank: Option<RankPlan>,
}

/// Instructions with the registers that they define.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Code {
    /// The first register; those below belong to the code around.
    pub base: u32,
    /// How many registers.
    pub registers: u32,
    /// In order.
    pub instructions: Vec<Instruction>,
}

/// A step of a program.
#[derive(Debug, Clone, PartialEq)]
pub enum Instruction {
    /// Makes the rows of a domain; `inputs` are the registers that its kind reads.
    Rows {
        /// Which.
        domain: DomainId,
        /// In the order of [`DomainKind::inputs`].
        inputs: Vec<Register>,
    },
    /// Computes one value for each row of a domain.
    Set {
        /// Where the result is put.
        to: Register,
        /// The rows.
        domain: DomainId,
        /// What is computed.
        op: Op,
        /// The type of the result.
        ty: Type,
    },
    /// Runs the body for chunks of the rows of a domain. The body makes the rows of domains below it anew, for the
    /// chunk only, and reduces them into it.
    Fold {
        /// The domain whose rows are taken in chunks.
        over: DomainId,
        /// What is done with a chunk.
        body: Code,
        /// The reductions of the body that are put together over all chunks.
        yields: Vec<Yield>,
    },
}

/// A result of a fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yield {
    /// The register of the body.
    pub from: Register,
    /// The register of the code around.
    pub to: Register,
}

/// A domain kind whose inputs are numbered from 0, as they stand in [`Program::domains`].
pub fn shape(kind: &DomainKind) -> DomainKind {
    struct Number(u32);
    impl Renumber for Number {
        fn node(&mut self, _: NodeId) -> NodeId {
            self.0 += 1;
            NodeId(self.0 - 1)
        }
        fn domain(&mut self, id: DomainId) -> DomainId {
            id
        }
    }
    kind.renumbered(&mut Number(0))
}

/// A domain kind with registers in the place of its numbered inputs.
pub fn bind(kind: &DomainKind, inputs: &[Register]) -> DomainKind {
    struct Bind<'a>(&'a [Register]);
    impl Renumber for Bind<'_> {
        fn node(&mut self, id: NodeId) -> NodeId {
            self.0.get(id.0 as usize).copied().unwrap_or(id)
        }
        fn domain(&mut self, id: DomainId) -> DomainId {
            id
        }
    }
    kind.renumbered(&mut Bind(inputs))
}

impl Code {
    /// Calls a function with every instruction, those of bodies behind their fold.
    pub fn walk<'a>(&'a self, f: &mut dyn FnMut(&'a Instruction)) {
        for instruction in &self.instructions {
            f(instruction);
            if let Instruction::Fold { body, .. } = instruction {
                body.walk(f);
            }
        }
    }

    /// How deep folds lie inside each other: 1 without any.
    pub fn depth(&self) -> usize {
        let inner = self.instructions.iter().filter_map(|instruction| match instruction {
            Instruction::Fold { body, .. } => Some(body.depth()),
            Instruction::Rows { .. } | Instruction::Set { .. } => None,
        });
        1 + inner.max().unwrap_or(0)
    }
}

impl Program {
    /// What its instructions read.
    pub fn collect_needs(&self) -> Needs {
        let (mut used, mut nodes) = (Vec::new(), Vec::new());
        for level in &self.levels {
            level.code.walk(&mut |instruction| match instruction {
                Instruction::Rows { domain, .. } => used.push(*domain),
                Instruction::Set { domain, op, ty, .. } => nodes.push((*domain, op, ty)),
                Instruction::Fold { .. } => {}
            });
        }
        Needs::collect(&self.domains, used, nodes)
    }

    /// How many instructions, those of bodies included.
    pub fn size(&self) -> usize {
        let mut count = 0;
        for level in &self.levels {
            level.code.walk(&mut |_| count += 1);
        }
        count
    }

    /// Whether one domain is below another.
    pub fn is_below(&self, domain: DomainId, above: DomainId) -> bool {
        is_below(&self.domains, domain, above)
    }

    /// Whether the records of a domain are events.
    pub fn holds_events(&self, domain: DomainId) -> bool {
        matches!(record_space(&self.domains, domain), Some(crate::plan::Space::Events))
    }

    /// The kind of the domain in which the records of a domain originate.
    pub fn origin_kind(&self, domain: DomainId) -> Option<&DomainKind> {
        self.domains.get(origin(&self.domains, domain).0 as usize).map(|domain| &domain.kind)
    }
}

/// Whether one domain is below another.
pub fn is_below(domains: &[Domain], domain: DomainId, above: DomainId) -> bool {
    let mut here = domain;
    // Parents come first, so that no domain at or before `above` is below it.
    while here > above {
        match domains.get(here.0 as usize).and_then(|domain| domain.parent) {
            Some(parent) if parent < here => here = parent,
            _ => return false,
        }
    }
    here == above && domain != above
}
