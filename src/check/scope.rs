//! What names can stand for where an expression is: subjects, `as` names, the parameters of a `let`.
//! Imports `hir` and `types`. Invariant: the innermost bare subject is the last one whose `bare` is set; the first
//! subject is always the profile.

use std::sync::Arc;

use crate::hir::{BinderId, Step};
use crate::schema::Schema;
use crate::types::{ObjectId, Ty, Type};

/// What a collection's elements are.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Subject {
    /// A profile, an event, an item.
    Object(ObjectId),
    /// An element of a list of scalars: `value`, or the `as` name itself.
    Scalar { ty: Ty, relationship: Option<Arc<str>> },
    /// An entry of a map: `key` and `value`.
    Entry { ty: Ty, relationship: Option<Arc<str>> },
    /// A group: `key`, and `group` as a source.
    Group { key: Type, element: Box<Subject> },
    /// Already reported: any name may be one of it.
    Error,
}

impl Subject {
    /// What an element is called in messages.
    pub fn a(&self) -> &'static str {
        match self {
            Subject::Object(_) => "an object",
            Subject::Scalar { .. } => "an element",
            Subject::Entry { .. } => "an entry of a map",
            Subject::Group { .. } => "a group",
            Subject::Error => "unknown",
        }
    }
}

/// A bound subject.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub binder: BinderId,
    pub subject: Subject,
    /// What it is in messages: "the profile", "the event", "the item".
    pub what: &'static str,
    /// `as name`
    pub alias: Option<String>,
    /// Whether bare names may start at it; the events of earlier steps are reached by their names only.
    pub bare: bool,
}

/// A parameter of the `let` whose body is checked.
#[derive(Debug, Clone)]
pub(super) struct LocalParam {
    pub name: String,
    pub ty: Type,
}

/// All that is bound at a place.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub subjects: Vec<Bound>,
    pub locals: Vec<LocalParam>,
}

impl Scope {
    /// The scope at the top of a definition.
    pub fn profile(profile: ObjectId) -> Scope {
        let subject = Bound {
            binder: BinderId::PROFILE,
            subject: Subject::Object(profile),
            what: "the profile",
            alias: None,
            bare: true,
        };
        Scope { subjects: vec![subject], locals: Vec::new() }
    }

    /// Where bare names start.
    pub fn innermost(&self) -> Option<&Bound> {
        self.subjects.iter().rev().find(|s| s.bare)
    }

    /// The subjects around the innermost one, nearest first.
    pub fn outer(&self) -> impl Iterator<Item = &Bound> {
        self.subjects.iter().rev().filter(|s| s.bare).skip(1)
    }

    /// The subject of an `as` name.
    pub fn alias(&self, name: &str) -> Option<&Bound> {
        self.subjects.iter().rev().find(|s| s.alias.as_deref() == Some(name))
    }
}

/// A place reached on the way down a path.
#[derive(Debug, Clone)]
pub(super) struct Cursor {
    pub binder: BinderId,
    pub steps: Vec<Step>,
    pub ty: Ty,
    pub optional: bool,
    pub relationship: Option<Arc<str>>,
    /// Whether a list was walked through: then the path's value is a list, empty where there is nothing.
    pub many: bool,
}

impl Cursor {
    fn new(binder: BinderId, steps: Vec<Step>, ty: Type, relationship: Option<Arc<str>>) -> Cursor {
        Cursor { binder, steps, ty: ty.ty, optional: ty.optional, relationship, many: false }
    }

    /// The type of the value of the path that ends here.
    pub fn value_type(&self) -> Type {
        match (&self.ty, self.many) {
            (Ty::Error, _) => Type::ERROR,
            (Ty::List(element), true) => Type::required(Ty::List(element.clone())),
            (ty, true) => Type::required(Ty::List(Box::new(ty.clone()))),
            (ty, false) => Type { ty: ty.clone(), optional: self.optional },
        }
    }
}

impl Bound {
    /// The subject itself, as the start of a path.
    pub fn cursor(&self) -> Option<Cursor> {
        match &self.subject {
            Subject::Object(id) => Some(Cursor::new(self.binder, Vec::new(), Type::required(Ty::Object(*id)), None)),
            Subject::Scalar { ty, relationship } => {
                Some(Cursor::new(self.binder, vec![Step::Item], Type::required(ty.clone()), relationship.clone()))
            }
            Subject::Error => Some(Cursor::new(self.binder, Vec::new(), Type::ERROR, None)),
            Subject::Entry { .. } | Subject::Group { .. } => None,
        }
    }

    /// A name of the subject: a field of its object, or `key` and `value`.
    pub fn name(&self, name: &str, schema: &Schema) -> Option<Cursor> {
        let start = |step, ty, relationship| Some(Cursor::new(self.binder, vec![step], ty, relationship));
        match &self.subject {
            Subject::Object(id) => {
                let field = schema.field(*id, name)?;
                let relationship = field.relationship.as_deref().map(Arc::from);
                start(Step::Field(name.into()), field.ty.clone(), relationship)
            }
            Subject::Scalar { ty, relationship } if name == "value" => {
                start(Step::Item, Type::required(ty.clone()), relationship.clone())
            }
            Subject::Entry { .. } if name == "key" => start(Step::EntryKey, Type::required(Ty::String), None),
            Subject::Entry { ty, relationship } if name == "value" => {
                start(Step::EntryValue, Type::required(ty.clone()), relationship.clone())
            }
            Subject::Group { key, .. } if name == "key" => start(Step::GroupKey, key.clone(), None),
            Subject::Scalar { .. } | Subject::Entry { .. } | Subject::Group { .. } => None,
            Subject::Error => None,
        }
    }

    /// The names of the subject.
    pub fn names<'s>(&self, schema: &'s Schema) -> Vec<&'s str> {
        match &self.subject {
            Subject::Object(id) => {
                schema.object(*id).map(|o| o.fields.keys().map(String::as_str).collect()).unwrap_or_default()
            }
            Subject::Scalar { .. } => vec!["value"],
            Subject::Entry { .. } => vec!["key", "value"],
            Subject::Group { .. } => vec!["key"],
            Subject::Error => Vec::new(),
        }
    }
}
