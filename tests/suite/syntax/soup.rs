//! Any text is read: no panic, valid spans, balanced tokens, and the same result each time.

use segc::source::{FileId, Span};
use segc::syntax::token::Token;
use segc::syntax::{dump, lex, parse};

/// A small deterministic generator (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

const WORDS: &str = "schema import param let event segment propensity test where rank by asc desc limit sample salt evaluate \
    purpose partition from at predict for using static deny cutoffs every over trees depth seed buckets require max age \
    control kind scale quality profile events expect and or not if then else in between is present absent contains starts \
    with ends like matches has any all within on before after least ignoring case year default div last next this previous \
    ago now true false null today yesterday tomorrow none count sequence distinct of satisfy as top bottom groups times \
    sum min first list a b.c `q w` AND Where segmnt { } ( ) [ ] , . : ? ; = == != < <= > >= + - * / % === <> && || ! \
    1 0.5 30days 1e9 2026-11-23 2026-11-23T10:00:00Z 2026-11-23T10 \"s\" \"a\\q\" \" ' ‘x’ “ # -- /* */ // /// é ≥ \u{a0} \
    \u{202e} \u{0} @ $ days 3";

fn check(text: &str) {
    let file = FileId(7);
    let valid = |span: Span| {
        assert_eq!(span.file, file);
        assert!(span.start <= span.end && text.get(span.range()).is_some(), "{span:?} in {text:?}");
    };
    let lexed = lex(file, text);
    let mut open = Vec::new();
    let mut end = 0;
    for lexeme in &lexed.tokens {
        assert!(lexeme.start >= end && lexeme.end >= lexeme.start, "{lexeme:?} in {text:?}");
        end = lexeme.end;
        valid(Span { file, start: lexeme.start, end: lexeme.end });
        match lexeme.token {
            Token::LBrace | Token::LParen | Token::LBracket => open.push(lexeme.token),
            Token::RBrace => assert_eq!(open.pop(), Some(Token::LBrace), "{text:?}"),
            Token::RParen => assert_eq!(open.pop(), Some(Token::LParen), "{text:?}"),
            Token::RBracket => assert_eq!(open.pop(), Some(Token::LBracket), "{text:?}"),
            _ => {}
        }
    }
    assert!(open.is_empty(), "{text:?}");
    let first = parse(file, text);
    assert_eq!(first, parse(file, text));
    for diagnostic in &first.diagnostics {
        assert!(diagnostic.primary().is_some(), "{text:?}");
        diagnostic.labels.iter().for_each(|label| valid(label.span));
        diagnostic.fixes.iter().flat_map(|fix| &fix.edits).for_each(|edit| valid(edit.span));
    }
    for comment in &first.trivia.comments {
        valid(comment.span);
        first.trivia.docs_before(comment.span.end, text);
    }
    for item in &first.file.items {
        valid(item.span);
    }
    // Every span of the tree shows in its debug form, which prints nothing else with these names.
    let tree = format!("{:?}", first.file);
    for part in tree.split("start: ").skip(1) {
        let (start, rest) = part.split_once(", end: ").unwrap();
        let end: String = rest.chars().take_while(char::is_ascii_digit).collect();
        valid(Span { file, start: start.parse().unwrap(), end: end.parse().unwrap() });
    }
    dump::file(&first.file);
    dump::tokens(&lexed, text);
    if first.file.items.iter().any(|i| matches!(i.kind, segc::syntax::ast::ItemKind::Error)) {
        assert!(!first.diagnostics.is_empty(), "an error node and no diagnostic: {text:?}");
    }
    if tree.contains("Error") && !tree.contains("\"") {
        assert!(!first.diagnostics.is_empty(), "an error node and no diagnostic: {text:?}");
    }
}

#[test]
fn soup_of_tokens() {
    let words: Vec<&str> = WORDS.split(' ').filter(|w| !w.is_empty()).collect();
    let mut random = Random(1);
    for _ in 0..1500 {
        let mut text = String::new();
        for _ in 0..random.below(60) {
            text.push_str(words[random.below(words.len())]);
            text.push_str([" ", " ", " ", "\n", "", "\n\n"][random.below(6)]);
        }
        check(&text);
    }
}

#[test]
fn soup_inside_each_block() {
    let words: Vec<&str> = WORDS.split(' ').filter(|w| !w.is_empty()).collect();
    let frames = [
        ("segment s {\n where ", "\n}\n"),
        ("propensity p {\n ", "\n}\n"),
        ("propensity p from \"x\" {\n ", "\n}\n"),
        ("test s {\n profile a {\n ", "\n }\n}\n"),
        ("test s {\n profile a {\n events [\n ", "\n]\n }\n}\n"),
        ("let x = ", "\n"),
        ("let x = sequence(a then ", ")\n"),
        ("event e = ", "\n"),
    ];
    let mut random = Random(2);
    for _ in 0..400 {
        for (before, after) in frames {
            let mut text = before.to_owned();
            for _ in 0..1 + random.below(12) {
                text.push_str(words[random.below(words.len())]);
                text.push_str([" ", " ", "\n"][random.below(3)]);
            }
            text.push_str(after);
            check(&text);
        }
    }
}

#[test]
fn soup_of_bytes() {
    let mut random = Random(3);
    for _ in 0..2000 {
        let bytes: Vec<u8> = (0..random.below(80)).map(|_| random.next() as u8).collect();
        check(&String::from_utf8_lossy(&bytes));
        let ascii: String = (0..random.below(80)).map(|_| (random.next() as u8 & 0x7F) as char).collect();
        check(&ascii);
    }
}

#[test]
fn good_files_cut_and_changed() {
    let whole = super::constructs::WHOLE;
    for at in (0..whole.len()).step_by(3).filter(|at| whole.is_char_boundary(*at)) {
        check(&whole[..at]);
    }
    let mut random = Random(4);
    for _ in 0..300 {
        let mut text: Vec<char> = whole.chars().collect();
        for _ in 0..1 + random.below(4) {
            let at = random.below(text.len());
            match random.below(3) {
                0 => drop(text.remove(at)),
                1 => text.insert(at, ['{', ')', '"', '`', '\n', '.', '=', 'é', '/'][random.below(9)]),
                _ => text.swap(at, (at + 1).min(whole.chars().count() - 5)),
            }
        }
        check(&text.into_iter().collect::<String>());
    }
}
