//! One query for several segments: what they read of the events is aggregated once, for all of them, and so is what two
//! of them share. Each profile gets a row of flags, a column per segment, and each flag that is true becomes a row of
//! the result. Invariant: a segment has the members that its own query gives.

use super::presence::without_needless_counts;
use super::scope::{Frame, Scope};
use super::unit::{PROFILE_ID, UnitKind};
use super::{Emitter, Result, emit, within_limits};
use crate::diagnostics::Diagnostic;
use crate::plan::{Plan, SegmentPlan};
use crate::sql::tree::{Cte, Item, Source, Table};
use crate::sql::{Dialect, Expr, Ident, Layout, Query, Select, quote};

/// The column that names the segment.
const SEGMENT: &str = "segment";

/// The query of some segments (indices into [`Plan::segments`]): rows of `segment` and `profile_id`.
pub fn emit_together(
    plan: &Plan,
    segments: &[usize],
    dialect: &dyn Dialect,
    layout: &Layout,
) -> std::result::Result<Query, Vec<Diagnostic>> {
    let segments: Vec<(u32, &SegmentPlan)> =
        segments.iter().filter_map(|&at| Some((u32::try_from(at).ok()?, plan.segments.get(at)?))).collect();
    let Some((_, last)) = segments.last() else { return Err(vec![]) };
    let indices = segments.iter().map(|&(at, _)| at as usize).collect();
    let mut emitter = Emitter::new(plan, indices, dialect, layout);
    emitter.names.reserve(SEGMENT);
    // What is refused is told of all that are, each by itself.
    let refused = || -> Vec<Diagnostic> {
        let alone = segments.iter().filter_map(|&(at, _)| emit(plan, at as usize, dialect, layout).err());
        alone.flatten().collect()
    };
    if segments.iter().any(|(_, segment)| emitter.bounded(segment).is_err()) {
        return Err(refused());
    }
    let mut failed = None;
    // One scan for each type, not one for all: a filter for each aggregate over the events of all types costs more.
    let query = emitter.together(&segments, &mut failed).map_err(|failure| match refused() {
        none if none.is_empty() => vec![failure.diagnostic(dialect, failed.unwrap_or(last))],
        refused => refused,
    })?;
    let (query, _) = within_limits(query, dialect).map_err(|failure| vec![failure.diagnostic(dialect, last)])?;
    Ok(query)
}

impl Emitter<'_> {
    fn together<'s>(
        &mut self,
        segments: &[(u32, &'s SegmentPlan)],
        failed: &mut Option<&'s SegmentPlan>,
    ) -> Result<Query> {
        let flags_name = self.names.fresh("profile_segments");
        let mut frame = Frame::profiles();
        let id = self.profile_id(&frame)?;
        let mut items = vec![Item { expr: id, alias: Some(Ident::generated(PROFILE_ID)) }];
        let mut parts = Vec::new();
        for (index, segment) in segments {
            *failed = Some(segment);
            let name = Expr::text(segment.name.as_str());
            if segment.rank.as_ref().is_some_and(|rank| rank.limit.is_some()) {
                // The best are found before the others are known.
                let key = segment.rank.as_ref().map_or(0, |rank| self.analysis.of(rank.key).level);
                let level = self.analysis.of(segment.condition).level.max(key) + 1;
                let unit = self.unit(UnitKind::Members(*index), level);
                parts.push(part(name, &self.units[unit].name.clone(), None));
                continue;
            }
            let predicate = self.predicate(&mut frame, &Scope::default(), segment.condition)?;
            let flag = self.names.fresh(&quote::generated_name(&segment.name, "segment"));
            items.push(Item { expr: predicate.never_null(), alias: Some(flag.clone()) });
            parts.push(part(name, &flags_name, Some(&flag)));
        }
        let mut flags = Select { items, ..Select::default() };
        self.finish(frame, &mut flags)?;
        let mut ctes = self.all_ctes()?;
        if flags.items.len() > 1 {
            ctes.push(Cte { name: flags_name, select: flags });
        }
        let mut parts = parts.into_iter();
        let mut body = parts.next().unwrap_or_default();
        body.union_all = parts.collect();
        let query = Query { comment: vec![], ctes, body };
        self.over_columns(without_needless_counts(query, self.dialect)?)
    }
}

/// The rows of one segment: all of a named query, or those with a flag.
fn part(segment: Expr, from: &Ident, flag: Option<&Ident>) -> Select {
    let items = vec![
        Item { expr: segment, alias: Some(Ident::generated(SEGMENT)) },
        Item { expr: Expr::column(from, &Ident::generated(PROFILE_ID)), alias: None },
    ];
    let table = Table { source: Source::Named(vec![from.clone()]), alias: from.clone() };
    let filter = flag.map(|flag| Expr::column(from, flag)).into_iter().collect();
    Select { items, from: Some(table), filter, ..Select::default() }
}
