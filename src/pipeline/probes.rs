//! The conditions of tested segments as segments of their own, so that the program that tells members tells of each
//! condition too whether it holds. Invariant: the module's own segments keep their places; probes come behind them.

use std::sync::Arc;

use crate::hir::{Expr, ExprKind, Module, Segment, SegmentId};
use crate::source::Span;

/// One condition of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Whose condition it is.
    pub of: SegmentId,
    /// Where it is written.
    pub span: Span,
    /// The segment that holds where the condition does.
    pub segment: usize,
}

/// The module with a segment for each condition of each segment of which a test expects something.
pub(super) fn probing(module: &Module) -> (Module, Vec<Probe>) {
    let mut probed = module.clone();
    let mut probes = Vec::new();
    let expects = module.tests.iter().flat_map(|test| &test.expects);
    let mut tested: Vec<SegmentId> = expects.map(|expect| expect.segment).collect();
    tested.sort_unstable_by_key(|id| id.0);
    tested.dedup();
    for of in tested {
        let Some(segment) = module.segments.get(of.0 as usize) else { continue };
        conditions(&segment.condition, &mut |condition| {
            probes.push(Probe { of, span: condition.span, segment: probed.segments.len() });
            let name = format!("{}#{}", segment.name, probes.len());
            let probe = Segment { name, condition: condition.clone(), rank: None, sample: None, ..(**segment).clone() };
            probed.segments.push(Arc::new(probe));
        });
    }
    (probed, probes)
}

/// The parts of a condition that `and`, `or` and `not` put together.
fn conditions<'a>(expr: &'a Expr, found: &mut impl FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().for_each(|part| conditions(part, found)),
        ExprKind::Not(inner) => conditions(inner, found),
        _ => found(expr),
    }
}
