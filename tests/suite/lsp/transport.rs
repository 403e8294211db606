//! Frames that are no messages: the server says so and goes on.

use super::Client;

#[test]
fn what_is_no_message_is_passed_over() {
    let mut client = Client::start(&[("a.seg", "")], true);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let large = vec![b' '; (64 << 20) + 1];
    let cases: [(&[u8], &str); 4] = [
        (deep.as_bytes(), "recursion limit exceeded"),
        (&large, "more than 67108864"),
        (b"{\"jsonrpc\": \"2.0\", ", "EOF while parsing"),
        (b"\xff\xfe", "expected value"),
    ];
    for (body, why) in cases {
        client.raw(body);
        let told = client.receive();
        assert_eq!(told["method"], "window/logMessage");
        let message = told["params"]["message"].as_str().unwrap();
        assert!(message.contains(why), "{message}");
    }
    client.open("a.seg", "segment a { where tru }");
    assert_eq!(client.diagnostics("a.seg").len(), 1);
}

#[test]
fn shutdown_and_exit_may_come_together() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let server =
        Command::new(env!("CARGO_BIN_EXE_segc")).arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut server = server.unwrap();
    let mut input = server.stdin.take().unwrap();
    for message in [
        r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#,
        // Some clients ask before they say that they are ready.
        r#"{"jsonrpc":"2.0","id":7,"method":"workspace/symbol","params":{"query":""}}"#,
        r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#,
        r#"{"jsonrpc":"2.0","id":2,"method":"shutdown"}"#,
        r#"{"jsonrpc":"2.0","method":"exit"}"#,
    ] {
        write!(input, "Content-Length: {}\r\n\r\n{message}", message.len()).unwrap();
    }
    let output = server.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains(r#"{"jsonrpc":"2.0","id":7,"result":[]}"#), "{said}");
    assert!(said.ends_with(r#"{"jsonrpc":"2.0","id":2,"result":null}"#), "{said}");
}
