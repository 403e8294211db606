//! SEG0604

use segc::diagnostics::Code;

use super::{fires, said, said_of_program, silent};

/// A program of a custom event with a window, and a condition.
fn with_recent(condition: &str) -> String {
    format!("event recent = commerce.purchases in last 7 days\nsegment s {{\n    where {condition}\n}}\n")
}

#[test]
fn fires_over_a_custom_event_with_a_window_of_its_own() {
    for condition in [
        "any(recent in last 30 days)",
        "any(recent in last 3 days)",
        "any(recent in last 7 days)",
        "sum(commerce.order.priceTotal of recent in last 30 days) > 3",
        "any(top 3 of recent in last 30 days by commerce.order.priceTotal)",
        "count(groups of recent in last 30 days by channel) > 1",
        "sequence(commerce.productViews then recent in last 30 days)",
    ] {
        let (found, text) = said_of_program(&with_recent(condition));
        let codes: Vec<Code> = found.iter().map(|d| d.code).collect();
        assert_eq!(codes, [Code::SEG0604], "{condition}\n{text}");
    }
    for length in ["30 days", "1 year", "2 hours"] {
        let (found, text) = said_of_program(&format!(
            "event recent = commerce.purchases in last 7 days\nevent dear = recent in last {length}\n\
             segment s {{ where any(dear) }}\n"
        ));
        assert_eq!(found.len(), 1, "{text}");
    }
}

#[test]
fn fires_over_a_longer_window_beside_a_shorter_one() {
    fires(
        Code::SEG0604,
        &[
            "any(commerce.purchases in last 30 days) and any(commerce.purchases in last 7 days)",
            "any(commerce.purchases in last 7 days) and loyalty.points > 3 and any(commerce.purchases in last 8 days)",
            "any(commerce.purchases in last 2 months) and any(commerce.purchases in last 1 month)",
            "any(commerce.purchases in last 1 year) and any(commerce.purchases in last 30 days)",
            "any(commerce.purchases in last 27 days) and any(commerce.purchases in last 1 month)",
            "any(commerce.purchases as a in last 30 days where a.channel == \"web\") and any(commerce.purchases as b in last 7 days where b.channel == \"web\")",
        ],
    );
}

#[test]
fn is_silent_where_both_windows_count() {
    silent(&[
        "any(commerce.purchases in last 30 days) and none(commerce.purchases in last 7 days)",
        "any(commerce.purchases in last 30 days) or any(commerce.purchases in last 7 days)",
        "any(commerce.purchases in last 30 days) and any(commerce.productViews in last 7 days)",
        "any(commerce.purchases in last 30 days where channel == \"web\") and any(commerce.purchases in last 7 days)",
        "count(commerce.purchases in last 30 days) >= 3 and any(commerce.purchases in last 7 days)",
        // Which is longer depends on the month.
        "any(commerce.purchases in last 1 month) and any(commerce.purchases in last 30 days)",
        "any(commerce.purchases in last 1 year) and any(commerce.purchases in last 365 days)",
    ]);
    for condition in ["any(recent)", "any(recent where channel == \"web\")", "any(recent in this month)"] {
        assert_eq!(said(&with_recent(condition)), "", "{condition}");
    }
    let program =
        "event online = commerce.purchases where channel == \"web\"\nsegment s { where any(online in last 7 days) }\n";
    assert_eq!(said(program), "");
}

#[test]
fn the_definition_and_the_use_are_pointed_at() {
    insta::assert_snapshot!(said(&with_recent("any(recent in last 30 days)")), @r#"
    warning[SEG0604]: the window at its use has no effect beside the custom event's own, which lies within it
      ┌─ a.seg:3:15
      │
    1 │ event recent = commerce.purchases in last 7 days
      │       ------ defined with a window here
    2 │ segment s {
    3 │     where any(recent in last 30 days)
      │               ^^^^^^^^^^^^^^^^^^^^^^ `recent` has a window of its own
      │
      = help: keep one of the two windows

    1 warning
    "#);
    insta::assert_snapshot!(said(&with_recent("any(recent in last 3 days)")), @r#"
    warning[SEG0604]: the window of the custom event has no effect beside the one at its use, which lies within it
      ┌─ a.seg:3:15
      │
    1 │ event recent = commerce.purchases in last 7 days
      │       ------ defined with a window here
    2 │ segment s {
    3 │     where any(recent in last 3 days)
      │               ^^^^^^^^^^^^^^^^^^^^^ `recent` has a window of its own
      │
      = help: keep one of the two windows

    1 warning
    "#);
    let program = "segment s {\n    where any(commerce.purchases in last 30 days)\n      and any(commerce.purchases in last 7 days)\n}\n";
    insta::assert_snapshot!(said(program), @r#"
    warning[SEG0604]: this condition has no effect: the same in a shorter window is asked beside it
      ┌─ a.seg:2:11
      │
    2 │     where any(commerce.purchases in last 30 days)
      │           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ implied by the other
    3 │       and any(commerce.purchases in last 7 days)
      │           -------------------------------------- the shorter window
      │
      = help: remove the longer window, or ask for what only it can see

    1 warning
    "#);
}
