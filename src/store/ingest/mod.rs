//! Writing to a store: records come in pieces, are put into runs that fit in memory, and the runs are merged into parts.
//! What a new batch says of a profile that the store has is written together with all that the store knows of it, and the
//! old row is marked; nothing else is rewritten. Names `build`, `merge` and `manifest`. Invariants: until the new manifest
//! is on the disk the old version is whole; the bytes do not depend on the number of threads; a batch that does not come
//! to its end leaves nothing, and what a killed writer left is removed by the next one, which has the lock.

mod compact;
mod plan;
mod write;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::access::Access;
use super::build::{Keep, Notes, RawInputs, RawSource, build_blocks};
use super::fault::{AGAIN, Fault};
use super::manifest::{self, Lock, Manifest, PARTS, PartEntry, RUNS, lock};
use super::merge::{Input, Merged, input, merge};
use super::open::{OpenPart, Store};
use super::part::{Directory, Kept};
use super::raw::RawRecords;
use plan::{class_directory, directory_of, inputs_of, same_columns, with_a_piece, with_types};
use write::{mark, write};

pub use compact::compact;
pub use plan::Plan;

/// Whose records a piece holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Profiles.
    Profiles,
    /// Scores, by their place in the plan.
    Scores(usize),
    /// Events.
    Events,
    /// Objects of a class, by its place in the plan.
    Class(usize),
}

/// A batch that is being written.
pub struct Ingest {
    folder: PathBuf,
    plan: Plan,
    _lock: Lock,
    /// The version that it is added to.
    before: Option<Manifest>,
    directory: Directory,
    inputs: RawInputs,
    bytes: usize,
    runs: Vec<PathBuf>,
    notes: Notes,
    next: u64,
}

/// What a batch came to.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// What was left out, and what waits.
    pub notes: Notes,
    /// Runs that were written because not all fitted in memory.
    pub runs: usize,
    /// Bytes of the files that this batch wrote.
    pub written: u64,
    /// Profiles of the store, and their events.
    pub totals: (u64, u64),
}

/// What is read may take this share of the memory: what is made of it takes about as much, and so do its orders.
const SHARE: usize = 3;

impl Ingest {
    /// Begins a batch; takes the lock of the store.
    pub fn begin(folder: &Path, plan: Plan) -> Result<Ingest, Fault> {
        manifest::own(folder)?;
        let lock = lock(folder)?;
        let present = Manifest::read(folder);
        clear(folder, &present)?;
        let next = match &present {
            Ok(manifest) => manifest.next,
            // Names that no file has, whatever is left there.
            Err(_) => free_number(&folder.join(PARTS)),
        };
        let before = match present {
            Ok(manifest) if !plan.replace => Some(manifest),
            Ok(_) | Err(Fault::Missing(_)) => None,
            // What cannot be read may be replaced.
            Err(_) if plan.replace => None,
            Err(fault) => return Err(fault),
        };
        let directory = directory_of(&plan);
        if before.is_some() {
            let store = Store::open_as(folder, Access::Read)?;
            store.fits(&plan.schema, plan.event_ids, plan.profiles.is_none(), &plan.ids)?;
            if store.parts.iter().any(|open| !same_columns(&open.part.directory, &directory)) {
                let what = "the project has other columns or scores than when it was made";
                return Err(Fault::Stale(format!("{what}; {AGAIN}")));
            }
        }
        let inputs = inputs_of(&plan);
        Ok(Ingest {
            folder: folder.to_owned(),
            plan,
            _lock: lock,
            before,
            directory,
            inputs,
            bytes: 0,
            runs: Vec::new(),
            notes: Notes::default(),
            next,
        })
    }

    fn runs_folder(&self) -> PathBuf {
        self.folder.join(PARTS).join(RUNS)
    }

