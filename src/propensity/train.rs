//! From rows and outcomes to a model file's content. Names its siblings. Invariant: what is reported of a model was
//! measured at a cut-off later than every row that it has learnt from.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::binning::{self, Binned, Borders};
use super::boost::{self, Ensemble, Options};
use super::category::{self, ABSENT, Encoding, round};
use super::derive::Cells;
use super::features::Feature as Source;
use super::model::{DataRange, Feature, Model, Trained, TreesText, VERSION, WindowQuality};
use super::ranks::Ranks;
use super::rows::{Coded, Rows, bins};
use super::shap::Tables;
use super::tree::{self, probability};
use super::{factors, leaks, metrics, verdict};
use crate::hir::Training;
use crate::vector::strings::Strings;

/// Outcomes of each kind, at least, to learn from at all.
const FEWEST: u64 = 20;
/// A text with more values than this names single things, not kinds of them.
const CATEGORIES: usize = 1000;

/// What a model is trained from.
pub struct Job<'a> {
    /// The propensity's name.
    pub name: &'a str,
    /// The digest of the declaration.
    pub definition: String,
    /// How to train.
    pub training: &'a Training,
    /// Bounds of the buckets.
    pub buckets: [f64; 2],
    /// What the columns are.
    pub features: &'a [Source],
    /// The cut-offs.
    pub data: DataRange,
    /// The rows of the training cut-offs.
    pub train: Rows,
    /// The rows of the test cut-off.
    pub test: Rows,
}

/// Trains a model. `each` is told how many trees are done; why there is no model, in words, otherwise.
pub fn train(mut job: Job<'_>, each: &dyn Fn(u32)) -> Result<Model, String> {
    let options = options(job.training);
    let positives = job.train.labels.iter().filter(|label| **label).count() as u64;
    let negatives = job.train.labels.len() as u64 - positives;
    enough(positives, negatives)?;
    let Encoded { train: all, test, borders, encodings, useful } = encode(&mut job, options.seed);
    let kept = distinct_columns(&all, &useful);
    if kept.is_empty() {
        return Err("no feature tells profiles apart: all are constant or absent".to_owned());
    }
    let borders: Vec<Borders> = kept.iter().map(|&column| borders[column].clone()).collect();
    let binned = pick(all, &kept);
    let test = pick(test, &kept);
    let ensemble = boost::train(&binned, &job.train.labels, &job.train.ids, &options, each);
    if ensemble.trees.is_empty() {
        return Err("no feature has anything to do with the outcome".to_owned());
    }
    let used = used(&ensemble);
    let renumbered = renumbered(ensemble, &used);
    let (kept, borders): (Vec<usize>, Vec<_>) = used.iter().map(|&at| (kept[at], borders[at].clone())).unzip();
    let (ensemble, binned, test) = (renumbered, pick(binned, &used), pick(test, &used));
    let margins = tree::margins(ensemble.bias, &ensemble.trees, &test);
    let probabilities: Vec<f64> = margins.iter().map(|margin| probability(*margin)).collect();
    let ranks = Ranks::of(&probabilities);
    let features: Vec<Feature> = kept
        .iter()
        .zip(borders)
        .map(|(&column, borders)| feature(&job.features[column], borders.0, encodings[column].clone()))
        .collect();
    let tables = Tables::of(ensemble.bias, &ensemble.trees);
    let weights = factors::weights(&features, &ensemble.trees, &tables, &test, &|row| {
        ranks.bucket(probabilities[row], job.buckets)
    });
    let quality = metrics::measure(&job.test.labels, &probabilities, true);
    let train_margins = tree::margins(ensemble.bias, &ensemble.trees, &binned);
    let windows = windows(&job, &train_margins, &quality);
    let from_attribute: Vec<bool> = kept.iter().map(|&column| job.features[column].from_attribute).collect();
    let suspects = leaks::suspects(&features, &from_attribute, &binned, &job.train.labels, &weights, &quality);
    let mut data = job.data;
    (data.rows, data.positives) = (positives + negatives, positives);
    let failed = verdict::failed(job.training, &data, &quality);
    let verdict = verdict::judge(&data, &quality, &windows, &suspects);
    let trained = Trained {
        trees: options.trees,
        depth: options.depth,
        seed: options.seed,
        compiler: env!("CARGO_PKG_VERSION").to_owned(),
    };
    Ok(Model {
        format: Model::format(),
        version: VERSION,
        name: job.name.to_owned(),
        definition: job.definition,
        data,
        trained,
        features,
        ensemble: TreesText::of(&ensemble),
        quantiles: ranks.0,
        quality,
        windows,
        failed,
        verdict,
        factors: weights,
    })
}

/// The columns that some tree asks for; of the others a model need not know.
fn used(ensemble: &Ensemble) -> Vec<usize> {
    let splits = ensemble.trees.iter().flat_map(|tree| &tree.splits);
    splits.map(|split| split.column as usize).collect::<BTreeSet<usize>>().into_iter().collect()
}

/// The same trees, with the columns numbered by their places among some.
fn renumbered(mut ensemble: Ensemble, columns: &[usize]) -> Ensemble {
    for split in ensemble.trees.iter_mut().flat_map(|tree| &mut tree.splits) {
        split.column = columns.binary_search(&(split.column as usize)).unwrap_or_default() as u32;
    }
    ensemble
}

fn options(training: &Training) -> Options {
    let default = Options::default();
    Options {
        trees: training.trees.unwrap_or(default.trees),
        depth: training.depth.unwrap_or(default.depth),
        seed: training.seed.unwrap_or(default.seed),
        ..default
    }
}

