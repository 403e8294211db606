//! One test a feature.

use serde_json::{Value, json};

use super::{Client, marked};

const TEXT: &str = "/// Lately.\nparam recency: duration = 30 days\n\n/// All that was paid.\nlet spend(window: duration) = sum(commerce.order.priceTotal of commerce.purchases in last window)\n\nsegment rich \"Rich\" {\n    where spend(recency) > 100\n      and any(commerce.purchases in last 7 days where productListItems.quantity has any [2])\n      and round(loyalty.points / 2) > 3\n      and loyalty.tier == \"gold\"\n}\n\ntest rich {\n    profile a { loyalty.points: 3 }\n    expect a not in rich\n}\n";

fn client(text: &str) -> Client {
    let mut client = Client::start(&[("a.seg", text)], true);
    client.open("a.seg", text);
    client
}

fn position(needle: &str) -> Value {
    let at = TEXT.find(needle).unwrap();
    super::end_of(&TEXT[..at])
}

fn labels(text: &str) -> String {
    let (text, at) = marked(text);
    let mut client = client(&text);
    let labels = client.labels("a.seg", at);
    labels.iter().take(12).cloned().collect::<Vec<_>>().join(" ")
}

#[test]
fn completion_knows_what_can_stand_where() {
    let shown: Vec<String> = [
        "|",
        "seg|",
        "segment a {\n    |\n}\n",
        "segment a {\n    where loyalty.tier == |\n}\n",
        "segment a {\n    where loyalty.tier in [\"gold\", \"|\"]\n}\n",
        "segment a {\n    where loyalty.tier == \"|",
        "segment a {\n    where any(|)\n}\n",
        "segment a {\n    where any(commerce.|)\n}\n",
        "segment a {\n    where any(commerce.purchases where |)\n}\n",
        "segment a {\n    where any(commerce.purchases where device.type == \"|\")\n}\n",
        "segment a {\n    where any(commerce.purchases as p where any(p.productListItems where |))\n}\n",
        "segment a {\n    where sum(| of commerce.purchases) > 3\n}\n",
        "segment a {\n    where any(commerce.purchases in |)\n}\n",
        "segment a {\n    where any(commerce.purchases in last |)\n}\n",
        "segment a {\n    where any(commerce.purchases in last 3 |)\n}\n",
        "segment a {\n    where sequence(commerce.purchases then commerce.purchases within 3 |)\n}\n",
        "segment a {\n    where loyalty.joinDate |\n}\n",
        "segment a { where loyalty.points > 3 }\ntest a {\n    profile anna {\n        loyalty.points: 3\n        |\n    }\n}\n",
        "segment a { where loyalty.points > 3 }\ntest a {\n    profile anna { }\n    expect |\n}\n",
        "segment a { where loyalty.points > 3 }\ntest a {\n    profile anna { }\n    expect anna not in |\n}\n",
        "segment a {\n    where loyalty.points > 3\n    |\n}\n",
        "let x: |",
        "// a comment |",
    ]
    .map(|text| format!("{} => {}", text.replace('\n', "⏎"), labels(text)))
    .to_vec();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn hovers_tell_types_meanings_and_plain_readings() {
    let mut client = client(TEXT);
    let needles = [
        "tier ==",
        "countryCode",
        "spend(recency)",
        "rich \"",
        "recency)",
        "purchases in last 7",
        "round(",
        "any(comm",
        "30 days",
    ];
    let mut shown = Vec::new();
    for needle in needles.iter().filter(|needle| TEXT.contains(**needle)) {
        let hover = client.at("hover", "a.seg", position(needle)).unwrap();
        shown.push(format!("== {needle}\n{}", hover["contents"]["value"].as_str().unwrap_or("nothing")));
    }
    insta::assert_snapshot!(shown.join("\n"));
    // The dates of a window are those of the day on which one looks, on each of its words.
    for needle in ["7 days", "last 7 days", "in last 7 days"] {
        let dates = client.at("hover", "a.seg", position(needle)).unwrap();
        let text = dates["contents"]["value"].as_str().unwrap();
        assert!(text.starts_with("after 20") && text.ends_with("Europe/Stockholm"), "{needle}: {text}");
    }
}

#[test]
fn words_that_mean_several_things_are_told_apart() {
    let text = "segment a {\n    where count(distinct device.type of commerce.purchases) > 1\n      and sequence(commerce.purchases then commerce.purchases within 3 days)\n}\n";
    let mut client = client(text);
    let mut said = |needle: &str| {
        let at = super::end_of(&text[..text.find(needle).unwrap()]);
        client.at("hover", "a.seg", at).unwrap()["contents"]["value"].as_str().unwrap_or("nothing").to_owned()
    };
    assert!(said("distinct").contains("count("), "{}", said("distinct"));
    assert!(said("within").contains("after the event of the step before"), "{}", said("within"));
}

/// Words that a name shares with a bucket, a kind or a unit are no uses of it; what only the checker can tell is refused.
#[test]
fn a_rename_changes_no_word_that_means_something_else() {
    let text = "\
propensity churn from \"scores.csv\" { kind churn max age 30 days }
let low = loyalty.points > 7
let anna = loyalty.points > 8
let years(month: int) = any(commerce.purchases in this month where commerce.order.priceTotal > month)
segment a { where low and anna and propensity.churn.bucket == low }
test a {
    profile anna { loyalty.points: 3 }
    expect anna not in a
}
";
    let mut client = client(text);
    let uri = client.uri("a.seg");
    let mut shown = String::new();
    for needle in ["churn from", "low =", "anna =", "month: int", "anna {"] {
        let at = super::end_of(&text[..text.find(needle).unwrap() + 1]);
        let params = json!({ "textDocument": { "uri": uri }, "position": at, "newName": "other" });
        shown += &match client.ask("textDocument/rename", params) {
            Ok(edit) => super::editing::applied(text, edit["changes"][&uri].as_array().unwrap()),
            Err(refused) => format!("{refused}\n"),
        };
        shown += "\n";
    }
    insta::assert_snapshot!(shown);
}

/// A mistake in one segment hides no warning about another, but that one is not used: the broken segment may use it.
#[test]
fn warnings_stay_while_something_else_is_being_typed() {
    let text = "let unused = loyalty.points > 3\nsegment a { where not not any(commerce.purchases) }\nsegment b { where not not loyalty. }\n";
    let mut client = client(text);
    let found = client.diagnostics("a.seg");
    insta::assert_snapshot!("while_typing", found.join("\n"));
    let whole = "let unused = loyalty.points > 3\nsegment a { where not not any(commerce.purchases) }\n";
    client.change("a.seg", whole);
    insta::assert_snapshot!(client.diagnostics("a.seg").join("\n"));
}

#[test]
fn the_data_of_a_test_is_completed_by_the_schema() {
    let shown = |data: &str| {
        let (text, at) =
            marked(&format!("segment a {{ where any(events) }}\ntest a {{\n    profile x {{\n{data}\n}}\n"));
        client(&text).labels("a.seg", at).into_iter().take(8).collect::<Vec<_>>().join(" ")
    };
    let places = [
        "        loyalty.tier: |",
        "        loyalty.tier: \"|\"",
        "        |",
        "        loyalty.|",
        "        events [ |",
        "        events [ commerce.|",
        "        events [ commerce.purchases |",
        "        events [ commerce.purchases at -3 days { |",
        "        events [ commerce.purchases at -3 days { device.|",
        "        events [ commerce.purchases at -3 days { device.type: \"|\"",
        "        events [ commerce.purchases at -3 days { } |",
        "        events [ commerce.purchases at |",
        "        events [ commerce.purchases at -3 |",
        "        loyalty: { |",
        "        loyalty: { tier: \"|\"",
        "        events [ commerce.purchases at -3 days { productListItems: [{ |",
        "        events [ commerce.purchases at -3 days { productListItems: [{ quantity: 1 }, { priceTotal: 2\n|",
        "        events [ commerce.purchases at -3 days { commerce: { order: { |",
        "        }\n    expect x |",
        "        }\n    product \"S\" { |",
    ];
    insta::assert_snapshot!(places.map(|data| format!("{} -> {}", data.trim(), shown(data))).join("\n"));
}

/// What holds in one definition only: a name given twice is two names, fields and strings of that name are none.
#[test]
fn local_names_are_found_and_renamed_in_their_definition() {
    let text = "\
import \"shared.seg\"
let spent(window: duration) = sum(commerce.order.priceTotal of commerce.purchases in last window)
segment a {
    where sequence(
        commerce.productListAdds as add
        then commerce.purchases where any(productListItems where SKU in add.productListItems.SKU)
    ) and any(commerce.purchases as add where add.commerce.order.priceTotal > 3 and add.eventType != \"add\")
}
test a {
    profile add { loyalty.points: 3 }
    expect add not in a
}
";
    let mut client = Client::start(&[("shared.seg", "param days: int = 3\n"), ("a.seg", text)], true);
    client.open("a.seg", text);
    let uri = client.uri("a.seg");
    let mut shown = String::new();
    for (needle, inside, new) in [
        ("spent(window", 7, "width"),
        ("productListAdds as add", 20, "basket"),
        ("add.eventType", 1, "other"),
        ("expect add", 8, "ann"),
        ("spent(window", 7, "spent"),
        ("productListAdds as add", 20, "loyalty"),
        ("then commerce.purchases where", 6, "x"),
    ] {
        let at = super::end_of(&text[..text.find(needle).unwrap() + inside]);
        let params = json!({ "textDocument": { "uri": uri }, "position": at, "newName": new });
        let lines = match client.ask("textDocument/rename", params.clone()) {
            Ok(edit) => {
                let after = super::editing::applied(text, edit["changes"][&uri].as_array().unwrap());
                let changed = text.lines().zip(after.lines()).filter(|(before, after)| before != after);
                changed.map(|(_, after)| format!("{}\n", after.trim())).collect()
            }
            Err(refused) => format!("{refused}\n"),
        };
        let given = client.ask("textDocument/definition", params).unwrap();
        shown += &format!("== {needle} -> {new}, given at {}\n{lines}", given["range"]["start"]);
    }
    insta::assert_snapshot!(shown);
    let import = json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 12 } });
    let place = client.ask("textDocument/definition", import).unwrap();
    assert_eq!(place["uri"], client.uri("shared.seg"));
}

