//! What a path means inside `any(…)`, `count(…)`, a step: a list or map of an `as` name or of the innermost subject, a
//! custom event, an event type of the schema. Imports `path` and `scope`. Invariant: the events of a source are always
//! the profile's, wherever it stands.

use std::sync::Arc;

use super::checker::Checker;
use super::errors;
use super::names::{DefId, DefKind};
use super::path::{PROFILE, Root};
use super::scope::{Cursor, Subject};
use crate::hir::{self, Expr, ExprKind, Source};
use crate::syntax::ast::{Path, PathStep};
use crate::types::{Ty, Type};

/// The word for events of every type.
const EVENTS: &str = "events";
/// The word for the elements of a group.
const GROUP: &str = "group";

/// A resolved source.
pub(super) struct Found {
    pub source: Source,
    pub subject: Subject,
    /// What an element is called: "the event", "the item".
    pub what: &'static str,
    /// Whether its elements have an order in which one is first.
    pub ordered: bool,
}

impl Found {
    /// After an error: any name may be one of its elements.
    pub fn error(span: crate::source::Span) -> Found {
        Found {
            source: Source::Values(Box::new(Expr::error(span))),
            subject: Subject::Error,
            what: "the element",
            ordered: true,
        }
    }
}

impl Checker<'_> {
    /// Resolves a path in source position; `None` if it names nothing to go through, which is reported.
    pub fn source_path(&mut self, path: &Path) -> Option<Found> {
        let name = path.root.node.as_str();
        if name.is_empty() || path.steps.iter().any(|s| matches!(s, PathStep::Hole(_))) {
            return None;
        }
        if is_events(path) {
            return Some(self.events_of(None, Vec::new()));
        }
        if let Some(found) = self.members(path) {
            return found;
        }
        // A field, `as` name or parameter first; where it is no list or map, an event may have the same name.
        let root = if self.names_event(path) { self.quietly(|c| c.root(path)) } else { self.root(path) };
        match root {
            Root::At(cursor, used) => self.source_at(path, cursor, used),
            Root::Local(index) => {
                let ty = self.scope.locals[index].ty.clone();
                self.source_value(Expr { kind: ExprKind::Local(index), ty, span: path.span }, path)
            }
            Root::Definition(def) => self.source_definition(def, path),
            Root::Unknown => self.event_type(path).or_else(|| {
                self.report_unknown_source(path);
                None
            }),
            Root::Error => None,
        }
    }

    fn source_at(&mut self, path: &Path, cursor: Cursor, used: usize) -> Option<Found> {
        let steps = path.steps.get(used..).unwrap_or_default();
        if !self.names_event(path) {
            if self.quietly(|c| c.walk(cursor.clone(), steps, path)).is_none() && self.near_event_type(path) {
                self.report_unknown_source(path);
                return None;
            }
            let end = self.walk(cursor, steps, path)?;
            return self.list_or_map(end, path);
        }
        // `commerce.purchases` inside an event: its field `commerce.purchases` is no list, so the event type is meant.
        match self.quietly(|c| c.walk(cursor, steps, path)) {
            Some(end) if end.many || matches!(end.ty, Ty::List(_) | Ty::Map(_)) => self.list_or_map(end, path),
            _ => match self.names.find(&path.root.node) {
                Some(def) if path.steps.is_empty() => self.source_definition(def, path),
                _ => self.event_type(path),
            },
        }
    }

    /// What `f` finds, without its reports.
    fn quietly<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.diagnostics.len();
        let result = f(self);
        self.diagnostics.truncate(before);
        result
    }

    fn list_or_map(&mut self, end: Cursor, path: &Path) -> Option<Found> {
        let relationship = end.relationship.clone();
        let place = hir::Path { subject: end.binder, steps: end.steps };
        match end.ty {
            Ty::List(element) => {
                let (subject, what) = element_subject(*element, relationship);
                Some(Found { source: Source::List(place), subject, what, ordered: true })
            }
            Ty::Map(value) => {
                let subject = Subject::Entry { ty: *value, relationship };
                Some(Found { source: Source::Entries(place), subject, what: "the entry", ordered: false })
            }
            // A field of each element of a list: the list of its values.
            ty if end.many && !matches!(ty, Ty::Object(_) | Ty::Error) => {
                let list = Type::required(Ty::List(Box::new(ty.clone())));
                let value = Expr { kind: ExprKind::Path(place), ty: list, span: path.span };
                let subject = Subject::Scalar { ty, relationship };
                Some(Found { source: Source::Values(Box::new(value)), subject, what: "the value", ordered: true })
            }
            Ty::Error => None,
            ty => {
                self.report(errors::not_a_collection(path, &ty));
                None
            }
        }
    }

    /// A list that is computed: a parameter or a definition.
    fn source_value(&mut self, value: Expr, path: &Path) -> Option<Found> {
        if !path.steps.is_empty() {
            self.report(errors::not_a_collection(path, &value.ty.ty));
            return None;
        }
        match value.ty.ty.clone() {
            Ty::List(element) if !matches!(*element, Ty::Object(_)) => {
                let subject = Subject::Scalar { ty: *element, relationship: None };
                Some(Found { source: Source::Values(Box::new(value)), subject, what: "the value", ordered: true })
            }
            Ty::Error => None,
            ty => {
                self.report(errors::not_a_collection(path, &ty));
                None
            }
        }
    }

    fn source_definition(&mut self, def: DefId, path: &Path) -> Option<Found> {
        let at = path.root.span;
        let definition = self.names.defs[def.0];
        match definition.kind {
            DefKind::Event(id) => {
                if !self.is_visible(def, at) || !self.demand(def, at) {
                    return None;
                }
                if !path.steps.is_empty() {
                    self.report(errors::steps_behind_event(path));
                    return None;
                }
                let event = self.events[id.0 as usize].as_ref()?;
                let Source::Events { event_type, via } = &event.collection.source else { return None };
                let via = std::iter::once(id).chain(via.iter().copied()).collect();
                let event_type = event_type.clone();
                Some(self.events_of(event_type, via))
            }
            DefKind::Let(_) | DefKind::Param(_) => {
                let value = self.path(path, None);
                if value.is_error() {
                    return None;
                }
                let whole = Path { root: path.root.clone(), steps: Vec::new(), span: path.span };
                self.source_value(value, &whole)
            }
            DefKind::Segment(_) | DefKind::Propensity(_) => {
                if let Some(found) = self.event_type(path) {
                    return Some(found);
                }
                self.report(errors::not_a_source(&path.root, definition.kind));
                None
            }
        }
    }

    /// An event type of the schema.
    fn event_type(&mut self, path: &Path) -> Option<Found> {
        let name = event_name(path)?;
        let (known, _) = self.schema.event_types.get_key_value(&name)?;
        let name: Arc<str> = known.as_str().into();
        Some(self.events_of(Some(name), Vec::new()))
    }

    fn events_of(&self, event_type: Option<Arc<str>>, via: Vec<hir::EventDefId>) -> Found {
        Found {
            source: Source::Events { event_type, via },
            subject: Subject::Object(self.schema.event),
            what: "the event",
            ordered: true,
        }
    }

    /// Whether a path is the name of an event: of the schema or a custom one.
    fn names_event(&self, path: &Path) -> bool {
        let custom = path.steps.is_empty()
            && self.names.find(&path.root.node).is_some_and(|d| matches!(self.names.defs[d.0].kind, DefKind::Event(_)));
        custom || event_name(path).is_some_and(|name| self.schema.event_types.contains_key(&name))
    }

    /// `group`, or `g.group` of a group named `g`.
    fn members(&mut self, path: &Path) -> Option<Option<Found>> {
        let bound = match path.steps.as_slice() {
            [] if path.root.node == GROUP => {
                self.scope.subjects.iter().rev().find(|s| s.bare && matches!(s.subject, Subject::Group { .. }))?
            }
            [PathStep::Field(name)] if name.node == GROUP => self.scope.alias(&path.root.node)?,
            _ => return None,
        };
        let Subject::Group { element, .. } = &bound.subject else { return None };
        let what = if **element == Subject::Object(self.schema.event) { "the event" } else { "the item" };
        Some(Some(Found { source: Source::Members(bound.binder), subject: (**element).clone(), what, ordered: true }))
    }
}

/// What the elements of a list are.
fn element_subject(element: Ty, relationship: Option<Arc<str>>) -> (Subject, &'static str) {
    match element {
        Ty::Object(id) => (Subject::Object(id), "the item"),
        ty => (Subject::Scalar { ty, relationship }, "the value"),
    }
}

/// The name of the event type that a path would be.
pub(super) fn event_name(path: &Path) -> Option<String> {
    let mut name = path.root.node.clone();
    for step in &path.steps {
        let PathStep::Field(field) = step else { return None };
        name.push('.');
        name.push_str(&field.node);
    }
    Some(name)
}

fn is_events(path: &Path) -> bool {
    let root = path.root.node.as_str();
    match path.steps.as_slice() {
        [] => root == EVENTS,
        [PathStep::Field(field)] => root == PROFILE && field.node == EVENTS,
        _ => false,
    }
}
