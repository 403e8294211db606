//! The model files of a project, and whether the data has what a model looks at. Names its siblings. Invariant: a model that
//! looks at a column which the data lacks gives no scores.

use std::collections::BTreeMap;

use super::{Trouble, foreign, model_path};
use crate::data::Loaded;
use crate::data::report::Kind;
use crate::data::scores::Scores;
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{ModelFacts, ModelFormat, Module};
use crate::pipeline::{Files, SegFile};
use crate::propensity::model::Model;
use crate::source::Span;
use crate::syntax::ast::{ItemKind, PropensityFrom};

/// What the model files of a project say, by propensity. A file that cannot be read says nothing here: it is told when
/// the model is used.
pub(in crate::pipeline) fn model_facts(
    files: &dyn Files,
    root: &str,
    seg_files: &[SegFile],
) -> BTreeMap<String, ModelFacts> {
    let items = seg_files.iter().flat_map(|file| &file.parse.file.items);
    let read = |path: &str| read_text(files, root, path);
    let facts = items.filter_map(|item| match &item.kind {
        ItemKind::Propensity { name, from: None, .. } => {
            let model = Model::from_text(&read(&model_path(&name.node))?).ok()?;
            let version = Some(model.version_name());
            let factors = model.factors.into_iter().map(|factor| factor.factor).collect();
            let facts = ModelFacts { auc: Some(model.quality.auc), failed: model.failed, factors, version };
            Some((name.node.clone(), facts))
        }
        ItemKind::Propensity { name, from: Some(PropensityFrom::Model { format, file }), .. } => {
            let format = ModelFormat::ALL.iter().find(|(_, name)| *name == format.node)?.0;
            let factors = foreign::read(format, &read(&file.node)?).ok()?.used_columns();
            Some((name.node.clone(), ModelFacts { auc: None, failed: Vec::new(), factors, version: None }))
        }
        _ => None,
    });
    facts.collect()
}

/// The texts of the model files of other makers that a project names, by propensity.
pub(in crate::pipeline) fn foreign_models(
    files: &dyn Files,
    root: &str,
    seg_files: &[SegFile],
) -> BTreeMap<String, String> {
    let items = seg_files.iter().flat_map(|file| &file.parse.file.items);
    let texts = items.filter_map(|item| match &item.kind {
        ItemKind::Propensity { name, from: Some(PropensityFrom::Model { file, .. }), .. } => {
            Some((name.node.clone(), read_text(files, root, &file.node)?))
        }
        _ => None,
    });
    texts.collect()
}

/// The text of a file of the project.
fn read_text(files: &dyn Files, root: &str, path: &str) -> Option<String> {
    let path = if root.is_empty() { path.to_owned() } else { format!("{root}/{path}") };
    String::from_utf8(files.read(&path).ok()?).ok()
}

/// What is to be said where a model looks at what no profile has; refused if that is since the data has no such column.
pub fn sighted(module: &Module, loaded: &Loaded, scores: &Scores) -> Result<Option<String>, Trouble> {
    let Some(first) = scores.blind.first() else { return Ok(None) };
    let more = match scores.blind.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!("the model of `{}` looks at `{first}`{more}, which no profile has", scores.name);
    let findings = loaded.report.findings.iter().filter(|(kind, ..)| *kind == Kind::MissingColumn);
    let missing: Vec<String> = findings.map(|(_, path, _)| format!("`{path}`")).collect();
    if missing.is_empty() {
        return Ok(Some(message));
    }
    let span = module.propensities.iter().find(|p| p.name == scores.name).map_or_else(Span::default, |p| p.span);
    let help = format!("the data has no column {}; was one renamed?", missing.join(", "));
    Err(Trouble::Diagnostics(vec![Diagnostic::new(Code::SEG0716, message, span, "declared here").with_help(help)]))
}
