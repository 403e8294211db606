//! What gives the outcome away: refused when the declaration is checked, or found in the columns and named.

use segc::hir::Training;
use segc::pipeline::{Request, Workspace};
use segc::propensity::derive::{Cells, Slice, Table};
use segc::propensity::features::Feature;
use segc::propensity::hash;
use segc::propensity::model::{DataRange, Judgement, Model, WindowQuality};
use segc::propensity::rows::{Coded, Rows, coded};
use segc::propensity::train::{Job, train};
use segc::propensity::verdict::drift;

use super::project::{Disk, make};
use super::world::world;

/// What is said of a declaration with some definitions before it.
fn said(definitions: &str, clauses: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{definitions}\npropensity p {{ predict any(commerce.purchases in next 30 days) {clauses} }}");
    make(folder.path(), &text);
    let root = folder.path().to_string_lossy().into_owned();
    let request = Request { project_file: Some(format!("{root}/seg.toml")), root, ..Request::default() };
    let compiled = Workspace::open(&Disk, &request).compile();
    let errors = compiled.diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
    let file = |span: segc::source::Span| text[span.start as usize..span.end as usize].to_owned();
    errors
        .map(|d| format!("{} {} `{}`", d.code.info().id, d.message, d.primary().map_or(String::new(), file)))
        .collect()
}

#[test]
fn features_end_at_the_cut_off_behind_any_number_of_names() {
    let ahead = |window: &str, named: &str| {
        let lets = format!(
            "event late = commerce.purchases {window}\nlet direct = count(commerce.purchases {window})\n\
             let through = 1 + direct\nlet by_event = count(late)\nsegment s {{ where direct > 1 }}\n\
             let by_segment = if s then 1 else 0"
        );
        said(&lets, &format!("for any(commerce.purchases) using commerce.purchases, {named}"))
    };
    for window in [
        "in next 7 days",
        "after 2026-01-01",
        "before 2026-01-01",
        "in this month",
        "on 2026-01-01",
        "between 2025-01-01 and 2026-01-01",
        "before 7 days from now",
    ] {
        for named in ["direct", "through", "by_event", "by_segment", "late"] {
            let wanted = format!("SEG0714 a feature looks at what is still to come `{named}`");
            assert_eq!(ahead(window, named), [wanted], "{window} {named}");
        }
    }
    for window in
        ["in last 7 days", "in previous month", "before now", "before 7 days ago", "on yesterday", "on today", ""]
    {
        assert_eq!(ahead(window, "through, late"), [""; 0], "{window}");
    }
    let before = "let f = count(commerce.productViews before last(timestamp of commerce.purchases))";
    assert_eq!(said(before, "for true using commerce.purchases, f"), [""; 0]);
}

#[test]
fn attributes_have_no_history_behind_any_number_of_names() {
    let lets = "let points = loyalty.points\nlet more = points + 1\n\
                event rich = commerce.purchases where profile.loyalty.points > 3";
    let wanted = |at: &str| vec![format!("SEG0710 what `loyalty.points` was at a cut-off is not known `{at}`")];
    for named in ["points", "more", "rich"] {
        assert_eq!(said(lets, &format!("for true using commerce.purchases, {named}")), wanted(named));
    }
    assert_eq!(said(lets, "for more > 3 using commerce.purchases"), wanted("more"));
    assert_eq!(said(lets, "for loyalty.points > 3 using commerce.purchases"), wanted("loyalty.points"));
    assert_eq!(said(lets, "for any(rich) using commerce.purchases"), wanted("any(rich)"));
    assert_eq!(said(lets, "for more > 3 using commerce.purchases, rich static loyalty.points"), [""; 0]);
    assert_eq!(said(lets, "for more > 3 using commerce.purchases, rich static loyalty deny loyalty.points"), [""; 0]);
    assert_eq!(
        said("propensity q from \"q.csv\"\nlet other = propensity.q.score", "for true using commerce.purchases, other"),
        ["SEG0710 what `propensity.q.score` was at a cut-off is not known `other`"]
    );
}

#[test]
fn who_is_eligible_is_known_at_the_cut_off() {
    assert_eq!(
        said("let soon = any(commerce.purchases in this week)", "for soon using commerce.purchases"),
        ["SEG0704 `for` looks at what is still to come `soon`"]
    );
}

