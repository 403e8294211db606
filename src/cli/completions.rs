//! `segc completions`: what a shell needs to complete commands and options; with `man`, the manual page instead.

use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::Shell;

use super::{Cli, CommandResult, Failure, Outcome, print_bytes};

/// Print what a shell needs to complete commands and options, or the manual pages.
#[derive(Debug, Args)]
#[command(after_help = "Bash: source <(segc completions bash). Manual: segc completions man > segc.1")]
pub(super) struct CompletionsArgs {
    /// For which shell; `man` prints the manual pages
    #[arg(value_enum)]
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
    /// Manual pages in roff, of the program and each command
    Man,
}

pub(super) fn run(args: &CompletionsArgs) -> CommandResult {
    let shell = match args.kind {
        Kind::Bash => Shell::Bash,
        Kind::Elvish => Shell::Elvish,
        Kind::Fish => Shell::Fish,
        Kind::Powershell => Shell::PowerShell,
        Kind::Zsh => Shell::Zsh,
        Kind::Man => return manual(),
    };
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "segc", &mut out);
    print_bytes(&out)?;
    Ok(Outcome::Clean)
}

fn manual() -> CommandResult {
    let mut command = Cli::command();
    command.build();
    let mut out = Vec::new();
    let write = |command: clap::Command, out: &mut Vec<u8>| {
        clap_mangen::Man::new(command).render(out).map_err(|error| Failure::io("the manual", &error))
    };
    let commands: Vec<clap::Command> = command.get_subcommands().cloned().collect();
    write(command, &mut out)?;
    for command in commands {
        write(command, &mut out)?;
    }
    print_bytes(&out)?;
    Ok(Outcome::Clean)
}
