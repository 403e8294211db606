//! A store that is open for reading: its parts, and the data set of what a program needs. Invariant: all that is read is
//! of one version of the store, whatever a writer does meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::access::Access;
use super::fault::{AGAIN, Fault};
use super::manifest::{Manifest, PARTS, PartEntry, Superseded, hash_of, hex};
use super::part::{Part, Wanted};
use super::{Block, ClassTable, Dataset, Needs, Place, Space, Table, keys};
use crate::types::{Ty, Type};
use crate::vector::select::concat;
use crate::vector::{Bitmap, Column};

/// An open store.
pub struct Store {
    folder: PathBuf,
    /// What it is made of.
    pub manifest: Manifest,
    /// The parts, older ones first.
    pub parts: Vec<OpenPart>,
    /// The related classes by name.
    pub classes: Vec<(String, Part)>,
}

/// A part with the profiles of it that a later one has.
pub struct OpenPart {
    /// The part.
    pub part: Arc<Part>,
    /// For each block those that a later part has; empty if there are none.
    pub superseded: Vec<Bitmap>,
}

/// How often a version is tried that a writer replaces while it is opened.
const TRIES: usize = 8;

impl Store {
    /// Opens the store of a folder.
    pub fn open(folder: &Path) -> Result<Store, Fault> {
        Store::open_as(folder, Access::Map)
    }

