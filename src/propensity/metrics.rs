//! How good scores are against what then happened. Names `category` for its rounding. Invariant: rows of equal score are treated alike, in
//! whatever order they come.

use serde::{Deserialize, Serialize};

use super::category::round;

/// The quality of scores.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// Rows.
    pub rows: u64,
    /// Rows for which the prediction came true.
    pub positives: u64,
    /// Area under the ROC curve: how often a row that came true has a higher score than one that did not.
    pub auc: f64,
    /// Its 95% confidence interval (DeLong, DeLong, Clarke-Pearson 1988).
    pub auc_low: f64,
    /// Its upper end.
    pub auc_high: f64,
    /// Mean negative log likelihood; of scores that are no probabilities `None`, as are the next two.
    pub log_loss: Option<f64>,
    /// Mean squared error of the probability.
    pub brier: Option<f64>,
    /// Expected calibration error over ten groups of equal size.
    pub calibration_error: Option<f64>,
    /// How many times the average rate the best tenth has.
    pub lift: f64,
    /// Ten groups of equal size, best scores first.
    pub deciles: Vec<Decile>,
    /// Points of the ROC curve: false and true positive rate.
    pub roc: Vec<(f64, f64)>,
    /// How many rows have a probability in each twentieth of 0 to 1, and how many of them came true.
    pub histogram: Vec<(u64, u64)>,
}

/// A tenth of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decile {
    /// Rows.
    pub rows: u64,
    /// Rows for which the prediction came true; a fraction where rows of equal score lie on the border.
    pub positives: f64,
    /// Mean score.
    pub mean: f64,
}

impl Quality {
    /// The share of rows for which the prediction came true.
    pub fn rate(&self) -> f64 {
        self.positives as f64 / self.rows.max(1) as f64
    }

    /// With so few digits that a file gives them back exactly.
    fn rounded(mut self) -> Quality {
        for value in [&mut self.auc, &mut self.auc_low, &mut self.auc_high, &mut self.lift] {
            *value = round(*value);
        }
        for value in [&mut self.log_loss, &mut self.brier, &mut self.calibration_error] {
            *value = value.map(round);
        }
        for decile in &mut self.deciles {
            (decile.positives, decile.mean) = (round(decile.positives), round(decile.mean));
        }
        self
    }

    /// The share of all positives in the best `tenths` tenths.
    pub fn gain(&self, tenths: usize) -> f64 {
        let found: f64 = self.deciles.iter().take(tenths).map(|decile| decile.positives).sum();
        found / (self.positives as f64).max(1.0)
    }
}

/// Points of a ROC curve that are kept.
const ROC_POINTS: usize = 100;
/// Bars of a histogram.
const BARS: usize = 20;

/// Measures scores; `probabilities` says whether they are probabilities. With outcomes of one kind only there is no AUC:
/// it is 0.5.
pub fn measure(labels: &[bool], scores: &[f64], probabilities: bool) -> Quality {
    let runs = runs(labels, scores);
    let positives = labels.iter().filter(|label| **label).count();
    let (auc, error) = auc(&runs, positives, labels.len() - positives);
    let deciles = deciles(&runs, labels.len());
    let rate = positives as f64 / labels.len().max(1) as f64;
    let first = deciles.first().copied().unwrap_or_default();
    let calibration = deciles.iter().map(|d| (d.mean * d.rows as f64 - d.positives).abs()).sum::<f64>();
    let mut histogram = vec![(0, 0); BARS];
    for (label, score) in labels.iter().zip(scores) {
        let bar = &mut histogram[((score * BARS as f64) as usize).min(BARS - 1)];
        *bar = (bar.0 + 1, bar.1 + u64::from(*label));
    }
    let mean = |f: fn(f64, f64) -> f64| {
        let outcomes = labels.iter().map(|label| f64::from(u8::from(*label)));
        let sum: f64 = outcomes.zip(scores).map(|(y, p)| f(y, *p)).sum();
        probabilities.then_some(sum / labels.len().max(1) as f64)
    };
    let quality = Quality {
        rows: labels.len() as u64,
        positives: positives as u64,
        auc,
        auc_low: (auc - 1.96 * error).max(0.0),
        auc_high: (auc + 1.96 * error).min(1.0),
        log_loss: mean(|y, p| -(y * p.max(1e-15).ln() + (1.0 - y) * (1.0 - p).max(1e-15).ln())),
        brier: mean(|y, p| (y - p) * (y - p)),
        calibration_error: probabilities.then_some(calibration / labels.len().max(1) as f64),
        lift: if rate > 0.0 { first.positives / first.rows.max(1) as f64 / rate } else { 0.0 },
        roc: roc(&runs, positives, labels.len() - positives),
        deciles,
        histogram: if probabilities { histogram } else { Vec::new() },
    };
    quality.rounded()
}

