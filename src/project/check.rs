//! The project file against the schema: mapped paths, classes, scales. Names `schema` and `errors`. Invariant: a scale
//! changes only `float` fields, and lists of them, to decimals.

use super::{FileSet, Project, Scale, errors};
use crate::diagnostics::Diagnostic;
use crate::schema::{ID, Schema};
use crate::types::{Digits, ObjectId, Ty};

/// What the project file says of the schema that the schema does not bear out.
pub fn check(project: &Project, schema: &Schema) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let profiles = &project.profiles.set;
    mapped(schema, schema.profile, profiles, "the profile", &mut diagnostics);
    for events in &project.events {
        mapped(schema, schema.event, &events.set, "the event", &mut diagnostics);
    }
    let known: Vec<&str> = schema.classes.keys().map(String::as_str).collect();
    for (name, files) in &project.classes {
        match schema.classes.get(name) {
            Some(class) => {
                let what = format!("the class `{name}`");
                mapped(schema, class.object, &files.set, &what, &mut diagnostics);
            }
            None => diagnostics.push(errors::unknown_class(name, &known, files.set.span)),
        }
    }
    let named = project.sql.classes.keys().filter(|name| !schema.classes.contains_key(*name));
    diagnostics.extend(named.map(|name| errors::unknown_class(name, &known, None)));
    if project.sql.events.len() > project.events.len().max(1) {
        diagnostics.push(errors::more_tables_than_events(project.sql.events.len(), project.events.len()));
    }
    joined_alike(project, &mut diagnostics);
    diagnostics
}

/// A part of an id never contains a character of the text between the parts: ids with other texts are never the same.
fn joined_alike(project: &Project, diagnostics: &mut Vec<Diagnostic>) {
    let Some((first, by, _)) = project.joined_ids().next() else { return };
    let others = project.joined_ids().filter(|(_, joined, _)| joined.with != by.with);
    diagnostics.extend(others.map(|(setting, joined, set)| {
        errors::joined_differently([(&first, &by.with), (&setting, &joined.with)], set.span)
    }));
}

fn mapped(schema: &Schema, object: ObjectId, set: &FileSet, what: &str, diagnostics: &mut Vec<Diagnostic>) {
    for path in set.mapping.joined.keys() {
        let field = schema.field_at(object, path.split('.'));
        if let Some(field) = field.filter(|field| !matches!(field.ty.ty, Ty::String | Ty::Enum(_))) {
            let place = set.places.get(path).copied().or(set.span);
            diagnostics.push(errors::joined_to_no_text(path, &field.ty.ty.to_string(), place));
        }
    }
    for path in set.mapping.columns.keys().chain(set.mapping.joined.keys()) {
        if path != ID && schema.field_at(object, path.split('.')).is_none() {
            let place = set.places.get(path).copied().or(set.span);
            let leaves: Vec<String> = schema.leaves(object).map(|(leaf, _)| leaf).collect();
            diagnostics.push(errors::unknown_path(path, what, leaves.iter().map(String::as_str), place));
        }
    }
}

/// Makes decimals of the `float` fields that have a scale.
pub fn apply_scales(scales: &[Scale], schema: &mut Schema) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for scale in scales {
        let mut objects = vec![schema.profile, schema.event];
        let mut steps: Vec<&str> = scale.path.split('.').collect();
        if let Some(class) = schema.classes.get(steps[0]) {
            objects = vec![class.object];
            steps.remove(0);
        }
        let mut found = None;
        for object in objects {
            found = set_digits(schema, object, &steps, scale.digits).or(found);
        }
        match found {
            Some(Ok(())) => {}
            Some(Err(ty)) => diagnostics.push(errors::scale_of_no_number(&scale.path, &ty, scale.span)),
            None => {
                let leaves: Vec<String> = [schema.profile, schema.event]
                    .into_iter()
                    .flat_map(|object| schema.leaves(object))
                    .map(|(leaf, _)| leaf)
                    .collect();
                let known = leaves.iter().map(String::as_str);
                diagnostics.push(errors::unknown_path(&scale.path, "the profile or the event", known, scale.span));
            }
        }
    }
    diagnostics
}

/// Gives digits to the field at a path; `None` where there is no such field, its type where that is no `float`.
fn set_digits(schema: &mut Schema, object: ObjectId, steps: &[&str], digits: Digits) -> Option<Result<(), String>> {
    let (last, parents) = steps.split_last()?;
    let mut here = object;
    for step in parents {
        here = schema.field(here, step)?.ty.ty.inner_object()?;
    }
    let field = schema.objects.get_mut(here.0 as usize)?.fields.get_mut(*last)?;
    let shown = field.ty.ty.to_string();
    let mut ty = &mut field.ty.ty;
    while let Ty::List(inner) | Ty::Map(inner) = ty {
        ty = inner;
    }
    match ty {
        Ty::Float | Ty::Decimal(_) => {
            *ty = Ty::Decimal(digits);
            Some(Ok(()))
        }
        _ => Some(Err(shown)),
    }
}
