//! Model files of LightGBM and XGBoost against what their makers say of rows. The fixtures were written by
//! `tests/engines/foreign_models.py`; with `SEGC_FOREIGN_MODELS` a folder of fresh ones is compared too.

use std::path::{Path, PathBuf};

use segc::propensity::foreign::shap::Explainer;
use segc::propensity::foreign::{Child, Foreign, Leaf, Node, Precision, Test, Tree};
use segc::propensity::shap::Tables;
use segc::propensity::tree::margins;
use serde::Deserialize;

use super::world::{fitted, small, world};

#[derive(Deserialize)]
struct Said {
    rows: Vec<Vec<Option<f64>>>,
    margins: Vec<f64>,
    contributions: Vec<Vec<f64>>,
    probabilities: Vec<f64>,
}

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/propensity/foreign");

fn text(name: &str) -> String {
    std::fs::read_to_string(Path::new(FIXTURES).join(name)).unwrap()
}

fn folders() -> Vec<PathBuf> {
    std::iter::once(PathBuf::from(FIXTURES)).chain(std::env::var_os("SEGC_FOREIGN_MODELS").map(PathBuf::from)).collect()
}

/// All models with what was said of rows, and how many bits their makers compute with.
fn models() -> Vec<(String, Foreign, Said)> {
    let mut found = Vec::new();
    for path in
        folders().iter().flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path())
    {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".said.json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let read = if name.starts_with("lightgbm") { Foreign::from_lightgbm } else { Foreign::from_xgboost };
        let model = read(&text).unwrap_or_else(|reason| panic!("{name}: {reason}"));
        let said = serde_json::from_str(&std::fs::read_to_string(path.with_extension("said.json")).unwrap()).unwrap();
        found.push((name, model, said));
    }
    found
}

#[test]
fn margins_probabilities_and_contributions_are_those_of_their_makers() {
    let models = models();
    assert!(models.len() >= 7);
    for (name, model, said) in models {
        // XGBoost adds up in 32 bits.
        let (near, far) = if model.precision == Precision::Double { (1e-12, 1e-12) } else { (1e-5, 2e-5) };
        let explainer = Explainer::of(&model);
        for (at, row) in said.rows.iter().enumerate() {
            let held: Vec<f64> = row.iter().map(|value| model.held(value.unwrap_or(f64::NAN))).collect();
            let margin = model.margin(&held);
            assert!((margin - said.margins[at]).abs() < near, "{name} row {at}: {margin} and {}", said.margins[at]);
            let probability = model.probability(margin);
            assert!((probability - said.probabilities[at]).abs() < near, "{name} row {at}: {probability}");
            let mut found = vec![0.0; model.columns.len()];
            explainer.explain(&held, &mut found);
            found.push(explainer.base);
            for (column, (found, said)) in found.iter().zip(&said.contributions[at]).enumerate() {
                assert!((found - said).abs() < far, "{name} row {at} column {column}: {found} and {said}");
            }
            let sum: f64 = found.iter().sum();
            assert!((sum - margin).abs() < 1e-9, "{name} row {at}");
        }
    }
}

#[test]
fn categories_have_their_texts_and_absence_its_kinds() {
    let model = Foreign::from_lightgbm(&text("lightgbm_plain.txt")).unwrap();
    assert_eq!(model.columns, ["orders", "spent", "city", "visits"]);
    let cities = ["Bergen", "Lund", "Oslo", "Rome", "Split"].map(str::to_owned).to_vec();
    assert_eq!(model.categories, [None, None, Some(cities), None]);
    assert!(model.trees.iter().flat_map(|tree| &tree.nodes).any(|node| matches!(node.test, Test::In(_))));
}

/// Trees of this project, as trees of any shape.
#[test]
fn trees_trained_here_have_the_same_contributions_when_read_as_trees_of_any_shape() {
    let world = world(3000);
    let (binned, ensemble) = fitted(&world, &small());
    let general = |tree: &segc::propensity::tree::Tree| {
        let levels = tree.splits.len();
        let mut covers = vec![tree.cover.iter().map(|cover| f64::from(*cover)).collect::<Vec<f64>>()];
        for level in (0..levels).rev() {
            let below = &covers[0];
            covers.insert(0, (0..1usize << level).map(|n| below[n] + below[n | 1 << level]).collect());
        }
        let mut nodes = Vec::new();
        for (level, split) in tree.splits.iter().enumerate() {
            for (number, cover) in covers[level].iter().enumerate() {
                // Bins are whole numbers; the node of a level follows those of all levels above.
                let child = |number: usize| match level + 1 == levels {
                    true => Child::Leaf(number as u32),
                    false => Child::Node(((1usize << (level + 1)) - 1 + number) as u32),
                };
                let test = match split.absent {
                    false => Test::AtMost {
                        threshold: f64::from(split.bin),
                        absent: segc::propensity::foreign::Absent::Zero,
                    },
                    true => Test::Below { threshold: f64::from(split.bin) + 0.5, absent: false },
                };
                let children = [child(number), child(number | 1 << level)];
                nodes.push(Node { column: split.column, test, children, cover: *cover });
            }
        }
        let leaves =
            tree.values.iter().zip(&covers[levels]).map(|(value, cover)| Leaf { value: *value, cover: *cover });
        Tree { nodes, leaves: leaves.collect() }
    };
    let model = Foreign {
        columns: (0..world.columns.len()).map(|n| format!("c{n}")).collect(),
        categories: vec![None; world.columns.len()],
        bias: ensemble.bias,
        slope: 1.0,
        trees: ensemble.trees.iter().map(general).collect(),
        precision: Precision::Double,
    };
    let (tables, explainer) = (Tables::of(ensemble.bias, &ensemble.trees), Explainer::of(&model));
    let (rows, all) = (1000, margins(ensemble.bias, &ensemble.trees, &binned));
    let ours = tables.explain(&ensemble.trees, &binned, 0..rows);
    assert!((tables.base - explainer.base).abs() < 1e-12);
    for row in 0..rows {
        let bins = binned.columns.iter().map(|column| column[row]);
        let held: Vec<f64> = bins.map(|bin| if bin == 0 { f64::NAN } else { f64::from(bin) }).collect();
        assert!((model.margin(&held) - all[row]).abs() < 1e-12, "row {row}");
        let mut found = vec![0.0; model.columns.len()];
        explainer.explain(&held, &mut found);
        for (column, found) in found.iter().enumerate() {
            assert!((found - ours[column * rows + row]).abs() < 1e-12, "row {row} column {column}");
        }
    }
}

