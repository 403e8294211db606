//! Comments, blank lines, documentation; and the listing of tokens.

use segc::source::FileId;
use segc::syntax::{dump, lex};

use super::read;

#[test]
fn comments_know_whether_they_stand_alone() {
    let text = "// a\nlet x = 1 // b  \n\n  /// c\n//// d\r\nlet y = \"// no\"\n//";
    let trivia = read(text).trivia;
    let shown: Vec<(&str, bool, bool)> =
        trivia.comments.iter().map(|c| (&text[c.span.range()], c.own_line, c.doc)).collect();
    assert_eq!(
        shown,
        [
            ("// a", true, false),
            ("// b", false, false),
            ("/// c", true, true),
            ("//// d", true, false),
            ("//", true, false)
        ]
    );
}

#[test]
fn blank_lines_are_those_without_token_and_comment() {
    let text = "\nlet x = 1\n  \t\n// c\n\n\nlet y = 2\n\n";
    let trivia = read(text).trivia;
    assert_eq!(trivia.blank_lines, [0, 11, 20, 21, 32]);
    assert!(trivia.blank_line_between(5, 12));
    assert!(!trivia.blank_line_between(12, 20));
    assert_eq!(trivia.comments_between(0, 20).len(), 1);
    assert_eq!(trivia.comments_between(16, 20).len(), 0);
}

#[test]
fn documentation_is_the_block_directly_above() {
    let text =
        "/// far\n\n// plain\n/// One\n///two\n///\n///  three\nlet x = 1 /// behind\nlet y = 2\n/// cut\n\nlet z = 3";
    let parse = read(text);
    let docs: Vec<Option<String>> =
        parse.file.items.iter().map(|item| parse.trivia.docs_before(item.span.start, text)).collect();
    assert_eq!(docs, [Some("One\ntwo\n\n three".to_owned()), None, None]);
    let windows = "/// a\r\n/// b\r\nlet x = 1";
    assert_eq!(read(windows).trivia.docs_before(14, windows).as_deref(), Some("a\nb"));
}

#[test]
fn a_byte_order_mark_is_no_mistake() {
    assert_eq!(read("\u{FEFF}let x = 1").diagnostics, []);
}

#[test]
fn tokens_are_listed_with_their_places() {
    let text = "segment `a b` {\n    where x starts with \"é\\n\" and (t in last 30 days\n}\n";
    insta::assert_snapshot!(dump::tokens(&lex(FileId(0), text), text));
}

#[test]
fn literals_print_as_they_are_read() {
    let text = "a\"\\\n\t\r\u{1}\u{202e}é👟";
    let quoted = segc::syntax::strings::quote(text);
    assert_eq!(quoted, "\"a\\\"\\\\\\n\\t\\u{D}\\u{1}\\u{202E}é👟\"");
    assert_eq!(segc::syntax::strings::decode(&quoted[1..quoted.len() - 1], |_| panic!("no escape is wrong")), text);
}
