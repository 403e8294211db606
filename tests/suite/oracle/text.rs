//! Texts: case, `like`, `matches`, and the functions of strings.

use regex::Regex;

/// The simple lowercase of one code point. Of all, only U+0130 has a full mapping that is not simple.
fn lower_char(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// The simple uppercase of one code point: where the full mapping is several, Unicode's simple one.
fn upper_char(c: char) -> char {
    let full: Vec<char> = c.to_uppercase().collect();
    let simple = |code: u32| char::from_u32(code).unwrap_or(c);
    match (full.as_slice(), c as u32) {
        ([one], _) => *one,
        (_, code @ (0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7)) => simple(code + 8),
        (_, code @ (0x1fb3 | 0x1fc3 | 0x1ff3)) => simple(code + 9),
        _ => c,
    }
}

pub fn lower(text: &str) -> String {
    text.chars().map(lower_char).collect()
}

pub fn upper(text: &str) -> String {
    text.chars().map(upper_char).collect()
}

enum Part {
    Any,
    One,
    This(char),
}

/// `%` any number of characters, `_` one, `\` takes the next as it is.
pub fn like(text: &str, pattern: &str) -> bool {
    let mut parts = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '%' => Part::Any,
            '_' => Part::One,
            '\\' => Part::This(chars.next().unwrap_or('\\')),
            other => Part::This(other),
        });
    }
    let text: Vec<char> = text.chars().collect();
    fits(&text, &parts)
}

fn fits(text: &[char], parts: &[Part]) -> bool {
    match parts {
        [] => text.is_empty(),
        [Part::Any, rest @ ..] => (0..=text.len()).any(|skipped| fits(&text[skipped..], rest)),
        [Part::One, rest @ ..] => !text.is_empty() && fits(&text[1..], rest),
        [Part::This(c), rest @ ..] => text.first() == Some(c) && fits(&text[1..], rest),
    }
}

/// The pattern with ASCII classes, `.` without the line feed, unanchored.
pub fn pattern(source: &str, ignoring_case: bool) -> Regex {
    let mut out = String::from(if ignoring_case { "(?i)" } else { "" });
    let mut in_class = false;
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let class = match chars.next() {
                    Some('d') => "0-9",
                    Some('w') => "0-9A-Za-z_",
                    Some('s') => "\\t\\n\\f\\r ",
                    Some('D') => "^0-9",
                    Some('W') => "^0-9A-Za-z_",
                    Some('S') => "^\\t\\n\\f\\r ",
                    Some(other) => {
                        out.extend(['\\', other]);
                        continue;
                    }
                    None => panic!("a pattern ends in a backslash"),
                };
                if in_class {
                    assert!(!class.starts_with('^'), "no negated class inside a class in generated patterns");
                    out.push_str(class);
                } else {
                    out.push_str(&format!("[{class}]"));
                }
            }
            '[' => {
                in_class = true;
                out.push(c);
            }
            ']' => {
                in_class = false;
                out.push(c);
            }
            other => out.push(other),
        }
    }
    Regex::new(&out).expect("the checker has accepted the pattern")
}

pub fn email_domain(text: &str) -> Option<String> {
    let (_, domain) = text.rsplit_once('@')?;
    (!domain.is_empty()).then(|| domain.to_ascii_lowercase())
}

pub fn url_host(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("//")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(host.split(':').next().unwrap_or_default().to_ascii_lowercase())
}

pub fn url_path(text: &str) -> Option<String> {
    let path = match text.split_once("//") {
        Some((before, rest)) if !before.contains('/') => rest.find('/').map_or("", |at| match rest.find(['?', '#']) {
            Some(end) if end < at => "",
            _ => &rest[at..],
        }),
        _ if text.starts_with('/') => text,
        _ => return None,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    Some(if path.is_empty() { "/".to_owned() } else { path.to_owned() })
}

pub fn substring(text: &str, start: usize, length: usize) -> String {
    text.chars().skip(start - 1).take(length).collect()
}

pub fn replace(text: &str, from: &str, to: &str) -> String {
    if from.is_empty() { text.to_owned() } else { text.replace(from, to) }
}

#[test]
fn texts_fold_match_and_fall_apart_as_the_language_says() {
    assert_eq!(lower("ÀİΣ"), "àiσ");
    assert_eq!(upper("ßŉᾳi"), "ßŉᾼI");
    for (text, pattern, fits) in [
        ("shoes", "sh%", true),
        ("a_b", "a\\_b", true),
        ("axb", "a\\_b", false),
        ("a\\b", "a\\\\b", true),
        ("é", "_", true),
        ("e\u{301}", "_", false),
        ("", "%", true),
        ("ab", "a", false),
    ] {
        assert_eq!(like(text, pattern), fits, "{text} like {pattern}");
    }
    assert!(pattern("^\\w$", false).is_match("a") && !pattern("^\\w$", false).is_match("é"));
    assert!(!pattern("a.b", false).is_match("a\nb"));
    assert_eq!(email_domain("a@b@C.org"), Some("c.org".to_owned()));
    assert_eq!((email_domain("x@"), email_domain("x")), (None, None));
    assert_eq!(url_host("http://u:p@Host.example:80/p"), Some("host.example".to_owned()));
    assert_eq!(url_host("/p"), None);
    assert_eq!(url_path("https://h/a/b?c#d"), Some("/a/b".to_owned()));
    assert_eq!(url_path("https://h?q=/a"), Some("/".to_owned()));
    assert_eq!((url_path("/only?x"), url_path("mailto:x")), (Some("/only".to_owned()), None));
}
