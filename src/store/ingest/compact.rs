//! Many parts into few. Invariant: what programs select does not change.

use std::path::Path;

use super::plan::with_types;
use super::{numbered, old};
use crate::store::access::Access;
use crate::store::fault::Fault;
use crate::store::manifest::{Manifest, PARTS, lock};
use crate::store::merge::{Input, merge};
use crate::store::open::Store;
use crate::store::part::Directory;

/// Puts all parts of a store into as few as can be, without what is superseded. Gives the bytes before and after.
pub fn compact(folder: &Path, memory: usize) -> Result<(u64, u64), Fault> {
    let _lock = lock(folder)?;
    let store = Store::open_as(folder, Access::Read)?;
    let mut manifest = store.manifest.clone();
    manifest.clean(folder)?;
    let size = |manifest: &Manifest| manifest.parts.iter().map(|entry| entry.bytes).sum();
    let before = size(&manifest);
    if manifest.parts.len() < 2 && manifest.parts.iter().all(|entry| entry.superseded.is_none()) {
        return Ok((before, before));
    }
    let inputs: Vec<Input> =
        store.parts.into_iter().zip(&manifest.parts).map(|(open, entry)| old(open, entry.batch, true)).collect();
    let Some(first) = inputs.first() else { return Ok((before, before)) };
    let directory = with_types(&Directory { blocks: Vec::new(), ..first.part.directory.clone() }, &inputs);
    let (parts, mut next) = (folder.join(PARTS), manifest.next);
    let merged = merge(&inputs, &directory, memory, &mut || numbered(&parts, &mut next))?;
    manifest.next = next;
    manifest.parts = merged.parts;
    manifest.parts.iter_mut().for_each(|entry| entry.batch = manifest.batches);
    manifest.commit(folder)?;
    manifest.clean(folder)?;
    Ok((before, size(&manifest)))
}
