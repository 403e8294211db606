//! Every limit of the front end at its last good value and one past it, and inputs made to exhaust the reader.

use segc::diagnostics::Code;
use segc::limits;
use segc::source::FileId;
use segc::syntax::{dump, lex};

use super::read;

/// The codes that a text gives.
fn codes(text: &str) -> Vec<Code> {
    read(text).diagnostics.iter().map(|d| d.code).collect()
}

/// Runs on the stack that a thread of a library's user has: inputs must not exhaust it.
fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(512 << 10).spawn(test).unwrap().join().unwrap();
}

#[test]
fn a_file_has_at_most_so_many_bytes() {
    let file = |bytes: usize| format!("let x = 1{}", " ".repeat(bytes - 9));
    assert_eq!(codes(&file(limits::SOURCE_FILE_BYTES)), []);
    let parse = read(&file(limits::SOURCE_FILE_BYTES + 1));
    assert_eq!(parse.diagnostics[0].code, Code::SEG0120);
    assert!(parse.file.items.is_empty());
}

#[test]
fn a_file_has_at_most_so_many_tokens() {
    // Four tokens, then two for each further operand.
    let file = |operands: usize| format!("let x = 1{}", "+1".repeat(operands));
    let fits = lex(FileId(0), &file((limits::TOKENS - 4) / 2)).tokens.len();
    assert_eq!(fits, limits::TOKENS);
    assert!(!codes(&file((limits::TOKENS - 4) / 2)).contains(&Code::SEG0121));
    let parse = read(&format!("{} 1", file((limits::TOKENS - 4) / 2)));
    assert_eq!(parse.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), [Code::SEG0121]);
    assert!(parse.file.items.is_empty());
}

#[test]
fn a_string_has_at_most_so_many_bytes() {
    let file = |bytes: usize| format!("let x = \"{}\\n\"", "a".repeat(bytes - 1));
    assert_eq!(codes(&file(limits::STRING_LITERAL_BYTES)), []);
    assert_eq!(codes(&file(limits::STRING_LITERAL_BYTES + 1)), [Code::SEG0122]);
}

#[test]
fn nesting_has_a_limit_whatever_nests() {
    let n = limits::NESTING;
    // What is around the innermost, the innermost, what closes, and how many levels the text has besides these.
    let shapes: &[(&str, &str, &str, &str, &str, usize)] = &[
        ("let x = ", "(", "a", ")", "", 1),
        ("let x = ", "[", "a", "]", "", 1),
        ("let x = ", "f(", "a", ")", "", 1),
        ("let x = ", "not ", "a", "", "", 1),
        ("let x = ", "- ", "a", "", "", 1),
        ("let x = ", "if a then b else ", "c", "", "", 1),
        ("let x = ", "if ", "a", " then b else c", "", 1),
        ("let x = ", "any(a where ", "b", ")", "", 1),
        ("let x = ", "sum(", "b", " of c)", "", 1),
        ("let x = ", "sequence(a where ", "b", ")", "", 1),
        ("let x = count(", "groups of ", "a", " by b", ")", 2),
        ("let x = count(", "top 1 of ", "a", " by b", ")", 2),
        ("let x = a", "", "", " + a", "", 1),
        ("let x = a", "", "", " default a", "", 1),
        ("let x = a", "", "", " ago", "", 1),
        ("let x = a default ", "- ", "b", "", "", 2),
        ("let x = a == ", "- ", "b", "", "", 2),
        ("let x = a or ", "(", "b", ")", "", 2),
        ("let x = ", "(", "a or b", ")", "", 2),
        ("let x: ", "list<", "int", ">", " = a", 0),
        ("test { profile a { x: ", "[", "1", "]", " } }", 2),
        ("test { profile a { x: ", "{ a: ", "1", " }", " } }", 2),
        ("test { profile a { x: ", "- ", "1", "", " } }", 1),
        ("event e = ", "groups of ", "a", " by b", "", 0),
    ];
    for (before, open, innermost, close, after, used) in shapes {
        let text = |levels: usize| {
            format!("{before}{}{innermost}{}{after}\nlet y = 1", open.repeat(levels), close.repeat(levels))
        };
        assert_eq!(codes(&text(n - used)), [], "{}", text(3));
        let beyond = read(&text(n - used + 1));
        let codes: Vec<Code> = beyond.diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(codes, [Code::SEG0119], "{}", text(3));
        assert!(dump::file(&beyond.file).ends_with("(let y () 1)\n"), "{}", text(3));
    }
}

#[test]
fn at_most_so_many_diagnostics() {
    let file = |mistakes: usize| "let x = 1;\n".repeat(mistakes);
    assert_eq!(codes(&file(limits::DIAGNOSTICS)).len(), limits::DIAGNOSTICS);
    assert_eq!(codes(&file(limits::DIAGNOSTICS + 1)).len(), limits::DIAGNOSTICS);
    assert_eq!(codes(&"let = 1\n".repeat(limits::DIAGNOSTICS + 1)).len(), limits::DIAGNOSTICS);
}

#[test]
fn a_flat_chain_is_no_nesting() {
    on_small_stack(|| {
        let text = format!("let x = a{}", " or a".repeat(99_000));
        let parse = read(&text);
        assert_eq!(parse.diagnostics, []);
        let again = parse.clone();
        assert_eq!(again, parse);
        assert_eq!(codes(&format!("let x = a{}", " or a".repeat(100_000))), [Code::SEG0121]);
        let text = format!("let x = [{}]", "1, ".repeat(90_000));
        assert_eq!(codes(&text), []);
    });
}

#[test]
fn inputs_made_to_exhaust_the_stack() {
    on_small_stack(|| {
        assert_eq!(codes(&"(".repeat(10 << 20)), [Code::SEG0120]);
        let mib = |part: &str| part.repeat((1 << 20) / part.len());
        for part in [
            "(", "[", "{", "`", "'", "\"", "-", "/*", "//", "«", "x.", "a b ", ") ", "let ", "# ", "\u{7}", "1", "é",
            "\t",
        ] {
            let said = read(&mib(part)).diagnostics;
            assert!(said.len() <= limits::DIAGNOSTICS, "{part}");
        }
        let long = |part: &str| format!("let x = {}", part.repeat(180_000 / part.split(' ').count()));
        let parts = [
            "not ",
            "- ",
            "( ",
            "[ ",
            "f( ",
            "if a then b else ",
            "if ",
            "any(a where ",
            "groups of ",
            "a < ",
            "a + ",
            "a default ",
            "a and not ",
            "a, ",
            "{ ",
            "x: ",
            "not : ",
            "top 1 of ",
            "in last ",
            ") ",
            "where ",
            "a.",
        ];
        for part in parts {
            let parse = read(&long(part));
            assert!(!parse.diagnostics.is_empty(), "{part}");
        }
        assert_eq!(codes(&format!("let x = {}a", "not ".repeat(100_000))), [Code::SEG0119]);
        let types = format!("let x: {}", "list<".repeat(90_000));
        assert!(codes(&types).contains(&Code::SEG0119));
    });
}
