//! Propensities of a project: features compiled as segments of it, models trained and used. Names `propensity` and the
//! rest of the pipeline. Invariant: a feature is checked, planned and evaluated exactly as the same text in a segment.

use std::path::Path;
use std::sync::Arc;

use super::{SegFile, Workspace};
use crate::data::matrix::Rows;
use crate::data::{self, Loaded};
use crate::diagnostics::Diagnostic;
use crate::emit::rules::{feature_hashes, propensity_hash};
use crate::hir::{Expr, ExprKind, Module, Propensity, PropensityId, PropensityOrigin, Rank, Segment, Training};
use crate::plan::Needs;
use crate::propensity::derive::Compiled;
use crate::propensity::features::{self, Feature, Sources};
use crate::propensity::label;
use crate::propensity::model::{DataRange, Model};
use crate::propensity::observe;
use crate::propensity::train::{Job, id_hashes, train};
use crate::store::Dataset;
use crate::syntax;
use crate::types::{Duration, Value};
use crate::vector::time::Zone;

mod deriving;
mod evaluate;
mod foreign;
mod models;
mod scorer;
mod unusable;

use deriving::Deriving;
pub use evaluate::{Evaluated, evaluate_foreign, evaluate_imported, evaluate_model};
pub(super) use foreign::unfit_models;
pub use foreign::{AnyScorer, ForeignScorer, foreign};
pub use models::notes_on;
pub(super) use models::{ModelFile, ModelMemo, foreign_models, model_facts, model_files};
use scorer::ineligible;
pub use scorer::{Scorer, Take};
pub use unusable::{Unusable, misfits, strangers, told, unusable};

/// A propensity that is trained here.
#[derive(Debug, Clone, Copy)]
pub struct Declared<'a> {
    /// The declaration.
    pub propensity: &'a Propensity,
    /// Its place in the module.
    pub id: PropensityId,
    /// What is predicted.
    pub predict: &'a Expr,
    /// For whom.
    pub eligible: &'a Expr,
    /// From what.
    pub training: &'a Training,
}

/// What a long task is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Files are read.
    Reading,
    /// Features of one of several cut-offs are derived.
    Deriving(usize, usize),
    /// So many trees of so many are grown.
    Training(u32, u32),
    /// Profiles are scored and explained.
    Scoring,
}

/// Is told of progress.
pub type Progress<'a> = &'a dyn Fn(Stage);

/// Why something could not be done.
#[derive(Debug)]
pub enum Trouble {
    /// The data or the project is wrong.
    Diagnostics(Vec<Diagnostic>),
    /// In words.
    Words(String),
}

impl From<String> for Trouble {
    fn from(words: String) -> Trouble {
        Trouble::Words(words)
    }
}

/// The propensity of a name, if it is trained here.
pub fn declared<'a>(module: &'a Module, name: &str) -> Option<Declared<'a>> {
    let at = module.propensities.iter().position(|propensity| propensity.name == name)?;
    let propensity = &module.propensities[at];
    match &propensity.origin {
        PropensityOrigin::Declared { predict, eligible, training } => {
            Some(Declared { propensity, id: PropensityId(at as u32), predict, eligible, training })
        }
        PropensityOrigin::Data(_) | PropensityOrigin::Profile { .. } | PropensityOrigin::Model(_) => None,
    }
}

/// Where a model's file is, in the project's folder.
pub fn model_path(name: &str) -> String {
    format!("propensity/{name}.json")
}

/// Where a model's report is put, in the project's folder.
pub fn report_path(name: &str) -> String {
    format!("propensity/{name}.html")
}

/// Where a model's scores are put, in the project's folder.
pub fn scores_path(name: &str) -> String {
    format!("propensity/{name}.scores.parquet")
}

