//! Columns that seem to know the outcome. Names its siblings. Invariant: a suspect is named with what was measured.

use super::binning::{BINS, Binned};
use super::metrics::Quality;
use super::model::{FactorWeight, Feature};

/// AUC of one column alone from which on it is believed to know the outcome.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    alone: f64,
    absence: f64,
}

/// Events carry their time and end at the cut-off: only behaviour that is hardly to be believed is suspect.
const EVENTS: Bounds = Bounds { alone: 0.95, absence: 0.95 };
/// An attribute may have been written after the outcome, and what people are foretells little of what they do next.
const ATTRIBUTES: Bounds = Bounds { alone: 0.80, absence: 0.75 };
/// AUC of one column alone that is worth a word.
const NOTABLE: f64 = 0.90;
/// The share of all contributions that one factor may have in a model that is very good.
const SHARE: f64 = 0.60;
/// A model that is very good.
const VERY_GOOD: f64 = 0.90;
/// Factors from which on the share of one is telling.
const MANY: usize = 6;

/// What the columns of a training say of the outcome, each by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suspects {
    /// Sentences, one for each column that is believed to know the outcome.
    pub leaks: Vec<String>,
    /// Sentences, one for each column that tells much and may do so rightly.
    pub notable: Vec<String>,
}

/// Judges the columns. `from_attribute` tells by column whether it reads an attribute of the profile.
pub fn suspects(
    features: &[Feature],
    from_attribute: &[bool],
    binned: &Binned,
    labels: &[bool],
    weights: &[FactorWeight],
    quality: &Quality,
) -> Suspects {
    let mut found = Suspects::default();
    for ((feature, column), from_attribute) in features.iter().zip(&binned.columns).zip(from_attribute) {
        let expression = &feature.expression;
        let mut counts = [(0u64, 0u64); BINS];
        for (bin, label) in column.iter().zip(labels) {
            let of = &mut counts[*bin as usize & (BINS - 1)];
            *of = (of.0 + u64::from(*label), of.1 + u64::from(!*label));
        }
        let alone = auc_of(counts.iter().copied());
        let present = counts[1..].iter().fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
        let absence = auc_of([counts[0], present].into_iter());
        let bounds = if *from_attribute { ATTRIBUTES } else { EVENTS };
        let written_after = if *from_attribute { "; an attribute may have been written after it" } else { "" };
        if absence > bounds.absence {
            found.leaks.push(format!(
                "whether `{expression}` is there tells the outcome (AUC {absence:.3} by that alone){written_after}"
            ));
        } else if alone > bounds.alone {
            found.leaks.push(format!("`{expression}` alone tells the outcome (AUC {alone:.3}){written_after}"));
        } else if alone > NOTABLE {
            found.notable.push(format!("`{expression}` alone has an AUC of {alone:.3}: was it known at the cut-off?"));
        }
    }
    let all: f64 = weights.iter().map(|weight| weight.weight).sum();
    if let Some(first) = weights.first()
        && weights.len() >= MANY
        && quality.auc > VERY_GOOD
        && first.weight > SHARE * all
    {
        let share = 100.0 * first.weight / all;
        found.leaks.push(format!("`{}` makes up {share:.0}% of what moves the scores", first.factor));
    }
    found
}

/// The AUC of bins, whichever way they are read: bins are tried in the order of their rates.
fn auc_of(counts: impl Iterator<Item = (u64, u64)>) -> f64 {
    let mut bins: Vec<(u64, u64)> = counts.filter(|(p, n)| p + n > 0).collect();
    let (positives, negatives) = bins.iter().fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
    if positives == 0 || negatives == 0 {
        return 0.5;
    }
    bins.sort_by(|a, b| (a.0 * (b.0 + b.1)).cmp(&(b.0 * (a.0 + a.1))));
    let (mut seen, mut area) = (0.0, 0.0);
    for (p, n) in bins {
        area += p as f64 * (seen + n as f64 / 2.0);
        seen += n as f64;
    }
    area / (positives as f64 * negatives as f64)
}
