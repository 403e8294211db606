//! Scores for a run: the models that its segments read are used before the segments are, on the same data. Invariant:
//! nothing is trained here; a model that is missing or of another declaration fails the run.

use std::sync::Arc;

use super::super::{Failure, Global};
use super::{failed, in_project, open_model};
use crate::data::scores::attach;
use crate::data::{self, Loaded};
use crate::hir::Module;
use crate::pipeline::Workspace;
use crate::pipeline::propensity::{Scorer, declared, model_path};
use crate::plan::Needs;

/// The models that a program reads.
pub(in crate::cli) fn scorers(
    workspace: &Workspace,
    module: &Module,
    needs: &Needs,
    global: &Global,
) -> Result<Vec<Scorer>, Failure> {
    let mut scorers = Vec::new();
    for propensity in &module.propensities {
        let Some(of) = declared(module, &propensity.name) else { continue };
        let files = workspace.project.propensity.contains_key(&propensity.name);
        if files || !data::reads_propensity(needs, &propensity.name) {
            continue;
        }
        let path = in_project(workspace, &model_path(&propensity.name));
        scorers.push(open_model(workspace, module, &of, &path, global)?);
    }
    Ok(scorers)
}

/// Scores the data of a run.
pub(in crate::cli) fn score_all(
    scorers: &[Scorer],
    loaded: &mut Loaded,
    now: i64,
    workspace: &Workspace,
    global: &Global,
) -> Result<(), Failure> {
    for scorer in scorers {
        let scores = scorer.score(&loaded.dataset, now).map_err(|trouble| failed(trouble, workspace, global))?;
        attach(Arc::make_mut(&mut loaded.dataset), &scores);
    }
    Ok(())
}
