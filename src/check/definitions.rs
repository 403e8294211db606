//! `let`, `param` and `segment`. Imports its siblings. Invariant: every definition leaves an entry in its table, in
//! error or not.

use std::sync::Arc;

use super::checker::{Checker, Needs};
use super::convert;
use super::errors;
use super::membership::Form;
use super::names::{Def, DefId, DefKind};
use super::scope::LocalParam;
use super::{literal, overrides};
use crate::hir::{self, Expr, ExprKind, Rank, Sample, walk};
use crate::limits;
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, Ident, ItemKind, SegmentClause, Spanned, TypeExpr};
use crate::types::{Digits, Ty, Type, Value};

/// The digits of a parameter of a `let` that is declared `decimal`.
const PARAMETER_DIGITS: Digits = Digits { precision: 28, scale: 6 };

impl<'a> Checker<'a> {
    /// Checks the definition and puts it into its table.
    pub fn check_definition(&mut self, id: DefId) {
        let def = self.names.defs[id.0];
        self.check_name(def.name);
        match (&def.item.kind, def.kind) {
            (ItemKind::Let { params, ty, value, .. }, DefKind::Let(let_id)) => {
                self.check_let(def, let_id, params, ty.as_ref(), value);
            }
            (ItemKind::Param { ty, value, .. }, DefKind::Param(param)) => {
                self.params[param.0 as usize] = Some(self.check_param(def, ty, value));
            }
            (ItemKind::Segment { title, clauses, .. }, DefKind::Segment(segment)) => {
                let title = title.as_ref().map_or(String::new(), |t| t.node.clone());
                self.segments[segment.0 as usize] = Some(Arc::new(self.check_segment(def, title, clauses)));
            }
            (ItemKind::Event { collection, .. }, DefKind::Event(event)) => {
                self.events[event.0 as usize] = Some(Arc::new(self.check_event(def, collection)));
            }
            (ItemKind::Propensity { from, clauses, .. }, DefKind::Propensity(propensity)) => {
                let made = self.check_propensity(def, from.as_ref(), clauses);
                self.propensities[propensity.0 as usize] = Some(made);
            }
            _ => {}
        }
        self.check_size(id);
    }

    /// A definition's name may not hide a field of the profile or of an event.
    fn check_name(&mut self, name: &Ident) {
        if let Some(hidden) = self.hidden_by(&name.node) {
            self.report(errors::hides(name, hidden));
        }
    }

