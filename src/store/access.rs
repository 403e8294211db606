//! The one door to the bytes of a store's files: mapped, or read piece by piece where memory is bounded; and from bytes to
//! arrays without a copy. Invariants: what is mapped is written once under another name, then never changed, only removed;
//! an array's bytes are aligned for it and hold whole values, checked when it is made, so that reading it is a safe cast.

use std::fmt;
use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use memmap2::{Mmap, UncheckedAdvice};
use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::vector::Buffer;

/// A type whose values are their bytes, whatever the bytes are.
pub trait Plain: FromBytes + IntoBytes + Immutable + Copy + Send + Sync + 'static {}

impl<T: FromBytes + IntoBytes + Immutable + Copy + Send + Sync + 'static> Plain for T {}

/// The bytes of an array, in the order of this machine.
pub fn bytes_of<T: Plain>(values: &[T]) -> &[u8] {
    values.as_bytes()
}

/// Bytes with an owner that keeps them unchanged and in place.
#[derive(Clone)]
pub struct Region {
    owner: Arc<dyn AsRef<[u8]> + Send + Sync>,
    range: Range<usize>,
}

impl Region {
    /// All bytes of an owner.
    fn new(owner: Arc<dyn AsRef<[u8]> + Send + Sync>) -> Region {
        let range = 0..(*owner).as_ref().len();
        Region { owner, range }
    }

    /// A part; `None` if it reaches past the end.
    pub fn part(&self, start: usize, len: usize) -> Option<Region> {
        let start = self.range.start.checked_add(start)?;
        let end = start.checked_add(len)?;
        (end <= self.range.end).then(|| Region { owner: self.owner.clone(), range: start..end })
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        (*self.owner).as_ref().get(self.range.clone()).unwrap_or_default()
    }

    /// The values that it holds; `None` if it is not aligned for them or does not hold whole ones.
    pub fn buffer<T: Plain>(self) -> Option<Buffer<T>> {
        <[T]>::ref_from_bytes(self.bytes()).ok()?;
        Some(Buffer::held(Arc::new(Window { region: self, of: PhantomData })))
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({} bytes)", self.range.len())
    }
}

/// A region that is an array.
struct Window<T> {
    region: Region,
    of: PhantomData<T>,
}

impl<T: Plain> AsRef<[T]> for Window<T> {
    fn as_ref(&self) -> &[T] {
        // Checked when the window was made.
        <[T]>::ref_from_bytes(self.region.bytes()).unwrap_or_default()
    }
}

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Mapped: nothing is copied.
    Map,
    /// Piece by piece: what is not needed any more is not in memory.
    Read,
}

/// How a part of a mapped file is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Where it is mapped. It may bring in as much of what lies around it as the largest page of the processor has (2 MiB),
    /// so that it should be [forgotten](Bytes::forget), or large.
    Mapped,
    /// In memory of its own: what is small and stays.
    Copied,
}

/// An open file.
pub(super) struct Bytes {
    file: File,
    len: usize,
    mapped: Option<Arc<Mmap>>,
}

impl Bytes {
    pub fn open(file: File, access: Access) -> io::Result<Bytes> {
        let mapped = match access {
            Access::Map => Some(Arc::new(map(&file)?)),
            Access::Read => None,
        };
        let len = match &mapped {
            Some(mapped) => mapped.len(),
            None => usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?,
        };
        Ok(Bytes { file, len, mapped })
    }

    /// Bytes of the file.
    pub fn len(&self) -> usize {
        self.len
    }

    /// A part of it, aligned as in the file; `None` if it reaches past the end or cannot be read.
    pub fn part(&self, start: usize, len: usize, hold: Hold) -> Option<Region> {
        match &self.mapped {
            Some(mapped) if hold == Hold::Mapped => Region::new(mapped.clone()).part(start, len),
            _ => self.copy(start, len),
        }
    }

    fn copy(&self, start: usize, len: usize) -> Option<Region> {
        if start.checked_add(len)? > self.len {
            return None;
        }
        // Aligned for every type that there is.
        let mut bytes = vec![0u128; len.div_ceil(size_of::<u128>())];
        self.file.read_exact_at(bytes.as_mut_bytes().get_mut(..len)?, start as u64).ok()?;
        Region::new(Arc::new(Owned(bytes))).part(0, len)
    }

    /// Takes a part out of memory that will hardly be read again; read again, it comes back from the file.
    #[allow(unsafe_code)]
    pub fn forget(&self, part: Range<usize>) {
        if let Some(mapped) = &self.mapped
            && part.start < part.end
            && part.end <= mapped.len()
        {
            // SAFETY: the pages of a file that is mapped for reading, and does not change, hold the same bytes when they
            // are read anew. That the advice is not taken is no fault.
            let _ = unsafe { mapped.unchecked_advise_range(UncheckedAdvice::DontNeed, part.start, part.len()) };
        }
    }
}

struct Owned(Vec<u128>);

impl AsRef<[u8]> for Owned {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Maps a whole file for reading.
#[allow(unsafe_code)]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the bytes of a mapping must not change while they are borrowed. The store never writes to a file that has
    // its final name and is named by a manifest: parts are written, synced, and only then named; removing a file leaves
    // its mappings intact. A foreign process that writes into or truncates a part while it is read is outside of what
    // any reader of mapped files can guard against; the folder's permissions are.
    let mapped = unsafe { Mmap::map(file) }?;
    in_huge_pages(&mapped);
    Ok(mapped)
}

/// Asks the system to read the file into memory in huge pages, where it has not read it yet: a page fault for each few pages
/// would cost as much as a fifth of what is done with them. That it has no huge pages is no fault.
#[cfg(target_os = "linux")]
fn in_huge_pages(mapped: &Mmap) {
    let _ = mapped.advise(memmap2::Advice::HugePage);
}

#[cfg(not(target_os = "linux"))]
fn in_huge_pages(_: &Mmap) {}
