//! The grammars of editors know the words of the language, and the corpus of one its examples.

use segc::diagnostics::Code;
use segc::syntax::words::RESERVED;

/// Words that are reserved and mean nothing yet, or that another language has.
const WITHOUT_MEANING: [&str; 5] = ["evaluate", "partition", "purpose", "nil", "null"];

#[test]
fn every_reserved_word_is_in_the_grammars_of_editors() {
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let tree_sitter = read("grammar/tree-sitter-seg/grammar.js");
    let textmate = read("grammar/vscode/syntaxes/seg.tmLanguage.json");
    for word in RESERVED.iter().filter(|word| !WITHOUT_MEANING.contains(*word)) {
        assert!(tree_sitter.contains(&format!("'{word}'")), "tree-sitter: {word}");
        let parts = textmate.split(|c: char| !c.is_alphabetic());
        assert!(parts.into_iter().any(|part| part == *word), "TextMate: {word}");
    }
}

#[test]
fn the_corpus_of_the_tree_sitter_grammar_has_every_page_and_the_quickstart() {
    let folder = "grammar/tree-sitter-seg/test/corpus";
    let of_pages = std::fs::read_to_string(format!("{folder}/explain.txt")).unwrap();
    for code in Code::ALL {
        let page = code.info().explain;
        for example in page.split("```seg\n").skip(1) {
            let example = example.split("```").next().unwrap().trim();
            assert!(of_pages.contains(example), "{}: run grammar/tree-sitter-seg/generate", code.info().id);
        }
    }
    for file in std::fs::read_dir("examples/quickstart/segments").unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let corpus = std::fs::read_to_string(format!("{folder}/{name}.txt")).unwrap_or_default();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(corpus.contains(text.trim()), "{name}: run grammar/tree-sitter-seg/generate");
    }
}
