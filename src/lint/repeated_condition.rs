//! The same condition twice in one `and` or `or`: one of them was probably to be changed after it was copied.

use rustc_hash::FxHashMap;

use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::hir::ExprKind;
use crate::hir::shape::{outline, shape};
use crate::source::Span;

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    super::each_expr(context, &mut |expr| {
        let (ExprKind::And(items) | ExprKind::Or(items)) = &expr.kind else { return };
        let outlines: Vec<u64> = items.iter().map(outline).collect();
        let mut counts: FxHashMap<u64, usize> = FxHashMap::default();
        outlines.iter().for_each(|outline| *counts.entry(*outline).or_default() += 1);
        let mut firsts: FxHashMap<String, usize> = FxHashMap::default();
        for (index, item) in items.iter().enumerate() {
            // Of most conditions the outline tells that there is no second.
            if counts[&outlines[index]] == 1 {
                continue;
            }
            let first = *firsts.entry(shape(item)).or_insert(index);
            if first == index {
                continue;
            }
            let mut diagnostic = Diagnostic::new(Code::SEG0617, "this condition stands here twice", item.span, "again")
                .with_label(items[first].span, "the same")
                .with_help("remove it, or change it to what was meant");
            // Only blanks and the operator may lie between the two.
            let between = Span { start: items[index - 1].span.end, end: item.span.start, ..item.span };
            if matches!(context.sources.text(between).trim(), "and" | "or") {
                let cut = Span { end: item.span.end, ..between };
                diagnostic = diagnostic.with_fix("remove it", cut, "", Applicability::Safe);
            }
            found.push(diagnostic);
        }
    });
}
