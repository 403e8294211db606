//! What to say about a name that means nothing where it stands. Imports `scope` and `source`. Invariant: runs only after
//! a mistake, so it may look through the whole schema.

use super::checker::Checker;
use super::errors;
use super::names::DefKind;
use super::path::PROFILE;
use super::scope::{Bound, Subject};
use super::source::event_name;
use crate::diagnostics::{Applicability, Diagnostic, suggest};
use crate::schema::Schema;
use crate::syntax::ast::{Path, PathStep};
use crate::types::{BUCKETS, ObjectId, Ty};

/// How many dots deep a field of the same name is looked for.
const DEPTH: usize = 4;

impl Checker<'_> {
    /// Reports a path whose first name is nothing, where a value should stand.
    pub fn report_unknown(&mut self, path: &Path, hint: Option<&Ty>) {
        let name = path.root.node.as_str();
        if let Some(diagnostic) = self.event_as_value(path).or_else(|| self.outer(path)) {
            self.report(diagnostic);
            return;
        }
        let mut diagnostic = errors::unknown_name(path, self.innermost_what());
        let schema = self.schema.clone();
        if self.step_names.iter().any(|n| n == name) {
            let help = "only the events of earlier steps that are not excluded have a name";
            self.report(diagnostic.with_help(help));
            return;
        }
        if let Some(bound) = self.scope.innermost() {
            let inner = self.inside_value(bound, name);
            let deeper = inner.or_else(|| deeper_from(bound, name, &schema));
            if let Some(deeper) = deeper {
                self.report(suggested(diagnostic, path, &deeper));
                return;
            }
        }
        if let (Some(Ty::Bucket), Some(known)) = (hint, suggest::closest(name, BUCKETS.into_iter())) {
            self.report(suggested(diagnostic, path, known));
            return;
        }
        if let (Some(Ty::Enum(values)), []) = (hint, path.steps.as_slice()) {
            let mut listed = values.values.iter().map(|(value, _)| value.as_str());
            let same = listed.clone().find(|value| value.eq_ignore_ascii_case(name));
            if let Some(value) = same.or_else(|| suggest::closest(name, &mut listed)) {
                self.report(
                    suggested(diagnostic, path, &format!("\"{value}\"")).with_help("text is written in quotes"),
                );
                return;
            }
        }
        if self.is_event_field(path) {
            let text = path_text(path);
            let help = format!("a field of events: say of which, `last({text} of …)`, `any(… where {text} …)`");
            self.report(diagnostic.with_help(help));
            return;
        }
        if BUCKETS.contains(&name) {
            self.report(diagnostic.with_help(format!("`{name}` has a meaning beside a propensity's `bucket` only")));
            return;
        }
        let known = self.known_names(&schema);
        if let Some(known) = suggest::closest(name, known.iter().map(String::as_str)) {
            diagnostic = suggested(diagnostic, path, known);
        } else if let Some(near) = self.near_leaf(name) {
            diagnostic = suggested(diagnostic, path, &near);
        } else if let (Some(Ty::String | Ty::Enum(_)), []) = (hint, path.steps.as_slice()) {
            diagnostic = diagnostic.with_help(format!("if it is a text, write it in quotes: `\"{name}\"`"));
        }
        self.report(diagnostic);
    }

    /// Reports a path that is no source.
    pub fn report_unknown_source(&mut self, path: &Path) {
        if let Some(diagnostic) = self.outer(path) {
            self.report(diagnostic);
            return;
        }
        let schema = self.schema.clone();
        let name = event_name(path).unwrap_or_else(|| path.root.node.clone());
        let mut known: Vec<String> = schema.event_types.keys().cloned().collect();
        let custom = self.names.defs.iter().filter(|d| matches!(d.kind, DefKind::Event(_)));
        known.extend(custom.map(|d| d.name.node.clone()));
        if let Some(bound) = self.scope.innermost()
            && let Subject::Object(object) = &bound.subject
        {
            known.extend(lists_of(&schema, *object));
        }
        let best = suggest::closest(&name, known.iter().map(String::as_str));
        // `productView` for `commerce.productViews`.
        let last = |event: &'_ String| event.rsplit('.').next().map(str::to_owned).unwrap_or_default();
        let lasts: Vec<String> = schema.event_types.keys().map(last).collect();
        let best = best.or_else(|| {
            let nearest = suggest::closest(&name, lasts.iter().map(String::as_str))?;
            schema.event_types.keys().find(|event| last(event) == nearest).map(String::as_str)
        });
        let diagnostic = errors::unknown_source(path, best);
        if best.is_none() && self.is_event_field(path) {
            let help =
                format!("`{name}` is a field of events: name an event type, and the field in `where` or before `of`");
            self.report(diagnostic.with_help(help));
            return;
        }
        self.report(diagnostic);
    }

    /// Whether a wrong path in source position is rather the name of an event type.
    pub fn near_event_type(&self, path: &Path) -> bool {
        let Some(name) = event_name(path) else { return false };
        !path.steps.is_empty() && suggest::closest(&name, self.schema.event_types.keys().map(String::as_str)).is_some()
    }

    /// Whether a path is one of the events, and none is gone through here.
    pub fn is_event_field(&self, path: &Path) -> bool {
        let names = std::iter::once(path.root.node.as_str()).chain(path.steps.iter().filter_map(|step| match step {
            PathStep::Field(name) => Some(name.node.as_str()),
            PathStep::Key(_) | PathStep::Hole(_) => None,
        }));
        self.schema.field_at(self.schema.event, names).is_some()
    }

    fn innermost_what(&self) -> &'static str {
        self.scope.innermost().map_or("the profile", |s| s.what)
    }

    /// An event type where a value should stand: `commerce.purchases > 3`.
    fn event_as_value(&self, path: &Path) -> Option<Diagnostic> {
        let name = event_name(path)?;
        if self.schema.event_types.contains_key(&name) {
            let condition = self.condition_at == Some(path.span);
            return Some(errors::event_as_value(path, &name, condition));
        }
        // `commerce.purchases.priceTotal`: the event type, and a field behind it.
        let (event, field) = name
            .rmatch_indices('.')
            .map(|(i, _)| (&name[..i], &name[i + 1..]))
            .find(|(event, _)| self.schema.event_types.contains_key(*event))?;
        Some(errors::field_behind_event(path, event, field))
    }

    /// A name that only an outer subject has.
    fn outer(&self, path: &Path) -> Option<Diagnostic> {
        let name = path.root.node.as_str();
        let bound = self.scope.outer().find(|bound| bound.name(name, &self.schema).is_some())?;
        let prefix = match &bound.alias {
            Some(alias) => Some(alias.as_str()),
            None if bound.what == "the profile" => Some(PROFILE),
            None => None,
        };
        Some(errors::outer_name(path, self.innermost_what(), bound.what, prefix))
    }

    /// A field of an entry's value: `value.name`.
    fn inside_value(&self, bound: &Bound, name: &str) -> Option<String> {
        match &bound.subject {
            Subject::Entry { ty: Ty::Object(object), .. } => {
                self.schema.field(*object, name).map(|_| format!("value.{name}"))
            }
            _ => None,
        }
    }

    /// The path below the innermost object, not through lists, whose last name is nearest to a name.
    fn near_leaf(&self, name: &str) -> Option<String> {
        let Subject::Object(object) = &self.scope.innermost()?.subject else { return None };
        let mut paths: Vec<String> = Vec::new();
        leaves_of(&self.schema, *object, "", DEPTH, &mut paths);
        let last = |path: &'_ str| path.rsplit('.').next().unwrap_or_default().to_owned();
        let lasts: Vec<String> = paths.iter().map(|p| last(p)).collect();
        let nearest = suggest::closest(name, lasts.iter().map(String::as_str))?;
        paths.iter().find(|p| last(p) == nearest).cloned()
    }

    fn known_names(&self, schema: &Schema) -> Vec<String> {
        let mut known: Vec<String> = self.names.all().map(str::to_owned).collect();
        known.extend(self.scope.locals.iter().map(|l| l.name.clone()));
        known.extend(self.scope.subjects.iter().filter_map(|s| s.alias.clone()));
        if let Some(bound) = self.scope.innermost() {
            known.extend(bound.names(schema).into_iter().map(str::to_owned));
        }
        known.push(PROFILE.to_owned());
        known
    }
}

