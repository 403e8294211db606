//! Scores that are made elsewhere: what a value of them says, on which scale it is written, and what vendors write.
//! Names nothing. Invariant: a value is read on the scale that its field names; none is guessed from the numbers.

/// What a value of imported scores says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScoreField {
    /// How likely, 0 to 1.
    Probability,
    /// How likely, written as 0 to 100.
    Percent,
    /// A score of 0 to 100 that is no probability.
    Score,
    /// The share of profiles with a lower or equal score, 1 to 100.
    Percentile,
    /// The same, written as 0 to 1.
    Quantile,
    /// When it was computed.
    ScoredAt,
    /// Which version of the model.
    Model,
    /// The reasons.
    Factors,
}

impl ScoreField {
    /// The scales of a number, each by its word after `scale`.
    pub const SCALES: [ScoreField; 5] =
        [ScoreField::Probability, ScoreField::Percent, ScoreField::Score, ScoreField::Percentile, ScoreField::Quantile];

    /// The scale of a word.
    pub fn of_scale(word: &str) -> Option<ScoreField> {
        ScoreField::SCALES.into_iter().find(|scale| scale.name() == word)
    }

    /// The least and the largest number that it is written as; any number for what is none.
    pub fn written(self) -> (f64, f64) {
        match self {
            ScoreField::Probability | ScoreField::Quantile => (0.0, 1.0),
            ScoreField::Percent | ScoreField::Score => (0.0, 100.0),
            ScoreField::Percentile => (1.0, 100.0),
            ScoreField::ScoredAt | ScoreField::Model | ScoreField::Factors => (f64::NEG_INFINITY, f64::INFINITY),
        }
    }

    /// Its word: the column of a score file that has it where nothing else is said.
    pub fn name(self) -> &'static str {
        match self {
            ScoreField::Probability => "probability",
            ScoreField::Percent => "percent",
            ScoreField::Score => "score",
            ScoreField::Percentile => "percentile",
            ScoreField::Quantile => "quantile",
            ScoreField::ScoredAt => "scored_at",
            ScoreField::Model => "model",
            ScoreField::Factors => "factors",
        }
    }

    /// The field that a word before `at` names. `value` is a number whose scale is said apart.
    pub fn of_mapping(word: &str) -> Option<ScoreField> {
        match word {
            "probability" => Some(ScoreField::Probability),
            "score" => Some(ScoreField::Score),
            "percentile" => Some(ScoreField::Percentile),
            "scored" => Some(ScoreField::ScoredAt),
            "model" => Some(ScoreField::Model),
            "factors" => Some(ScoreField::Factors),
            _ => None,
        }
    }

    /// The feature of a propensity that it gives.
    pub fn feature(self) -> &'static str {
        match self {
            ScoreField::Percent => ScoreField::Probability.name(),
            ScoreField::Quantile => ScoreField::Percentile.name(),
            other => other.name(),
        }
    }
}

/// How a vendor writes scores into the profile.
#[derive(Debug)]
pub struct Adapter {
    /// Its name after `from`.
    pub name: &'static str,
    /// What the path after the name leads to.
    pub shape: AdapterShape,
    /// The bounds of `low` and `medium` on the scale 0 to 100 where none are declared.
    pub buckets: [f64; 2],
}

/// What an adapter reads.
#[derive(Debug)]
pub enum AdapterShape {
    /// An object: fields with the vendor's names, and those of a factor (ours, theirs). A factor's effect is the sign of
    /// its weight.
    Object { fields: &'static [(ScoreField, &'static str)], factor: &'static [(&'static str, &'static str)] },
    /// One number.
    Number(ScoreField),
    /// Fields of any names, each named by a clause `… at PATH`.
    Clauses,
}

/// The bounds of `low` and `medium` where neither the declaration nor the vendor has any.
pub const DEFAULT_BUCKETS: [f64; 2] = [25.0, 75.0];

/// Every adapter. Sources: Adobe, "Customer AI" (score, probability, percentile and influential factors in the profile);
/// Segment, "Predictions" (a trait of 0.8 is the 80th percentile); Braze, "Predictive Churn" (a risk of 0 to 100, medium
/// from 50, high from 75); Klaviyo, profiles API (`churn_probability` of `predictive_analytics`; medium from .33, high
/// from .66); Google Analytics, user export to BigQuery (`predictions.churn_score_7d` and the like are probabilities).
pub static ADAPTERS: [Adapter; 6] = [
    Adapter {
        name: "customer_ai",
        shape: AdapterShape::Object {
            fields: &[
                (ScoreField::Probability, "probability"),
                (ScoreField::Score, "score"),
                (ScoreField::Percentile, "percentile"),
                (ScoreField::ScoredAt, "scoreDate"),
                (ScoreField::Model, "modelID"),
                (ScoreField::Factors, "factors"),
            ],
            factor: &[("feature", "code"), ("value", "value"), ("weight", "importance")],
        },
        buckets: DEFAULT_BUCKETS,
    },
    Adapter { name: "twilio_segment", shape: AdapterShape::Number(ScoreField::Quantile), buckets: DEFAULT_BUCKETS },
    Adapter { name: "braze", shape: AdapterShape::Number(ScoreField::Score), buckets: [50.0, 75.0] },
    Adapter {
        name: "klaviyo",
        shape: AdapterShape::Object { fields: &[(ScoreField::Probability, "churn_probability")], factor: &[] },
        buckets: [33.0, 66.0],
    },
    Adapter { name: "ga4", shape: AdapterShape::Number(ScoreField::Probability), buckets: DEFAULT_BUCKETS },
    Adapter { name: "fields", shape: AdapterShape::Clauses, buckets: DEFAULT_BUCKETS },
];

impl Adapter {
    /// The adapter of a name.
    pub fn of(name: &str) -> Option<&'static Adapter> {
        ADAPTERS.iter().find(|adapter| adapter.name == name)
    }

    /// What it calls the fields of a factor; `None` where they have our names.
    pub fn factor(&self) -> Option<&'static [(&'static str, &'static str)]> {
        match &self.shape {
            AdapterShape::Object { factor, .. } => Some(factor),
            AdapterShape::Number(_) | AdapterShape::Clauses => None,
        }
    }
}
