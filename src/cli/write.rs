//! Files written whole: a crash leaves the old content or the new one.

use std::io::Write;
use std::path::Path;

use super::Failure;
use crate::data::output::{Staged, replace_file};

/// Writes beside the file, then renames. A link stays a link: what it points at is replaced.
pub(super) fn replace(path: &str, bytes: &[u8]) -> Result<(), Failure> {
    replace_file(Path::new(path), true, |file| file.write_all(bytes)).map_err(|error| Failure::io(path, &error))
}

/// Writes several files: none is in its place before all are written.
pub(super) fn replace_all(files: &[(String, &[u8])]) -> Result<(), Failure> {
    let stage = |(path, bytes): &(String, &[u8])| {
        let staged = Staged::new(Path::new(path), |file| file.write_all(bytes));
        staged.map(|staged| (path.clone(), staged)).map_err(|error| Failure::io(path, &error))
    };
    let staged: Vec<(String, Staged)> = files.iter().map(stage).collect::<Result<_, _>>()?;
    staged.into_iter().try_for_each(|(path, staged)| staged.commit(true).map_err(|error| Failure::io(&path, &error)))
}
