//! A small world with a known law: rows whose outcome follows from some of their columns.

use segc::propensity::binning::{Binned, borders};
use segc::propensity::boost::{Ensemble, Options, train};
use segc::propensity::hash;

/// Rows of a made-up population.
pub struct World {
    pub ids: Vec<u64>,
    pub columns: Vec<Vec<f32>>,
    pub labels: Vec<bool>,
}

/// The outcome is likelier with the first column, less likely with the second; the third is often absent and then tells
/// something; the fourth tells nothing.
pub fn world(rows: usize) -> World {
    let draw = |row: usize, column: u64| (hash::mix(hash::mix(row as u64) ^ column) >> 40) as f32 / (1u64 << 24) as f32;
    let column = |number: u64| (0..rows).map(|row| (draw(row, number) * 50.0).floor()).collect::<Vec<f32>>();
    let mut columns: Vec<Vec<f32>> = (0..4).map(column).collect();
    (0..rows).filter(|row| draw(*row, 20) < 0.4).for_each(|row| columns[2][row] = f32::NAN);
    let labels = (0..rows).map(|row| {
        let absent = if columns[2][row].is_nan() { 1.0 } else { 0.0 };
        let odds = 0.08 * columns[0][row] - 0.05 * columns[1][row] + absent - 1.5;
        draw(row, 30) < 1.0 / (1.0 + (-odds).exp())
    });
    let labels = labels.collect();
    World { ids: (0..rows as u64).map(hash::mix).collect(), columns, labels }
}

pub fn fitted(world: &World, options: &Options) -> (Binned, Ensemble) {
    let binned = Binned::of(&world.columns, &borders(&world.columns, &world.ids, options.seed));
    let ensemble = train(&binned, &world.labels, &world.ids, options, &|_| ());
    (binned, ensemble)
}

pub fn small() -> Options {
    Options { trees: 25, depth: 4, ..Options::default() }
}
