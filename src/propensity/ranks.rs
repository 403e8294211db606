//! Scores and percentiles from a frozen table of quantiles. Names nothing. Invariant: equal probabilities have equal
//! scores, and a profile's score does not change when other profiles come or go.

use super::category::round;

/// The probabilities at the 1st to 99th percentile.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranks(pub Vec<f64>);

impl Ranks {
    /// The quantiles of some probabilities.
    pub fn of(probabilities: &[f64]) -> Ranks {
        let mut sorted = probabilities.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let at = |percent: usize| {
            let place = (percent * sorted.len()).div_ceil(100).saturating_sub(1);
            round(sorted.get(place).copied().unwrap_or(0.0))
        };
        Ranks((1..100).map(at).collect())
    }

    /// 1 to 100: one more than the quantiles below.
    pub fn percentile(&self, probability: f64) -> f64 {
        (1 + self.0.partition_point(|quantile| *quantile < probability)) as f64
    }

    /// 0 to 100: the place among the quantiles, to a tenth.
    pub fn score(&self, probability: f64) -> f64 {
        let below = self.0.partition_point(|quantile| *quantile < probability);
        let low = if below == 0 { 0.0 } else { self.0[below - 1] };
        let high = self.0.get(below).copied().unwrap_or(1.0);
        let part = if high > low { ((probability - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
        ((below as f64 + part) * 10.0).round() / 10.0
    }

    /// 0 low, 1 medium, 2 high, by the score.
    pub fn bucket(&self, probability: f64, [low, medium]: [f64; 2]) -> usize {
        let score = self.score(probability);
        usize::from(score >= low) + usize::from(score >= medium)
    }
}
