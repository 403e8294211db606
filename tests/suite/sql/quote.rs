//! Identifiers and literals hold whatever text they are given, and nothing gets out of them.

use proptest::prelude::*;
use segc::sql::tree::Literal;
use segc::sql::{Dialect, DuckDb, quote};

/// Reads a DuckDB literal as the engine does: `'…'` with doubled quotes, or `E'…'` with escapes too.
fn read_literal(text: &str) -> Option<String> {
    let (escapes, rest) = match text.strip_prefix('E') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut rest = rest.strip_prefix('\'')?.bytes();
    let mut out = Vec::new();
    loop {
        match rest.next()? {
            b'\'' => match rest.next() {
                Some(b'\'') => out.push(b'\''),
                None => return String::from_utf8(out).ok(),
                Some(_) => return None,
            },
            b'\\' if escapes => match rest.next()? {
                b'n' => out.push(b'\n'),
                b'r' => out.push(b'\r'),
                b't' => out.push(b'\t'),
                b'x' => {
                    let digits = [rest.next()?, rest.next()?];
                    out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
                }
                b'\\' => out.push(b'\\'),
                _ => return None,
            },
            byte => out.push(byte),
        }
    }
}

#[test]
fn hostile_texts_are_read_back_as_they_were() {
    for text in [
        "",
        "'",
        "''",
        "a'; DROP TABLE profiles; --",
        "\\'",
        "\\",
        "%_",
        "${env:HOME}",
        "{{ x }}",
        "a\nb",
        "\r\n\t",
        "\u{202e}txet",
        "\u{2028}",
        "chr(39)",
        "' || chr(39) || '",
        "-- comment",
        "/* comment */",
        "é\u{301}",
        "𝒳",
    ] {
        let sql = DuckDb.literal(&Literal::Text(text.into()));
        assert_eq!(read_literal(&sql).as_deref(), Some(text), "{sql}");
        assert!(!sql.contains('\n'), "{sql}");
    }
}

#[test]
fn a_long_text_is_one_literal() {
    let text = "'x\\\n".repeat(16 << 10);
    assert_eq!(read_literal(&DuckDb.literal(&Literal::Text(text.as_str().into()))).as_deref(), Some(text.as_str()));
}

#[test]
fn generated_names_are_words_of_their_own() {
    for (name, expected) in [
        ("commerce.productViews", "product_views"),
        ("Order Completed", "order_completed"),
        ("select", "select_rows"),
        ("x'; --", "x"),
        ("été", "t"),
        ("42", "rows"),
        ("", "rows"),
    ] {
        assert_eq!(quote::generated_name(name, "rows"), expected);
    }
}

proptest! {
    #[test]
    fn any_text_is_read_back(text in "\\PC*|[\\x01-\\x7f]*|.*") {
        let sql = DuckDb.literal(&Literal::Text(text.as_str().into()));
        prop_assert_eq!(read_literal(&sql), Some(text));
    }

    #[test]
    fn any_name_is_one_identifier(name in "[\\x01-\\x7f]*") {
        let sql = DuckDb.quoted(&name);
        let inner = sql.strip_prefix('"').and_then(|s| s.strip_suffix('"')).map(str::to_owned);
        prop_assert_eq!(inner.map(|s| s.replace("\"\"", "\"")), Some(name));
        prop_assert!(sql[1..sql.len() - 1].replace("\"\"", "").find('"').is_none());
    }

    #[test]
    fn generated_names_are_plain(name in ".*") {
        let generated = quote::generated_name(&name, "rows");
        prop_assert!(generated.starts_with(|c: char| c.is_ascii_lowercase()));
        let plain = generated.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        prop_assert!(plain);
    }
}

#[test]
fn names_of_tables_are_read_in_parts() {
    let parts = |name: &str| quote::name_parts(name).map(|parts| parts.join("|"));
    for (name, expected) in [
        ("customers", "customers"),
        ("crm.customers", "crm|customers"),
        ("a.b.c", "a|b|c"),
        ("\"a.b\".c", "a.b|c"),
        ("c.\"a.b\"", "c|a.b"),
        ("\"a\"\"b\"", "a\"b"),
        ("\"\"\"\"", "\""),
        ("\".\".\"..\"", ".|.."),
        ("a b.c'd`e", "a b|c'd`e"),
        ("a\"b", "a\"b"),
    ] {
        assert_eq!(parts(name).as_deref(), Some(expected), "{name}");
    }
    for name in ["", ".", "a.", ".a", "a..b", "\"a", "\"a\"b", "\"\"", "\"a\".", "\"a\"\"", "a.\""] {
        assert_eq!(parts(name), None, "{name}");
    }
}

proptest! {
    #[test]
    fn quoted_names_of_tables_are_read_back(parts in prop::collection::vec(".{1,6}", 1..4)) {
        let name: Vec<String> = parts.iter().map(|part| quote::double_quoted(part)).collect();
        prop_assert_eq!(quote::name_parts(&name.join(".")), Some(parts));
    }
}
