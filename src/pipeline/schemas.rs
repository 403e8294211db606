//! The schema of a project: the one that the project file names, else the one that a `.seg` file names.

use std::sync::Arc;

use super::paths::{join, parent};
use super::{Files, Memo, SegFile, errors};
use crate::diagnostics::Diagnostic;
use crate::project::{self, Project};
use crate::schema::{self, Schema, SchemaFile};
use crate::source::{Sources, Span};
use crate::syntax::ast::ItemKind;

/// Finds, reads and composes the schema.
pub(super) fn load(
    files: &dyn Files,
    root: &str,
    project: &Project,
    seg_files: &[SegFile],
    memo: &mut Memo,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Arc<Schema>> {
    let path = match &project.schema {
        Some(path) => join(root, &path.value),
        None => match named_in_sources(seg_files, diagnostics) {
            Some(path) => path,
            None => {
                // What is wrong with the project file may be why.
                if !diagnostics.iter().any(Diagnostic::is_error) {
                    diagnostics.push(errors::no_schema());
                }
                return None;
            }
        },
    };
    let files = read(files, &path, diagnostics)?;
    let (composed, found) = memo.compose(files, sources);
    diagnostics.extend(found);
    let mut composed = composed?;
    if !project.scales.is_empty() {
        let (scaled, found) = memo.scale(composed, &project.scales);
        diagnostics.extend(found);
        composed = scaled;
    }
    diagnostics.extend(project::check(project, &composed));
    diagnostics.extend(super::layout::check(project, &composed));
    Some(composed)
}

/// The schema that `.seg` files name; all that name one must name the same.
fn named_in_sources(seg_files: &[SegFile], diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let mut first: Option<(String, Span)> = None;
    for file in seg_files {
        for item in &file.parse.file.items {
            let ItemKind::Schema(path) = &item.kind else { continue };
            let full = join(parent(&file.path), &path.node);
            match &first {
                None => first = Some((full, path.span)),
                Some((other, span)) if *other != full => diagnostics.push(errors::two_schemas(*span, path.span)),
                Some(_) => {}
            }
        }
    }
    first.map(|(path, _)| path)
}

/// The files of a schema: one, or those of a folder.
fn read(files: &dyn Files, path: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<SchemaFile>> {
    let read_one = |path: &str| files.read(path).map(|bytes| (path.to_owned(), bytes));
    let result = if files.is_folder(path) {
        files.list(path).and_then(|listed| {
            let schemas = listed.iter().filter(|path| schema::is_schema_file(path));
            schemas.map(|path| read_one(path)).collect::<Result<Vec<_>, _>>().map(schema::read_folder)
        })
    } else {
        read_one(path).map(|(path, bytes)| vec![SchemaFile::new(path, bytes)])
    };
    match result {
        Ok(files) => Some(files),
        Err(error) => {
            diagnostics.push(errors::unreadable(path, &error));
            None
        }
    }
}