/// Rows of one score.
struct Run {
    score: f64,
    positives: usize,
    rows: usize,
}

/// The rows by descending score.
fn runs(labels: &[bool], scores: &[f64]) -> Vec<Run> {
    let mut sorted: Vec<(f64, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    sorted.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    let mut runs: Vec<Run> = Vec::new();
    for (score, label) in sorted {
        match runs.last_mut() {
            Some(run) if run.score == score => {
                run.rows += 1;
                run.positives += usize::from(label);
            }
            _ => runs.push(Run { score, positives: usize::from(label), rows: 1 }),
        }
    }
    runs
}

/// The area under the curve and its standard error, by the placements of each row among those of the other kind (Sun and
/// Xu 2014).
fn auc(runs: &[Run], positives: usize, negatives: usize) -> (f64, f64) {
    if positives == 0 || negatives == 0 {
        return (0.5, 0.5);
    }
    let (m, n) = (positives as f64, negatives as f64);
    let (mut seen_positives, mut seen_negatives) = (0.0, 0.0);
    let (mut sum, mut squares_positive, mut squares_negative) = (0.0, 0.0, 0.0);
    for run in runs {
        let (p, q) = (run.positives as f64, (run.rows - run.positives) as f64);
        // Of a positive: the share of negatives below it. Of a negative: the share of positives above it.
        let (below, above) = ((n - seen_negatives - q / 2.0) / n, (seen_positives + p / 2.0) / m);
        sum += p * below;
        squares_positive += p * below * below;
        squares_negative += q * above * above;
        seen_positives += p;
        seen_negatives += q;
    }
    let auc = sum / m;
    let variance = |squares: f64, count: f64| {
        if count > 1.0 { ((squares - count * auc * auc) / (count - 1.0)).max(0.0) / count } else { 0.25 }
    };
    (auc, (variance(squares_positive, m) + variance(squares_negative, n)).sqrt())
}

fn deciles(runs: &[Run], rows: usize) -> Vec<Decile> {
    let mut deciles = vec![Decile::default(); if rows == 0 { 0 } else { 10.min(rows) }];
    let count = deciles.len();
    let mut at = 0;
    for run in runs {
        let mut left = run.rows;
        while left > 0 {
            let number = (at * count / rows).min(count - 1);
            let end = ((number + 1) * rows).div_ceil(count);
            let taken = left.min(end - at).max(1);
            let decile = &mut deciles[number];
            decile.rows += taken as u64;
            // Rows of equal score are spread evenly.
            decile.positives += run.positives as f64 * taken as f64 / run.rows as f64;
            decile.mean += run.score * taken as f64;
            at += taken;
            left -= taken;
        }
    }
    deciles.iter_mut().for_each(|decile| decile.mean /= decile.rows.max(1) as f64);
    deciles
}

fn roc(runs: &[Run], positives: usize, negatives: usize) -> Vec<(f64, f64)> {
    let (m, n) = (positives.max(1) as f64, negatives.max(1) as f64);
    let mut points = vec![(0.0, 0.0)];
    let (mut p, mut q) = (0, 0);
    for (at, run) in runs.iter().enumerate() {
        p += run.positives;
        q += run.rows - run.positives;
        let (x, y) = (q as f64 / n, p as f64 / m);
        let last = points.last().copied().unwrap_or_default();
        let far = (x - last.0) + (y - last.1) >= 2.0 / ROC_POINTS as f64;
        if far || at + 1 == runs.len() {
            points.push(((x * 1e4).round() / 1e4, (y * 1e4).round() / 1e4));
        }
    }
    points
}