fn enough(positives: u64, negatives: u64) -> Result<(), String> {
    match (positives, negatives) {
        (0, 0) => Err("nobody was eligible at any cut-off".to_owned()),
        (0, n) => Err(format!("the prediction came true for none of {n} profiles at all cut-offs: nothing to learn")),
        (n, 0) => Err(format!("the prediction came true for all of {n} profiles at all cut-offs: nothing to learn")),
        (p, n) if p < FEWEST || n < FEWEST => {
            Err(format!("too few outcomes: {p} yes and {n} no; at least {FEWEST} of each are needed"))
        }
        _ => Ok(()),
    }
}

/// All columns as bins.
struct Encoded {
    train: Binned,
    test: Binned,
    borders: Vec<Borders>,
    encodings: Vec<Option<Encoding>>,
    /// Whether a column is worth a look.
    useful: Vec<bool>,
}

/// Makes bins of all columns, which it takes out of the job.
fn encode(job: &mut Job<'_>, seed: u64) -> Encoded {
    let cutoffs = &job.data.cutoffs;
    let closed: Vec<usize> =
        cutoffs.iter().map(|at| cutoffs.iter().filter(|other| **other + job.data.horizon <= *at).count()).collect();
    let (columns, known) = (std::mem::take(&mut job.train.columns), std::mem::take(&mut job.train.borders));
    let tests = std::mem::take(&mut job.test.columns);
    let (train, ids) = (&job.train, &job.train.ids);
    let rows = category::Rows { labels: &train.labels, cutoffs: &train.cutoffs, ids, closed: &closed };
    let order = rows.order(seed);
    let empty = |rows: &Rows| Binned { rows: rows.labels.len(), columns: Vec::new() };
    let (train, test) = (empty(train), empty(&job.test));
    let mut encoded = Encoded { train, test, borders: vec![], encodings: vec![], useful: vec![] };
    for ((column, test), known) in columns.into_iter().zip(tests).zip(known) {
        let (train, test, borders, encoding) = match (column, test) {
            (Coded::Categories { codes, values }, Coded::Categories { codes: test, values: texts }) => {
                let (encoding, train) = rows.encode(&codes, &values, &order);
                let test = numbers(&Cells::Categories { codes: test, values: texts }, Some(&encoding));
                encoded.useful.push(values.len() <= CATEGORIES && values.len() * 4 <= codes.len());
                let borders = binning::borders(std::slice::from_ref(&train), ids, seed).pop().unwrap_or_default();
                (bins(&train, &borders), bins(&test, &borders), borders, Some(encoding))
            }
            (Coded::Bins(train), Coded::Bins(test)) => {
                encoded.useful.push(true);
                (train, test, known.unwrap_or_default(), None)
            }
            // One program gives every column the same type at all cut-offs.
            (Coded::Bins(_) | Coded::Categories { .. }, _) => continue,
        };
        encoded.train.columns.push(train);
        encoded.test.columns.push(test);
        encoded.borders.push(borders);
        encoded.encodings.push(encoding);
    }
    encoded
}

/// A column as numbers, categories by what is known of their values.
pub fn numbers(cells: &Cells, encoding: Option<&Encoding>) -> Vec<f32> {
    match (cells, encoding) {
        (Cells::Numbers(numbers), _) => numbers.clone(),
        (Cells::Categories { codes, values }, Some(encoding)) => {
            let known: Vec<f32> = values.iter().map(|value| encoding.encode(Some(value))).collect();
            let absent = encoding.encode(None);
            codes.iter().map(|&code| if code == ABSENT { absent } else { known[code as usize] }).collect()
        }
        (Cells::Categories { codes, .. }, None) => vec![f32::NAN; codes.len()],
    }
}

/// The columns with more than one bin, each content once.
fn distinct_columns(binned: &Binned, useful: &[bool]) -> Vec<usize> {
    let mut seen: FxHashSet<&[u8]> = FxHashSet::default();
    let columns = binned.columns.iter().enumerate().filter(|(at, column)| {
        let varies = column.windows(2).any(|pair| pair[0] != pair[1]);
        useful[*at] && varies && seen.insert(column)
    });
    columns.map(|(at, _)| at).collect()
}

fn pick(binned: Binned, kept: &[usize]) -> Binned {
    let mut columns: FxHashMap<usize, Vec<u8>> = binned.columns.into_iter().enumerate().collect();
    Binned { rows: binned.rows, columns: kept.iter().filter_map(|column| columns.remove(column)).collect() }
}

fn feature(source: &Source, borders: Vec<f32>, encoding: Option<Encoding>) -> Feature {
    Feature {
        expression: source.expression.clone(),
        factor: source.factor.clone(),
        window: source.window.clone(),
        borders,
        encoding,
    }
}

/// Rate and AUC of each cut-off, the test last.
fn windows(job: &Job<'_>, margins: &[f64], test: &metrics::Quality) -> Vec<WindowQuality> {
    let mut windows = Vec::new();
    for (number, cutoff) in job.data.cutoffs.iter().enumerate() {
        let rows = job.train.cutoffs.iter().zip(&job.train.labels).zip(margins);
        let (labels, margins): (Vec<bool>, Vec<f64>) = rows
            .filter(|((of, _), _)| usize::from(**of) == number)
            .map(|((_, label), margin)| (*label, *margin))
            .unzip();
        let quality = metrics::measure(&labels, &margins, false);
        let rate = round(quality.rate());
        windows.push(WindowQuality { cutoff: *cutoff, rows: quality.rows, rate, auc: round(quality.auc) });
    }
    let (rate, auc) = (round(test.rate()), round(test.auc));
    windows.push(WindowQuality { cutoff: job.data.test, rows: test.rows, rate, auc });
    windows
}

/// The hashes of profiles' ids.
pub fn id_hashes(ids: &Strings) -> Vec<u64> {
    ids.iter().map(super::hash::text).collect()
}
