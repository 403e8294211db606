//! Random edits: after each the server has the text that the client has, whatever it is asked it answers, and every position that
//! it gives lies in the text. `SEGC_EDITS` says how many.

use serde_json::{Value, json};

use super::Client;

const REQUESTS: [&str; 12] = [
    "completion",
    "hover",
    "signatureHelp",
    "definition",
    "references",
    "prepareRename",
    "documentSymbol",
    "foldingRange",
    "semanticTokens/full",
    "formatting",
    "diagnostic",
    "codeLens",
];

/// What is typed: parts of the language, and what nobody means to type.
const PIECES: [&str; 40] = [
    "segment s { where ",
    "}",
    "{",
    "(",
    ")",
    "\"",
    "[",
    "]",
    ".",
    ",",
    "\n",
    " ",
    "loyalty",
    ".points",
    "loyalty.tier == \"",
    "any(",
    "count(commerce.purchases",
    " in last 30 days",
    " where ",
    "and ",
    "or ",
    "not ",
    "sequence(",
    " then ",
    "sum(commerce.order.priceTotal of ",
    "let x = ",
    "param p: duration = 3 days\n",
    "event e = ",
    "/// doc\n",
    "// note\n",
    "👟",
    "é",
    "\u{202e}",
    "\r\n",
    "`",
    "\\",
    "=",
    "&&",
    "import \"",
    "test s { profile a { } }\n",
];

#[test]
fn random_edits_leave_no_wrong_position() {
    let edits: usize = std::env::var("SEGC_EDITS").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    let seed: u64 =
        std::env::var("SEGC_SEED").ok().and_then(|n| u64::from_str_radix(n.get(..8)?, 16).ok()).unwrap_or(7);
    for (encoding, part) in [("utf-16", edits / 2), ("utf-8", edits - edits / 2)] {
        run(encoding, part, seed);
    }
}

fn run(encoding: &str, edits: usize, seed: u64) {
    let start = std::fs::read_to_string("examples/quickstart/segments/shared.seg").unwrap();
    let mut client = Client::with(
        &[("a.seg", &start), ("b.seg", "import \"a.seg\"\nsegment b { where may_email }\n")],
        true,
        encoding,
    );
    let mut text = start.clone();
    client.open("a.seg", &text);
    let mut state = seed | 1;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    for step in 0..edits {
        if text.len() > 4000 || step % 500 == 499 {
            text.clone_from(&start);
            client.change("a.seg", &text);
        }
        let from = boundary(&text, random(text.len() + 1));
        let to = if random(3) == 0 { boundary(&text, (from + random(30)).min(text.len())) } else { from };
        let new = if random(5) == 0 { "" } else { PIECES[random(PIECES.len())] };
        let range = json!({ "start": position(&text, from, encoding), "end": position(&text, to, encoding) });
        let params = json!({
            "textDocument": { "uri": client.uri("a.seg"), "version": step },
            "contentChanges": [{ "range": range, "text": new }],
        });
        client.tell("textDocument/didChange", params);
        text.replace_range(from..to, new);
        if step % 10 == 0 {
            let at = boundary(&text, random(text.len() + 1));
            let method = REQUESTS[random(REQUESTS.len())];
            let answer = client.at(method, "a.seg", position(&text, at, encoding)).unwrap_or_else(|error| {
                panic!("{method} at {at} after {step} edits (seed {seed}): {error}\n{text}");
            });
            positions(&answer, &text, encoding, method);
            if method == "semanticTokens/full" {
                tokens(&answer, &text, encoding);
            }
        }
    }
    // The server still has the client's text: its formatting of a whole text is that of the command.
    client.change("a.seg", "segment  a{where true}");
    let edits = client.of("formatting", "a.seg");
    let laid_out = super::editing::applied("segment  a{where true}", edits.as_array().unwrap());
    assert_eq!(laid_out, "segment a {\n    where true\n}\n");
}

/// A place that the protocol has a position for: on a character, and not inside a line's end.
fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) || text[..at].ends_with('\r') && text[at..].starts_with('\n') {
        at -= 1;
    }
    at
}

/// The lines as the protocol counts them: `\n`, `\r\n` and `\r` end one.
fn lines(text: &str) -> Vec<&str> {
    let mut lines = vec![];
    let mut rest = text;
    while let Some(at) = rest.find(['\r', '\n']) {
        let length = if rest[at..].starts_with("\r\n") { 2 } else { 1 };
        lines.push(&rest[..at]);
        rest = &rest[at + length..];
    }
    lines.push(rest);
    lines
}

fn width(text: &str, encoding: &str) -> usize {
    if encoding == "utf-8" { text.len() } else { text.encode_utf16().count() }
}

fn position(text: &str, at: usize, encoding: &str) -> Value {
    let before = lines(&text[..at]);
    json!({ "line": before.len() - 1, "character": width(before[before.len() - 1], encoding) })
}

/// Every position of an answer about this file lies in a line of its text, on a character.
fn positions(answer: &Value, text: &str, encoding: &str, method: &str) {
    match answer {
        Value::Array(items) => items.iter().for_each(|item| positions(item, text, encoding, method)),
        Value::Object(fields) => {
            if let (Some(line), Some(character)) = (fields.get("line"), fields.get("character")) {
                let line = lines(text)[line.as_u64().unwrap() as usize];
                let character = character.as_u64().unwrap() as usize;
                assert!(on_character(line, character, encoding), "{method}: {answer}\n{text}");
            }
            let elsewhere = fields.get("uri").and_then(Value::as_str).is_some_and(|uri| !uri.ends_with("/a.seg"));
            let related = ["relatedDocuments", "relatedInformation"];
            fields.iter().filter(|(key, _)| !elsewhere && !related.contains(&key.as_str())).for_each(|(_, value)| {
                positions(value, text, encoding, method);
            });
        }
        _ => {}
    }
}

fn on_character(line: &str, character: usize, encoding: &str) -> bool {
    let mut at = 0;
    for c in line.chars() {
        if at == character {
            return true;
        }
        at += if encoding == "utf-8" { c.len_utf8() } else { c.len_utf16() };
    }
    at == character
}

/// Semantic tokens lie in their lines, in order, without overlap.
fn tokens(answer: &Value, text: &str, encoding: &str) {
    let data: Vec<usize> = answer["data"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    let lines = lines(text);
    let (mut line, mut column, mut end) = (0, 0, 0);
    for token in data.chunks(5) {
        if token[0] > 0 {
            (line, column, end) = (line + token[0], 0, 0);
        }
        column += token[1];
        assert!(column >= end, "tokens overlap in line {line}: {text}");
        end = column + token[2];
        assert!(end <= width(lines[line], encoding), "line {line}: {text}");
    }
}
