use segc::propensity::binning::{BINS, Borders};
use segc::propensity::metrics::measure;
use segc::propensity::tree::{margins, probability};

use super::leaks::learnt;
use super::world::{World, fitted, small, world};

fn shuffled(world: &World) -> World {
    let n = world.ids.len();
    // 7919 is prime and does not divide the number of rows: every row comes once.
    let order: Vec<usize> = (0..n).map(|row| row * 7919 % n).collect();
    World {
        ids: order.iter().map(|&row| world.ids[row]).collect(),
        columns: world.columns.iter().map(|c| order.iter().map(|&row| c[row]).collect()).collect(),
        labels: order.iter().map(|&row| world.labels[row]).collect(),
    }
}

#[test]
fn rows_in_another_order_give_the_same_trees() {
    let world = world(3000);
    let (_, first) = fitted(&world, &small());
    let (_, second) = fitted(&shuffled(&world), &small());
    assert_eq!(first, second);
    assert!(!first.trees.is_empty());
}

#[test]
fn one_thread_and_two_give_the_same_trees() {
    let world = world(3000);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fitted(&world, &small()).1)
    };
    assert_eq!(with(1), with(2));
}

#[test]
fn another_seed_gives_other_trees() {
    let world = world(1000);
    let other = segc::propensity::boost::Options { seed: 8, ..small() };
    assert_ne!(fitted(&world, &small()).1, fitted(&world, &other).1);
}

#[test]
fn what_the_outcome_follows_from_is_learnt() {
    let world = world(6000);
    let (binned, ensemble) = fitted(&world, &small());
    let scores: Vec<f64> = margins(ensemble.bias, &ensemble.trees, &binned).iter().map(|m| probability(*m)).collect();
    // The law itself has an AUC of about 0.82 here; the trees cannot be better on many rows, and should be near.
    let auc = measure(&world.labels, &scores, true).auc;
    assert!((0.78..0.90).contains(&auc), "{auc}");
}

#[test]
fn bins_rise_with_values_and_absence_is_the_lowest() {
    let values: Vec<f32> = (0..5000).map(|i| ((i * 37) % 1000) as f32).collect();
    let borders = Borders::of(&values);
    assert!(borders.0.len() <= BINS - 2 && borders.0.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(borders.bin(f32::NAN), 0);
    assert_eq!(borders.bin(-1.0), 1);
    assert_eq!(usize::from(borders.bin(1e9)), borders.0.len() + 1);
    let bins: Vec<u8> = (0..1000).map(|value| borders.bin(value as f32)).collect();
    assert!(bins.windows(2).all(|pair| pair[0] <= pair[1]));
    // About equally many values in each.
    let most = (1..=borders.0.len() as u8 + 1).map(|bin| bins.iter().filter(|b| **b == bin).count()).max().unwrap();
    assert!(most <= 25, "{most}");
}

#[test]
fn few_values_have_a_border_between_each_two() {
    assert_eq!(Borders::of(&[3.0, 1.0, f32::NAN, 1.0, 2.0]).0, [1.5, 2.5]);
    assert!(Borders::of(&[4.0; 10]).0.is_empty());
    assert!(Borders::of(&[f32::NAN; 10]).0.is_empty());
}

#[test]
fn what_nothing_can_be_learnt_from_is_told() {
    let rows = 400;
    let half = |row: usize| row.is_multiple_of(2);
    let labels = |yes: &dyn Fn(usize) -> bool| (0..rows).map(yes).collect::<Vec<bool>>();
    let varying: Vec<f32> = (0..rows).map(|row| (row % 7) as f32).collect();
    let said = |columns: &[Vec<f32>], labels: &[bool]| learnt(columns, labels, false).unwrap_err();
    let constant = [vec![3.0; rows], vec![f32::NAN; rows]];
    assert_eq!(said(&constant, &labels(&half)), "no feature tells profiles apart: all are constant or absent");
    let varying = std::slice::from_ref(&varying);
    let all = "the prediction came true for all of 300 profiles at all cut-offs: nothing to learn";
    assert_eq!(said(varying, &labels(&|_| true)), all);
    assert_eq!(said(varying, &labels(&|_| false)), all.replace("all of", "none of"));
    assert_eq!(
        said(varying, &labels(&|row| row < 19)),
        "too few outcomes: 19 yes and 281 no; at least 20 of each are needed"
    );
}
