//! A long stretch of editing: a segment typed character by character, a rename over several files, fix all.

use serde_json::{Value, json};

use super::{Client, end_of};
use crate::check::RETAIL;

const SHARED: &str = "/// Lately.\nparam recency: duration = 30 days\n\n/// A look at shoes.\nevent shoe_view = commerce.productViews\n    where any(productListItems where product.category == \"shoes\")\n\nlet spend(window: duration) = sum(commerce.order.priceTotal of commerce.purchases in last window)\n";

const TYPED: &str = "import \"shared.seg\"\n\n/// Typed by hand.\nsegment typed \"Typed\" {\n    where homeAddress.countryCode in [\"SE\", \"NO\"]\n      and loyalty.tier == \"gold\"\n      and count(shoe_view in last recency where device.type == \"mobile\") >= 3\n      and sum(commerce.order.priceTotal of commerce.purchases in last 90 days) > 100\n      and any(commerce.purchases as p where any(productListItems where product.brand == \"x\" and quantity > 2))\n      and sequence(commerce.productViews as view then commerce.purchases within 2 days where channel == view.channel)\n    rank by loyalty.points desc limit 10\n}\n";

#[test]
fn a_segment_typed_character_by_character() {
    let mut client = Client::start(&[("shared.seg", SHARED), ("typed.seg", "")], true);
    client.open("typed.seg", "");
    let mut text = String::new();
    let mut told = String::new();
    for c in TYPED.chars() {
        client.insert("typed.seg", &end_of(&text), &c.to_string());
        text.push(c);
        if !matches!(c, '.' | '"') {
            continue;
        }
        let labels = client.labels("typed.seg", end_of(&text));
        let line = text.rsplit('\n').next().unwrap().trim_start();
        let next: String = TYPED[text.len()..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        // What the author is about to write is offered, if it is a name or one of known values.
        let offered = labels.iter().any(|label| label.split(['.', '(']).next() == Some(&next));
        let in_prose = line.starts_with("///") || line.starts_with("import");
        if c == '.' {
            assert!(offered || in_prose, "{line} offers {labels:?}, not {next}");
        }
        let first: Vec<&str> = labels.iter().take(4).map(String::as_str).collect();
        told.push_str(&format!("{line} -> {} {}\n", labels.len(), first.join(" ")));
    }
    insta::assert_snapshot!(told);
    assert_eq!(client.diagnostics("typed.seg"), Vec::<String>::new());
}

#[test]
fn fields_after_a_dot_are_those_of_the_schema() {
    let mut client = Client::start(&[("a.seg", "")], true);
    client.open("a.seg", "");
    let fields = |path: &[&str]| -> Vec<String> {
        let field = RETAIL.field_at(RETAIL.profile, path.iter().copied()).unwrap();
        let object = RETAIL.object(field.ty.ty.inner_object().unwrap()).unwrap();
        object.fields.keys().cloned().collect()
    };
    for path in ["homeAddress", "loyalty", "person", "person.name", "consents.marketing", "_retail"] {
        let names: Vec<&str> = path.split('.').collect();
        // At the end of a text, before more of it, in the middle of something broken.
        for (before, after) in
            [("where ", ""), ("where ", "\n}\n"), ("where (1 > and ", " ) or x =\n}\n"), ("where not ", " == \n")]
        {
            let head = format!("segment a {{\n    {before}{path}.");
            client.change("a.seg", &format!("{head}{after}"));
            assert_eq!(client.labels("a.seg", end_of(&head)), fields(&names), "{head}{after}");
        }
    }
}

#[test]
fn a_rename_over_several_files_and_what_it_refuses() {
    let a = "import \"shared.seg\"\nsegment a { where spend(recency) > 3 and any(shoe_view in last recency) }\n";
    let b = "import \"shared.seg\"\n// recency stays here\nsegment b { where spend(7 days) > 3 and any(commerce.purchases in last recency) }\n";
    let mut client = Client::start(&[("shared.seg", SHARED), ("a.seg", a), ("b.seg", b)], true);
    client.open("a.seg", a);
    let at = json!({ "line": 1, "character": a.lines().nth(1).unwrap().find("recency").unwrap() + 2 });
    let rename = |client: &mut Client, new: &str| {
        let params = json!({ "textDocument": { "uri": client.uri("a.seg") }, "position": at, "newName": new });
        client.ask("textDocument/rename", params)
    };
    let edit = rename(&mut client, "lately").unwrap();
    let mut files = Vec::new();
    for (name, text) in [("shared.seg", SHARED), ("a.seg", a), ("b.seg", b)] {
        let edits = edit["changes"][client.uri(name)].as_array().cloned().unwrap_or_default();
        files.push(format!("== {name}\n{}", applied(text, &edits)));
    }
    insta::assert_snapshot!(files.concat());
    let refused: Vec<String> = ["spend", "shoe_view", "where", "loyalty", "count", "profile", "2x", ""]
        .map(|new| format!("{new}: {}", rename(&mut client, new).unwrap_err()))
        .to_vec();
    insta::assert_snapshot!(refused.join("\n"));
}

#[test]
fn everything_is_fixed_at_once() {
    let text = "segment a {\n    where loyalty.points = 3 && not not any(commerce.purchases)\n}\n";
    let mut client = Client::start(&[("a.seg", text)], true);
    client.open("a.seg", text);
    let mut text = text.to_owned();
    // Lints speak only when there are no errors: a second round.
    for _ in 0..2 {
        let range = json!({ "start": { "line": 0, "character": 0 }, "end": end_of(&text) });
        let params =
            json!({ "textDocument": { "uri": client.uri("a.seg") }, "range": range, "context": { "diagnostics": [] } });
        let actions = client.ask("textDocument/codeAction", params).unwrap();
        let all = actions.as_array().unwrap().iter().find(|action| action["kind"] == "source.fixAll").unwrap();
        let edits = all["edit"]["changes"][client.uri("a.seg")].as_array().unwrap().clone();
        text = applied(&text, &edits);
        client.change("a.seg", &text);
    }
    assert_eq!(text, "segment a {\n    where loyalty.points == 3 and any(commerce.purchases)\n}\n");
    assert_eq!(client.diagnostics("a.seg"), Vec::<String>::new());
}

#[test]
fn a_mistake_in_one_file_is_told_in_another_as_one_types() {
    let user = "import \"shared.seg\"\nsegment a { where spend(7 days) > 3 }\n";
    let mut client = Client::start(&[("shared.seg", SHARED), ("a.seg", user)], false);
    client.open("shared.seg", SHARED);
    client.change("shared.seg", &SHARED.replace("let spend", "let spent"));
    // A request that waits for the check brings what was published before it.
    client.of("codeLens", "shared.seg");
    let told: Vec<String> = client.published["a.seg"].as_array().unwrap().iter().map(super::shown).collect();
    insta::assert_snapshot!(told.join("\n"));
    client.change("shared.seg", SHARED);
    client.of("codeLens", "shared.seg");
    assert_eq!(client.published["a.seg"], json!([]));
}

/// A text with the edits of the protocol made, positions in UTF-16.
pub fn applied(text: &str, edits: &[Value]) -> String {
    let offset = |position: &Value| {
        let line = position["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let mut units = position["character"].as_u64().unwrap() as usize;
        let mut at = start;
        for c in text[start..].chars() {
            if units == 0 {
                break;
            }
            units -= c.len_utf16();
            at += c.len_utf8();
        }
        at
    };
    let mut edits: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|edit| (offset(&edit["range"]["start"]), offset(&edit["range"]["end"]), edit["newText"].as_str().unwrap()))
        .collect();
    edits.sort();
    let mut out = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        out.replace_range(start..end, new);
    }
    out
}
