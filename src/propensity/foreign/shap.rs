//! Exact Shapley values of any trees: path-dependent TreeSHAP (Lundberg et al. 2020), leaf by leaf. Names its parent.
//! Along the path to a leaf each column is a player: known, it sends a row there or not; unknown, it lets a share of the
//! training rows through. Invariant: base and contributions of a row sum to its margin, but for rounding.

use super::{Child, Foreign, Tree};

/// Players up to which the values of a leaf are computed once for all answers.
const TABLED: usize = 6;

/// A leaf with its path.
struct Path {
    value: f64,
    /// The distinct columns.
    columns: Vec<u32>,
    /// By column the share of rows that the path's questions of it let through.
    shares: Vec<f64>,
    /// The questions: player, node, and the answer that leads here.
    questions: Vec<(u8, u32, bool)>,
    /// For few players: by answers and player, the contribution.
    table: Vec<f64>,
}

/// The paths of all trees.
pub struct Explainer<'m> {
    model: &'m Foreign,
    trees: Vec<Vec<Path>>,
    /// The bias and the mean of all trees over their training rows.
    pub base: f64,
}

impl<'m> Explainer<'m> {
    /// What a model's explanations need, computed once.
    pub fn of(model: &'m Foreign) -> Explainer<'m> {
        use rayon::prelude::*;
        let trees: Vec<Vec<Path>> = model.trees.par_iter().map(paths).collect();
        let mean = |path: &Path| path.value * path.shares.iter().product::<f64>();
        let base = trees.iter().flatten().fold(model.bias, |sum, path| sum + mean(path));
        Explainer { model, trees, base }
    }

    /// Adds the contribution of every column to the margin of a row of held values.
    pub fn explain(&self, row: &[f64], contributions: &mut [f64]) {
        let mut answers = Vec::new();
        let mut values = Vec::new();
        for (tree, paths) in self.model.trees.iter().zip(&self.trees) {
            answers.clear();
            answers.extend(tree.nodes.iter().map(|node| node.answer(row[node.column as usize])));
            for path in paths {
                let known = path.questions.iter().fold((1usize << path.columns.len()) - 1, |known, question| {
                    let (player, node, wanted) = *question;
                    if answers[node as usize] == wanted { known } else { known & !(1 << player) }
                });
                let players = path.columns.len();
                let of_path = if path.table.is_empty() {
                    values.resize(players, 0.0);
                    path.contributions(known, &mut values);
                    &values[..players]
                } else {
                    &path.table[known * players..(known + 1) * players]
                };
                for (column, value) in path.columns.iter().zip(of_path) {
                    contributions[*column as usize] += value;
                }
            }
        }
    }
}

/// The paths to all leaves.
fn paths(tree: &Tree) -> Vec<Path> {
    let mut found = Vec::new();
    let root = if tree.nodes.is_empty() { Child::Leaf(0) } else { Child::Node(0) };
    let mut open: Vec<(Child, Vec<(u32, bool)>)> = vec![(root, Vec::new())];
    while let Some((at, asked)) = open.pop() {
        match at {
            Child::Leaf(leaf) => found.push(path(tree, leaf, &asked)),
            Child::Node(number) => {
                for (child, answer) in tree.nodes[number as usize].children.iter().zip([true, false]) {
                    let mut asked = asked.clone();
                    asked.push((number, answer));
                    open.push((*child, asked));
                }
            }
        }
    }
    found
}

fn path(tree: &Tree, leaf: u32, asked: &[(u32, bool)]) -> Path {
    let value = tree.leaves[leaf as usize].value;
    let mut path = Path { value, columns: vec![], shares: vec![], questions: vec![], table: vec![] };
    for (at, (number, answer)) in asked.iter().enumerate() {
        let node = &tree.nodes[*number as usize];
        let below = match asked.get(at + 1) {
            Some((next, _)) => tree.nodes[*next as usize].cover,
            None => tree.leaves[leaf as usize].cover,
        };
        let share = if node.cover > 0.0 { below / node.cover } else { 0.0 };
        let player = path.columns.iter().position(|column| *column == node.column).unwrap_or_else(|| {
            path.columns.push(node.column);
            path.shares.push(1.0);
            path.columns.len() - 1
        });
        path.shares[player] *= share;
        path.questions.push((player as u8, *number, *answer));
    }
    let players = path.columns.len();
    if (1..=TABLED).contains(&players) {
        let mut table = vec![0.0; players << players];
        table.chunks_mut(players).enumerate().for_each(|(known, values)| path.contributions(known, values));
        path.table = table;
    }
    path
}

impl Path {
    /// The contribution of each player where those of `known` lead here and the others lead away.
    fn contributions(&self, known: usize, values: &mut [f64]) {
        let players = self.columns.len();
        let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
        let weight = |size: usize| factorial(size) * factorial(players - size - 1) / factorial(players);
        for (who, value) in values.iter_mut().enumerate() {
            // By the number of the others that are known: the sum over all such sets of what then comes here.
            let mut sums = vec![0.0; players];
            sums[0] = 1.0;
            for (other, share) in self.shares.iter().enumerate().filter(|(other, _)| *other != who) {
                let leads = known >> other & 1 == 1;
                for size in (0..players).rev() {
                    let with = if size > 0 && leads { sums[size - 1] } else { 0.0 };
                    sums[size] = sums[size] * share + with;
                }
            }
            let all: f64 = sums.iter().enumerate().map(|(size, sum)| weight(size) * sum).sum();
            let own = if known >> who & 1 == 1 { 1.0 } else { 0.0 };
            *value = self.value * all * (own - self.shares[who]);
        }
    }
}
