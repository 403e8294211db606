//! Collections, windows, sequences and paths as nodes, and the names of the subjects that they bind. Names its
//! siblings. Invariant: a subject has one name within a definition, given where it is bound: what it is and a number,
//! counted in the order of the text.

use serde_json::Value;

use super::Object;
use super::definition::Definition;
use super::expr::{Writer, put_flag, unit_word};
use super::value::ty_text;
use crate::hir::{BinderId, Collection, Path, PropensityId, SequenceStep, Source, Step, Window};
use crate::schema::PROPENSITY;

impl Writer<'_> {
    pub(super) fn collection(&mut self, collection: &Collection) -> Value {
        let mut node = Object::new();
        // Before the subject is bound: a source does not see it.
        node.insert("source".into(), self.source(&collection.source));
        let subject = self.bind(collection);
        node.insert("as".into(), subject.into());
        node.insert("element".into(), ty_text(&collection.element).into());
        if let Some(window) = &collection.window {
            node.insert("window".into(), self.window(window));
        }
        if let Some(filter) = &collection.filter {
            node.insert("where".into(), self.expr(filter));
        }
        Value::Object(node)
    }

    fn source(&mut self, source: &Source) -> Value {
        let mut node = Object::new();
        let mut put = |name: &str, value: Value| node.insert(name.into(), value);
        match source {
            Source::Events { event_type, via } => {
                put("kind", "events".into());
                if let Some(event_type) = event_type {
                    put("event_type", (**event_type).into());
                }
                if !via.is_empty() {
                    put("via", via.iter().map(|id| self.reference(Definition::Event(*id))).collect());
                }
            }
            Source::List(path) => {
                put("kind", "list".into());
                self.path(path, &mut node);
            }
            Source::Entries(path) => {
                put("kind", "entries".into());
                self.path(path, &mut node);
            }
            Source::Values(list) => {
                put("kind", "values".into());
                put("list", self.expr(list));
            }
            Source::Top { of, by, count, descending } => {
                put("kind", "top".into());
                put("of", self.collection(of));
                put("by", self.expr(by));
                put("count", (*count).into());
                put("descending", (*descending).into());
            }
            Source::Groups { of, by } => {
                put("kind", "groups".into());
                put("of", self.collection(of));
                put("by", self.expr(by));
            }
            Source::Members(group) => {
                put("kind", "members".into());
                put("group", self.subject(*group).into());
            }
        }
        Value::Object(node)
    }

    /// Names the subject of a collection.
    fn bind(&mut self, collection: &Collection) -> String {
        let kind = kind_of(collection);
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let name = format!("{kind}{count}");
        self.subjects.insert(collection.binder, name.clone());
        name
    }

    /// The name of a subject.
    fn subject(&self, subject: BinderId) -> String {
        match self.subjects.get(&subject) {
            Some(name) => name.clone(),
            None if subject == BinderId::PROFILE => "profile".into(),
            // Only in a tree with errors.
            None => format!("subject{}", subject.0),
        }
    }

    pub(super) fn window(&mut self, window: &Window) -> Value {
        let mut node = Object::new();
        let mut put = |name: &str, value: Value| node.insert(name.into(), value);
        match window {
            Window::Last(duration) => {
                put("kind", "last".into());
                put("duration", self.expr(duration));
            }
            Window::Next(duration) => {
                put("kind", "next".into());
                put("duration", self.expr(duration));
            }
            Window::This(unit) => {
                put("kind", "this".into());
                put("unit", unit_word(*unit).into());
            }
            Window::Previous { count, unit } => {
                put("kind", "previous".into());
                put("count", (*count).into());
                put("unit", unit_word(*unit).into());
            }
            Window::On(date) => {
                put("kind", "on".into());
                put("date", self.expr(date));
            }
            Window::Before(time) => {
                put("kind", "before".into());
                put("time", self.expr(time));
            }
            Window::After(time) => {
                put("kind", "after".into());
                put("time", self.expr(time));
            }
            Window::Between(from, to) => {
                put("kind", "between".into());
                put("from", self.expr(from));
                put("to", self.expr(to));
            }
        }
        Value::Object(node)
    }

    pub(super) fn step(&mut self, step: &SequenceStep) -> Value {
        let mut node = Object::new();
        put_flag(&mut node, "negated", step.negated);
        node.insert("times".into(), step.times.into());
        node.insert("of".into(), self.collection(&step.collection));
        for (name, gap) in [("within", &step.within), ("after_at_least", &step.after_at_least)] {
            if let Some(gap) = gap {
                node.insert(name.into(), self.expr(gap));
            }
        }
        Value::Object(node)
    }

    /// A path: as it would be written, and step by step.
    pub(super) fn path(&mut self, path: &Path, node: &mut Object) {
        node.insert("subject".into(), self.subject(path.subject).into());
        node.insert("path".into(), written(&path.steps).into());
        node.insert("steps".into(), path.steps.iter().map(|step| self.path_step(step)).collect());
        if let Some(id) = self.propensity(path) {
            node.insert("propensity".into(), self.reference(Definition::Propensity(id)));
        }
    }

    fn path_step(&self, step: &Step) -> Value {
        let mut node = Object::new();
        let mut put = |name: &str, value: Value| node.insert(name.into(), value);
        match step {
            Step::Field(name) => return (**name).into(),
            Step::Each => drop(put("step", "each".into())),
            Step::Key(key) => {
                put("step", "key".into());
                put("key", (**key).into());
            }
            Step::Follow(class) => {
                put("step", "follow".into());
                put("class", (**class).into());
                let key = self.module.schema.classes.get(&**class).map_or(&[][..], |class| &class.key);
                put("by", key.to_vec().into());
            }
            Step::Item => drop(put("step", "item".into())),
            Step::EntryKey => drop(put("step", "entry_key".into())),
            Step::EntryValue => drop(put("step", "entry_value".into())),
            Step::GroupKey => drop(put("step", "group_key".into())),
        }
        Value::Object(node)
    }

    /// The declaration whose features a path reads.
    fn propensity(&self, path: &Path) -> Option<PropensityId> {
        let [Step::Field(root), Step::Field(name), ..] = path.steps.as_slice() else { return None };
        if path.subject != BinderId::PROFILE || &**root != PROPENSITY {
            return None;
        }
        let index = self.module.propensities.iter().position(|p| p.name == **name)?;
        Some(PropensityId(index as u32))
    }
}

/// What a collection's subject is.
fn kind_of(collection: &Collection) -> &'static str {
    match &collection.source {
        Source::Events { .. } => "event",
        Source::List(_) | Source::Values(_) => "item",
        Source::Entries(_) => "entry",
        Source::Top { of, .. } => kind_of(of),
        Source::Groups { .. } => "group",
        // What was grouped is not told here.
        Source::Members(_) => "member",
    }
}

/// A path as the language writes it.
fn written(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        let name = match step {
            Step::Field(name) => name,
            Step::Key(key) => {
                text.push_str(&format!("[{}]", Value::from(&**key)));
                continue;
            }
            Step::EntryKey | Step::GroupKey => "key",
            Step::EntryValue => "value",
            // The language does not write them: a path goes on from each element, and from a key to what it points at.
            Step::Each | Step::Follow(_) | Step::Item => continue,
        };
        if !text.is_empty() {
            text.push('.');
        }
        text.push_str(name);
    }
    text
}
