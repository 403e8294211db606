//! `segc check --watch`: looks at the times of the files a few times a second, and checks again when one has changed.
//! Ends with the process. Invariant: every file that a check asked for is watched, whether it was there or not.

use std::io::{self, IsTerminal};
use std::time::{Duration, SystemTime};

use super::asked::Asked;
use super::{CheckArgs, look, tell};
use crate::cli::{CommandResult, Failure, Global, print, say};
use crate::pipeline::Overlay;

/// Between two looks at the times.
const PAUSE: Duration = Duration::from_millis(250);

pub(super) fn run(args: &CheckArgs, global: &Global) -> CommandResult {
    if args.project.paths.iter().any(|path| path == "-") {
        return Err(Failure::new("standard input cannot be watched"));
    }
    loop {
        let (started, asked) = (SystemTime::now(), Asked::default());
        let looked = look(args, &Overlay::new(&asked), &asked);
        // The times are those of what was looked at: whoever reads that it is watched may change a file at once.
        let before = asked.times();
        if io::stderr().is_terminal() {
            print("\u{1b}[2J\u{1b}[H")?;
        }
        match looked {
            Ok((workspace, compiled)) => tell(args, global, &workspace, &compiled)?,
            // A file that vanished may come back.
            Err(Failure(message)) => say(&format!("error: {message}")),
        }
        say("watching for changes; Ctrl+C ends");
        let changed_meanwhile = before.values().flatten().any(|(changed, _)| *changed >= started);
        while !changed_meanwhile && asked.times() == before {
            std::thread::sleep(PAUSE);
        }
    }
}
