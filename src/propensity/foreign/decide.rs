//! Rows through trees, as their makers send them. Names its parent. Invariant: a value is compared with as many bits as
//! its maker holds.

use super::{Absent, Child, Foreign, Node, Precision, Test, Tree};

/// LightGBM takes numbers nearer to zero than this for zero.
const ZERO: f64 = 1e-35;

impl Node {
    /// Whether the answer is `yes`; `NaN` is absence.
    pub(super) fn answer(&self, value: f64) -> bool {
        match &self.test {
            Test::AtMost { threshold, absent } => match absent {
                Absent::Own(yes) if value.is_nan() => *yes,
                Absent::WithZero(yes) if value.is_nan() || value.abs() <= ZERO => *yes,
                Absent::Own(_) | Absent::WithZero(_) => value <= *threshold,
                Absent::Zero => (if value.is_nan() { 0.0 } else { value }) <= *threshold,
            },
            Test::Below { threshold, absent } => {
                if value.is_nan() {
                    *absent
                } else {
                    value < *threshold
                }
            }
            Test::In(words) => {
                // What is cut off after the point, and what is negative or absent, is no category.
                let code = if value > -1.0 { value as u64 } else { return false };
                words.get((code / 32) as usize).is_some_and(|word| word >> (code % 32) & 1 == 1)
            }
        }
    }
}

impl Tree {
    /// The margin of a row.
    pub fn value(&self, row: &[f64]) -> f64 {
        let mut at = if self.nodes.is_empty() { Child::Leaf(0) } else { Child::Node(0) };
        loop {
            match at {
                Child::Leaf(leaf) => return self.leaves[leaf as usize].value,
                Child::Node(number) => {
                    let node = &self.nodes[number as usize];
                    at = node.children[usize::from(!node.answer(row[node.column as usize]))];
                }
            }
        }
    }
}

impl Foreign {
    /// A value as the model's maker holds it.
    pub fn held(&self, value: f64) -> f64 {
        match self.precision {
            Precision::Single => f64::from(value as f32),
            Precision::Double => value,
        }
    }

    /// The margin of a row of held values.
    pub fn margin(&self, row: &[f64]) -> f64 {
        self.trees.iter().fold(self.bias, |sum, tree| sum + tree.value(row))
    }

    /// The probability of a margin.
    pub fn probability(&self, margin: f64) -> f64 {
        crate::propensity::tree::probability(self.slope * margin)
    }
}