#[test]
fn a_propensity_has_its_name_in_every_use() {
    let text = "propensity churn from \"scores.csv\" { max age 30 days }\nsegment a { where propensity.churn.probability > 0.5 }\n";
    let mut client = client(text);
    let uri = client.uri("a.seg");
    for at in [json!({ "line": 0, "character": 12 }), json!({ "line": 1, "character": 32 })] {
        let params = json!({ "textDocument": { "uri": uri }, "position": at, "newName": "leaving" });
        let edit = client.ask("textDocument/rename", params).unwrap();
        let renamed = super::editing::applied(text, edit["changes"][&uri].as_array().unwrap());
        assert_eq!(renamed, text.replace("churn", "leaving"));
    }
}

#[test]
fn only_the_actions_that_are_asked_for() {
    let text = "segment a { where loyalty.points = 3 }\n";
    let mut client = client(text);
    client.diagnostics("a.seg");
    let mut kinds = |only: Value| {
        let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 1, "character": 0 } });
        let params = json!({ "textDocument": { "uri": client.uri("a.seg") }, "range": range, "context": only });
        let actions = client.ask("textDocument/codeAction", params).unwrap();
        actions.as_array().unwrap().iter().map(|action| action["kind"].as_str().unwrap().to_owned()).collect()
    };
    let all: Vec<String> = kinds(json!({ "diagnostics": [] }));
    assert_eq!(all, ["quickfix", "source.fixAll"]);
    let source: Vec<String> = kinds(json!({ "diagnostics": [], "only": ["source"] }));
    assert_eq!(source, ["source.fixAll"]);
    let fixes: Vec<String> = kinds(json!({ "diagnostics": [], "only": ["quickfix"] }));
    assert_eq!(fixes, ["quickfix"]);
}

