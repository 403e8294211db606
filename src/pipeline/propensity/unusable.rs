//! Which scores of a run cannot be used, and whether scores are what their declaration says. Names `hir`, `data` and time
//! zones. Invariant: what is counted here is what the plan makes absent: a score that was computed `max age` or longer
//! before `now`, after `now`, or at no known time, and a number of the profile off its scale.

use std::path::Path;

use crate::data::files::{expand, is_data};
use crate::data::report::Kind;
use crate::data::scores::MadeBy;
use crate::data::{Loaded, reads_propensity, scores};
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{ExprKind, Module, Propensity, PropensityOrigin, ScoreField};
use crate::plan::{FieldStep, Needs};
use crate::project::Project;
use crate::schema::PROPENSITY;
use crate::store::{Block, Dataset};
use crate::types::{Duration, Value};
use crate::vector::time::Zone;
use crate::vector::{Column, Data};

/// Scores of a propensity that are absent, by reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// The propensity.
    pub name: String,
    /// Scores that are too old.
    pub stale: usize,
    /// Scores that do not say when they were computed, where a `max age` asks.
    pub undated: usize,
    /// Scores that were computed after now.
    pub later: usize,
    /// Numbers in fields of the profile that are not on their scale. Those of files are findings in the data.
    pub off_scale: usize,
}

/// The propensities of which scores are absent, among those whose data was read.
pub fn unusable(module: &Module, dataset: &Dataset, now: i64) -> Vec<Unusable> {
    let counts = module.propensities.iter().map(|propensity| {
        let mut counts = Unusable { name: propensity.name.clone(), stale: 0, undated: 0, later: 0, off_scale: 0 };
        let dated = Dated::of(module, propensity, now);
        for block in &dataset.blocks {
            count(&mut counts, block, propensity, dated.as_ref());
        }
        counts
    });
    counts.filter(|counts| counts.stale + counts.undated + counts.later + counts.off_scale > 0).collect()
}

/// When a score must have been computed.
struct Dated {
    path: Vec<FieldStep>,
    /// Scores of then or before are too old.
    oldest: Option<i64>,
    now: i64,
}

impl Dated {
    fn of(module: &Module, propensity: &Propensity, now: i64) -> Option<Dated> {
        if !propensity.is_dated() {
            return None;
        }
        let zone = Zone::new(&module.settings.zone).unwrap_or_else(Zone::utc);
        let oldest = max_age(module, propensity).and_then(|age| zone.add(now, age, true));
        Some(Dated { path: path(propensity.place(ScoreField::ScoredAt.name())?), oldest, now })
    }
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

fn path(steps: Vec<String>) -> Vec<FieldStep> {
    steps.into_iter().map(|step| FieldStep::Field(step.into())).collect()
}

/// The numbers of a block, each with its scale.
fn numbers<'b>(block: &'b Block, propensity: &Propensity) -> Vec<(ScoreField, &'b Column)> {
    let column = |scale: ScoreField| block.profiles.columns.get(path(propensity.place(scale.name())?).as_slice());
    ScoreField::SCALES.into_iter().filter_map(|scale| Some((scale, column(scale)?))).collect()
}

fn count(counts: &mut Unusable, block: &Block, propensity: &Propensity, dated: Option<&Dated>) {
    let numbers = numbers(block, propensity);
    if numbers.is_empty() {
        return;
    }
    let time = dated.and_then(|dated| Some((dated, block.profiles.columns.get(dated.path.as_slice())?)));
    for row in (0..block.ids.len()).filter(|row| block.counts(*row)) {
        let mut usable = false;
        for (scale, column) in &numbers {
            match number(column, row).map(|value| is_on(*scale, value)) {
                Some(true) => usable = true,
                Some(false) => counts.off_scale += 1,
                None => {}
            }
        }
        let Some((dated, Column { data: Data::Int(instants), .. })) = time.filter(|_| usable) else { continue };
        let at = time.filter(|(_, times)| times.is_present(row)).map(|_| instants[row]);
        match at {
            Some(at) if at > dated.now => counts.later += 1,
            Some(at) if dated.oldest.is_some_and(|oldest| at <= oldest) => counts.stale += 1,
            None if dated.oldest.is_some() => counts.undated += 1,
            Some(_) | None => {}
        }
    }
}

fn number(column: &Column, row: usize) -> Option<f64> {
    match &column.data {
        Data::Float(values) if column.is_present(row) => Some(values[row]),
        _ => None,
    }
}

fn is_on(scale: ScoreField, value: f64) -> bool {
    let (least, most) = scale.written();
    (least..=most).contains(&value)
}

/// Scores from which on their scale can be judged.
const ENOUGH: usize = 10;

/// The propensities whose scores are not what their declaration says, each with what speaks against it.
pub fn misfits(module: &Module, loaded: &Loaded) -> Vec<Diagnostic> {
    let of_each = module.propensities.iter().filter_map(|propensity| {
        let (message, help) = match &propensity.origin {
            PropensityOrigin::Data(_) => no_number(propensity, loaded).or_else(|| wrong_scale(propensity, loaded))?,
            PropensityOrigin::Profile { .. } => wrong_scale(propensity, loaded)?,
            PropensityOrigin::Model(_) | PropensityOrigin::Declared { .. } => return None,
        };
        Some(misfit(propensity, message, help))
    });
    of_each.collect()
}

fn misfit(propensity: &Propensity, message: String, help: String) -> Diagnostic {
    Diagnostic::new(Code::SEG0715, message, propensity.span, "declared here").with_help(help)
}

