//! Checking a part as a whole, for `segc store check`. Names `read`. Invariant: a file that passes has no byte that nobody
//! checks, and gives what it should for every block.

use super::chunk::Parts;
use super::{ALIGN, Array, Part};
use crate::store::fault::Fault;
use crate::store::{Ends, EventTable};
use crate::vector::Bitmap;

impl Part {
    /// Reads and checks everything.
    pub fn check(&self) -> Result<(), Fault> {
        self.check_layout()?;
        let wanted = self.everything();
        for array in self.directory.dictionaries() {
            self.dictionary(array)?;
        }
        for index in 0..self.directory.blocks.len() {
            let stored = self.block(index, &wanted)?;
            self.check_derived(index, &stored.block.events)?;
            let known = self.directory.blocks[index].known;
            let records = stored.facets.first().map_or(0, Bitmap::count);
            if records != if known { stored.block.ids.len() } else { 0 } {
                return Err(self.broken(Some(index), Array::Facet(0), "they are not as the directory says"));
            }
        }
        Ok(())
    }

    /// That slots and ends are those of the order of the events.
    fn check_derived(&self, index: usize, events: &EventTable) -> Result<(), Fault> {
        let are_slots = events.slots.as_ref().is_none_or(|slots| {
            let (rows, in_order) = (slots.scale.slots(&events.time), slots.scale.slots(&events.by_profile_time));
            *slots.rows == *rows && *slots.in_order == *in_order
        });
        let are_ends = events.ends.as_ref().is_none_or(|ends| {
            let own = Ends::of(events);
            *ends.times == *own.times && *ends.rows == *own.rows && *ends.shared == *own.shared
        });
        match are_slots && are_ends {
            true => Ok(()),
            false => {
                Err(self.broken(Some(index), Array::Slots, "what is kept of their order is not that of the order"))
            }
        }
    }

    /// That chunks fill all between the header and the directory; their bytes have checksums, those around them a hash.
    fn check_layout(&self) -> Result<(), Fault> {
        let mut next = ALIGN as u64;
        for entry in self.chunk_entries() {
            if entry.offset != next {
                return Err(Fault::broken(self.path(), "its chunks do not follow each other"));
            }
            if !Parts::is_covered(self.file(), entry) {
                return Err(Fault::broken(self.path(), "there are bytes between the arrays of a chunk"));
            }
            next += entry.bytes() as u64;
        }
        if next == self.directory_at as u64 {
            return Ok(());
        }
        Err(Fault::broken(self.path(), "there are bytes between its chunks and its directory"))
    }
}
