//! Copies of expressions with subjects of their own. Imports what [`super`] does. Invariant: a copy binds no subject
//! that the original binds, so that every binder stays unique in the module.

use super::{Aggregate, BinderId, Collection, Expr, ExprKind, Source, Window};

/// A copy whose own subjects are new: `fresh` gives one that nothing else has.
pub fn rebind(expr: &Expr, fresh: &mut dyn FnMut() -> BinderId) -> Expr {
    let mut copy = expr.clone();
    Rebind { fresh, renamed: Vec::new() }.expr(&mut copy);
    copy
}

struct Rebind<'f> {
    fresh: &'f mut dyn FnMut() -> BinderId,
    renamed: Vec<(BinderId, BinderId)>,
}

impl Rebind<'_> {
    fn subject(&self, subject: &mut BinderId) {
        if let Some((_, new)) = self.renamed.iter().rev().find(|(old, _)| old == subject) {
            *subject = *new;
        }
    }

    fn all<'e>(&mut self, exprs: impl IntoIterator<Item = &'e mut Expr>) {
        exprs.into_iter().for_each(|e| self.expr(e));
    }

    fn expr(&mut self, expr: &mut Expr) {
        match &mut expr.kind {
            ExprKind::Error
            | ExprKind::Literal(_)
            | ExprKind::Now
            | ExprKind::Today(_)
            | ExprKind::Local(_)
            | ExprKind::Param(_)
            | ExprKind::Segment(_)
            | ExprKind::Member { .. } => {}
            ExprKind::Path(path) => self.subject(&mut path.subject),
            ExprKind::FromNow { duration: e, .. }
            | ExprKind::Not(e)
            | ExprKind::IsPresent(e)
            | ExprKind::Entry { map: e, .. } => self.expr(e),
            ExprKind::Let(_, es)
            | ExprKind::List(es)
            | ExprKind::And(es)
            | ExprKind::Or(es)
            | ExprKind::Test { args: es, .. }
            | ExprKind::Call { args: es, .. } => self.all(es),
            ExprKind::If { condition, then, otherwise } => {
                self.expr(condition);
                self.expr(then);
                self.expr(otherwise);
            }
            ExprKind::Default { value, default } => {
                self.expr(value);
                self.expr(default);
            }
            ExprKind::InWindow { value, window, .. } => {
                self.expr(value);
                self.window(window);
            }
            ExprKind::Aggregate { function, collection } => {
                self.collection(collection);
                self.aggregate(function);
            }
            ExprKind::Sequence(sequence) => {
                for step in &mut sequence.steps {
                    self.collection(&mut step.collection);
                    self.all(step.within.as_deref_mut());
                    self.all(step.after_at_least.as_deref_mut());
                }
            }
        }
    }

    fn aggregate(&mut self, function: &mut Aggregate) {
        match function {
            Aggregate::Any | Aggregate::None | Aggregate::Count => {}
            Aggregate::All(e)
            | Aggregate::CountDistinct(e)
            | Aggregate::Sum(e)
            | Aggregate::Min(e)
            | Aggregate::Max(e)
            | Aggregate::Average(e)
            | Aggregate::First(e)
            | Aggregate::Last(e)
            | Aggregate::List(e) => self.expr(e),
        }
    }

    fn collection(&mut self, collection: &mut Collection) {
        match &mut collection.source {
            Source::Events { .. } => {}
            Source::List(path) | Source::Entries(path) => self.subject(&mut path.subject),
            Source::Values(e) => self.expr(e),
            Source::Top { of, by, .. } | Source::Groups { of, by } => {
                self.collection(of);
                self.expr(by);
            }
            Source::Members(group) => self.subject(group),
        }
        if let Some(window) = &mut collection.window {
            self.window(window);
        }
        let new = (self.fresh)();
        self.renamed.push((collection.binder, new));
        collection.binder = new;
        if let Some(filter) = &mut collection.filter {
            self.expr(filter);
        }
    }

    fn window(&mut self, window: &mut Window) {
        match window {
            Window::This(_) | Window::Previous { .. } => {}
            Window::Last(e) | Window::Next(e) | Window::On(e) | Window::Before(e) | Window::After(e) => self.expr(e),
            Window::Between(a, b) => {
                self.expr(a);
                self.expr(b);
            }
        }
    }
}