#[test]
fn definitions_references_symbols_and_signatures() {
    let mut client = client(TEXT);
    let target = client.at("definition", "a.seg", position("spend(recency)")).unwrap();
    assert_eq!(target["range"]["start"], position("spend(window"));
    let params = json!({
        "textDocument": { "uri": client.uri("a.seg") },
        "position": position("rich \""),
        "context": { "includeDeclaration": true },
    });
    let found = client.ask("textDocument/references", params).unwrap();
    assert_eq!(found.as_array().unwrap().len(), 3, "{found}");
    let symbols = client.of("documentSymbol", "a.seg");
    let names: Vec<&str> = symbols.as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["recency", "spend", "rich"]);
    let all = client.ask("workspace/symbol", json!({ "query": "rch" })).unwrap();
    assert_eq!(all[0]["name"], "rich");
    let call = client.at("signatureHelp", "a.seg", position("recency)")).unwrap();
    assert_eq!(call["signatures"][0]["label"], "spend(window: duration)");
    let field = client.at("prepareRename", "a.seg", position("tier ==")).unwrap();
    assert_eq!(field, Value::Null);
}

#[test]
fn folds_selections_lenses_and_hints() {
    let mut client = client(TEXT);
    let folds = client.of("foldingRange", "a.seg");
    let lines: Vec<(u64, u64)> = folds
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["startLine"].as_u64().unwrap(), f["endLine"].as_u64().unwrap()))
        .collect();
    assert_eq!(lines, [(6, 11), (13, 16)]);
    let params = json!({ "textDocument": { "uri": client.uri("a.seg") }, "positions": [position("tier ==")] });
    let mut chain = client.ask("textDocument/selectionRange", params).unwrap()[0].clone();
    let mut depth = 0;
    while !chain["parent"].is_null() {
        chain = chain["parent"].clone();
        depth += 1;
    }
    assert!(depth >= 4, "{depth}");
    let lenses = client.of("codeLens", "a.seg");
    let titles: Vec<&str> =
        lenses.as_array().unwrap().iter().map(|l| l["command"]["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["show SQL", "run test", "run test"]);
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": super::end_of(TEXT) });
    let params = json!({ "textDocument": { "uri": client.uri("a.seg") }, "range": range });
    let hints = client.ask("textDocument/inlayHint", params).unwrap();
    assert_eq!(hints.as_array().unwrap().len(), 1);
    assert!(hints[0]["label"].as_str().unwrap().starts_with("from 20"), "{hints}");
}

#[test]
fn commands_show_sql_plans_pages_and_tests() {
    let mut client = client(TEXT);
    let mut run = |command: &str, args: Value| {
        let answer = client.ask("workspace/executeCommand", json!({ "command": command, "arguments": args }));
        answer.map(|value| value["text"].as_str().unwrap().to_owned())
    };
    assert!(run("segc.showSql", json!(["rich", "duckdb"])).unwrap().contains("SELECT"));
    assert!(!run("segc.showPlan", json!([])).unwrap().is_empty());
    assert!(run("segc.explain", json!(["SEG0601"])).unwrap().contains("not-over-optional"));
    assert_eq!(run("segc.runTests", json!(["rich"])).unwrap(), "passed: a not in rich\n1 passed, 0 failed");
    assert_eq!(run("segc.nothing", json!([])).unwrap_err(), "there is no command `segc.nothing`");
    assert!(run("segc.showSql", json!(["rich", "dbase"])).is_err());
}

#[test]
fn formatting_changes_only_the_lines_that_differ() {
    let text = "segment a {\n    where loyalty.points>3\n}\n\nsegment b {\n    where loyalty.points > 4\n}\n";
    let mut client = client(text);
    let edits = client.of("formatting", "a.seg");
    assert_eq!(edits.as_array().unwrap().len(), 1, "{edits}");
    assert_eq!(edits[0]["newText"], "    where loyalty.points > 3\n");
}

#[test]
fn what_the_server_does_not_know_is_refused_and_it_goes_on() {
    let mut client = client(TEXT);
    assert!(client.at("nonsense", "a.seg", json!({ "line": 0, "character": 0 })).is_err());
    assert!(client.ask("textDocument/hover", json!({})).is_err());
    let unknown = client.ask("codeLens/resolve", json!({ "range": {} })).unwrap_err();
    assert_eq!(unknown, "there is no `codeLens/resolve`");
    let far = client.at("hover", "a.seg", json!({ "line": 900, "character": 7 })).unwrap();
    assert_eq!(far, Value::Null);
    assert_eq!(client.diagnostics("a.seg"), Vec::<String>::new());
}
