//! Some of a module's segments, so that a program computes nothing for others. Invariant: what these are made of stays.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::walk::children;
use super::{Expr, ExprKind, Module};

impl Module {
    /// The module with nothing but some segments, by their names, and those that they are made of; places stay the same.
    pub fn only(&self, segments: &BTreeSet<String>) -> Module {
        let mut wanted: BTreeSet<usize> = BTreeSet::new();
        let named = self.segments.iter().enumerate().filter(|(_, segment)| segments.contains(&segment.name));
        let mut open: Vec<usize> = named.map(|(index, _)| index).collect();
        while let Some(index) = open.pop() {
            if let (true, Some(segment)) = (wanted.insert(index), self.segments.get(index)) {
                let mut read = |expr: &Expr| segments_in(self, expr, &mut open);
                read(&segment.condition);
                segment.rank.iter().for_each(|rank| read(&rank.by));
            }
        }
        let mut module = self.clone();
        for (index, segment) in module.segments.iter_mut().enumerate() {
            if !wanted.contains(&index) {
                Arc::make_mut(segment).empty();
            }
        }
        module
    }
}

/// The segments that an expression asks about, in definitions too.
fn segments_in(module: &Module, expr: &Expr, found: &mut Vec<usize>) {
    match &expr.kind {
        ExprKind::Segment(id) => found.push(id.0 as usize),
        ExprKind::Let(id, _) => {
            if let Some(definition) = module.lets.get(id.0 as usize) {
                segments_in(module, &definition.body, found);
            }
        }
        _ => {}
    }
    children(expr, &mut |child| segments_in(module, child, found));
}
