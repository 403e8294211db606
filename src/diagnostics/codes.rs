//! The table of codes. A code is a number and a name, both accepted everywhere, and is never reused.
//! Bands: 01 syntax, 02 names, 03 types, 04 events and time, 05 target cannot express, 06 lints,
//! 07 propensity and governance, 08 schema and data, 09 internal.

use super::Severity;

/// What is fixed about a code.
#[derive(Debug)]
pub struct CodeInfo {
    /// `SEG0203`
    pub id: &'static str,
    /// `unknown-attribute`
    pub name: &'static str,
    /// Unless a lint level says otherwise.
    pub severity: Severity,
    /// The explain page, Markdown.
    pub explain: &'static str,
}

/// Declares the enum and its table; the explain page is included, so a code without one does not compile.
macro_rules! codes {
    ($($id:ident $name:literal $severity:ident;)*) => {
        /// A diagnostic code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $name] $id,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$id,)*];

            /// What is fixed about this code.
            pub fn info(self) -> &'static CodeInfo {
                match self {
                    $(Code::$id => &CodeInfo {
                        id: stringify!($id),
                        name: $name,
                        severity: Severity::$severity,
                        explain: include_str!(concat!("explain/", stringify!($id), ".md")),
                    },)*
                }
            }

            /// The code of an id or a name, in any case.
            pub fn find(text: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|code| {
                    code.info().id.eq_ignore_ascii_case(text) || code.info().name.eq_ignore_ascii_case(text)
                })
            }
        }
    };
}

