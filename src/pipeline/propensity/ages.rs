//! How many scores of a run are too old to be used. Names `hir`, `store` and time zones. Invariant: what is counted here is
//! what the plan makes absent: a score that was computed `max age` or longer before `now`, or at no known time.

use crate::hir::{ExprKind, Module, Propensity, ScoreField};
use crate::plan::FieldStep;
use crate::store::{Block, Dataset};
use crate::types::{Duration, Value};
use crate::vector::time::Zone;
use crate::vector::{Bitmap, Column, Data};

/// Scores of a propensity that are absent because of their age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ages {
    /// The propensity.
    pub name: String,
    /// Scores that are too old.
    pub stale: usize,
    /// Scores that do not say when they were computed.
    pub undated: usize,
}

/// The propensities of which scores are absent because of their age, among those whose data was read.
pub fn ages(module: &Module, dataset: &Dataset, now: i64) -> Vec<Ages> {
    let zone = Zone::new(&module.settings.zone).unwrap_or_else(Zone::utc);
    let limited = module.propensities.iter().filter_map(|propensity| {
        let oldest = zone.add(now, max_age(module, propensity)?, true)?;
        Some(count(propensity, dataset, oldest))
    });
    limited.filter(|ages| ages.stale + ages.undated > 0).collect()
}

fn max_age(module: &Module, propensity: &Propensity) -> Option<Duration> {
    let value = match &propensity.max_age.as_deref()?.kind {
        ExprKind::Literal(value) => value,
        ExprKind::Param(id) => &module.params.get(id.0 as usize)?.value,
        _ => return None,
    };
    match value {
        Value::Duration(duration) => Some(*duration),
        _ => None,
    }
}

fn count(propensity: &Propensity, dataset: &Dataset, oldest: i64) -> Ages {
    let place = |name: &str| -> Option<Vec<FieldStep>> {
        Some(propensity.place(name)?.into_iter().map(|step| FieldStep::Field(step.into())).collect())
    };
    let time = place(ScoreField::ScoredAt.name());
    let numbers: Vec<Vec<FieldStep>> = ScoreField::SCALES.iter().filter_map(|scale| place(scale.name())).collect();
    let mut ages = Ages { name: propensity.name.clone(), stale: 0, undated: 0 };
    for block in &dataset.blocks {
        let column = |path: &[FieldStep]| block.profiles.columns.get(path);
        let Some(times) = time.as_deref().and_then(column) else { continue };
        let numbers: Vec<&Column> = numbers.iter().filter_map(|path| column(path)).collect();
        count_block(&mut ages, block, times, &numbers, oldest);
    }
    ages
}

fn count_block(ages: &mut Ages, block: &Block, times: &Column, numbers: &[&Column], oldest: i64) {
    let present = |column: &Column, row: usize| column.valid.as_ref().is_none_or(|valid: &Bitmap| valid.get(row));
    let Data::Int(instants) = &times.data else { return };
    for (row, instant) in instants.iter().enumerate().filter(|(row, _)| block.counts(*row)) {
        if !numbers.iter().any(|column| present(column, row)) {
            continue;
        }
        match present(times, row) {
            false => ages.undated += 1,
            true if *instant <= oldest => ages.stale += 1,
            true => {}
        }
    }
}
