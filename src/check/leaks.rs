//! What a model that is learnt here would know too early: windows over events that reach past the cut-off, and attributes
//! of which only today's value is known. Imports the typed tree. Invariant: definitions, custom events and segments are
//! followed to their ends, so that a leak is found behind any number of names.

use super::checker::Checker;
use crate::hir::{
    Aggregate, BinderId, Collection, EventDefId, Expr, ExprKind, LetId, Path, SegmentId, Source, Step, Window, walk,
};
use crate::schema::{ID, TIMESTAMP};
use crate::source::Span;

/// Something that is not known at a cut-off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leak {
    /// Where the declaration names it, or the definition that leads to it.
    pub at: Span,
    /// Where it is.
    pub inside: Span,
    /// What it is.
    pub kind: LeakKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LeakKind {
    /// A window over events that does not end with the cut-off.
    Ahead,
    /// An attribute of the profile, by its path.
    Attribute(String),
}

/// A search through what a declaration reads.
pub(super) struct Search<'c, 'a> {
    checker: &'c Checker<'a>,
    /// Paths that are declared not to change.
    unchanging: &'c [Vec<String>],
    /// Where the definition that is being followed was named in the declaration.
    entered: Option<Span>,
    lets: Vec<LetId>,
    segments: Vec<SegmentId>,
    events: Vec<EventDefId>,
    /// What was found.
    pub found: Vec<Leak>,
}

impl<'c, 'a> Search<'c, 'a> {
    /// A search that passes over attributes that do not change.
    pub fn new(checker: &'c Checker<'a>, unchanging: &'c [Vec<String>]) -> Self {
        let (lets, segments, events) = (Vec::new(), Vec::new(), Vec::new());
        Search { checker, unchanging, entered: None, lets, segments, events, found: Vec::new() }
    }

    /// Looks through an expression.
    pub fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Path(path) => self.path(path, expr.span),
            ExprKind::Member { .. } => self.find(LeakKind::Attribute("segmentMembership".to_owned()), expr.span),
            ExprKind::Let(id, _) => self.definition(*id, expr.span),
            ExprKind::Segment(id) => self.segment(*id, expr.span),
            ExprKind::Aggregate { collection, .. } => self.collection(collection, expr.span),
            ExprKind::Sequence(sequence) => {
                sequence.steps.iter().for_each(|step| self.collection(&step.collection, expr.span));
            }
            _ => {}
        }
        walk::children(expr, &mut |child| self.expr(child));
    }

    /// Looks through the body of a `let` that is named at a place.
    pub fn definition(&mut self, id: LetId, at: Span) {
        if self.lets.contains(&id) {
            return;
        }
        self.lets.push(id);
        if let Some(definition) = self.checker.lets.get(id.0 as usize).and_then(Option::as_ref) {
            self.inside(at, |search| search.expr(&definition.body));
        }
    }

    /// Looks through a custom event that is named at a place.
    pub fn event(&mut self, id: EventDefId, at: Span) {
        if self.events.contains(&id) {
            return;
        }
        self.events.push(id);
        if let Some(event) = self.checker.events.get(id.0 as usize).and_then(Option::as_ref) {
            let collection = &event.collection;
            self.inside(at, |search| {
                search.collection(collection, event.span);
                walk::collection_children(collection, &mut |child| search.expr(child));
            });
        }
    }

    fn segment(&mut self, id: SegmentId, at: Span) {
        if self.segments.contains(&id) {
            return;
        }
        self.segments.push(id);
        if let Some(segment) = self.checker.segments.get(id.0 as usize).and_then(Option::as_ref) {
            self.inside(at, |search| search.expr(&segment.condition));
        }
    }

    /// Follows a name; what is found counts as of the outermost one.
    fn inside(&mut self, at: Span, follow: impl FnOnce(&mut Self)) {
        let outer = self.entered;
        self.entered = Some(outer.unwrap_or(at));
        follow(self);
        self.entered = outer;
    }

    fn find(&mut self, kind: LeakKind, inside: Span) {
        let leak = Leak { at: self.entered.unwrap_or(inside), inside, kind };
        if !self.found.contains(&leak) {
            self.found.push(leak);
        }
    }

    fn path(&mut self, path: &Path, span: Span) {
        if path.subject != BinderId::PROFILE {
            return;
        }
        let fields = path.steps.iter().map_while(|step| match step {
            Step::Field(name) => Some(name.to_string()),
            Step::Each
            | Step::Key(_)
            | Step::Follow(_)
            | Step::Item
            | Step::EntryKey
            | Step::EntryValue
            | Step::GroupKey => None,
        });
        let fields: Vec<String> = fields.collect();
        let is_id = fields.len() == 1 && fields[0] == ID;
        if !fields.is_empty() && !is_id && !self.unchanging.iter().any(|known| fields.starts_with(known)) {
            self.find(LeakKind::Attribute(fields.join(".")), span);
        }
    }

    fn collection(&mut self, collection: &Collection, span: Span) {
        match &collection.source {
            Source::Events { via, .. } => {
                via.iter().for_each(|id| self.event(*id, span));
                if let Some(window) = &collection.window
                    && !ends_by_now(window)
                {
                    let bound = window.bounds().first().map_or(span, |bound| bound.span);
                    self.find(LeakKind::Ahead, bound);
                }
            }
            Source::List(path) | Source::Entries(path) => self.path(path, span),
            Source::Top { of, .. } | Source::Groups { of, .. } => self.collection(of, span),
            Source::Values(_) | Source::Members(_) => {}
        }
    }
}

/// Whether a window holds nothing later than now, whenever now is.
fn ends_by_now(window: &Window) -> bool {
    match window {
        Window::Last(_) | Window::Previous { .. } => true,
        Window::Before(end) | Window::Between(_, end) | Window::On(end) => is_past(end),
        Window::Next(_) | Window::After(_) | Window::This(_) => false,
    }
}

/// Whether an instant or day is never later than now. A date in the text is not: it lies after earlier cut-offs.
fn is_past(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Now | ExprKind::FromNow { negative: true, .. } => true,
        ExprKind::Today(days) => *days <= 0,
        // The events of a collection are searched on their own.
        ExprKind::Aggregate { function, collection } => {
            let value = match function {
                Aggregate::First(e) | Aggregate::Last(e) | Aggregate::Min(e) | Aggregate::Max(e) => e,
                _ => return false,
            };
            matches!(collection.source, Source::Events { .. }) && is_timestamp(value)
        }
        ExprKind::Path(_) => is_timestamp(expr),
        _ => false,
    }
}

/// The time of an event.
fn is_timestamp(expr: &Expr) -> bool {
    let ExprKind::Path(Path { subject, steps }) = &expr.kind else { return false };
    *subject != BinderId::PROFILE && matches!(steps.as_slice(), [Step::Field(name)] if &**name == TIMESTAMP)
}