/// A score file without any of the columns that segments read.
fn no_number(propensity: &Propensity, loaded: &Loaded) -> Option<(String, String)> {
    let name = |scale: ScoreField| format!("{PROPENSITY}.{}.{}", propensity.name, scale.name());
    let findings = &loaded.report.findings;
    let is_missing = |wanted: &str| findings.iter().any(|(kind, at, _)| kind == Kind::MissingColumn && at == wanted);
    let read: Vec<ScoreField> = loaded
        .dataset
        .blocks
        .first()
        .map(|block| numbers(block, propensity))?
        .into_iter()
        .map(|(scale, _)| scale)
        .collect();
    let any = loaded.dataset.blocks.iter().any(|block| {
        numbers(block, propensity).iter().any(|(_, column)| (0..block.ids.len()).any(|row| column.is_present(row)))
    });
    if read.is_empty() || any || !read.iter().all(|scale| is_missing(&name(*scale))) {
        return None;
    }
    let columns: Vec<String> = read.iter().map(|scale| format!("`{}`", scale.name())).collect();
    let message = format!("the scores of `{}` have no column {}", propensity.name, columns.join(" or "));
    Some((
        message,
        "`{ scale probability  value at COLUMN }` says which column has the number, and its scale".to_owned(),
    ))
}

/// Numbers of which most are off their scale, or that are all where those of a smaller scale are.
fn wrong_scale(propensity: &Propensity, loaded: &Loaded) -> Option<(String, String)> {
    let blocks = &loaded.dataset.blocks;
    ScoreField::SCALES.into_iter().find_map(|scale| {
        let at = format!("{PROPENSITY}.{}.{}", propensity.name, scale.name());
        let findings = loaded.report.findings.iter().filter(|(kind, path, _)| *kind == Kind::OutOfRange && *path == at);
        let mut off = findings.map(|(.., finding)| finding.count as usize).sum::<usize>();
        let (mut on, mut fractions, mut largest) = (0, 0, f64::NEG_INFINITY);
        for block in blocks {
            let columns = numbers(block, propensity).into_iter().filter(|(known, _)| *known == scale);
            let rows = columns.flat_map(|(_, column)| (0..block.ids.len()).map(move |row| (column, row)));
            for value in rows.filter(|(_, row)| block.counts(*row)).filter_map(|(column, row)| number(column, row)) {
                match is_on(scale, value) {
                    true => (on, largest) = (on + 1, largest.max(value)),
                    false => off += 1,
                }
                fractions += usize::from(value > 0.0 && value < 1.0);
            }
        }
        let (least, most) = scale.written();
        let (name, all) = (&propensity.name, on + off);
        if all < ENOUGH {
            return None;
        }
        if off > on {
            let message =
                format!("of {all} numbers of `{name}` {off} are not from {least} to {most}, as `{}` is", scale.name());
            return Some((message, others(scale)));
        }
        // A hundred is never reached, and not even one: no score of 0 to 100 is like this.
        (most > 1.0 && largest <= 1.0 && fractions > 0).then(|| {
            let message =
                format!("all {on} numbers of `{name}` are from 0 to 1, and `{}` is {least} to {most}", scale.name());
            (message, others(scale))
        })
    })
}

/// What else numbers may be.
fn others(scale: ScoreField) -> String {
    let text = match scale {
        ScoreField::Probability => {
            "`scale percent` is a probability written as 0 to 100, `scale score` a score of 0 to 100"
        }
        ScoreField::Quantile => "`scale percentile` is 1 to 100",
        ScoreField::Percent | ScoreField::Score => "`scale probability` is 0 to 1",
        ScoreField::Percentile => "`scale quantile` is a percentile written as 0 to 1",
        ScoreField::ScoredAt | ScoreField::Model | ScoreField::Factors => "",
    };
    text.to_owned()
}

/// Score files that say of themselves that they are of another propensity or of another version of the model, among those
/// that a program reads. `kind` may name the other.
pub fn strangers(module: &Module, project: &Project, root: &Path, needs: &Needs) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for propensity in module.propensities.iter().filter(|propensity| reads_propensity(needs, &propensity.name)) {
        let files = project.propensity.get(&propensity.name).map(|files| &files.set.files);
        for path in files.map(|files| expand(root, files, is_data).unwrap_or_default()).unwrap_or_default() {
            let Some(MadeBy { propensity: of, model }) = scores::made_by(&path) else { continue };
            let (name, shown) = (&propensity.name, path.display());
            if of != *name && propensity.kind.as_ref() != Some(&of) {
                let help = format!("`kind {of}` says that this is meant");
                found.push(misfit(propensity, format!("`{shown}` holds scores of `{of}`, not of `{name}`"), help));
                continue;
            }
            let own = matches!(propensity.origin, PropensityOrigin::Declared { .. });
            let newest = propensity.model.as_ref().and_then(|facts| facts.version.as_ref());
            if let Some(newest) = newest.filter(|newest| own && **newest != model) {
                let message =
                    format!("`{shown}` holds scores of the model `{model}`, and the model of `{name}` is `{newest}`");
                found.push(misfit(propensity, message, format!("score again: `segc propensity score {name}`")));
            }
        }
    }
    found
}

/// Says how many scores are absent, a line for each reason.
pub fn told(of: &Unusable) -> Vec<String> {
    let reasons = [
        (of.stale, "older than its `max age`"),
        (of.undated, "without the time of scoring"),
        (of.later, "of after now"),
        (of.off_scale, "off their scale"),
    ];
    let said = reasons.into_iter().filter(|(count, _)| *count > 0);
    said.map(|(count, why)| format!("scores of `propensity.{}` {why}, absent: {count}", of.name)).collect()
}
