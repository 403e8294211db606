//! Lints: programs that are right by the rules and probably not what was meant. One file a lint; each walks the typed
//! tree. A lint never changes what a program means, and never fails a build unless its level says so.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::hir::walk::children;
use crate::hir::{Collection, EventDef, Expr, ExprKind, Module, PropensityOrigin, Source};
use crate::source::Sources;

mod allowance;
mod constant_condition;
mod count_for_existence;
mod day_without_zone;
mod deep_nesting;
mod double_negation;
mod empty_text;
mod exact_instant;
mod float_sum;
mod folded_code;
mod forbidden_field;
mod future_events;
mod hidden_window;
mod long_list;
mod long_sequence;
mod needless_pattern;
mod not_over_optional;
mod repeated_condition;
mod repeated_value;
mod single_value_list;
mod stated_length_differs;
mod surrounding_blanks;
mod too_many_conditions;
mod undocumented_segment;
mod unsalted_sample;
mod untested_segment;
mod unused_definition;
mod unwindowed_aggregate;
mod weak_model;
mod window_beyond_retention;

pub use allowance::{Allowance, allowances, apply_allowances};

/// What to do about a lint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Say nothing.
    Allow,
    /// A warning.
    Warn,
    /// An error.
    Deny,
}

/// The levels that differ from the codes' own severities.
pub type Levels = FxHashMap<Code, Level>;

/// A lint: its code, its level unless the project says otherwise, and the walk that finds it.
struct Lint {
    code: Code,
    level: Level,
    check: fn(&Context<'_>, &mut Vec<Diagnostic>),
}

/// What a lint reads.
pub(crate) struct Context<'a> {
    /// A module without errors.
    pub module: &'a Module,
    /// The texts, for fixes.
    pub sources: &'a Sources,
    /// What the project says beside the language.
    pub facts: &'a Facts,
}

/// What the project file says that lints need and that is no part of the meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Days that events are kept, if the project says so.
    pub retention_days: Option<u32>,
    /// Whether the project names its zone.
    pub zone_stated: bool,
    /// What the segments are for.
    pub purpose: String,
    /// Usage labels of fields that this purpose forbids.
    pub forbidden_labels: Vec<String>,
}

impl Default for Facts {
    fn default() -> Facts {
        Facts { retention_days: None, zone_stated: true, purpose: String::new(), forbidden_labels: Vec::new() }
    }
}

#[rustfmt::skip]
static LINTS: &[Lint] = &[
    Lint { code: Code::SEG0601, level: Level::Warn, check: |c, found| not_over_optional::check(c.module, found) },
    Lint { code: Code::SEG0602, level: Level::Warn, check: |c, found| constant_condition::check(c.module, found) },
    Lint { code: Code::SEG0603, level: Level::Warn, check: |c, found| unused_definition::check(c.module, found) },
    Lint { code: Code::SEG0604, level: Level::Warn, check: |c, found| hidden_window::check(c.module, found) },
    Lint { code: Code::SEG0607, level: Level::Warn, check: too_many_conditions::check },
    Lint { code: Code::SEG0608, level: Level::Warn, check: long_sequence::check },
    Lint { code: Code::SEG0609, level: Level::Allow, check: unwindowed_aggregate::check },
    Lint { code: Code::SEG0610, level: Level::Warn, check: deep_nesting::check },
    Lint { code: Code::SEG0611, level: Level::Warn, check: long_list::check },
    Lint { code: Code::SEG0612, level: Level::Warn, check: folded_code::check },
    Lint { code: Code::SEG0613, level: Level::Warn, check: window_beyond_retention::check },
    Lint { code: Code::SEG0614, level: Level::Warn, check: day_without_zone::check },
    Lint { code: Code::SEG0615, level: Level::Warn, check: stated_length_differs::check },
    Lint { code: Code::SEG0616, level: Level::Warn, check: forbidden_field::check },
    Lint { code: Code::SEG0617, level: Level::Warn, check: repeated_condition::check },
    Lint { code: Code::SEG0618, level: Level::Warn, check: double_negation::check },
    Lint { code: Code::SEG0619, level: Level::Allow, check: count_for_existence::check },
    Lint { code: Code::SEG0620, level: Level::Allow, check: single_value_list::check },
    Lint { code: Code::SEG0621, level: Level::Warn, check: repeated_value::check },
    Lint { code: Code::SEG0622, level: Level::Warn, check: empty_text::check },
    Lint { code: Code::SEG0623, level: Level::Warn, check: surrounding_blanks::check },
    Lint { code: Code::SEG0624, level: Level::Warn, check: future_events::check },
    Lint { code: Code::SEG0625, level: Level::Warn, check: unsalted_sample::check },
    Lint { code: Code::SEG0626, level: Level::Allow, check: undocumented_segment::check },
    Lint { code: Code::SEG0627, level: Level::Warn, check: exact_instant::check },
    Lint { code: Code::SEG0628, level: Level::Warn, check: needless_pattern::check },
    Lint { code: Code::SEG0629, level: Level::Allow, check: untested_segment::check },
    Lint { code: Code::SEG0630, level: Level::Warn, check: float_sum::check },
    Lint { code: Code::SEG0631, level: Level::Warn, check: weak_model::check },
    Lint { code: Code::SEG0632, level: Level::Warn, check: weak_model::check_compared },
];

