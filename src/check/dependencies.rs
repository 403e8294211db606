//! Which definitions a definition may refer to, found in the tree by name alone. Imports the tree and `names`.
//! Invariant: no reference is missed; some found here may turn out to be fields (then nothing is lost but order).

use super::names::{DefId, Names};
use crate::syntax::ast::{
    Collection, Expr, ExprKind, Item, ItemKind, Path, PropensityClause, SegmentClause, Source, TestClause, TestField,
    TestValue, Window, WindowKind,
};

/// The definitions that are not `known`, in an order in which those that one refers to come before it, as far as there is
/// one.
pub(super) fn order(names: &Names<'_>, known: &[bool]) -> Vec<DefId> {
    let references = |def: DefId| {
        let mut found = Vec::new();
        each_name(names.defs[def.0].item, &mut |name| found.extend(names.find(name)));
        found.into_iter()
    };
    let mut seen = known.to_vec();
    seen.resize(names.defs.len(), false);
    let mut order = Vec::new();
    let mut stack = Vec::new();
    for start in 0..names.defs.len() {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        stack.push((DefId(start), references(DefId(start))));
        while let Some((def, targets)) = stack.last_mut() {
            match targets.next() {
                Some(target) if std::mem::replace(&mut seen[target.0], true) => {}
                Some(target) => stack.push((target, references(target))),
                None => {
                    order.push(*def);
                    stack.pop();
                }
            }
        }
    }
    order
}

/// Calls `found` with every name in an item that a definition may have: those that it reads, and those that it gives to
/// parameters and subjects, which may not hide a definition.
pub(super) fn each_name(item: &Item, found: &mut dyn FnMut(&str)) {
    let mut walk = Walk { found };
    match &item.kind {
        ItemKind::Let { params, value, .. } => {
            params.iter().for_each(|param| walk.name(&param.name.node));
            walk.expr(value);
        }
        ItemKind::Param { value, .. } => walk.expr(value),
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
                    PropensityClause::Mapping { path, .. } => walk.name(&path.root.node),
                    _ => {}
                }
            }
        }
        ItemKind::Test { segment, clauses } => {
            segment.iter().for_each(|name| walk.name(&name.node));
            clauses.iter().for_each(|clause| walk.test_clause(&clause.node));
        }
        ItemKind::Schema(_) | ItemKind::Import(_) | ItemKind::Error => {}
    }
}

struct Walk<'f> {
    found: &'f mut dyn FnMut(&str),
}

impl Walk<'_> {
    fn name(&mut self, name: &str) {
        (self.found)(name);
    }

    fn test_clause(&mut self, clause: &TestClause) {
        match clause {
            TestClause::Now(e) => self.expr(e),
            TestClause::Profile { fields, .. } => self.test_fields(fields),
            TestClause::Object { key, fields, .. } => {
                self.expr(key);
                self.test_fields(fields);
            }
            TestClause::Expect { segment, .. } => self.name(&segment.node),
            TestClause::Error => {}
        }
    }

    fn test_fields(&mut self, fields: &[TestField]) {
        for field in fields {
            match field {
                TestField::Value { value, .. } => self.test_value(value),
                TestField::Events { events, .. } => {
                    for event in events {
                        self.expr(&event.at);
                        self.test_fields(&event.fields);
                    }
                }
            }
        }
    }

    fn test_value(&mut self, value: &TestValue) {
        match value {
            TestValue::Expr(e) => self.expr(e),
            TestValue::List(items, _) => items.iter().for_each(|item| self.test_value(item)),
            TestValue::Object(entries, _) => entries.iter().for_each(|(_, value)| self.test_value(value)),
        }
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
        collection.alias.iter().for_each(|alias| self.name(&alias.node));
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
