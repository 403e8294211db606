//! Lints: programs that are right by the rules and probably not what was meant. One file a lint; each walks the typed
//! tree. A lint never changes what a program means, and never fails a build unless its level says so.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::hir::walk::children;
use crate::hir::{Expr, Module, PropensityOrigin};

mod allowance;
mod constant_condition;
mod hidden_window;
mod not_over_optional;
mod unused_definition;

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

/// A lint: its code, and the walk that finds it.
struct Lint {
    code: Code,
    check: fn(&Module, &mut Vec<Diagnostic>),
}

static LINTS: &[Lint] = &[
    Lint { code: Code::SEG0601, check: not_over_optional::check },
    Lint { code: Code::SEG0602, check: constant_condition::check },
    Lint { code: Code::SEG0603, check: unused_definition::check },
    Lint { code: Code::SEG0604, check: hidden_window::check },
];

/// Runs every lint that is not allowed, over a module without errors.
pub fn lint(module: &Module, levels: &Levels) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for lint in LINTS {
        if levels.get(&lint.code) != Some(&Level::Allow) {
            (lint.check)(module, &mut found);
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
        PropensityOrigin::Declared { predict, eligible } => vec![&**predict, &**eligible],
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
