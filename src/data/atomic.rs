//! Files written atomically. Invariants: a file under its final name is always whole: it is written in a hidden folder
//! beside its place, synced, and moved there; an existing one is replaced only when asked; of several, none is in its place
//! before all are written. What a killed writer left beside a file is removed by the next one.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rayon::prelude::*;
use tempfile::{TempDir, TempPath};

/// Writes a file beside its place and moves it there when it is whole. A link stays a link: what it points at is
/// replaced. A replaced file keeps its permissions. A device or a pipe is written to as it is.
pub fn replace_file(path: &Path, replace: bool, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    if is_special(path) {
        return File::options().write(true).open(path).and_then(|mut file| write(&mut file));
    }
    let target = target_of(path)?;
    let staging = Staging::new(folder_of(&target))?;
    staging.write(&target, write)?.commit(replace)?;
    sync_folder(folder_of(&target))
}

/// Writes several files as [`replace_file`] does. What fails is told with its path.
pub fn replace_files<'f>(files: &[(&'f str, &[u8])]) -> Result<(), (&'f str, io::Error)> {
    let mut stagings: BTreeMap<PathBuf, Staging> = BTreeMap::new();
    let mut targets = Vec::with_capacity(files.len());
    for (path, bytes) in files {
        let failed = |error| (*path, error);
        let target = target_of(Path::new(path)).map_err(failed)?;
        let folder = folder_of(&target);
        if !stagings.contains_key(folder) {
            stagings.insert(folder.to_owned(), Staging::new(folder).map_err(failed)?);
        }
        targets.push((*path, *bytes, target));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(WRITERS.min(files.len())).build();
    let pool = pool.map_err(|error| (files.first().map_or("", |(path, _)| path), io::Error::other(error)))?;
    let staged = |(path, bytes, target): &(&'f str, &[u8], PathBuf)| {
        let staging = stagings.get(folder_of(target)).ok_or_else(|| io::ErrorKind::NotFound.into());
        let written = staging.and_then(|staging| staging.write(target, |file| file.write_all(bytes)));
        written.map(|staged| (*path, staged)).map_err(|error| (*path, error))
    };
    let all: Vec<(&str, Staged)> = pool.install(|| targets.par_iter().map(staged).collect::<Result<_, _>>())?;
    all.into_iter().try_for_each(|(path, staged)| staged.commit(true).map_err(|error| (path, error)))?;
    let last = files.last().map_or("", |(path, _)| path);
    stagings.keys().try_for_each(|folder| sync_folder(folder)).map_err(|error| (last, error))
}

/// Files that are written at once. A disk syncs several in the time of one, and each writer waits for it most of the time.
const WRITERS: usize = 8;

/// Whether there is something at a path that is neither a file nor a folder.
pub(super) fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// The file that a path means. One that may not be written to is refused: replacing it would need rights to its folder
/// alone.
fn target_of(path: &Path) -> io::Result<PathBuf> {
    let Ok(target) = std::fs::canonicalize(path) else { return Ok(path.to_owned()) };
    let metadata = std::fs::metadata(&target)?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if metadata.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
    }
    File::options().append(true).open(&target).map(|_| target)
}

fn folder_of(target: &Path) -> &Path {
    target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where files are written that are to be moved to a folder: a folder in it, gone when this is dropped.
struct Staging {
    /// Locked while this lives, see [`sweep`]. Closed before the folder is removed.
    _lock: File,
    folder: TempDir,
}

impl Staging {
    fn new(beside: &Path) -> io::Result<Staging> {
        sweep(beside);
        let folder = tempfile::Builder::new().prefix(".").suffix(SUFFIX).tempdir_in(beside)?;
        let lock = File::create(folder.path().join(LOCK))?;
        // Where there are no locks nothing is swept either.
        let _ = lock.lock();
        Ok(Staging { _lock: lock, folder })
    }

    /// Writes a file that is for a place in the folder, and syncs it.
    fn write(&self, target: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<Staged> {
        let mut temporary = tempfile::Builder::new().tempfile_in(&self.folder)?;
        write(temporary.as_file_mut())?;
        temporary.as_file_mut().flush()?;
        match std::fs::metadata(target) {
            Ok(metadata) => temporary.as_file().set_permissions(metadata.permissions())?,
            Err(_) => make_readable(temporary.as_file())?,
        }
        temporary.as_file().sync_all()?;
        // Closed: there may be more files than a process may have open.
        Ok(Staged { temporary: temporary.into_temp_path(), target: target.to_owned() })
    }
}

/// A file that is whole but not in its place yet; gone if it is dropped.
struct Staged {
    temporary: TempPath,
    target: PathBuf,
}

impl Staged {
    /// Moves the file to its place.
    fn commit(self, replace: bool) -> io::Result<()> {
        match replace {
            true => self.temporary.persist(&self.target),
            false => self.temporary.persist_noclobber(&self.target),
        }
        .map_err(|failed| failed.error)
    }
}

/// Syncs the names in a folder: new ones must survive a crash. A folder that cannot be opened for it (on some systems) is no
/// fault.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder).map_or(Ok(()), |folder| folder.sync_all())
}

/// What the names of folders of temporary files end with.
const SUFFIX: &str = ".segc-tmp";

/// The file in a folder of temporary files that its writer holds a lock on.
const LOCK: &str = "lock";

/// Removes what writers left in a folder when they were killed: those that live hold a lock.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if !name.to_str().is_some_and(|name| name.starts_with('.') && name.ends_with(SUFFIX)) {
            continue;
        }
        // One that was made a moment ago may not be locked yet; a link is none of ours.
        let age =
            entry.metadata().ok().filter(|metadata| metadata.is_dir()).and_then(|metadata| metadata.modified().ok());
        let old = age.and_then(|made| made.elapsed().ok()).is_some_and(|age| age > MOMENT);
        let is_free = |path: &Path| match File::open(path) {
            Ok(lock) => lock.try_lock().is_ok(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        if old && is_free(&entry.path().join(LOCK)) {
            // Nobody owns it; if it cannot be removed it stays.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Longer than it takes to lock a folder that was made.
const MOMENT: Duration = Duration::from_secs(10);

/// Temporary files are private; a new file of the user's is as readable as any.
#[cfg(unix)]
fn make_readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &File) -> io::Result<()> {
    Ok(())
}
