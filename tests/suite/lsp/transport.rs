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
