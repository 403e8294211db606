//! What a path means where a value stands: `as` names, the innermost subject, definitions; relationships followed,
//! lists walked through, keys of maps. Imports `scope`. Invariant: every step that comes out exists in the schema.

use std::sync::Arc;

use super::checker::Checker;
use super::errors;
use super::names::{DefId, DefKind};
use super::scope::{Cursor, Subject};
use crate::hir::{BinderId, Expr, ExprKind, Step};
use crate::schema::PROPENSITY;
use crate::source::Span;
use crate::syntax::ast::{Ident, Path, PathStep};
use crate::types::{BUCKETS, Ty, Type, Value};

/// The word for the profile, from any scope.
pub(super) const PROFILE: &str = "profile";

/// What the first name of a path is.
pub(super) enum Root {
    /// A place in a subject; this many steps of the path are used up.
    At(Cursor, usize),
    /// A parameter of the `let`.
    Local(usize),
    Definition(DefId),
    /// Not a name of anything here.
    Unknown,
    /// Already reported.
    Error,
}

impl Checker<'_> {
    /// A path where a value stands.
    pub fn path(&mut self, path: &Path, hint: Option<&Ty>) -> Expr {
        if let Some(bucket) = bucket_word(path, hint) {
            return Expr::literal(Value::Bucket(bucket), Ty::Bucket, path.span);
        }
        match self.root(path) {
            Root::At(cursor, used) => {
                let steps = path.steps.get(used..).unwrap_or_default();
                match self.walk(cursor, steps, path) {
                    Some(cursor) => value_of(cursor, path.span),
                    None => Expr::error(path.span),
                }
            }
            Root::Local(index) => {
                let ty = self.scope.locals[index].ty.clone();
                self.keyed(Expr { kind: ExprKind::Local(index), ty, span: path.root.span }, path)
            }
            Root::Definition(def) => self.definition_value(def, path),
            Root::Unknown => {
                self.report_unknown(path, hint);
                Expr::error(path.span)
            }
            Root::Error => Expr::error(path.span),
        }
    }

    /// Finds the first name of a path.
    pub fn root(&mut self, path: &Path) -> Root {
        let name = path.root.node.as_str();
        if name.is_empty() {
            return Root::Error;
        }
        if name == PROFILE {
            return Root::At(self.profile(), 0);
        }
        if name == PROPENSITY
            && let Some(cursor) = self.scope.subjects.first().and_then(|p| p.name(name, &self.schema))
        {
            return Root::At(cursor, 0);
        }
        if let Some(index) = self.scope.locals.iter().position(|l| l.name == name) {
            return Root::Local(index);
        }
        if let Some(root) = self.alias_root(path) {
            return root;
        }
        if let Some(cursor) = self.scope.innermost().and_then(|s| s.name(name, &self.schema)) {
            // Which of the two was meant is not known; the definition is reported.
            let is_hidden = self.names.find(name).is_some() && self.hidden_by(name).is_some();
            return if is_hidden { Root::Error } else { Root::At(cursor, 0) };
        }
        if let Some(def) = self.names.find(name) {
            return Root::Definition(def);
        }
        match self.scope.innermost().map(|s| &s.subject) {
            Some(Subject::Error) => Root::Error,
            _ => Root::Unknown,
        }
    }

    /// The profile, as the start of a path.
    pub fn profile(&self) -> Cursor {
        let ty = Ty::Object(self.schema.profile);
        Cursor { binder: BinderId::PROFILE, steps: Vec::new(), ty, optional: false, relationship: None, many: false }
    }

    fn alias_root(&mut self, path: &Path) -> Option<Root> {
        let bound = self.scope.alias(&path.root.node)?;
        if let Some(cursor) = bound.cursor() {
            return Some(Root::At(cursor, 0));
        }
        // An entry or a group: its `key` or `value` must follow.
        let (what, names) = (bound.subject.a(), bound.names(&self.schema));
        match path.steps.first() {
            Some(PathStep::Field(field)) => match bound.name(&field.node, &self.schema) {
                Some(cursor) => Some(Root::At(cursor, 1)),
                None => {
                    self.report(errors::not_of_subject(field, what, &names));
                    Some(Root::Error)
                }
            },
            Some(PathStep::Key(_)) | None => {
                self.report(errors::subject_as_value(&path.root, what, &names));
                Some(Root::Error)
            }
            Some(PathStep::Hole(_)) => Some(Root::Error),
        }
    }

    /// Goes down a path; `None` where it leaves the schema, which is reported.
    pub fn walk(&mut self, mut cursor: Cursor, steps: &[PathStep], path: &Path) -> Option<Cursor> {
        for step in steps {
            cursor = match step {
                PathStep::Field(name) => self.field(cursor, name, path)?,
                PathStep::Key(key) => self.key(cursor, &key.node, key.span)?,
                PathStep::Hole(_) => return None,
            };
        }
        Some(cursor)
    }

    fn field(&mut self, cursor: Cursor, name: &Ident, path: &Path) -> Option<Cursor> {
        let cursor = self.follow(each(cursor));
        let Ty::Object(object) = cursor.ty else {
            if cursor.ty != Ty::Error {
                self.report(errors::no_fields(&cursor.ty, name, path));
            }
            return None;
        };
        let schema = self.schema.clone();
        match schema.field(object, &name.node) {
            Some(field) => {
                let mut next = cursor;
                next.steps.push(Step::Field(name.node.as_str().into()));
                next.optional |= field.ty.optional;
                next.ty = field.ty.ty.clone();
                next.relationship = field.relationship.as_deref().map(Arc::from);
                Some(next)
            }
            None => {
                self.report(errors::unknown_attribute(&schema, object, name, path));
                None
            }
        }
    }

    /// From a key to the object that it points at.
    fn follow(&self, mut cursor: Cursor) -> Cursor {
        if matches!(cursor.ty, Ty::Object(_))
            || cursor.relationship.is_none()
            || !matches!(cursor.ty, Ty::String | Ty::Int | Ty::Enum(_))
        {
            return cursor;
        }
        let class = cursor.relationship.take();
        if let Some(name) = class
            && let Some(class) = self.schema.classes.get(&*name)
        {
            cursor.steps.push(Step::Follow(name));
            cursor.ty = Ty::Object(class.object);
            cursor.optional = true;
        }
        cursor
    }

    fn key(&mut self, cursor: Cursor, key: &str, span: Span) -> Option<Cursor> {
        let mut cursor = each(cursor);
        match cursor.ty {
            Ty::Map(value) => {
                cursor.steps.push(Step::Key(key.into()));
                cursor.ty = *value;
                cursor.optional = true;
                Some(cursor)
            }
            Ty::Error => None,
            ty => {
                self.report(errors::key_of_no_map(&ty, key, span));
                None
            }
        }
    }

    /// A value of a definition, with `["key"]` behind it if it is a map.
    fn keyed(&mut self, mut value: Expr, path: &Path) -> Expr {
        for step in &path.steps {
            value = match (step, value.ty.ty.clone()) {
                (_, Ty::Error) => return Expr::error(path.span),
                (PathStep::Key(key), Ty::Map(inner)) => Expr {
                    span: value.span.to(key.span),
                    ty: Type::optional(*inner),
                    kind: ExprKind::Entry { map: Box::new(value), key: key.node.clone() },
                },
                (PathStep::Key(key), ty) => {
                    self.report(errors::key_of_no_map(&ty, &key.node, key.span));
                    return Expr::error(path.span);
                }
                (PathStep::Field(name), ty) => {
                    self.report(errors::no_fields(&ty, name, path));
                    return Expr::error(path.span);
                }
                (PathStep::Hole(_), _) => return Expr::error(path.span),
            };
        }
        value
    }

    /// A definition's name where a value stands.
    fn definition_value(&mut self, def: DefId, path: &Path) -> Expr {
        let at = path.root.span;
        let definition = self.names.defs[def.0];
        if !self.is_visible(def, at) || !self.demand(def, at) {
            return Expr::error(path.span);
        }
        let value = match definition.kind {
            DefKind::Let(id) => {
                let Some(definition) = &self.lets[id.0 as usize] else { return Expr::error(path.span) };
                if !definition.params.is_empty() {
                    let diagnostic = errors::call_without_arguments(&definition.name, &definition.params, at);
                    self.report(diagnostic);
                    return Expr::error(path.span);
                }
                Expr { kind: ExprKind::Let(id, Vec::new()), ty: definition.body.ty.clone(), span: at }
            }
            DefKind::Param(id) => {
                let Some(param) = &self.params[id.0 as usize] else { return Expr::error(path.span) };
                Expr { kind: ExprKind::Param(id), ty: param.ty.clone(), span: at }
            }
            DefKind::Segment(id) => Expr::predicate(ExprKind::Segment(id), at),
            DefKind::Event(_) | DefKind::Propensity(_) => {
                self.report(errors::wrong_kind(&path.root, definition.kind));
                return Expr::error(path.span);
            }
        };
        self.keyed(value, path)
    }

    /// Whether the file at hand imports the one that defines a name; reported if not.
    pub fn is_visible(&mut self, def: DefId, at: Span) -> bool {
        let definition = self.names.defs[def.0];
        if self.names.sees(at, definition.name.span) {
            return true;
        }
        let import = self.names.import_text(at, definition.name.span);
        self.report(errors::not_imported(definition.name, &import, at));
        false
    }
}

/// From a list to each of its elements.
fn each(mut cursor: Cursor) -> Cursor {
    while let Ty::List(element) = cursor.ty {
        cursor.steps.push(Step::Each);
        cursor.ty = *element;
        cursor.many = true;
        cursor.optional = true;
    }
    cursor
}

fn value_of(mut cursor: Cursor, span: Span) -> Expr {
    let ty = cursor.value_type();
    // A list behind a list is walked through too: its elements are the path's.
    if cursor.many && matches!(cursor.ty, Ty::List(_)) {
        cursor.steps.push(Step::Each);
    }
    Expr::path(cursor.binder, cursor.steps, ty, span)
}

/// `low`, `medium` or `high` beside a bucket.
fn bucket_word(path: &Path, hint: Option<&Ty>) -> Option<u8> {
    if !path.steps.is_empty() || !matches!(hint, Some(Ty::Bucket)) {
        return None;
    }
    BUCKETS.iter().position(|b| *b == path.root.node).map(|i| i as u8)
}
