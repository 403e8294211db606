//! A project that is checked again after an edit, with what the last look left, is what it is when it is checked for the
//! first time: the same diagnostics, the same rule trees, the same plan.

use std::collections::BTreeMap;
use std::io;

use segc::diagnostics::render::{Format, RenderOptions, render};
use segc::emit::rules;
use segc::pipeline::{Compiled, Files, Memo, Request, Workspace};

/// Files in memory.
#[derive(Default)]
struct Texts(BTreeMap<String, String>);

impl Files for Texts {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.0.get(path).map(|text| text.clone().into_bytes()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, _: &str) -> io::Result<Vec<String>> {
        Ok(self.0.keys().cloned().collect())
    }

    fn is_folder(&self, _: &str) -> bool {
        false
    }
}

const SHARED: &str = "param recency: duration = 30 days\n\
    let nordic = homeAddress.countryCode in [\"SE\", \"NO\"]\n\
    let known = nordic and loyalty.points > 10\n\
    let spend(window: duration) = sum(commerce.order.priceTotal of commerce.purchases in last window)\n\
    event view = commerce.productViews where any(productListItems where product.category == \"shoes\")\n\
    event late = view in last 7 days\n";

const A: &str = "import \"shared.seg\"\n\n/// One.\nsegment one { where known and any(late) }\n\
    segment two { where spend(recency) > 10 and not one }\n\
    segment three { where count(view in last recency) >= 3 or loyalty.tier == \"gold\" }\n\
    test one { now 2026-11-23T12:00:00Z profile a { loyalty.points: 20 homeAddress.countryCode: \"SE\" } expect a not in one }\n";

const B: &str = "import \"a.seg\"\nimport \"shared.seg\"\nsegment four { where two or three }\n\
    segment five { where any(commerce.purchases where channel == \"web\") }\n\
    propensity churn from \"scores.csv\" { max age 30 days }\n\
    segment six { where propensity.churn.probability > 0.5 and nordic }\n";

const PROJECT: &str = "schema = \"retail.json\"\nsources = [\"*.seg\"]\n[lints]\nuntested-segment = \"warn\"\n";

fn project() -> Texts {
    let schema = std::fs::read_to_string("examples/quickstart/schema/retail.json").unwrap();
    let files = [("seg.toml", PROJECT), ("retail.json", &schema), ("shared.seg", SHARED), ("a.seg", A), ("b.seg", B)];
    Texts(files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect())
}

fn request() -> Request {
    Request { project_file: Some("seg.toml".into()), ..Request::default() }
}

/// All that can be told of a look.
fn told(workspace: &Workspace, compiled: &Compiled) -> String {
    let diagnostics = render(
        Format::Text,
        &compiled.diagnostics,
        &workspace.sources,
        RenderOptions { max: usize::MAX, color: false },
    );
    let Some(module) = compiled.sound() else { return diagnostics };
    let plan = segc::plan::explain::explain(&segc::pipeline::plan(module, 1_795_000_000_000_000));
    let tests: Vec<usize> = module.tests.iter().map(|test| test.expects.len()).collect();
    format!("{diagnostics}\n{}\n{plan}\n{tests:?}", rules::text(&rules::rules(module)))
}

/// A look with a memo, held to a first look.
fn look(files: &Texts, memo: &mut Memo, after: &str) -> usize {
    let workspace = Workspace::open_with(files, &request(), memo);
    let compiled = workspace.compile_with(memo);
    let first = Workspace::open(files, &request());
    assert_eq!(told(&workspace, &compiled), told(&first, &first.compile()), "after {after}");
    compiled.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count()
}