/// The digest of a declaration: of what it predicts, for whom, from what, with all that these lead to.
pub fn definition(module: &Module, declared: &Declared<'_>) -> String {
    let training = declared.training;
    let lets: Vec<&str> =
        training.lets.iter().filter_map(|id| module.lets.get(id.0 as usize)).map(|l| l.name.as_str()).collect();
    let text = format!(
        "{}\n{:?}\n{:?}\n{lets:?}\n{:?}\n{:?}\n{:?}",
        propensity_hash(module, declared.id),
        feature_hashes(module, training),
        training.events,
        training.attributes,
        training.denied,
        (training.cutoffs, training.trees, training.depth, training.seed),
    );
    crate::schema::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Marks the expression of a category, which is compiled in another way than a number.
const CATEGORY: &str = "category ";

/// The name of the segment that computes a feature.
const SEGMENT: &str = "propensity_feature_";

/// Compiles features as segments of the file that declares the propensity, so that they see what it sees.
pub fn compile(
    workspace: &Workspace,
    module: &Module,
    declared: &Declared<'_>,
    expressions: &[String],
) -> Result<Compiled, Trouble> {
    let file = declared.propensity.span.file;
    let mut text = workspace.sources.file(file).map_or_else(String::new, |file| file.text.to_string());
    for (number, expression) in expressions.iter().enumerate() {
        // Values of enums have no order to rank by; in a list they may stand.
        text.push_str(&match expression.starts_with(CATEGORY) {
            true => format!("\nsegment {SEGMENT}{number} {{ where size([{}]) >= 0 }}", &expression[CATEGORY.len()..]),
            false => format!("\nsegment {SEGMENT}{number} {{ where true rank by {expression} }}"),
        });
    }
    let known = workspace.files.iter().find(|known| known.id == file);
    let (path, docs) = known.map(|known| (known.path.clone(), known.docs.clone())).unwrap_or_default();
    let imports = known.map(|known| known.imports.clone()).unwrap_or_default();
    let models = known.map(|known| known.models.clone()).unwrap_or_default();
    let parse = Arc::new(syntax::parse(file, &text));
    let extended = SegFile { id: file, path, parse, docs, imports, models, version: 0 };
    let checked = workspace.check(module.schema.clone(), Some(&extended), None);
    let mut found = checked.module;
    let named = |segment: &Segment| segment.name.strip_prefix(SEGMENT)?.parse::<usize>().ok();
    for segment in found.segments.iter_mut().filter(|segment| named(segment).is_some() && segment.rank.is_none()) {
        let by = only_element(&segment.condition).cloned();
        Arc::make_mut(segment).rank = by.map(|by| Rank { by, descending: false, limit: None });
    }
    let mut places = vec![None; expressions.len()];
    for (index, segment) in found.segments.iter().enumerate() {
        let sound = segment.rank.as_ref().is_some_and(|rank| !matches!(rank.by.kind, ExprKind::Error));
        if let Some(slot) = named(segment).filter(|_| sound).and_then(|number| places.get_mut(number)) {
            *slot = Some(index);
        }
    }
    if let Some(number) = places.iter().position(Option::is_none) {
        let reason =
            checked.diagnostics.iter().find(|d| d.is_error()).map_or(String::new(), |d| format!(": {}", d.message));
        return Err(Trouble::Words(format!(
            "the feature `{}` cannot be computed{reason}",
            expressions[number].trim_start_matches(CATEGORY)
        )));
    }
    let reached = reached_segments(&found, declared);
    for (index, segment) in found.segments.iter_mut().enumerate() {
        // What the propensity does not read need not be computed.
        if named(segment).is_none() && !reached.contains(&index) {
            Arc::make_mut(segment).empty();
        }
    }
    let mut add = |name: &str, condition: &Expr| {
        let span = condition.span;
        found.segments.push(Arc::new(Segment {
            name: format!("{SEGMENT}{name}"),
            span,
            whole: span,
            title: String::new(),
            docs: String::new(),
            condition: condition.clone(),
            rank: None,
            sample: None,
        }));
        found.segments.len() - 1
    };
    let (label, eligible) = (add("label", declared.predict), add("eligible", declared.eligible));
    Ok(Compiled { module: found, label, eligible, features: places.into_iter().flatten().collect() })
}

/// The element of the first list of one element in an expression.
fn only_element(expr: &Expr) -> Option<&Expr> {
    if let ExprKind::List(elements) = &expr.kind
        && let [element] = elements.as_slice()
    {
        return Some(element);
    }
    let mut found = None;
    crate::hir::walk::children(expr, &mut |child| found = found.or_else(|| only_element(child)));
    found
}

/// The segments that predict, population and definitions read.
fn reached_segments(module: &Module, declared: &Declared<'_>) -> Vec<usize> {
    let mut reached = Vec::new();
    let mut open: Vec<&Expr> = vec![declared.predict, declared.eligible];
    open.extend(module.lets.iter().map(|definition| &definition.body));
    open.extend(module.events.iter().filter_map(|event| event.collection.filter.as_deref()));
    while let Some(expr) = open.pop() {
        if let ExprKind::Segment(id) = &expr.kind
            && !reached.contains(&(id.0 as usize))
        {
            reached.push(id.0 as usize);
            open.extend(module.segments.get(id.0 as usize).map(|segment| &segment.condition));
        }
        crate::hir::walk::children(expr, &mut |child| open.push(child));
    }
    reached
}

/// Reads what some programs need of the project's data, out of its store where it has one; scores that are still to be
/// computed are not sought there.
pub fn load(
    workspace: &Workspace,
    module: &Module,
    needs: &Needs,
    now: i64,
    scored: &[&str],
) -> Result<Loaded, Trouble> {
    let mut project = data::with_scores(&workspace.project, &module.propensities);
    scored.iter().for_each(|name| {
        project.propensity.shift_remove(*name);
    });
    let needs = needs.without_propensities(scored);
    let root = Path::new(&workspace.root);
    let loaded = match &project.store {
        Some(store) => {
            let schema = workspace.schema.as_ref().unwrap_or(&module.schema).fingerprint();
            let loaded = data::ingest::from_store(&root.join(&store.value), &schema, &project, &needs, now);
            let checked = loaded.and_then(|loaded| loaded.dataset.check().map(|()| loaded));
            checked.map_err(|fault| Trouble::Words(fault.to_string()))?
        }
        None => {
            fit(strangers(module, &project, root, &needs))?;
            data::load(&project, root, &module.schema, &needs, now).map_err(Trouble::Diagnostics)?
        }
    };
    fit(misfits(module, &loaded))?;
    Ok(loaded)
}

fn fit(found: Vec<Diagnostic>) -> Result<(), Trouble> {
    if found.is_empty() { Ok(()) } else { Err(Trouble::Diagnostics(found)) }
}

/// Every feature that might be derived: to know what to read.
fn candidates(sources: &Sources) -> Vec<Feature> {
    let mut all = features::of_sources(sources, &|_, _| true);
    for event in &sources.events {
        for field in sources.fields.iter().filter(|field| !field.number) {
            all.extend(features::of_value(event, field, ""));
        }
    }
    all
}

/// The features of what the data holds.
fn observed_features(sources: &Sources, observed: &observe::Observed) -> Vec<Feature> {
    let mut all = features::of_sources(sources, &|event, field| observed.has(event, field));
    for event in &sources.events {
        for field in &sources.fields {
            let values = observed.top(event, field).iter();
            all.extend(values.flat_map(|value| features::of_value(event, field, value)));
        }
    }
    all
}

fn texts<'f>(features: impl IntoIterator<Item = &'f Feature>) -> Vec<String> {
    features.into_iter().map(|feature| marked(&feature.expression, feature.category)).collect()
}

