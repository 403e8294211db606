//! How diagnostics are written.

use segc::diagnostics::render::{Format, RenderOptions, escape, render, summary};
use segc::diagnostics::{Applicability, Code, Diagnostic, Severity};
use segc::source::{FileId, Sources, Span};

fn at(sources: &Sources, file: FileId, needle: &str) -> Span {
    let start = sources.file(file).unwrap().text.find(needle).unwrap();
    Span::new(file, start, start + needle.len())
}

fn written(format: Format, diagnostics: &[Diagnostic], sources: &Sources) -> String {
    render(format, diagnostics, sources, RenderOptions::default())
}

fn shoes() -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let text =
        "segment shoes {\n\twhere homeAdress.city = \"Malmö 👟\" and x\n      and sum(a\n         of b) > 3\n}\n";
    let file = sources.add("segments/shoes.seg", text);
    let other = sources.add("shared.seg", "let x = 1\n");
    let diagnostics = vec![
        Diagnostic::new(Code::SEG0101, "`=` is no comparison", at(&sources, file, "= "), "write `==`")
            .with_label(at(&sources, file, "\"Malmö 👟\""), "this is a string")
            .with_label(at(&sources, other, "x"), "declared here")
            .with_help("`=` is for declarations")
            .with_fix("write `==`", Span::new(file, 40, 41), "==", Applicability::Safe),
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::new(Code::SEG0101, "a sum of nothing", at(&sources, file, "sum(a\n         of b)"), "")
        },
        Diagnostic {
            severity: Severity::Note,
            ..Diagnostic::without_place(Code::SEG0901, "no place at all").with_help("look elsewhere")
        },
    ];
    (sources, diagnostics)
}

