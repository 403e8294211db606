//! What is said of models and scores in the terminal. Names its siblings. Invariant: a number is told with what it means.

use super::model::{Judgement, Model};
use super::verdict::WEAK;
use crate::data::scores::Scores;
use crate::diagnostics::words::counted;
use crate::plan::value_text;
use crate::types::{MICROS_PER_DAY, Value};

/// Factors that are listed.
const LISTED: usize = 10;

/// A model in some lines.
pub fn summary(model: &Model) -> String {
    let (quality, data) = (&model.quality, &model.data);
    let mut text = format!("{}: {}\n", model.name, model.verdict.judgement.words());
    model.verdict.reasons.iter().for_each(|reason| text.push_str(&format!("  {reason}\n")));
    model.failed.iter().for_each(|failed| text.push_str(&format!("  required and not reached: {failed}\n")));
    let day = |instant: i64| value_text(&Value::Timestamp(instant));
    text.push_str(&format!(
        "\ntrained    {} at {} from {}; {} came true ({:.1}%)\n",
        counted(data.rows, "profile"),
        counted(data.cutoffs.len() as u64, "cut-off"),
        data.cutoffs.first().map_or_else(String::new, |first| day(*first)),
        data.positives,
        100.0 * data.positives as f64 / data.rows.max(1) as f64,
    ));
    text.push_str(&format!(
        "tested     {} at {}, what they did in the {} after; {} came true ({:.1}%)\n",
        counted(quality.rows, "profile"),
        day(data.test),
        counted((data.horizon / MICROS_PER_DAY) as u64, "day"),
        quality.positives,
        100.0 * quality.rate(),
    ));
    text.push_str(&measures(quality));
    text.push_str(&format!(
        "model      {} of up to {} over {} in {}\n\nwhat moves the scores (log odds, on average)\n",
        counted(model.ensemble.trees.len() as u64, "tree"),
        counted(u64::from(model.trained.depth), "level"),
        counted(model.features.len() as u64, "feature"),
        counted(model.factors.len() as u64, "factor"),
    ));
    for factor in model.factors.iter().take(LISTED) {
        text.push_str(&format!("  {:>7.3}  {}\n", factor.weight, factor.factor));
    }
    if model.verdict.judgement == Judgement::Weak {
        text.push_str(&format!("an AUC under {WEAK} is a lint in the segments that use it\n"));
    }
    text
}

/// The measures of a quality, a line each.
pub fn measures(quality: &super::metrics::Quality) -> String {
    let mut text = format!(
        "AUC        {:.4} ({:.4} to {:.4} with 95% confidence)\n",
        quality.auc, quality.auc_low, quality.auc_high
    );
    if let (Some(loss), Some(brier), Some(error)) = (quality.log_loss, quality.brier, quality.calibration_error) {
        text.push_str(&format!("log loss   {loss:.4}\nBrier      {brier:.4}\ncalibration error {error:.4}\n"));
    }
    text.push_str(&format!(
        "lift       {:.2} in the best tenth; the best fifth holds {:.1}% of all\n",
        quality.lift,
        100.0 * quality.gain(2)
    ));
    text
}

/// What came of measuring scores.
pub fn evaluated(
    name: &str,
    what: &str,
    at: i64,
    quality: &super::metrics::Quality,
    later: usize,
    drift: &[String],
) -> String {
    let mut text = format!(
        "{name}: {what} at {}, {}, {} came true ({:.1}%)\n{}\ntenth   profiles   mean {what}   came true\n",
        value_text(&Value::Timestamp(at)),
        counted(quality.rows, "profile"),
        quality.positives,
        100.0 * quality.rate(),
        measures(quality)
    );
    for (number, decile) in quality.deciles.iter().enumerate() {
        let rate = 100.0 * decile.positives / decile.rows.max(1) as f64;
        text.push_str(&format!("{:>5}   {:>8}   {:>11.4}   {rate:>8.1}%\n", number + 1, decile.rows, decile.mean));
    }
    if later > 0 {
        text.push_str(&format!("left out: {}, scored after that instant\n", counted(later as u64, "profile")));
    }
    drift.iter().for_each(|reason| text.push_str(&format!("drifting: {reason}\n")));
    text
}

/// What came of scoring: whose scores, and how many profiles are in each bucket.
pub fn scored(scores: &Scores, buckets: [u64; 3], path: &str) -> String {
    format!(
        "{}: scored {} with {}: {} low, {} medium, {} high; not eligible: {}\nwrote {path}\n",
        scores.name,
        counted(buckets.iter().sum(), "profile"),
        scores.model,
        buckets[0],
        buckets[1],
        buckets[2],
        scores.ineligible.len()
    )
}
