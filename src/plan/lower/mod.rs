//! The typed tree to the plan. Definitions are expanded, windows become constant instants of the run, exact quotients
//! become products, and each collection becomes a domain with a mask. An expression is computed in the outermost domain
//! in which it can be, and moved inward where it is used. Expects a module without errors.

use rustc_hash::FxHashMap;

use super::graph::Graph;
use super::{DomainId, NodeId, Op, Plan, RankPlan, SegmentPlan};
use crate::hir::{BinderId, Module, SegmentId};
use crate::types::{ObjectId, Ty, Type};
use crate::vector::time::Zone;

mod anniversary;
mod collection;
mod expr;
mod map;
mod number;
mod path;
mod propensity;
mod sequence;
mod window;

/// Lowers every segment of a module for a run at the instant `now` (microseconds since 1970-01-01 UTC).
pub fn lower(module: &Module, now: i64) -> Plan {
    let zone = Zone::new(&module.settings.zone).unwrap_or_else(Zone::utc);
    let today = zone.date_of(now);
    let mut lowerer = Lowerer {
        module,
        now,
        today,
        zone,
        graph: Graph::default(),
        subjects: FxHashMap::from_iter([(BinderId::PROFILE, DomainId::PROFILES)]),
        objects: FxHashMap::from_iter([(BinderId::PROFILE, module.schema.profile)]),
        factor_domains: FxHashMap::default(),
        segments: vec![None; module.segments.len()],
        level: 0,
    };
    for index in 0..module.segments.len() {
        lowerer.segment(SegmentId(index as u32));
    }
    let segments = lowerer.segments.into_iter().flatten().collect();
    let (domains, nodes) = lowerer.graph.into_parts();
    Plan { domains, nodes, segments, now, settings: module.settings.clone() }
}

/// The state of a lowering.
struct Lowerer<'a> {
    module: &'a Module,
    now: i64,
    /// The civil day of `now` in the project's zone.
    today: i32,
    zone: Zone,
    graph: Graph,
    /// The domain in whose rows each subject's record is.
    subjects: FxHashMap<BinderId, DomainId>,
    /// The object that each subject is, if it is one.
    objects: FxHashMap<BinderId, ObjectId>,
    /// The domains of factors, with the propensity that they are of.
    factor_domains: FxHashMap<DomainId, usize>,
    /// Finished segments.
    segments: Vec<Option<SegmentPlan>>,
    /// The level of the segment being lowered.
    level: u32,
}

/// What the body of a `let` sees besides subjects.
#[derive(Default)]
struct Scope {
    /// The values of the parameters.
    locals: Vec<NodeId>,
}

impl Lowerer<'_> {
    /// Lowers a segment, once; others that it reads are lowered on the way (the checker has refused cycles).
    fn segment(&mut self, id: SegmentId) -> Option<&SegmentPlan> {
        let index = id.0 as usize;
        if self.segments[index].is_none() {
            let segment = &self.module.segments[index];
            let outer = std::mem::take(&mut self.level);
            let mut condition = self.expr(&segment.condition, &Scope::default());
            if let Some(sample) = &segment.sample {
                let op = Op::Sample { threshold: sample.threshold, salt: sample.salt.as_str().into() };
                let sampled = self.graph.node(op, DomainId::PROFILES, Type::BOOL);
                condition = self.graph.and(vec![condition, sampled]);
            }
            let rank = segment.rank.as_ref().map(|rank| {
                let key = self.expr(&rank.by, &Scope::default());
                RankPlan { key, descending: rank.descending, limit: rank.limit }
            });
            let level = std::mem::replace(&mut self.level, outer);
            self.segments[index] =
                Some(SegmentPlan { id, name: segment.name.clone(), span: segment.span, condition, rank, level });
        }
        self.segments[index].as_ref()
    }

    /// Membership of another segment: its condition, or, where a rank limits it, a bitmap of an earlier level.
    fn membership(&mut self, id: SegmentId) -> NodeId {
        let Some(segment) = self.segment(id) else { return self.graph.bool(false) };
        let limited = segment.rank.as_ref().is_some_and(|rank| rank.limit.is_some());
        let (condition, level) = (segment.condition, segment.level);
        if !limited {
            self.level = self.level.max(level);
            return condition;
        }
        self.level = self.level.max(level + 1);
        self.graph.node(Op::Membership(id.0), DomainId::PROFILES, Type::BOOL)
    }
}

/// The type that the plan computes with: enums are text, and the propensity scales are floats.
pub(crate) fn erase(ty: &Ty) -> Ty {
    match ty {
        Ty::Enum(_) => Ty::String,
        Ty::Probability | Ty::Score | Ty::Percentile => Ty::Float,
        Ty::List(element) => Ty::List(Box::new(erase(element))),
        Ty::Map(value) => Ty::Map(Box::new(erase(value))),
        Ty::Error
        | Ty::Bool
        | Ty::Int
        | Ty::Decimal(_)
        | Ty::Float
        | Ty::String
        | Ty::Date
        | Ty::Timestamp
        | Ty::Duration
        | Ty::Object(_)
        | Ty::Bucket => ty.clone(),
    }
}
