//! The language's regular expressions: what parses, what it means, what is refused.

use segc::vector::pattern::Pattern;

fn matches(pattern: &str, text: &str) -> bool {
    Pattern::parse(pattern).unwrap().compile().unwrap().is_match(text)
}

fn matches_folded(pattern: &str, text: &str) -> bool {
    let folded = segc::vector::text::fold(text).into_owned();
    Pattern::parse(pattern).unwrap().fold().compile().unwrap().is_match(&folded)
}

#[test]
fn classes_are_ascii_and_anchors_are_the_ends_of_the_text() {
    for (pattern, text, expected) in [
        ("b", "abc", true),
        ("^b", "abc", false),
        ("c$", "abc\n", false),
        ("a.c", "a\nc", false),
        ("a.c", "a\u{1F600}c", true),
        ("a[^b]c", "a\nc", true),
        ("^\\w+$", "aZ_9", true),
        ("\\w", "é", false),
        ("\\W", "é", true),
        ("\\d", "٣", false),
        ("\\s", "\u{A0}", false),
        ("\\s", "\x0B", false),
        ("^[\\d-]+$", "1-2", true),
        ("^[^\\D]+$", "12", true),
        ("^[]a]+$", "]a", true),
        ("^[\\W]$", "é", true),
        ("^a{2,3}$", "aaaa", false),
        ("^(?:ab|c)*$", "abcab", true),
        ("^\\x41\\x{1F600}$", "A\u{1F600}", true),
        ("\\<b\\>", "<b>", true),
        ("^a|b$", "ac", true),
        ("", "", true),
        ("\\$\\.", "$.", true),
        ("[a-]", "-", true),
        ("[\\]\\-&~#]", "~", true),
        ("[a&&b]", "&", true),
    ] {
        assert_eq!(matches(pattern, text), expected, "{text:?} matches {pattern:?}");
    }
}

#[test]
fn folding_reaches_classes_and_leaves_escapes() {
    assert!(matches_folded("^[A-C]+É\\D$", "aBcéX"));
    assert!(matches_folded("^[^A]$", "b"));
    assert!(!matches_folded("^[^A]$", "a"));
    assert!(matches_folded("^[À-Ý]+$", "Éé"));
    assert!(!matches_folded("\\W", "A"));
}

#[test]
fn captures_come_from_the_leftmost_first_match() {
    let matcher = Pattern::parse("(a+?)(b|bc)?").unwrap().compile().unwrap();
    assert_eq!(matcher.capture("xaabc", 0), Some("a"));
    assert_eq!(matcher.capture("xabc", 2), Some("b"));
    assert_eq!(matcher.capture("xa", 2), None);
    assert_eq!(matcher.capture("x", 0), None);
    assert_eq!(matcher.capture("a", 9), None);
}

#[test]
fn what_engines_disagree_on_is_refused() {
    let refusals: Vec<String> = [
        "(a",
        "a)",
        "[a",
        "a**",
        "*a",
        "a{3,2}",
        "a{256}",
        "a{",
        "a{x}",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?i)a",
        "(?P<n>a)",
        "\\b",
        "\\1",
        "\\pL",
        "\\Qa\\E",
        "\\",
        "[b-a]",
        "[[:alpha:]]",
        "\\x4",
        "\\x{110000}",
        "^*",
        "\\y",
        "[a-\\d]",
    ]
    .iter()
    .map(|pattern| match Pattern::parse(pattern) {
        Ok(_) => format!("{pattern}: accepted"),
        Err(error) => format!("{pattern} at {}: {}", error.at, error.problem),
    })
    .collect();
    insta::assert_snapshot!(refusals.join("\n"));
    let deep = format!("{}a{}", "(".repeat(70), ")".repeat(70));
    assert_eq!(Pattern::parse(&deep).unwrap_err().problem, "groups are nested too deep");
    assert!(Pattern::parse(&"a".repeat(1024)).is_ok());
    assert_eq!(Pattern::parse(&"a".repeat(1025)).unwrap_err().problem, "the pattern is too long");
    let large = Pattern::parse("((a{255}){255}){255}").unwrap().compile().unwrap_err();
    assert_eq!(large.problem, "the pattern is too large");
}

#[test]
fn printed_patterns_parse_to_themselves() {
    for pattern in ["a|b*c+?", "(x)(?:y{2,}){3}", "[^a-z\\d]", "^.$", "\\w\\S", "a{2,3}?\\n\\t"] {
        let parsed = Pattern::parse(pattern).unwrap();
        let printed = parsed.print();
        assert_eq!(Pattern::parse(&printed).unwrap().print(), printed, "{pattern}");
    }
}
