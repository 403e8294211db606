//! A part of a store: one file, written once, never changed, mapped when it is read.
//!
//! ```text
//! magic, version, zeros                             64 bytes
//! chunks, each aligned to 64 bytes                  validity words | offsets | values | checksums, each aligned likewise
//! directory                                         JSON of what is where, then an entry of 32 bytes per chunk
//! trailer: magic, version, place, BLAKE3            64 bytes; the hash is of the directory and the trailer before it
//! ```
//!
//! All numbers are little-endian. A chunk is one column (or other array) of one block; an entry tells its place, its
//! XXH3 checksum, how many rows and values it has and how wide these are. A chunk of plain values with more than 2,048
//! rows has a checksum for each 2,048 of them behind its values; the entry's is of these. Opening reads the trailer and
//! the directory and checks their hash; a chunk's checksums and everything that a kernel relies on (offsets ascend, codes
//! have a text, numbers are in the range of their type) are checked before it is read: of events only the rows that are
//! read, block by block, while they come into the cache anyway.
//! Invariant: what [`Part::block`] gives satisfies the invariants of [`super::Block`], whatever bytes are in the file.

mod check;
mod chunk;
mod directory;
mod events;
mod read;
mod verify;
mod write;

pub use chunk::{Entry, PIECE};
pub(super) use directory::{Array, kind_name};
pub use directory::{BlockSpec, ChildSpec, ColumnSpec, Directory};
pub use read::{Part, Stored, Wanted};
pub(super) use write::column_of;
pub use write::{Encoded, Kept, PartWriter, Written, encode};

use super::{Block, Space, Table};

const MAGIC: [u8; 8] = *b"SEGCPART";
/// Grows when older readers could not read what is written.
const VERSION: u32 = 3;
/// Of chunks and what is in them: a cache line.
const ALIGN: usize = 64;

/// The event's time, as a column that programs read; kept once, as the order of events needs it.
fn is_time(space: &Space, path: &crate::plan::FieldPath) -> bool {
    use crate::plan::FieldStep::Field;
    *space == Space::Events && matches!(&path[..], [Field(name)] if **name == *crate::schema::TIMESTAMP)
}

/// The table of a space's rows in a block.
pub(super) fn table<'b>(directory: &Directory, block: &'b Block, space: &Space) -> Option<&'b Table> {
    if *space == directory.root {
        Some(&block.profiles)
    } else if *space == Space::Events {
        Some(&block.events.table)
    } else {
        block.children.get(space).map(|child| &child.table)
    }
}

/// The same, to put columns into.
pub(super) fn table_mut<'b>(directory: &Directory, block: &'b mut Block, space: &Space) -> Option<&'b mut Table> {
    if *space == directory.root {
        Some(&mut block.profiles)
    } else if *space == Space::Events {
        Some(&mut block.events.table)
    } else {
        block.children.get_mut(space).map(|child| &mut child.table)
    }
}
