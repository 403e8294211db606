//! What is to be thought of a model. Names its siblings. Invariant: a verdict says why.

use super::leaks::Suspects;
use super::metrics::Quality;
use super::model::{DataRange, Judgement, Verdict, WindowQuality};
use crate::hir::{Metric, Training};

/// Outcomes of each kind from which on a quality can be believed.
const ENOUGH: u64 = 100;
/// AUC below which a model hardly tells profiles apart.
pub const WEAK: f64 = 0.65;
/// How many times the rate may change between cut-offs.
const RATE_CHANGE: f64 = 2.0;
/// How much lower the AUC may be on new rows than on those that were learnt.
const AUC_DROP: f64 = 0.15;
/// The share of the rate by which the mean probability may differ from it.
const MISJUDGED: f64 = 0.1;
/// An AUC that hardly any behaviour allows.
const TOO_GOOD: f64 = 0.97;

/// What the declaration requires and the model does not reach.
pub fn failed(training: &Training, data: &DataRange, quality: &Quality) -> Vec<String> {
    let reached = |metric| match metric {
        Metric::Auc => quality.auc,
        Metric::Positives => data.positives as f64,
        Metric::Negatives => (data.rows - data.positives) as f64,
        Metric::Eligible => quality.rows as f64,
        Metric::Lift => quality.lift,
    };
    let text = |metric, value: f64| match metric {
        Metric::Auc | Metric::Lift => format!("{value:.3}"),
        Metric::Positives | Metric::Negatives | Metric::Eligible => format!("{value}"),
    };
    let gates = training.gates.iter().filter(|gate| reached(gate.metric) < gate.least);
    gates
        .map(|gate| {
            let reached = text(gate.metric, reached(gate.metric));
            format!("{} is {reached}, {} is required", gate.metric.name(), gate.least)
        })
        .collect()
}

/// The verdict on a model.
pub fn judge(data: &DataRange, quality: &Quality, windows: &[WindowQuality], suspects: &Suspects) -> Verdict {
    let verdict = |judgement, mut reasons: Vec<String>| {
        reasons.extend(suspects.notable.iter().cloned());
        Verdict { judgement, reasons }
    };
    if !suspects.leaks.is_empty() {
        return verdict(Judgement::SuspiciouslyGood, suspects.leaks.clone());
    }
    let fewest = data.positives.min(data.rows - data.positives);
    if fewest < ENOUGH {
        let reason =
            format!("it was learnt from {fewest} outcomes of one kind; from {ENOUGH} on its quality can be believed");
        return verdict(Judgement::TooLittleData, vec![reason]);
    }
    if quality.auc > TOO_GOOD {
        let reason =
            format!("an AUC of {:.3} is better than behaviour allows; a column may know the outcome", quality.auc);
        return verdict(Judgement::SuspiciouslyGood, vec![reason]);
    }
    let drift = drift(windows);
    if !drift.is_empty() {
        return verdict(Judgement::Drifting, drift);
    }
    let misjudged = misjudged(quality);
    if quality.auc < WEAK || quality.auc_low <= 0.5 {
        let reason =
            format!("an AUC of {:.3} hardly tells profiles apart (0.5 is a coin, 1 is certainty)", quality.auc);
        return verdict(Judgement::Weak, [reason].into_iter().chain(misjudged).collect());
    }
    let reason = format!(
        "of two profiles, one for whom it comes true, it names the right one in {:.0} of 100 cases; the best tenth has {:.1} times the average rate",
        100.0 * quality.auc,
        quality.lift
    );
    verdict(Judgement::Usable, [reason].into_iter().chain(misjudged).collect())
}

/// What is wrong with probabilities that say on average something else than what came true: ranks are right, thresholds
/// are not.
fn misjudged(quality: &Quality) -> Option<String> {
    quality.calibration_error?;
    let (rows, rate) = (quality.rows.max(1) as f64, quality.rate());
    let mean = quality.deciles.iter().map(|decile| decile.mean * decile.rows as f64).sum::<f64>() / rows;
    // Three standard errors: few profiles differ by chance. Less than a tenth of the rate changes no decision.
    let error = (rate * (1.0 - rate) / rows).sqrt();
    let off = (mean - rate).abs();
    (off > 3.0 * error && off > MISJUDGED * rate).then(|| {
        format!(
            "its probabilities are too {} by {:.1} points on average: {:.1}% were expected and {:.1}% came true; \
             thresholds on `percentile` do not suffer from that",
            if mean > rate { "high" } else { "low" },
            100.0 * off,
            100.0 * mean,
            100.0 * rate
        )
    })
}

/// How the last cut-off differs from those before it.
pub fn drift(windows: &[WindowQuality]) -> Vec<String> {
    let Some((last, before)) = windows.split_last() else { return Vec::new() };
    let rows: u64 = before.iter().map(|window| window.rows).sum();
    if rows == 0 || last.rows == 0 {
        return Vec::new();
    }
    let mean = |of: fn(&WindowQuality) -> f64| {
        before.iter().map(|window| of(window) * window.rows as f64).sum::<f64>() / rows as f64
    };
    let (rate, auc) = (mean(|w| w.rate), mean(|w| w.auc));
    let mut reasons = Vec::new();
    let change = (last.rate.max(1e-9) / rate.max(1e-9)).max(rate.max(1e-9) / last.rate.max(1e-9));
    // Three standard errors: few profiles differ by chance.
    let error = (rate * (1.0 - rate) / last.rows as f64).sqrt();
    if change > RATE_CHANGE && (last.rate - rate).abs() > 3.0 * error {
        reasons.push(format!(
            "the prediction came true for {:.1}% of profiles in the newest window and for {:.1}% before",
            100.0 * last.rate,
            100.0 * rate
        ));
    }
    if auc - last.auc > AUC_DROP {
        reasons.push(format!("the AUC is {:.3} in the newest window and was {auc:.3} before", last.auc));
    }
    reasons
}
