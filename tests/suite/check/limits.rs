//! The checker at the limits of the language: depth, long chains, wide trees.

use super::check_files;

fn count_of_errors(text: &str) -> usize {
    check_files(&[("a.seg", text)], &[]).diagnostics.len()
}

#[test]
fn the_deepest_expressions_that_parse_are_checked() {
    let not = format!("segment a {{ where {}loyalty.points > 1 }}", "not ".repeat(120));
    assert_eq!(count_of_errors(&not), 0);
    let parens = format!("segment a {{ where {}loyalty.points > 1{} }}", "(".repeat(120), ")".repeat(120));
    assert_eq!(count_of_errors(&parens), 0);
    let calls = format!("segment a {{ where {}loyalty.points{} > 1 }}", "abs(".repeat(120), ")".repeat(120));
    assert_eq!(count_of_errors(&calls), 0);
    let lists = format!("segment a {{ where {}true{} }}", "any(events where ".repeat(60), ")".repeat(60));
    assert_eq!(count_of_errors(&lists), 0);
    let ifs = format!("segment a {{ where {}true{} }}", "if true then (".repeat(60), ") else false".repeat(60));
    assert_eq!(count_of_errors(&ifs), 0);
}

#[test]
fn long_chains_of_definitions_are_checked() {
    let mut chain: Vec<String> =
        (1..2_000).map(|i| format!("let a{i} = a{} and loyalty.points > {i}", i - 1)).collect();
    chain.push("let a0 = loyalty.points > 0".to_owned());
    assert_eq!(count_of_errors(&chain.join("\n")), 0);
    chain.reverse();
    assert_eq!(count_of_errors(&chain.join("\n")), 0);
    // A circle of many is reported, and nothing else overflows.
    let circle: Vec<String> = (0..2_000).map(|i| format!("let a{i} = a{} + 1", (i + 1) % 2_000)).collect();
    let found = check_files(&[("a.seg", &circle.join("\n"))], &[]).diagnostics;
    assert!(!found.is_empty() && found.iter().all(|d| ["SEG0208", "SEG0216"].contains(&d.code.info().id)));
    let deep = |i: usize| format!("let a{i} = {}a{}{}", "abs(".repeat(100), (i + 1) % 200, ")".repeat(100));
    assert!(count_of_errors(&(0..200).map(deep).collect::<Vec<_>>().join("\n")) > 0);
}

#[test]
fn a_flat_chain_of_ten_thousand_is_checked() {
    let or = vec!["loyalty.points == 1"; 10_000].join(" or ");
    assert_eq!(count_of_errors(&format!("segment a {{ where {or} }}")), 0);
}
