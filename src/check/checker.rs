//! The state of checking, and definitions checked on demand. Imports its siblings. Invariant: a definition is checked
//! once, in its own scope, whoever asks for it first; one that is asked for while it is being checked is in a circle.

use std::sync::Arc;

use super::memo::{CheckMemo, Items};
use super::names::{DefId, DefKind, Names};
use super::scope::Scope;
use super::{CheckInput, Checked, dependencies, errors};
use crate::diagnostics::Diagnostic;
use crate::hir::{self, BinderId, LetId};
use crate::limits;
use crate::schema::Schema;
use crate::source::Span;

/// How many definitions may be under way at once, and how deep their expressions may be together: bounds for the
/// stack. Longer chains are fine, since definitions are checked in the order of their dependencies; only circles come
/// near them.
const ACTIVE_DEFINITIONS: usize = 64;
const ACTIVE_DEPTH: usize = 2 * limits::NESTING;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Todo,
    Active,
    Done,
}

/// What the body of a `let` needs of a parameter of type `duration`, asked of the argument at each call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// More than nothing: it is the length of a window.
    pub positive: bool,
    /// No months: it is counted from an event.
    pub exact: bool,
    /// No hours: it is added to a date.
    pub whole_days: bool,
}

/// The state of one run of [`super::check`].
pub(super) struct Checker<'a> {
    pub input: &'a CheckInput<'a>,
    /// With the propensities' objects.
    pub schema: Arc<Schema>,
    pub names: Names<'a>,
    pub scope: Scope,
    pub diagnostics: Vec<Diagnostic>,
    pub lets: Vec<Option<Arc<hir::Let>>>,
    pub params: Vec<Option<hir::Param>>,
    pub events: Vec<Option<Arc<hir::EventDef>>>,
    pub segments: Vec<Option<Arc<hir::Segment>>>,
    pub propensities: Vec<Option<hir::Propensity>>,
    pub tests: Vec<Arc<hir::Test>>,
    /// What each `let` needs of its parameters.
    pub needs: Vec<Vec<Needs>>,
    /// The `let` whose body is checked.
    pub current_let: Option<LetId>,
    /// The last path that stood by itself where a condition should, for what is said about it.
    pub condition_at: Option<Span>,
    /// The `as` names of the sequences around, whether they can be used there or not.
    pub step_names: Vec<String>,
    /// How many expressions are being checked, one inside the other.
    pub depth: usize,
    /// Nodes of each definition after expansion.
    pub sizes: Vec<u64>,
    /// What was said about each definition.
    pub said: Vec<Vec<Diagnostic>>,
    /// Whether a circle or a chain that is too long was found: then what was made depends on where checking began.
    pub circular: bool,
    states: Vec<State>,
    /// The definitions under way, each with the place that asked for it.
    active: Vec<(DefId, Span)>,
    binders: u32,
}

