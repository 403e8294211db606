//! The disk, with what a check asked of it: what `--watch` watches, and what `--changed-since` compares with git's list.
//! Invariant: a file that was asked for is known, whether it was there or not.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::cli::disk::Disk;
use crate::pipeline::Files;

/// What a project is made of, by the ends of names.
const WATCHED: [&str; 3] = [".seg", ".toml", ".json"];

/// The files of the disk, with what was asked for.
#[derive(Default)]
pub(super) struct Asked {
    files: Mutex<BTreeSet<String>>,
    folders: Mutex<BTreeSet<String>>,
}

impl Asked {
    fn note(set: &Mutex<BTreeSet<String>>, path: &str) {
        set.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
    }

    /// The paths that were asked for.
    pub(super) fn paths(&self) -> Vec<String> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// When each file was last changed, and how long it is; those too that have come into a folder since.
    pub(super) fn times(&self) -> BTreeMap<String, Option<(SystemTime, u64)>> {
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
