//! Functions over collections, custom events. Imports `source` and `window`. Invariant: a window stays on a collection
//! only if its source is events; on every other source it is part of the filter.

use super::checker::Checker;
use super::compare::has_float;
use super::names::Def;
use super::scope::{Bound, Subject};
use super::source::Found;
use super::{convert, digits, errors};
use crate::hir::{self, Aggregate, BinderId, Collection, Expr, ExprKind, Source, Step, Window};
use crate::schema::TIMESTAMP;
use crate::source::Span;
use crate::syntax::ast::{self, AggregateFn, Ident};
use crate::types::{Ty, Type};

/// A checked collection with what was checked in the scope of its elements.
pub(super) struct Opened<R> {
    pub collection: Collection,
    pub subject: Subject,
    pub ordered: bool,
    pub inner: R,
}

impl<'a> Checker<'a> {
    /// Any function over a collection.
    pub fn aggregate(&mut self, expr: &ast::Expr) -> Expr {
        let ast::ExprKind::Aggregate { function, distinct, value, collection, satisfy } = &expr.kind else {
            return Expr::error(expr.span);
        };
        let opened = self.open(collection, |checker| match (function.node, value, satisfy) {
            (AggregateFn::All, _, Some(satisfy)) => Some(checker.predicate(satisfy)),
            (_, Some(value), _) => Some(checker.expr(value, None)),
            _ => None,
        });
        let mut failed = collection_failed(&opened.collection);
        if opened.inner.as_ref().is_some_and(|value| value.is_error() && function.node != AggregateFn::All) {
            failed = true;
        }
        if failed {
            return predicate_error(function.node, expr.span);
        }
        let made = self.function(function, *distinct, opened.inner, &opened.subject, opened.ordered, expr.span);
        let Some((function, ty)) = made else { return Expr::error(expr.span) };
        let kind = ExprKind::Aggregate { function, collection: Box::new(opened.collection) };
        Expr { kind, ty, span: expr.span }
    }

    fn function(
        &mut self,
        function: &ast::Spanned<AggregateFn>,
        distinct: bool,
        value: Option<Expr>,
        subject: &Subject,
        ordered: bool,
        span: Span,
    ) -> Option<(Aggregate, Type)> {
        let at = function.span;
        match (function.node, value) {
            (AggregateFn::Any, _) => Some((Aggregate::Any, Type::BOOL)),
            (AggregateFn::None, _) => Some((Aggregate::None, Type::BOOL)),
            (AggregateFn::All, Some(satisfy)) => Some((Aggregate::All(Box::new(satisfy)), Type::BOOL)),
            (AggregateFn::Count, Some(value)) if distinct => {
                self.scalar_value(&value, "count distinct")?;
                if has_float(&value.ty.ty) {
                    self.report(errors::float_distinct(&value));
                    return None;
                }
                Some((Aggregate::CountDistinct(Box::new(value)), Type::required(Ty::Int)))
            }
            (AggregateFn::Count, None) => Some((Aggregate::Count, Type::required(Ty::Int))),
            (AggregateFn::Count, Some(value)) => {
                self.report(errors::count_of_values(&value, at));
                None
            }
            (_, Some(value)) => self.value_function(function.node, value, subject, ordered, at),
            (AggregateFn::All, None) => None,
            (_, None) => {
                self.report(errors::function_needs_value(function.node, span));
                None
            }
        }
    }

    /// A value that is added up, and its type: a decimal keeps as many digits as leave room for the sum.
    fn summand(&mut self, value: Expr, ty: Ty, at: Span) -> Option<(Expr, Ty)> {
        let Ty::Decimal(wide) = ty else { return Some((value, ty)) };
        let Some(narrow) = digits::summand(wide) else {
            self.report(errors::too_many_digits_to_sum(wide, at));
            return None;
        };
        let ty = Ty::Decimal(narrow);
        Some((if narrow == wide { value } else { convert::widen(value, &ty, true) }, ty))
    }

