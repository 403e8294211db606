//! SEG0613, SEG0614, SEG0616, SEG0630: what the project file and the schema say.

use std::sync::Arc;

use segc::diagnostics::Code;
use segc::lint::{Facts, Levels, lint};
use segc::schema::build;
use segc::types::{Ty, Type};

use crate::check::{check_against, check_files};
use crate::ci::{project, segc, shown};

fn codes(program: &str, facts: &Facts) -> Vec<Code> {
    let outcome = check_files(&[("a.seg", program)], &[]);
    let found = lint(&outcome.checked.module, &outcome.sources, facts, &Levels::default());
    found.iter().map(|d| d.code).collect()
}

#[test]
fn a_window_is_held_to_the_retention() {
    let facts = Facts { retention_days: Some(400), ..Facts::default() };
    let window = |window: &str| format!("segment a {{ where any(commerce.purchases in last {window}) }}\n");
    for long in ["401 days", "2 years", "14 months", "58 weeks"] {
        assert_eq!(codes(&window(long), &facts), [Code::SEG0613], "{long}");
    }
    for short in ["400 days", "1 year", "13 months", "9600 hours"] {
        assert_eq!(codes(&window(short), &facts), [], "{short}");
    }
    let param = format!("param far: duration = 900 days\n{}", window("far"));
    assert_eq!(codes(&param, &facts), [Code::SEG0613]);
    assert_eq!(codes(&param, &Facts::default()), []);
}

#[test]
fn civil_days_want_a_zone() {
    let facts = Facts { zone_stated: false, ..Facts::default() };
    for condition in ["any(events on today)", "any(events in this week)", "loyalty.joinDate == today"] {
        assert_eq!(codes(&format!("segment a {{ where {condition} }}\n"), &facts), [Code::SEG0614], "{condition}");
    }
    assert_eq!(codes("segment a { where any(events in last 3 hours) }\n", &facts), []);
}

#[test]
fn the_project_file_forbids_labels() {
    let segment = "segment a { where age(person.birthDate) >= 18 }\nsegment b { where loyalty.points > 3 }\n";
    let folder = project(&[("a.seg", segment)]);
    let with = |governance: &str| {
        let text = format!("schema = \"schema.json\"\ntime.zone = \"UTC\"\n[governance]\n{governance}");
        std::fs::write(folder.path().join("seg.toml"), text).unwrap();
        shown(&segc(folder.path(), &["check", "--format", "short"]))
    };
    insta::assert_snapshot!(with("purpose = \"advertising\"\nforbid.advertising = [\"I2\", \"C4\"]\n"), @r"
    a.seg:1:23: warning[SEG0616]: `person.birthDate` is labelled `I2`, which may not be used for advertising
    1 warning
    ---
    exit 0
    ");
    insta::assert_snapshot!(with("purpose = \"service\"\nforbid.advertising = [\"I2\"]\n"), @r"
    ---
    exit 0
    ");
    insta::assert_snapshot!(with("retention_days = 0\nforbid.x = \"I2\"\n"), @r#"
    seg.toml:4:18: error[SEG0852]: the setting `governance.retention_days` must be a number of days
    seg.toml:5:12: error[SEG0852]: the setting `governance.forbid.x` must be a list of labels, such as `["S1"]`
    2 errors
    ---
    exit 1
    "#);
}

#[test]
fn sums_of_floats_are_told_and_those_of_decimals_are_not() {
    let sum = |ty: Ty| {
        let events = [("price", Type::optional(ty))];
        let schema = build(&[("points", Type::optional(Ty::Int))], &events, &["buy"], &[]);
        let program = "segment a { where sum(price of buy) > 3 }\n";
        let outcome = check_against(Arc::new(schema), &[("a.seg", program)], &[]);
        assert_eq!(outcome.diagnostics, []);
        let found = lint(&outcome.checked.module, &outcome.sources, &Facts::default(), &Levels::default());
        found.iter().map(|d| d.code).collect::<Vec<_>>()
    };
    assert_eq!(sum(Ty::Float), [Code::SEG0630]);
    assert_eq!(sum(Ty::Int), []);
}
