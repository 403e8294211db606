//! `segc explain`.

use segc::diagnostics::Severity;
use segc::diagnostics::codes::CodeInfo;
use segc::diagnostics::explain::{UnknownCode, explain, page};

#[test]
fn a_code_is_found_by_id_number_or_name_in_any_case() {
    for text in ["SEG0101", "seg0101", "101", "0101", "unexpected-token", "Unexpected-Token", " SEG0101 "] {
        assert_eq!(explain(text).map(|info| info.id), Ok("SEG0101"), "{text}");
    }
}

#[test]
fn an_unknown_code_suggests_the_nearest() {
    assert_eq!(explain("unexpected-tokn").map(|i| i.id), Err(UnknownCode { suggestion: Some("unexpected-token") }));
    assert_eq!(explain("zzz").map(|i| i.id), Err(UnknownCode { suggestion: None }));
}

#[test]
fn a_page_is_filled_to_the_width_with_its_code_indented() {
    let info = CodeInfo {
        id: "SEG9999",
        name: "some-name",
        severity: Severity::Error,
        explain: "# some-name

A text with `code` in it that is longer than a line of sixty columns and so must be filled.
The next line goes on.

- an item that is also much longer than a line of sixty columns is
- another

```seg,fails
segment broken {
    where == 3
}
```

## After

The end.
",
    };
    insta::assert_snapshot!(page(&info, false, 60), @r"
    SEG9999 some-name

    A text with `code` in it that is longer than a line of sixty
    columns and so must be filled. The next line goes on.

    - an item that is also much longer than a line of sixty
      columns is
    - another

        segment broken {
            where == 3
        }

    After

    The end.
    ");
}

#[test]
fn colours_change_no_visible_text() {
    for code in segc::diagnostics::Code::ALL {
        let coloured = page(code.info(), true, 72);
        let mut bare = String::new();
        let mut parts = coloured.split('\u{1b}');
        bare.push_str(parts.next().unwrap_or_default());
        for part in parts {
            bare.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
        }
        assert_eq!(bare.replace('`', ""), page(code.info(), false, 72).replace('`', ""), "{}", code.info().id);
    }
}

#[test]
fn every_word_of_a_data_report_is_on_the_page_of_data_findings() {
    let page = explain("SEG0855").unwrap().explain;
    for kind in segc::data::report::Kind::ALL {
        assert!(page.contains(&format!("- `{}`: ", kind.name())), "{}", kind.name());
        assert_eq!(segc::data::report::Kind::find(kind.name()), Some(kind));
    }
}
