//! The schema: the model, loading, listing and inference.

use segc::diagnostics::Diagnostic;
use segc::schema::{Loaded, Schema, SchemaFile, load};
use segc::source::Sources;

mod explain;
mod inference;
mod listing;
mod model;
mod own_format;
mod quickstart;
mod xdm_folder;

/// Loads files given as (path, text).
fn loaded(files: &[(&str, &str)]) -> (Loaded, Sources) {
    let files: Vec<SchemaFile> = files.iter().map(|(path, text)| SchemaFile::new(*path, *text)).collect();
    let mut sources = Sources::default();
    (load(&files, &mut sources), sources)
}

/// One line for a diagnostic: code, place, the text there, message and help.
fn line(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let code = diagnostic.code.info().id;
    let label = diagnostic.labels.first().map_or("", |label| label.message.as_str());
    let place = diagnostic.primary().and_then(|span| {
        let file = sources.file(span.file)?;
        let at = file.line_column(span.start);
        Some(format!("{}:{}:{} `{}` {label}", file.path, at.line + 1, at.column + 1, sources.text(span)))
    });
    format!("{code} {}: {} {:?}", place.unwrap_or_default(), diagnostic.message, diagnostic.help)
}

fn said(files: &[(&str, &str)]) -> String {
    let (loaded, sources) = loaded(files);
    loaded.diagnostics.iter().map(|d| line(d, &sources)).collect::<Vec<_>>().join("\n")
}

/// Every leaf of the schema, a line each.
fn leaves(schema: &Schema) -> String {
    let mut out = String::new();
    let mut roots = vec![("profile", schema.profile), ("event", schema.event)];
    roots.extend(schema.classes.iter().map(|(name, class)| (name.as_str(), class.object)));
    for (name, root) in roots {
        out.push_str(&format!("{name}\n"));
        for (path, field) in schema.leaves(root) {
            let to = field.relationship.as_ref().map(|class| format!(" -> {class}")).unwrap_or_default();
            let labels = if field.labels.is_empty() { String::new() } else { format!(" {:?}", field.labels) };
            out.push_str(&format!("  {path} {}{to}{labels}\n", field.ty));
        }
    }
    out
}
