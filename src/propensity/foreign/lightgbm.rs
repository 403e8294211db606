//! The text format of LightGBM, versions 3 and 4 of it. Names its parent. Invariant: every line that decides what is
//! predicted is read; objectives and trees of other kinds are refused by name.

use std::collections::BTreeMap;

use super::{Absent, Child, Foreign, Leaf, Node, Precision, Test, Tree};

type Lines<'t> = BTreeMap<&'t str, &'t str>;

pub(super) fn read(text: &str) -> Result<Foreign, String> {
    if text.lines().next().map(str::trim) != Some("tree") {
        return Err("it is no model file of LightGBM: its first line is not `tree`".to_owned());
    }
    let Some((all, rest)) = text.split_once("end of trees") else {
        return Err("it ends too early: the file is cut off".to_owned());
    };
    let mut blocks = all.split("\nTree=");
    let head = lines(blocks.next().unwrap_or_default());
    let slope = head_of(&head)?;
    let names = words(&head, "feature_names")?;
    let columns: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let trees = blocks.map(|block| tree(&lines(block))).collect::<Result<Vec<Tree>, String>>()?;
    let count: usize = words(&head, "tree_sizes")?.len();
    if count != trees.len() {
        return Err(format!("it says that it has {count} trees and has {}", trees.len()));
    }
    let infos = words(&head, "feature_infos")?;
    let categories = categories(&columns, &infos, rest)?;
    Ok(Foreign { columns, categories, bias: 0.0, slope, trees, precision: Precision::Double })
}

/// What stands before the first `=` of each line, and what after.
fn lines(text: &str) -> Lines<'_> {
    text.lines().map(|line| line.trim().split_once('=').unwrap_or((line.trim(), ""))).collect()
}

fn line<'t>(lines: &Lines<'t>, key: &str) -> Result<&'t str, String> {
    lines.get(key).copied().ok_or_else(|| format!("it has no `{key}`"))
}

fn words<'t>(lines: &Lines<'t>, key: &str) -> Result<Vec<&'t str>, String> {
    Ok(line(lines, key)?.split_whitespace().collect())
}

fn numbers<T: std::str::FromStr>(lines: &Lines<'_>, key: &str) -> Result<Vec<T>, String> {
    let number = |word: &str| word.parse().map_err(|_| format!("`{word}` in `{key}` is no number"));
    words(lines, key)?.into_iter().map(number).collect()
}

/// Refuses what is not a yes or no; what margins are multiplied with.
fn head_of(head: &Lines<'_>) -> Result<f64, String> {
    match line(head, "version")? {
        "v3" | "v4" => {}
        other => return Err(format!("it has version `{other}` of the format; `v3` and `v4` are read")),
    }
    let classes = (line(head, "num_class")?, line(head, "num_tree_per_iteration")?);
    if classes != ("1", "1") {
        return Err(format!("it tells {} classes apart; a propensity is a yes or no", classes.0));
    }
    if head.contains_key("average_output") {
        return Err("it is a random forest (`average_output`), which is not read".to_owned());
    }
    let objective = line(head, "objective")?;
    let mut words = objective.split_whitespace();
    match words.next() {
        Some("binary") => {}
        Some("cross_entropy" | "xentropy") => return Ok(1.0),
        _ => return Err(format!("its objective is `{objective}`; `binary` and `cross_entropy` give probabilities")),
    }
    let sigmoid = words.find_map(|word| word.strip_prefix("sigmoid:")).unwrap_or("1");
    sigmoid.parse().map_err(|_| format!("`{sigmoid}` in `objective` is no number"))
}

