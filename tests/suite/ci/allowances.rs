//! Comments that allow lints.

use super::{project, segc, shown};

fn short(text: &str) -> String {
    let folder = project(&[("a.seg", text)]);
    shown(&segc(folder.path(), &["check", "--format", "short"]))
}

#[test]
fn an_allowance_holds_for_the_item_the_line_or_its_own_line() {
    insta::assert_snapshot!(short(
        "// segc: allow(unused-definition) for the spring campaign\n\
         /// Documented.\n\
         let big = loyalty.points > 1000\n\
         \n\
         segment a {\n    // segc: allow(SEG0601): those of whom nothing is known are wanted\n    \
         where not (homeAddress.countryCode == \"SE\")\n}\n\
         segment b {\n    where not (homeAddress.countryCode == \"SE\") // segc: allow(not-over-optional) as above\n}\n\
         segment c {\n    where not (homeAddress.countryCode == \"SE\")\n}\n"
    ), @r"
    a.seg:13:11: warning[SEG0601]: `not` over a value that may be absent is true where it is absent
    1 warning
    ---
    exit 0
    ");
}

/// The layout puts what stood on one line on many, with the comment behind the last.
#[test]
fn an_allowance_behind_a_line_holds_after_the_layout_too() {
    let folder = project(&[(
        "a.seg",
        "segment a { where not (homeAddress.countryCode == \"SE\") } // segc: allow(not-over-optional) meant\n\
         segment b {\n    where loyalty.points > 3 and not (homeAddress.countryCode == \"SE\") and loyalty.points < 9 // segc: allow(not-over-optional) meant\n}\n",
    )]);
    let check = || shown(&segc(folder.path(), &["check", "--format", "short"]));
    let before = check();
    segc(folder.path(), &["fmt"]);
    let text = std::fs::read_to_string(folder.path().join("a.seg")).unwrap();
    assert!(text.contains("\n} // segc: allow(not-over-optional) meant\n"), "{text}");
    assert_eq!((before.as_str(), check().as_str()), ("---\nexit 0\n", "---\nexit 0\n"), "{text}");
}

#[test]
fn what_silences_nothing_or_cannot_be_read_is_told() {
    insta::assert_snapshot!(short(
        "// segc: allow(unused-definition) no longer true\n\
         let big = loyalty.points > 1000\n\
         // segc: allow(unused-definitoin) mistyped\n\
         // segc: allow(unknown-attribute) an error\n\
         // segc: allow(constant-condition)\n\
         // segc: please\n\
         segment a { where big }\n"
    ), @r"
    a.seg:1:16: warning[SEG0605]: `unused-definition` is allowed here and does not occur
    a.seg:3:16: warning[SEG0606]: there is no lint `unused-definitoin`
    a.seg:4:16: warning[SEG0606]: `unknown-attribute` is an error, and only warnings can be allowed
    a.seg:5:1: warning[SEG0606]: an allowance needs a reason
    a.seg:5:16: warning[SEG0605]: `constant-condition` is allowed here and does not occur
    a.seg:6:1: warning[SEG0606]: this comment is addressed to `segc` and says nothing
    6 warnings
    ---
    exit 0
    ");
}

#[test]
fn an_allowance_is_not_called_unused_where_the_lints_did_not_run() {
    insta::assert_snapshot!(short(
        "// segc: allow(unused-definition) later\nlet big = loyalty.points > 1000\nsegment a { where loyalty.poins > 3 }\n"
    ), @"
    a.seg:3:27: error[SEG0203]: unknown attribute `poins` in `loyalty.poins`
    1 error
    ---
    exit 1
    ");
}

#[test]
fn an_allowance_is_stronger_than_a_denied_level() {
    let folder = project(&[(
        "a.seg",
        "// segc: allow(unused-definition) later\nlet big = loyalty.points > 1000\nsegment a { where loyalty.points > 3 }\n",
    )]);
    let output = segc(folder.path(), &["check", "--lint", "unused-definition=deny"]);
    assert!(output.status.success(), "{}", shown(&output));
}

#[test]
fn an_allowance_of_a_lint_that_nobody_asked_for_is_not_called_unused() {
    let text = "// segc: allow(untested-segment) by hand\nsegment a { where loyalty.points > 3 }\n";
    assert!(short(text).ends_with("exit 0\n") && !short(text).contains("SEG0605"), "{}", short(text));
    let folder = project(&[("a.seg", text)]);
    let asked = segc(folder.path(), &["check", "--format", "short", "--lint", "untested-segment=warn"]);
    assert!(!shown(&asked).contains("SEG0605"), "{}", shown(&asked));
}

#[test]
fn with_an_unused_allowance_its_line_goes() {
    let text = "// Kept.\n// segc: allow(unused-definition) no longer true\nsegment a {\n    where loyalty.points > 3 // segc: allow(empty-text) neither\n}\n";
    let folder = project(&[("a.seg", text)]);
    segc(folder.path(), &["check", "--fix"]);
    let fixed = std::fs::read_to_string(folder.path().join("a.seg")).unwrap();
    assert_eq!(fixed, "// Kept.\nsegment a {\n    where loyalty.points > 3\n}\n");
}
