//! The formats for machines: what each says of the same diagnostics, valid by its own rules whatever an author wrote.

use segc::diagnostics::render::{Format, RenderOptions, render};
use segc::diagnostics::{Applicability, Code, Diagnostic, Severity};
use segc::source::{Sources, Span};

use super::xml;
use crate::rules::validator::Validator;

fn written(format: Format, diagnostics: &[Diagnostic], sources: &Sources) -> String {
    render(format, diagnostics, sources, RenderOptions { color: false, max: usize::MAX })
}

/// An error with a fix, a warning twice at the same text, and a note without a place.
fn found() -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let file = sources.add("segments/a b.seg", "segment a {\n    where \"👟\" = x or y = x\n}\n");
    sources.add("clean.seg", "");
    let at = |start| Span::new(file, start, start + 1);
    let warning = |start| Diagnostic {
        severity: Severity::Warning,
        ..Diagnostic::new(Code::SEG0601, "`not` over <x> & \"y\"", at(start), "here")
    };
    let diagnostics = vec![
        Diagnostic::new(Code::SEG0109, "`=` is no comparison", at(29), "write `==`")
            .with_label(at(22), "the text")
            .with_help("100% sure: `=` declares, `==` compares")
            .with_fix("write `==`", at(29), "==", Applicability::Safe),
        warning(31),
        warning(40),
        Diagnostic { severity: Severity::Note, ..Diagnostic::without_place(Code::SEG0863, "nothing here") },
    ];
    (sources, diagnostics)
}

/// What an author may write into a name, a text and a path to break out of a format.
fn hostile() -> (Sources, Vec<Diagnostic>) {
    let text = "\u{1b}[31m\r\n::error::forged\n]]></failure>--><x a='\"'&amp;%0A::set-env name=X::,file=/etc/passwd:\u{fffe}\u{0}\u{202e}";
    let mut sources = Sources::default();
    let file = sources.add(format!("dir,x:y%0A{text}.seg"), format!("\"{text}\" x"));
    let span = Span::new(file, 0, text.len());
    let diagnostic = Diagnostic::new(Code::SEG0101, text, span, text)
        .with_help(text)
        .with_label(Span::new(file, 1, 2), text)
        .with_fix(text, span, text, Applicability::Unsafe);
    (sources, vec![diagnostic])
}

#[test]
fn github_annotates_lines() {
    let (sources, diagnostics) = found();
    insta::assert_snapshot!(written(Format::Github, &diagnostics, &sources), @r#"
    ::error title=SEG0109 (foreign-operator),file=segments/a b.seg,line=2,col=16,endLine=2,endColumn=17::`=` is no comparison%0Ahelp: 100%25 sure: `=` declares, `==` compares
    ::warning title=SEG0601 (not-over-optional),file=segments/a b.seg,line=2,col=18,endLine=2,endColumn=19::`not` over <x> & "y"
    ::warning title=SEG0601 (not-over-optional),file=segments/a b.seg,line=2,col=27,endLine=2,endColumn=28::`not` over <x> & "y"
    ::notice title=SEG0863 (no-sources)::nothing here
    "#);
}

#[test]
fn github_commands_cannot_be_forged() {
    let (sources, diagnostics) = hostile();
    let out = written(Format::Github, &diagnostics, &sources);
    assert_eq!(out.lines().count(), 1, "{out}");
    let (properties, message) = out.strip_prefix("::error ").unwrap().split_once("::").unwrap();
    // As the runner reads it: properties are split at commas, each at its first equals sign, then decoded.
    let pairs: Vec<(&str, &str)> = properties.split(',').map(|pair| pair.split_once('=').unwrap()).collect();
    let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["title", "file", "line", "col", "endLine", "endColumn"]);
    assert!(pairs.iter().all(|(_, value)| !value.contains(':')), "{properties}");
    let decoded = message.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%");
    assert!(decoded.contains("%0A::set-env name=X::,file=/etc/passwd:"), "{decoded}");
    assert!(!out.contains(['\r', '\u{1b}', '\u{202e}', '\u{0}']));
}

