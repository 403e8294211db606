//! SEG0603

use super::{said, said_of_files, said_of_program};

/// Names in the messages, in their order.
fn unused(program: &str) -> Vec<String> {
    let (found, _) = said_of_program(program);
    found.iter().map(|d| d.message.split('`').nth(1).unwrap_or_default().to_owned()).collect()
}

#[test]
fn what_no_segment_reaches_is_unused() {
    let program = "
        param recency: duration = 30 days
        event order = commerce.purchases
        event late = order in last recency
        let spend = sum(commerce.order.priceTotal of late)
        let big = spend > 100
        segment s { where loyalty.points > 3 }
    ";
    assert_eq!(unused(program), ["spend", "big", "recency", "order", "late"]);
}

#[test]
fn what_a_segment_reaches_through_others_is_used() {
    let program = "
        param recency: duration = 30 days
        param channels: list<string> = [\"web\"]
        param names: list<string> = [\"a\"]
        param least: int = 3
        param days: int = 3
        event order = commerce.purchases where channel in channels
        event late = order in last recency
        let spend = sum(commerce.order.priceTotal of late)
        let big = spend > 100
        let key(least: int) = loyalty.points + least
        let in_group = count(groups of events by channel where count(group) > least) > 0
        segment s { where big and in_group and any(names as n where n == \"b\") rank by key(days) desc }
    ";
    assert_eq!(said(&program.replace("least: int) = loyalty.points + least", "x: int) = loyalty.points + x")), "");
}

#[test]
fn sequences_and_sources_reach_too() {
    let program = "
        event view = commerce.productViews
        event buy = commerce.purchases
        event dear = commerce.purchases where commerce.order.priceTotal > limit
        param limit: decimal = 10.5
        param gap: duration = 2 days
        segment s { where sequence(view then buy within gap) }
        segment t { where any(top 3 of dear by commerce.order.priceTotal) }
    ";
    assert_eq!(said(program), "");
}

#[test]
fn a_model_and_an_underscore_keep_a_definition() {
    let program = "
        event buy = commerce.purchases
        param horizon: duration = 60 days
        let _later = 3
        propensity stays { predict any(buy in next horizon) for any(commerce.purchases) using view static person }
        event view = commerce.productViews
        segment s { where loyalty.points > 3 }
    ";
    assert_eq!(said(program), "");
}

#[test]
fn a_definition_used_in_another_file_is_used() {
    let (found, text) = said_of_files(&[
        ("shared.seg", "let big = loyalty.points > 100\n"),
        ("a.seg", "import \"shared.seg\"\nsegment s { where big }\n"),
    ]);
    assert!(found.is_empty(), "{text}");
}

#[test]
fn a_long_chain_of_definitions_is_walked() {
    let mut program = String::from("let d0 = loyalty.points\n");
    for index in 1..1_000 {
        program.push_str(&format!("let d{index} = d{} default 0\n", index - 1));
    }
    program.push_str("segment s { where d999 > 3 }\n");
    assert_eq!(said(&program), "");
}

#[test]
fn the_name_is_pointed_at() {
    insta::assert_snapshot!(said("let big = loyalty.points > 100\nsegment s { where loyalty.points > 3 }\n"), @r#"
    warning[SEG0603]: the definition `big` is never used
      ┌─ a.seg:1:5
      │
    1 │ let big = loyalty.points > 100
      │     ^^^ defined here
      │
      = help: remove it, or name it `_big` to keep it

    1 warning
    "#);
}