fn marked(expression: &str, category: bool) -> String {
    format!("{}{expression}", if category { CATEGORY } else { "" })
}

/// One microsecond before a cut-off: see [`crate::propensity::derive`].
fn just_before(cutoff: i64) -> i64 {
    cutoff - 1
}

/// Is shown the rows of each cut-off.
pub type EachCutoff<'a> = &'a mut dyn FnMut(&Rows<'_>) -> Result<(), String>;

/// Trains the model of a declaration on the project's data up to `now`.
pub fn train_model(
    workspace: &Workspace,
    module: &Module,
    declared: &Declared<'_>,
    now: i64,
    progress: Progress<'_>,
) -> Result<(Model, Loaded), Trouble> {
    train_model_watched(workspace, module, declared, now, (progress, None))
}

/// The same; `each` is shown what the model is learnt from and measured on.
pub fn train_model_watched(
    workspace: &Workspace,
    module: &Module,
    declared: &Declared<'_>,
    now: i64,
    (progress, mut each): (Progress<'_>, Option<EachCutoff<'_>>),
) -> Result<(Model, Loaded), Trouble> {
    let horizon = label::horizon(module, declared.predict)?;
    let zone = Zone::new(&module.settings.zone).unwrap_or_else(Zone::utc);
    let sources = features::sources(module, declared.training);
    progress(Stage::Reading);
    let all = candidates(&sources);
    let needs = compile(workspace, module, declared, &texts(&all))?.program(now).needs;
    let loaded = load(workspace, module, &needs, now, &[])?;
    let mut data = range(declared.training, horizon, &zone, now, &loaded.dataset)?;
    let newest = data.cutoffs.last().copied().unwrap_or(data.test);
    let observed = observe::observe(module, &sources, &loaded.dataset, newest);
    let features = observed_features(&sources, &observed);
    let compiled = compile(workspace, module, declared, &texts(&features))?;
    let (train_rows, test_rows) = {
        let deriving = Deriving {
            compiled: &compiled,
            dataset: &loaded.dataset,
            features: &features,
            ids: loaded.dataset.blocks.iter().map(|block| id_hashes(&block.ids)).collect(),
            seed: declared.training.seed.unwrap_or(crate::propensity::boost::Options::default().seed),
        };
        // What is shown is derived by itself: it is wanted whole, and of the rest only bins are kept.
        if let Some(each) = &mut each {
            deriving.show(&data, each)?;
        }
        let few = compile(workspace, module, declared, &[])?;
        let (cutoffs, rows) = deriving.cutoffs(&few, std::mem::take(&mut data.cutoffs))?;
        data.cutoffs = cutoffs;
        deriving.rows(&data, rows, progress)?
    };
    let job = Job {
        name: &declared.propensity.name,
        definition: definition(module, declared),
        training: declared.training,
        buckets: declared.propensity.buckets,
        features: &features,
        data,
        train: train_rows,
        test: test_rows,
    };
    let trees = declared.training.trees.unwrap_or(crate::propensity::boost::Options::default().trees);
    let model = train(job, &|done| progress(Stage::Training(done, trees)))?;
    Ok((model, loaded))
}

/// The cut-offs; a data set that ends long before `now` is told, since then every label would be no.
fn range(
    training: &Training,
    horizon: Duration,
    zone: &Zone,
    now: i64,
    dataset: &Dataset,
) -> Result<DataRange, Trouble> {
    let Some((begins, ends)) = observe::span(dataset) else {
        return Err(Trouble::Words("there are no events to learn from".to_owned()));
    };
    let data = label::cutoffs(training, horizon, zone, now, begins)?;
    if ends < data.test {
        let last = crate::plan::value_text(&Value::Timestamp(ends));
        return Err(Trouble::Words(format!(
            "the last event is of {last}: nothing is known of what happened after it; give `--now` near it"
        )));
    }
    Ok(data)
}