/// Puts `known` in the place of what was written: of the first name, or of the whole path where that is what it means.
fn suggested(diagnostic: Diagnostic, path: &Path, known: &str) -> Diagnostic {
    diagnostic.with_help(format!("did you mean `{known}`?")).with_fix(
        format!("write `{known}`"),
        path.root.span,
        known,
        Applicability::Unsafe,
    )
}

fn deeper_from(bound: &Bound, name: &str, schema: &Schema) -> Option<String> {
    match &bound.subject {
        Subject::Object(object) => deeper(schema, *object, name),
        _ => None,
    }
}

/// The shortest path below an object to a field of this name, without regard to case; lists are not walked through.
pub(super) fn deeper(schema: &Schema, object: ObjectId, name: &str) -> Option<String> {
    let mut level: Vec<(String, ObjectId)> = vec![(String::new(), object)];
    for depth in 0..DEPTH {
        let mut next = Vec::new();
        for (prefix, object) in level {
            let Some(object) = schema.object(object) else { continue };
            for (field_name, field) in &object.fields {
                if depth > 0 && field_name.eq_ignore_ascii_case(name) {
                    return Some(format!("{prefix}{field_name}"));
                }
                if let Ty::Object(inner) = field.ty.ty {
                    next.push((format!("{prefix}{field_name}."), inner));
                }
            }
        }
        level = next;
    }
    None
}

/// The dotted paths of the fields below an object, not through lists and maps.
fn leaves_of(schema: &Schema, object: ObjectId, prefix: &str, depth: usize, paths: &mut Vec<String>) {
    let Some(object) = schema.object(object) else { return };
    for (name, field) in &object.fields {
        match field.ty.ty {
            Ty::Object(inner) if depth > 0 => leaves_of(schema, inner, &format!("{prefix}{name}."), depth - 1, paths),
            _ => paths.push(format!("{prefix}{name}")),
        }
    }
}

/// The lists and maps directly in an object, and those one object deeper.
fn lists_of(schema: &Schema, object: ObjectId) -> Vec<String> {
    let mut found = Vec::new();
    let Some(object) = schema.object(object) else { return found };
    for (name, field) in &object.fields {
        match &field.ty.ty {
            Ty::List(_) | Ty::Map(_) => found.push(name.clone()),
            Ty::Object(inner) => {
                let Some(inner) = schema.object(*inner) else { continue };
                let lists = inner.fields.iter().filter(|(_, f)| matches!(f.ty.ty, Ty::List(_) | Ty::Map(_)));
                found.extend(lists.map(|(inner_name, _)| format!("{name}.{inner_name}")));
            }
            _ => {}
        }
    }
    found
}

/// The whole text of a path, for messages.
pub(super) fn path_text(path: &Path) -> String {
    let mut text = path.root.node.clone();
    for step in &path.steps {
        match step {
            PathStep::Field(name) => {
                text.push('.');
                text.push_str(&name.node);
            }
            PathStep::Key(key) => text.push_str(&format!("[\"{}\"]", key.node)),
            PathStep::Hole(_) => text.push('.'),
        }
    }
    text
}
