//! Reading from the disk.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::limits;
use crate::pipeline::Files;

/// How deep folders are listed.
const MAX_DEPTH: usize = 32;

/// The most that is read of one file: what is larger is beyond every limit of a source, a schema or a project file.
const MAX_BYTES: usize = limits::SCHEMA_FILE_BYTES;

/// The file system, seen from the current folder. `-` is standard input.
pub(super) struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        if path == "-" {
            return bounded(io::stdin().lock());
        }
        if Path::new(path).is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        bounded(fs::File::open(path)?)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        list(Path::new(folder), 0, &mut found)?;
        found.sort();
        Ok(found)
    }

    fn is_folder(&self, path: &str) -> bool {
        Path::new(path).is_dir()
    }
}

/// All bytes of a reader that ends within the limit; devices may never end.
fn bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// Hidden folders, and those that hold what was built, are not looked into. What is no file (a pipe, a device, or a link
/// to one) is left out, since reading it may never end; a link that leads nowhere is listed, and told when it is read.
fn list(folder: &Path, depth: usize, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            if depth < MAX_DEPTH && !name.starts_with('.') && name != "target" && name != "node_modules" {
                list(&entry.path(), depth + 1, found)?;
            }
        } else if fs::metadata(entry.path()).map_or(true, |target| target.is_file()) {
            // A name that is not UTF-8 is listed too: it cannot be read by the name shown here, and that is told.
            found.push(entry.path().to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}