#[test]
fn what_is_not_understood_is_refused_by_name() {
    let lightgbm = |from: &str, to: &str| {
        let text = text("lightgbm_plain.txt");
        assert!(text.contains(from), "{from}");
        Foreign::from_lightgbm(&text.replacen(from, to, 1)).unwrap_err()
    };
    assert_eq!(
        lightgbm("objective=binary", "objective=regression"),
        "its objective is `regression sigmoid:1`; `binary` and `cross_entropy` give probabilities"
    );
    assert_eq!(lightgbm("num_class=1", "num_class=3"), "it tells 3 classes apart; a propensity is a yes or no");
    assert_eq!(
        lightgbm("is_linear=0", "is_linear=1"),
        "its leaves are linear models (`linear_tree`), which are not read"
    );
    assert_eq!(lightgbm("version=v4", "version=v9"), "it has version `v9` of the format; `v3` and `v4` are read");
    assert_eq!(
        lightgbm("\nlabel_index", "\naverage_output\nlabel_index"),
        "it is a random forest (`average_output`), which is not read"
    );
    assert_eq!(lightgbm("left_child=", "left_child=1 "), "the lists of a tree differ in length: the file is damaged");
    assert_eq!(lightgbm("end of trees", ""), "it ends too early: the file is cut off");
    assert!(lightgbm("pandas_categorical:[[", "pandas_categorical:[[\"a\"],[").starts_with("it has 1 columns of"));
    assert_eq!(
        Foreign::from_lightgbm("{}").unwrap_err(),
        "it is no model file of LightGBM: its first line is not `tree`"
    );
    let xgboost = |from: &str, to: &str| {
        let text = text("xgboost_plain.json");
        assert!(text.contains(from), "{from}");
        Foreign::from_xgboost(&text.replacen(from, to, 1)).unwrap_err()
    };
    assert_eq!(
        xgboost("binary:logistic", "rank:ndcg"),
        "its objective is `rank:ndcg`; `binary:logistic` gives probabilities"
    );
    assert_eq!(xgboost("\"name\":\"gbtree\"", "\"name\":\"dart\""), "its booster is `dart`; `gbtree` is read");
    assert_eq!(
        xgboost("\"split_type\":[0,", "\"split_type\":[1,"),
        "a tree splits by categories of XGBoost, which are not read"
    );
    let whole = text("xgboost_plain.json");
    assert_eq!(Foreign::from_xgboost(&whole[..whole.len() / 2]).unwrap_err(), "it ends too early: the file is cut off");
    assert!(Foreign::from_xgboost("tree").unwrap_err().starts_with("it is no model file of XGBoost in JSON: "));
}

#[test]
fn no_cut_and_no_changed_digit_of_a_file_panics() {
    let (light, extreme) = (text("lightgbm_plain.txt"), text("xgboost_plain.json"));
    for at in (0..light.len()).step_by(37) {
        assert!(Foreign::from_lightgbm(&light[..at.min(light.find("end of trees").unwrap())]).is_err());
        let mut changed = light.clone().into_bytes();
        changed[at] = if changed[at].is_ascii_digit() { b'9' } else { b'-' };
        drop(Foreign::from_lightgbm(&String::from_utf8(changed).unwrap()).map(|model| model.margin(&[1.0; 4])));
    }
    for at in (0..extreme.len()).step_by(37) {
        assert!(Foreign::from_xgboost(&extreme[..at]).is_err());
        let mut changed = extreme.clone().into_bytes();
        changed[at] = if changed[at].is_ascii_digit() { b'9' } else { b'-' };
        drop(Foreign::from_xgboost(&String::from_utf8(changed).unwrap()).map(|model| model.margin(&[1.0; 3])));
    }
}