#[test]
fn text_draws_the_source_under_its_labels() {
    let (sources, diagnostics) = shoes();
    insta::assert_snapshot!(written(Format::Text, &diagnostics, &sources), @r#"
    error[SEG0101]: `=` is no comparison
      ┌─ segments/shoes.seg:2:24
      │
    2 │     where homeAdress.city = "Malmö 👟" and x
      │                           ^^---------- this is a string
      │                           │
      │                           write `==`
      │
      ┌─ shared.seg:1:5
      │
    1 │ let x = 1
      │     - declared here
      │
      = help: `=` is for declarations
      = fix: write `==`

    warning[SEG0101]: a sum of nothing
      ┌─ segments/shoes.seg:3:11
      │
    3 │         and sum(a
      │ ╭───────────^
    4 │ │          of b) > 3
      │ ╰──────────────^

    note[SEG0901]: no place at all
     = help: look elsewhere

    1 error, 1 warning, 1 note
    "#);
}

#[test]
fn short_is_one_line_each_with_character_columns() {
    let (sources, diagnostics) = shoes();
    insta::assert_snapshot!(written(Format::Short, &diagnostics, &sources), @r"
    segments/shoes.seg:2:24: error[SEG0101]: `=` is no comparison
    segments/shoes.seg:3:11: warning[SEG0101]: a sum of nothing
    note[SEG0901]: no place at all
    1 error, 1 warning, 1 note
    ");
}

#[test]
fn json_is_the_documented_contract() {
    let (sources, diagnostics) = shoes();
    insta::assert_snapshot!(written(Format::Json, &diagnostics, &sources), @r#"
    {
      "schema_version": 1,
      "diagnostics": [
        {
          "code": "SEG0101",
          "name": "unexpected-token",
          "severity": "error",
          "message": "`=` is no comparison",
          "labels": [
            {
              "path": "segments/shoes.seg",
              "start": {
                "byte": 39,
                "line": 2,
                "column_bytes": 24,
                "column_utf16": 24
              },
              "end": {
                "byte": 41,
                "line": 2,
                "column_bytes": 26,
                "column_utf16": 26
              },
              "message": "write `==`",
              "primary": true
            },
            {
              "path": "segments/shoes.seg",
              "start": {
                "byte": 41,
                "line": 2,
                "column_bytes": 26,
                "column_utf16": 26
              },
              "end": {
                "byte": 54,
                "line": 2,
                "column_bytes": 39,
                "column_utf16": 36
              },
              "message": "this is a string",
              "primary": false
            },
            {
              "path": "shared.seg",
              "start": {
                "byte": 4,
                "line": 1,
                "column_bytes": 5,
                "column_utf16": 5
              },
              "end": {
                "byte": 5,
                "line": 1,
                "column_bytes": 6,
                "column_utf16": 6
              },
              "message": "declared here",
              "primary": false
            }
          ],
          "help": [
            "`=` is for declarations"
          ],
          "fixes": [
            {
              "title": "write `==`",
              "applicability": "safe",
              "edits": [
                {
                  "path": "segments/shoes.seg",
                  "start": {
                    "byte": 40,
                    "line": 2,
                    "column_bytes": 25,
                    "column_utf16": 25
                  },
                  "end": {
                    "byte": 41,
                    "line": 2,
                    "column_bytes": 26,
                    "column_utf16": 26
                  },
                  "text": "=="
                }
              ]
            }
          ]
        },
        {
          "code": "SEG0101",
          "name": "unexpected-token",
          "severity": "warning",
          "message": "a sum of nothing",
          "labels": [
            {
              "path": "segments/shoes.seg",
              "start": {
                "byte": 71,
                "line": 3,
                "column_bytes": 11,
                "column_utf16": 11
              },
              "end": {
                "byte": 91,
                "line": 4,
                "column_bytes": 15,
                "column_utf16": 15
              },
              "message": "",
              "primary": true
            }
          ],
          "help": [],
          "fixes": []
        },
        {
          "code": "SEG0901",
          "name": "internal-error",
          "severity": "note",
          "message": "no place at all",
          "labels": [],
          "help": [
            "look elsewhere"
          ],
          "fixes": []
        }
      ],
      "errors": 1,
      "warnings": 1,
      "notes": 1,
      "omitted": 0
    }
    "#);
}

#[test]
fn nothing_to_say_is_nothing_written_except_in_json() {
    let sources = Sources::default();
    assert_eq!(written(Format::Text, &[], &sources), "");
    assert_eq!(written(Format::Short, &[], &sources), "");
    assert!(written(Format::Json, &[], &sources).contains("\"diagnostics\": []"));
}

/// What an author could use to forge a terminal's or a CI log's output.
const HOSTILE: &str =
    "\u{1b}[31m\u{7}\u{8}\r\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{2029}\u{85}\u{9b}\u{feff}\u{e0041}";

#[test]
fn hostile_text_is_shown_escaped_with_labels_aligned() {
    let mut sources = Sources::default();
    let file = sources.add("a\u{202e}b\n.seg", format!("where \"{HOSTILE}\" wrong\r\nnext\r\n"));
    let diagnostics = [Diagnostic::new(
        Code::SEG0101,
        format!("unknown name `{HOSTILE}\n::error::forged`"),
        at(&sources, file, "wrong"),
        "here \u{1b}[0m\n\u{202d}",
    )
    .with_help("did you mean `\u{1b}]0;title\u{7}`?")
    .with_fix("write `\u{202e}`", at(&sources, file, "wrong"), "\u{202e}", Applicability::Unsafe)];
    insta::assert_snapshot!(written(Format::Text, &diagnostics, &sources), @r#"
    error[SEG0101]: unknown name `\u{1b}[31m\u{7}\u{8}\u{d}\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{2029}\u{85}\u{9b}\u{feff}\u{e0041}\u{a}::error::forged`
      ┌─ a\u{202e}b\u{a}.seg:1:28
      │
    1 │ where "\u{1b}[31m\u{7}\u{8}\u{d}\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{2029}\u{85}\u{9b}\u{feff}\u{e0041}" wrong
      │                                                                                                               ^^^^^ here \u{1b}[0m\u{a}\u{202d}
      │
      = help: did you mean `\u{1b}]0;title\u{7}`?
      = possible fix: write `\u{202e}`

    1 error
    "#);
    insta::assert_snapshot!(written(Format::Short, &diagnostics, &sources), @r"
    a\u{202e}b\u{a}.seg:1:28: error[SEG0101]: unknown name `\u{1b}[31m\u{7}\u{8}\u{d}\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{2029}\u{85}\u{9b}\u{feff}\u{e0041}\u{a}::error::forged`
    1 error
    ");
    for format in Format::ALL {
        let name = format.name();
        let out = written(format, &diagnostics, &sources);
        assert!(!out.chars().any(|c| escape::is_unsafe(c) && c != '\n'), "{name}: {out:?}");
        let commands = out.lines().filter(|line| line.starts_with("::")).count();
        assert_eq!(commands, usize::from(format == Format::Github), "{name}");
    }
}

#[test]
fn json_keeps_the_exact_hostile_strings() {
    let mut sources = Sources::default();
    let file = sources.add("a.seg", "x");
    let diagnostics = [Diagnostic::new(Code::SEG0101, HOSTILE, Span::new(file, 0, 1), "")];
    let value: serde_json::Value = serde_json::from_str(&written(Format::Json, &diagnostics, &sources)).unwrap();
    assert_eq!(value["diagnostics"][0]["message"], HOSTILE);
}

#[test]
fn colours_are_the_only_escapes_when_asked_for() {
    let (sources, diagnostics) = shoes();
    let options = RenderOptions { color: true, ..RenderOptions::default() };
    let out = render(Format::Text, &diagnostics, &sources, options);
    assert!(out.contains("\u{1b}[0m"));
    assert!(out.split('\u{1b}').skip(1).all(|rest| rest.starts_with('[')), "{out:?}");
}

#[test]
fn the_cap_keeps_the_worst_in_order_and_says_how_many_more() {
    let warning = |i: usize| Diagnostic {
        severity: Severity::Warning,
        ..Diagnostic::without_place(Code::SEG0101, format!("warning {i}"))
    };
    let mut diagnostics: Vec<Diagnostic> = (0..150).map(warning).collect();
    diagnostics.push(Diagnostic::without_place(Code::SEG0101, "the error"));
    let out = written(Format::Short, &diagnostics, &Sources::default());
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 102);
    assert_eq!((lines[98], lines[99]), ("warning[SEG0101]: warning 98", "error[SEG0101]: the error"));
    assert_eq!((lines[100], lines[101]), ("and 51 more", "1 error, 150 warnings"));
    assert_eq!(summary(&diagnostics), "1 error, 150 warnings");
}

#[test]
fn odd_spans_are_drawn_without_fault() {
    let mut sources = Sources::default();
    let file = sources.add("a.seg", "é\n\nlast\n");
    let empty = sources.add("empty.seg", "");
    let long = sources.add("long.seg", "x".repeat(5000));
    let spans = [
        Span::new(file, 1, 2),
        Span::new(file, 3, 3),
        Span::new(file, 2, 4),
        Span::new(file, 9, 9),
        Span::new(file, 40, 50),
        Span::new(file, 6, 4),
        Span::new(empty, 0, 0),
        Span::new(long, 10, 20),
        Span::new(FileId(77), 0, 1),
    ];
    let diagnostics: Vec<Diagnostic> =
        spans.iter().map(|&span| Diagnostic::new(Code::SEG0101, "m", span, "here")).collect();
    insta::assert_snapshot!(written(Format::Text, &diagnostics, &sources), @r"
    error[SEG0101]: m
      ┌─ a.seg:1:1
      │
    1 │ é
      │ ^ here

    error[SEG0101]: m
      ┌─ a.seg:2:1
      │
    2 │
      │ ^ here

    error[SEG0101]: m
      ┌─ a.seg:1:2
      │
    1 │   é
      │ ╭─^
    2 │ │
      │ ╰^ here

    error[SEG0101]: m
      ┌─ a.seg:4:1
      │
    4 │
      │ ^ here

    error[SEG0101]: m
      ┌─ a.seg:4:1
      │
    4 │
      │ ^ here

    error[SEG0101]: m
      ┌─ a.seg:3:3
      │
    3 │ last
      │   ^ here

    error[SEG0101]: m
      ┌─ empty.seg:1:1
      │
    1 │
      │ ^ here

    long.seg:1:11: error[SEG0101]: m

    error[SEG0101]: m

    9 errors
    ");
    assert!(serde_json::from_str::<serde_json::Value>(&written(Format::Json, &diagnostics, &sources)).is_ok());
}
