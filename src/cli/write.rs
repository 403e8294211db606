//! Files written whole: a crash leaves the old content or the new one.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::Failure;

/// Writes beside the file, then renames. A link stays a link: what it points at is replaced.
pub(super) fn replace(path: &str, bytes: &[u8]) -> Result<(), Failure> {
    try_replace(path, bytes).map_err(|error| Failure::io(path, &error))
}

fn try_replace(path: &str, bytes: &[u8]) -> io::Result<()> {
    let existing = fs::canonicalize(path).ok();
    let target = existing.as_deref().unwrap_or(Path::new(path));
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    if let Ok(metadata) = fs::metadata(target) {
        file.as_file().set_permissions(metadata.permissions())?;
    } else {
        make_readable(file.as_file())?;
    }
    file.as_file().sync_all()?;
    file.persist(target).map_err(|error| error.error)?;
    Ok(())
}

/// Temporary files are private; a new file of the user's is as readable as any.
#[cfg(unix)]
fn make_readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &fs::File) -> io::Result<()> {
    Ok(())
}
