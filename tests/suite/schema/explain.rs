//! The explain pages of the schema's codes: their examples do what the pages say.

use segc::diagnostics::Code;

use super::loaded;

/// The fenced blocks of a page with this info string.
fn blocks<'a>(page: &'a str, info: &str) -> Vec<&'a str> {
    let open = format!("```{info}\n");
    page.split(open.as_str()).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

#[test]
fn every_page_of_a_schema_code_shows_a_schema_that_fails_and_one_that_is_right() {
    let pages = Code::ALL.iter().filter(|code| code.info().name.starts_with("schema-"));
    let mut seen = 0;
    for code in pages {
        let info = code.info();
        let wrong = blocks(info.explain, "json,fails");
        let names = ["a.json", "b.json"];
        let files: Vec<(&str, &str)> = names.into_iter().zip(wrong).collect();
        let (result, _) = loaded(&files);
        let codes: Vec<Code> = result.diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(codes, [*code], "{}: the example that fails", info.id);
        for right in blocks(info.explain, "json") {
            let (result, _) = loaded(&[("a.json", right)]);
            assert!(result.diagnostics.is_empty(), "{}: {:?}", info.id, result.diagnostics);
            assert!(result.schema.is_some());
            seen += 1;
        }
    }
    assert_eq!(seen, 11);
}
