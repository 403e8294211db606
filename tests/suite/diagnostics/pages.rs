//! Every code has a page of the agreed shape, and the examples on it are true.

use segc::diagnostics::{Code, Diagnostic};
use segc::source::FileId;
use segc::syntax;

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

/// What the stages say of an example, as far as a page's code can come from them.
fn said_of(text: &str) -> Vec<Diagnostic> {
    syntax::parse(FileId(0), text).diagnostics
}

#[test]
fn examples_fail_with_their_code_where_they_say_so_and_are_right_elsewhere() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let id = code.info().id;
        for example in examples(code.info().explain).iter().filter(|example| example.language == "seg") {
            let said = said_of(&example.text);
            let errors: Vec<&str> = said.iter().filter(|d| d.is_error()).map(|d| d.code.info().id).collect();
            // A later stage's example must be readable, or it would fail for another reason than it says.
            let right = if example.fails && id.starts_with("SEG01") { errors.contains(&id) } else { errors.is_empty() };
            if !right {
                wrong.push(format!("{id}: {errors:?} from\n{}", example.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