/// A model of some columns of which the last is an attribute, if that is said.
pub(super) fn learnt(columns: &[Vec<f32>], labels: &[bool], attribute: bool) -> Result<Model, String> {
    let rows = labels.len() / 4;
    let ids: Vec<u64> = (0..labels.len() as u64).map(hash::mix).collect();
    let table = |range: std::ops::Range<usize>, cutoffs: Vec<u16>| Table {
        ids: ids[range.clone()].to_vec(),
        cutoffs,
        labels: labels[range.clone()].to_vec(),
        columns: columns.iter().map(|column| Cells::Numbers(column[range.clone()].to_vec())).collect(),
    };
    let feature = |number: usize| {
        let name = if number + 1 == columns.len() { "extra".to_owned() } else { format!("column_{number}") };
        let from_attribute = attribute && number + 1 == columns.len();
        Feature { expression: name.clone(), factor: name, window: String::new(), category: false, from_attribute }
    };
    let features: Vec<Feature> = (0..columns.len()).map(feature).collect();
    let learnt = Rows::of(table(0..3 * rows, (0..3 * rows).map(|row| (row / rows) as u16).collect()), 7);
    let mut test = learnt.like();
    let rest = table(3 * rows..4 * rows, vec![0; rows]);
    let places = (0..rows as u32).map(|row| (0, row)).collect();
    let slice = Slice { rows: places, labels: rest.labels, columns: rest.columns };
    test.append(0, coded(slice, &learnt.borders), &[rest.ids]);
    let training = Training { trees: Some(40), depth: Some(4), ..Training::default() };
    let data = DataRange { now: 40, cutoffs: vec![0, 10, 20], test: 30, horizon: 10, rows: 0, positives: 0 };
    let job = Job {
        name: "p",
        definition: String::new(),
        training: &training,
        buckets: [25.0, 75.0],
        features: &features,
        data,
        train: learnt,
        test,
    };
    train(job, &|_| ())
}

#[test]
fn rows_that_come_later_have_the_bins_of_those_that_tell_the_borders() {
    let world = world(2000);
    let texts: Vec<std::sync::Arc<str>> = ["a", "b", "c"].map(Into::into).to_vec();
    let table = |range: std::ops::Range<usize>| {
        let mut columns: Vec<Cells> = world.columns.iter().map(|c| Cells::Numbers(c[range.clone()].to_vec())).collect();
        // The same texts by other codes.
        let (first, values) = (range.start, texts.iter().cloned().cycle().skip(range.start % 3).take(3).collect());
        let code = |row: usize| if row.is_multiple_of(7) { u32::MAX } else { ((row - first) % 3) as u32 };
        columns.push(Cells::Categories { codes: range.clone().map(code).collect(), values });
        let (ids, labels) = (world.ids[range.clone()].to_vec(), world.labels[range.clone()].to_vec());
        Table { ids, cutoffs: vec![0; range.len()], labels, columns }
    };
    let all = Rows::of(table(0..2000), 7);
    let mut parts = all.like();
    for range in [0..700, 700..1401, 1401..2000] {
        let part = table(range.clone());
        let places = (0..range.len() as u32).map(|row| (0, row)).collect();
        let slice = Slice { rows: places, labels: part.labels, columns: part.columns };
        parts.append(0, coded(slice, &all.borders), &[part.ids]);
    }
    assert_eq!((&parts.ids, &parts.labels), (&all.ids, &all.labels));
    for (part, whole) in parts.columns.iter().zip(&all.columns) {
        match (part, whole) {
            (Coded::Bins(part), Coded::Bins(whole)) => assert_eq!(part, whole),
            (Coded::Categories { codes, values }, Coded::Categories { codes: whole, values: texts }) => {
                let text = |code: &u32, values: &[std::sync::Arc<str>]| values.get(*code as usize).cloned();
                assert!(codes.iter().zip(whole).all(|(a, b)| text(a, values) == text(b, texts)));
            }
            other => panic!("{other:?}"),
        }
    }
}

/// A model of the small world with one more column, told by a row's number and outcome.
fn with_extra(attribute: bool, extra: &dyn Fn(usize, bool) -> f32, flip: &dyn Fn(usize, bool) -> bool) -> Model {
    let world = world(8000);
    let mut columns = world.columns.clone();
    columns.push((0..8000).map(|row| extra(row, world.labels[row])).collect());
    let labels: Vec<bool> = world.labels.iter().enumerate().map(|(row, label)| flip(row, *label)).collect();
    learnt(&columns, &labels, attribute).unwrap()
}

fn trained(extra: &dyn Fn(usize, bool) -> f32, flip: &dyn Fn(usize, bool) -> bool) -> Model {
    with_extra(false, extra, flip)
}

fn noise(row: usize) -> f32 {
    (hash::mix(row as u64 ^ 0xabc) % 1000) as f32
}

