//! What people are told of the dialects. Invariant: the README and the tests' runners say what the registry says.

use std::path::PathBuf;

use segc::sql::registry::{DIALECTS, Support};

/// `DuckDB, PostgreSQL and Spark`
fn titles(support: Support) -> String {
    let titles: Vec<&str> = DIALECTS.iter().filter(|entry| entry.support == support).map(|entry| entry.title).collect();
    let (last, others) = titles.split_last().unwrap();
    format!("{} and {last}", others.join(", "))
}

#[test]
fn the_readme_names_every_dialect_with_its_support() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    for sentence in [
        format!("{} are *proved*", titles(Support::Proved)),
        format!("{} is only read by independent parsers", titles(Support::Parsed)),
    ] {
        assert!(readme.contains(&sentence), "the README does not say: {sentence}");
    }
}

#[test]
fn every_dialect_has_a_runner_that_proves_or_parses_it() {
    for entry in DIALECTS {
        let runner = PathBuf::from(format!("tests/engines/{}_runner.py", entry.name()));
        let text = std::fs::read_to_string(&runner).unwrap_or_else(|error| panic!("{}: {error}", runner.display()));
        assert_eq!(text.contains("from sql_parser import"), entry.support == Support::Parsed, "{}", entry.name());
    }
}
