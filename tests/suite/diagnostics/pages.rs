//! Every code has a page of the agreed shape, and the examples on it are true.

use segc::builtins::registry;
use segc::diagnostics::{Code, Diagnostic};
use segc::lint::{Facts, Level, Levels, allowances, apply_allowances, lint};
use segc::source::FileId;
use segc::syntax::parse;

use crate::check::check_files;

/// A fenced block of a page.
pub struct Example {
    /// `seg`, `text`, `json`, …
    pub language: String,
    /// Whether the page says that it triggers the code.
    pub fails: bool,
    /// The text between the fences.
    pub text: String,
}

/// The fenced blocks of a page, in order.
pub fn examples(page: &str) -> Vec<Example> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let mut words = info.split(',');
        let language = words.next().unwrap_or_default().to_owned();
        let fails = words.any(|w| w == "fails");
        let mut text = String::new();
        for line in lines.by_ref().take_while(|line| !line.starts_with("```")) {
            text.push_str(line);
            text.push('\n');
        }
        found.push(Example { language, fails, text });
    }
    found
}

#[test]
fn every_page_has_a_title_a_text_and_an_example() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let info = code.info();
        let found = examples(info.explain);
        if info.explain.lines().next() != Some(&format!("# {}", info.name)) {
            wrong.push(format!("{}: the title is not `# {}`", info.id, info.name));
        }
        if info.explain.lines().nth(2).is_none_or(|line| line.len() < 20 || line.starts_with("```")) {
            wrong.push(format!("{}: the third line does not begin a text", info.id));
        }
        if info.explain.matches("```").count() != 2 * found.len() || found.iter().any(|e| e.text.trim().is_empty()) {
            wrong.push(format!("{}: a fence is open or empty", info.id));
        }
        if !info.id.starts_with("SEG09") && !found.iter().any(|e| e.fails || e.language != "seg") {
            wrong.push(format!("{}: no example of what fails, ```seg,fails or in another language", info.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn codes_are_sorted_and_have_one_name_each() {
    let ids: Vec<&str> = Code::ALL.iter().map(|c| c.info().id).collect();
    let mut names: Vec<&str> = Code::ALL.iter().map(|c| c.info().name).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    assert!(ids.iter().all(|id| id.len() == 7 && id[3..].bytes().all(|b| b.is_ascii_digit())), "{ids:?}");
    assert!(names.iter().all(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), ids.len(), "a name stands twice");
}

/// What the stages say of an example: syntax, names and types against the quickstart's schema, and where there is no
/// error, lints.
fn said_of(text: &str, code: Option<Code>) -> Vec<Diagnostic> {
    let outcome = check_files(&[("example.seg", text)], &[]);
    let mut said = outcome.diagnostics;
    if !said.iter().any(Diagnostic::is_error) {
        // A lint that is silent by itself is asked for on its own page.
        let levels: Levels = code.map(|code| (code, Level::Warn)).into_iter().collect();
        let facts = Facts {
            retention_days: Some(400),
            zone_stated: code != Some(Code::SEG0614),
            purpose: "advertising".into(),
            forbidden_labels: if code == Some(Code::SEG0616) { vec!["I2".into()] } else { Vec::new() },
        };
        said.extend(lint(&outcome.checked.module, &outcome.sources, &facts, &levels));
        let file = FileId(0);
        let allowed = allowances(file, text, &parse(file, text), &mut said);
        apply_allowances(&mut said, &allowed, Some(&levels));
    }
    said
}

fn ids(said: &[Diagnostic]) -> Vec<&'static str> {
    said.iter().map(|d| d.code.info().id).collect()
}

#[test]
fn examples_fail_with_their_code_and_no_other_where_they_say_so() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let id = code.info().id;
        for example in examples(code.info().explain).iter().filter(|e| e.language == "seg" && e.fails) {
            let said = ids(&said_of(&example.text, Some(*code)));
            if !said.contains(&id) || said.iter().any(|other| *other != id) {
                wrong.push(format!("{id}: {said:?} from\n{}", example.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn examples_without_a_mark_are_right() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let id = code.info().id;
        for example in examples(code.info().explain).iter().filter(|e| e.language == "seg" && !e.fails) {
            let said = ids(&said_of(&example.text, Some(*code)));
            if !said.is_empty() {
                wrong.push(format!("{id}: {said:?} from\n{}", example.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_of_a_builtin_is_right() {
    let mut wrong = Vec::new();
    for builtin in registry::all() {
        for example in builtin.examples {
            let said = ids(&said_of(&format!("segment example {{\n    where {example}\n}}\n"), None));
            if !said.is_empty() {
                wrong.push(format!("{}: {said:?} from {example}", builtin.name));
            }
        }
        if builtin.examples.is_empty() {
            wrong.push(format!("{}: no example", builtin.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
