use segc::propensity::model::Model;

use super::project::{Shop, shop};

fn text() -> String {
    let Shop { model, .. } = shop();
    model.to_text()
}

#[test]
fn a_model_is_read_as_it_was_written() {
    let text = text();
    let model = Model::from_text(&text).unwrap();
    assert!(model == shop().model, "it is read otherwise");
    assert_eq!(model.to_text(), text);
}

#[test]
fn a_model_that_was_edited_has_another_name() {
    let model = &shop().model;
    let mut edited = model.clone();
    edited.ensemble.trees[0].values[0] += 1e-9;
    assert_ne!(edited.version_name(), model.version_name());
    assert!(edited.version_name().starts_with("buys-"));
    assert_eq!(Model::from_text(&text()).unwrap().version_name(), model.version_name());
}

#[test]
fn a_damaged_file_is_refused_with_a_reason() {
    let text = text();
    let reason = |text: &str| Model::from_text(text).unwrap_err();
    assert_eq!(reason(&text[..text.len() / 2]), "it ends too early: the file is cut off");
    assert_eq!(reason(""), "it ends too early: the file is cut off");
    assert_eq!(reason("{}"), "it is no model file of segc");
    assert_eq!(
        reason(&text.replacen("\"version\": 1", "\"version\": 2", 1)),
        "it has version 2 of the format; this segc reads 1"
    );
    let mut missing = shop().model.clone();
    missing.features.truncate(1);
    assert_eq!(reason(&missing.to_text()), "a tree does not fit the features");
    let mut quantiles = shop().model.clone();
    quantiles.quantiles.pop();
    assert_eq!(reason(&quantiles.to_text()), "the quantiles are not 99 rising numbers");
}

#[test]
fn no_cut_of_a_file_panics() {
    let text = text();
    for at in (0..text.len()).step_by(text.len() / 50).filter(|at| text.is_char_boundary(*at)) {
        assert!(Model::from_text(&text[..at]).is_err());
    }
}
