//! The tables of Shapley values against the definition, computed the long way.

use segc::propensity::shap::Tables;
use segc::propensity::tree::{Tree, margins};

use super::world::{fitted, small, world};

/// What a tree gives on average when only some columns of a row are known, by walking both ways where one is not.
fn expectation(tree: &Tree, answers: &[bool], known: &dyn Fn(u32) -> bool, level: usize, node: usize) -> f64 {
    let Some(split) = tree.splits.get(level) else { return tree.values[node] };
    let children = [node, node | 1 << level];
    let value = |child: usize| expectation(tree, answers, known, level + 1, child);
    if known(split.column) {
        return value(children[usize::from(answers[level])]);
    }
    let below = |node: usize| {
        let mask = (1usize << (level + 1)) - 1;
        let leaves = tree.cover.iter().enumerate().filter(|(leaf, _)| leaf & mask == node);
        leaves.map(|(_, cover)| f64::from(*cover)).sum::<f64>()
    };
    let [no, yes] = children.map(below);
    (value(children[0]) * no + value(children[1]) * yes) / (no + yes)
}

fn factorial(n: usize) -> f64 {
    (1..=n).map(|k| k as f64).product()
}

#[test]
fn the_tables_hold_the_shapley_values_of_the_definition() {
    let world = world(2000);
    let (binned, ensemble) = fitted(&world, &small());
    let columns = world.columns.len();
    let tables = Tables::of(ensemble.bias, &ensemble.trees);
    let rows = 40;
    let found = tables.explain(&ensemble.trees, &binned, 0..rows);
    for row in 0..rows {
        let worth = |set: usize| -> f64 {
            let of_tree = |tree: &Tree| {
                let answers: Vec<bool> =
                    tree.splits.iter().map(|s| s.answer(binned.columns[s.column as usize][row])).collect();
                expectation(tree, &answers, &|column| set >> column & 1 == 1, 0, 0)
            };
            ensemble.trees.iter().map(of_tree).sum()
        };
        for column in 0..columns {
            let others = (0..1usize << columns).filter(|set| set >> column & 1 == 0);
            let expected: f64 = others
                .map(|set| {
                    let size = set.count_ones() as usize;
                    let weight = factorial(size) * factorial(columns - size - 1) / factorial(columns);
                    weight * (worth(set | 1 << column) - worth(set))
                })
                .sum();
            let got = found[column * rows + row];
            assert!((got - expected).abs() < 1e-12, "row {row} column {column}: {got} and {expected}");
        }
    }
}

#[test]
fn contributions_sum_to_the_log_odds() {
    let world = world(2000);
    let (binned, ensemble) = fitted(&world, &small());
    let tables = Tables::of(ensemble.bias, &ensemble.trees);
    let margins = margins(ensemble.bias, &ensemble.trees, &binned);
    let rows = 1000;
    let found = tables.explain(&ensemble.trees, &binned, 0..rows);
    for row in 0..rows {
        let sum = (0..world.columns.len()).fold(tables.base, |sum, column| sum + found[column * rows + row]);
        assert!((sum - margins[row]).abs() < 1e-12);
    }
}
