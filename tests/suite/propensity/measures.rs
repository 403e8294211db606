use segc::propensity::leaks::Suspects;
use segc::propensity::metrics::measure;
use segc::propensity::model::{DataRange, Judgement};
use segc::propensity::ranks::Ranks;
use segc::propensity::verdict::judge;

#[test]
fn the_area_is_the_share_of_pairs_in_order() {
    let labels = [true, false, true, false, false, true];
    let scores = [0.9, 0.8, 0.7, 0.7, 0.2, 0.1];
    let mut pairs = 0.0;
    for (p, _) in labels.iter().enumerate().filter(|(_, label)| **label) {
        for (n, _) in labels.iter().enumerate().filter(|(_, label)| !**label) {
            pairs += if scores[p] > scores[n] {
                1.0
            } else if scores[p] == scores[n] {
                0.5
            } else {
                0.0
            };
        }
    }
    let quality = measure(&labels, &scores, true);
    assert!((quality.auc - pairs / 9.0).abs() < 1e-9);
    assert!(quality.auc_low < quality.auc && quality.auc < quality.auc_high);
}

#[test]
fn order_of_rows_and_ties_do_not_matter() {
    let labels: Vec<bool> = (0..200).map(|i| i * 7 % 10 < 3).collect();
    let scores: Vec<f64> = (0..200).map(|i| f64::from(i * 13 % 20) / 20.0).collect();
    let quality = measure(&labels, &scores, true);
    let back = |v: &[bool]| v.iter().rev().copied().collect::<Vec<bool>>();
    let reversed: Vec<f64> = scores.iter().rev().copied().collect();
    let other = measure(&back(&labels), &reversed, true);
    assert_eq!((quality.auc, quality.deciles, quality.lift), (other.auc, other.deciles, other.lift));
    assert_eq!(other.rows, 200);
}

#[test]
fn one_kind_of_outcome_has_no_area() {
    let quality = measure(&[true, true], &[0.5, 0.6], true);
    assert_eq!((quality.auc, quality.auc_low, quality.auc_high), (0.5, 0.0, 1.0));
}

#[test]
fn equal_probabilities_have_equal_places() {
    let probabilities: Vec<f64> = (0..1000).map(|i| f64::from(i / 10) / 100.0).collect();
    let ranks = Ranks::of(&probabilities);
    assert_eq!(ranks.percentile(0.0), 1.0);
    assert_eq!(ranks.percentile(1.0), 100.0);
    assert_eq!(ranks.score(1.0), 100.0);
    assert_eq!(ranks.bucket(0.0, [25.0, 75.0]), 0);
    assert_eq!(ranks.bucket(0.5, [25.0, 75.0]), 1);
    assert_eq!(ranks.bucket(0.9, [25.0, 75.0]), 2);
    let scores: Vec<f64> = (0..=100).map(|p| ranks.score(f64::from(p) / 100.0)).collect();
    assert!(scores.windows(2).all(|pair| pair[0] <= pair[1]));
}

#[test]
fn a_verdict_says_that_probabilities_are_off_on_average() {
    // Of a hundred rows of each probability so many come true as it says.
    let rows = || (0..2000).map(|i| (i % 20, i / 20));
    let labels: Vec<bool> = rows().map(|(p, nth)| nth < 5 * p).collect();
    let said = |add: f64, probabilities: bool| {
        let scores: Vec<f64> = rows().map(|(p, _)| (f64::from(p) / 20.0 + add).clamp(0.0, 1.0)).collect();
        let data = DataRange { rows: 2000, positives: 950, ..DataRange::default() };
        let verdict = judge(&data, &measure(&labels, &scores, probabilities), &[], &Suspects::default());
        assert_eq!(verdict.judgement, Judgement::Usable);
        verdict.reasons[1..].join("; ")
    };
    assert_eq!(said(0.0, true), "");
    assert_eq!(said(0.03, true), "", "a few points of many are no decision");
    let high = said(0.1, true);
    assert!(
        high.starts_with("its probabilities are too high by 9.8 points on average: 57.2% were expected and 47.5%"),
        "{high}"
    );
    assert!(said(-0.1, true).starts_with("its probabilities are too low by"));
    assert_eq!(said(0.1, false), "", "a score is no probability");
}
