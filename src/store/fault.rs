//! Why a store cannot be read or written. Invariant: whatever is in a store's files, reading it ends with a value or with
//! one of these, never with a panic.

use std::fmt;
use std::io;
use std::path::Path;

/// What helps where a store does not fit the project.
pub(super) const AGAIN: &str = "ingest the data again with `segc ingest --replace`";

/// What is wrong with a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The system refused: what was done, and why.
    Io(String, String),
    /// There is no store in the folder.
    Missing(String),
    /// The bytes are not what was written: file, and what does not hold.
    Broken(String, String),
    /// Another version of this tool wrote it: the file, and its version.
    Version(String, u32),
    /// It is a store, but not for this project: what differs.
    Stale(String),
    /// The folder is none of a store, and has something in it: the folder, and one name.
    Foreign(String, String),
    /// Another process writes to it.
    Locked(String),
}

impl Fault {
    pub(super) fn io(what: &str, path: &Path, error: &io::Error) -> Fault {
        Fault::Io(format!("{what} {}", path.display()), error.to_string())
    }

    pub(super) fn broken(path: &Path, what: impl Into<String>) -> Fault {
        Fault::Broken(path.display().to_string(), what.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Io(what, why) => write!(f, "cannot {what}: {why}"),
            Fault::Missing(path) => write!(f, "there is no store in `{path}`; `segc ingest` makes one"),
            Fault::Broken(path, what) => write!(f, "the store file `{path}` is damaged: {what}"),
            Fault::Version(path, version) => write!(
                f,
                "the store file `{path}` is of another version of segc, of format {version}, which this one does not read; {AGAIN}"
            ),
            Fault::Stale(what) => write!(f, "the store does not fit the project: {what}"),
            Fault::Foreign(path, name) => {
                write!(
                    f,
                    "`{path}` is no store, and has other files in it (`{name}`); name a new folder, or an empty one"
                )
            }
            Fault::Locked(path) => write!(f, "another process writes to the store `{path}`"),
        }
    }
}

impl std::error::Error for Fault {}
