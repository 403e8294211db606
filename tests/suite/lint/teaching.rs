//! SEG0607 to SEG0636: each fires on what it is for (its page shows one more), is silent on what only looks like it, and
//! its fix gives a program that it has nothing to say of.

use segc::diagnostics::{Applicability, Code, Diagnostic, fixes};
use segc::lint::{Facts, Level, Levels, lint};

use crate::check::check_files;

/// What one lint says of a program.
fn of(code: Code, program: &str) -> Vec<Diagnostic> {
    let outcome = check_files(&[("a.seg", program)], &[]);
    assert!(!outcome.diagnostics.iter().any(Diagnostic::is_error), "{program}\n{:?}", outcome.diagnostics);
    let levels: Levels = [(code, Level::Warn)].into_iter().collect();
    let found = lint(&outcome.checked.module, &outcome.sources, &Facts::default(), &levels);
    found.into_iter().filter(|d| d.code == code).collect()
}

fn segment(condition: &str) -> String {
    format!("segment example {{\n    where {condition}\n}}\n")
}

fn fires(code: Code, conditions: &[&str]) {
    for condition in conditions {
        assert_eq!(of(code, &segment(condition)).len(), 1, "{condition}");
    }
}

fn silent(code: Code, conditions: &[&str]) {
    for condition in conditions {
        assert_eq!(of(code, &segment(condition)), [], "{condition}");
    }
}

/// The program after its fix, about which the lint is then silent.
fn fixed(code: Code, program: &str) -> String {
    let found = of(code, program);
    let plan = fixes::plan(&found, true);
    let edits = plan.edits.values().next().unwrap_or_else(|| panic!("no fix: {program}"));
    let text = fixes::apply(program, edits).unwrap();
    assert_eq!(of(code, &text), [], "{text}");
    text
}

fn fixed_condition(code: Code, condition: &str) -> String {
    let text = fixed(code, &segment(condition));
    text.split_once("where ").unwrap().1.trim_end_matches("\n}\n").to_owned()
}

#[test]
fn sizes_are_counted_to_their_limit() {
    let points = |n: usize| (0..n).map(|i| format!("loyalty.points == {i}")).collect::<Vec<_>>().join(" or ");
    silent(Code::SEG0607, &[&points(50), &format!("any(events) and ({})", points(49))]);
    fires(
        Code::SEG0607,
        &[&points(51), &format!("any(commerce.purchases where channel == \"web\") and ({})", points(50))],
    );
    let steps = |n: usize| format!("sequence({})", vec!["commerce.purchases"; n].join(" then "));
    silent(Code::SEG0608, &[&steps(6), "sequence(5 times commerce.purchases then commerce.productViews)"]);
    fires(Code::SEG0608, &[&steps(7), "sequence(6 times commerce.purchases then commerce.productViews)"]);
    let list =
        |n: usize| format!("loyalty.points in [{}]", (0..n).map(|i| i.to_string()).collect::<Vec<_>>().join(", "));
    silent(Code::SEG0611, &[&list(100)]);
    fires(Code::SEG0611, &[&list(101)]);
    silent(Code::SEG0610, &["any(commerce.purchases where any(productListItems as i where any(commerce.productViews where any(productListItems))))"].map(|_| "any(commerce.purchases where any(productListItems as i where any(commerce.productViews)))"));
    fires(
        Code::SEG0610,
        &[
            "any(commerce.purchases where any(productListItems as i where any(commerce.productViews where any(productListItems))))",
        ],
    );
}

#[test]
fn windows_of_custom_events_and_sources_count() {
    fires(Code::SEG0609, &["any(commerce.purchases)", "count(groups of events by channel) > 1"]);
    silent(
        Code::SEG0609,
        &[
            "any(commerce.purchases in last 3 days)",
            "any(tags as t where t == \"a\")",
            "count(groups of events in last 3 days by channel) > 1",
        ],
    );
    let custom = "event late = commerce.purchases in last 7 days\nsegment a { where any(late) }\n";
    assert_eq!(of(Code::SEG0609, custom), []);
}

#[test]
fn codes_are_enums_and_fields_that_are_called_so() {
    fires(
        Code::SEG0612,
        &[
            "homeAddress.countryCode == \"se\" ignoring case",
            "loyalty.tier == \"gold\" ignoring case",
            "any(commerce.purchases where any(productListItems where SKU starts with \"a\" ignoring case))",
        ],
    );
    silent(Code::SEG0612, &["homeAddress.city == \"lund\" ignoring case", "homeAddress.countryCode == \"SE\""]);
}

