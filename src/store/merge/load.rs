//! The blocks of the parts that are merged, as they are in memory. Invariant: of a block of which few profiles are needed
//! only these are kept, so that a small batch over a large store needs little memory.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::block::{Layout, columns_of};
use super::{Input, Item, Place};
use crate::store::fault::Fault;
use crate::store::part::{Directory, Kept, Stored, Wanted};

/// Blocks by input and number.
pub(super) struct Loaded {
    blocks: FxHashMap<(u32, u32), Held>,
}

/// A block, or some of its profiles with all that is theirs.
struct Held {
    stored: Stored,
    /// The rows that were kept, in order; `None` for all.
    rows: Option<Vec<u32>>,
}

impl Loaded {
    /// Loads what items are made of.
    pub fn new<'i>(
        inputs: &[Input],
        wanted: &[Wanted],
        directory: &Directory,
        items: impl Iterator<Item = &'i Item>,
    ) -> Result<Loaded, Fault> {
        let mut places: FxHashMap<(u32, u32), Vec<u32>> = FxHashMap::default();
        for &(input, block, row) in items.flat_map(|item| &item.rows) {
            places.entry((input, block)).or_default().push(row);
        }
        let load = |((input, block), mut rows): ((u32, u32), Vec<u32>)| {
            let at = input as usize;
            let stored = inputs[at].part.block(block as usize, &wanted[at])?;
            rows.sort_unstable();
            rows.dedup();
            let part = if rows.len() * 2 < stored.block.ids.len() {
                Held { stored: some_of(directory, &stored, &rows), rows: Some(rows) }
            } else {
                Held { stored, rows: None }
            };
            Ok(((input, block), part))
        };
        Ok(Loaded { blocks: places.into_par_iter().map(load).collect::<Result<_, Fault>>()? })
    }

    /// The block that a profile is in, and its row there.
    pub fn find(&self, (input, block, row): Place) -> Option<(&Stored, u32)> {
        let part = self.blocks.get(&(input, block))?;
        match &part.rows {
            None => Some((&part.stored, row)),
            Some(rows) => Some((&part.stored, rows.binary_search(&row).ok()? as u32)),
        }
    }
}

/// Some profiles of a block with all that is theirs.
fn some_of(directory: &Directory, stored: &Stored, rows: &[u32]) -> Stored {
    let item = |&row: &u32| Item {
        id: stored.block.ids.get(row as usize).unwrap_or_default().into(),
        rows: vec![(0, 0, row)],
    };
    let items: Vec<Item> = rows.iter().map(item).collect();
    let layout = Layout::new(directory, &items, true, |(_, _, row)| Some((stored, row)), &[0]);
    let columns: Vec<_> =
        columns_of(directory).into_iter().map(|array| (array, layout.same_column(directory, array))).collect();
    let Kept { block, facets, event_ids, .. } = layout.finish(directory, columns.into_iter());
    Stored { block, facets, event_ids }
}
