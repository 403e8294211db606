//! Writing the files of a store: parts of blocks that are in memory, and the marks of what later parts have. Invariant:
//! a file is on the disk when its function returns.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::store::access::bytes_of;
use crate::store::crash;
use crate::store::fault::Fault;
use crate::store::manifest::{Superseded, hex};
use crate::store::merge::Input;
use crate::store::part::{Directory, Kept, Part, PartWriter, Written, column_of, encode};
use crate::vector::{Bitmap, Data, Dictionary};

/// Writes blocks that are in memory as a part.
pub(super) fn write(path: &Path, directory: &Directory, kept: Vec<Kept>) -> Result<Written, Fault> {
    const AT_ONCE: usize = 16;
    let mut types: Vec<Arc<str>> = kept.iter().flat_map(|k| k.block.events.types.keys().cloned()).collect();
    types.sort_unstable();
    types.dedup();
    let directory = Directory { types, ..directory.clone() };
    let dictionaries = dictionaries(&directory, &kept);
    let mut writer = PartWriter::create(path, directory.clone())?;
    let mut kept = kept.into_iter();
    loop {
        let some: Vec<Kept> = kept.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return writer.finish(&dictionaries);
        }
        let encoded: Vec<_> = some.par_iter().map(|kept| encode(&directory, kept)).collect::<Result<_, _>>()?;
        drop(some);
        encoded.into_iter().try_for_each(|block| writer.append(block))?;
    }
}

/// The dictionaries that the blocks of a build share.
fn dictionaries(directory: &Directory, kept: &[Kept]) -> Vec<Arc<Dictionary>> {
    let of = |data: &Data| match data {
        Data::Text { dictionary, .. } => Some(dictionary.clone()),
        Data::List { values, .. } => match &values.data {
            Data::Text { dictionary, .. } => Some(dictionary.clone()),
            _ => None,
        },
        _ => None,
    };
    let first = kept.first().map(|kept| &kept.block);
    let find = |array| {
        let column = first.and_then(|block| column_of(directory, block, array));
        column.and_then(|column| of(&column.data)).unwrap_or_default()
    };
    directory.dictionaries().into_iter().map(find).collect()
}

/// Writes which profiles of a part a later one has.
pub(super) fn mark(path: &Path, file: String, input: &Input, taken: &[(u32, u32)]) -> Result<Superseded, Fault> {
    let Part { directory, .. } = &*input.part;
    let mut words: Vec<Vec<u64>> =
        directory.blocks.iter().map(|block| vec![0; (block.profiles as usize).div_ceil(64)]).collect();
    for (all, before) in words.iter_mut().zip(&input.superseded) {
        all.copy_from_slice(before.words());
    }
    taken.iter().for_each(|&(block, row)| words[block as usize][row as usize / 64] |= 1 << (row % 64));
    let mut counts = [(0, 0); 2];
    for (index, (block, words)) in directory.blocks.iter().zip(&words).enumerate() {
        let bits = Bitmap::from_words(words.clone(), block.profiles as usize);
        let count = &mut counts[usize::from(!block.known)];
        count.0 += bits.count() as u64;
        if directory.events && bits.count() > 0 {
            count.1 += input.part.events_of(index, &bits)?;
        }
    }
    let bytes: Vec<u8> = words.iter().flat_map(|words| bytes_of(words)).copied().collect();
    crash::point("write superseded");
    let mut out = File::create(path).map_err(|e| Fault::io("create", path, &e))?;
    out.write_all(&bytes).and_then(|()| out.sync_all()).map_err(|e| Fault::io("write", path, &e))?;
    let blake3 = hex(&crate::schema::digest(&bytes));
    Ok(Superseded { file, blake3, profiles: counts[0].0, events: counts[0].1, waiting: counts[1] })
}