#[test]
fn texts_about_lengths_are_held_to_the_rule() {
    let titled = |title: &str, window: &str| {
        format!("segment example \"{title}\" {{ where any(commerce.purchases in last {window}) }}\n")
    };
    for (title, window) in
        [("Bought within 7 days", "30 days"), ("The last 2 weeks", "7 days"), ("3-month buyers", "1 month")]
    {
        assert_eq!(of(Code::SEG0615, &titled(title, window)).len(), 1, "{title}");
    }
    for (title, window) in [
        ("Bought within 7 days", "1 week"),
        ("A month: 30 days", "1 month"),
        ("The last year: 12 months", "365 days"),
        ("Top 10 buyers", "30 days"),
        ("After 7 days, within 30 days", "90 days"),
        ("Buyers", "30 days"),
    ] {
        assert_eq!(of(Code::SEG0615, &titled(title, window)), [], "{title}");
    }
    let through = "param recency: duration = 7 days\nlet spend(w: duration) = count(commerce.purchases in last w)\n\
                   /// In the last 7 days.\nsegment a { where spend(recency) > 3 }\n";
    assert_eq!(of(Code::SEG0615, through), []);
    let name = "segment bought_7_days { where any(commerce.purchases in last 30 days) }\n";
    assert_eq!(of(Code::SEG0615, name).len(), 1);
}

