//! Files written whole: a crash leaves the old content or the new one.

use std::io::Write;
use std::path::Path;

use super::Failure;
use crate::data::output::replace_file;

/// Writes beside the file, then renames. A link stays a link: what it points at is replaced.
pub(super) fn replace(path: &str, bytes: &[u8]) -> Result<(), Failure> {
    replace_file(Path::new(path), true, |file| file.write_all(bytes)).map_err(|error| Failure::io(path, &error))
}