#[test]
fn every_edit_of_a_list_gives_what_a_first_look_gives() {
    let mut files = project();
    let mut memo = Memo::default();
    assert_eq!(look(&files, &mut memo, "opening"), 0);
    // Definitions that others use: another value, another type, another kind, gone, there twice, hidden, moved.
    let edits = [
        ("shared.seg", "30 days", "60 days"),
        ("shared.seg", "loyalty.points > 10", "loyalty.points > 20"),
        ("shared.seg", "let nordic", "// moved\n\nlet nordic"),
        ("shared.seg", "let nordic = homeAddress.countryCode in [\"SE\", \"NO\"]", "let nordic = 5"),
        ("shared.seg", "let nordic = 5", "let nordic = homeAddress.countryCode == \"FI\""),
        ("shared.seg", "let spend(window: duration)", "let spend(window: int)"),
        ("shared.seg", "let spend(window: int)", "let spend(window: duration)"),
        ("shared.seg", "event late = view in last 7 days", "event late = view in last 3 months"),
        ("shared.seg", "let known", "let renamed"),
        ("shared.seg", "let renamed", "let known"),
        ("shared.seg", "let known", "let known = true\nlet known"),
        ("shared.seg", "let known = true\n", ""),
        ("shared.seg", "param recency", "let before = 1\nparam recency"),
        ("a.seg", "segment one", "segment zero { where true }\nsegment one"),
        ("a.seg", "known and any(late)", "known and any(late) and two"),
        ("a.seg", " and two", ""),
        ("a.seg", "import \"shared.seg\"", ""),
        ("a.seg", "\n\n/// One.", "import \"shared.seg\"\n\n/// One."),
        ("b.seg", "segment five", "let channel_web = 1\nsegment five"),
        ("b.seg", "propensity churn", "propensity stays"),
        ("b.seg", "propensity stays", "propensity churn"),
        ("b.seg", "max age 30 days", "max age 3 days"),
        ("a.seg", "loyalty.tier == \"gold\"", "loyalty.tier == \"glod\""),
        ("a.seg", "\"glod\"", "\"gold\""),
        ("a.seg", "expect a not in one", "expect a not in one expect a in four"),
        ("seg.toml", "[lints]", "[params]\nrecency = \"5 days\"\n[lints]"),
        ("seg.toml", "untested-segment = \"warn\"", "untested-segment = \"allow\"\nunused-definition = \"allow\""),
        ("seg.toml", "schema = ", "# other\nschema = "),
        ("retail.json", "\"loyalty\"", "\"loyalty\" "),
    ];
    for (path, old, new) in edits {
        let text = files.0.get_mut(path).unwrap();
        assert!(text.contains(old), "{path}: {old}");
        *text = text.replacen(old, new, 1);
        look(&files, &mut memo, &format!("{path}: {old} -> {new}"));
    }
    files.0.insert("0.seg".into(), "segment first { where true }\n".into());
    look(&files, &mut memo, "a new file");
    files.0.remove("0.seg");
    look(&files, &mut memo, "the file is gone");
}

#[test]
fn lines_that_come_and_go_give_what_a_first_look_gives() {
    let mut files = project();
    let mut memo = Memo::default();
    let mut state = 7u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut sound = 0;
    for round in 0..150 {
        let path = ["shared.seg", "a.seg", "b.seg"][next(3)];
        let whole = [SHARED, A, B][["shared.seg", "a.seg", "b.seg"].iter().position(|known| *known == path).unwrap()];
        let lines: Vec<&str> = whole.split_inclusive('\n').collect();
        // Some lines of it, twice at times; every third time all of them.
        let text = match round % 3 {
            0 => whole.to_owned(),
            _ => {
                let gone = next(lines.len());
                let again = next(3 * lines.len());
                let of = |(index, line): (usize, &&str)| match index {
                    index if index == gone => String::new(),
                    index if index == again => line.repeat(2),
                    _ => (*line).to_owned(),
                };
                lines.iter().enumerate().map(of).collect()
            }
        };
        files.0.insert(path.to_owned(), text);
        sound += usize::from(look(&files, &mut memo, &format!("round {round} in {path}")) == 0);
    }
    assert!(sound > 10, "{sound} sound projects on the way");
}