#[test]
fn what_stands_twice_is_removed() {
    insta::assert_snapshot!(fixed_condition(Code::SEG0617, "loyalty.points > 3 and any(events) and loyalty.points > 3"), @"loyalty.points > 3 and any(events)");
    insta::assert_snapshot!(fixed_condition(Code::SEG0621, "homeAddress.countryCode in [\"SE\", \"NO\", \"SE\"]"), @r#"homeAddress.countryCode in ["SE", "NO"]"#);
    silent(Code::SEG0617, &["any(events in last 3 days) and any(events in last 4 days)"]);
    // In parentheses there is no text that could simply go.
    assert_eq!(of(Code::SEG0617, &segment("loyalty.points > 3 and (loyalty.points > 3)"))[0].fixes, []);
}

#[test]
fn shorter_ways_to_say_it_are_written() {
    insta::assert_snapshot!(fixed_condition(Code::SEG0618, "not not any(events)"), @"any(events)");
    insta::assert_snapshot!(fixed_condition(Code::SEG0619, "count(commerce.purchases in last 3 days) > 0"), @"any(commerce.purchases in last 3 days)");
    insta::assert_snapshot!(fixed_condition(Code::SEG0619, "count(commerce.purchases) == 0"), @"none(commerce.purchases)");
    insta::assert_snapshot!(fixed_condition(Code::SEG0620, "homeAddress.city not in [\"Lund\"]"), @r#"homeAddress.city != "Lund""#);
    insta::assert_snapshot!(fixed_condition(Code::SEG0623, "homeAddress.city in [\" Lund \"]"), @r#"homeAddress.city in ["Lund"]"#);
    insta::assert_snapshot!(fixed_condition(Code::SEG0628, "homeAddress.city not like \"Lund\""), @r#"homeAddress.city != "Lund""#);
    silent(Code::SEG0619, &["count(commerce.purchases) > 1", "count(distinct channel of events) > 0"]);
    silent(Code::SEG0620, &["homeAddress.city in [\"Lund\", \"Kiruna\"]"]);
    silent(
        Code::SEG0628,
        &["homeAddress.city like \"Lun_\"", "homeAddress.city like \"L%\"", "homeAddress.city like \"100\\\\%\""],
    );
    silent(Code::SEG0623, &["homeAddress.city contains \" \"", "homeAddress.city starts with \"S \""]);
}

#[test]
fn a_sample_is_given_the_salt_that_it_has() {
    let text = "segment example {\n    where loyalty.points > 3\n    sample 10%\n}\n";
    assert!(fixed(Code::SEG0625, text).contains("sample 10% salt \"example\"\n"));
    let fix = of(Code::SEG0625, text)[0].fixes[0].applicability;
    assert_eq!(fix, Applicability::Safe);
    assert_eq!(of(Code::SEG0625, &text.replace("10%", "10% salt \"example\"")), []);
}

#[test]
fn what_is_almost_never_true_is_told() {
    fires(Code::SEG0622, &["homeAddress.city == \"\"", "homeAddress.city != \"\""]);
    silent(Code::SEG0622, &["(homeAddress.city default \"\") == \"\"", "homeAddress.city == \"a\""]);
    fires(Code::SEG0624, &["any(commerce.purchases in next 3 days)"]);
    silent(Code::SEG0624, &["person.birthDate in next 7 days ignoring year"]);
    let model = "propensity p { predict none(commerce.purchases in next 60 days) for any(commerce.purchases) using commerce.purchases }\n";
    assert_eq!(of(Code::SEG0624, model), []);
    fires(
        Code::SEG0627,
        &["any(events where timestamp == 2026-11-23T12:00:00Z)", "any(events where timestamp != now)"],
    );
    silent(Code::SEG0627, &["any(events where timestamp > 2026-11-23T12:00:00Z)", "loyalty.joinDate == 2026-11-23"]);
}

#[test]
fn documentation_and_tests_are_asked_for_where_wanted() {
    let bare = segment("any(events)");
    assert_eq!(of(Code::SEG0626, &bare).len(), 1);
    assert_eq!(of(Code::SEG0629, &bare).len(), 1);
    assert_eq!(of(Code::SEG0626, &bare.replace("example", "example \"Titled\"")), []);
    let tested =
        format!("{bare}test example {{\n    profile a {{ loyalty.points: 1 }}\n    expect a not in example\n}}\n");
    assert_eq!(of(Code::SEG0629, &tested), []);
}

#[test]
fn lints_that_are_silent_by_themselves_stay_so() {
    let outcome = check_files(&[("a.seg", &segment("count(commerce.purchases) > 0"))], &[]);
    let said = lint(&outcome.checked.module, &outcome.sources, &Facts::default(), &Levels::default());
    assert_eq!(said, []);
}

#[test]
fn numbers_that_a_value_never_has() {
    fires(
        Code::SEG0633,
        &[
            "month(person.birthDate) == 13",
            "13 == month(person.birthDate)",
            "month(person.birthDate) in [1, 13]",
            "quarter(person.birthDate) > 4",
            "day(person.birthDate) < 1",
            "weekday(person.birthDate) <= 7",
            "any(commerce.purchases where hour(timestamp) == 24)",
            "age(person.birthDate) < 0",
            "size(tags) < 0",
            "length(person.name.lastName) >= 0",
        ],
    );
    silent(
        Code::SEG0633,
        &[
            "month(person.birthDate) == 12",
            "month(person.birthDate) >= 12",
            "weekday(person.birthDate) < 7",
            "any(commerce.purchases where hour(timestamp) == 0)",
            "age(person.birthDate) > 0",
        ],
    );
}

#[test]
fn scores_beyond_their_scale() {
    let program = |condition: &str| format!("propensity churn from \"scores.csv\" {{}}\n{}", segment(condition));
    let count = |condition: &str| of(Code::SEG0633, &program(condition)).len();
    for never in ["probability > 1", "probability >= 0", "score > 100", "percentile < 1"] {
        assert_eq!(count(&format!("propensity.churn.{never}")), 1, "{never}");
    }
    for possible in ["probability >= 1", "probability > 0", "percentile <= 1", "score < 100"] {
        assert_eq!(count(&format!("propensity.churn.{possible}")), 0, "{possible}");
    }
}

#[test]
fn divisions_by_zero() {
    fires(Code::SEG0634, &["loyalty.points / 0 > 1", "loyalty.points % 0 == 1", "loyalty.points div 0 == 1"]);
    silent(Code::SEG0634, &["loyalty.points / 10 > 0", "0 / loyalty.points > 1"]);
}

#[test]
fn letters_that_a_function_never_gives() {
    fires(
        Code::SEG0635,
        &[
            "lower(person.name.lastName) == \"Berg\"",
            "upper(person.name.lastName) != \"Berg\"",
            "lower(trim(person.name.lastName)) in [\"berg\", \"Dahl\"]",
            "trim(lower(person.name.lastName)) starts with \"B\"",
        ],
    );
    silent(
        Code::SEG0635,
        &["lower(person.name.lastName) == \"berg\"", "lower(person.name.lastName) == \"Berg\" ignoring case"],
    );
    let text = fixed_condition(Code::SEG0635, "lower(person.name.lastName) == \"Berg\"");
    assert_eq!(text, "lower(person.name.lastName) == \"berg\"");
}

#[test]
fn bounds_the_wrong_way_round() {
    fires(
        Code::SEG0636,
        &[
            "loyalty.points between 10 and 5",
            "loyalty.points not between 10 and 5",
            "person.birthDate between 2026-05-01 and 2026-01-01",
            "any(commerce.purchases between 2026-05-01 and 2026-01-01)",
        ],
    );
    silent(Code::SEG0636, &["loyalty.points between 5 and 10", "loyalty.points between 5 and 5"]);
    assert_eq!(fixed_condition(Code::SEG0636, "loyalty.points between 10 and 5"), "loyalty.points between 5 and 10");
    assert_eq!(
        fixed_condition(Code::SEG0636, "any(commerce.purchases where hour(timestamp) between 22 and 3)"),
        "any(commerce.purchases where (hour(timestamp) >= 22 or hour(timestamp) <= 3))"
    );
}
