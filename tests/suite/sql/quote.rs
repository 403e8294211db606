//! Identifiers and literals hold whatever text they are given, and nothing gets out of them.

use proptest::prelude::*;
use segc::sql::tree::Literal;
use segc::sql::{Dialect, DuckDb, quote};

/// Reads a DuckDB literal as the engine does: quoted pieces and `chr(n)` joined by `||`, in parentheses if several.
fn read_literal(text: &str) -> Option<String> {
    let mut rest = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).unwrap_or(text);
    let mut out = String::new();
    loop {
        if let Some(number) = rest.strip_prefix("chr(") {
            let (digits, after) = number.split_once(')')?;
            out.push(char::from_u32(digits.parse().ok()?)?);
            rest = after;
        } else {
            rest = rest.strip_prefix('\'')?;
            loop {
                let end = rest.find('\'')?;
                out.push_str(&rest[..end]);
                rest = &rest[end + 1..];
                match rest.strip_prefix('\'') {
                    Some(after) => {
                        out.push('\'');
                        rest = after;
                    }
                    None => break,
                }
            }
        }
        match rest.strip_prefix(" || ") {
            Some(after) => rest = after,
            None => return rest.is_empty().then_some(out),
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
