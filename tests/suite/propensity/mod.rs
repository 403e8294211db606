//! Models that are trained here: the trainer, its explanations, its files, and a project from data to segments.

mod explanations;
mod foreign;
mod leaks;
mod measures;
mod model_file;
mod project;
mod same;
mod training;
mod world;
