//! SEG0602

use segc::diagnostics::Code;

use super::{fires, said, segment, silent};

#[test]
fn fires_over_bounds_that_exclude_each_other() {
    fires(
        Code::SEG0602,
        &[
            "loyalty.points > 500 and loyalty.points < 100",
            "loyalty.points > 500 and 100 > loyalty.points",
            "loyalty.points > 5 and loyalty.points < 5",
            "loyalty.points >= 5 and loyalty.points < 5",
            "loyalty.points <= 4 and any(commerce.purchases) and loyalty.points >= 5",
            "loyalty.tier == \"gold\" and loyalty.tier == \"silver\"",
            "loyalty.tier == \"gold\" and loyalty.tier != \"gold\"",
            "loyalty.points == 3 and loyalty.points > 3",
            "loyalty.points between 5 and 10 and loyalty.points > 10",
            "loyalty.joinDate >= 2026-02-01 and loyalty.joinDate < 2026-01-01",
            "sum(commerce.order.priceTotal of commerce.purchases) > 10.5 and sum(commerce.order.priceTotal of commerce.purchases) < 10.25",
            "any(commerce.purchases where channel == \"web\" and channel == \"app\")",
            "any(commerce.purchases) or (loyalty.points > 5 and loyalty.points < 4)",
        ],
    );
}

#[test]
fn fires_over_a_condition_and_its_negation() {
    fires(
        Code::SEG0602,
        &[
            "any(commerce.purchases) and not any(commerce.purchases)",
            "any(commerce.purchases) or not any(commerce.purchases)",
            "any(commerce.purchases as a where a.channel == \"web\") and not any(commerce.purchases as b where b.channel == \"web\")",
            "homeAddress.countryCode is present or homeAddress.countryCode is absent",
        ],
    );
}

#[test]
fn fires_over_what_no_data_can_change() {
    fires(
        Code::SEG0602,
        &[
            "true",
            "count(commerce.purchases) >= 0",
            "0 <= count(commerce.purchases)",
            "count(commerce.purchases) < 0",
            "count(commerce.purchases) == -1",
            "count(commerce.purchases) != -1",
            "count(distinct channel of commerce.purchases) > -1",
            "1 > 2 or any(commerce.purchases)",
            "\"a\" == \"a\" and any(commerce.purchases)",
        ],
    );
}

#[test]
fn is_silent_where_data_decides() {
    silent(&[
        "loyalty.points > 100 and loyalty.points < 500",
        "loyalty.points > 500 or loyalty.points < 100",
        "loyalty.points >= 5 and loyalty.points <= 5",
        "loyalty.points between 5 and 10 and loyalty.points > 9",
        "loyalty.tier == \"gold\" or loyalty.tier == \"silver\"",
        "loyalty.tier != \"gold\" and loyalty.tier != \"silver\"",
        "person.name.firstName == \"A\" and person.name.firstName == \"a\" ignoring case",
        // Not the same subject: two windows, two filters, two fields.
        "count(commerce.purchases in last 7 days) > 3 and count(commerce.purchases in last 30 days) < 3",
        "count(commerce.purchases where channel == \"web\") > 3 and count(commerce.purchases where channel == \"app\") < 3",
        "person.name.firstName == \"A\" and person.name.lastName == \"B\"",
        // One element each.
        "any(commerce.purchases where channel == \"web\") and any(commerce.purchases where channel == \"app\")",
        "any(commerce.purchases) and not any(commerce.productViews)",
        "count(commerce.purchases) == 0",
        "count(commerce.purchases) > 0",
        "count(commerce.purchases) <= 0",
        // False where it is absent, both of them.
        "loyalty.tier == \"gold\" or loyalty.tier != \"gold\"",
    ]);
}

#[test]
fn the_value_of_a_parameter_is_no_constant() {
    let program = "param least: int = 500\nsegment s { where loyalty.points > least and loyalty.points < 100 }\n";
    assert_eq!(said(program), "");
}

#[test]
fn both_sides_are_pointed_at() {
    insta::assert_snapshot!(said(&segment("loyalty.points > 500 and any(commerce.purchases) and loyalty.points < 100")), @r#"
    warning[SEG0602]: these conditions are never true together
      ┌─ a.seg:2:64
      │
    2 │     where loyalty.points > 500 and any(commerce.purchases) and loyalty.points < 100
      │           --------------------                                 ^^^^^^^^^^^^^^^^^^^^ excludes the other bound
      │           │
      │           the other bound
      │
      = help: did one of them mean `or`?

    1 warning
    "#);
    insta::assert_snapshot!(said(&segment("any(commerce.purchases) or not any(commerce.purchases)")), @r#"
    warning[SEG0602]: one of these conditions is always true
      ┌─ a.seg:2:38
      │
    2 │     where any(commerce.purchases) or not any(commerce.purchases)
      │           -----------------------    ^^^^^^^^^^^^^^^^^^^^^^^^^^^ the negation of the other condition
      │           │
      │           the other condition

    1 warning
    "#);
    insta::assert_snapshot!(said(&segment("count(commerce.purchases) >= 0")), @r#"
    warning[SEG0602]: this condition is always true
      ┌─ a.seg:2:11
      │
    2 │     where count(commerce.purchases) >= 0
      │           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a count is never below 0

    1 warning
    "#);
    insta::assert_snapshot!(said(&segment("true")), @r#"
    warning[SEG0602]: this condition is always true
      ┌─ a.seg:2:11
      │
    2 │     where true
      │           ^^^^ every profile is a member

    1 warning
    "#);
}
