//! Models that are trained here: the trainer, its explanations, its files, and a project from data to segments.

mod explanations;
mod measures;
mod model_file;
mod project;
mod training;
mod world;
