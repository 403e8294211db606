//! How a propensity is trained: the clauses `using`, `static`, `deny`, `cutoffs`, `require` and the numbers. Imports its
//! siblings. Invariant: an attribute gets into a [`Training`] only where `static` declares that it does not change, since
//! what it was at a cut-off is not known.

use super::checker::{Checker, Needs};
use super::leaks::{Leak, LeakKind, Search};
use super::names::DefKind;
use super::propensity::step_name;
use super::source::event_name;
use super::{convert, errors};
use crate::diagnostics::suggest;
use crate::hir::{Cutoffs, Expr, ExprKind, Gate, Metric, Training};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, Path, PropensityClause, PropensityNumber, Spanned};
use crate::types::{Duration, Ty, Value};

impl Checker<'_> {
    /// A clause of a trained model; the others say nothing of training.
    pub(super) fn training_clause(&mut self, clause: &PropensityClause, training: &mut Training) {
        match clause {
            PropensityClause::Using(paths) => paths.iter().for_each(|path| self.using(path, training)),
            PropensityClause::Static(paths) => {
                let attributes: Vec<_> = paths.iter().filter_map(|path| self.attribute(path)).collect();
                training.attributes.extend(attributes);
            }
            PropensityClause::Deny(paths) => paths.iter().for_each(|path| self.deny(path, training)),
            PropensityClause::Cutoffs { every, over } => {
                let (every, over) = (self.cutoff_step(every), self.cutoff_step(over));
                training.cutoffs = every.zip(over).map(|(every, over)| Cutoffs { every, over });
            }
            PropensityClause::Number { setting, value } => self.model_number(setting.node, value, training),
            PropensityClause::Require(gates) => {
                let gates: Vec<_> = gates.iter().filter_map(|gate| self.gate(gate)).collect();
                training.gates.extend(gates);
            }
            PropensityClause::Predict(_)
            | PropensityClause::For(_)
            | PropensityClause::Buckets(_)
            | PropensityClause::MaxAge(_)
            | PropensityClause::Control { .. }
            | PropensityClause::Kind(_)
            | PropensityClause::Scale(_)
            | PropensityClause::Mapping { .. }
            | PropensityClause::Quality(_)
            | PropensityClause::Error => {}
        }
    }

    /// Reports the attributes of `using` that no `static` covers.
    pub(super) fn attributes_without_history(&mut self, clauses: &[Spanned<PropensityClause>], training: &Training) {
        let covered = |path: &[String], training: &Training| {
            let covers = |known: &Vec<String>| path.starts_with(known) || known.starts_with(path);
            training.attributes.iter().any(covers)
        };
        for clause in clauses {
            let PropensityClause::Using(paths) = &clause.node else { continue };
            for path in paths {
                let attribute = !self.is_event(path) && !self.is_let(path) && self.names_attribute(path);
                if attribute && !covered(&attribute_steps(path), training) {
                    self.report(errors::attribute_without_history(path));
                }
            }
        }
    }

    /// Reports what `for`, `using` and `predict` would know before it is known: `predict` may look ahead.
    pub(super) fn leaks(
        &mut self,
        predict: Option<&Expr>,
        eligible: Option<&Expr>,
        clauses: &[Spanned<PropensityClause>],
        training: &Training,
    ) {
        let unchanging = training.attributes.as_slice();
        let search = |look: &dyn Fn(&mut Search<'_, '_>)| {
            let mut search = Search::new(self, unchanging);
            look(&mut search);
            search.found
        };
        let predicted = search(&|search| predict.iter().for_each(|expr| search.expr(expr)));
        let population = search(&|search| eligible.iter().for_each(|expr| search.expr(expr)));
        let features = search(&|search| {
            for path in clauses.iter().flat_map(|clause| match &clause.node {
                PropensityClause::Using(paths) => paths.as_slice(),
                _ => &[],
            }) {
                let Some(def) = self.names.find(&path.root.node).filter(|_| path.steps.is_empty()) else { continue };
                match self.names.defs[def.0].kind {
                    DefKind::Let(id) => search.definition(id, path.span),
                    DefKind::Event(id) => search.event(id, path.span),
                    _ => {}
                }
            }
        });
        let may_look_ahead = |leak: &Leak| leak.kind == LeakKind::Ahead;
        let mut told: Vec<Span> = Vec::new();
        let leaks = predicted.into_iter().filter(|leak| !may_look_ahead(leak)).map(|leak| (leak, "predict"));
        let leaks = leaks.chain(population.into_iter().map(|leak| (leak, "for")));
        for (leak, clause) in leaks.chain(features.into_iter().map(|leak| (leak, "using"))) {
            // One name is one mistake, however much is behind it.
            if told.contains(&leak.at) {
                continue;
            }
            told.push(leak.at);
            self.report(match &leak.kind {
                LeakKind::Attribute(path) => errors::attribute_not_known_then(path, leak.at, leak.inside),
                LeakKind::Ahead if clause == "for" => errors::population_looks_ahead(leak.at, leak.inside),
                LeakKind::Ahead => errors::feature_looks_ahead(leak.at, leak.inside),
            });
        }
    }

    /// An event type, a custom event, a definition, or an attribute (which counts where `static` names it too).
    fn using(&mut self, path: &Path, training: &mut Training) {
        if self.is_event(path) {
            training.events.extend(event_name(path));
            return;
        }
        if let Some(def) = self.names.find(&path.root.node)
            && path.steps.is_empty()
            && let DefKind::Let(id) = self.names.defs[def.0].kind
        {
            self.names.sees(path.span, self.names.defs[def.0].name.span);
            let definition = self.lets[id.0 as usize].as_ref();
            let fits = definition.is_none_or(|d| match d.params.as_slice() {
                [] => true,
                [(_, ty)] => ty.ty == Ty::Duration,
                _ => false,
            });
            if fits {
                training.lets.push(id)
            } else {
                self.report(errors::not_a_feature(path))
            }
            return;
        }
        if self.known_or_reported(path) {
            self.attribute(path);
        }
    }

    fn is_event(&self, path: &Path) -> bool {
        let custom = path.steps.is_empty()
            && self.names.find(&path.root.node).is_some_and(|d| matches!(self.names.defs[d.0].kind, DefKind::Event(_)));
        custom || event_name(path).is_some_and(|name| self.schema.event_types.contains_key(&name))
    }

    fn is_let(&self, path: &Path) -> bool {
        path.steps.is_empty()
            && self.names.find(&path.root.node).is_some_and(|d| matches!(self.names.defs[d.0].kind, DefKind::Let(_)))
    }

    fn names_attribute(&self, path: &Path) -> bool {
        attribute_steps(path).first().is_some_and(|root| self.schema.field(self.schema.profile, root).is_some())
    }

    /// Whether the first step is a field of the profile; says what may be meant if not.
    fn known_or_reported(&mut self, path: &Path) -> bool {
        if self.names_attribute(path) {
            return true;
        }
        let known = event_name(path).and_then(|name| {
            let types = self.schema.event_types.keys().map(String::as_str);
            suggest::closest(&name, types).map(str::to_owned)
        });
        match known {
            Some(known) => self.report(errors::unknown_source(path, Some(&known))),
            None => self.report_unknown(path, None),
        }
        false
    }

    /// The steps to an attribute of the profile.
    fn attribute(&mut self, path: &Path) -> Option<Vec<String>> {
        let end = self.profile_path(path)?;
        Some(end.steps.iter().filter_map(step_name).collect())
    }

    /// An event type, a field of the events, or an attribute.
    fn deny(&mut self, path: &Path, training: &mut Training) {
        let steps = attribute_steps(path);
        let field = self.schema.field_at(self.schema.event, steps.iter().map(String::as_str)).is_some();
        if field || self.is_event(path) {
            training.denied.push(steps);
        } else if self.known_or_reported(path) {
            let denied = self.attribute(path);
            training.denied.extend(denied);
        }
    }

    /// A constant duration of `cutoffs`.
    fn cutoff_step(&mut self, expr: &ast::Expr) -> Option<Duration> {
        let length = self.length(expr)?;
        self.duration_is(&length, Needs { positive: true, ..Needs::default() });
        self.constant_duration(&length)
    }

    fn constant_duration(&self, expr: &Expr) -> Option<Duration> {
        let value = match &expr.kind {
            ExprKind::Literal(value) => value,
            ExprKind::Param(id) => &self.params[id.0 as usize].as_ref()?.value,
            ExprKind::Let(id, args) if args.is_empty() => {
                return self.constant_duration(&self.lets[id.0 as usize].as_ref()?.body);
            }
            _ => return None,
        };
        if let Value::Duration(duration) = value { Some(*duration) } else { None }
    }

    fn model_number(&mut self, setting: PropensityNumber, value: &Spanned<String>, training: &mut Training) {
        let (name, min, max) = match setting {
            PropensityNumber::Trees => ("trees", 1, 10_000),
            PropensityNumber::Depth => ("depth", 1, MAX_DEPTH),
            PropensityNumber::Seed => ("seed", 0, u64::MAX),
        };
        let number = value.node.replace('_', "").parse::<u64>().ok().filter(|n| (min..=max).contains(n));
        if number.is_none() {
            self.report(errors::invalid_setting(name, &format!("a whole number from {min} to {max}"), value.span));
        }
        match setting {
            PropensityNumber::Trees => training.trees = number.map(|n| n as u32),
            PropensityNumber::Depth => training.depth = number.map(|n| n as u32),
            PropensityNumber::Seed => training.seed = number,
        }
    }

    /// `auc >= 0.70`
    fn gate(&mut self, gate: &ast::Expr) -> Option<Gate> {
        let ast::ExprKind::Binary { lhs, op, rhs, .. } = &gate.kind else {
            if !matches!(gate.kind, ast::ExprKind::Error) {
                self.report(errors::invalid_gate(gate.span));
            }
            return None;
        };
        let metric = match &lhs.kind {
            ast::ExprKind::Path(path) if path.steps.is_empty() => {
                self.one_of("metric", &path.root, &Metric::ALL.map(|(_, name)| name));
                Metric::ALL.iter().find(|(_, name)| *name == path.root.node)
            }
            ast::ExprKind::Error => return None,
            _ => {
                self.report(errors::invalid_gate(gate.span));
                None
            }
        };
        let bound = self.expr(rhs, None);
        let least = bound.as_literal().and_then(convert::as_double);
        if !bound.is_error() && (least.is_none() || !matches!(op.node, BinaryOp::Ge)) {
            self.report(errors::invalid_gate(gate.span));
        }
        Some(Gate { metric: metric?.0, least: least? })
    }
}

/// Levels of a tree, at most: the tables of explanations grow with 6^levels.
const MAX_DEPTH: u64 = 8;

/// The steps of a path as written, `profile.` put aside.
fn attribute_steps(path: &Path) -> Vec<String> {
    let names = std::iter::once(path.root.node.clone()).chain(path.steps.iter().filter_map(|step| match step {
        ast::PathStep::Field(name) => Some(name.node.clone()),
        _ => None,
    }));
    names.skip(usize::from(path.root.node == super::path::PROFILE && !path.steps.is_empty())).collect()
}
