//! The language server over standard input and output, driven by a scripted client.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::ci::project;

mod editing;
mod features;
mod lenses;
mod random;
mod transport;

/// A server with a client that waits for each answer.
pub struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next: u64,
    folder: tempfile::TempDir,
    /// The last diagnostics published, by file name.
    pub published: std::collections::BTreeMap<String, Value>,
}

impl Client {
    /// Starts a server in a project of these files. `pulls`: the client asks for diagnostics.
    pub fn start(files: &[(&str, &str)], pulls: bool) -> Client {
        Client::with(files, pulls, "utf-16")
    }

    pub fn with(files: &[(&str, &str)], pulls: bool, encoding: &str) -> Client {
        let folder = project(files);
        let mut child = Command::new(env!("CARGO_BIN_EXE_segc"))
            .args(["lsp"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut client = Client { child, input, output, next: 0, folder, published: Default::default() };
        let diagnostic = if pulls { json!({ "diagnostic": {} }) } else { json!({}) };
        let capabilities = json!({ "general": { "positionEncodings": [encoding] }, "textDocument": diagnostic });
        let answer = client.ask("initialize", json!({ "capabilities": capabilities })).unwrap();
        assert_eq!(answer["capabilities"]["positionEncoding"], encoding);
        client.tell("initialized", json!({}));
        client
    }

    pub fn uri(&self, name: &str) -> String {
        format!("file://{}/{name}", self.folder.path().to_str().unwrap())
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Bytes in a frame of their length.
    pub fn raw(&mut self, bytes: &[u8]) {
        write!(self.input, "Content-Length: {}\r\n\r\n", bytes.len()).unwrap();
        self.input.write_all(bytes).unwrap();
        self.input.flush().unwrap();
    }

    /// The result of a request, or its error's message.
    pub fn ask(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id {
                return match message.get("error") {
                    Some(error) => Err(error["message"].as_str().unwrap().to_owned()),
                    None => Ok(message["result"].clone()),
                };
            }
        }
    }

    fn send(&mut self, message: &Value) {
        self.raw(message.to_string().as_bytes());
    }

    pub fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server has ended");
            match line.trim() {
                "" => break,
                header => {
                    if let Some(given) = header.strip_prefix("Content-Length: ") {
                        length = given.parse().unwrap();
                    }
                }
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        let message: Value = serde_json::from_slice(&body).unwrap();
        if message["method"] == "textDocument/publishDiagnostics" {
            let uri = message["params"]["uri"].as_str().unwrap();
            let name = uri.rsplit('/').next().unwrap().to_owned();
            self.published.insert(name, message["params"]["diagnostics"].clone());
        }
        message
    }

    pub fn open(&mut self, name: &str, text: &str) {
        let document = json!({ "uri": self.uri(name), "languageId": "seg", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub fn change(&mut self, name: &str, text: &str) {
        let params =
            json!({ "textDocument": { "uri": self.uri(name), "version": 2 }, "contentChanges": [{ "text": text }] });
        self.tell("textDocument/didChange", params);
    }

    pub fn insert(&mut self, name: &str, position: &Value, text: &str) {
        let range = json!({ "start": position, "end": position });
        let params = json!({
            "textDocument": { "uri": self.uri(name), "version": 2 },
            "contentChanges": [{ "range": range, "text": text }],
        });
        self.tell("textDocument/didChange", params);
    }

    /// A request about a position.
    pub fn at(&mut self, method: &str, name: &str, position: Value) -> Result<Value, String> {
        let params = json!({ "textDocument": { "uri": self.uri(name) }, "position": position });
        self.ask(&format!("textDocument/{method}"), params)
    }

    /// A request about a whole file.
    pub fn of(&mut self, method: &str, name: &str) -> Value {
        let params = json!({ "textDocument": { "uri": self.uri(name) } });
        self.ask(&format!("textDocument/{method}"), params).unwrap()
    }

    /// The diagnostics of a file once the project has been checked, as lines.
    pub fn diagnostics(&mut self, name: &str) -> Vec<String> {
        let found = self.of("diagnostic", name);
        found["items"].as_array().unwrap().iter().map(shown).collect()
    }

    /// The labels of the completions at a position.
    pub fn labels(&mut self, name: &str, position: Value) -> Vec<String> {
        let found = self.at("completion", name, position).unwrap();
        found["items"].as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.child.kill();
            return;
        }
        self.ask("shutdown", Value::Null).unwrap();
        self.tell("exit", Value::Null);
        assert!(self.child.wait().unwrap().success());
    }
}

/// A diagnostic as a line.
pub fn shown(diagnostic: &Value) -> String {
    let start = &diagnostic["range"]["start"];
    let message = diagnostic["message"].as_str().unwrap().lines().next().unwrap();
    format!("{}:{} {} {message}", start["line"], start["character"], diagnostic["code"].as_str().unwrap())
}

/// The position of the place that `|` marks, and the text without it.
pub fn marked(text: &str) -> (String, Value) {
    let at = text.find('|').unwrap();
    let (before, after) = (&text[..at], &text[at + 1..]);
    (format!("{before}{after}"), end_of(before))
}

/// The position of a text's end, in UTF-16.
pub fn end_of(text: &str) -> Value {
    let line = text.rsplit('\n').next().unwrap();
    json!({ "line": text.matches('\n').count(), "character": line.encode_utf16().count() })
}
