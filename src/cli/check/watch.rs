//! `segc check --watch`: looks at the times of the files a few times a second, and checks again when one has changed.
//! Ends with the process. Invariant: every file that a check asked for is watched, whether it was there or not.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::{CheckArgs, look, tell};
use crate::cli::disk::Disk;
use crate::cli::{CommandResult, Failure, Global, print, say};
use crate::pipeline::{Files, Overlay};

/// Between two looks at the times.
const PAUSE: Duration = Duration::from_millis(250);

/// What a project is made of, by the ends of names.
const WATCHED: [&str; 3] = [".seg", ".toml", ".json"];

pub(super) fn run(args: &CheckArgs, global: &Global) -> CommandResult {
    if args.project.paths.iter().any(|path| path == "-") {
        return Err(Failure::new("standard input cannot be watched"));
    }
    loop {
        let (started, asked) = (SystemTime::now(), Asked::default());
        let looked = look(args, &Overlay::new(&asked));
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

/// The files of the disk, with what was asked for.
#[derive(Default)]
struct Asked {
    files: Mutex<BTreeSet<String>>,
    folders: Mutex<BTreeSet<String>>,
}

impl Asked {
    fn note(set: &Mutex<BTreeSet<String>>, path: &str) {
        set.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
    }

    /// When each file was last changed, and how long it is; those too that have come into a folder since.
    fn times(&self) -> BTreeMap<String, Option<(SystemTime, u64)>> {
        let folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let listed = folders.iter().flat_map(|folder| Disk.list(folder).unwrap_or_default());
        let listed = listed.filter(|path| WATCHED.iter().any(|end| path.ends_with(end)));
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let time = |path: &String| {
            let metadata = std::fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        };
        files.iter().cloned().chain(listed).map(|path| (path.clone(), time(&path))).collect()
    }
}

impl Files for Asked {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        Asked::note(&self.files, path);
        Disk.read(path)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        Asked::note(&self.folders, folder);
        Disk.list(folder)
    }

    fn is_folder(&self, path: &str) -> bool {
        Disk.is_folder(path)
    }
}
