//! The JSON format of XGBoost. Names its parent. Invariant: boosters, objectives and splits of other kinds are refused by
//! name.

use serde::Deserialize;

use super::{Child, Foreign, Leaf, Node, Precision, Test, Tree};

#[derive(Deserialize)]
struct File {
    learner: Learner,
}

#[derive(Deserialize)]
struct Learner {
    #[serde(default)]
    feature_names: Vec<String>,
    gradient_booster: Booster,
    learner_model_param: Params,
    objective: Objective,
}

#[derive(Deserialize)]
struct Params {
    base_score: String,
    num_class: String,
    num_feature: String,
    #[serde(default)]
    num_target: Option<String>,
}

#[derive(Deserialize)]
struct Objective {
    name: String,
}

#[derive(Deserialize)]
struct Booster {
    name: String,
    model: Option<Trees>,
}

#[derive(Deserialize)]
struct Trees {
    trees: Vec<Text>,
    gbtree_model_param: TreesParams,
}

#[derive(Deserialize)]
struct TreesParams {
    #[serde(default)]
    num_parallel_tree: Option<String>,
}

/// A tree as it stands in the file.
#[derive(Deserialize)]
struct Text {
    left_children: Vec<i64>,
    right_children: Vec<i64>,
    split_indices: Vec<u32>,
    split_conditions: Vec<f64>,
    default_left: Vec<u8>,
    sum_hessian: Vec<f64>,
    #[serde(default)]
    split_type: Vec<u8>,
    tree_param: TreeParams,
}

#[derive(Deserialize)]
struct TreeParams {
    #[serde(default)]
    size_leaf_vector: Option<String>,
}

pub(super) fn read(text: &str) -> Result<Foreign, String> {
    let file: File = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => "it ends too early: the file is cut off".to_owned(),
        _ => format!("it is no model file of XGBoost in JSON: {error}"),
    })?;
    let Learner { feature_names, gradient_booster, learner_model_param: params, objective } = file.learner;
    if gradient_booster.name != "gbtree" {
        return Err(format!("its booster is `{}`; `gbtree` is read", gradient_booster.name));
    }
    if !["binary:logistic", "reg:logistic"].contains(&objective.name.as_str()) {
        return Err(format!("its objective is `{}`; `binary:logistic` gives probabilities", objective.name));
    }
    let one = |value: &Option<String>| value.as_deref().is_none_or(|value| ["0", "1"].contains(&value));
    if !["0", "1"].contains(&params.num_class.as_str()) || !one(&params.num_target) {
        return Err(format!("it tells {} classes apart; a propensity is a yes or no", params.num_class));
    }
    let Some(model) = gradient_booster.model else { return Err("it has no trees".to_owned()) };
    if !one(&model.gbtree_model_param.num_parallel_tree) {
        return Err("it is a random forest (`num_parallel_tree`), which is not read".to_owned());
    }
    let columns = match feature_names.is_empty() {
        false => feature_names,
        true => {
            let count: usize = params.num_feature.parse().map_err(|_| "it does not say how many columns it has")?;
            (0..count).map(|number| format!("f{number}")).collect()
        }
    };
    Ok(Foreign {
        categories: vec![None; columns.len()],
        columns,
        bias: bias(&params.base_score)?,
        slope: 1.0,
        trees: model.trees.iter().map(tree).collect::<Result<_, String>>()?,
        precision: Precision::Single,
    })
}

/// The log odds of `base_score`, a probability, which later versions write in brackets.
fn bias(text: &str) -> Result<f64, String> {
    let number: f64 =
        text.trim_matches(['[', ']']).parse().map_err(|_| format!("its `base_score` is `{text}`, no number"))?;
    let probability = f64::from(number as f32);
    match 0.0 < probability && probability < 1.0 {
        true => Ok((probability / (1.0 - probability)).ln()),
        false => Err(format!("its `base_score` is {number}, no probability")),
    }
}

fn tree(text: &Text) -> Result<Tree, String> {
    if text.split_type.iter().any(|kind| *kind != 0) {
        return Err("a tree splits by categories of XGBoost, which are not read".to_owned());
    }
    if text.tree_param.size_leaf_vector.as_deref().is_some_and(|size| !["0", "1"].contains(&size)) {
        return Err("its leaves are vectors, which are not read".to_owned());
    }
    let count = text.left_children.len();
    let counts = [
        text.right_children.len(),
        text.split_indices.len(),
        text.split_conditions.len(),
        text.default_left.len(),
        text.sum_hessian.len(),
    ];
    if counts.iter().any(|other| *other != count) || count == 0 {
        return Err("the lists of a tree differ in length: the file is damaged".to_owned());
    }
    let damaged = || "a tree does not hang together: the file is damaged".to_owned();
    let single = |value: f64| f64::from(value as f32);
    let mut tree = Tree { nodes: Vec::new(), leaves: Vec::new() };
    // Nodes and leaves are numbered together there and apart here; what was cut off stays in the file, unreached. Of each
    // one to be read: its number there, and the node and side that lead to it here.
    let mut open = vec![(0usize, None::<(usize, usize)>)];
    let mut read = 0;
    while let Some((at, from)) = open.pop() {
        read += 1;
        if at >= count || read > count {
            return Err(damaged());
        }
        let (value, cover) = (single(text.split_conditions[at]), text.sum_hessian[at]);
        let is_leaf = text.left_children[at] < 0;
        let own = match is_leaf {
            true => Child::Leaf(tree.leaves.len() as u32),
            false => Child::Node(tree.nodes.len() as u32),
        };
        if let Some((parent, side)) = from {
            tree.nodes[parent].children[side] = own;
        }
        if is_leaf {
            tree.leaves.push(Leaf { value, cover });
            continue;
        }
        for (side, child) in [text.left_children[at], text.right_children[at]].into_iter().enumerate() {
            open.push((usize::try_from(child).map_err(|_| damaged())?, Some((tree.nodes.len(), side))));
        }
        let test = Test::Below { threshold: value, absent: text.default_left[at] != 0 };
        tree.nodes.push(Node { column: text.split_indices[at], test, children: [own; 2], cover });
    }
    Ok(tree)
}