impl<'a> Checker<'a> {
    pub fn new(
        input: &'a CheckInput<'a>,
        names: Names<'a>,
        schema: Arc<Schema>,
        binders: u32,
        diagnostics: Vec<Diagnostic>,
    ) -> Checker<'a> {
        let mut counts = [0; 5];
        for def in &names.defs {
            match def.kind {
                DefKind::Let(_) => counts[0] += 1,
                DefKind::Param(_) => counts[1] += 1,
                DefKind::Event(_) => counts[2] += 1,
                DefKind::Segment(_) => counts[3] += 1,
                DefKind::Propensity(_) => counts[4] += 1,
            }
        }
        Checker {
            scope: Scope::profile(schema.profile),
            lets: vec![None; counts[0]],
            params: vec![None; counts[1]],
            events: vec![None; counts[2]],
            segments: vec![None; counts[3]],
            propensities: vec![None; counts[4]],
            tests: Vec::new(),
            needs: vec![Vec::new(); counts[0]],
            current_let: None,
            condition_at: None,
            step_names: Vec::new(),
            depth: 0,
            sizes: vec![0; names.defs.len()],
            said: vec![Vec::new(); names.defs.len()],
            circular: false,
            states: vec![State::Todo; names.defs.len()],
            active: Vec::new(),
            binders,
            input,
            schema,
            names,
            diagnostics,
        }
    }

    /// Reports something.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// A subject that nothing else has.
    pub fn fresh_binder(&mut self) -> BinderId {
        self.binders += 1;
        BinderId(self.binders)
    }

    /// The last subject that was given out.
    pub fn binders(&self) -> u32 {
        self.binders
    }

    /// Checks definitions and tests, all of them or those that are not known.
    pub fn check_all(&mut self, memo: Option<&mut CheckMemo>) {
        let Some(memo) = memo else {
            self.check_definitions(&[]);
            self.check_tests(&mut |_, _| None);
            return;
        };
        let items = Items::of(self.input, memo);
        let (same, recalled) = self.recall(memo, &items);
        self.check_definitions(&recalled);
        let tests = self.check_tests(&mut |checker, item| checker.recall_test(memo, &items, &same, item));
        self.keep(memo, &items, &recalled);
        self.keep_tests(memo, &items, tests);
    }

    /// Checks every definition that is not known.
    fn check_definitions(&mut self, known: &[bool]) {
        for (state, _) in self.states.iter_mut().zip(known).filter(|(_, known)| **known) {
            *state = State::Done;
        }
        for def in dependencies::order(&self.names, known) {
            let span = self.names.defs[def.0].name.span;
            self.demand(def, span);
        }
    }

    /// Makes sure that a definition is checked; false if it is in a circle with the one that asks, which is reported.
    pub fn demand(&mut self, def: DefId, at: Span) -> bool {
        match self.states[def.0] {
            State::Done => true,
            State::Active => {
                let from = self.active.iter().position(|(d, _)| *d == def).unwrap_or(0);
                let circle = &self.active[from..];
                let first = circle.iter().enumerate().min_by_key(|(_, (d, _))| *d).map_or(0, |(i, _)| i);
                let from_first = circle[first..].iter().chain(&circle[..first]);
                let chain: Vec<_> = from_first.map(|(d, at)| (self.names.defs[d.0].name, *at)).collect();
                let diagnostic = errors::definition_cycle(&chain, at);
                self.circular = true;
                self.report(diagnostic);
                false
            }
            State::Todo if self.active.len() >= ACTIVE_DEFINITIONS || self.depth >= ACTIVE_DEPTH => {
                let name = self.names.defs[def.0].name;
                self.circular = true;
                self.report(errors::too_deep(name, at));
                false
            }
            State::Todo => {
                self.states[def.0] = State::Active;
                self.active.push((def, at));
                let scope = std::mem::replace(&mut self.scope, Scope::profile(self.schema.profile));
                let outer = self.current_let.take();
                let others = std::mem::take(&mut self.diagnostics);
                self.check_definition(def);
                self.said[def.0] = std::mem::replace(&mut self.diagnostics, others);
                self.diagnostics.extend(self.said[def.0].iter().cloned());
                self.current_let = outer;
                self.scope = scope;
                self.active.pop();
                self.states[def.0] = State::Done;
                true
            }
        }
    }

    /// The result, with diagnostics in the order of files and text, one for each place.
    pub fn finish(self) -> Checked {
        let module = hir::Module {
            schema: self.schema,
            settings: self.input.settings.clone(),
            lets: self.lets.into_iter().flatten().collect(),
            params: self.params.into_iter().flatten().collect(),
            events: self.events.into_iter().flatten().collect(),
            segments: self.segments.into_iter().flatten().collect(),
            propensities: self.propensities.into_iter().flatten().collect(),
            tests: self.tests,
        };
        Checked { module, diagnostics: in_order(self.diagnostics) }
    }
}

fn in_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by_key(|d| d.primary().map(|s| (s.file, s.start, s.end)));
    diagnostics.dedup_by(|later, first| later.primary().is_some() && later.primary() == first.primary());
    diagnostics
}
