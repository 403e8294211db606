//! Deep and large segments end in a query or in a refusal.

use segc::sql::{self, Dialect, DuckDb, Layout, registry};
use segc::{emit, limits, plan};

use crate::check;

fn query(text: &str) -> Result<String, Vec<String>> {
    query_of(text, &DuckDb)
}

fn query_of(text: &str, dialect: &dyn Dialect) -> Result<String, Vec<String>> {
    let outcome = check::check_files(&[("segments.seg", text)], &[]);
    assert!(outcome.diagnostics.iter().all(|d| !d.is_error()), "{:#?}", outcome.diagnostics);
    let module = &outcome.checked.module;
    let plan = plan::optimize(&plan::lower(module, 0));
    emit::sql::emit(&plan, plan.segments.len() - 1, dialect, &Layout::of(&module.schema))
        .map(|query| sql::print(&query, dialect))
        .map_err(|diagnostics| diagnostics.iter().map(|d| format!("{:?}: {}", d.code, d.message)).collect())
}

#[test]
fn expressions_may_be_as_deep_as_the_language_allows() {
    let depth = limits::NESTING / 8;
    let sum = format!("{}loyalty.points{}", "(1 + ".repeat(depth), ")".repeat(depth));
    assert!(query(&format!("segment deep {{ where {sum} > 3 }}")).unwrap().contains("TRY_CAST"));
    let mut conditions = "loyalty.points > 1".to_owned();
    for level in 0..depth {
        let word = if level % 2 == 0 { "and" } else { "or" };
        conditions = format!("(person.gender == \"female\" {word} not ({conditions}))");
    }
    assert!(query(&format!("segment deep {{ where {conditions} }}")).is_ok());
}

#[test]
fn a_long_chain_is_a_balanced_tree() {
    let chain: Vec<String> =
        (0..2000).map(|n| format!("loyalty.points == {n} and person.name.lastName != \"x{n}\"")).collect();
    let text = query(&format!("segment wide {{ where {} }}", chain.join(" or "))).unwrap();
    assert_eq!(text.matches(" = ").count(), 2000);
}

#[test]
fn definitions_that_double_at_each_use_are_refused() {
    let mut text = String::from("let d0(x: int) = x * x + x\n");
    for n in 1..13 {
        text.push_str(&format!("let d{n}(x: int) = d{}(x) + d{}(x + 1)\n", n - 1, n - 1));
    }
    text.push_str("segment doubled { where d12(loyalty.points default 0) > 3 }");
    let refused = query(&text).unwrap_err();
    assert!(refused[0].starts_with("SEG0503"), "{refused:?}");
}

#[test]
fn what_nests_too_deeply_for_a_parser_is_taken_apart() {
    let common = |times: usize| {
        let list = (0..times).fold("tags".to_owned(), |list, n| format!("intersect({list}, [\"a\", \"b{n}\"])"));
        format!("segment deep {{ where size({list}) > 1 }}")
    };
    let read = |times| query_of(&common(times), registry::find("sqlite").unwrap().dialect);
    assert!(!read(1).unwrap().contains("part_1_"));
    assert!(read(3).unwrap().contains("AS part_1_"));
    let told = read(4).unwrap_err();
    assert!(told[0].contains("nested so deeply"), "{told:?}");
    // Each writes out time and again what it is of.
    let told = read(36).unwrap_err();
    assert!(told[0].starts_with("SEG0503"), "{told:?}");
}