codes! {
    SEG0101 "unexpected-token" Error;
    SEG0102 "unclosed-bracket" Error;
    SEG0103 "unmatched-bracket" Error;
    SEG0104 "unterminated-string" Error;
    SEG0105 "invalid-escape" Error;
    SEG0106 "invalid-character" Error;
    SEG0107 "hidden-character" Error;
    SEG0108 "malformed-literal" Error;
    SEG0109 "foreign-operator" Error;
    SEG0110 "foreign-quotes" Error;
    SEG0111 "foreign-comment" Error;
    SEG0112 "needless-terminator" Error;
    SEG0113 "foreign-word" Error;
    SEG0114 "null-literal" Error;
    SEG0115 "missing-comma" Error;
    SEG0116 "missing-field-name" Error;
    SEG0117 "reserved-word" Error;
    SEG0118 "chained-comparison" Error;
    SEG0119 "nested-too-deeply" Error;
    SEG0120 "file-too-large" Error;
    SEG0121 "too-many-tokens" Error;
    SEG0122 "string-too-long" Error;
    SEG0123 "missing-else" Error;
    SEG0124 "percent-sign" Error;
    SEG0125 "list-position" Error;
    SEG0201 "unknown-name" Error;
    SEG0202 "unknown-source" Error;
    SEG0203 "unknown-attribute" Error;
    SEG0204 "unknown-function" Error;
    SEG0205 "duplicate-name" Error;
    SEG0206 "hidden-name" Error;
    SEG0207 "outer-name" Error;
    SEG0208 "definition-cycle" Error;
    SEG0209 "not-imported" Error;
    SEG0210 "missing-import" Error;
    SEG0211 "misused-name" Error;
    SEG0212 "unknown-type" Error;
    SEG0213 "not-a-collection" Error;
    SEG0214 "no-fields" Error;
    SEG0216 "definition-too-large" Error;
    SEG0217 "missing-where" Error;
    SEG0218 "repeated-clause" Error;
    SEG0219 "unknown-segment" Error;
    SEG0220 "unknown-profile" Error;
    SEG0221 "no-memberships" Error;
    SEG0222 "unknown-class" Error;
    SEG0301 "mismatched-types" Error;
    SEG0302 "not-a-condition" Error;
    SEG0303 "argument-type" Error;
    SEG0304 "argument-count" Error;
    SEG0305 "no-order" Error;
    SEG0306 "float-equality" Error;
    SEG0307 "outside-scale" Error;
    SEG0308 "mixed-scales" Error;
    SEG0309 "unknown-enum-value" Error;
    SEG0310 "branch-types" Error;
    SEG0311 "unlisted-enum-value" Warning;
    SEG0312 "number-too-large" Error;
    SEG0313 "too-many-digits" Error;
    SEG0314 "invalid-pattern" Error;
    SEG0315 "literal-required" Error;
    SEG0316 "not-a-number" Error;
    SEG0317 "list-expected" Error;
    SEG0318 "whole-value" Error;
    SEG0319 "list-elements" Error;
    SEG0320 "empty-list" Error;
    SEG0321 "declared-type" Error;
    SEG0322 "wrong-override" Error;
    SEG0323 "decimal-and-float" Error;
    SEG0324 "text-expected" Error;
    SEG0325 "literal-too-large" Error;
    SEG0326 "invalid-count" Error;
    SEG0327 "invalid-aggregate" Error;
    SEG0328 "always-present" Error;
    SEG0329 "test-value" Error;
    SEG0401 "invalid-date" Error;
    SEG0402 "invalid-timestamp" Error;
    SEG0403 "invalid-duration" Error;
    SEG0404 "not-a-duration" Error;
    SEG0405 "empty-window" Error;
    SEG0406 "unknown-calendar-unit" Error;
    SEG0407 "inexact-duration" Error;
    SEG0408 "window-without-time" Error;
    SEG0409 "no-positive-step" Error;
    SEG0410 "gap-without-step" Error;
    SEG0411 "varying-window" Error;
    SEG0412 "not-an-event" Error;
    SEG0413 "time-arithmetic" Error;
    SEG0414 "time-expected" Error;
    SEG0415 "ignoring-year" Error;
    SEG0501 "not-in-target" Error;
    SEG0502 "too-many-digits-for-target" Error;
    SEG0503 "query-too-large" Error;
    SEG0504 "layout-not-in-sql" Error;
    SEG0510 "program-too-large" Error;
    SEG0601 "not-over-optional" Warning;
    SEG0602 "constant-condition" Warning;
    SEG0603 "unused-definition" Warning;
    SEG0604 "hidden-window" Warning;
    SEG0605 "unused-allowance" Warning;
    SEG0606 "malformed-allowance" Warning;
    SEG0607 "too-many-conditions" Warning;
    SEG0608 "long-sequence" Warning;
    SEG0609 "unwindowed-aggregate" Warning;
    SEG0610 "deep-nesting" Warning;
    SEG0611 "long-list" Warning;
    SEG0612 "folded-code" Warning;
    SEG0613 "window-beyond-retention" Warning;
    SEG0614 "day-without-zone" Warning;
    SEG0615 "stated-length-differs" Warning;
    SEG0616 "forbidden-field" Warning;
    SEG0617 "repeated-condition" Warning;
    SEG0618 "double-negation" Warning;
    SEG0619 "count-for-existence" Warning;
    SEG0620 "single-value-list" Warning;
    SEG0621 "repeated-value" Warning;
    SEG0622 "empty-text" Warning;
    SEG0623 "surrounding-blanks" Warning;
    SEG0624 "future-events" Warning;
    SEG0625 "unsalted-sample" Warning;
    SEG0626 "undocumented-segment" Warning;
    SEG0627 "exact-instant" Warning;
    SEG0628 "needless-pattern" Warning;
    SEG0629 "untested-segment" Warning;
    SEG0630 "float-sum" Warning;
    SEG0631 "weak-model" Warning;
    SEG0632 "models-compared" Warning;
    SEG0633 "outside-range" Warning;
    SEG0634 "division-by-zero" Warning;
    SEG0635 "unreachable-case" Warning;
    SEG0636 "reversed-bounds" Warning;
    SEG0701 "missing-propensity-clause" Error;
    SEG0702 "misplaced-propensity-clause" Error;
    SEG0703 "predicts-the-past" Error;
    SEG0704 "population-looks-ahead" Error;
    SEG0705 "invalid-buckets" Error;
    SEG0706 "invalid-propensity-setting" Error;
    SEG0707 "unknown-propensity-word" Error;
    SEG0708 "invalid-gate" Error;
    SEG0709 "invalid-adapter" Error;
    SEG0710 "attribute-without-history" Error;
    SEG0711 "not-a-feature" Error;
    SEG0712 "unknown-factor" Error;
    SEG0713 "invalid-score-mapping" Error;
    SEG0714 "feature-looks-ahead" Error;
    SEG0715 "scores-do-not-fit" Error;
    SEG0716 "model-does-not-fit" Error;
    SEG0801 "schema-bad-json" Error;
    SEG0802 "schema-too-large" Error;
    SEG0803 "schema-unresolved-reference" Error;
    SEG0804 "schema-cycle" Error;
    SEG0805 "schema-unknown-type" Error;
    SEG0806 "schema-missing-class" Error;
    SEG0807 "schema-fields-differ-by-case" Warning;
    SEG0808 "schema-bad-relationship" Error;
    SEG0809 "schema-bad-field" Error;
    SEG0810 "schema-duplicate-id" Warning;
    SEG0811 "schema-type-conflict" Error;
    SEG0850 "project-file-syntax" Error;
    SEG0851 "unknown-setting" Error;
    SEG0852 "invalid-setting" Error;
    SEG0853 "unknown-mapped-path" Error;
    SEG0854 "unreadable-data" Error;
    SEG0855 "data-findings" Error;
    SEG0856 "output-exists" Error;
    SEG0857 "unwritable-output" Error;
    SEG0858 "unclear-data" Error;
    SEG0859 "no-profiles" Error;
    SEG0861 "unreadable-file" Error;
    SEG0862 "project-too-large" Error;
    SEG0863 "no-sources" Error;
    SEG0864 "no-schema" Error;
    SEG0865 "two-schemas" Error;
    SEG0866 "unknown-lint" Error;
    SEG0870 "failed-expectation" Error;
    SEG0901 "internal-error" Error;
}