    pub(super) fn open_as(folder: &Path, access: Access) -> Result<Store, Fault> {
        let mut tries = 0;
        loop {
            let manifest = Manifest::read(folder)?;
            match open_parts(folder, &manifest, access) {
                // A file is gone: a writer has replaced the version meanwhile.
                Err(_) if tries < TRIES && Manifest::read(folder)? != manifest => tries += 1,
                Err(fault) => return Err(fault),
                Ok((parts, classes)) => return Ok(Store { folder: folder.to_owned(), manifest, parts, classes }),
            }
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the store was made for a project.
    pub fn fits(&self, schema: &[u8; 32], event_ids: bool, from_events: bool, ids: &str) -> Result<(), Fault> {
        let stale = |what: &str| Err(Fault::Stale(format!("{what}; {AGAIN}")));
        if self.manifest.schema != hex(schema) {
            return stale("it was made with another schema");
        }
        if self.manifest.event_ids != event_ids {
            return stale("the project's events have ids and the store's have none, or the other way round");
        }
        if self.manifest.from_events != from_events {
            return stale("`profiles.from_events` has changed");
        }
        if let Some(own) = self.manifest.ids.as_deref().filter(|own| *own != ids) {
            let shown = |ids: &str| if ids.is_empty() { "one column".to_owned() } else { format!("`{ids}`") };
            return stale(&format!("its ids are made of {}, and the project's of {}", shown(own), shown(ids)));
        }
        Ok(())
    }

    /// The data set that a program needs: columns are mapped, not copied, but for ids and those at keys of maps.
    pub fn dataset(&self, needs: &Needs) -> Result<Dataset, Fault> {
        self.blocks_of(needs, false)
    }

    /// The same, for those who [check](Block::check) what they read of each block's events, as the evaluator does.
    pub fn unchecked(&self, needs: &Needs) -> Result<Dataset, Fault> {
        self.blocks_of(needs, true)
    }

    fn blocks_of(&self, needs: &Needs, unchecked: bool) -> Result<Dataset, Fault> {
        let expanded = keys::expanded(needs);
        let derived = expanded.spaces != needs.spaces;
        let wanted = self.parts.iter().map(|open| Ok(Arc::new(open.part.want(&expanded)?)));
        let wanted = wanted.collect::<Result<Vec<Arc<Wanted>>, Fault>>()?;
        let places: Vec<(usize, usize)> = self
            .parts
            .iter()
            .enumerate()
            .flat_map(|(at, open)| {
                let blocks = open.part.directory.blocks.iter().enumerate();
                blocks.filter(|(_, block)| block.known).map(move |(block, _)| (at, block))
            })
            .collect();
        let blocks = places.par_iter().map(|&(at, index)| {
            let open = &self.parts[at];
            let gone = open.superseded.get(index);
            if gone.is_some_and(|gone| gone.count() == gone.len()) {
                return Ok(None);
            }
            // What is at keys is read now.
            let unchecked = (unchecked && !derived).then(|| wanted[at].clone());
            let mut block = match unchecked {
                Some(_) => open.part.find(index, &wanted[at])?.block,
                None => open.part.block(index, &wanted[at])?.block,
            };
            block.alive = gone.filter(|gone| gone.count() > 0).map(Bitmap::not);
            if derived {
                keys::derive(&mut block, needs);
            }
            block.place = Some(Place { part: open.part.clone(), index, unchecked });
            // What is read of all blocks would stay in memory until the last block is evaluated.
            block.forget();
            Ok(Some(block))
        });
        let blocks: Vec<Option<Block>> = blocks.collect::<Result<_, Fault>>()?;
        let mut classes = BTreeMap::new();
        for (name, part) in &self.classes {
            let space = Space::Class(name.as_str().into());
            if let Some(columns) = expanded.spaces.get(&space) {
                classes.insert(Arc::from(name.as_str()), class(part, &space, columns)?);
            }
        }
        Ok(Dataset { blocks: blocks.into_iter().flatten().collect(), classes })
    }

    /// Files that this version does not name: of a batch that is being written, or of a writer that was killed.
    pub fn leftovers(&self) -> Result<usize, Fault> {
        Ok(self.manifest.leftovers(&self.folder)?.len())
    }

    /// Reads and checks every byte; tells the faults.
    pub fn check(&self) -> Vec<Fault> {
        let classes = self.classes.iter().map(|(_, part)| part);
        let parts: Vec<&Part> = self.parts.iter().map(|open| &*open.part).chain(classes).collect();
        parts.par_iter().filter_map(|part| part.check().err()).collect()
    }
}

/// The parts of profiles, and those of related classes with their names.
type Opened = (Vec<OpenPart>, Vec<(String, Part)>);

fn open_parts(folder: &Path, manifest: &Manifest, access: Access) -> Result<Opened, Fault> {
    let parts = manifest.parts.iter().map(|entry| {
        let part = open_part(folder, entry, access)?;
        if part.directory.root != Space::Profiles {
            return Err(Fault::broken(part.path(), "it does not hold profiles"));
        }
        let superseded = match &entry.superseded {
            None => Vec::new(),
            Some(superseded) => read_bits(folder, superseded, &part)?,
        };
        Ok(OpenPart { part: Arc::new(part), superseded })
    });
    let classes = manifest.classes.iter().map(|(name, entry)| {
        let part = open_part(folder, entry, access)?;
        if part.directory.root != Space::Class(name.as_str().into()) {
            return Err(Fault::broken(part.path(), "it does not hold the class that the manifest says"));
        }
        Ok((name.clone(), part))
    });
    Ok((parts.collect::<Result<_, _>>()?, classes.collect::<Result<_, _>>()?))
}

fn open_part(folder: &Path, entry: &PartEntry, access: Access) -> Result<Part, Fault> {
    let path = folder.join(PARTS).join(&entry.file);
    let hash = hash_of(&entry.blake3).ok_or_else(|| Fault::broken(&path, "the manifest has no hash of it"))?;
    let part = Part::open(&path, Some(&hash), access)?;
    match part.bytes() as u64 == entry.bytes {
        true => Ok(part),
        false => Err(Fault::broken(&path, "it has another size than the manifest says")),
    }
}

/// The bits of all blocks, whole words each.
fn read_bits(folder: &Path, superseded: &Superseded, part: &Part) -> Result<Vec<Bitmap>, Fault> {
    let path = folder.join(PARTS).join(&superseded.file);
    let bytes = fs::read(&path).map_err(|e| Fault::io("read", &path, &e))?;
    if hex(&crate::schema::digest(&bytes)) != superseded.blake3 {
        return Err(Fault::broken(&path, "its hash does not hold"));
    }
    let mut words = bytes.chunks_exact(8).map(|word| word.try_into().map_or(0, u64::from_le_bytes));
    let bits = part.directory.blocks.iter().map(|block| {
        let len = block.profiles as usize;
        Bitmap::from_words(words.by_ref().take(len.div_ceil(64)).collect(), len)
    });
    let bits = bits.collect();
    if words.next().is_some() || bytes.len() % 8 != 0 {
        return Err(Fault::broken(&path, "it does not have a bit for each profile"));
    }
    Ok(bits)
}

/// All objects of a class in one table.
fn class(part: &Part, space: &Space, columns: &BTreeMap<crate::plan::FieldPath, Type>) -> Result<ClassTable, Fault> {
    let needs = Needs { spaces: BTreeMap::from([(space.clone(), columns.clone())]), event_types: Some(Vec::new()) };
    let wanted = part.want(&needs)?;
    let blocks = (0..part.directory.blocks.len()).map(|index| part.block(index, &wanted));
    let blocks = blocks.collect::<Result<Vec<_>, _>>()?;
    let ids = blocks.iter().flat_map(|stored| stored.block.ids.iter().map(Arc::from));
    let rows: BTreeMap<Arc<str>, u32> = ids.zip(0..).collect();
    let whole = |path: &crate::plan::FieldPath, ty: &Ty| {
        let parts: Vec<Column> =
            blocks.iter().filter_map(|stored| stored.block.profiles.columns.get(path).cloned()).collect();
        if parts.len() == 1 { parts.into_iter().next() } else { Some(concat(&parts, ty)) }
    };
    let columns = columns.iter().filter_map(|(path, ty)| Some((path.clone(), whole(path, &ty.ty)?))).collect();
    let table = Table { rows: rows.len(), columns };
    Ok(ClassTable::new(rows, table))
}