    /// Takes records; writes a run when there is no more room.
    pub fn add(&mut self, of: Of, piece: RawRecords) -> Result<(), Fault> {
        let bytes = piece.bytes();
        let source = match of {
            Of::Profiles => self.inputs.profiles.as_mut(),
            Of::Scores(at) => self.inputs.scores.get_mut(at),
            Of::Events => self.inputs.events.as_mut(),
            Of::Class(at) => self.plan.classes.get(at).and_then(|(name, _)| self.inputs.classes.get_mut(name)),
        };
        if let Some(source) = source {
            source.pieces.push(piece);
        }
        // The objects of classes are few, and stay in memory.
        if !matches!(of, Of::Class(_)) {
            self.bytes += bytes;
        }
        if self.bytes > self.plan.memory / SHARE { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<(), Fault> {
        let classes = std::mem::take(&mut self.inputs.classes);
        let inputs = std::mem::replace(&mut self.inputs, inputs_of(&self.plan));
        self.inputs.classes = classes;
        self.bytes = 0;
        let folder = self.runs_folder();
        fs::create_dir_all(&folder).map_err(|e| Fault::io("make", &folder, &e))?;
        let path = folder.join(format!("{}", self.runs.len()));
        let kept = self.blocks(inputs);
        write(&path, &self.directory, kept)?;
        self.runs.push(path);
        Ok(())
    }

    fn blocks(&mut self, mut inputs: RawInputs) -> Vec<Kept> {
        let sources = inputs.profiles.iter_mut().chain(&mut inputs.events).chain(&mut inputs.scores);
        sources.for_each(with_a_piece);
        build_blocks(inputs, i64::MAX, Keep::All, &mut self.notes)
    }

    /// Writes what was given as the new version of the store, if it is accepted as it came out; `None` if not.
    pub fn finish(mut self, accept: impl FnOnce(&Notes) -> bool) -> Result<Option<Summary>, Fault> {
        let batch = self.before.as_ref().map_or(0, |before| before.batches) + 1;
        let mut manifest = self
            .before
            .clone()
            .unwrap_or_else(|| Manifest::new(&self.plan.schema, self.plan.event_ids, self.plan.profiles.is_none()));
        manifest.tool = env!("CARGO_PKG_VERSION").to_owned();
        manifest.ids = Some(self.plan.ids.clone());
        let mut entries = self.profiles(&mut manifest, batch)?;
        let runs = self.runs.len();
        let classes = std::mem::take(&mut self.inputs.classes);
        for (name, source) in classes {
            if let Some(entry) = self.class(&name, source, &manifest, batch)? {
                manifest.classes.retain(|(known, _)| **known != *name);
                manifest.classes.push((name.to_string(), entry.clone()));
                entries.push(entry);
            }
        }
        if !accept(&self.notes) {
            return Ok(None);
        }
        manifest.batches = batch;
        manifest.next = self.next;
        manifest.commit(&self.folder)?;
        manifest.clean(&self.folder)?;
        let written = entries.iter().map(|entry| entry.bytes).sum();
        Ok(Some(Summary { notes: std::mem::take(&mut self.notes), runs, written, totals: manifest.totals() }))
    }

    /// Writes the parts of the profiles; gives those that are new.
    fn profiles(&mut self, manifest: &mut Manifest, batch: u64) -> Result<Vec<PartEntry>, Fault> {
        let last = std::mem::replace(&mut self.inputs, inputs_of(&self.plan));
        self.inputs.classes = last.classes.clone();
        let last = RawInputs { classes: Default::default(), ..last };
        let fresh = manifest.parts.is_empty() && self.runs.is_empty();
        let empty = last.profiles.iter().chain(&last.events).chain(&last.scores).all(|s| s.rows() == 0);
        if empty && self.runs.is_empty() {
            return Ok(Vec::new());
        }
        let kept = self.blocks(last);
        if fresh && kept.iter().all(|kept| kept.known) {
            let (path, name) = self.new_name();
            let mut entry = PartEntry::new(name, &write(&path, &self.directory, kept)?);
            entry.batch = batch;
            manifest.parts.push(entry.clone());
            return Ok(vec![entry]);
        }
        let folder = self.runs_folder();
        fs::create_dir_all(&folder).map_err(|e| Fault::io("make", &folder, &e))?;
        let path = folder.join(format!("{}", self.runs.len()));
        write(&path, &self.directory, kept)?;
        self.runs.push(path);
        self.merge_runs(manifest, batch)
    }

    fn merge_runs(&mut self, manifest: &mut Manifest, batch: u64) -> Result<Vec<PartEntry>, Fault> {
        let mut inputs: Vec<Input> = Vec::new();
        if !manifest.parts.is_empty() {
            let store = Store::open_as(&self.folder, Access::Read)?;
            for (open, entry) in store.parts.into_iter().zip(&manifest.parts) {
                inputs.push(old(open, entry.batch, false));
            }
        }
        let old = inputs.len();
        for run in &self.runs {
            inputs.push(input(run, batch)?);
        }
        let directory = with_types(&self.directory, &inputs);
        let mut next = self.next;
        let folder = self.folder.join(PARTS);
        let merged = merge(&inputs, &directory, self.plan.memory, &mut || numbered(&folder, &mut next))?;
        self.next = next;
        self.supersede(manifest, &inputs[..old], &merged)?;
        let Merged { mut parts, duplicates, repeated, waiting, .. } = merged;
        self.notes.duplicate_profiles.append(duplicates);
        self.notes.repeated_events.append(repeated);
        // What waits is known only now; the places of the first ones are known if all was one run.
        if old > 0 || self.runs.len() > 1 {
            self.notes.unknown_profiles = waiting;
        } else {
            self.notes.unknown_profiles.count = waiting.count;
        }
        parts.iter_mut().for_each(|entry| entry.batch = batch);
        manifest.parts.extend(parts.iter().cloned());
        manifest.parts.retain(|entry| entry.is_alive());
        Ok(parts)
    }

    /// Marks the rows of old parts that a new part has.
    fn supersede(&mut self, manifest: &mut Manifest, old: &[Input], merged: &Merged) -> Result<(), Fault> {
        for (number, input) in old.iter().enumerate() {
            let taken: Vec<(u32, u32)> =
                merged.taken.iter().filter(|t| t.0 as usize == number).map(|t| (t.1, t.2)).collect();
            if taken.is_empty() {
                continue;
            }
            let (path, name) = self.new_name();
            let path = path.with_extension("gone");
            let superseded = mark(&path, format!("{}.gone", name.trim_end_matches(".part")), input, &taken)?;
            manifest.parts[number].superseded = Some(superseded);
        }
        Ok(())
    }

    fn class(
        &mut self,
        name: &Arc<str>,
        mut source: RawSource,
        manifest: &Manifest,
        batch: u64,
    ) -> Result<Option<PartEntry>, Fault> {
        if source.rows() == 0 {
            return Ok(None);
        }
        with_a_piece(&mut source);
        let directory = class_directory(name, &source.specs);
        let mut notes = Notes::default();
        let inputs = RawInputs { profiles: Some(source), ..RawInputs::default() };
        let kept = build_blocks(inputs, i64::MAX, Keep::Known, &mut notes);
        self.notes.duplicate_objects.insert(name.clone(), notes.duplicate_profiles);
        let (path, file) = self.new_name();
        let written = write(&path, &directory, kept)?;
        let mut entry = PartEntry::new(file, &written);
        if let Some((_, before)) = manifest.classes.iter().find(|(known, _)| **known == **name) {
            let old = input(&self.folder.join(PARTS).join(&before.file), before.batch)?;
            if !same_columns(&old.part.directory, &directory) {
                return Err(Fault::Stale(format!("the class `{name}` has other columns than when it was made")));
            }
            let inputs = [old, input(&path, batch)?];
            let (folder, mut next) = (self.folder.join(PARTS), self.next);
            let merged = merge(&inputs, &directory, usize::MAX, &mut || numbered(&folder, &mut next))?;
            self.next = next;
            entry = merged.parts.into_iter().next().unwrap_or(entry);
        }
        entry.batch = batch;
        Ok(Some(entry))
    }

    fn new_name(&mut self) -> (PathBuf, String) {
        numbered(&self.folder.join(PARTS), &mut self.next)
    }
}

impl Drop for Ingest {
    /// Removes what was written and is not named by the present version: all of it if the batch failed.
    fn drop(&mut self) {
        // Nobody is there to be told; the next writer removes what is left.
        let _ = clear(&self.folder, &Manifest::read(&self.folder));
    }
}

/// Removes files that the present version does not name. Where its manifest cannot be read they may be its parts, and
/// only runs are removed.
fn clear(folder: &Path, present: &Result<Manifest, Fault>) -> Result<(), Fault> {
    match present {
        Ok(manifest) => manifest.clean(folder),
        Err(Fault::Missing(_)) => manifest::clean(folder, &[]),
        Err(_) => {
            let runs = folder.join(PARTS).join(RUNS);
            if !runs.exists() { Ok(()) } else { fs::remove_dir_all(&runs).map_err(|e| Fault::io("remove", &runs, &e)) }
        }
    }
}

fn old(open: OpenPart, batch: u64, leads: bool) -> Input {
    Input { part: open.part, superseded: open.superseded, batch, leads }
}

fn numbered(folder: &Path, next: &mut u64) -> (PathBuf, String) {
    let name = format!("{next:08}.part");
    *next += 1;
    (folder.join(&name), name)
}

/// A number above those of all files of a folder.
fn free_number(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let number = |entry: fs::DirEntry| manifest::number_of(entry.file_name().to_str()?);
    entries.filter_map(number).max().map_or(1, |number| number.saturating_add(1))
}
