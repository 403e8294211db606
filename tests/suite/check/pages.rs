//! Every code of checking is triggered: by its explain page, or by a test here that says why the page cannot.

use super::{RETAIL, check_against, check_files};
use crate::diagnostics::pages::examples;
use segc::diagnostics::Code;
use segc::schema::build;
use segc::types::{Ty, Type};
use std::sync::Arc;

/// The codes whose page has no program that triggers them, each with a test below; those of score and model files have
/// theirs in `cli::scores` and `cli::models`.
const ELSEWHERE: [&str; 8] = ["SEG0209", "SEG0216", "SEG0221", "SEG0322", "SEG0325", "SEG0712", "SEG0715", "SEG0716"];

fn codes_of(files: &[(&str, &str)], overrides: &[(&str, &str)]) -> Vec<&'static str> {
    check_files(files, overrides).diagnostics.iter().map(|d| d.code.info().id).collect()
}

#[test]
fn pages_fail_with_their_code_alone_and_are_right_elsewhere() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let info = code.info();
        if !["SEG02", "SEG03", "SEG04", "SEG07"].iter().any(|band| info.id.starts_with(band)) {
            continue;
        }
        let mut triggered = ELSEWHERE.contains(&info.id);
        for example in examples(info.explain).iter().filter(|e| e.language == "seg") {
            let found = codes_of(&[("a.seg", &example.text)], &[]);
            let wanted: &[&str] = if example.fails { &[info.id] } else { &[] };
            triggered |= example.fails;
            if found != wanted {
                wrong.push(format!("{}: {found:?} from\n{}", info.id, example.text));
            }
        }
        if !triggered {
            wrong.push(format!("{}: no program triggers it", info.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_name_of_a_file_that_is_not_imported() {
    let shared = ("lib/shared.seg", "let enough = 10");
    let user = "segment a {\n    where loyalty.points > enough\n}\n";
    let outcome = check_files(&[("main.seg", user), shared], &[]);
    assert_eq!(outcome.diagnostics[0].code, Code::SEG0209);
    assert_eq!(outcome.diagnostics[0].fixes[0].edits[0].text, "import \"lib/shared.seg\"\n");
    let mended = format!("import \"lib/shared.seg\"\n{user}");
    assert!(codes_of(&[("main.seg", &mended), shared], &[]).is_empty());
    // Through another file, and from a folder.
    let between = ("lib/between.seg", "import \"shared.seg\"");
    assert!(
        codes_of(&[("x/main.seg", &mended.replace("lib/shared", "../lib/between")), between, shared], &[]).is_empty()
    );
}

#[test]
fn a_definition_that_grows_beyond_the_limit() {
    let mut text = String::from("let reach0 = loyalty.points\n");
    for level in 1..=15 {
        text.push_str(&format!("let reach{level} = max(reach{0}, reach{0})\n", level - 1));
    }
    assert_eq!(codes_of(&[("a.seg", &text)], &[])[..1], ["SEG0216"]);
    let small = text.lines().take(14).collect::<Vec<_>>().join("\n");
    assert!(codes_of(&[("a.seg", &small)], &[]).is_empty());
}

#[test]
fn memberships_that_the_schema_does_not_have() {
    let schema = build(&[("points", Type::optional(Ty::Int))], &[], &["buy"], &[]);
    let outcome = check_against(Arc::new(schema), &[("a.seg", "segment a { where member(\"x\") }")], &[]);
    assert_eq!(outcome.diagnostics[0].code, Code::SEG0221);
    assert!(RETAIL.field(RETAIL.profile, "segmentMembership").is_some());
}

#[test]
fn overrides_are_read_by_the_type_of_the_param() {
    let text = "param recency: duration = 30 days\nparam country: string = \"SE\"\nparam tiers: list<string> = []\n\
                param least: decimal = 0.5\nparam p: probability = 0.5\nparam last: date = 2026-01-01\nparam n: int = 1";
    let wrong = [("recency", "often"), ("recency", "30"), ("p", "70"), ("last", "2026-02-30"), ("n", "1.5")];
    for given in wrong {
        assert_eq!(codes_of(&[("a.seg", text)], &[given]), ["SEG0322"], "{given:?}");
    }
    let right = [
        ("recency", "14 days"),
        ("country", "NO"),
        ("country", "\"N\\\"O\""),
        ("tiers", "[\"gold\", \"a,b\"]"),
        ("least", "12.75"),
        ("p", "0.7"),
        ("last", "2026-02-28"),
        ("n", "-3"),
    ];
    let outcome = check_files(&[("a.seg", text)], &right);
    assert!(outcome.diagnostics.is_empty());
    insta::assert_snapshot!(segc::hir::dump::module(&outcome.checked.module), @r#"
    param recency: duration = 14d
    param country: string = "N\"O"
    param tiers: list<string> = ["gold", "a,b"]
    param least: decimal(4,2) = 1275e-2
    param p: probability = 0.7
    param last: date = date 20512d
    param n: int = -3
    "#);
}

#[test]
fn texts_and_lists_at_the_limit_and_one_past_it() {
    let list = |n: usize| {
        let items: Vec<String> = (0..n).map(|i| i.to_string()).collect();
        format!("segment a {{ where loyalty.points in [{}] }}", items.join(", "))
    };
    assert!(codes_of(&[("a.seg", &list(10_000))], &[]).is_empty());
    assert_eq!(codes_of(&[("a.seg", &list(10_001))], &[]), ["SEG0325"]);
}

#[test]
fn documentation_and_titles_travel_with_definitions() {
    let text = "/// Ignored here.\nsegment a \"A\" { where any(e) }\nevent e = commerce.purchases";
    let parsed = segc::syntax::parse(segc::source::FileId(0), text);
    let docs = ["Said of a.".to_owned(), "Said of e.".to_owned()];
    let file = segc::check::ParsedFile {
        id: segc::source::FileId(0),
        path: "a.seg",
        file: &parsed.file,
        docs: &docs,
        text: "",
        version: 0,
    };
    let settings = segc::hir::Settings { zone: "UTC".into(), week_start: 1, event_ids: true };
    let input = segc::check::CheckInput { files: &[file], schema: RETAIL.clone(), settings, param_overrides: &[] };
    let module = segc::check::check(&input).module;
    assert_eq!((module.segments[0].docs.as_str(), module.segments[0].title.as_str()), ("Said of a.", "A"));
    assert_eq!(module.events[0].docs, "Said of e.");
}
