//! Lints: programs that are right by the rules and probably not what was meant. One file a lint; each walks the typed
//! tree. A lint never changes what a program means, and never fails a build unless its level says so.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::hir::Module;
use crate::source::Sources;

mod allowance;
mod constant_condition;
mod context;
mod count_for_existence;
mod day_without_zone;
mod deep_nesting;
mod division_by_zero;
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
mod memo;
mod needless_pattern;
mod not_over_optional;
mod outside_range;
mod repeated_condition;
mod repeated_value;
mod reversed_bounds;
mod single_value_list;
mod stated_length_differs;
mod surrounding_blanks;
mod too_many_conditions;
mod undocumented_segment;
mod unreachable_case;
mod unsalted_sample;
mod untested_segment;
mod unused_definition;
mod unwindowed_aggregate;
mod weak_model;
mod window_beyond_retention;

pub use allowance::{Allowance, allowances, apply_allowances};
pub use memo::LintMemo;

use context::{Context, Unit, custom_events, each_expr, each_window, roots, units};

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

/// A lint: its code, its level unless the project says otherwise, what it looks at, and the walk that finds it.
struct Lint {
    code: Code,
    level: Level,
    over: Over,
    check: fn(&Context<'_>, &mut Vec<Diagnostic>),
}

/// What one run of a lint looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// One definition, with what it reaches.
    Each,
    /// The project.
    All,
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
    Lint { code: Code::SEG0601, level: Level::Warn, over: Over::Each, check: not_over_optional::check },
    Lint { code: Code::SEG0602, level: Level::Warn, over: Over::Each, check: constant_condition::check },
    Lint { code: Code::SEG0603, level: Level::Warn, over: Over::All, check: |c, found| unused_definition::check(c.module, found) },
    Lint { code: Code::SEG0604, level: Level::Warn, over: Over::Each, check: hidden_window::check },
    Lint { code: Code::SEG0607, level: Level::Warn, over: Over::Each, check: too_many_conditions::check },
    Lint { code: Code::SEG0608, level: Level::Warn, over: Over::Each, check: long_sequence::check },
    Lint { code: Code::SEG0609, level: Level::Allow, over: Over::Each, check: unwindowed_aggregate::check },
    Lint { code: Code::SEG0610, level: Level::Warn, over: Over::Each, check: deep_nesting::check },
    Lint { code: Code::SEG0611, level: Level::Warn, over: Over::Each, check: long_list::check },
    Lint { code: Code::SEG0612, level: Level::Warn, over: Over::Each, check: folded_code::check },
    Lint { code: Code::SEG0613, level: Level::Warn, over: Over::Each, check: window_beyond_retention::check },
    Lint { code: Code::SEG0614, level: Level::Warn, over: Over::All, check: day_without_zone::check },
    Lint { code: Code::SEG0615, level: Level::Warn, over: Over::Each, check: stated_length_differs::check },
    Lint { code: Code::SEG0616, level: Level::Warn, over: Over::Each, check: forbidden_field::check },
    Lint { code: Code::SEG0617, level: Level::Warn, over: Over::Each, check: repeated_condition::check },
    Lint { code: Code::SEG0618, level: Level::Warn, over: Over::Each, check: double_negation::check },
    Lint { code: Code::SEG0619, level: Level::Allow, over: Over::Each, check: count_for_existence::check },
    Lint { code: Code::SEG0620, level: Level::Allow, over: Over::Each, check: single_value_list::check },
    Lint { code: Code::SEG0621, level: Level::Warn, over: Over::Each, check: repeated_value::check },
    Lint { code: Code::SEG0622, level: Level::Warn, over: Over::Each, check: empty_text::check },
    Lint { code: Code::SEG0623, level: Level::Warn, over: Over::Each, check: surrounding_blanks::check },
    Lint { code: Code::SEG0624, level: Level::Warn, over: Over::Each, check: future_events::check },
    Lint { code: Code::SEG0625, level: Level::Warn, over: Over::Each, check: unsalted_sample::check },
    Lint { code: Code::SEG0626, level: Level::Allow, over: Over::Each, check: undocumented_segment::check },
    Lint { code: Code::SEG0627, level: Level::Warn, over: Over::Each, check: exact_instant::check },
    Lint { code: Code::SEG0628, level: Level::Warn, over: Over::Each, check: needless_pattern::check },
    Lint { code: Code::SEG0629, level: Level::Allow, over: Over::All, check: untested_segment::check },
    Lint { code: Code::SEG0630, level: Level::Warn, over: Over::Each, check: float_sum::check },
    Lint { code: Code::SEG0631, level: Level::Warn, over: Over::Each, check: weak_model::check },
    Lint { code: Code::SEG0632, level: Level::Warn, over: Over::Each, check: weak_model::check_compared },
    Lint { code: Code::SEG0633, level: Level::Warn, over: Over::Each, check: outside_range::check },
    Lint { code: Code::SEG0634, level: Level::Warn, over: Over::Each, check: division_by_zero::check },
    Lint { code: Code::SEG0635, level: Level::Warn, over: Over::Each, check: unreachable_case::check },
    Lint { code: Code::SEG0636, level: Level::Warn, over: Over::Each, check: reversed_bounds::check },
];

