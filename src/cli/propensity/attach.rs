//! Scores for a run: the models that its segments read are used before the segments are, on the same data. Invariant:
//! nothing is trained here; a model that is missing or of another declaration fails the run.

use std::sync::Arc;

use super::super::{Failure, Global, say};
use super::{failed, open_any};
use crate::data::scores::attach;
use crate::data::{self, Loaded};
use crate::hir::Module;
use crate::pipeline::Workspace;
use crate::pipeline::propensity::{AnyScorer, declared, foreign, notes_on};
use crate::plan::Needs;

/// The models that a program reads.
pub(in crate::cli) fn scorers(
    workspace: &Workspace,
    module: &Module,
    needs: &Needs,
    global: &Global,
) -> Result<Vec<AnyScorer>, Failure> {
    let mut scorers = Vec::new();
    for propensity in &module.propensities {
        let name = &propensity.name;
        let has_model = declared(module, name).is_some() || foreign(module, name).is_some();
        let files = workspace.project.propensity.contains_key(&propensity.name);
        if has_model && !files && data::reads_propensity(needs, name) {
            scorers.push(open_any(workspace, module, name, None, global)?);
        }
    }
    Ok(scorers)
}

/// Scores the data of a run.
pub(in crate::cli) fn score_all(
    scorers: &[AnyScorer],
    loaded: &mut Loaded,
    now: i64,
    (workspace, module): (&Workspace, &Module),
    global: &Global,
) -> Result<(), Failure> {
    for scorer in scorers {
        let trouble = |trouble| failed(trouble, workspace, global);
        let scores = scorer.score(&loaded.dataset, now).map_err(trouble)?;
        notes_on(module, loaded, &scores).map_err(trouble)?.iter().for_each(|note| say(note));
        attach(Arc::make_mut(&mut loaded.dataset), &scores);
    }
    Ok(())
}
