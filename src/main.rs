//! The `segc` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    segc::cli::main()
}
