//! A schema's fingerprint: what compiled programs and prepared data remember to notice that the schema has changed.
//! Names only `types` and blake3. Invariant: titles, descriptions and the order of declaration of fields and classes
//! do not count (they change no result); names, types, labels, relationships and the order of enum values do.

use super::{Object, Schema};
use crate::types::{ObjectId, Ty};

/// Told apart from fingerprints of an older canonical form.
const FORM: &[u8] = b"segc schema 1";

/// The digest of any bytes: what is remembered of a definition, and the checksum of a compiled program.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    *blake3::hash(bytes).as_bytes()
}

impl Schema {
    /// 32 bytes that are the same for two schemas that mean the same.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut form = Form { hasher: blake3::Hasher::new(), seen: vec![None; self.objects.len()], queue: Vec::new() };
        form.hasher.update(FORM);
        form.object(self.profile);
        form.object(self.event);
        let mut classes: Vec<_> = self.classes.iter().collect();
        classes.sort_by_key(|(name, _)| name.as_str());
        form.number(classes.len());
        for (name, class) in classes {
            form.text(name);
            form.object(class.object);
            form.number(class.key.len());
            class.key.iter().for_each(|step| form.text(step));
        }
        let mut event_types: Vec<_> = self.event_types.keys().collect();
        event_types.sort();
        form.number(event_types.len());
        event_types.into_iter().for_each(|name| form.text(name));
        form.number(usize::from(self.event_types_open));
        let mut next = 0;
        while let Some(id) = form.queue.get(next).copied() {
            if let Some(object) = self.object(id) {
                form.fields(object);
            }
            next += 1;
        }
        *form.hasher.finalize().as_bytes()
    }
}

/// Feeds the canonical form to the hash. Objects are numbered as they are first met, so that ids do not count.
struct Form {
    hasher: blake3::Hasher,
    seen: Vec<Option<usize>>,
    queue: Vec<ObjectId>,
}

impl Form {
    fn number(&mut self, n: usize) {
        self.hasher.update(&(n as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.hasher.update(text.as_bytes());
    }

    fn object(&mut self, id: ObjectId) {
        let Some(seen) = self.seen.get_mut(id.0 as usize) else { return };
        let number = *seen.get_or_insert(self.queue.len());
        if number == self.queue.len() {
            self.queue.push(id);
        }
        self.number(number);
    }

    fn fields(&mut self, object: &Object) {
        let mut fields: Vec<_> = object.fields.iter().collect();
        fields.sort_by_key(|(name, _)| name.as_str());
        self.number(fields.len());
        for (name, field) in fields {
            self.text(name);
            self.number(usize::from(field.ty.optional));
            self.ty(&field.ty.ty);
            self.number(field.labels.len());
            field.labels.iter().for_each(|label| self.text(label));
            self.text(field.relationship.as_deref().unwrap_or_default());
        }
    }

    fn ty(&mut self, ty: &Ty) {
        let tag = match ty {
            Ty::Error => 0,
            Ty::Bool => 1,
            Ty::Int => 2,
            Ty::Decimal(digits) => 0x1_0000 | usize::from(digits.precision) << 8 | usize::from(digits.scale),
            Ty::Float => 4,
            Ty::String => 5,
            Ty::Enum(_) => 6,
            Ty::Date => 7,
            Ty::Timestamp => 8,
            Ty::Duration => 9,
            Ty::List(_) => 10,
            Ty::Map(_) => 11,
            Ty::Object(_) => 12,
            Ty::Probability => 13,
            Ty::Score => 14,
            Ty::Percentile => 15,
            Ty::Bucket => 16,
        };
        self.number(tag);
        match ty {
            Ty::List(inner) | Ty::Map(inner) => self.ty(inner),
            Ty::Object(id) => self.object(*id),
            Ty::Enum(values) => {
                self.number(usize::from(values.open));
                self.number(values.values.len());
                values.values.iter().for_each(|(value, _)| self.text(value));
            }
            Ty::Error
            | Ty::Bool
            | Ty::Int
            | Ty::Decimal(_)
            | Ty::Float
            | Ty::String
            | Ty::Date
            | Ty::Timestamp
            | Ty::Duration
            | Ty::Probability
            | Ty::Score
            | Ty::Percentile
            | Ty::Bucket => {}
        }
    }
}
