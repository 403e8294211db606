//! Every column that a program could read of a schema: what a store holds. Names only `plan`, `schema` and `types`.
//! Invariant: a column that a program reads is among them, or is read at a key of a map that is ([`super::keys`]).

use std::sync::Arc;

use crate::plan::needs::stored;
use crate::plan::{FieldPath, FieldStep, Needs, Space};
use crate::schema::Schema;
use crate::types::{ObjectId, Ty, Type};

/// How deep objects, lists and maps nest that are stored; what is deeper is inside itself.
const DEEPEST: usize = 24;

/// All columns of profiles, events and related classes.
pub fn all_columns(schema: &Schema) -> Needs {
    let mut walk = Walk { schema, needs: Needs::default(), open: Vec::new() };
    walk.object(&Space::Profiles, &[], schema.profile);
    walk.object(&Space::Events, &[], schema.event);
    for (name, class) in &schema.classes {
        walk.object(&Space::Class(name.as_str().into()), &[], class.object);
    }
    walk.needs
}

struct Walk<'s> {
    schema: &'s Schema,
    needs: Needs,
    /// The objects that this is inside of: one that holds itself is not walked again.
    open: Vec<ObjectId>,
}

impl Walk<'_> {
    fn object(&mut self, space: &Space, before: &[FieldStep], object: ObjectId) {
        self.needs.spaces.entry(space.clone()).or_default();
        if self.open.contains(&object) || self.open.len() >= DEEPEST {
            return;
        }
        let Some(fields) = self.schema.object(object).map(|object| &object.fields) else { return };
        self.open.push(object);
        for (name, field) in fields {
            let path: Vec<FieldStep> = before.iter().cloned().chain([FieldStep::Field(name.as_str().into())]).collect();
            self.value(space, path, &field.ty.ty);
        }
        self.open.pop();
    }

    fn value(&mut self, space: &Space, path: Vec<FieldStep>, ty: &Ty) {
        match ty {
            Ty::Error => return,
            Ty::Object(inner) => self.object(space, &path, *inner),
            Ty::Map(value) => {
                let entries = Space::Entries(Arc::new(space.clone()), path.clone().into());
                self.needs.spaces.entry(entries.clone()).or_default();
                match &**value {
                    Ty::Object(inner) => self.object(&entries, &[], *inner),
                    value => self.value(&entries, Vec::new(), value),
                }
            }
            Ty::List(element) => {
                if let Ty::Object(inner) = **element {
                    let elements = Space::Elements(Arc::new(space.clone()), path.clone().into());
                    self.object(&elements, &[], inner);
                }
            }
            Ty::Bool
            | Ty::Int
            | Ty::Decimal(_)
            | Ty::Float
            | Ty::String
            | Ty::Enum(_)
            | Ty::Date
            | Ty::Timestamp
            | Ty::Duration
            | Ty::Probability
            | Ty::Score
            | Ty::Percentile
            | Ty::Bucket => {}
        }
        let own: FieldPath = path.into();
        self.needs.spaces.entry(space.clone()).or_default().insert(own, Type::optional(stored(ty)));
    }
}

/// Adds columns; where both have one, that of the others holds.
pub fn add(needs: &mut Needs, others: Needs) {
    for (space, columns) in others.spaces {
        needs.spaces.entry(space).or_default().extend(columns);
    }
}
