//! The manifest of a store: which files are its present version. Invariant: it is replaced as a whole, after all that it
//! names is on the disk; whoever reads it sees one version.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::crash;
use super::fault::Fault;
use super::part::Written;

/// The name of the manifest in the store's folder.
pub const MANIFEST: &str = "manifest.json";
/// The folder of the parts.
pub const PARTS: &str = "parts";
/// The name of the folder of runs, in the folder of the parts so that a new writer clears it away.
pub(super) const RUNS: &str = "runs";
const LOCK: &str = "lock";
/// Grows when older readers could not read what is written.
const FORMAT: u32 = 1;

/// What a store is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`]
    pub format: u32,
    /// The version of the tool that wrote it.
    pub tool: String,
    /// The fingerprint of the schema, in hexadecimal digits.
    pub schema: String,
    /// Whether events have ids.
    pub event_ids: bool,
    /// Whether the profiles are those that events name.
    pub from_events: bool,
    /// How ids of profiles are made, where it is known: `course|number` of two columns, nothing for those of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<String>,
    /// How many times something was ingested.
    pub batches: u64,
    /// The number of the next file.
    pub next: u64,
    /// The parts, older ones first.
    pub parts: Vec<PartEntry>,
    /// The related classes: one part each, named like the class.
    pub classes: Vec<(String, PartEntry)>,
}

/// A file of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartEntry {
    /// Its name in the folder of the parts.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// BLAKE3 of its directory, in hexadecimal digits.
    pub blake3: String,
    /// Profiles with a record; objects of a class.
    pub profiles: u64,
    /// Their events.
    pub events: u64,
    /// Profiles that have no record yet, and their events.
    pub waiting: (u64, u64),
    /// The batch that wrote it.
    pub batch: u64,
    /// The profiles of it that a later part has.
    pub superseded: Option<Superseded>,
}

/// Profiles of a part that a later part has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Superseded {
    /// The file of the bits.
    pub file: String,
    /// BLAKE3 of the file.
    pub blake3: String,
    /// How many profiles with a record.
    pub profiles: u64,
    /// Their events.
    pub events: u64,
    /// The same of profiles without a record.
    pub waiting: (u64, u64),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    manifest: Manifest,
    blake3: String,
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A hash from its digits.
pub(super) fn hash_of(digits: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    for (i, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok()?;
    }
    Some(hash)
}

impl PartEntry {
    /// A part that has been written; of no batch yet.
    pub(super) fn new(file: String, written: &Written) -> PartEntry {
        PartEntry {
            file,
            bytes: written.bytes,
            blake3: hex(&written.hash),
            profiles: written.profiles,
            events: written.events,
            waiting: written.waiting,
            batch: 0,
            superseded: None,
        }
    }

    /// Whether it has a profile that no later part has.
    pub(super) fn is_alive(&self) -> bool {
        let gone = self.superseded.as_ref();
        let left = |all: u64, gone: Option<u64>| all > gone.unwrap_or(0);
        left(self.profiles, gone.map(|g| g.profiles)) || left(self.waiting.0, gone.map(|g| g.waiting.0))
    }
}

fn seal(manifest: &Manifest) -> Option<String> {
    Some(hex(&crate::schema::digest(&serde_json::to_vec(manifest).ok()?)))
}

impl Manifest {
    /// The manifest of a store without anything.
    pub(super) fn new(schema: &[u8; 32], event_ids: bool, from_events: bool) -> Manifest {
        Manifest {
            format: FORMAT,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            schema: hex(schema),
            event_ids,
            from_events,
            ids: None,
            batches: 0,
            next: 1,
            parts: Vec::new(),
            classes: Vec::new(),
        }
    }

