//! Files written whole: a crash leaves the old content or the new one.

use std::io::Write;
use std::path::Path;

use super::Failure;
use crate::data::atomic::{replace_file, replace_files};
use crate::pipeline::Workspace;

/// Writes beside the file, then renames. A link stays a link: what it points at is replaced.
pub(super) fn replace(path: &str, bytes: &[u8]) -> Result<(), Failure> {
    replace_file(Path::new(path), true, |file| file.write_all(bytes)).map_err(|error| Failure::io(path, &error))
}

/// Writes several files: none is in its place before all are written.
pub(super) fn replace_all(files: &[(&str, &[u8])]) -> Result<(), Failure> {
    replace_files(files).map_err(|(path, error)| Failure::io(path, &error))
}

/// Refuses a file to write to that is one of the `files` that were read, or of the project.
pub(super) fn is_no_input<'f>(
    output: &str,
    workspace: &Workspace,
    files: impl Iterator<Item = &'f str>,
) -> Result<(), Failure> {
    let root = Path::new(&workspace.root);
    let Ok(written) = Path::new(output).canonicalize() else { return Ok(()) };
    let mut read =
        files.map(|file| root.join(file)).chain(workspace.sources.iter().map(|(_, file)| file.path.as_str().into()));
    match read.any(|file| file.canonicalize().is_ok_and(|file| file == written)) && written.is_file() {
        true => Err(Failure::new(format!("`{output}` is an input of this run; members go to another file"))),
        false => Ok(()),
    }
}
