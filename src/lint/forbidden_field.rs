//! A field whose usage label is forbidden for the project's purpose: `purpose` and `forbid` under `[governance]` of the
//! project file say which.

use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{ExprKind, Path, Step};
use crate::schema::{Field, Schema};
use crate::types::ObjectId;

use super::Context;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let facts = context.facts;
    if facts.forbidden_labels.is_empty() {
        return;
    }
    let schema = &*context.module.schema;
    super::each_expr(context, &mut |expr| {
        let ExprKind::Path(path) = &expr.kind else { return };
        let fields = along(schema, path);
        let forbidden = |label: &&String| facts.forbidden_labels.contains(*label);
        let Some(label) = fields.iter().flat_map(|field| &field.labels).find(forbidden) else { return };
        let name = context.sources.text(expr.span);
        let message = format!("`{name}` is labelled `{label}`, which may not be used for {}", facts.purpose);
        let diagnostic = Diagnostic::new(Code::SEG0616, message, expr.span, format!("labelled `{label}`"))
            .with_help("use a field without the label, or have the purpose approved and changed in the project file");
        found.push(diagnostic);
    });
}

/// The fields that a path goes through, in whichever class its subject is: the first that has all of its names.
fn along<'s>(schema: &'s Schema, path: &Path) -> Vec<&'s Field> {
    let starts = [schema.profile, schema.event].into_iter().chain(schema.classes.values().map(|class| class.object));
    let inner = (0..schema.objects.len()).map(|index| ObjectId(index as u32));
    starts.chain(inner).find_map(|start| walk(schema, start, path)).unwrap_or_default()
}

fn walk<'s>(schema: &'s Schema, start: ObjectId, path: &Path) -> Option<Vec<&'s Field>> {
    let mut here = Some(start);
    let mut fields = Vec::new();
    for step in &path.steps {
        match step {
            Step::Field(name) => {
                let field = schema.field(here?, name)?;
                here = field.ty.ty.inner_object();
                fields.push(field);
            }
            Step::Follow(class) => here = schema.classes.get(&**class).map(|class| class.object),
            Step::Each | Step::Key(_) | Step::Item | Step::EntryKey | Step::EntryValue | Step::GroupKey => {}
        }
    }
    (!fields.is_empty()).then_some(fields)
}
