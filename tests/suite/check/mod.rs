//! Names, scopes and types, from text to the typed tree.

use std::sync::{Arc, LazyLock};

use segc::check::{CheckInput, Checked, ParsedFile, check};
use segc::diagnostics::Diagnostic;
use segc::diagnostics::render::{Format, RenderOptions, render};
use segc::hir::Settings;
use segc::hir::dump::dump;
use segc::schema::Schema;
use segc::schema::{SchemaFile, load};
use segc::source::Sources;
use segc::syntax::parse;

mod quickstart;

/// The quickstart's schema.
pub static RETAIL: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    let text = std::fs::read("examples/quickstart/schema/retail.json").unwrap();
    let mut sources = Sources::default();
    Arc::new(load(&[SchemaFile::new("retail.json", text)], &mut sources).schema.unwrap())
});

/// What checking some files gave.
pub struct Outcome {
    pub checked: Checked,
    /// Syntax errors too.
    pub diagnostics: Vec<Diagnostic>,
    pub sources: Sources,
}

/// Checks files (path, text) together against the quickstart's schema.
pub fn check_files(files: &[(&str, &str)], overrides: &[(&str, &str)]) -> Outcome {
    let mut sources = Sources::default();
    let parsed: Vec<_> = files
        .iter()
        .map(|(path, text)| {
            let id = sources.add(*path, *text);
            (id, *path, parse(id, text))
        })
        .collect();
    let files: Vec<ParsedFile<'_>> =
        parsed.iter().map(|(id, path, p)| ParsedFile { id: *id, path, file: &p.file, docs: &[] }).collect();
    let overrides: Vec<(String, String)> = overrides.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    let settings = Settings { zone: "Europe/Stockholm".into(), week_start: 1, event_ids: true };
    let checked = check(&CheckInput { files: &files, schema: RETAIL.clone(), settings, param_overrides: &overrides });
    let mut diagnostics: Vec<Diagnostic> = parsed.iter().flat_map(|(_, _, p)| p.diagnostics.clone()).collect();
    diagnostics.extend(checked.diagnostics.clone());
    Outcome { checked, diagnostics, sources }
}

/// The diagnostics of a file as text, empty if there are none.
pub fn said(text: &str) -> String {
    let outcome = check_files(&[("a.seg", text)], &[]);
    render(Format::Text, &outcome.diagnostics, &outcome.sources, RenderOptions::default())
}

/// The typed tree of a file without errors.
pub fn tree(text: &str) -> String {
    let outcome = check_files(&[("a.seg", text)], &[]);
    let errors: Vec<_> = outcome.diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{}", said(text));
    dump(&outcome.checked.module)
}
