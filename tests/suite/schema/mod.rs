//! The schema: the model, loading, listing and inference.

mod model;
