//! The grammars of editors know the words of the language.

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
