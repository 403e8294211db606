//! Long texts on a terminal, a page at a time. Invariant: whatever becomes of the pager, the text is shown, and what is piped
//! or short goes straight to standard output.

use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};

use super::{Failure, print};

/// What names a program that shows pages, first to last.
const VARIABLES: [&str; 2] = ["SEGC_PAGER", "PAGER"];

/// The program where none is named: it keeps colours, and ends at once if all fits.
const DEFAULT: &str = "less";
const DEFAULT_OPTIONS: &str = "FRX";

/// Lines of a terminal that does not tell.
const LINES: usize = 24;

/// Prints a text, through a pager if it is longer than the terminal.
pub(super) fn print_paged(text: &str) -> Result<(), Failure> {
    let lines = std::env::var("LINES").ok().and_then(|lines| lines.parse().ok()).unwrap_or_else(terminal_lines);
    if !io::stdout().is_terminal() || text.lines().count() < lines {
        return print(text);
    }
    let named = VARIABLES.iter().find_map(|name| std::env::var(name).ok());
    match named.as_deref().unwrap_or(DEFAULT).trim() {
        // Whoever sets it to nothing or to `cat` wants none.
        "" | "cat" => print(text),
        program => match paged(program, text) {
            true => Ok(()),
            false => print(text),
        },
    }
}

/// Whether the program showed the text. Its arguments stand behind its name, as in the variable; a shell reads none of it.
fn paged(program: &str, text: &str) -> bool {
    let mut words = program.split_whitespace();
    let Some(name) = words.next() else { return false };
    let mut command = Command::new(name);
    command.args(words).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        command.env("LESS", DEFAULT_OPTIONS);
    }
    let Ok(mut child) = command.spawn() else { return false };
    if let Some(mut input) = child.stdin.take() {
        // A reader who has seen enough closes it.
        let _ = input.write_all(text.as_bytes());
    }
    child.wait().is_ok_and(|status| status.success())
}

fn terminal_lines() -> usize {
    terminal_size::terminal_size().map_or(LINES, |(_, terminal_size::Height(lines))| usize::from(lines))
}