    /// Reads the manifest of a folder.
    pub fn read(folder: &Path) -> Result<Manifest, Fault> {
        let path = folder.join(MANIFEST);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Fault::Missing(folder.display().to_string()));
            }
            Err(error) => return Err(Fault::io("read", &path, &error)),
        };
        let value: serde_json::Value =
            serde_json::from_slice(&text).map_err(|e| Fault::broken(&path, format!("it is not JSON: {e}")))?;
        let format = value.pointer("/manifest/format").and_then(serde_json::Value::as_u64);
        if let Some(format) = format.filter(|&format| format != u64::from(FORMAT)) {
            return Err(Fault::Version(path.display().to_string(), format.min(u64::from(u32::MAX)) as u32));
        }
        let sealed: Sealed = serde_json::from_value(value).map_err(|e| Fault::broken(&path, e.to_string()))?;
        if seal(&sealed.manifest).as_ref() != Some(&sealed.blake3) {
            return Err(Fault::broken(&path, "its hash does not hold"));
        }
        let named = sealed.manifest.files();
        if named.iter().any(|name| name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.')) {
            return Err(Fault::broken(&path, "it names a file that is not one of the store"));
        }
        Ok(sealed.manifest)
    }

    /// Makes this the present version: on the disk when it returns.
    pub(super) fn commit(&self, folder: &Path) -> Result<(), Fault> {
        let path = folder.join(MANIFEST);
        let beside = folder.join(format!("{MANIFEST}.new"));
        let blake3 = seal(self).unwrap_or_default();
        let text = serde_json::to_vec_pretty(&Sealed { manifest: self.clone(), blake3 }).unwrap_or_default();
        crash::point("sync parts folder");
        sync_folder(&folder.join(PARTS))?;
        crash::point("write manifest");
        let mut file = File::create(&beside).map_err(|e| Fault::io("write", &beside, &e))?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(|e| Fault::io("write", &beside, &e))?;
        crash::point("rename manifest");
        fs::rename(&beside, &path).map_err(|e| Fault::io("replace", &path, &e))?;
        crash::point("sync folder");
        sync_folder(folder)
    }

    /// Profiles with a record, and their events.
    pub fn totals(&self) -> (u64, u64) {
        self.parts.iter().fold((0, 0), |(profiles, events), entry| {
            let gone = entry.superseded.as_ref().map_or((0, 0), |gone| (gone.profiles, gone.events));
            (profiles + entry.profiles.saturating_sub(gone.0), events + entry.events.saturating_sub(gone.1))
        })
    }

    /// The files that it names.
    fn files(&self) -> Vec<&str> {
        let entries = self.parts.iter().chain(self.classes.iter().map(|(_, entry)| entry));
        entries
            .flat_map(|e| [Some(e.file.as_str()), e.superseded.as_ref().map(|s| s.file.as_str())])
            .flatten()
            .collect()
    }

    /// Removes what an earlier version, or a writer that did not come to its end, left behind.
    pub(super) fn clean(&self, folder: &Path) -> Result<(), Fault> {
        clean(folder, &self.files())
    }

    /// What lies among the parts of a folder and is not named: a batch that is being written, or what is left of one.
    pub fn leftovers(&self, folder: &Path) -> Result<Vec<PathBuf>, Fault> {
        unnamed(folder, &self.files())
    }
}

/// Removes all files but those that are named from the parts of a folder.
pub(super) fn clean(folder: &Path, named: &[&str]) -> Result<(), Fault> {
    for path in unnamed(folder, named)? {
        crash::point("remove old file");
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(|e| Fault::io("remove", &path, &e))?;
    }
    Ok(())
}

/// Files of a store's making that are not named. What else lies there is somebody else's.
fn unnamed(folder: &Path, named: &[&str]) -> Result<Vec<PathBuf>, Fault> {
    let parts = folder.join(PARTS);
    let entries = fs::read_dir(&parts).map_err(|e| Fault::io("list", &parts, &e))?;
    let is_left = |name: &str| !named.contains(&name) && (name == RUNS || number_of(name).is_some());
    let left = entries.flatten().filter(|entry| entry.file_name().to_str().is_some_and(is_left));
    Ok(left.map(|entry| entry.path()).collect())
}

/// The number in the name of a file among the parts.
pub(super) fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".part").or_else(|| name.strip_suffix(".gone"))?;
    (digits.len() >= 8).then(|| digits.parse().ok())?
}

fn sync_folder(folder: &Path) -> Result<(), Fault> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| Fault::io("sync", folder, &e))
}

/// The right to write to a store, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Refuses a folder that has anything in it that no store has, and is none: a writer removes files in it.
pub(super) fn own(folder: &Path) -> Result<(), Fault> {
    if Manifest::read(folder).is_ok() {
        return Ok(());
    }
    let names = [LOCK, MANIFEST, &format!("{MANIFEST}.new"), PARTS];
    let mut entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let foreign = |entry: &fs::DirEntry| names.iter().all(|name| entry.file_name() != *name);
    match entries.find(foreign) {
        Some(entry) => Err(Fault::Foreign(folder.display().to_string(), entry.file_name().display().to_string())),
        None => Ok(()),
    }
}

/// Takes the right to write; makes the folder.
pub(super) fn lock(folder: &Path) -> Result<Lock, Fault> {
    let parts: PathBuf = folder.join(PARTS);
    fs::create_dir_all(&parts).map_err(|e| Fault::io("make", &parts, &e))?;
    let path = folder.join(LOCK);
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|e| Fault::io("open", &path, &e))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { _file: file }),
        Err(fs::TryLockError::WouldBlock) => Err(Fault::Locked(folder.display().to_string())),
        Err(fs::TryLockError::Error(error)) => Err(Fault::io("lock", &path, &error)),
    }
}
