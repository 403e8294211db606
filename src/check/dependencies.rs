//! Which definitions a definition may refer to, found in the tree by name alone. Imports the tree and `names`.
//! Invariant: no reference is missed; some found here may turn out to be fields (then nothing is lost but order).

use super::names::{DefId, Names};
use crate::syntax::ast::{
    Collection, Expr, ExprKind, Item, ItemKind, Path, PropensityClause, SegmentClause, Source, Window, WindowKind,
};

/// The definitions in an order in which those that one refers to come before it, as far as there is one.
pub(super) fn order(names: &Names<'_>) -> Vec<DefId> {
    let edges: Vec<Vec<DefId>> = names.defs.iter().map(|def| references(def.item, names)).collect();
    let mut seen = vec![false; edges.len()];
    let mut order = Vec::with_capacity(edges.len());
    for start in 0..edges.len() {
        let mut stack = vec![(DefId(start), 0)];
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        while let Some((def, next)) = stack.last_mut() {
            match edges[def.0].get(*next) {
                Some(&target) => {
                    *next += 1;
                    if !std::mem::replace(&mut seen[target.0], true) {
                        stack.push((target, 0));
                    }
                }
                None => {
                    order.push(*def);
                    stack.pop();
                }
            }
        }
    }
    order
}

fn references(item: &Item, names: &Names<'_>) -> Vec<DefId> {
    let mut walk = Walk { names, found: Vec::new() };
    match &item.kind {
        ItemKind::Let { value, .. } | ItemKind::Param { value, .. } => walk.expr(value),
        ItemKind::Event { collection, .. } => walk.collection(collection),
        ItemKind::Segment { clauses, .. } => {
            for clause in clauses {
                match &clause.node {
                    SegmentClause::Where(e) | SegmentClause::Rank { by: e, .. } => walk.expr(e),
                    SegmentClause::Sample { .. } | SegmentClause::Error => {}
                }
            }
        }
        ItemKind::Propensity { clauses, .. } => {
            for clause in clauses {
                match &clause.node {
                    PropensityClause::Predict(e) | PropensityClause::For(e) | PropensityClause::MaxAge(e) => {
                        walk.expr(e);
                    }
                    PropensityClause::Using(paths) => paths.iter().for_each(|path| walk.name(&path.root.node)),
                    _ => {}
                }
            }
        }
        ItemKind::Schema(_) | ItemKind::Import(_) | ItemKind::Test { .. } | ItemKind::Error => {}
    }
    walk.found
}

struct Walk<'n, 'a> {
    names: &'n Names<'a>,
    found: Vec<DefId>,
}

impl Walk<'_, '_> {
    fn name(&mut self, name: &str) {
        self.found.extend(self.names.find(name));
    }

    fn path(&mut self, path: &Path) {
        self.name(&path.root.node);
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) {
        exprs.into_iter().for_each(|e| self.expr(e));
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Now | ExprKind::Day(_) | ExprKind::Error => {}
            ExprKind::Path(path) => self.path(path),
            ExprKind::List(items) | ExprKind::Or(items) | ExprKind::And(items) => self.exprs(items),
            ExprKind::Paren(e) | ExprKind::Not(e) | ExprKind::Negate(e) | ExprKind::Ago(e) | ExprKind::FromNow(e) => {
                self.expr(e);
            }
            ExprKind::Call { function, args } => {
                self.name(&function.node);
                self.exprs(args);
            }
            ExprKind::Binary { lhs, rhs, .. } => self.exprs([lhs, rhs]),
            ExprKind::Between { value, low, high, .. } => self.exprs([value, low, high]),
            ExprKind::InWindow { value, window, .. } => {
                self.expr(value);
                self.window(window);
            }
            ExprKind::IsPresent { value, .. } => self.expr(value),
            ExprKind::If { condition, then, otherwise } => self.exprs([condition, then, otherwise]),
            ExprKind::Default { value, default } => self.exprs([value, default]),
            ExprKind::Aggregate { value, collection, satisfy, .. } => {
                self.exprs(value);
                self.collection(collection);
                self.exprs(satisfy);
            }
            ExprKind::Sequence(steps) => {
                for step in steps {
                    self.collection(&step.collection);
                    self.exprs(&step.within);
                    self.exprs(&step.after_at_least);
                }
            }
        }
    }

    fn collection(&mut self, collection: &Collection) {
        match &collection.source {
            Source::Path(path) => self.path(path),
            Source::Top { of, by, .. } | Source::Groups { of, by } => {
                self.collection(of);
                self.expr(by);
            }
            Source::Error(_) => {}
        }
        if let Some(window) = &collection.window {
            self.window(window);
        }
        self.exprs(&collection.filter);
    }

    fn window(&mut self, window: &Window) {
        match &window.kind {
            WindowKind::Last(e)
            | WindowKind::Next(e)
            | WindowKind::Previous(e)
            | WindowKind::On(e)
            | WindowKind::Before(e)
            | WindowKind::After(e) => self.expr(e),
            WindowKind::This(_) => {}
            WindowKind::Between(a, b) => self.exprs([a, b]),
        }
    }
}
