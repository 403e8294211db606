//! `segc fmt`

use clap::Args;

use super::disk::Disk;
use super::{CommandResult, Failure, Global, Outcome, diff, print, report, say, write};
use crate::diagnostics::words::counted;
use crate::fmt::format;
use crate::pipeline::{Files, io_reason, normalize};
use crate::source::Sources;

/// Lay out `.seg` files in the one standard way. Comments stay where they are.
#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0 if all files are formatted, 1 with --check or --diff if one is not, or if one \
                        has syntax errors, 2 for files that cannot be read or written.")]
pub(super) struct FmtArgs {
    /// Files or folders; `-` reads standard input and writes standard output
    #[arg(default_value = ".")]
    paths: Vec<String>,
    /// Change nothing; name the files that are not formatted
    #[arg(long)]
    check: bool,
    /// Change nothing; print what would change
    #[arg(long)]
    diff: bool,
}

pub(super) fn run(args: &FmtArgs, global: &Global) -> CommandResult {
    let mut found = false;
    let (mut changed, mut unreadable) = (0, 0);
    let paths = files(&args.paths)?;
    for path in &paths {
        let shown = if path == "-" { "<stdin>" } else { path };
        // One file that cannot be read does not keep the others from being formatted.
        let text = match Disk.read(path).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => {
                say(&format!("error: {shown}: it is not UTF-8 text"));
                unreadable += 1;
                continue;
            }
            Err(error) => {
                say(&format!("error: {shown}: {}", io_reason(&error)));
                unreadable += 1;
                continue;
            }
        };
        let mut sources = Sources::default();
        let id = sources.add(shown, text.as_str());
        let formatted = format(id, &text);
        if !formatted.is_ok() {
            report(&formatted.diagnostics, &sources, global);
            found = true;
            if path == "-" && !args.check && !args.diff {
                print(&text)?;
            }
            continue;
        }
        let differs = formatted.text != text;
        changed += usize::from(differs);
        if args.diff && differs {
            print(&diff(shown, &text, &formatted.text))?;
        }
        if args.check || args.diff {
            found |= differs;
            if args.check && differs {
                say(&format!("{shown}: not formatted"));
            }
        } else if path == "-" {
            print(&formatted.text)?;
        } else if differs {
            write::replace(path, formatted.text.as_bytes())?;
        }
    }
    if paths.first().is_none_or(|path| path != "-") {
        let verb = if args.check || args.diff { "to format" } else { "formatted" };
        say(&format!("{changed} of {} {verb}", counted(paths.len() as u64, "file")));
    }
    if unreadable > 0 {
        return Err(Failure::new(format!("{unreadable} of {} cannot be read", counted(paths.len() as u64, "file"))));
    }
    Ok(if found { Outcome::Findings } else { Outcome::Clean })
}

/// The `.seg` files among and below the paths.
fn files(paths: &[String]) -> Result<Vec<String>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path != "-" && Disk.is_folder(path) {
            let listed = Disk.list(path).map_err(|error| Failure::io(path, &error))?;
            files.extend(listed.iter().filter(|path| path.ends_with(".seg")).map(|path| normalize(path)));
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}
