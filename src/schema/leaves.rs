//! The walk over the leaves of an object. Names nothing but the model. Invariant: it ends on every schema, because an
//! object that stands on the way down already is not entered again.

use super::{Field, Object, Schema};
use crate::types::{ObjectId, Ty};

/// The leaves below an object, in the schema's order; see [`Schema::leaves`].
#[derive(Debug)]
pub struct Leaves<'a> {
    schema: &'a Schema,
    /// The objects on the way down: id, next field, and how long the path was before it.
    stack: Vec<(ObjectId, &'a Object, usize, usize)>,
    path: String,
}

impl<'a> Leaves<'a> {
    pub(super) fn new(schema: &'a Schema, object: ObjectId) -> Self {
        let stack = schema.object(object).map(|o| (object, o, 0, 0)).into_iter().collect();
        Leaves { schema, stack, path: String::new() }
    }

    /// The object below a field, if it has fields and does not stand on the way down already.
    fn below(&self, field: &Field) -> Option<(ObjectId, &'a Object)> {
        let id = field.ty.ty.inner_object()?;
        let object = self.schema.object(id)?;
        let entered = self.stack.iter().any(|(on_way, ..)| *on_way == id);
        (!entered && !object.fields.is_empty()).then_some((id, object))
    }
}

impl<'a> Iterator for Leaves<'a> {
    type Item = (String, &'a Field);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (_, object, next, length) = self.stack.last_mut()?;
            self.path.truncate(*length);
            let object = *object;
            let Some((name, field)) = object.fields.get_index(*next) else {
                self.stack.pop();
                continue;
            };
            *next += 1;
            if !self.path.is_empty() {
                self.path.push('.');
            }
            self.path.push_str(name);
            let Some((id, inner)) = self.below(field) else {
                return Some((self.path.clone(), field));
            };
            let mut ty = &field.ty.ty;
            while let Ty::List(element) | Ty::Map(element) = ty {
                if matches!(ty, Ty::Map(_)) {
                    self.path.push_str(".*");
                }
                ty = element;
            }
            self.stack.push((id, inner, 0, self.path.len()));
        }
    }
}
