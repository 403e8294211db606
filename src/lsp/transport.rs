//! Messages over standard input and output, each in a frame with a header as the protocol has it. Imports nothing of the
//! crate. Invariant: a frame that is no message is passed over and told to the client; only a header that cannot be read,
//! or the end of the input, ends the reading.

use std::io::{self, BufRead, Read, Write};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, unbounded};
use lsp_server::{Connection, Message, Notification};
use serde_json::json;

/// The largest message that is read, in bytes: many times the largest source file, with its escapes.
const MESSAGE_BYTES: u64 = 64 << 20;
/// The longest line of a header, in bytes.
const HEADER_BYTES: u64 = 4096;

/// The threads that read and write.
pub(super) struct Threads {
    reader: JoinHandle<io::Result<()>>,
    writer: JoinHandle<io::Result<()>>,
}

impl Threads {
    /// Waits until everything is written; the error is that of reading or writing.
    pub(super) fn join(self) -> io::Result<()> {
        for thread in [self.reader, self.writer] {
            thread.join().map_err(|_| io::Error::other("a thread of the server broke off"))??;
        }
        Ok(())
    }
}

/// A connection over standard input and output.
pub(super) fn stdio() -> io::Result<(Connection, Threads)> {
    let (sender, to_write) = unbounded();
    let (read, receiver) = unbounded();
    let answers = sender.clone();
    let reader = std::thread::Builder::new().spawn(move || forward(&mut io::stdin().lock(), &read, &answers))?;
    let writer = std::thread::Builder::new().spawn(move || write(&mut io::stdout().lock(), &to_write))?;
    Ok((Connection { sender, receiver }, Threads { reader, writer }))
}

/// Hands over every message of `input` until `exit`; of what is none, the client is told.
fn forward(input: &mut impl BufRead, read: &Sender<Message>, answers: &Sender<Message>) -> io::Result<()> {
    while let Some(frame) = frame(input)? {
        match frame {
            Ok(message) => {
                let ends = matches!(&message, Message::Notification(note) if note.method == "exit");
                if read.send(message).is_err() || ends {
                    break;
                }
            }
            Err(why) => {
                let params = json!({ "type": 1, "message": format!("segc: a message was passed over: {why}") });
                let note = Notification { method: "window/logMessage".into(), params };
                let _ = answers.send(Message::Notification(note));
            }
        }
    }
    Ok(())
}

fn write(output: &mut impl Write, messages: &Receiver<Message>) -> io::Result<()> {
    messages.iter().try_for_each(|message| message.write(output))
}

/// The next frame: a message, or why it is none; nothing at the end of the input.
fn frame(input: &mut impl BufRead) -> io::Result<Option<Result<Message, String>>> {
    let Some(length) = length(input)? else { return Ok(None) };
    let mut body = Vec::new();
    let mut rest = input.take(length);
    if length > MESSAGE_BYTES {
        io::copy(&mut rest, &mut io::sink())?;
        return Ok(Some(Err(format!("it has {length} bytes, more than {MESSAGE_BYTES}"))));
    }
    // The buffer grows with what arrives, not with what the header promises.
    rest.read_to_end(&mut body)?;
    if (body.len() as u64) < length {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(&body).map_err(|error| error.to_string())))
}

/// The length that a header gives; nothing at the end of the input.
fn length(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.take(HEADER_BYTES).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let Some(field) = line.strip_suffix('\n') else {
            return Err(invalid("a line of a header does not end"));
        };
        let field = field.trim_end();
        if field.is_empty() {
            return length.map(Some).ok_or_else(|| invalid("a header without `Content-Length`"));
        }
        let (name, value) = field.split_once(':').ok_or_else(|| invalid("a line of a header without `:`"))?;
        if name.eq_ignore_ascii_case("Content-Length") {
            length = Some(value.trim().parse().map_err(|_| invalid("`Content-Length` is no number"))?);
        }
    }
}