/// Runs every lint that is not allowed, over a module without errors.
pub fn lint(module: &Module, sources: &Sources, facts: &Facts, levels: &Levels) -> Vec<Diagnostic> {
    lint_with(module, sources, facts, levels, None, None)
}

/// The same over any module. `broken` names the definitions with errors, if there are errors: they are passed
/// over, and lints over the whole project are not run. With a memo, definitions that are the same as at an earlier look
/// are not looked at again.
pub fn lint_with(
    module: &Module,
    sources: &Sources,
    facts: &Facts,
    levels: &Levels,
    broken: Option<&FxHashSet<&str>>,
    memo: Option<&mut LintMemo>,
) -> Vec<Diagnostic> {
    let run = |units: &[Unit<'_>], over: Over| {
        let context = Context { module, sources, facts, units };
        let mut found = Vec::new();
        for lint in LINTS.iter().filter(|lint| lint.over == over) {
            if level(lint.code, levels) != Level::Allow {
                (lint.check)(&context, &mut found);
            }
        }
        found
    };
    let mut units = units(module);
    units.retain(|unit| broken.is_none_or(|broken| !broken.contains(unit.name())));
    let mut memo = memo;
    if let Some(memo) = memo.as_deref_mut() {
        memo.start(module, facts, levels);
    }
    let fresh: Vec<Result<&[Diagnostic], Vec<Diagnostic>>> = {
        let known = memo.as_deref();
        let recall = |unit: Unit<'_>| known.and_then(|memo| memo.recall(unit));
        units
            .par_iter()
            .with_min_len(UNITS_AT_ONCE)
            .map(|unit| recall(*unit).ok_or_else(|| run(&[*unit], Over::Each)))
            .collect()
    };
    let mut found = if broken.is_none() { run(&units, Over::All) } else { Vec::new() };
    for said in &fresh {
        let said: &[Diagnostic] = match said {
            Ok(known) => known,
            Err(fresh) => fresh,
        };
        found.extend(said.iter().cloned());
    }
    let fresh: Vec<_> = units.iter().copied().zip(fresh).filter_map(|(unit, said)| Some((unit, said.err()?))).collect();
    if let Some(memo) = memo {
        memo.keep(fresh.into_iter(), &units);
    }
    // What is seen from a condition and from one around it is said once.
    let mut said = FxHashSet::default();
    found.retain(|diagnostic| said.insert((diagnostic.code, diagnostic.primary())));
    found
}

/// How many definitions a thread looks at before it asks for more: most are known, and to know costs less than to ask.
const UNITS_AT_ONCE: usize = 128;

/// The level of a lint: the project's, or its own; warnings that are no lints are always looked for.
fn level(code: Code, levels: &Levels) -> Level {
    let own = || LINTS.iter().find(|lint| lint.code == code).map_or(Level::Warn, |lint| lint.level);
    levels.get(&code).copied().unwrap_or_else(own)
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