#[test]
fn gitlab_fingerprints_stay_when_lines_move() {
    let (sources, diagnostics) = found();
    let report: serde_json::Value = serde_json::from_str(&written(Format::Gitlab, &diagnostics, &sources)).unwrap();
    let prints = |report: &serde_json::Value| -> Vec<String> {
        report.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    let first = prints(&report);
    let mut distinct = first.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), diagnostics.len());
    for issue in report.as_array().unwrap() {
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&issue["severity"].as_str().unwrap()));
        assert!(issue["location"]["path"].is_string() && issue["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
        assert!(!issue["description"].as_str().unwrap().is_empty() && issue["check_name"].is_string());
    }
    let mut moved = Sources::default();
    let text = sources.iter().next().unwrap().1.text.clone();
    moved.add("segments/a b.seg", format!("// one\n// two\n{text}"));
    let shift = |span: Span| Span { start: span.start + 14, end: span.end + 14, ..span };
    let mut later = diagnostics.clone();
    for label in later.iter_mut().flat_map(|d| &mut d.labels) {
        label.span = shift(label.span);
    }
    let report = serde_json::from_str(&written(Format::Gitlab, &later, &moved)).unwrap();
    assert_eq!(prints(&report), first);
}

#[test]
fn sarif_is_valid_and_says_where() {
    let schema = serde_json::from_str(include_str!("sarif.schema.json")).unwrap();
    let validator = Validator::new(schema);
    for (sources, diagnostics) in [found(), hostile(), (Sources::default(), Vec::new())] {
        let document: serde_json::Value =
            serde_json::from_str(&written(Format::Sarif, &diagnostics, &sources)).unwrap();
        validator.validate(&document).unwrap();
        let run = &document["runs"][0];
        for result in run["results"].as_array().unwrap() {
            let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
            assert_eq!(rule["id"], result["ruleId"]);
        }
    }
    let (sources, diagnostics) = found();
    let mut document: serde_json::Value =
        serde_json::from_str(&written(Format::Sarif, &diagnostics, &sources)).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&document["runs"][0]["results"][0]).unwrap(), @r#"
    {
      "ruleId": "SEG0109",
      "ruleIndex": 0,
      "level": "error",
      "message": {
        "text": "`=` is no comparison\n100% sure: `=` declares, `==` compares"
      },
      "locations": [
        {
          "physicalLocation": {
            "artifactLocation": {
              "uri": "segments/a%20b.seg"
            },
            "region": {
              "startLine": 2,
              "startColumn": 16,
              "endLine": 2,
              "endColumn": 17
            }
          }
        }
      ],
      "partialFingerprints": {
        "textPointedAt/v1": "SEG0109:="
      },
      "relatedLocations": [
        {
          "id": 0,
          "physicalLocation": {
            "artifactLocation": {
              "uri": "segments/a%20b.seg"
            },
            "region": {
              "startLine": 2,
              "startColumn": 11,
              "endLine": 2,
              "endColumn": 12
            }
          },
          "message": {
            "text": "the text"
          }
        }
      ],
      "fixes": [
        {
          "description": {
            "text": "write `==`"
          },
          "artifactChanges": [
            {
              "artifactLocation": {
                "uri": "segments/a%20b.seg"
              },
              "replacements": [
                {
                  "deletedRegion": {
                    "startLine": 2,
                    "startColumn": 16,
                    "endLine": 2,
                    "endColumn": 17
                  },
                  "insertedContent": {
                    "text": "=="
                  }
                }
              ]
            }
          ]
        }
      ]
    }
    "#);
    // The check can fail.
    document["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(validator.validate(&document).is_err());
}

/// The JUnit schema of Jenkins' plugin, in the part that is used: which element holds which, and the attributes that
/// are required.
fn assert_junit(element: &xml::Element) {
    let (attributes, children): (&[&str], &[&str]) = match element.name.as_str() {
        "testsuites" => (&["name", "tests", "failures", "errors"], &["testsuite"]),
        "testsuite" => (&["name", "tests", "failures", "errors", "skipped"], &["testcase"]),
        "testcase" => (&["name", "classname"], &["failure"]),
        "failure" => (&["message", "type"], &[]),
        other => panic!("the element {other}"),
    };
    let names: Vec<&str> = element.attributes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, attributes, "{}", element.name);
    for child in &element.children {
        assert!(children.contains(&child.name.as_str()), "{} in {}", child.name, element.name);
        assert_junit(child);
    }
    if element.name == "testsuite" {
        let failures = element.children.iter().filter(|case| !case.children.is_empty()).count();
        assert_eq!(element.attribute("tests"), element.children.len().to_string());
        assert_eq!(element.attribute("failures"), failures.to_string());
    }
}

