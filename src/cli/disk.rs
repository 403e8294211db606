//! Reading from the disk.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::pipeline::Files;

/// How deep folders are listed.
const MAX_DEPTH: usize = 32;

/// The file system, seen from the current folder. `-` is standard input.
pub(super) struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        if path == "-" {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes)?;
            return Ok(bytes);
        }
        if Path::new(path).is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        fs::read(path)
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

/// Hidden folders, and those that hold what was built, are not looked into.
fn list(folder: &Path, depth: usize, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if entry.file_type()?.is_dir() {
            if depth < MAX_DEPTH && !name.starts_with('.') && name != "target" && name != "node_modules" {
                list(&entry.path(), depth + 1, found)?;
            }
        } else if let Some(path) = entry.path().to_str() {
            found.push(path.replace('\\', "/"));
        }
    }
    Ok(())
}