    fn value_function(
        &mut self,
        function: AggregateFn,
        value: Expr,
        subject: &Subject,
        ordered: bool,
        at: Span,
    ) -> Option<(Aggregate, Type)> {
        let name = crate::syntax::token::aggregate_name(function);
        let ty = self.scalar_value(&value, name)?;
        let boxed = |value| Box::new(value);
        match function {
            AggregateFn::Sum | AggregateFn::Average => {
                if !ty.is_number() {
                    self.report(errors::not_summable(name, &value, at));
                    return None;
                }
                let (value, ty) = self.summand(value, ty, at)?;
                let digits = |ty: &Ty| match ty {
                    Ty::Decimal(digits) => Some(*digits),
                    _ => digits::of(&Expr { kind: ExprKind::Error, ty: Type::required(ty.clone()), span: at }),
                };
                if function == AggregateFn::Average {
                    let mean = if ty == Ty::Float { Ty::Float } else { Ty::Decimal(digits::mean(digits(&ty)?)) };
                    return Some((Aggregate::Average(boxed(value)), Type::optional(mean)));
                }
                let result = match &ty {
                    Ty::Decimal(d) => Type::required(Ty::Decimal(digits::total(*d))),
                    // Beyond 64 bits, or not finite, there is no sum.
                    other => Type::optional(other.clone()),
                };
                Some((Aggregate::Sum(boxed(value)), result))
            }
            AggregateFn::Min | AggregateFn::Max => {
                let probe = Expr { kind: ExprKind::Error, ty: Type::required(ty.clone()), span: value.span };
                if !self.is_ordered(&probe, if function == AggregateFn::Min { "`min`" } else { "`max`" }) {
                    return None;
                }
                let make = if function == AggregateFn::Min { Aggregate::Min } else { Aggregate::Max };
                Some((make(boxed(value)), Type::optional(ty)))
            }
            AggregateFn::First | AggregateFn::Last => {
                if !ordered || matches!(subject, Subject::Group { .. }) {
                    self.report(errors::no_first(name, subject, at));
                    return None;
                }
                if matches!(value.ty.ty, Ty::List(_)) {
                    self.report(errors::first_of_lists(name, &value));
                    return None;
                }
                let make = if function == AggregateFn::First { Aggregate::First } else { Aggregate::Last };
                Some((make(boxed(value)), Type::optional(ty)))
            }
            _ => Some((Aggregate::List(boxed(value)), Type::required(Ty::List(Box::new(ty))))),
        }
    }

    /// The type of the single values that a function over a collection reads; of a list its elements are read.
    fn scalar_value(&mut self, value: &Expr, function: &str) -> Option<Ty> {
        let ty = match &value.ty.ty {
            Ty::List(element) => &**element,
            ty => ty,
        };
        if matches!(ty, Ty::Object(_) | Ty::Map(_) | Ty::List(_)) {
            self.report(errors::aggregates_objects(function, value));
            return None;
        }
        Some(ty.clone())
    }

    /// Checks a collection and, with its elements as the innermost subject, what `inner` checks.
    pub fn open<R>(&mut self, collection: &ast::Collection, inner: impl FnOnce(&mut Self) -> R) -> Opened<R> {
        let found = self.source(&collection.source);
        let failed = found.is_none();
        let found = found.unwrap_or_else(|| Found::error(collection.span));
        let window = collection.window.as_ref().map(|w| (self.window(w), w.span));
        let binder = self.fresh_binder();
        if let Some(alias) = &collection.alias {
            self.check_alias(alias, &found.subject);
        }
        self.scope.subjects.push(Bound {
            binder,
            subject: found.subject.clone(),
            what: found.what,
            alias: collection.alias.as_ref().map(|a| a.node.clone()),
            bare: true,
        });
        let window_failed = matches!(window, Some((None, _)));
        let window = window.and_then(|(w, span)| Some((w?, span)));
        let (window, as_filter) = match window {
            Some((window, _)) if matches!(found.source, Source::Events { .. }) => (Some(window), None),
            Some((window, span)) => (None, self.window_as_filter(window, binder, &found.subject, span)),
            None => (None, None),
        };
        let written = collection.filter.as_ref().map(|f| self.predicate(f));
        let filter = match (as_filter, written) {
            (Some(a), Some(b)) => {
                let span = a.span.to(b.span);
                Some(Expr::predicate(ExprKind::And(vec![a, b]), span))
            }
            (a, b) => a.or(b),
        };
        let inner = inner(self);
        self.scope.subjects.pop();
        let element = if failed || window_failed { Ty::Error } else { element_type(&found.subject) };
        Opened {
            collection: Collection {
                source: found.source,
                binder,
                element,
                window,
                filter: filter.map(Box::new),
                span: collection.span,
            },
            subject: found.subject,
            ordered: found.ordered,
            inner,
        }
    }

    /// An `as` name hides nothing that can be named there.
    fn check_alias(&mut self, alias: &Ident, subject: &Subject) {
        let name = alias.node.as_str();
        let hidden = if self.scope.alias(name).is_some() {
            "another `as` name"
        } else if self.scope.locals.iter().any(|l| l.name == name) {
            "a parameter"
        } else if let Some(def) = self.names.find(name) {
            self.names.defs[def.0].kind.a()
        } else {
            let own = Bound { binder: BinderId(0), subject: subject.clone(), what: "", alias: None, bare: true };
            if own.name(name, &self.schema).is_some() {
                "a field of what it names"
            } else if self.scope.innermost().is_some_and(|s| s.name(name, &self.schema).is_some()) {
                "a field"
            } else {
                return;
            }
        };
        self.report(errors::hides(alias, hidden));
    }

