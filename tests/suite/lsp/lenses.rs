//! What stands above segments and tests.

use serde_json::{Value, json};

use super::Client;

const PROJECT: &str = "schema = \"schema.json\"\n[profiles]\nfiles = \"profiles.ndjson\"\nid = \"_id\"\n";

const SEGMENTS: &str = "segment rich {\n    where loyalty.points > 3\n}\n\nsegment poor {\n    where not rich\n}\n\n\
    segment likely {\n    where propensity.churn.probability > 0.5\n}\n\n\
    propensity churn {\n    predict none(commerce.purchases in next 60 days)\n    for any(commerce.purchases)\n    \
    using commerce.purchases\n}\n\n\
    test rich {\n    profile a { loyalty.points: 4 }\n    expect a in rich\n}\n";

fn profiles(count: usize) -> String {
    (0..count).map(|n| format!("{{\"_id\":\"p{n:05}\",\"loyalty\":{{\"points\":{}}}}}\n", n % 10)).collect()
}

/// The titles by line.
fn titles(lenses: &Value) -> Vec<(u64, String)> {
    let title = |lens: &Value| {
        let line = lens["range"]["start"]["line"].as_u64().unwrap();
        (line, lens["command"]["title"].as_str().unwrap().to_owned())
    };
    lenses.as_array().unwrap().iter().map(title).collect()
}

/// The titles once members have been counted, which another thread does.
fn counted(client: &mut Client, name: &str) -> Vec<(u64, String)> {
    loop {
        let titles = titles(&client.of("codeLens", name));
        if titles.iter().any(|(_, title)| title.starts_with("members")) {
            return titles;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn members_and_commands_stand_above_segments() {
    let data = profiles(12_345);
    let files = [("seg.toml", PROJECT), ("profiles.ndjson", data.as_str()), ("a.seg", SEGMENTS)];
    let mut client = Client::start(&files, true);
    client.open("a.seg", SEGMENTS);
    let at = |line: u64, title: &str| (line, title.to_owned());
    assert_eq!(
        counted(&mut client, "a.seg"),
        [
            at(0, "members: 7,405 of 12,345"),
            at(0, "show SQL"),
            at(0, "run test"),
            at(4, "members: 4,940 of 12,345"),
            at(4, "show SQL"),
            // Its scores are made at a run: there is no number that would be right.
            at(8, "show SQL"),
            at(18, "run test"),
        ]
    );
    // What is typed is counted when it is saved.
    client.change("a.seg", &SEGMENTS.replace("points > 3", "points > 8"));
    assert!(titles(&client.of("codeLens", "a.seg")).contains(&at(0, "members: 7,405 of 12,345")));
    let document = json!({ "textDocument": { "uri": client.uri("a.seg") } });
    client.tell("textDocument/didSave", document);
    let expected = at(0, "members: 1,234 of 12,345");
    while !titles(&client.of("codeLens", "a.seg")).contains(&expected) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn without_data_there_are_no_numbers() {
    let mut client = Client::start(&[("a.seg", SEGMENTS)], true);
    client.open("a.seg", SEGMENTS);
    let found = titles(&client.of("codeLens", "a.seg"));
    assert_eq!(found.iter().filter(|(_, title)| title.starts_with("members")).count(), 0);
    let ran = client.ask("workspace/executeCommand", json!({ "command": "segc.runTests", "arguments": ["rich"] }));
    assert_eq!(ran.unwrap()["text"], "passed: a in rich\n1 passed, 0 failed");
}
