//! Models that were trained elsewhere: trees as LightGBM and XGBoost write them. Names nothing of its parent but its
//! rules. Invariant: a file is read whole and understood whole; what would be computed otherwise than by its maker is
//! refused by name.
//!
//! `lightgbm` and `xgboost` read, `decide` walks, `shap` explains, `score` puts scores together.

mod decide;
mod lightgbm;
pub mod score;
pub mod shap;
mod xgboost;

/// A model.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreign {
    /// The names of its columns, by number.
    pub columns: Vec<String>,
    /// The texts that categories stand for, of the columns that have such.
    pub categories: Vec<Option<Vec<String>>>,
    /// The margin before any tree.
    pub bias: f64,
    /// What a margin is multiplied with before it is log odds.
    pub slope: f64,
    /// In order.
    pub trees: Vec<Tree>,
    /// How its maker holds the values of columns.
    pub precision: Precision,
}

/// How the values of columns are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits: a value is rounded before it is compared.
    Single,
    /// 64 bits.
    Double,
}

/// A tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The questions; the first is the root. Empty where the tree is one leaf.
    pub nodes: Vec<Node>,
    /// The answers.
    pub leaves: Vec<Leaf>,
}

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The column.
    pub column: u32,
    /// What is asked.
    pub test: Test,
    /// Where `yes` leads, and where `no` does.
    pub children: [Child; 2],
    /// The weight of the training rows that came here.
    pub cover: f64,
}

/// What a node asks of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Not above a number.
    AtMost { threshold: f64, absent: Absent },
    /// Below a number.
    Below { threshold: f64, absent: bool },
    /// One of some categories, by code: bits of words. Absence is none of them.
    In(Vec<u32>),
}

/// What LightGBM makes of absence at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// It counts as zero.
    Zero,
    /// It goes its own way, and zero with it.
    WithZero(bool),
    /// It goes its own way.
    Own(bool),
}

/// Where a node leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Child {
    /// A node of the tree.
    Node(u32),
    /// A leaf of the tree.
    Leaf(u32),
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leaf {
    /// The margin.
    pub value: f64,
    /// The weight of the training rows that came here.
    pub cover: f64,
}

/// Levels of a tree: the answers of a path are bits of a word.
const DEEPEST: u8 = 60;

impl Foreign {
    /// Reads a file that LightGBM's `save_model` has written; why not, in words, otherwise.
    pub fn from_lightgbm(text: &str) -> Result<Foreign, String> {
        lightgbm::read(text)?.sound()
    }

    /// Reads a file that XGBoost's `save_model` has written as JSON; why not, in words, otherwise.
    pub fn from_xgboost(text: &str) -> Result<Foreign, String> {
        xgboost::read(text)?.sound()
    }

    /// The columns that a tree asks for: of the others nothing needs to be computed.
    pub fn used(&self) -> Vec<bool> {
        let mut used = vec![false; self.columns.len()];
        self.trees.iter().flat_map(|tree| &tree.nodes).for_each(|node| used[node.column as usize] = true);
        used
    }

    /// The names of [`Foreign::used`].
    pub fn used_columns(self) -> Vec<String> {
        let used = self.used();
        self.columns.into_iter().zip(used).filter(|(_, used)| *used).map(|(name, _)| name).collect()
    }

    /// A short name of this model: of its trees.
    pub fn version_name(&self, name: &str) -> String {
        let digest = crate::propensity::hash::text(&format!("{:?} {:?} {:?}", self.columns, self.bias, self.trees));
        format!("{name}-{:08x}", digest >> 32)
    }

    /// Whether every child of every tree is there once, so that no walk goes astray or in a circle.
    fn sound(self) -> Result<Foreign, String> {
        for tree in &self.trees {
            let mut depth = vec![0u8; tree.nodes.len()];
            let mut seen = (vec![false; tree.nodes.len()], vec![false; tree.leaves.len()]);
            if let Some(root) = seen.0.first_mut() {
                *root = true;
            }
            for (at, node) in tree.nodes.iter().enumerate() {
                let known = (node.column as usize) < self.columns.len();
                let below = depth[at] + 1;
                for child in &node.children {
                    if let Child::Node(child) = child
                        && let Some(depth) = depth.get_mut(*child as usize)
                    {
                        *depth = below;
                    }
                }
                if below > DEEPEST {
                    return Err(format!("a tree has more than {DEEPEST} levels"));
                }
                let fresh = node.children.iter().all(|child| {
                    let seen = match child {
                        // Children come after their parents, so that there is no circle.
                        Child::Node(node) if *node as usize > at => seen.0.get_mut(*node as usize),
                        Child::Node(_) => None,
                        Child::Leaf(leaf) => seen.1.get_mut(*leaf as usize),
                    };
                    seen.is_some_and(|seen| !std::mem::replace(seen, true))
                });
                if !known || !fresh {
                    return Err("a tree does not hang together: the file is damaged".to_owned());
                }
            }
            let whole = if tree.nodes.is_empty() { tree.leaves.len() == 1 } else { seen.1.iter().all(|seen| *seen) };
            let finite = tree.leaves.iter().all(|leaf| leaf.value.is_finite() && leaf.cover >= 0.0);
            if !whole || !finite {
                return Err("a tree does not hang together: the file is damaged".to_owned());
            }
        }
        Ok(self)
    }
}