#[test]
fn junit_is_well_formed_and_counts_right() {
    for (sources, diagnostics) in [found(), hostile(), (Sources::default(), Vec::new())] {
        let root = xml::read(&written(Format::Junit, &diagnostics, &sources));
        assert_junit(&root);
        let sum = |name: &str| root.children.iter().map(|s| s.attribute(name).parse::<usize>().unwrap()).sum::<usize>();
        assert_eq!(
            (root.attribute("tests"), root.attribute("failures")),
            (&*sum("tests").to_string(), &*sum("failures").to_string())
        );
    }
    let (sources, diagnostics) = found();
    insta::assert_snapshot!(written(Format::Junit, &diagnostics, &sources), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="segc check" tests="5" failures="3" errors="0">
      <testsuite name="clean.seg" tests="1" failures="0" errors="0" skipped="0">
        <testcase name="segc check" classname="clean.seg"/>
      </testsuite>
      <testsuite name="seg.toml" tests="1" failures="0" errors="0" skipped="0">
        <testcase name="SEG0863 no-sources: nothing here" classname="seg.toml"/>
      </testsuite>
      <testsuite name="segments/a b.seg" tests="3" failures="3" errors="0" skipped="0">
        <testcase name="SEG0109 foreign-operator: `=` is no comparison" classname="segments/a b.seg">
          <failure message="`=` is no comparison" type="error">segments/a b.seg:2:15: error[SEG0109]: `=` is no comparison
    help: 100% sure: `=` declares, `==` compares</failure>
        </testcase>
        <testcase name="SEG0601 not-over-optional: `not` over &lt;x&gt; &amp; &quot;y&quot;" classname="segments/a b.seg">
          <failure message="`not` over &lt;x&gt; &amp; &quot;y&quot;" type="warning">segments/a b.seg:2:17: warning[SEG0601]: `not` over &lt;x&gt; &amp; &quot;y&quot;</failure>
        </testcase>
        <testcase name="SEG0601 not-over-optional: `not` over &lt;x&gt; &amp; &quot;y&quot;" classname="segments/a b.seg">
          <failure message="`not` over &lt;x&gt; &amp; &quot;y&quot;" type="warning">segments/a b.seg:2:26: warning[SEG0601]: `not` over &lt;x&gt; &amp; &quot;y&quot;</failure>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn rdjson_counts_columns_in_bytes() {
    let (sources, diagnostics) = found();
    let document: serde_json::Value = serde_json::from_str(&written(Format::Rdjson, &diagnostics, &sources)).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&document["diagnostics"][0]).unwrap(), @r#"
    {
      "message": "`=` is no comparison\n100% sure: `=` declares, `==` compares",
      "location": {
        "path": "segments/a b.seg",
        "range": {
          "start": {
            "line": 2,
            "column": 18
          },
          "end": {
            "line": 2,
            "column": 19
          }
        }
      },
      "severity": "ERROR",
      "code": {
        "value": "SEG0109"
      },
      "suggestions": [
        {
          "range": {
            "start": {
              "line": 2,
              "column": 18
            },
            "end": {
              "line": 2,
              "column": 19
            }
          },
          "text": "=="
        }
      ]
    }
    "#);
}

#[test]
fn json_lines_are_the_entries_of_json() {
    for (sources, diagnostics) in [found(), hostile()] {
        let whole: serde_json::Value = serde_json::from_str(&written(Format::Json, &diagnostics, &sources)).unwrap();
        let lines = written(Format::JsonLines, &diagnostics, &sources);
        let entries: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(serde_json::Value::Array(entries), whole["diagnostics"]);
    }
}