/// Runs every lint that is not allowed, over a module without errors.
pub fn lint(module: &Module, sources: &Sources, facts: &Facts, levels: &Levels) -> Vec<Diagnostic> {
    let context = Context { module, sources, facts };
    let mut found = Vec::new();
    for lint in LINTS {
        if *levels.get(&lint.code).unwrap_or(&lint.level) != Level::Allow {
            (lint.check)(&context, &mut found);
        }
    }
    // What is seen from a condition and from one around it is said once.
    let mut said = FxHashSet::default();
    found.retain(|diagnostic| said.insert((diagnostic.code, diagnostic.primary())));
    found
}

/// Gives diagnostics the severity that their level asks for, and drops those that are allowed. Errors stay errors.
pub fn apply_levels(diagnostics: &mut Vec<Diagnostic>, levels: &Levels) {
    diagnostics.retain(|d| d.is_error() || levels.get(&d.code) != Some(&Level::Allow));
    for diagnostic in diagnostics.iter_mut().filter(|d| !d.is_error()) {
        match levels.get(&diagnostic.code) {
            Some(Level::Deny) => diagnostic.severity = Severity::Error,
            Some(Level::Warn) => diagnostic.severity = Severity::Warning,
            Some(Level::Allow) | None => {}
        }
    }
}

/// Every expression that the author wrote, roots only: conditions, rank keys, definitions, filters of custom events,
/// what models predict and for whom.
fn roots(module: &Module) -> impl Iterator<Item = &Expr> {
    let segments =
        module.segments.iter().flat_map(|s| std::iter::once(&s.condition).chain(s.rank.as_ref().map(|r| &r.by)));
    let lets = module.lets.iter().map(|definition| &definition.body);
    let events = module.events.iter().filter_map(|event| event.collection.filter.as_deref());
    let models = module.propensities.iter().flat_map(|propensity| match &propensity.origin {
        PropensityOrigin::Declared { predict, eligible, .. } => vec![&**predict, &**eligible],
        PropensityOrigin::Data(_) | PropensityOrigin::Profile { .. } => vec![],
    });
    segments.chain(lets).chain(events).chain(models)
}

/// Calls `f` with every expression of the module.
fn each_expr<'a>(module: &'a Module, f: &mut dyn FnMut(&'a Expr)) {
    fn walk<'a>(expr: &'a Expr, f: &mut dyn FnMut(&'a Expr)) {
        f(expr);
        children(expr, &mut |child| walk(child, f));
    }
    roots(module).for_each(|root| walk(root, f));
}

/// Calls `f` with every collection of the module: those that functions and sequences go through, those that others are
/// made from, those of custom events.
fn each_window<'a>(module: &'a Module, f: &mut dyn FnMut(&'a Collection)) {
    fn within<'a>(collection: &'a Collection, f: &mut dyn FnMut(&'a Collection)) {
        f(collection);
        match &collection.source {
            Source::Top { of, .. } | Source::Groups { of, .. } => within(of, f),
            Source::Events { .. } | Source::List(_) | Source::Entries(_) | Source::Values(_) | Source::Members(_) => {}
        }
    }
    module.events.iter().for_each(|event| within(&event.collection, f));
    each_expr(module, &mut |expr| match &expr.kind {
        ExprKind::Aggregate { collection, .. } => within(collection, f),
        ExprKind::Sequence(sequence) => sequence.steps.iter().for_each(|step| within(&step.collection, f)),
        _ => {}
    });
}

/// The custom events that a collection goes through.
fn custom_events<'a>(module: &'a Module, collection: &'a Collection) -> Vec<&'a EventDef> {
    match &collection.source {
        Source::Events { via, .. } => via.iter().filter_map(|id| module.events.get(id.0 as usize)).collect(),
        Source::Top { of, .. } | Source::Groups { of, .. } => custom_events(module, of),
        Source::List(_) | Source::Entries(_) | Source::Values(_) | Source::Members(_) => Vec::new(),
    }
}