    /// What a definition of this name would hide.
    pub fn hidden_by(&self, name: &str) -> Option<&'static str> {
        let schema = &self.schema;
        if schema.field(schema.profile, name).is_some() {
            Some("a field of the profile")
        } else if schema.field(schema.event, name).is_some() {
            Some("a field of the events")
        } else if schema.event_types.contains_key(name) {
            Some("an event type")
        } else {
            None
        }
    }

    fn check_let(
        &mut self,
        def: Def<'a>,
        id: hir::LetId,
        params: &'a [ast::Parameter],
        ty: Option<&TypeExpr>,
        value: &ast::Expr,
    ) {
        self.current_let = Some(id);
        self.needs[id.0 as usize] = vec![Needs::default(); params.len()];
        for param in params {
            let ty = self.type_of(&param.ty);
            self.check_local_name(&param.name);
            self.scope.locals.push(LocalParam { name: param.name.node.clone(), ty: Type::optional(ty) });
        }
        let mut body = self.expr(value, None);
        if matches!(body.ty.ty, Ty::Object(_)) {
            let diagnostic = errors::object_as_value(&self.schema, &body);
            self.report(diagnostic);
            body = Expr::error(body.span);
        }
        if let Some(declared) = ty {
            let wanted = self.type_of(declared);
            body = self.declared(body, &wanted, declared.span);
        }
        let params = std::mem::take(&mut self.scope.locals).into_iter().map(|local| (local.name, local.ty)).collect();
        self.lets[id.0 as usize] = Some(Arc::new(hir::Let {
            name: def.name.node.clone(),
            span: def.name.span,
            params,
            body,
            docs: def.docs.to_owned(),
        }));
    }

    fn check_local_name(&mut self, name: &Ident) {
        if let Some(first) = self.scope.locals.iter().position(|l| l.name == name.node) {
            let _ = first;
            self.report(errors::duplicate_parameter(name));
        } else if self.schema.field(self.schema.profile, &name.node).is_some() {
            self.report(errors::hides(name, "a field of the profile"));
        } else if let Some(def) = self.names.find(&name.node) {
            let kind = self.names.defs[def.0].kind.a();
            self.report(errors::hides(name, kind));
        }
    }

    /// A value at the type that was declared for it.
    fn declared(&mut self, value: Expr, wanted: &Ty, declared: Span) -> Expr {
        if value.is_error() || *wanted == Ty::Error {
            return value;
        }
        match (&value.ty.ty, wanted) {
            // The digits are those of the value: a declaration has none.
            (Ty::Decimal(_), Ty::Decimal(_)) => return value,
            (Ty::Int, Ty::Decimal(_)) => {
                let Some(digits) = super::digits::of(&value) else { return value };
                return convert::convert(value, &Ty::Decimal(digits)).unwrap_or_else(|e| e);
            }
            _ => {}
        }
        if let (true, Some(number)) = (wanted.is_scale(), value.as_literal().and_then(convert::as_double))
            && !self.scale_range(wanted, number, value.span)
        {
            return Expr::error(value.span);
        }
        match convert::convert(value, wanted) {
            Ok(value) => value,
            Err(value) => {
                self.report(errors::not_of_declared_type(&value, wanted, declared));
                Expr::error(value.span)
            }
        }
    }

    fn check_param(&mut self, def: Def<'a>, ty: &TypeExpr, value: &ast::Expr) -> hir::Param {
        let wanted = self.type_of(ty);
        let default = self.expr(value, Some(&wanted));
        let default = self.declared(default, &wanted, ty.span);
        let mut made = hir::Param {
            name: def.name.node.clone(),
            span: def.name.span,
            ty: Type::required(default.ty.ty.clone()),
            value: Value::Bool(false),
        };
        match constant_of(&default) {
            Some(constant) => made.value = constant,
            None => {
                if !default.is_error() {
                    self.report(errors::param_not_constant(def.name, default.span));
                }
                made.ty = Type::ERROR;
            }
        }
        let input = self.input;
        if let Some((_, text)) = input.param_overrides.iter().rev().find(|(name, _)| *name == made.name) {
            match overrides::read(text, &wanted) {
                Ok((value, ty)) => {
                    made.value = value;
                    made.ty = Type::required(ty);
                }
                Err(why) => self.report(errors::wrong_override(&made.name, text, &wanted, &why)),
            }
        }
        made
    }

    /// A type as written.
    pub fn type_of(&mut self, written: &TypeExpr) -> Ty {
        let name = written.name.node.as_str();
        let ty = match name {
            "bool" => Ty::Bool,
            "int" => Ty::Int,
            "decimal" => Ty::Decimal(PARAMETER_DIGITS),
            "float" => Ty::Float,
            "string" => Ty::String,
            "date" => Ty::Date,
            "timestamp" => Ty::Timestamp,
            "duration" => Ty::Duration,
            "probability" => Ty::Probability,
            "score" => Ty::Score,
            "percentile" => Ty::Percentile,
            "bucket" => Ty::Bucket,
            "list" => {
                let element = match &written.argument {
                    Some(argument) => self.type_of(argument),
                    None => {
                        self.report(errors::list_without_element(written.span));
                        Ty::Error
                    }
                };
                if matches!(element, Ty::List(_)) {
                    self.report(errors::list_of_lists(written.span));
                    return Ty::Error;
                }
                return if element == Ty::Error { Ty::Error } else { Ty::List(Box::new(element)) };
            }
            "" => return Ty::Error,
            _ => {
                self.report(errors::unknown_type(&written.name));
                return Ty::Error;
            }
        };
        if written.argument.is_some() {
            self.report(errors::type_argument(&written.name, written.span));
        }
        ty
    }

    fn check_segment(&mut self, def: Def<'a>, title: String, clauses: &[Spanned<SegmentClause>]) -> hir::Segment {
        let (mut condition, mut rank, mut sample) = (None, None, None);
        let mut first: [Option<Span>; 3] = [None; 3];
        for clause in clauses {
            let (slot, word) = match &clause.node {
                SegmentClause::Where(_) => (0, "where"),
                SegmentClause::Rank { .. } => (1, "rank"),
                SegmentClause::Sample { .. } => (2, "sample"),
                SegmentClause::Error => continue,
            };
            if let Some(before) = first[slot] {
                self.report(errors::repeated_clause(word, clause.span, before));
                continue;
            }
            first[slot] = Some(clause.span);
            match &clause.node {
                SegmentClause::Where(predicate) => condition = Some(self.predicate(predicate)),
                SegmentClause::Rank { by, descending, limit } => {
                    rank = Some(self.check_rank(by, descending.as_ref(), limit.as_ref()));
                }
                SegmentClause::Sample { percent, salt } => {
                    let salt = salt.as_ref().map_or(def.name.node.as_str(), |s| s.node.as_str());
                    sample =
                        self.sample_threshold(percent).map(|threshold| Sample { threshold, salt: salt.to_owned() });
                }
                SegmentClause::Error => {}
            }
        }
        let broken = clauses.iter().any(|c| matches!(c.node, SegmentClause::Error));
        if condition.is_none() && !broken {
            self.report(errors::segment_without_where(def.name));
        }
        hir::Segment {
            name: def.name.node.clone(),
            span: def.name.span,
            whole: def.item.span,
            title,
            docs: def.docs.to_owned(),
            condition: condition.unwrap_or(Expr::predicate(ExprKind::Error, def.name.span)),
            rank,
            sample,
        }
    }

    fn check_rank(
        &mut self,
        by: &ast::Expr,
        descending: Option<&Spanned<bool>>,
        limit: Option<&Spanned<String>>,
    ) -> Rank {
        let mut by = self.expr(by, None);
        if !self.is_ordered(&by, "`rank by`") {
            by = Expr::error(by.span);
        }
        let limit = limit.and_then(|limit| self.count(limit, "a limit"));
        Rank { by, descending: descending.is_some_and(|d| d.node), limit }
    }

    /// Whether values of the type of an expression have an order; reported if not.
    pub fn is_ordered(&mut self, value: &Expr, wanted_by: &str) -> bool {
        match &value.ty.ty {
            Ty::Error => false,
            Ty::Int
            | Ty::Decimal(_)
            | Ty::Float
            | Ty::String
            | Ty::Date
            | Ty::Timestamp
            | Ty::Duration
            | Ty::Probability
            | Ty::Score
            | Ty::Percentile
            | Ty::Bucket => true,
            Ty::Bool | Ty::Enum(_) | Ty::List(_) | Ty::Map(_) | Ty::Object(_) => {
                self.report(errors::key_without_order(value, wanted_by));
                false
            }
        }
    }

    /// A whole number of at least 1.
    pub fn count(&mut self, text: &Spanned<String>, what: &str) -> Option<u64> {
        let digits: String = text.node.chars().filter(|c| *c != '_').collect();
        match digits.parse::<u64>() {
            Ok(count) if count > 0 => Some(count),
            _ => {
                self.report(errors::invalid_count(what, &text.node, text.span));
                None
            }
        }
    }

    /// round(percent / 100 * 2^32), half away from zero.
    pub fn sample_threshold(&mut self, percent: &Spanned<String>) -> Option<u64> {
        let threshold =
            literal::decimal(&percent.node, false).filter(|(_, scale)| *scale <= 20).and_then(|(p, scale)| {
                let whole = 100 * 10_i128.pow(u32::from(scale));
                (p > 0 && p <= whole).then(|| ((p << 32) * 2 + whole) / (whole * 2))
            });
        if threshold.is_none() {
            self.report(errors::invalid_percentage(&percent.node, percent.span));
        }
        threshold.map(|t| t as u64)
    }

    /// Counts the nodes of a definition with everything it uses.
    fn check_size(&mut self, id: DefId) {
        let def = self.names.defs[id.0];
        let mut size = 0_u64;
        match def.kind {
            DefKind::Let(i) => {
                if let Some(l) = &self.lets[i.0 as usize] {
                    size = self.size(&l.body);
                }
            }
            DefKind::Event(i) => {
                if let Some(event) = &self.events[i.0 as usize] {
                    size = self.collection_size(&event.collection);
                }
            }
            DefKind::Segment(i) => {
                if let Some(segment) = &self.segments[i.0 as usize] {
                    size = self.size(&segment.condition);
                    if let Some(rank) = &segment.rank {
                        size = size.saturating_add(self.size(&rank.by));
                    }
                }
            }
            DefKind::Param(_) | DefKind::Propensity(_) => {}
        }
        self.sizes[id.0] = size;
        if size > limits::NODES_PER_SEGMENT as u64 {
            self.report(errors::too_large(def.name, size));
        }
    }

    fn size(&self, expr: &Expr) -> u64 {
        let mut size = 1_u64;
        if let ExprKind::Let(id, _) = &expr.kind
            && let Some(used) = &self.lets[id.0 as usize]
            && let Some(def) = self.names.find(&used.name)
        {
            size = size.saturating_add(self.sizes[def.0]);
        }
        match &expr.kind {
            ExprKind::Aggregate { collection, .. } => size = size.saturating_add(self.via_size(collection)),
            ExprKind::Sequence(sequence) => {
                for step in &sequence.steps {
                    size = size.saturating_add(self.via_size(&step.collection));
                }
            }
            _ => {}
        }
        walk::children(expr, &mut |child| size = size.saturating_add(self.size(child)));
        size
    }

    fn collection_size(&self, collection: &hir::Collection) -> u64 {
        let mut size = self.via_size(collection);
        walk::collection_children(collection, &mut |part| size = size.saturating_add(self.size(part)));
        size
    }

    fn via_size(&self, collection: &hir::Collection) -> u64 {
        let hir::Source::Events { via, .. } = &collection.source else { return 1 };
        let of = |id: &hir::EventDefId| {
            let event = self.events[id.0 as usize].as_ref()?;
            self.names.find(&event.name).map(|def| self.sizes[def.0])
        };
        via.iter().filter_map(of).fold(1, u64::saturating_add)
    }
}

/// The value of a constant expression.
pub(super) fn constant_of(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Literal(value) => Some(value.clone()),
        ExprKind::List(items) => items.iter().map(constant_of).collect::<Option<Vec<Value>>>().map(Value::List),
        _ => None,
    }
}

/// A form for lists that are brought to one type outside of a test.
pub(super) fn list_form(span: Span) -> Form {
    Form { op: BinaryOp::HasAny, negated: false, ignoring_case: false, at: span, span }
}
