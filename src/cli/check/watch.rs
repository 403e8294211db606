//! `segc check --watch`: looks at the times of the files a few times a second, and checks again when one has changed.
//! Ends with the process.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::time::{Duration, SystemTime};

use super::{CheckArgs, look, tell};
use crate::cli::disk::Disk;
use crate::cli::{CommandResult, Failure, Global, print, say};
use crate::pipeline::{Files, Overlay, Workspace};

/// Between two looks at the times.
const PAUSE: Duration = Duration::from_millis(250);

pub(super) fn run(args: &CheckArgs, global: &Global) -> CommandResult {
    if args.project.paths.iter().any(|path| path == "-") {
        return Err(Failure::new("standard input cannot be watched"));
    }
    loop {
        let started = SystemTime::now();
        let looked = look(args, &Overlay::new(&Disk));
        if io::stderr().is_terminal() {
            print("\u{1b}[2J\u{1b}[H")?;
        }
        // The times are those of what was looked at: whoever reads that it is watched may change a file at once.
        let before = times(looked.as_ref().ok().map(|(workspace, _)| workspace));
        let watched = match looked {
            Ok((workspace, compiled)) => {
                tell(args, global, &workspace, &compiled)?;
                say("watching for changes; Ctrl+C ends");
                Some(workspace)
            }
            // A file that vanished may come back.
            Err(Failure(message)) => {
                say(&format!("error: {message}"));
                None
            }
        };
        if before.values().flatten().any(|(changed, _)| *changed >= started) {
            continue;
        }
        while times(watched.as_ref()) == before {
            std::thread::sleep(PAUSE);
        }
    }
}

/// When each file of the project was last changed: those that were read, and all `.seg` files of the folder.
fn times(workspace: Option<&Workspace>) -> BTreeMap<String, Option<(SystemTime, u64)>> {
    let root = workspace.map_or(".", |workspace| if workspace.root.is_empty() { "." } else { &workspace.root });
    let mut paths = Disk.list(root).unwrap_or_default();
    paths.retain(|path| path.ends_with(".seg") || path.ends_with(".toml"));
    paths.extend(workspace.iter().flat_map(|workspace| workspace.sources.iter().map(|(_, file)| file.path.clone())));
    let time = |path: &String| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    paths.into_iter().map(|path| (path.clone(), time(&path))).collect()
}
