//! The model files of a project, and whether the data has what a model looks at. Names its siblings. Invariant: a model that
//! looks at a column which the data lacks gives no scores.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Trouble, foreign, model_path};
use crate::data::Loaded;
use crate::data::report::Kind;
use crate::data::scores::Scores;
use crate::diagnostics::words::counted;
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{ModelFacts, ModelFormat, Module};
use crate::pipeline::{Files, SegFile};
use crate::plan::value_text;
use crate::propensity::model::Model;
use crate::source::Span;
use crate::syntax::Parse;
use crate::syntax::ast::{ItemKind, PropensityFrom};
use crate::types::Value;

/// A model file that a propensity may have.
#[derive(Debug, Clone)]
pub(in crate::pipeline) struct ModelFile {
    /// The propensity.
    propensity: String,
    /// Its path in the project.
    path: String,
    /// Of another maker's, its format, if it is known; `None` for a model that is trained here.
    foreign: Option<Option<ModelFormat>>,
}

/// The model files that the propensities of a file may have.
pub(in crate::pipeline) fn model_files(parse: &Parse) -> Arc<[ModelFile]> {
    let files = parse.file.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Propensity { name, from: None, .. } => {
            Some(ModelFile { propensity: name.node.clone(), path: model_path(&name.node), foreign: None })
        }
        ItemKind::Propensity { name, from: Some(PropensityFrom::Model { format, file }), .. } => {
            let format = ModelFormat::ALL.iter().find(|(_, name)| *name == format.node).map(|(format, _)| *format);
            Some(ModelFile { propensity: name.node.clone(), path: file.node.clone(), foreign: Some(format) })
        }
        _ => None,
    });
    files.collect()
}

/// What the model files of a project say, by propensity. A file that cannot be read says nothing here: it is told when
/// the model is used.
pub(in crate::pipeline) fn model_facts(
    files: &dyn Files,
    root: &str,
    seg_files: &[SegFile],
    memo: &mut ModelMemo,
) -> BTreeMap<String, ModelFacts> {
    let before = std::mem::take(&mut memo.read);
    let mut facts = BTreeMap::new();
    for file in seg_files.iter().flat_map(|file| &*file.models) {
        let Some(text) = read_text(files, root, &file.path) else { continue };
        let known =
            before.iter().find(|(known, text_then, _)| *known == file.propensity && Arc::ptr_eq(text_then, &text));
        let said = known.map_or_else(|| facts_of(file, &text), |(.., said)| said.clone());
        memo.read.push((file.propensity.clone(), text, said.clone()));
        facts.extend(said.map(|said| (file.propensity.clone(), said)));
    }
    facts
}

/// What model files said when they were last read.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct ModelMemo {
    read: Vec<(String, Arc<str>, Option<ModelFacts>)>,
}

fn facts_of(file: &ModelFile, text: &str) -> Option<ModelFacts> {
    match file.foreign {
        None => {
            let model = Model::from_text(text).ok()?;
            let version = Some(model.version_name());
            let factors = model.factors.into_iter().map(|factor| factor.factor).collect();
            Some(ModelFacts { auc: Some(model.quality.auc), failed: model.failed, factors, version })
        }
        Some(format) => {
            let factors = foreign::read(format?, text).ok()?.used_columns();
            Some(ModelFacts { auc: None, failed: Vec::new(), factors, version: None })
        }
    }
}

/// The texts of the model files of other makers that a project names, by propensity.
pub(in crate::pipeline) fn foreign_models(
    files: &dyn Files,
    root: &str,
    seg_files: &[SegFile],
) -> BTreeMap<String, Arc<str>> {
    let foreign = seg_files.iter().flat_map(|file| &*file.models).filter(|file| file.foreign.is_some());
    foreign.filter_map(|file| Some((file.propensity.clone(), read_text(files, root, &file.path)?))).collect()
}

/// The text of a file of the project.
fn read_text(files: &dyn Files, root: &str, path: &str) -> Option<Arc<str>> {
    let path = if root.is_empty() { path.to_owned() } else { format!("{root}/{path}") };
    files.text(&path).ok()
}

/// What is to be said of a model's scores: where nobody has one, where it looks at what no profile has (refused if that is
/// since the data has no such column), and where it has learnt from what came later.
pub fn notes_on(module: &Module, loaded: &Loaded, scores: &Scores) -> Result<Vec<String>, Trouble> {
    let mut notes: Vec<String> = foresight(scores).into_iter().chain(nobody(loaded, scores)).collect();
    let Some(first) = scores.blind.first() else { return Ok(notes) };
    let more = match scores.blind.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!("the model of `{}` looks at `{first}`{more}, which no profile has", scores.name);
    let findings = loaded.report.findings.iter().filter(|(kind, ..)| *kind == Kind::MissingColumn);
    let missing: Vec<String> = findings.map(|(_, path, _)| format!("`{path}`")).collect();
    if missing.is_empty() {
        notes.push(message);
        return Ok(notes);
    }
    let span = module.propensities.iter().find(|p| p.name == scores.name).map_or_else(Span::default, |p| p.span);
    let help = format!("the data has no column {}; was one renamed?", missing.join(", "));
    Err(Trouble::Diagnostics(vec![Diagnostic::new(Code::SEG0716, message, span, "declared here").with_help(help)]))
}

/// Without events the data may be of other people, or end long before the instant of the scores.
fn nobody(loaded: &Loaded, scores: &Scores) -> Option<String> {
    let profiles: usize = loaded.dataset.blocks.iter().map(|block| block.ids.len()).sum();
    (profiles > 0 && scores.ineligible.len() == profiles).then(|| {
        format!(
            "of {} nobody is eligible for `{}` as of {}: no one has a score; do `for`, the data and `--now` belong together?",
            counted(profiles as u64, "profile"),
            scores.name,
            value_text(&Value::Timestamp(scores.scored_at))
        )
    })
}

/// A model that was trained later than the instant of its scores knows what came true by then.
fn foresight(scores: &Scores) -> Option<String> {
    let until = scores.learnt_until.filter(|until| *until > scores.scored_at)?;
    let day = |instant: i64| value_text(&Value::Timestamp(instant));
    Some(format!(
        "the model of `{}` has learnt from data up to {}: as of {} it knows what came after, and its scores are better than \
         any that could have been had then",
        scores.name,
        day(until),
        day(scores.scored_at)
    ))
}