    /// A window on what is no event: on its timestamp, or on the date or timestamp that it is.
    fn window_as_filter(&mut self, window: Window, binder: BinderId, subject: &Subject, span: Span) -> Option<Expr> {
        let value = match subject {
            Subject::Object(id) => match self.schema.field(*id, TIMESTAMP) {
                Some(field) if matches!(field.ty.ty, Ty::Date | Ty::Timestamp) => {
                    Expr::path(binder, vec![Step::Field(TIMESTAMP.into())], field.ty.clone(), span)
                }
                _ => {
                    self.report(errors::window_without_time(subject, span));
                    return None;
                }
            },
            Subject::Scalar { ty: ty @ (Ty::Date | Ty::Timestamp), .. } => {
                Expr::path(binder, vec![Step::Item], Type::required(ty.clone()), span)
            }
            Subject::Error => return None,
            Subject::Scalar { .. } | Subject::Entry { .. } | Subject::Group { .. } => {
                self.report(errors::window_without_time(subject, span));
                return None;
            }
        };
        Some(self.in_window(value, window, false, false, span))
    }

    fn source(&mut self, source: &ast::Source) -> Option<Found> {
        match source {
            ast::Source::Path(path) => self.source_path(path),
            ast::Source::Top { bottom, count, of, by } => {
                let count = self.count(count, if *bottom { "`bottom`" } else { "`top`" });
                let opened = self.open(of, |checker| checker.expr(by, None));
                let by = opened.inner;
                let word = if *bottom { "`bottom … by`" } else { "`top … by`" };
                if collection_failed(&opened.collection) || !self.is_ordered(&by, word) {
                    return None;
                }
                let (subject, what) = (opened.subject, "the element");
                let source = Source::Top {
                    of: Box::new(opened.collection),
                    by: Box::new(by),
                    count: count?,
                    descending: !bottom,
                };
                Some(Found { source, subject, what, ordered: opened.ordered })
            }
            ast::Source::Groups { of, by } => self.groups(of, by),
            ast::Source::Error(_) => None,
        }
    }

    fn groups(&mut self, of: &ast::Collection, by: &ast::Expr) -> Option<Found> {
        let opened = self.open(of, |checker| checker.expr(by, None));
        let by = opened.inner;
        if collection_failed(&opened.collection) || by.is_error() {
            return None;
        }
        if matches!(opened.subject, Subject::Group { .. }) {
            self.report(errors::groups_of_groups(of.span));
            return None;
        }
        if matches!(by.ty.ty, Ty::List(_) | Ty::Map(_) | Ty::Object(_)) || has_float(&by.ty.ty) {
            self.report(errors::no_group_key(&by));
            return None;
        }
        let key = Type::required(by.ty.ty.clone());
        let source = Source::Groups { of: Box::new(opened.collection), by: Box::new(by) };
        let subject = Subject::Group { key, element: Box::new(opened.subject) };
        Some(Found { source, subject, what: "the group", ordered: false })
    }

    /// `event name = collection`
    pub fn check_event(&mut self, def: Def<'a>, collection: &ast::Collection) -> hir::EventDef {
        let opened = self.open(collection, |_| ());
        let mut made = opened.collection;
        let is_events = matches!(made.source, Source::Events { .. });
        if !is_events {
            if !collection_failed(&made) {
                self.report(errors::not_an_event(collection.span, &opened.subject));
            }
            made.source = Source::Events { event_type: None, via: Vec::new() };
            made.element = Ty::Error;
        }
        hir::EventDef { name: def.name.node.clone(), span: def.name.span, collection: made, docs: def.docs.to_owned() }
    }
}

fn element_type(subject: &Subject) -> Ty {
    match subject {
        Subject::Object(id) => Ty::Object(*id),
        Subject::Scalar { ty, .. } | Subject::Entry { ty, .. } => ty.clone(),
        Subject::Group { key, .. } => key.ty.clone(),
        Subject::Error => Ty::Error,
    }
}

/// Whether a collection's source or window is in error, so that its elements are unknown.
pub(super) fn collection_failed(collection: &Collection) -> bool {
    collection.element == Ty::Error
}

fn predicate_error(function: AggregateFn, span: Span) -> Expr {
    match function {
        AggregateFn::Any | AggregateFn::None | AggregateFn::All => Expr::predicate(ExprKind::Error, span),
        _ => Expr::error(span),
    }
}
