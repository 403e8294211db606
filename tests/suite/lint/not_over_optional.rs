//! SEG0601

use segc::diagnostics::Code;

use super::{fires, said, segment, silent};

#[test]
fn fires_over_tests_of_what_may_be_absent() {
    fires(
        Code::SEG0601,
        &[
            "not (homeAddress.countryCode == \"SE\")",
            "not (homeAddress.countryCode in [\"SE\", \"NO\"])",
            "not (homeAddress.countryCode != \"SE\")",
            "not (loyalty.points > 100)",
            "not (100 < loyalty.points)",
            "not (person.name.lastName starts with \"A\")",
            "not (loyalty.joinDate in last 30 days)",
            "not (age(person.birthDate) >= 18)",
            "not (preferences[\"newsletter\"] == \"never\")",
            "not (last(timestamp of commerce.purchases) before 60 days ago)",
            "not (homeAddress.countryCode == \"SE\" or homeAddress.countryCode == \"NO\")",
            "not (loyalty.points > 100 and any(commerce.purchases))",
            "none(commerce.purchases where not (channel == \"web\"))",
            // Another field's presence is asked for.
            "person.gender is present and not (homeAddress.countryCode == \"SE\")",
            // The question stands in another place.
            "(homeAddress.countryCode is present or any(commerce.purchases)) and (loyalty.points > 1 or not (person.gender == \"male\"))",
        ],
    );
}

#[test]
fn is_silent_where_nothing_is_left_open() {
    silent(&[
        "homeAddress.countryCode != \"SE\"",
        "homeAddress.countryCode not in [\"SE\"]",
        "not any(commerce.purchases)",
        "not (count(commerce.purchases) > 3)",
        "not (sum(commerce.order.priceTotal of commerce.purchases) > 100)",
        "not (loyalty.points default 0 > 100)",
        "not ((homeAddress.countryCode default \"\") == \"SE\")",
        "not (homeAddress.countryCode is present)",
        "homeAddress.countryCode is absent",
        "none(commerce.purchases where not (timestamp in last 30 days))",
        // To have no list is to have nothing in it.
        "not (\"vip\" in tags)",
        "not (tags has any [\"vip\", \"press\"])",
        "not member(\"a\", \"b\")",
    ]);
}

#[test]
fn is_silent_where_the_advice_was_followed() {
    silent(&[
        "homeAddress.countryCode is absent or not (homeAddress.countryCode == \"SE\")",
        "homeAddress.countryCode is present and not (homeAddress.countryCode == \"SE\")",
        "homeAddress.countryCode is present and loyalty.points > 3 and not (homeAddress.countryCode in [\"SE\"])",
        "not (homeAddress.countryCode is present and homeAddress.countryCode == \"SE\")",
        "if homeAddress.countryCode is present then not (homeAddress.countryCode == \"SE\") else any(commerce.purchases)",
        "person.birthDate is present and not (age(person.birthDate) >= 18)",
        "all(commerce.purchases where channel is present satisfy not (channel == \"web\"))",
        "none(commerce.purchases where channel is present and not (channel == \"web\"))",
    ]);
}

#[test]
fn an_argument_of_a_definition_is_its_callers_business() {
    let program = "let over(points: int) = not (points > 100)\nsegment s { where over(10) }\n";
    assert_eq!(said(program), "");
}

#[test]
fn the_advice_fits_the_test() {
    insta::assert_snapshot!(said(&segment("not (homeAddress.countryCode in [\"SE\"])")), @r#"
    warning[SEG0601]: `not` over a value that may be absent is true where it is absent
      ┌─ a.seg:2:11
      │
    2 │     where not (homeAddress.countryCode in ["SE"])
      │           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      │           │    │
      │           │    this is `string?`
      │           true of those without a value too
      │
      = help: to leave out profiles without a value, write `not in`
      = help: to include them on purpose, write `… is absent or …`

    1 warning
    "#);
    insta::assert_snapshot!(said(&segment("not (homeAddress.countryCode == \"SE\" or loyalty.points > 3)")), @r#"
    warning[SEG0601]: `not` over a value that may be absent is true where it is absent
      ┌─ a.seg:2:11
      │
    2 │     where not (homeAddress.countryCode == "SE" or loyalty.points > 3)
      │           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      │           │    │
      │           │    this is `string?`
      │           true of those without a value too
      │
      = help: to leave out profiles without a value, add `and … is present`
      = help: to include them on purpose, write `… is absent or …`

    1 warning
    "#);
}
