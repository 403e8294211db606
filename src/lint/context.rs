//! What lints look at: one definition at a time, or the whole project, and the walks over it. Invariant: a lint of one
//! definition reads of others only what the definition reaches by name, so that it need not be repeated while that is
//! the same.

use std::sync::Arc;

use super::Facts;
use crate::hir::walk::children;
use crate::hir::{Collection, EventDef, Expr, ExprKind, Let, Module, Propensity, PropensityOrigin, Segment, Source};
use crate::source::Sources;

/// What a lint reads.
pub(crate) struct Context<'a> {
    /// The typed tree; no error is in what is looked at.
    pub module: &'a Module,
    /// The texts, for fixes.
    pub sources: &'a Sources,
    /// What the project says beside the language.
    pub facts: &'a Facts,
    /// What is looked at.
    pub units: &'a [Unit<'a>],
}

/// A definition.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit<'a> {
    /// `segment`
    Segment(&'a Arc<Segment>),
    /// `let`
    Let(&'a Arc<Let>),
    /// `event`
    Event(&'a Arc<EventDef>),
    /// `propensity`
    Model(&'a Propensity),
}

impl<'a> Unit<'a> {
    /// What it is called.
    pub fn name(self) -> &'a str {
        match self {
            Unit::Segment(segment) => &segment.name,
            Unit::Let(definition) => &definition.name,
            Unit::Event(event) => &event.name,
            Unit::Model(propensity) => &propensity.name,
        }
    }
}

/// The definitions of a module that have something to look at.
pub(super) fn units(module: &Module) -> Vec<Unit<'_>> {
    let segments = module.segments.iter().map(Unit::Segment);
    let lets = module.lets.iter().map(Unit::Let);
    let events = module.events.iter().map(Unit::Event);
    segments.chain(lets).chain(events).chain(module.propensities.iter().map(Unit::Model)).collect()
}

impl<'a> Context<'a> {
    /// The segments that are looked at.
    pub fn segments(&self) -> impl Iterator<Item = &'a Segment> {
        self.units.iter().filter_map(|unit| match unit {
            Unit::Segment(segment) => Some(&***segment),
            Unit::Let(_) | Unit::Event(_) | Unit::Model(_) => None,
        })
    }

    /// The custom events that are looked at.
    pub fn events(&self) -> impl Iterator<Item = &'a EventDef> {
        self.units.iter().filter_map(|unit| match unit {
            Unit::Event(event) => Some(&***event),
            Unit::Segment(_) | Unit::Let(_) | Unit::Model(_) => None,
        })
    }
}

/// Every expression that the author wrote, roots only: conditions, rank keys, definitions, filters of custom events,
/// what models predict and for whom.
pub(super) fn roots<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a Expr> {
    context.units.iter().flat_map(|unit| {
        let (first, second) = match unit {
            Unit::Segment(segment) => (Some(&segment.condition), segment.rank.as_ref().map(|rank| &rank.by)),
            Unit::Let(definition) => (Some(&definition.body), None),
            Unit::Event(event) => (event.collection.filter.as_deref(), None),
            Unit::Model(propensity) => match &propensity.origin {
                PropensityOrigin::Declared { predict, eligible, .. } => (Some(&**predict), Some(&**eligible)),
                PropensityOrigin::Model(model) => (model.eligible.as_ref(), None),
                PropensityOrigin::Data(_) | PropensityOrigin::Profile { .. } => (None, None),
            },
        };
        first.into_iter().chain(second)
    })
}

/// Calls `f` with every expression.
pub(super) fn each_expr<'a>(context: &Context<'a>, f: &mut dyn FnMut(&'a Expr)) {
    fn walk<'a>(expr: &'a Expr, f: &mut dyn FnMut(&'a Expr)) {
        f(expr);
        children(expr, &mut |child| walk(child, f));
    }
    roots(context).for_each(|root| walk(root, f));
}

/// Calls `f` with every collection: those that functions and sequences go through, those that others are made from,
/// those of custom events.
pub(super) fn each_window<'a>(context: &Context<'a>, f: &mut dyn FnMut(&'a Collection)) {
    fn within<'a>(collection: &'a Collection, f: &mut dyn FnMut(&'a Collection)) {
        f(collection);
        match &collection.source {
            Source::Top { of, .. } | Source::Groups { of, .. } => within(of, f),
            Source::Events { .. } | Source::List(_) | Source::Entries(_) | Source::Values(_) | Source::Members(_) => {}
        }
    }
    context.events().for_each(|event| within(&event.collection, f));
    each_expr(context, &mut |expr| match &expr.kind {
        ExprKind::Aggregate { collection, .. } => within(collection, f),
        ExprKind::Sequence(sequence) => sequence.steps.iter().for_each(|step| within(&step.collection, f)),
        _ => {}
    });
}

/// The custom events that a collection goes through.
pub(super) fn custom_events<'a>(module: &'a Module, collection: &'a Collection) -> Vec<&'a EventDef> {
    match &collection.source {
        Source::Events { via, .. } => {
            via.iter().filter_map(|id| module.events.get(id.0 as usize)).map(|event| &**event).collect()
        }
        Source::Top { of, .. } | Source::Groups { of, .. } => custom_events(module, of),
        Source::List(_) | Source::Entries(_) | Source::Values(_) | Source::Members(_) => Vec::new(),
    }
}
