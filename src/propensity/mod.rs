//! Propensities that are trained here: features derived as of cut-offs by the plan that segments run on, boosted oblivious
//! trees, exact explanations, quality, reports. Names `vm` and what lies below. Invariant: the same declaration, data and
//! `now` give the same model file and the same scores, bit for bit, on any number of threads and in any order of rows.
//!
//! `features` says what to look at, `derive` computes it, `label` says when; `category` and `binning` make small integers
//! of it, `histogram` and `boost` the trees, `shap` and `factors` their reasons, `metrics`, `leaks` and `verdict` their
//! quality; `train` puts a `model` together, `score` uses it. `foreign` reads and uses models of other makers.

pub mod binning;
pub mod boost;
pub mod category;
pub mod derive;
pub mod factors;
pub mod features;
pub mod foreign;
pub mod hash;
pub mod histogram;
pub mod label;
pub mod leaks;
pub mod metrics;
pub mod model;
pub mod observe;
pub mod ranks;
pub mod report;
pub mod rows;
pub mod score;
pub mod shap;
pub mod text;
pub mod train;
pub mod tree;
pub mod usage;
pub mod verdict;
