//! From generated text to the typed tree.

use std::sync::Arc;

use segc::check::{CheckInput, ParsedFile, check};
use segc::diagnostics::Diagnostic;
use segc::hir::Module;
use segc::schema::Schema;
use segc::source::Sources;

use super::rows::Setting;
use super::{generate, shown};

/// The module of a text with the prelude before it; the findings as text if any is an error.
pub fn compile(text: &str, schema: &Arc<Schema>, setting: &Setting) -> Result<Module, String> {
    let mut sources = Sources::default();
    let id = sources.add("cases.seg", format!("{}{text}", generate::PRELUDE));
    let parsed = segc::syntax::parse(id, &sources.file(id).unwrap().text);
    let files = [ParsedFile { id, path: "cases.seg", file: &parsed.file, docs: &[], text: "", version: 0 }];
    let (schema, settings) = (schema.clone(), setting.settings.clone());
    let checked = check(&CheckInput { files: &files, schema, settings, param_overrides: &[] });
    let errors: Vec<Diagnostic> =
        parsed.diagnostics.into_iter().chain(checked.diagnostics).filter(Diagnostic::is_error).collect();
    if errors.is_empty() { Ok(checked.module) } else { Err(shown(&errors, &sources)) }
}
