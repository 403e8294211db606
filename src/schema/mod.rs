//! The data that segments speak about: the profile, its events and the classes that both may refer to, composed
//! from JSON schemas into one flat table of objects. Names only `types`, `source` and `diagnostics`; does no IO (texts
//! are handed in). Invariant: every [`ObjectId`] in a schema is an index into its [`Schema::objects`]; objects may
//! refer to each other in a circle, so whoever walks down guards against it.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::types::{EnumType, ObjectId, Ty, Type};

mod build;
mod compact;
mod compose;
mod errors;
mod files;
mod fingerprint;
pub use fingerprint::digest;
mod infer;
mod json;
mod leaves;
mod load;
mod observed;
mod reader;
mod shape;
mod show;
mod xdm;

pub use build::{ClassFields, build};
pub use files::{SchemaFile, is_schema_file, read_folder};
pub use infer::{InferredClass, Roles, guess_roles, infer};
pub use leaves::Leaves;
pub use load::{Loaded, load};
pub use observed::Observed;
pub use show::{ShowFormat, ShowOptions, show};

/// A composed schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// Every object, nested ones too.
    pub objects: Vec<Object>,
    /// The record of one person.
    pub profile: ObjectId,
    /// One event of a person. Which event belongs to whom is told by the data's mapping, not here.
    pub event: ObjectId,
    /// Classes that a field may point at (a product, a store), by name.
    pub classes: IndexMap<String, Class>,
    /// The types that an event may have, by the value of its `eventType`, in the schema's order.
    pub event_types: IndexMap<String, EventType>,
    /// Whether data may hold event types that are not listed; an unknown one is then a warning, not an error.
    pub event_types_open: bool,
}

/// A class that fields point at.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// Its record.
    pub object: ObjectId,
    /// The path of its primary key, a `string` or an `int`, from the record down.
    pub key: Vec<String>,
    /// A short name for people; may be empty.
    pub title: String,
    /// What it is; may be empty.
    pub description: String,
}

/// An object: fields by name, in the schema's order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object {
    /// A name for people and listings; nothing is looked up by it.
    pub name: String,
    /// Its fields. An object without fields is one whose insides the schema does not tell.
    pub fields: IndexMap<String, Field>,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// What it holds.
    pub ty: Type,
    /// A short name for people; may be empty.
    pub title: String,
    /// What it means; may be empty.
    pub description: String,
    /// Data usage labels such as `C1` (contract) or `S1` (sensitive), sorted.
    pub labels: Vec<String>,
    /// The class, a key of [`Schema::classes`], whose record the field's value is the key of.
    pub relationship: Option<String>,
}

/// A type of event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventType {
    /// A short name for people; may be empty.
    pub title: String,
    /// When such an event happens; may be empty.
    pub description: String,
}

/// The object of the profile that holds a project's propensities.
pub const PROPENSITY: &str = "propensity";
/// The field of an event that holds its type.
pub const EVENT_TYPE: &str = "eventType";
/// The field of an event that holds its instant.
pub const TIMESTAMP: &str = "timestamp";
/// The field of a profile, an event or another record that identifies it.
pub const ID: &str = "_id";

impl Schema {
    /// The object of an id; `None` for an id of another schema.
    pub fn object(&self, id: ObjectId) -> Option<&Object> {
        self.objects.get(id.0 as usize)
    }

    /// A field of an object by its name.
    pub fn field(&self, object: ObjectId, name: &str) -> Option<&Field> {
        self.object(object)?.fields.get(name)
    }

    /// The field at the end of a path, through lists and the values of maps; `None` where the path leaves the schema.
    pub fn field_at<'a>(&self, object: ObjectId, path: impl IntoIterator<Item = &'a str>) -> Option<&Field> {
        let mut here = Some(object);
        let mut found = None;
        for name in path {
            let field = self.field(here?, name)?;
            here = field.ty.ty.inner_object();
            found = Some(field);
        }
        found
    }

    /// The class that a field points at.
    pub fn related(&self, field: &Field) -> Option<&Class> {
        self.classes.get(field.relationship.as_deref()?)
    }

    /// The leaves below an object: every field that holds no further fields, with its dotted path. Lists are walked
    /// through, so the path is the one that a segment would write; the values of a map add a `*`. An object that
    /// holds itself ends the walk there and counts as a leaf.
    pub fn leaves(&self, object: ObjectId) -> Leaves<'_> {
        Leaves::new(self, object)
    }
}

impl Field {
    /// A field of a type, with nothing else known of it.
    pub fn new(ty: Type) -> Self {
        Field { ty, title: String::new(), description: String::new(), labels: Vec::new(), relationship: None }
    }
}

impl Ty {
    /// The object at the bottom of lists and maps of it, if that is what this is.
    pub fn inner_object(&self) -> Option<ObjectId> {
        let mut ty = self;
        while let Ty::List(inner) | Ty::Map(inner) = ty {
            ty = inner;
        }
        if let Ty::Object(id) = ty { Some(*id) } else { None }
    }
}

/// A closed enum of these values, without titles; for schemas made in code.
pub fn closed_enum<'a>(values: impl IntoIterator<Item = &'a str>) -> Ty {
    let values = values.into_iter().map(|v| (v.to_owned(), String::new())).collect();
    Ty::Enum(Arc::new(EnumType { values, open: false }))
}