fn tree(lines: &Lines<'_>) -> Result<Tree, String> {
    if line(lines, "is_linear").is_ok_and(|linear| linear != "0") {
        return Err("its leaves are linear models (`linear_tree`), which are not read".to_owned());
    }
    let values: Vec<f64> = numbers(lines, "leaf_value")?;
    if values.len() == 1 {
        return Ok(Tree { nodes: Vec::new(), leaves: vec![Leaf { value: values[0], cover: 1.0 }] });
    }
    let covers: Vec<f64> = numbers(lines, "leaf_count")?;
    let columns: Vec<u32> = numbers(lines, "split_feature")?;
    let thresholds: Vec<f64> = numbers(lines, "threshold")?;
    let decisions: Vec<u8> = numbers(lines, "decision_type")?;
    let (left, right): (Vec<i64>, Vec<i64>) = (numbers(lines, "left_child")?, numbers(lines, "right_child")?);
    let inner: Vec<f64> = numbers(lines, "internal_count")?;
    let nodes = values.len().saturating_sub(1);
    let counts = [columns.len(), thresholds.len(), decisions.len(), left.len(), right.len(), inner.len()];
    if covers.len() != values.len() || counts.iter().any(|count| *count != nodes) {
        return Err("the lists of a tree differ in length: the file is damaged".to_owned());
    }
    let sets = match line(lines, "num_cat")? {
        "0" => Vec::new(),
        _ => sets(&numbers(lines, "cat_boundaries")?, &numbers(lines, "cat_threshold")?)?,
    };
    let child = |child: i64| if child < 0 { Child::Leaf(!child as u32) } else { Child::Node(child as u32) };
    let node = |at: usize| {
        Ok(Node {
            column: columns[at],
            test: test(decisions[at], thresholds[at], &sets)?,
            children: [child(left[at]), child(right[at])],
            cover: inner[at],
        })
    };
    let leaves = values.iter().zip(&covers).map(|(value, cover)| Leaf { value: *value, cover: *cover }).collect();
    Ok(Tree { nodes: (0..nodes).map(node).collect::<Result<_, String>>()?, leaves })
}

/// The sets of categories: the words between neighbouring boundaries.
fn sets(boundaries: &[usize], words: &[u32]) -> Result<Vec<Vec<u32>>, String> {
    let set = |pair: &[usize]| words.get(pair[0]..pair[1]).map(<[u32]>::to_vec);
    let sets: Option<Vec<_>> = boundaries.windows(2).map(set).collect();
    sets.ok_or_else(|| "the sets of categories of a tree are damaged".to_owned())
}

/// The bits of `decision_type`: 1 a category, 2 absence goes left, 4 and 8 what absence is.
fn test(decision: u8, threshold: f64, sets: &[Vec<u32>]) -> Result<Test, String> {
    if decision & 1 == 1 {
        let set = sets.get(threshold as usize).filter(|_| threshold >= 0.0);
        return set
            .cloned()
            .map(Test::In)
            .ok_or_else(|| "a tree asks for a set of categories that is not there".into());
    }
    let left = decision & 2 == 2;
    let absent = match decision >> 2 & 3 {
        0 => Absent::Zero,
        1 => Absent::WithZero(left),
        2 => Absent::Own(left),
        other => return Err(format!("a tree treats absence in an unknown way ({other})")),
    };
    Ok(Test::AtMost { threshold, absent })
}

/// The texts of categories: Python writes those of each categorical column of a data frame in a last line.
fn categories(columns: &[String], infos: &[&str], rest: &str) -> Result<Vec<Option<Vec<String>>>, String> {
    let mut found = vec![None; columns.len()];
    let Some(texts) = rest.lines().find_map(|line| line.strip_prefix("pandas_categorical:")) else { return Ok(found) };
    let texts: Option<Vec<Vec<serde_json::Value>>> =
        serde_json::from_str(texts).map_err(|_| "its line `pandas_categorical` cannot be read".to_owned())?;
    let texts = texts.unwrap_or_default();
    // A number's range stands in brackets; `none` is a column that is constant.
    let categorical = |info: &&str| !info.starts_with('[') && *info != "none";
    let places: Vec<usize> = infos.iter().enumerate().filter(|(_, info)| categorical(info)).map(|(at, _)| at).collect();
    if texts.is_empty() {
        return Ok(found);
    }
    if places.len() != texts.len() {
        return Err(format!(
            "it has {} columns of categories and the texts of {}; which belong together is not told",
            places.len(),
            texts.len()
        ));
    }
    for (at, texts) in places.into_iter().zip(texts) {
        let text = |value: serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if let Some(slot) = found.get_mut(at) {
            *slot = Some(texts.into_iter().map(text).collect());
        }
    }
    Ok(found)
}