fn verdict(model: &Model) -> (Judgement, String) {
    (model.verdict.judgement, model.verdict.reasons.join("; "))
}

#[test]
fn an_honest_column_is_not_suspected() {
    let model = trained(&|row, _| noise(row), &|_, label| label);
    assert_eq!(model.verdict.judgement, Judgement::Usable);
}

#[test]
fn a_label_in_disguise_is_named() {
    let model = trained(&|row, label| noise(row) + if label { 960.0 } else { 0.0 }, &|_, label| label);
    let (judgement, reasons) = verdict(&model);
    assert_eq!(judgement, Judgement::SuspiciouslyGood);
    assert!(reasons.starts_with("`extra` alone tells the outcome (AUC 0.9"), "{reasons}");
}

#[test]
fn an_attribute_that_was_written_after_the_outcome_is_named() {
    // A final result: all for whom it came true have one value, and so have a quarter of the others, later.
    let result = |row: usize, label: bool| if label || noise(row) < 250.0 { 3.0 } else { (row % 3) as f32 };
    let (judgement, reasons) = verdict(&with_extra(true, &result, &|_, label| label));
    assert_eq!(judgement, Judgement::SuspiciouslyGood);
    assert!(reasons.starts_with("`extra` alone tells the outcome (AUC 0.8"), "{reasons}");
    assert!(reasons.contains("an attribute may have been written after it"), "{reasons}");
    // Events carry their time: from them the same may be behaviour.
    assert_eq!(trained(&result, &|_, label| label).verdict.judgement, Judgement::Usable);
}

#[test]
fn an_attribute_of_which_absence_tells_is_named() {
    let written = |row: usize, label: bool| if label || noise(row) < 400.0 { noise(row + 1) } else { f32::NAN };
    let (judgement, reasons) = verdict(&with_extra(true, &written, &|_, label| label));
    assert_eq!(judgement, Judgement::SuspiciouslyGood);
    assert!(reasons.starts_with("whether `extra` is there tells the outcome (AUC 0.7"), "{reasons}");
}

#[test]
fn a_column_that_tells_much_is_named_without_being_refused() {
    let much = |row: usize, label: bool| noise(row) + if label { 570.0 } else { 0.0 };
    let (judgement, reasons) = verdict(&trained(&much, &|_, label| label));
    assert_eq!(judgement, Judgement::Usable, "{reasons}");
    assert!(reasons.contains("`extra` alone has an AUC of 0.9"), "{reasons}");
}

#[test]
fn absence_that_tells_is_named() {
    let written = |row: usize, label: bool| if label || row.is_multiple_of(20) { noise(row) } else { f32::NAN };
    let (judgement, reasons) = verdict(&trained(&written, &|_, label| label));
    assert_eq!(judgement, Judgement::SuspiciouslyGood);
    assert!(reasons.starts_with("whether `extra` is there tells the outcome (AUC 0.9"), "{reasons}");
}

#[test]
fn a_drift_is_told() {
    // In the newest window hardly anybody does it any more.
    let fewer = |row: usize, label: bool| label && (row < 6000 || row.is_multiple_of(8));
    let (judgement, reasons) = verdict(&trained(&|row, _| noise(row), &fewer));
    assert_eq!(judgement, Judgement::Drifting);
    assert!(reasons.starts_with("the prediction came true for "), "{reasons}");
    // The behaviour that was learnt has turned into its opposite.
    let turned = |row: usize, label: bool| if row < 6000 { label } else { !label };
    let (judgement, reasons) = verdict(&trained(&|row, _| noise(row), &turned));
    assert_eq!(judgement, Judgement::Drifting);
    assert!(reasons.contains("the AUC is 0."), "{reasons}");
}

#[test]
fn chance_is_no_drift() {
    let window = |rows: u64, rate: f64, auc: f64| WindowQuality { cutoff: 0, rows, rate, auc };
    assert!(drift(&[window(1000, 0.10, 0.75), window(1000, 0.11, 0.70)]).is_empty());
    assert!(drift(&[window(1000, 0.02, 0.75), window(20, 0.05, 0.75)]).is_empty());
    assert_eq!(drift(&[window(1000, 0.10, 0.75), window(1000, 0.02, 0.75)]).len(), 1);
    assert_eq!(drift(&[window(1000, 0.10, 0.75), window(1000, 0.10, 0.55)]).len(), 1);
    assert!(drift(&[window(0, 0.0, 0.5), window(1000, 0.1, 0.7)]).is_empty());
}
