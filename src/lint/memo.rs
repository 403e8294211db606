//! What lints said about definitions that have not changed since. Invariant: a definition is the same as before if the
//! checker gave out the same tree of it, which it does only while nothing that it reaches has changed.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Facts, Levels, Unit};
use crate::diagnostics::Diagnostic;
use crate::hir::{EventDef, Let, ModelFacts, Module, Segment};

/// What an earlier look said, by definition.
#[derive(Debug, Default)]
pub struct LintMemo {
    rest: Option<Rest>,
    said: FxHashMap<usize, Said>,
}

/// What was said about a definition.
#[derive(Debug)]
struct Said {
    kept: Kept,
    said: Vec<Diagnostic>,
}

/// What every lint may read beside the definition.
#[derive(Debug, PartialEq)]
struct Rest {
    facts: Facts,
    levels: Levels,
    models: Vec<(String, Option<f64>, Option<ModelFacts>)>,
}

/// Keeps a tree alive, so that its address stays its own.
#[derive(Debug)]
enum Kept {
    Segment(Arc<Segment>),
    Let(Arc<Let>),
    Event(Arc<EventDef>),
}

impl LintMemo {
    /// Forgets what was said in view of other facts.
    pub(super) fn start(&mut self, module: &Module, facts: &Facts, levels: &Levels) {
        let models = module.propensities.iter().map(|p| (p.name.clone(), p.quality, p.model.clone())).collect();
        let rest = Rest { facts: facts.clone(), levels: levels.clone(), models };
        if self.rest.as_ref() != Some(&rest) {
            *self = LintMemo { rest: Some(rest), ..LintMemo::default() };
        }
    }

    /// What was said about a definition, if it is the same.
    pub(super) fn recall(&self, unit: Unit<'_>) -> Option<&[Diagnostic]> {
        let known = self.said.get(&address(unit)?).filter(|known| known.kept.is(unit))?;
        Some(&known.said)
    }

    /// Keeps what was said about definitions that were looked at, of all that there are; not of those about which
    /// something points elsewhere, where it may move.
    pub(super) fn keep<'a>(&mut self, fresh: impl Iterator<Item = (Unit<'a>, Vec<Diagnostic>)>, all: &[Unit<'_>]) {
        for (unit, said) in fresh {
            if let (Some(address), Some(kept)) = (address(unit), kept(unit))
                && said.iter().all(|said| stays_inside(unit, said))
            {
                self.said.insert(address, Said { kept, said });
            }
        }
        // Trees that are no longer the project's are let go of in one go, when they have become many.
        if self.said.len() > 2 * all.len() {
            let alive: FxHashSet<usize> = all.iter().filter_map(|unit| address(*unit)).collect();
            self.said.retain(|address, _| alive.contains(address));
        }
    }
}

impl Kept {
    fn is(&self, unit: Unit<'_>) -> bool {
        match (self, unit) {
            (Kept::Segment(kept), Unit::Segment(segment)) => Arc::ptr_eq(kept, segment),
            (Kept::Let(kept), Unit::Let(definition)) => Arc::ptr_eq(kept, definition),
            (Kept::Event(kept), Unit::Event(event)) => Arc::ptr_eq(kept, event),
            (Kept::Segment(_) | Kept::Let(_) | Kept::Event(_), _) => false,
        }
    }
}

/// Whether all that a diagnostic points at moves with the definition, as far as the definition tells where it ends.
fn stays_inside(unit: Unit<'_>, diagnostic: &Diagnostic) -> bool {
    let Unit::Segment(segment) = unit else { return false };
    let whole = segment.whole;
    diagnostic
        .labels
        .iter()
        .all(|label| label.span.file == whole.file && whole.start <= label.span.start && label.span.end <= whole.end)
}

fn address(unit: Unit<'_>) -> Option<usize> {
    match unit {
        Unit::Segment(segment) => Some(Arc::as_ptr(segment).addr()),
        Unit::Let(definition) => Some(Arc::as_ptr(definition).addr()),
        Unit::Event(event) => Some(Arc::as_ptr(event).addr()),
        Unit::Model(_) => None,
    }
}

fn kept(unit: Unit<'_>) -> Option<Kept> {
    match unit {
        Unit::Segment(segment) => Some(Kept::Segment(segment.clone())),
        Unit::Let(definition) => Some(Kept::Let(definition.clone())),
        Unit::Event(event) => Some(Kept::Event(event.clone())),
        Unit::Model(_) => None,
    }
}
