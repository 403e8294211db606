//! Walks over the typed tree: the children of an expression, and the subjects that it refers to.

use super::{Aggregate, BinderId, Collection, Expr, ExprKind, Sequence, Source, Window};

impl Aggregate {
    /// The expression that the function reads for each element, if it reads one.
    pub fn value(&self) -> Option<&Expr> {
        match self {
            Aggregate::Any | Aggregate::None | Aggregate::Count => None,
            Aggregate::All(e)
            | Aggregate::CountDistinct(e)
            | Aggregate::Sum(e)
            | Aggregate::Min(e)
            | Aggregate::Max(e)
            | Aggregate::Average(e)
            | Aggregate::First(e)
            | Aggregate::Last(e)
            | Aggregate::List(e) => Some(e),
        }
    }
}

impl Window {
    /// The expressions of its bounds.
    pub fn bounds(&self) -> Vec<&Expr> {
        match self {
            Window::Last(e) | Window::Next(e) | Window::On(e) | Window::Before(e) | Window::After(e) => vec![e],
            Window::Between(a, b) => vec![a, b],
            Window::This(_) | Window::Previous { .. } => vec![],
        }
    }
}

/// Calls `f` with every direct child of an expression, those inside its collections, windows and steps included.
pub fn children<'a>(expr: &'a Expr, f: &mut dyn FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::Error
        | ExprKind::Literal(_)
        | ExprKind::Now
        | ExprKind::Today(_)
        | ExprKind::Path(_)
        | ExprKind::Local(_)
        | ExprKind::Param(_)
        | ExprKind::Segment(_)
        | ExprKind::Member { .. } => {}
        ExprKind::FromNow { duration: e, .. }
        | ExprKind::Not(e)
        | ExprKind::IsPresent(e)
        | ExprKind::Entry { map: e, .. } => f(e),
        ExprKind::Let(_, es)
        | ExprKind::List(es)
        | ExprKind::And(es)
        | ExprKind::Or(es)
        | ExprKind::Test { args: es, .. }
        | ExprKind::Call { args: es, .. } => es.iter().for_each(f),
        ExprKind::If { condition, then, otherwise } => [condition, then, otherwise].into_iter().for_each(|e| f(e)),
        ExprKind::Default { value, default } => [value, default].into_iter().for_each(|e| f(e)),
        ExprKind::InWindow { value, window, .. } => {
            f(value);
            window.bounds().into_iter().for_each(f);
        }
        ExprKind::Aggregate { function, collection } => {
            if let Some(value) = function.value() {
                f(value);
            }
            collection_children(collection, f);
        }
        ExprKind::Sequence(sequence) => sequence_children(sequence, f),
    }
}

fn sequence_children<'a>(sequence: &'a Sequence, f: &mut dyn FnMut(&'a Expr)) {
    for step in &sequence.steps {
        collection_children(&step.collection, f);
        for gap in [&step.within, &step.after_at_least].into_iter().flatten() {
            f(gap);
        }
    }
}

/// Calls `f` with every expression directly inside a collection, its sources' collections included.
pub fn collection_children<'a>(collection: &'a Collection, f: &mut dyn FnMut(&'a Expr)) {
    match &collection.source {
        Source::Events { .. } | Source::List(_) | Source::Entries(_) | Source::Members(_) => {}
        Source::Values(e) => f(e),
        Source::Top { of, by, .. } | Source::Groups { of, by } => {
            collection_children(of, f);
            f(by);
        }
    }
    if let Some(window) = &collection.window {
        window.bounds().into_iter().for_each(&mut *f);
    }
    if let Some(filter) = &collection.filter {
        f(filter);
    }
}

/// What an expression refers to, and what it binds itself.
#[derive(Debug, Default)]
pub struct Uses {
    used: Vec<BinderId>,
    bound: Vec<BinderId>,
    /// The parameters of the enclosing `let` that it reads.
    pub locals: Vec<usize>,
}

impl Uses {
    /// Adds what an expression uses.
    pub fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Path(path) => self.used.push(path.subject),
            ExprKind::Local(index) => self.locals.push(*index),
            ExprKind::Aggregate { collection, .. } => self.binders(collection),
            ExprKind::Sequence(sequence) => sequence.steps.iter().for_each(|step| self.binders(&step.collection)),
            _ => {}
        }
        children(expr, &mut |child| self.expr(child));
    }

    /// Adds what a collection uses, its own binders as bound.
    pub fn collection(&mut self, collection: &Collection) {
        self.binders(collection);
        collection_children(collection, &mut |child| self.expr(child));
    }

    fn binders(&mut self, collection: &Collection) {
        self.bound.push(collection.binder);
        match &collection.source {
            Source::Events { .. } | Source::Values(_) => {}
            Source::List(path) | Source::Entries(path) => self.used.push(path.subject),
            Source::Members(group) => self.used.push(*group),
            Source::Top { of, .. } | Source::Groups { of, .. } => self.binders(of),
        }
    }

    /// The subjects from outside that are used.
    pub fn free(&self) -> impl Iterator<Item = BinderId> + '_ {
        self.used.iter().copied().filter(|binder| !self.bound.contains(binder))
    }

    /// Whether a subject is used.
    pub fn uses(&self, binder: BinderId) -> bool {
        self.used.contains(&binder)
    }
}
