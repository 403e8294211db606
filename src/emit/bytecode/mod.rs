//! The plan made linear. Operations are put in an order in which they can be computed, level by level; reductions over
//! pairs of rows become folds; registers are given out in [`registers`]. Invariant: equal plans give equal programs.

mod chain;
mod fold;
mod order;
mod registers;

use crate::bytecode::{Level, Output, Program, Segment, shape};
use crate::plan::{Domain, NodeId, Plan, RankPlan};

/// What a program remembers of its source besides the plan.
#[derive(Debug, Clone, Default)]
pub struct Provenance {
    /// The schema's fingerprint.
    pub schema: [u8; 32],
    /// The digest of the definition of each of the plan's segments, in their order; missing ones are zero.
    pub definitions: Vec<[u8; 32]>,
}

/// The program of a plan.
pub fn emit(plan: &Plan, provenance: &Provenance) -> Program {
    let plan = &chain::chained(plan);
    let domains = plan.domains.iter().map(|d| Domain { parent: d.parent, kind: shape(&d.kind) }).collect();
    let segments = plan.segments.iter().enumerate().map(|(index, segment)| Segment {
        name: segment.name.clone(),
        definition: provenance.definitions.get(index).copied().unwrap_or_default(),
    });
    let mut program = Program {
        compiler: env!("CARGO_PKG_VERSION").to_string(),
        schema: provenance.schema,
        now: plan.now,
        settings: plan.settings.clone(),
        needs: Default::default(),
        domains,
        segments: segments.collect(),
        levels: Vec::new(),
    };
    let mut levels: Vec<u32> = plan.segments.iter().map(|segment| segment.level).collect();
    levels.sort_unstable();
    levels.dedup();
    program.levels = levels.into_iter().map(|level| emit_level(plan, level)).collect();
    program.needs = program.collect_needs();
    program
}

fn emit_level(plan: &Plan, level: u32) -> Level {
    let members = || plan.segments.iter().enumerate().filter(|(_, segment)| segment.level == level);
    let mut targets: Vec<NodeId> = Vec::new();
    for (_, segment) in members() {
        targets.push(segment.condition);
        targets.extend(segment.rank.iter().map(|rank| rank.key));
    }
    let (instructions, results) = order::linearise(plan, &targets);
    let (code, results) = registers::allocate(instructions, results);
    let mut results = results.into_iter();
    let mut next = || results.next().unwrap_or(NodeId(0));
    let outputs = members()
        .map(|(index, segment)| {
            let condition = next();
            let rank = segment.rank.as_ref().map(|rank| RankPlan { key: next(), ..rank.clone() });
            Output { segment: index as u32, condition, rank }
        })
        .collect();
    Level { code, outputs }
}
