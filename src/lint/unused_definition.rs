//! Definitions that no segment, test or other used definition reads.

use crate::diagnostics::{Code, Diagnostic};
use crate::hir::walk::{children, collection_children};
use crate::hir::{Collection, Expr, ExprKind, Module, PropensityOrigin, Source, Training};
use crate::source::Span;

/// What has been reached from the segments.
struct Reached<'a> {
    module: &'a Module,
    lets: Vec<bool>,
    params: Vec<bool>,
    events: Vec<bool>,
    /// How many have not been reached: once there is none, nothing more can be learnt.
    left: usize,
}

pub(super) fn check(module: &Module, found: &mut Vec<Diagnostic>) {
    let mut reached = Reached {
        module,
        lets: vec![false; module.lets.len()],
        params: vec![false; module.params.len()],
        events: vec![false; module.events.len()],
        left: module.lets.len() + module.params.len() + module.events.len(),
    };
    for segment in &module.segments {
        reached.expr(&segment.condition);
        segment.rank.iter().for_each(|rank| reached.expr(&rank.by));
    }
    for propensity in &module.propensities {
        propensity.max_age.iter().for_each(|age| reached.expr(age));
        match &propensity.origin {
            PropensityOrigin::Declared { predict, eligible, training } => {
                reached.expr(predict);
                reached.expr(eligible);
                reached.training(training);
            }
            PropensityOrigin::Model(model) => {
                model.eligible.iter().chain(model.columns.iter().map(|(_, expr)| expr)).for_each(|e| reached.expr(e));
                let columns = propensity.model.iter().flat_map(|facts| &facts.factors);
                columns.for_each(|column| reached.named(column));
            }
            PropensityOrigin::Data(_) | PropensityOrigin::Profile { .. } => {}
        }
    }
    let mut unused = |kind: &str, name: &str, span: Span, used: bool| {
        // A leading underscore says that it is meant.
        if !used && !name.starts_with('_') {
            let message = format!("{kind} `{name}` is never used");
            let diagnostic = Diagnostic::new(Code::SEG0603, message, span, "defined here")
                .with_help(format!("remove it, or name it `_{name}` to keep it"));
            found.push(diagnostic);
        }
    };
    for (item, used) in module.lets.iter().zip(&reached.lets) {
        unused("the definition", &item.name, item.span, *used);
    }
    for (item, used) in module.params.iter().zip(&reached.params) {
        unused("the parameter", &item.name, item.span, *used);
    }
    for (item, used) in module.events.iter().zip(&reached.events) {
        unused("the custom event", &item.name, item.span, *used);
    }
}

/// Marks something as reached; whether it had not been before.
fn first(reached: &mut bool, left: &mut usize) -> bool {
    let first = !std::mem::replace(reached, true);
    *left -= usize::from(first);
    first
}

impl<'a> Reached<'a> {
    /// A definition that a column of a model file is called like.
    fn named(&mut self, column: &str) {
        if let Some(index) = self.module.lets.iter().position(|definition| definition.name == column)
            && !std::mem::replace(&mut self.lets[index], true)
        {
            let module = self.module;
            self.expr(&module.lets[index].body);
        }
    }

    /// The custom events and definitions that features are derived from.
    fn training(&mut self, training: &Training) {
        for id in &training.lets {
            let index = id.0 as usize;
            if first(&mut self.lets[index], &mut self.left) {
                self.expr(&self.module.lets[index].body);
            }
        }
        for (index, event) in self.module.events.iter().enumerate() {
            if training.events.contains(&event.name) && first(&mut self.events[index], &mut self.left) {
                self.source(&event.collection);
                collection_children(&event.collection, &mut |child| self.expr(child));
            }
        }
    }

    fn expr(&mut self, expr: &'a Expr) {
        if self.left == 0 {
            return;
        }
        match &expr.kind {
            ExprKind::Let(id, _) => {
                let index = id.0 as usize;
                if first(&mut self.lets[index], &mut self.left) {
                    self.expr(&self.module.lets[index].body);
                }
            }
            ExprKind::Param(id) => drop(first(&mut self.params[id.0 as usize], &mut self.left)),
            ExprKind::Aggregate { collection, .. } => self.source(collection),
            ExprKind::Sequence(sequence) => sequence.steps.iter().for_each(|step| self.source(&step.collection)),
            _ => {}
        }
        children(expr, &mut |child| self.expr(child));
    }

    fn source(&mut self, collection: &'a Collection) {
        match &collection.source {
            Source::Events { via, .. } => {
                for id in via {
                    let index = id.0 as usize;
                    if first(&mut self.events[index], &mut self.left) {
                        let definition = &self.module.events[index].collection;
                        self.source(definition);
                        collection_children(definition, &mut |child| self.expr(child));
                    }
                }
            }
            Source::Top { of, .. } | Source::Groups { of, .. } => self.source(of),
            Source::List(_) | Source::Entries(_) | Source::Values(_) | Source::Members(_) => {}
        }
    }
}
